"""What was given up, for whoever runs this: a message or a job that three processes died of, an answer that could not be
sent. The people concerned have been told; here stands which row it was, and why. No names, no words, no pictures."""

from dataclasses import dataclass

from storage import Storage

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Incident:
    """``what`` is "message" (a row of inbox), "delivery" (of outbox) or "job"; ``ref`` its id; ``log`` English."""

    id: int
    what: str
    ref: int
    log: str
    at: float


def record(store: Storage, what: str, ref: int, log: str) -> None:
    """Note one; part of the caller's transaction."""
    store.db.execute("INSERT INTO incidents (what, ref, log, at) VALUES (?, ?, ?, ?)", (what, ref, log, store.now()))


def recent(store: Storage, days: float = 1.0) -> tuple[Incident, ...]:
    """Those of the last days, the latest first."""
    rows = store.rows("SELECT * FROM incidents WHERE at > ? ORDER BY id DESC", (store.now() - days * DAY,))
    return tuple(Incident(**row) for row in rows)


def counts(store: Storage) -> dict[str, int]:
    """How many of each there are that have not expired."""
    return {row["what"]: row["n"] for row in store.rows("SELECT what, count(*) AS n FROM incidents GROUP BY what")}
