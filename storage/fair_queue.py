"""Whose turn it is, and how long it takes until then.

Everything that waits has a round, given when it comes: the one after the round being served, or the one after its
owner's last. What waits goes by round, and within a round by when it came. So of each owner one thing is served a round:
nobody can fill the queue, who comes anew waits for one round, and however many newcomers there are, whoever is in a round
is served before those who come later. In one chat a person's jobs are done one after the other. (Start-time fair queueing, Goyal, Vin & Cheng 1996, with newcomers put after the
round in service instead of into it: names cost nothing here.)

A lane is what shares servers: "edit" and "learn" for jobs, "in:<platform>" for messages.
"""

import json
import math
import statistics
from collections.abc import Sequence
from typing import Any

from storage import Storage, workers
from storage.requests import Job

RECENT = 5  # finished jobs that tell how long the next takes: few, so that a machine that is busy now counts


def lane_of(kind: str) -> str:
    """The lane of a kind of job."""
    return next(lane[0] for lane in workers.LANES if kind in lane)


def enter(store: Storage, lane: str, owner: str) -> int:
    """The round of something that comes now. Part of the caller's transaction."""
    row = store.one("SELECT round FROM turns WHERE lane = ? AND owner = ?", (lane, owner))
    round = max(reached(store, lane), row["round"] if row else 0) + 1
    store.db.execute(
        "INSERT INTO turns (lane, owner, round) VALUES (?, ?, ?)"
        " ON CONFLICT (lane, owner) DO UPDATE SET round = excluded.round",
        (lane, owner, round),
    )
    return round


def serve(store: Storage, lane: str, round: int) -> None:
    """Something of that round is served now. Part of the caller's transaction."""
    store.db.execute(
        "INSERT INTO rounds (lane, round) VALUES (?, ?)"
        " ON CONFLICT (lane) DO UPDATE SET round = max(round, excluded.round)",
        (lane, round),
    )


def reached(store: Storage, lane: str) -> int:
    """The round that is being served."""
    row = store.one("SELECT round FROM rounds WHERE lane = ?", (lane,))
    return row["round"] if row else 0


def sweep(store: Storage) -> None:
    """Forget where owners stood in rounds that are over: it makes no difference any more."""
    store.db.execute(
        "DELETE FROM turns WHERE round <= (SELECT round FROM rounds WHERE rounds.lane = turns.lane)",
    )


def due(store: Storage, kinds: Sequence[str]) -> dict[str, Any] | None:
    """The row of the job of these kinds that is next: not one whose owner asked something earlier in the same chat that is
    still open, or what crashes and is taken up again would be overtaken by what came later. The photos of a batch need not
    wait for each other."""
    return store.one(
        f"SELECT * FROM jobs WHERE state = 'queued' AND after IS NULL AND kind IN ({_marks(kinds)})"
        " AND (silent OR NOT EXISTS (SELECT 1 FROM jobs AS earlier WHERE earlier.state IN ('queued', 'running')"
        "   AND earlier.owner = jobs.owner AND earlier.chat = jobs.chat AND earlier.id < jobs.id AND NOT earlier.silent"
        "   AND (jobs.batch IS NULL OR earlier.batch IS NOT jobs.batch)"
        "   AND (earlier.kind = 'learn') = (jobs.kind = 'learn')))"  # the two lanes
        " ORDER BY round, id LIMIT 1",
        tuple(kinds),
    )


def position(store: Storage, job: Job) -> tuple[int, float | None]:
    """(place, seconds): the place in the queue, 1 = next (0: it runs or is over), and the estimated seconds until the
    job is done, from recently finished ones; None when there are none to judge by. A batch has the place of what is
    next of it, and is done when the last of it is."""
    which, told = ("id = ?", job.id) if job.batch is None else ("batch = ?", job.batch)
    rows = store.rows(f"SELECT * FROM jobs WHERE {which} ORDER BY id", (told,))
    waiting = [row for row in rows if row["state"] in ("queued", "running")]
    if not waiting:
        return 0, 0.0
    begun = any(row["state"] != "queued" for row in rows)
    return 0 if begun else _position(store, waiting[0])[0], _position(store, waiting[-1])[1]


