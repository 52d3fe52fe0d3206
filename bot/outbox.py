"""⑨ What goes out: each answer and each result delivered once.

A row says what happened; ``compose`` says it in words and buttons. It is a function of the database alone, so a
platform whose screen is the database (the web page) shows the same after a refresh, and on two devices.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import structlog

from bot import batches, chinese_variants, ideas, replies, results
from bot.platforms import Button, Later, Never, Outgoing, Platform
from bot.retry import insist
from bot.turn import still_good
from storage import HeyingError, Storage, concepts, inbox, jobs, outbox, tickets
from storage.jobs import Job
from storage.requests import EditRequest
from storage.tickets import Ticket

POLL_SECONDS = 0.15
RETRY_SECONDS = 5.0
CLOSING_SECONDS = 20.0  # before the leave to answer ends
LAST_ANSWER_SECONDS = 0.5  # between two looks whether the last answer is ready
YOURS_IS_READY = "你的图好了"

log = structlog.get_logger()


def compose(store: Storage, row: outbox.Delivery | outbox.Message) -> Outgoing:
    """The message of a row, ready to be shown, in the characters that its reader writes."""
    message = _composed(store, row)
    if not (message.text or message.images or message.stickers or message.wanted):
        log.error("a message of nothing", key=row.key)
        message = replace(message, text=replies.BROKEN)  # silence would leave somebody waiting
    if not chinese_variants.writes_traditional(store, row.user):
        return message
    buttons = tuple(replace(button, label=chinese_variants.traditional(button.label)) for button in message.buttons)
    return replace(message, text=chinese_variants.traditional(message.text), buttons=buttons)


def _composed(store: Storage, row: outbox.Delivery | outbox.Message) -> Outgoing:
    job = _job(store, row.job)
    pressed = (Button(**button) for button in row.data.get("buttons", ()))
    plain = Outgoing(
        row.key,
        row.chat,
        row.text,
        row.photos,
        buttons=tuple(
            button for button in (*pressed, *_suggested(store, row)) if still_good(store, button, row.user, row.chat)
        ),
        files=bool(row.data.get("files")),
        user=row.user,
        answers=_answered(store, job.key if job else row.key),
        pack=row.data.get("pack"),
        wanted=row.data.get("wanted", ""),
    )
    if job is None:
        return plain
    if row.data.get("batch"):
        return batches.message(store, replace(plain, buttons=()), job)
    late = YOURS_IS_READY if isinstance(row, outbox.Delivery) and row.late and row.photos else ""
    lines = [late, results.title(store, job), row.text, _dropped(row.data)]
    buttons, request = (*results.buttons(store, job), *_suggested(store, row, job)), job.request
    images = row.photos or results.shown(job)
    edited = isinstance(request, EditRequest) and bool(row.photos or (buttons and not images))
    return replace(
        plain,
        text="\n".join(line for line in lines if line),
        images=() if job.kind == "stickers" and row.photos else images,
        stickers=row.photos if job.kind == "stickers" else (),
        buttons=buttons,
        original=(request.photo or None) if isinstance(request, EditRequest) and edited else None,
        job=job.id,
        pack=job.result.facts.get("pack") if job.result else None,
    )


def _suggested(store: Storage, row: outbox.Delivery | outbox.Message, job: Job | None = None) -> tuple[Button, ...]:
    """What is offered with the answer to a photo (``data["ideas"]``) or with a result; as it was when that went out."""
    if "suggested" in row.data:
        return tuple(Button(**button) for button in row.data["suggested"])
    if job is not None:
        return ideas.for_result(store, job)
    photo = row.data.get("ideas")
    return ideas.for_photo(store, row.chat, row.user, str(photo)) if photo else ()


def _settled(store: Storage, row: outbox.Delivery) -> outbox.Delivery:
    """A delivery with what is offered fixed: the number or the label of a button must mean the same when it is pressed."""
    if "suggested" in row.data or not (row.kind == "result" or "ideas" in row.data):
        return row
    offered = [asdict(button) for button in _suggested(store, row, _job(store, row.job))]
    outbox.settle(store, row, {"suggested": offered})
    return replace(row, data={**row.data, "suggested": offered})


@dataclass(frozen=True, slots=True)
class Due:
    """One message to be sent now: the rows that it is made of, and the leave that it uses (None: none is needed)."""

    message: Outgoing
    deliveries: tuple[outbox.Delivery, ...]
    ticket: Ticket | None = None

    def sent(self, store: Storage) -> None:
        """It is through. Raises DeliveryLost."""
        with store.atomic():
            for delivery in self.deliveries:
                outbox.delivered(store, delivery)

    def later(self, store: Storage, seconds: float, why: str, *, counts: bool = False) -> None:
        """It is not, and is tried again. Raises DeliveryLost."""
        with store.atomic():
            if self.ticket is not None:
                tickets.use(store, self.ticket, back=True)
            for delivery in self.deliveries:
                outbox.postpone(store, delivery, seconds, why, counts=counts)

    def never(self, store: Storage, why: str) -> None:
        """It cannot be sent at all. Raises DeliveryLost."""
        with store.atomic():
            for delivery in self.deliveries:
                outbox.undeliverable(store, delivery, why)


def due(store: Storage, platform: str, worker: str, within: str = "") -> Due | None:
    """The next message of a platform (in chats whose names begin so), leased to ``worker``; None when there is none that
    may be said now.

    The last answer that is left is for what the person waits for: until that is there, or the leave is about to end,
    everything for them is kept, and then goes out as one message.
    """
    while delivery := outbox.claim(store, platform, worker, within=within):
        with store.atomic():
            left = tickets.of(store, delivery.chat, delivery.user)
            if left is None:
                return _told(store, [delivery])
            if not left:
                outbox.keep(store, delivery, tickets.FOREVER, late=True)
                continue
            last = sum(ticket.uses for ticket in left) == 1
            closing = left[-1].expires_at - CLOSING_SECONDS <= store.now()
            if last and not closing and _waits(store, delivery):
                outbox.keep(store, delivery, store.now() + LAST_ANSWER_SECONDS)
                continue
            tickets.use(store, left[0])
            together = [delivery]
            if last and not delivery.sent:
                together += _with(store, delivery)
            return _told(store, together, left[0])
    return None


def _told(store: Storage, deliveries: list[outbox.Delivery], ticket: Ticket | None = None) -> Due | None:
    """Deliveries in words; None when there are none for them (a fault of ours): they are tried again a few times."""
    rows = sorted(deliveries, key=lambda one: one.id)
    try:
        rows = [_settled(store, row) for row in rows]
        rest = [row for row in rows if "started" not in row.data] or rows  # what is done has been started
        message = _one([compose(store, row) for row in rest])
    except Exception as error:
        log.exception("cannot compose", delivery=rows[0].id)
        message = Outgoing(rows[0].key, rows[0].chat)
        Due(message, tuple(rows), ticket).later(store, RETRY_SECONDS, type(error).__name__, counts=True)
        return None
    return Due(replace(message, ticket=ticket.value if ticket else ""), tuple(rows), ticket)


def _waits(store: Storage, delivery: outbox.Delivery) -> bool:
    """Whether a person will have more to hear soon."""
    jobs_open = any(not job.silent for job in jobs.open_of(store, delivery.user, delivery.chat))
    return jobs_open or inbox.pending(store, delivery.chat, delivery.user)


def _with(store: Storage, delivery: outbox.Delivery) -> list[outbox.Delivery]:
    """What goes out together with a delivery; what only the platform can make goes alone."""
    together = []
    for one in outbox.claim_rest(store, delivery):
        if one.data.get("wanted") or one.data.get("files") or delivery.data.get("wanted"):
            outbox.keep(store, one, tickets.FOREVER)
        else:
            together.append(one)
    return together


def _one(messages: Sequence[Outgoing]) -> Outgoing:
    """Several messages to a person as one."""
    last = messages[-1]
    buttons = next((one.buttons for one in reversed(messages) if one.buttons), ())
    return replace(
        last,
        text="\n\n".join(dict.fromkeys(one.text for one in messages if one.text)),
        images=tuple(dict.fromkeys(sha for one in messages for sha in one.images)),
        stickers=tuple(sha for one in messages for sha in one.stickers),
        buttons=buttons,
        original=last.original if len(messages) == 1 else None,
    )


async def run(store: Storage, platform: Platform, worker: str) -> None:
    """Deliver what is due on one platform until cancelled, one message at a time: what a kill catches on its way, and
    what is therefore sent twice, is one message at most."""
    while True:
        try:
            message = await asyncio.to_thread(due, store, platform.name, worker)
            if message is None:
                await asyncio.sleep(POLL_SECONDS)
            else:
                await _deliver(store, platform, message)
        except outbox.DeliveryLost as error:
            log.info("delivery lost", reason=str(error))
        except Exception as error:  # the database is busy, the disk full: what is not delivered stays where it is
            log.error("cannot deliver", platform=platform.name, error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def _deliver(store: Storage, platform: Platform, due: Due) -> None:
    """Send one message, and note how that went. Raises DeliveryLost."""
    first = due.deliveries[0]
    try:
        await platform.send(due.message, _Parts(store, first, dict(first.sent)))
        await insist(due.sent, store)
    except outbox.DeliveryLost:
        raise
    except Later as later:
        await insist(due.later, store, later.seconds, str(later))
    except Never as never:
        log.info("undeliverable", delivery=first.id, reason=str(never))
        await insist(due.never, store, str(never))
    except Exception as error:
        log.warning("cannot send", delivery=first.id, error=type(error).__name__, exc_info=True)
        await insist(due.later, store, RETRY_SECONDS, type(error).__name__, counts=True)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a message that are through, as its row says."""

    store: Storage
    delivery: outbox.Delivery
    sent: dict[str, Any]

    def receipt(self, part: str) -> Any:
        return self.sent.get(part)

    async def through(self, part: str, receipt: Mapping[str, Any]) -> None:
        self.sent[part] = receipt
        await insist(outbox.part_sent, self.store, self.delivery, part, receipt)


def _answered(store: Storage, key: str) -> str | None:
    """What the platform calls the message that led to this: keys begin with "in:", the number of its row."""
    match = re.match(r"in:(\d+):", key)
    return inbox.number_of(store, int(match[1])) if match else None


def _job(store: Storage, id: int | None) -> Job | None:
    """The job of a row; None when it has none or the job has expired."""
    try:
        return None if id is None else jobs.get(store, id)
    except HeyingError:
        return None


def _dropped(data: Mapping[str, object]) -> str:
    count = data.get("dropped")
    return replies.dropped(count) if isinstance(count, int) and count else ""


def concept_name(store: Storage, id: int) -> str:
    """What a concept is called; empty when it has been forgotten."""
    try:
        return concepts.get(store, id).name
    except HeyingError:
        return ""
