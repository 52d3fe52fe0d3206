"""What people are told of when their job will be done, kept steady: an estimate that jumps up and down is worth nothing.

The place in the queue never grows. The time of completion may be put off once; when that is passed, too, all that is said
is that it takes longer than such jobs have. Kept in memory: after a restart the first estimate counts anew.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from storage import Storage, jobs
from storage.jobs import Job

MOST = 10_000  # jobs that are remembered
SLACK, SHARE = 2.0, 0.1  # seconds, and the share of what is left, by which it may grow unnoticed
OVERDUE = 5.0  # seconds for which 马上就好 may be said
LATE = math.inf  # in place of seconds: longer than was to be expected, and nobody knows how much


@dataclass(slots=True)
class _Promise:
    place: int
    done_at: float | None
    put_off: bool = False


_told: OrderedDict[tuple[str, int], _Promise] = OrderedDict()
_lock = Lock()


def position(store: Storage, job: Job) -> tuple[int, float | None]:
    """As jobs.position: (place in the queue, seconds until it is done, None when nobody knows, or LATE)."""
    place, seconds = jobs.position(store, job)
    now = store.now()
    with _lock:
        key = (str(store.folder), job.id)
        promise = _told.get(key)
        if promise is None:
            promise = _told[key] = _Promise(place, None)
            if len(_told) > MOST:
                _told.popitem(last=False)
        # zero: it ran; above: its worker died and it is in the queue again
        promise.place = place if promise.place == 0 else min(promise.place, place)
        return promise.place, _seconds(promise, seconds, now)


def _seconds(promise: _Promise, seconds: float | None, now: float) -> float | None:
    if seconds is None:
        pass
    elif promise.done_at is None or now + seconds <= promise.done_at:
        promise.done_at = now + seconds
    elif seconds > SLACK and now + seconds > promise.done_at + SLACK + SHARE * seconds:
        if not promise.put_off:
            promise.put_off, promise.done_at = True, now + seconds
        elif promise.done_at <= now:
            return LATE
    if promise.done_at is None:
        return None
    return LATE if now > promise.done_at + OVERDUE else max(0.0, promise.done_at - now)