def _position(store: Storage, row: dict[str, Any]) -> tuple[int, float | None]:
    own = _measured(store, row)
    if row["state"] == "running":
        return 0, _left(store, row, own)
    if first := store.one("SELECT * FROM jobs WHERE id = ? AND kind = 'learn'", (row["after"],)):
        place, seconds = _position(store, first)  # in the other lane: whom it speaks of is learnt before
        return max(1, place) + 1, None if seconds is None or own is None else seconds + own
    kinds, alive = workers.lane(store, row["kind"])
    ahead = store.rows(
        f"SELECT kind, batch IS NOT NULL AND batch IS ? AS ours, count(*) AS n FROM jobs"
        f" WHERE state = 'queued' AND kind IN ({_marks(kinds)}) AND (round, id) < (?, ?) GROUP BY kind, ours",
        (row["batch"], *kinds, row["round"], row["id"]),
    )
    place = 1 + sum(one["n"] for one in ahead)
    if own is None:
        return place, None
    running = store.rows(f"SELECT * FROM jobs WHERE state = 'running' AND kind IN ({_marks(kinds)})", kinds)
    each = {kind: typical(store, kind) or own for kind in kinds}
    waiting = sum(one["n"] * (own if one["ours"] else each[one["kind"]]) for one in ahead)
    left = [_left(store, other, _measured(store, other)) for other in running]
    if None in left and len(left) >= alive:
        return place, None
    return place, (waiting + sum(one or 0.0 for one in left)) / alive + own


def _measured(store: Storage, row: dict[str, Any]) -> float | None:
    """The seconds that a job takes, judged by those that were like it: of its batch, else of its operation, else of its
    kind."""
    same = typical(store, row["kind"], "batch = ?", row["batch"]) if row["batch"] is not None else None
    if same is None and row["kind"] == "edit":
        operation = json.loads(row["request"])["step"]["operation"]
        same = typical(store, "edit", "json_extract(request, '$.step.operation') = ?", operation)
    return typical(store, row["kind"]) if same is None else same


def typical(store: Storage, kind: str, where: str = "?", told: Any = True) -> float | None:
    """The median duration of the recently finished jobs of a kind, in seconds; ``where`` picks some of them."""
    rows = store.rows(
        f"SELECT finished_at - started_at AS seconds FROM jobs WHERE state = 'done' AND kind = ? AND {where}"
        " ORDER BY finished_at DESC LIMIT ?",
        (kind, told, RECENT),
    )
    durations: list[float] = [row["seconds"] for row in rows]
    return statistics.median(durations) if durations else None


def drained(store: Storage, count: int) -> float:
    """The seconds in which so many edits are done."""
    return count * (typical(store, "edit") or 10.0) / workers.lane(store, "edit")[1]


def in_words(seconds: float) -> str:
    """A time to wait, as one says it: 40 秒, 5 分钟, 3 小时; rounded up."""
    if seconds < 60:
        return f" {max(1, math.ceil(seconds))} 秒"
    if seconds < 5400:
        return f" {math.ceil(seconds / 60)} 分钟"
    return f" {math.ceil(seconds / 3600)} 小时"


def _left(store: Storage, row: dict[str, Any], measured: float | None) -> float | None:
    """The seconds that a running job still needs; None when nobody knows: it is past all that was told of it. Its worker
    judges by the pace of the stage that it is at, and knows nothing of stages to come: so it is never less than jobs like
    it take, as far as that is known."""
    told = json.loads(row["progress"])["seconds_left"] if row["progress"] else None
    stage = None if told is None else float(told) + float(row["beat_at"]) - store.now()
    whole = None if measured is None else float(row["started_at"]) + measured - store.now()
    left = max((one for one in (stage, whole) if one is not None), default=-1.0)
    return left if left >= 0 else None


def _marks(kinds: Sequence[str]) -> str:
    return ", ".join("?" * len(kinds))
