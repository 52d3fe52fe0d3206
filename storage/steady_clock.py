"""What waits must not wait longer, or less, because somebody set the clock.

Times in the database are of the wall clock, since people see them and processes share them. When that clock is set, every
moment that something waits for is moved along with it, once for all processes: they compare the wall clock with the time
since the machine was started, which nobody sets, and with how far the two were apart when somebody last looked.
"""

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlite_utils import Database

TOLERANCE = 5.0  # seconds; less is an ordinary correction, and nobody waits so exactly


class Clocked(Protocol):
    """What is asked of a Storage here."""

    now: Callable[[], float]
    steady: Callable[[], float] | None
    ahead: float | None

    def atomic(self) -> AbstractContextManager[Database]:
        """A transaction."""

    def one(self, sql: str) -> dict[str, Any] | None:
        """A row."""


def running() -> float:
    """Seconds that this machine has been running, sleep included where the system tells."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def boot() -> str:
    """Which start of the machine this is; "" where it cannot be known."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def mend(store: Clocked) -> float:
    """Move what waits, if the clock has been set since anybody looked; returns by how many seconds. Cheap when not."""
    if store.steady is None:
        return 0.0
    ahead = store.now() - store.steady()
    if store.ahead is not None and abs(ahead - store.ahead) < TOLERANCE:
        return 0.0
    moved = 0.0
    with store.atomic() as db:
        row = store.one("SELECT boot, ahead FROM steady_clock")
        if row is not None and row["boot"] == boot():
            moved = ahead - row["ahead"]
            if abs(moved) < TOLERANCE:
                moved = 0.0
            else:
                for sql in _WAITING:
                    db.execute(sql, {"moved": moved})
        if row is None or moved or row["boot"] != boot():
            db.execute("INSERT OR REPLACE INTO steady_clock (one, boot, ahead) VALUES (1, ?, ?)", (boot(), ahead))
    store.ahead = ahead
    return moved


_WAITING = (
    "UPDATE jobs SET leased_until = leased_until + :moved, beat_at = beat_at + :moved, started_at = started_at + :moved,"
    " progressed_at = progressed_at + :moved WHERE state = 'running'",
    "UPDATE inbox SET received_at = received_at + :moved, leased_until = leased_until + :moved"
    " WHERE state IN ('new', 'taken')",
    "UPDATE outbox SET not_before = not_before + :moved, leased_until = leased_until + :moved,"
    " kept_until = kept_until + :moved WHERE state IN ('waiting', 'sending')",
    "UPDATE tickets SET expires_at = expires_at + :moved",
    "UPDATE workers SET seen_at = seen_at + :moved",
)
