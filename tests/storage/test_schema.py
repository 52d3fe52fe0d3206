"""Migrations: each once, each whole, by one process."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

import storage
from storage import Storage, jobs, schema
from storage.errors import StorageError

ROOT = Path(__file__).resolve().parents[2]
GENERATE = jobs.GenerateRequest("猫")


def test_every_migration_is_numbered_and_recorded_once(store: Storage) -> None:
    names = [migration.name for migration in schema.migrations._migrations]
    assert [name[:4] for name in names] == [f"m{number:03}" for number in range(1, len(names) + 1)]
    assert [row["name"] for row in store.rows("SELECT name FROM _sqlite_migrations ORDER BY id")] == names
    schema.migrate(store.db, store.atomic)
    assert store.one("SELECT count(*) AS n FROM _sqlite_migrations") == {"n": len(names)}


def test_an_old_database_keeps_its_rows(tmp_path: Path) -> None:
    db = Database(str(tmp_path / "heying.db"))
    schema.migrations.apply(db, stop_before="m002_jobs")
    db["photos"].insert({"sha256": "a" * 64, "width": 1, "height": 2, "bytes": 3, "created_at": 4.0})
    db.close()
    with storage.open(tmp_path) as store:
        assert store.one("SELECT width, height FROM photos") == {"width": 1, "height": 2}
        assert store.rows("SELECT * FROM jobs") == []


def test_jobs_that_their_workers_died_of_become_dead(tmp_path: Path) -> None:
    """The table is made anew around them: who waits for whom, the numbers that were used, the totals, all stay."""
    db = Database(str(tmp_path / "heying.db"))
    schema.migrations.apply(db, stop_before="m019_dead_jobs")
    columns = "(id, key, kind, owner, chat, request, state, after, log, created_at, round)"
    request = '{"content":"猫","concepts":[],"seed":0}'
    for id, state, after, log in (
        (1, "failed", None, "worker died 3 times"),
        (2, "failed", None, "no such colour"),
        (3, "queued", None, None),
        (4, "queued", 3, None),
        (9, "done", None, None),
    ):
        row = (id, str(id), "generate", "web:ann", "web:ann", request, state, after, log, 1.0, 7)
        db.execute(f"INSERT INTO jobs {columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    db.execute("DELETE FROM jobs WHERE id = 9")
    indexes = {row["name"] for row in db.query("SELECT name FROM sqlite_master WHERE tbl_name = 'jobs'")}
    db.conn.commit()
    db.close()
    with storage.open(tmp_path) as store:
        told = {row["id"]: (row["state"], row["after"], row["round"]) for row in store.rows("SELECT * FROM jobs")}
        assert told == {1: ("dead", None, 7), 2: ("failed", None, 7), 3: ("queued", None, 7), 4: ("queued", 3, 7)}
        now = {row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE tbl_name = 'jobs'")}
        assert now == indexes | {"jobs_batch"}  # of the next migration
        assert store.rows("SELECT state, n FROM totals") == [{"state": "done", "n": 1}]
        job = jobs.enqueue(store, key="new", kind="generate", owner="web:bob", chat="web:bob", request=GENERATE)
        assert job.id == 10  # 9 was used
        with store.atomic() as after:
            after.execute("DELETE FROM jobs WHERE id IN (1, 3)")
        assert store.one("SELECT after FROM jobs WHERE id = 4") == {"after": None}
        assert store.one("SELECT n FROM totals WHERE state = 'dead'") == {"n": 1}


def test_a_migration_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Migrations("heying")

    @broken()
    def m001_good(db: Database) -> None:
        db.executescript("CREATE TABLE good (x INTEGER);")

    @broken()
    def m002_bad(db: Database) -> None:
        db.executescript("CREATE TABLE half (x INTEGER); INSERT INTO nowhere VALUES (1);")

    monkeypatch.setattr(schema, "migrations", broken)
    with pytest.raises(StorageError, match="nowhere"):
        storage.open(tmp_path)
    assert Database(str(tmp_path / "heying.db")).table_names() == []


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    with storage.open(tmp_path) as store:
        told = {"migration_set": "heying", "name": "m999_future", "applied_at": "2099"}
        store.db["_sqlite_migrations"].insert(told)
    with pytest.raises(StorageError, match="m999_future") as caught:
        storage.open(tmp_path)
    assert "升级" in caught.value.sentence


def test_four_processes_open_a_new_folder_at_once(tmp_path: Path) -> None:
    code = "import sys, storage; print(len(storage.open(sys.argv[1]).rows('SELECT * FROM _sqlite_migrations')))"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in started]
    expected = str(len(schema.migrations._migrations)).encode()
    assert [(out.strip(), err) for out, err in answers] == [(expected, b"")] * 4
