"""Jobs: queued by the bot, claimed by workers, delivered once.

::

    queued ──claim──► running ──finish──► done        (writes the outbox row in the same transaction)
      ▲  │               │ ├────fail────► failed      (likewise)
      │  └───cancel──────┼─┴───cancel───► cancelled   (by its owner only; the worker learns at its next heartbeat)
      └──────rescue──────┴───rescue───► dead          (the worker died or fell silent; after three attempts: an apology)

A worker holds a job by (worker, attempt) and a lease that each heartbeat renews. Whoever does not hold it any more can
neither report progress nor finish: Cancelled or LeaseLost is raised, and nothing is written.

Turns go round by owner (fair_queue.py), so nobody can fill the queue. What a person asked in one chat is done in the order
of asking, one after the other, whatever happens to the workers.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from storage import (
    Storage,
    batches,
    concepts,
    departures,
    failpoints,
    fair_queue,
    incidents,
    job_completion,
    photos,
    rooms,
    steady_clock,
    workers,
)
from storage.fair_queue import position
from storage.requests import (
    KINDS,
    EditRequest,
    GenerateRequest,
    Job,
    JobError,
    LearnRequest,
    Progress,
    Request,
    Result,
    StickerRequest,
    concepts_of,
    dump,
    job_from_row,
    photos_of,
    request_to_json,
    with_photo,
)
from storage.workers import Capabilities, capabilities, publish

__all__ = [
    "Cancelled", "Capabilities", "EditRequest", "GenerateRequest", "Job", "JobError", "LearnRequest", "LeaseLost",
    "Progress", "Request", "Result", "StickerRequest", "attach", "cancel", "capabilities", "claim", "enqueue", "fail",
    "finish", "get", "give_back", "heartbeat", "of_chat", "open_of", "open_on",
    "open_work", "position", "publish", "rescue", "rescue_orphans",
    "under_way",
]  # fmt: skip

DAY = 86400.0
BEAT_SECONDS = 0.5  # heartbeats closer together than this only look, and do not write


class Cancelled(JobError):
    """The owner has taken the job back; the worker drops it."""


class LeaseLost(JobError):
    """The job is not this worker's any more; the worker drops it."""


def enqueue(
    store: Storage,
    *,
    key: str,
    kind: str,
    owner: str,
    chat: str,
    request: Request,
    after: int | None = None,
    silent: bool = False,
    batch: str | None = None,
) -> Job:
    """Queue a job; the one with this key if it is queued already (a message handled twice).

    ``after`` names a job of the same owner whose resulting picture this one works on (the next step of a sentence, or
    the next sentence while the first is being done): then ``request.photo`` is filled in when that one is done. Or it
    names the learning of a concept that this one needs, and ``request.photo`` stays. If that one comes to nothing, so does this. Jobs with the same ``batch`` count as one (batches.py).

    Raises JobError (too many open jobs; ``after`` not found or come to nothing), PhotoError (a photo that is not the
    owner's), ConceptError (a concept that the owner may not use here).
    """
    if not isinstance(request, KINDS[kind]):
        raise TypeError(f"{type(request).__name__} is not the request of a {kind} job")
    with store.atomic() as db:
        known = store.one("SELECT * FROM jobs WHERE key = ?", (key,))
        if known is not None:
            if known["owner"] != owner:
                raise JobError("找不到这个任务。", f"key of job {known['id']} belongs to somebody else")
            return job_from_row(known)
        begun = batch is not None and bool(batches.of(store, batch))
        open_jobs = len(open_work(store, owner))
        if open_jobs >= store.settings.limits.open_jobs and not begun:
            raise JobError(
                f"你已经有 {open_jobs} 个任务在排队了，等做完几个再发，或者先取消一些。", "too many open jobs"
            )
        _check_quotas(store, owner, chat, begun)
        if after is not None:
            after, request = _follow(store, after, owner, request)
        for photo in photos_of(request):
            photos.get(store, photo, owner)
        for concept in concepts_of(request):
            if not concepts.usable(store, concept, owner, chat):
                raise concepts.ConceptError("这个名字我还不认识，请先教我。", f"concept {concept} is not usable here")
        id = db.execute(
            "INSERT INTO jobs (key, kind, owner, chat, request, state, after, silent, batch, created_at, round)"
            " VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
            (
                *(key, kind, owner, chat, dump(request_to_json(request)), after, int(silent), batch, store.now()),
                fair_queue.enter(store, fair_queue.lane_of(kind), owner),
            ),
        ).lastrowid
        assert id is not None
        failpoints.reach("enqueue")
        return get(store, id)


