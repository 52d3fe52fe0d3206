"""The process ends by SIGKILL right before and right after each commit that matters, and nothing is lost or doubled."""

import time
from collections import Counter
from pathlib import Path

import pytest

import storage
from storage import Storage, failpoints, health, inbox, outbox, photos, retention
from tests.bot.talking import picture
from tests.crash.killing import begin, ended

PEOPLE, EACH = 2, 2
# which part of the bot reaches a place
PART = {
    "inbox": "sender",
    "enqueue": "bot",
    "outbox": "bot",
    "claim": "worker",
    "progress": "worker",
    "finish": "worker",
}


def said(people: int = PEOPLE, each: int = EACH) -> dict[str, str]:
    """What everybody says: an edit each."""
    return {f"p{person}-{number}": "改成油画风" for person in range(people) for number in range(each)}


def hand_in(folder: Path, texts: dict[str, str], failpoint: str = "") -> None:
    """Say it all, again when the sender died: a platform repeats what was not acknowledged."""
    assert ended(begin(folder, "sender", failpoint, texts)) == (-9 if failpoint else 0)
    if failpoint:
        hand_in(folder, texts)


def prepared(folder: Path, people: int = PEOPLE) -> Storage:
    """A data folder in which everybody has sent a photo."""
    store = storage.open(folder)
    for person in range(people):
        who = f"web:p{person}"
        sha = photos.put(store, picture(f"of {who}"), who).sha256
        told = {"platform": "web", "update_id": f"p{person}-photo", "chat": who, "user": who, "photos": [sha]}
        inbox.receive(store, **told)  # type: ignore[arg-type]
    return store


def all_is_well(store: Storage, texts: dict[str, str]) -> None:
    """Every message answered once, every job delivered once, nothing half."""
    assert store.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert [sentence for sentence in health.check(store) if "磁盘" not in sentence] == []
    rows = store.rows("SELECT update_id, state FROM inbox")
    assert {row["state"] for row in rows} == {"done"}
    assert {row["update_id"] for row in rows} >= set(texts)
    made = store.rows("SELECT id, key, state FROM jobs")
    assert len(made) == len(texts)
    assert Counter(row["state"] for row in made) == {"done": len(texts)}
    delivered = Counter(
        row["job"] for row in store.rows("SELECT job FROM outbox WHERE kind = 'result' AND state = 'delivered'")
    )
    assert delivered == {row["id"]: 1 for row in made}
    shown = Counter(line.job for person in {update.partition("-")[0] for update in texts}
                    for line in outbox.messages(store, f"web:{person}") if line.job)  # fmt: skip
    assert set(shown.values()) == {1}
    assert len(shown) == len(texts)
    retention.sweep(store)  # as a bot does when it starts
    assert not list(store.folder.rglob("*.tmp"))


@pytest.mark.parametrize("place", failpoints.PLACES)  # after the commit, and many times: make soak
def test_killed_before_the_commit(place: str, tmp_path: Path) -> None:
    killed_at(place, "", tmp_path)


def test_killed_after_the_commit(tmp_path: Path) -> None:
    killed_at("finish", "@commit", tmp_path)


def killed_at(place: str, when: str, tmp_path: Path) -> None:
    """The life of a small bot in which the part that reaches a place is killed there, and goes on."""
    texts = said()
    failpoint = f"{place}{when}:2"
    with prepared(tmp_path) as store:
        hand_in(tmp_path, texts, failpoint if place == "inbox" else "")
        killed = PART[place]
        parts = {part: begin(tmp_path, part, failpoint if part == killed else "") for part in ("bot", "worker")}
        if killed in parts:
            assert ended(parts[killed]) == -9, f"{place} was not reached"
            parts[killed] = begin(tmp_path, killed)
        while not settled(store, texts):
            for part, process in parts.items():
                if not process.is_alive():
                    parts[part] = begin(tmp_path, part)
            time.sleep(0.02)
        all_is_well(store, texts)


def settled(store: Storage, texts: dict[str, str]) -> bool:
    """Whether everything said has been done and delivered."""
    row = store.one("SELECT count(*) AS n FROM outbox WHERE kind = 'result' AND state = 'delivered'")
    return row is not None and row["n"] >= len(texts)


def test_nothing_is_armed_without_being_named() -> None:
    assert not failpoints._name
    failpoints.reach("finish")
    failpoints.committed()
    assert set(PART) == set(failpoints.PLACES)
