"""Connections and transactions."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import storage
from storage import Storage
from storage.errors import StorageError
from tests.storage.house import broken


def preferences(store: Storage) -> list[str]:
    return [row["name"] for row in store.rows("SELECT name FROM preferences ORDER BY name")]


def add(store: Storage, name: str) -> None:
    store.db.execute("INSERT INTO preferences (user, name, value) VALUES ('web:ann', ?, '1')", (name,))


def test_the_connection_is_set_up(store: Storage) -> None:
    pragmas = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "secure_delete": 1}
    assert {name: store.db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas} == pragmas
    assert store.db.execute("PRAGMA busy_timeout").fetchone()[0] >= 10_000


def test_a_transaction_is_all_or_nothing(store: Storage) -> None:
    with broken(store):
        add(store, "a")
    assert preferences(store) == []
    with store.atomic():
        add(store, "a")
        with broken(store):
            add(store, "b")
        add(store, "c")
    assert preferences(store) == ["a", "c"]


def test_what_cannot_be_rolled_back_waits_for_the_commit(store: Storage) -> None:
    happened: list[str] = []
    with broken(store):
        store.afterwards(lambda: happened.append("never"))
    with store.atomic():
        with store.atomic():
            store.afterwards(lambda: happened.append("after"))
        happened.append("inside")
    store.afterwards(lambda: happened.append("at once"))
    assert happened == ["inside", "after", "at once"]


def test_each_thread_has_its_own_transaction(store: Storage) -> None:
    seen: list[list[str]] = []
    with store.atomic():
        add(store, "a")
        other = threading.Thread(target=lambda: seen.append(preferences(store)))
        other.start()
        other.join()
    assert seen == [[]]
    assert preferences(store) == ["a"]


def test_connections_of_dead_threads_are_closed(store: Storage) -> None:
    for _ in range(20):
        thread = threading.Thread(target=lambda: preferences(store))
        thread.start()
        thread.join()
    assert len(store._connections) <= 2


def test_a_closed_storage_opens_again(store: Storage) -> None:
    store.close()
    assert preferences(store) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_gets_a_connection_of_its_own(store: Storage) -> None:
    mine = store.db
    child = os.fork()
    if child == 0:
        ok = store.db is not mine and preferences(store) == []
        add(store, "child")
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert preferences(store) == ["child"]


ROOT = Path(__file__).resolve().parents[2]

COUNT = """
import sys, storage
store = storage.open(sys.argv[1])
for _ in range(50):
    with store.atomic() as db:
        n = int(store.one("SELECT value FROM preferences")["value"])
        db.execute("UPDATE preferences SET value = ?", (str(n + 1),))
"""


def test_read_then_write_is_safe_between_processes(store: Storage) -> None:
    add(store, "count")
    started = [subprocess.Popen([sys.executable, "-c", COUNT, str(store.folder)], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert store.one("SELECT value FROM preferences") == {"value": "201"}


def test_a_folder_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="cannot open") as caught:
        storage.open(tmp_path / "file")
    assert "数据文件夹" in caught.value.sentence


def test_a_damaged_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "heying.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match="not a database"):
        storage.open(tmp_path)


def test_a_full_disk_is_explained(store: Storage) -> None:
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with store.atomic():
            for number in range(1000):
                add(store, f"{number:0500}")

    with pytest.raises(StorageError, match="full") as caught:
        fill()
    assert "磁盘满了" in caught.value.sentence
    assert preferences(store) == []


def test_a_read_only_and_a_locked_database_are_explained(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    store.db.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError, match="readonly") as caught, store.atomic():
        add(store, "x")
    assert "只能读" in caught.value.sentence
    store.db.execute("PRAGMA query_only = OFF")
    monkeypatch.setattr(storage, "BUSY_SECONDS", 0.1)
    other = storage.Storage(store.folder, store.settings, store.now)
    with pytest.raises(StorageError, match="locked") as caught, store.atomic(), other.atomic():
        pass
    other.close()
    assert "占用" in caught.value.sentence


def test_storage_imports_nothing_that_draws() -> None:
    modules = [f"storage.{path.stem}" for path in Path(storage.__file__).parent.glob("[!_]*.py")]
    assert len(modules) > 10
    heavy = ("torch", "diffusers", "transformers", "pipeline", "personalization", "bot")
    code = f"import sys, {', '.join(modules)}; print([name for name in {heavy} if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT).stdout.strip() == b"[]"
    )
