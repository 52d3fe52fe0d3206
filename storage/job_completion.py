"""What the end of a job does: to the job, to those that wait for it, to the conversation, to the outbox.

Everything here happens inside the caller's transaction.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from storage import Storage, batches, chats, concepts, looks, outbox, packs
from storage.requests import (
    EditRequest,
    Job,
    LearnRequest,
    Result,
    StickerRequest,
    dump,
    job_from_row,
    photos_of,
    request_to_json,
    with_photo,
)

TITLE = "表情"
WITHOUT_PICTURE = "前一步没有做成，这一步也停下了。"


def end(store: Storage, id: int, state: str, **fields: str | None) -> None:
    """Close the row of a job; ``told`` are further columns."""
    columns = {"state": state, "leased_until": None, "finished_at": store.now(), **fields}
    assignments = ", ".join(f"{name} = ?" for name in columns)
    store.db.execute(f"UPDATE jobs SET {assignments} WHERE id = ?", (*columns.values(), id))


def stop(store: Storage, id: int, state: str, sentence: str, log: str, photo: str = "") -> int:
    """End a job that comes to nothing, and with it the later steps of its sentence, which wait for its picture; returns
    how many those were. A sentence said after it is of its own: it goes on with ``photo``, what the one that failed began
    from. What is cancelled takes all along that waits for it."""
    end(store, id, state, error=sentence, log=log)
    job = _job(store, id)
    if not photo and isinstance(job.request, EditRequest):
        photo = job.request.photo
    if isinstance(job.request, LearnRequest):
        with contextlib.suppress(concepts.ConceptError):  # it may be forgotten already
            concepts.failed(store, job.request.concept, sentence)
    fallen = 0
    then, why = ("cancelled", sentence) if state == "cancelled" else ("failed", WITHOUT_PICTURE)
    for follower in _followers(store, id):
        if photo and state != "cancelled" and _begins_anew(follower):
            _hand_on(store, follower, photo)
        else:
            fallen += 1 + stop(store, follower.id, then, why, f"follows job {id}", photo)
    return fallen


def fail(store: Storage, id: int, sentence: str, log: str, state: str = "failed") -> None:
    """End a job as failed (or dead) and write the message that says so; ``data["dropped"]`` counts the jobs that fell
    with it."""
    dropped = stop(store, id, state, sentence, log)
    deliver(store, _job(store, id), "failure", sentence, (), dropped)


def deliver(store: Storage, job: Job, kind: str, text: str, pictures: Sequence[str], dropped: int) -> None:
    """Write the message that tells the owner how a job ended, unless the job is silent, or of a batch that goes on."""
    if job.silent:
        return None
    if job.batch is not None:
        return deliver_batch(store, job.batch)
    outbox.send(
        store,
        key=f"job:{job.id}",
        chat=job.chat,
        user=job.owner,
        text=text,
        photos=pictures,
        kind=kind,
        job=job.id,
        data={"dropped": dropped} if dropped else None,
    )
    return None


def deliver_batch(store: Storage, batch: str) -> None:
    """Write the message with all that a batch has made, once its last job is over."""
    members = batches.of(store, batch)
    if any(job.open for job in members) or all(job.state == "cancelled" for job in members):
        return
    made = [picture for steps in batches.by_photo(members) if (picture := batches.picture(steps))]
    first = members[0]
    outbox.send(
        store,
        key=f"batch:{first.id}",
        chat=first.chat,
        user=first.owner,
        photos=made,
        kind="result",
        job=first.id,
        data={"batch": True, "suggested": []},
    )


def remember(store: Storage, job: Job, result: Result) -> None:
    """Make the result the photo under discussion, unless the user has sent another one since they asked, or has several
    results to choose from."""
    if job.silent or job.batch is not None or len(result.photos) != 1 or job.kind not in ("edit", "generate"):
        return
    here = chats.under_discussion(store, job.chat, job.owner)
    another = here is not None and here.request is None and here.photo not in photos_of(job.request)
    if here is not None and another and here.at > job.created_at:
        return
    chats.discuss(store, job.chat, job.owner, result.photos[0], job=job.id, kind=job.kind, request=job.request)
    if job.kind == "edit" and not result.facts.get("still"):
        looks.ask(store, result.photos[0], job.owner)  # people may stand elsewhere now


def gather(store: Storage, job: Job, result: Result) -> Result:
    """The stickers that a job has made (``facts["stickers"]``: keyword arguments of ``packs.add``) as a pack, whose id
    ``facts["pack"]`` then is."""
    request, made = job.request, result.facts.get("stickers")
    if not isinstance(request, StickerRequest) or not made:
        return result
    title = TITLE if request.concept is None else f"{concepts.get(store, request.concept).name}的{TITLE}"
    kind = {"moving": request.moving, "close": request.close}
    pack = packs.collect(store, job.owner, title, request.concept, made, request.pack, **kind)
    facts = {name: value for name, value in result.facts.items() if name != "stickers"}
    return replace(result, facts={**facts, "pack": pack.id})


def pass_on(store: Storage, id: int, photo: str | None) -> int:
    """Give the picture of a job that is done to those that wait for it; without one they come to nothing, but for those that
    waited for what it learnt. Returns how many did."""
    dropped = 0
    learnt = isinstance(_job(store, id).request, LearnRequest)
    for follower in _followers(store, id):
        if learnt:
            store.db.execute("UPDATE jobs SET after = NULL WHERE id = ?", (follower.id,))
        elif photo is None:
            dropped += 1 + stop(store, follower.id, "failed", WITHOUT_PICTURE, f"job {id} made no picture")
        else:
            _hand_on(store, follower, photo)
    return dropped


def _followers(store: Storage, id: int) -> list[Job]:
    """Those that wait for the picture of a job, or for what it learns."""
    return [job_from_row(row) for row in store.rows("SELECT * FROM jobs WHERE after = ? AND state = 'queued'", (id,))]


def _begins_anew(job: Job) -> bool:
    """Whether a job is the first step of a sentence."""
    return isinstance(job.request, EditRequest) and job.request.place == 1


def _hand_on(store: Storage, job: Job, photo: str) -> None:
    """A job works on this picture, and waits no longer."""
    request = dump(request_to_json(with_photo(job.request, photo)))
    store.db.execute("UPDATE jobs SET request = ?, after = NULL WHERE id = ?", (request, job.id))


def _job(store: Storage, id: int) -> Job:
    row = store.one("SELECT * FROM jobs WHERE id = ?", (id,))
    assert row is not None
    return job_from_row(row)
