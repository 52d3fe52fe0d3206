"""Whose turn it is, and how long it takes until then.

Turns go round by owner: the owner who was served longest ago is next (who was never served, first of all), and each
owner's jobs go in the order they were queued. So nobody can fill the queue, and nobody alone has to wait.
"""

import heapq
import json
import statistics
from collections import deque
from collections.abc import Sequence
from typing import Any

from storage import Storage, workers
from storage.requests import Job

RECENT = 20  # finished jobs from which the duration of the next is estimated


def due(store: Storage, kinds: Sequence[str]) -> dict[str, Any] | None:
    """The row of the job of these kinds that is next."""
    return store.one(
        f"SELECT jobs.* FROM jobs LEFT JOIN turns USING (owner) WHERE state = 'queued' AND after IS NULL"
        f" AND kind IN ({_marks(kinds)}) ORDER BY coalesce(served, 0), id LIMIT 1",
        tuple(kinds),
    )


def serve(store: Storage, owner: str) -> None:
    """This owner's turn is over; everybody else comes first now."""
    with store.atomic() as db:
        db.execute(
            "INSERT INTO turns (owner, served) VALUES (?, (SELECT coalesce(max(served), 0) + 1 FROM turns))"
            " ON CONFLICT (owner) DO UPDATE SET served = excluded.served",
            (owner,),
        )


def position(store: Storage, job: Job) -> tuple[int, float | None]:
    """(place, seconds): the place in the queue, 1 = next (0: it runs or is over), and the estimated seconds until the
    job is done, from recently finished ones; None when there are none to judge by."""
    row = store.one("SELECT * FROM jobs WHERE id = ?", (job.id,))
    if row is None or row["state"] not in ("queued", "running"):
        return 0, 0.0
    own = _typical(store, job.kind)
    if row["state"] == "running":
        return 0, _left(store, row, own)
    kinds, alive = workers.lane(store, job.kind)
    queue = store.rows(
        f"SELECT jobs.id, owner, kind, coalesce(served, 0) AS served FROM jobs LEFT JOIN turns USING (owner)"
        f" WHERE state = 'queued' AND kind IN ({_marks(kinds)}) ORDER BY jobs.id",
        kinds,
    )
    ahead = _ahead(queue, job.id)
    if own is None:
        return len(ahead) + 1, None
    running = store.rows(f"SELECT * FROM jobs WHERE state = 'running' AND kind IN ({_marks(kinds)})", kinds)
    typical = {kind: _typical(store, kind) or own for kind in kinds}
    waiting = sum(typical[kind] for kind in ahead)
    waiting += sum(_left(store, other, typical[other["kind"]]) or 0.0 for other in running)
    return len(ahead) + 1, waiting / alive + own


def _ahead(queue: list[dict[str, Any]], job_id: int) -> list[str]:
    """The kinds of the queued jobs that will be begun before ``job_id``, by playing the turns through."""
    waiting: dict[str, deque[dict[str, Any]]] = {}
    for row in queue:
        waiting.setdefault(row["owner"], deque()).append(row)
    turns = [(jobs[0]["served"], jobs[0]["id"], owner) for owner, jobs in waiting.items()]
    heapq.heapify(turns)
    last = max((served for served, _, _ in turns), default=0)
    ahead: list[str] = []
    while turns:
        _, _, owner = heapq.heappop(turns)
        row = waiting[owner].popleft()
        if row["id"] == job_id:
            break
        ahead.append(row["kind"])
        last += 1
        if waiting[owner]:
            heapq.heappush(turns, (last, waiting[owner][0]["id"], owner))
    return ahead


def _typical(store: Storage, kind: str) -> float | None:
    """The median duration of the recently finished jobs of a kind, in seconds."""
    rows = store.rows(
        "SELECT finished_at - started_at AS seconds FROM jobs WHERE state = 'done' AND kind = ?"
        " ORDER BY finished_at DESC LIMIT ?",
        (kind, RECENT),
    )
    durations: list[float] = [row["seconds"] for row in rows]
    return statistics.median(durations) if durations else None


def _left(store: Storage, row: dict[str, Any], typical: float | None) -> float | None:
    """The seconds that a running job still needs: as its worker says, else as jobs of its kind take."""
    told = json.loads(row["progress"])["seconds_left"] if row["progress"] else None
    if told is not None:
        return max(0.0, float(told) + float(row["beat_at"]) - store.now())
    return None if typical is None else max(0.0, float(row["started_at"]) + typical - store.now())


def _marks(kinds: Sequence[str]) -> str:
    return ", ".join("?" * len(kinds))
