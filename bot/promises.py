"""What people are told of when their job will be done, kept steady: an estimate that jumps up and down is worth nothing.

The place in the queue never grows. The time of completion may be put off once; when that is passed, too, nothing more is
promised than that it takes longer. Kept in memory: after a restart the first estimate counts anew.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from storage import Storage, jobs
from storage.jobs import Job

MOST = 10_000  # jobs that are remembered
SLACK, SHARE = 2.0, 0.1  # seconds, and the share of what is left, by which it may grow unnoticed


@dataclass(slots=True)
class _Promise:
    place: int
    done_at: float | None
    put_off: bool = False


_told: OrderedDict[tuple[str, int], _Promise] = OrderedDict()
_lock = Lock()


def position(store: Storage, job: Job) -> tuple[int, float | None]:
    """As jobs.position: (place in the queue, seconds until it is done, None when nobody knows)."""
    place, seconds = jobs.position(store, job)
    now = store.now()
    with _lock:
        key = (str(store.folder), job.id)
        told = _told.get(key)
        if told is None:
            told = _told[key] = _Promise(place, None)
            if len(_told) > MOST:
                _told.popitem(last=False)
        # zero: it ran; above: its worker died and it is in the queue again
        told.place = place if told.place == 0 else min(told.place, place)
        return told.place, _seconds(told, seconds, now)


def _seconds(told: _Promise, seconds: float | None, now: float) -> float | None:
    if seconds is None:
        return None if told.done_at is None else max(0.0, told.done_at - now)
    if told.done_at is None or now + seconds <= told.done_at:
        told.done_at = now + seconds
    elif seconds > SLACK and now + seconds > told.done_at + SLACK + SHARE * seconds:
        if not told.put_off:
            told.put_off, told.done_at = True, now + seconds
        elif told.done_at <= now:
            return None
    return max(0.0, told.done_at - now)
