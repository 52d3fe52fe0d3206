"""⑨ What goes out: each answer and each result delivered once.

A row says what happened; ``compose`` says it in words and buttons. It is a function of the database alone, so a
platform whose screen is the database (the web page) shows the same after a refresh, and on two devices.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot import chinese_variants, replies, results
from bot.platforms import Button, Later, Never, Outgoing, Platform
from bot.retry import insist
from bot.turn import still_good
from storage import HeyingError, Storage, concepts, inbox, jobs, outbox
from storage.jobs import Job
from storage.requests import EditRequest

POLL_SECONDS = 0.15
RETRY_SECONDS = 5.0

log = structlog.get_logger()


def compose(store: Storage, row: outbox.Delivery | outbox.Message) -> Outgoing:
    """The message of a row, ready to be shown, in the characters that its reader writes."""
    message = _composed(store, row)
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
        buttons=tuple(button for button in pressed if still_good(store, button, row.user, row.chat)),
        files=bool(row.data.get("files")),
        user=row.user,
        answers=_answered(store, job.key if job else row.key),
        pack=row.data.get("pack"),
        wanted=row.data.get("wanted", ""),
    )
    if job is None:
        return plain
    lines = [results.title(store, job), row.text, _dropped(row.data)]
    buttons, request = results.buttons(store, job), job.request
    images = row.photos or results.shown(job)
    edited = isinstance(request, EditRequest) and bool(row.photos or (buttons and not images))
    return replace(
        plain,
        text="\n".join(line for line in lines if line),
        images=() if job.kind == "stickers" else images,
        stickers=row.photos if job.kind == "stickers" else (),
        buttons=buttons,
        original=(request.photo or None) if isinstance(request, EditRequest) and edited else None,
        job=job.id,
        pack=job.result.facts.get("pack") if job.result else None,
    )


async def run(store: Storage, platform: Platform, worker: str) -> None:
    """Deliver what is due on one platform until cancelled, one message at a time: what a kill catches on its way, and
    what is therefore sent twice, is one message at most."""
    while True:
        try:
            delivery = await asyncio.to_thread(outbox.claim, store, platform.name, worker)
            if delivery is None:
                await asyncio.sleep(POLL_SECONDS)
            else:
                await _deliver(store, platform, delivery)
        except outbox.DeliveryLost as error:
            log.info("delivery lost", reason=str(error))
        except Exception as error:  # the database is busy, the disk full: what is not delivered stays where it is
            log.error("cannot deliver", platform=platform.name, error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def _deliver(store: Storage, platform: Platform, delivery: outbox.Delivery) -> None:
    """Send one message, and note how that went. Raises DeliveryLost."""
    try:
        message = await asyncio.to_thread(compose, store, delivery)
        await platform.send(message, _Parts(store, delivery, dict(delivery.sent)))
        await insist(outbox.delivered, store, delivery)
    except outbox.DeliveryLost:
        raise
    except Later as later:
        await insist(outbox.postpone, store, delivery, later.seconds, str(later))
    except Never as never:
        log.info("undeliverable", delivery=delivery.id, reason=str(never))
        await insist(outbox.undeliverable, store, delivery, str(never))
    except Exception as error:
        log.warning("cannot send", delivery=delivery.id, error=type(error).__name__, exc_info=True)
        why = type(error).__name__
        await insist(outbox.postpone, store, delivery, RETRY_SECONDS, why, counts=True)


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


def asleep(store: Storage, job: Job) -> float:
    """For how many seconds a job has waited without any worker being heard of; 0 when one is there."""
    return 0.0 if jobs.capabilities(store).alive else max(0.1, store.now() - job.created_at)


def concept_name(store: Storage, id: int) -> str:
    """What a concept is called; empty when it has been forgotten."""
    try:
        return concepts.get(store, id).name
    except HeyingError:
        return ""
