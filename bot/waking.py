"""Whether the worker that a job waits for is there, starting, or cannot start.

What is known of those that this process keeps alive (bot.supervisor): one that lives is starting until it is heard of,
however long that takes; it is lost once it died before anybody heard of it. Of workers that others keep, only how long
they have been silent is known.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from storage import Storage, fair_queue, workers
from storage.jobs import Job

Waking = Literal["", "starting", "lost"]  # "": a worker is there
PATIENCE = 60.0  # seconds after which workers that somebody else keeps are lost
BEGAN = time.monotonic()  # of this program: before that, nobody could be missed


@dataclass(slots=True, eq=False)
class Life:
    """A worker that is kept alive, through all its deaths; ``unheard``: it died last without having been heard of."""

    lane: str
    unheard: bool = False


_lives: dict[str, list[Life]] = {}


@contextmanager
def life(store: Storage, lane: str) -> Iterator[Life]:
    """A worker of a lane is kept alive while this is open."""
    one = Life(lane)
    kept = _lives.setdefault(str(store.folder), [])
    kept.append(one)
    try:
        yield one
    finally:
        kept.remove(one)


def waking(store: Storage, job: Job) -> Waking:
    """What holds a job up that nobody has taken yet, other than those before it."""
    if workers.heard_of(store, job.kind):
        return ""
    kept = _lives.get(str(store.folder), ())
    mine = [one for one in kept if one.lane == fair_queue.lane_of(job.kind)] or kept
    if mine:
        return "lost" if all(one.unheard for one in mine) else "starting"
    waited = min(store.now() - job.created_at, time.monotonic() - BEGAN)
    return "starting" if waited < PATIENCE else "lost"
