"""Several photos with one sentence: a job for each photo and step, so that turns stay fair and what is made outlives a
crash; and one piece of work for whoever waits, with one progress, one way to call it off and one message at the end.

The jobs of a batch have the same ``batch``. The photos are numbered as they were sent, from 1.
"""

from collections.abc import Sequence
from dataclasses import replace

from storage import Storage
from storage.requests import EditRequest, Job, Progress, job_from_row

PERCENT = 100  # parts of a photo in which progress is counted


def of(store: Storage, batch: str) -> tuple[Job, ...]:
    """All jobs of a batch, in the order of asking."""
    rows = store.rows("SELECT * FROM jobs WHERE batch = ? ORDER BY id", (batch,))
    return tuple(job_from_row(row) for row in rows)


def by_photo(members: Sequence[Job]) -> tuple[tuple[Job, ...], ...]:
    """The jobs of a batch photo by photo: the steps of each, in order."""
    photos: list[list[Job]] = []
    for job in members:
        if not photos or not isinstance(job.request, EditRequest) or job.request.place == 1:
            photos.append([])
        photos[-1].append(job)
    return tuple(map(tuple, photos))


def picture(steps: Sequence[Job]) -> str | None:
    """What was made of one photo in the end; None while it is not, or when it came to nothing."""
    last = steps[-1]
    return last.result.photos[0] if last.result is not None and last.result.photos else None


def together(store: Storage, found: Sequence[Job]) -> tuple[Job, ...]:
    """Jobs, with those of a batch as one: the first of it, how far the whole is, and running if any runs."""
    shown: dict[str | int, Job] = {}
    for job in found:
        if job.batch is None:
            shown[job.id] = job
        elif job.batch not in shown:
            shown[job.batch] = _as_one(of(store, job.batch))
    return tuple(shown.values())


def _as_one(members: Sequence[Job]) -> Job:
    photos = by_photo(members)
    begun = any(job.state != "queued" for job in members)
    over = sum(not any(job.open for job in steps) for steps in photos)
    done = sum(PERCENT * sum(map(_share, steps)) / len(steps) for steps in photos)
    stage = f"第 {min(over + 1, len(photos))} 张，共 {len(photos)} 张"
    progress = Progress(int(done), PERCENT * len(photos), stage) if begun else None
    return replace(members[0], state="running" if begun else "queued", after=None, progress=progress)


def _share(job: Job) -> float:
    """How much of a job is done, from 0 to 1."""
    if not job.open:
        return 1.0
    return min(1.0, job.progress.done / job.progress.total) if job.progress and job.progress.total else 0.0