def claim(store: Storage, worker: str, kinds: Sequence[str], lease_seconds: float | None = None) -> Job | None:
    """The next job of these kinds, leased to ``worker`` (seconds; None = the settings'); None when there is none.

    Jobs of dead workers are rescued first. Give learning workers only "learn" and editing workers the rest: then
    learning never blocks editing.
    """
    steady_clock.mend(store)
    workers.seen(store, worker)
    lease = store.settings.workers.lease_seconds if lease_seconds is None else lease_seconds
    dead = store.one("SELECT id FROM jobs WHERE state = 'running' AND leased_until <= ? LIMIT 1", (store.now(),))
    if dead is None and fair_queue.due(store, kinds) is None:  # the usual answer, without taking the write lock
        return None
    with store.atomic() as db:
        rescue(store)
        row = fair_queue.due(store, kinds)
        if row is None:
            return None
        now = store.now()
        db.execute(
            "UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = ?, leased_until = ?, beat_at = ?,"
            " started_at = ?, progressed_at = ?, progress = NULL WHERE id = ?",
            (worker, now + lease, now, now, now, row["id"]),
        )
        fair_queue.serve(store, fair_queue.lane_of(row["kind"]), row["round"])
        failpoints.reach("claim")
        return get(store, row["id"])


def heartbeat(store: Storage, job: Job, progress: Progress | None = None) -> None:
    """Renew the lease and report progress; call it at every step. Raises Cancelled or LeaseLost, and then the worker
    must drop the job."""
    row = _held(store, job)
    now = store.now()
    lease = row["leased_until"] - row["beat_at"]
    if 0 <= now - row["beat_at"] < min(BEAT_SECONDS, lease / 4) and (
        progress is None or progress.done < progress.total
    ):
        return
    with store.atomic() as db:
        _held(store, job)
        db.execute(
            "UPDATE jobs SET beat_at = ?, leased_until = ?, progress = coalesce(?, progress),"
            " progressed_at = coalesce(?, progressed_at) WHERE id = ?",
            (
                *(now, now + lease, None if progress is None else dump(asdict(progress))),
                *(None if progress is None else now, job.id),
            ),
        )
        failpoints.reach("progress")
        if job.worker is not None:
            workers.seen(store, job.worker)


def attach(store: Storage, job: Job, data: bytes, clean: bytes | None = None) -> photos.Photo:
    """Keep a picture that a job made, byte for byte, for the job's owner; ``clean`` is the same without its visible
    mark (see photos). Raises Cancelled, LeaseLost, PhotoError."""
    with store.atomic():
        _held(store, job)
        return photos.keep(store, data, job.owner, clean)


def finish(store: Storage, job: Job, result: Result) -> Job:
    """The job is done. In one transaction: its result, the message that delivers it, its place in the conversation's
    history, and the jobs that wait for its picture. Raises Cancelled, LeaseLost, PhotoError."""
    with store.atomic():
        row = _held(store, job)
        for photo in result.photos:
            photos.get(store, photo, job.owner)
        result = job_completion.gather(store, job, result)
        job_completion.end(store, job.id, "done", result=dump(asdict(result)))
        job_completion.remember(store, job_from_row(row), result)
        departures.inherit(store, job.owner, job_from_row(row).request, result.photos)
        dropped = job_completion.pass_on(store, job.id, result.photos[0] if result.photos else None)
        job_completion.deliver(store, job, "result", result.text, result.photos, dropped)
        failpoints.reach("finish")
        return get(store, job.id)


def fail(store: Storage, job: Job, sentence: str, log: str) -> Job:
    """The job cannot be done: ``sentence`` (Chinese) is delivered, ``log`` (English) is kept. Raises Cancelled,
    LeaseLost."""
    with store.atomic():
        _held(store, job)
        job_completion.fail(store, job.id, sentence, log)
        return get(store, job.id)


def give_back(store: Storage, job: Job) -> None:
    """A worker that is being stopped puts its job back into the queue; the attempt does not count. Raises Cancelled,
    LeaseLost."""
    with store.atomic() as db:
        _held(store, job)
        db.execute(
            "UPDATE jobs SET state = 'queued', attempt = attempt - 1, worker = NULL, leased_until = NULL,"
            " progress = NULL WHERE id = ?",
            (job.id,),
        )


