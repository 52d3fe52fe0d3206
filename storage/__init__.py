"""The only code that touches the disk. The bot writes down what is wanted, the workers what came of it; nothing else
connects them.

    files.py        bytes onto the disk, whole or not at all
    schema.py       the tables, as numbered migrations
    settings.py     config.toml + environment → frozen Settings
    plans.py        Plan, Step: what a sentence asks for
    decode.py       hostile bytes → a plain RGB picture, within bounds
    decode_pool.py  … in processes of their own (decode_child.py) that may be lost
    photos.py       Photo: content-addressed files, each user's own
    requests.py     EditRequest, LearnRequest, StickerRequest, GenerateRequest, Progress, Result, Job
    jobs.py         enqueue, claim with lease, heartbeat, finish, cancel, rescue
    job_completion.py what the end of a job does to the jobs that wait for it, to the conversation, to the outbox
    fair_queue.py   whose turn it is (rounds, one thing of each owner a round), and how long it takes until then
    workers.py      what the workers say they can do
    instance_lock.py one program at a time serves a platform on a data folder
    concepts.py     what users have taught
    shares.py       codes by which one other chat may use a concept
    packs.py        sticker packs: order, words, emoji
    inbox.py        messages that came in: committed before they are acknowledged, each once
    outbox.py       messages that go out: claimed, delivered once, and the log a page is drawn from
    tickets.py      leave to answer that ends, where a platform gives no other
    chats.py        the photo under discussion, undo and redo, the pending question, preferences, consent
    looks.py        photos that a worker looks at unasked, and what it saw
    departures.py   what may be sent to another computer, as each user has said
    watermark_settings.py the secret of our seal, and who has agreed to pictures without visible words
    inversions.py   expiring cache of inverted photos
    retention.py    what expires when; export and forget
    backups.py      the whole folder as one file, and back
    incidents.py    what was given up, for whoever runs this
    steady_clock.py what waits is moved along when somebody sets the clock
    failpoints.py   places where a test may end the process
    health.py       is it all in order?

People and chats are strings ``"<platform>:<id>"`` ("telegram:42", "web:3f9a…", "cli:me"), so that two platforms never
meet by accident; the part before the first colon is the platform. Times are seconds since 1970 (``store.now()``).
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from storage import failpoints, schema, steady_clock
from storage.errors import HeyingError, StorageError
from storage.settings import Settings

__all__ = ["HeyingError", "Settings", "Storage", "StorageError", "open"]

BUSY_SECONDS = 20.0  # how long a write waits for another process's transaction
DAMAGED = "数据库损坏了。请先停下合影、留一份数据文件夹，再从备份恢复：python -m bot restore 备份.zip"
REFUSALS = {  # what SQLite says, and what that means
    "locked": "数据正被别的程序占用，请稍等片刻再试。",
    "disk is full": "磁盘满了，请清理出一些空间再试。",
    "readonly": "数据文件夹现在只能读、不能写，请检查它的权限和磁盘。",
    "disk I/O error": "磁盘读写出错了，请检查磁盘空间和磁盘本身。",
    "unable to open": "数据文件夹用不了，请检查它是否还在、是否可写。",
    "malformed": DAMAGED,
    "not a database": DAMAGED,
    "corrupt": DAMAGED,
    "unsupported file format": DAMAGED,
}


class Storage:
    """An open data folder. Safe to share between threads, and for several processes to open at once.

    Every thread (and every forked child) gets a SQLite connection of its own, because a transaction belongs to a
    connection: two coroutines in two threads can never commit each other's halves.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        clock: Callable[[], float],
        steady: Callable[[], float] | None = None,
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.now = clock
        self.steady = steady
        self.ahead: float | None = None  # by how much the clock was ahead of ``steady`` when we last looked
        self._connections: dict[tuple[int, int], tuple[threading.Thread, Database]] = {}
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def db(self) -> Database:
        """This thread's connection."""
        place = (os.getpid(), threading.get_ident())
        known = self._connections.get(place)
        if known is not None and known[0] is threading.current_thread():
            return known[1]
        db = _connect(self.folder / "heying.db")
        with self._lock:
            self._close(lambda place, thread: place[0] == os.getpid() and not thread.is_alive())
            self._connections[place] = (threading.current_thread(), db)
        return db

    @contextlib.contextmanager
    def atomic(self) -> Iterator[Database]:
        """All or nothing. The write lock is taken at once (BEGIN IMMEDIATE), so what is read inside stays true until
        the commit; nested blocks are savepoints."""
        db = self.db
        if db.conn.in_transaction:
            with _explained(), db.atomic():
                yield db
            return
        with _explained():
            db.conn.execute("BEGIN IMMEDIATE")
            self._local.afterwards = []
            try:
                yield db
                db.conn.execute("COMMIT")
            except BaseException:
                self._roll_back(db)
                raise
        failpoints.committed()
        failpoints.committed()
        for act in self._local.afterwards:
            act()

    def _roll_back(self, db: Database) -> None:
        """Undo a transaction; where the database is too damaged for that, with the connection."""
        try:
            db.rollback()
        except sqlite3.Error:
            with self._lock:
                self._connections.pop((os.getpid(), threading.get_ident()), None)
            db.close()

    def afterwards(self, act: Callable[[], object]) -> None:
        """Do something that cannot be rolled back (delete a file) once the transaction around us is committed; at once
        when there is none."""
        if self.db.conn.in_transaction:
            self._local.afterwards.append(act)
        else:
            act()

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """All rows of a SELECT. A number beyond SQLite's 64 bits, as an address may hold one, is no row's."""
        with _explained():
            try:
                return list(self.db.query(sql, parameters))
            except OverflowError:
                return []

    def one(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> dict[str, Any] | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(sql, parameters)), None)

    def close(self) -> None:
        """Close this process's connections; the next use opens them again."""
        with self._lock:
            self._close(lambda place, thread: place[0] == os.getpid())

    def _close(self, which: Callable[[tuple[int, int], threading.Thread], bool]) -> None:
        # A connection inherited through fork() is kept but never touched: SQLite forbids even closing it.
        for place, (thread, db) in list(self._connections.items()):
            if which(place, thread):
                del self._connections[place]
                db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open(
    folder: Path | str,
    settings: Settings | None = None,
    *,
    clock: Callable[[], float] = time.time,
    steady: Callable[[], float] | None = None,
) -> Storage:
    """Open a data folder, creating it and bringing its tables up to date where needed.

    ``settings`` gives limits and retention times (defaults where None); ``clock`` is replaced in tests, and ``steady``
    with it (steady_clock.py; None: the machine's own with the machine's own clock, none with another).
    Raises StorageError when the folder cannot be written, is damaged, or belongs to a newer version.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if steady is None and clock is time.time:
            steady = steady_clock.running
        store = Storage(folder.resolve(), settings or Settings(), clock, steady)
        with _explained():
            _use_wal(store.db)
            schema.migrate(store.db, store.atomic)
            steady_clock.mend(store)
    except sqlite3.DatabaseError as error:  # tables that are not what their own record says
        raise StorageError(DAMAGED, f"cannot open {folder}: {error}") from error
    except OSError as error:
        raise StorageError(
            f"数据文件夹 {folder} 用不了，请检查它是否可写、磁盘是否已满。", f"cannot open {folder}: {error}"
        ) from error
    return store


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """What the disk has against it becomes a sentence; a mistake of ours stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        for words, sentence in REFUSALS.items():
            if words in str(error):
                raise StorageError(sentence, f"the database refuses: {error}") from error
        raise
    except UnicodeDecodeError as error:  # what SQLite says of a damaged schema, or the text in a damaged row
        raise StorageError(DAMAGED, f"the database is damaged: {error.reason}") from error


def _connect(path: Path) -> Database:
    conn = sqlite3.connect(str(path), timeout=BUSY_SECONDS, check_same_thread=False)
    db = Database(conn)
    with _explained():
        _set_up(db)
    return db


def _set_up(db: Database) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")  # forgotten means overwritten
    db.execute("PRAGMA synchronous = FULL")  # what is acknowledged must survive a power cut, not only a crash


def _use_wal(db: Database) -> None:
    """Switch to write-ahead logging, once for the file. SQLite's busy handler does not wait here, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with db.ensure_autocommit_on():
                if db.conn.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                    return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.01)
