"""⑨ What goes out: each answer and each result delivered once.

A row says what happened; ``compose`` says it in words and buttons. It is a function of the database alone, so a
platform whose screen is the database (the web page) shows the same after a refresh, and on two devices.
"""

import asyncio
from collections.abc import Mapping

import structlog

from bot import replies
from bot.platforms import Button, Outgoing, Platform
from bot.talk import saying
from storage import HeyingError, Storage, concepts, jobs, outbox
from storage.jobs import Job
from storage.requests import EditRequest, LearnRequest, Result

POLL_SECONDS = 0.15
RETRY_SECONDS = 5.0

log = structlog.get_logger()


def compose(store: Storage, row: outbox.Delivery | outbox.Message) -> Outgoing:
    """The message of a row, ready to be shown."""
    buttons = tuple(Button(**button) for button in row.data.get("buttons", ()))
    plain = Outgoing(row.key, row.chat, row.text, row.photos, buttons=buttons)
    job = _job(store, row.job)
    if job is None:
        return plain
    lines = [_title(store, job), row.text, _dropped(row.data)]
    choices = _choices(job)
    request = job.request
    return Outgoing(
        row.key,
        row.chat,
        "\n".join(line for line in lines if line),
        () if job.kind == "stickers" else row.photos,
        row.photos if job.kind == "stickers" else (),
        choices or _after(store, job),
        request.photo if isinstance(request, EditRequest) and (row.photos or choices) else None,
    )


async def run(store: Storage, platform: Platform, worker: str) -> None:
    """Deliver what is due on one platform until cancelled."""
    while True:
        delivery = await asyncio.to_thread(outbox.claim, store, platform.name, worker)
        if delivery is None:
            await asyncio.sleep(POLL_SECONDS)
            continue
        try:
            await platform.send(compose(store, delivery))
            await asyncio.to_thread(outbox.delivered, store, delivery)
        except outbox.DeliveryLost:
            log.info("delivery lost", delivery=delivery.id)
        except Exception as error:
            log.warning("cannot send", delivery=delivery.id, error=type(error).__name__)
            await asyncio.to_thread(outbox.postpone, store, delivery, RETRY_SECONDS, type(error).__name__)


def things(result: Result | None) -> tuple[tuple[int, str], ...]:
    """The things of which the worker asks which one is meant: index and Chinese words; () when it asks nothing."""
    if result is None or result.photos:
        return ()
    return tuple((int(thing["index"]), str(thing["words"])) for thing in result.facts.get("choices", ()))


def _job(store: Storage, id: int | None) -> Job | None:
    """The job of a row; None when it has none or the job has expired."""
    try:
        return None if id is None else jobs.get(store, id)
    except HeyingError:
        return None


def _title(store: Storage, job: Job) -> str:
    if job.state != "done":
        return ""
    if isinstance(job.request, LearnRequest):
        name = concept_name(store, job.request.concept)
        return replies.learnt(name) if name else ""
    if found := things(job.result):
        return replies.which_thing(len(found))
    return replies.done(job.request)


def _dropped(data: Mapping[str, object]) -> str:
    count = data.get("dropped")
    return replies.dropped(count) if isinstance(count, int) and count else ""


def _choices(job: Job) -> tuple[Button, ...]:
    return tuple(Button(words, f"choose:{job.id}:{index}") for index, words in things(job.result))


def _after(store: Storage, job: Job) -> tuple[Button, ...]:
    """What can be done with a result."""
    if job.result is None or job.state != "done":
        return ()
    if isinstance(job.request, LearnRequest):
        name = concept_name(store, job.request.concept)
        return saying(replies.idea_with(name)) if name else ()
    labels = {"again": replies.ANOTHER_SET if job.kind == "stickers" else replies.AGAIN}
    if job.kind == "edit":
        labels = {"stronger": replies.STRONGER, "weaker": replies.WEAKER, **labels, "undo": replies.UNDO}
    return tuple(Button(label, f"{action}:{job.id}") for action, label in labels.items())


def asleep(store: Storage, job: Job) -> float:
    """For how many seconds a job has waited without any worker being heard of; 0 when one is there."""
    return 0.0 if jobs.capabilities(store).alive else max(0.1, store.now() - job.created_at)


def concept_name(store: Storage, id: int) -> str:
    """What a concept is called; empty when it has been forgotten."""
    try:
        return concepts.get(store, id).name
    except HeyingError:
        return ""