def cancel(store: Storage, job_id: int, owner: str) -> bool:
    """Take a job back, those that wait for its picture, and its whole batch; False when it is not this owner's or is over
    already. What of a batch is done already is delivered."""
    with store.atomic():
        rows = store.rows(
            "SELECT id, state, batch FROM jobs WHERE owner = ? AND state IN ('queued', 'running')"
            " AND (id = ? OR batch = (SELECT batch FROM jobs WHERE id = ?)) ORDER BY id DESC",
            (owner, job_id, job_id),
        )
        for row in rows:  # the last step first: none is stopped twice
            job_completion.stop(store, row["id"], "cancelled", "任务已取消。", "cancelled by its owner")
        if rows and rows[0]["batch"] is not None:
            job_completion.deliver_batch(store, rows[0]["batch"])
        return bool(rows)


def rescue(store: Storage, worker: str | None = None, *, to_blame: bool = True) -> int:
    """Put the jobs whose lease ran out back into the queue; after the last attempt they are dead. With ``worker``, those
    of a worker known to be dead, without waiting for the lease. Returns how many jobs were touched.

    A job that a worker died of starts again after the next round: what it did to this worker it may do to the next,
    and who came meanwhile waits no longer for it. What its owner asked later in that chat comes later still. Not ``to_blame``:
    the worker died for another reason, and the attempt does not count.
    """
    steady_clock.mend(store)
    with store.atomic() as db:
        dead = store.rows(
            "SELECT * FROM jobs WHERE state = 'running' AND (leased_until <= ? OR worker = ?)",
            (store.now(), worker),
        )
        for row in dead:
            spared = not to_blame and row["worker"] == worker
            if row["attempt"] >= store.settings.limits.attempts and not spared:
                incidents.record(store, "job", row["id"], f"{row['attempt']} workers died or hung")
                job_completion.fail(
                    store,
                    row["id"],
                    "这个任务试了几次都没做成，对不起。请换个说法或换张照片再试。",
                    f"worker died {row['attempt']} times",
                    "dead",
                )
                continue
            later = 0 if spared else fair_queue.reached(store, fair_queue.lane_of(row["kind"])) + 2
            db.execute(
                "UPDATE jobs SET state = 'queued', worker = NULL, leased_until = NULL, progress = NULL,"
                " attempt = attempt - ?, round = max(round, ?) WHERE id = ?",
                (int(spared), later, row["id"]),
            )
            db.execute(
                "UPDATE jobs SET round = max(round, ?) WHERE state = 'queued' AND owner = ? AND chat = ? AND id > ?"
                " AND (kind = 'learn') = (? = 'learn')",
                (later, row["owner"], row["chat"], row["id"], row["kind"]),
            )
    return len(dead)


def rescue_orphans(store: Storage, alive: Callable[[str], bool]) -> int:
    """Put back the jobs of workers whose keeper is no more: they went with it, and it was not the jobs' fault.
    ``alive`` says of a worker's name whether it may still live. Returns how many jobs were touched."""
    running = store.rows("SELECT DISTINCT worker FROM jobs WHERE state = 'running' AND worker IS NOT NULL")
    dead = [row["worker"] for row in running if not alive(row["worker"])]
    return sum(rescue(store, worker, to_blame=False) for worker in dead)


def under_way(store: Storage) -> dict[str, tuple[int, str, float]]:
    """What each worker is at: its name → (job, kind, when that last got on)."""
    rows = store.rows("SELECT id, kind, worker, progressed_at FROM jobs WHERE state = 'running' AND worker IS NOT NULL")
    return {row["worker"]: (row["id"], row["kind"], row["progressed_at"] or 0.0) for row in rows}


def get(store: Storage, job_id: int) -> Job:
    """The job as it is now. Raises JobError when there is none."""
    row = store.one("SELECT * FROM jobs WHERE id = ?", (job_id,))
    if row is None:
        raise JobError("找不到这个任务，可能已经过期了。", f"no job {job_id}")
    return job_from_row(row)


def of_chat(store: Storage, chat: str, owner: str | None = None, *, limit: int = 50) -> tuple[Job, ...]:
    """The last jobs of a chat (of one person in it), oldest first."""
    rows = store.rows(
        "SELECT * FROM jobs WHERE chat = ? AND (? IS NULL OR owner = ?) ORDER BY id DESC LIMIT ?",
        (chat, owner, owner, limit),
    )
    return tuple(job_from_row(row) for row in reversed(rows))


