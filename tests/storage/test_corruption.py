"""A database that a disk has damaged, in every way: a sentence that says what to do, never a traceback."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import storage
from storage import HeyingError, Storage, health, inbox, jobs, outbox
from storage.errors import StorageError

PAGE = 4096


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a database with some hundred rows."""
    folder = tmp_path_factory.mktemp("sound")
    with storage.open(folder) as store:
        with store.atomic():
            for number in range(120):
                who = f"web:{number}"
                inbox.receive(store, platform="web", update_id=number, chat=who, user=who, text="一只猫" * 20)
                told = {"kind": "generate", "owner": who, "chat": who, "request": jobs.GenerateRequest("猫")}
                jobs.enqueue(store, key=str(number), **told)  # type: ignore[arg-type]
        with store.db.ensure_autocommit_on():
            store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "heying.db").read_bytes()


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def page_of_noise(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) // PAGE) * PAGE
    data[start : start + PAGE] = chance.randbytes(PAGE)


def page_of_zeros(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) // PAGE) * PAGE
    data[start : start + PAGE] = bytes(PAGE)


def flipped(data: bytearray, chance: random.Random) -> None:
    for _ in range(50):
        data[chance.randrange(len(data))] = chance.randrange(256)


def no_header(data: bytearray, chance: random.Random) -> None:
    data[:100] = chance.randbytes(100)


USES: tuple[Callable[[Storage], object], ...] = (
    health.check,
    lambda store: inbox.take(store, "bot"),
    lambda store: jobs.claim(store, "w", ("generate",)),
    lambda store: outbox.send(store, key="k", chat="web:a", user="web:a", text="x"),
    jobs.capabilities,
)


@pytest.mark.parametrize("damage", [cut, page_of_noise, page_of_zeros, flipped, no_header])
def test_whatever_is_damaged_is_told(
    damage: Callable[[bytearray, random.Random], None], sound: bytes, tmp_path: Path
) -> None:
    seen: Counter[str] = Counter()
    for seed in range(12):
        data, folder = bytearray(sound), tmp_path / str(seed)
        damage(data, random.Random(seed))
        folder.mkdir()
        (folder / "heying.db").write_bytes(data)
        try:
            with storage.open(folder) as store:
                for use in USES:
                    try:
                        use(store)
                        seen["well"] += 1
                    except HeyingError as error:
                        seen[error.sentence] += 1
        except HeyingError as error:
            seen[error.sentence] += 1
    told = {sentence for sentence in seen if sentence != "well"}
    assert told
    assert all("损坏" in sentence and "备份" in sentence for sentence in told), told


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "heying.db").write_text("这不是数据库" * 100, "utf-8")
    with pytest.raises(StorageError) as raised:
        storage.open(tmp_path)
    assert "restore" in raised.value.sentence