def open_of(store: Storage, owner: str, chat: str | None = None) -> tuple[Job, ...]:
    """A person's jobs that are queued or running (in one chat), oldest first."""
    rows = store.rows(
        "SELECT * FROM jobs WHERE owner = ? AND state IN ('queued', 'running') AND (? IS NULL OR chat = ?) ORDER BY id",
        (owner, chat, chat),
    )
    return tuple(job_from_row(row) for row in rows)


def open_work(store: Storage, owner: str, chat: str | None = None) -> tuple[Job, ...]:
    """The same as people count it: a batch is one."""
    return batches.together(store, open_of(store, owner, chat))


def left_today(store: Storage, owner: str) -> tuple[int, float] | None:
    """How many jobs somebody may still ask for within 24 hours, and the seconds until it is one more; None without a
    limit."""
    most, now = store.settings.limits.jobs_a_day, store.now()
    if not most:
        return None
    today = store.rows(
        "SELECT created_at FROM jobs WHERE owner = ? AND created_at > ? ORDER BY created_at DESC LIMIT ?",
        (owner, now - DAY, most),
    )
    return most - len(today), (today[-1]["created_at"] + DAY - now if today else 0.0)


def open_on(store: Storage, platform: str) -> tuple[Job, ...]:
    """The work of a platform that is queued or running and that somebody waits for, oldest first; a batch is one."""
    rows = store.rows(
        "SELECT * FROM jobs WHERE state IN ('queued', 'running') AND NOT silent AND substr(chat, 1, ?) = ? ORDER BY id",
        (len(platform) + 1, f"{platform}:"),
    )
    return batches.together(store, [job_from_row(row) for row in rows])


def _held(store: Storage, job: Job) -> dict[str, Any]:
    """The row of a job that this worker and attempt hold. Raises Cancelled or LeaseLost."""
    row = store.one("SELECT * FROM jobs WHERE id = ?", (job.id,))
    if row is None or row["state"] == "cancelled":
        raise Cancelled("任务已取消。", f"job {job.id} was cancelled")
    if (row["state"], row["worker"], row["attempt"]) != ("running", job.worker, job.attempt):
        raise LeaseLost("任务已经由别的程序接手。", f"job {job.id} attempt {job.attempt} is not held by {job.worker}")
    return row


def _check_quotas(store: Storage, owner: str, chat: str, begun: bool) -> None:
    """Raises JobError, with when to come back, for who has had enough for today, or a group that is too quick, or when
    too many wait. ``begun``: the batch of the job is queued already, so it is no sooner than that."""
    limits, now = store.settings.limits, store.now()
    row = store.one("SELECT count(*) AS n FROM jobs WHERE state = 'queued'")
    if row is not None and row["n"] >= limits.waiting_jobs:
        wait = fair_queue.in_words(max(60.0, fair_queue.drained(store, row["n"] // 10)))
        raise JobError(f"现在排队的人太多了，请过{wait}再发，照片还在。", f"{row['n']} jobs wait")
    quota = left_today(store, owner)
    if quota is not None and not quota[0]:
        wait = fair_queue.in_words(quota[1])
        raise JobError(
            f"你这 24 小时的 {limits.jobs_a_day} 次已经用完了，请过{wait}再来。",
            f"{limits.jobs_a_day} jobs within a day",
        )
    if limits.group_seconds and not begun and not rooms.alone(chat, owner):
        row = store.one("SELECT max(created_at) AS at FROM jobs WHERE chat = ?", (chat,))
        left = (row["at"] or 0.0) + limits.group_seconds - now if row is not None else 0.0
        if left > 0:
            raise JobError(f"这个群刚改过图，请过{fair_queue.in_words(left)}再发。", f"{left:.0f} s too early")


def _follow(store: Storage, after: int, owner: str, request: Request) -> tuple[int | None, Request]:
    """What to wait for, and the request: a job that is done already gives its picture at once, if it makes one."""
    before = get(store, after)
    if before.owner != owner:
        raise JobError("找不到前一个任务，请重新说一遍。", f"job {after} belongs to somebody else")
    if isinstance(before.request, LearnRequest) and before.state in ("queued", "running", "done"):
        return after if before.open else None, request
    if before.open:
        return after, with_photo(request, "")
    if before.result is None or not before.result.photos:
        raise JobError("前一步没有做成，请重新说一遍。", f"job {after} made no picture")
    return None, with_photo(request, before.result.photos[0])
