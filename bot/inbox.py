"""② What comes in: a committed row first, then an answer. Rows survive a crash, and each is answered once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from bot import dialogue, replies
from bot.platforms import Incoming
from bot.talk import Talk
from storage import HeyingError, Storage, inbox

POLL_SECONDS = 0.15

log = structlog.get_logger()


def receive(store: Storage, told: Incoming, album: str | None = None) -> bool:
    """Commit a message; False when this update has been received before. Acknowledge it after this returns."""
    extra = {"action": told.action, "problems": list(told.problems), "replied": list(told.replied)}
    row = inbox.receive(
        store,
        platform=told.platform,
        update_id=told.update_id,
        chat=told.chat,
        user=told.user,
        text=told.text,
        photos=told.photos,
        data={name: value for name, value in extra.items() if value},
        album=album,
    )
    return row is not None


def work_off(store: Storage, platform: str, worker: str) -> bool:
    """Answer the next message (or album) that is due; False when there is none."""
    received = inbox.take(store, worker, platform=platform)
    if not received:
        return False
    told = _gather(received)
    key = f"in:{received[0].id}"
    try:
        with store.atomic():
            dialogue.answer(Talk(store, told, key))
            inbox.done(store, received)
    except HeyingError as error:
        log.info("refused", message=received[0].id, reason=str(error))
        _apologise(store, told, key, error.sentence, lambda: inbox.done(store, received))
    except Exception:
        log.exception("broken", message=received[0].id)
        _apologise(store, told, key, replies.BROKEN, lambda: inbox.failed(store, received))
    return True


async def run(store: Storage, platform: str, worker: str) -> None:
    """Answer what comes in on a platform until cancelled; a message that is being answered is answered to its end."""
    while True:
        if not await asyncio.shield(asyncio.to_thread(work_off, store, platform, worker)):
            await asyncio.sleep(POLL_SECONDS)


def _gather(received: tuple[inbox.Received, ...]) -> Incoming:
    """An album as one message: all photos, the caption wherever it stood."""
    first = received[0]
    told = Incoming(first.platform, first.update_id, first.chat, first.user)
    for row in received:
        told = replace(
            told,
            text="\n".join(filter(None, (told.text, row.text))),
            photos=told.photos + row.photos,
            problems=told.problems + tuple(row.data.get("problems", ())),
            replied=told.replied + tuple(row.data.get("replied", ())),
            action=told.action or row.data.get("action", ""),
        )
    return told


def _apologise(store: Storage, told: Incoming, key: str, sentence: str, close: Callable[[], None]) -> None:
    """What the handling had begun has been rolled back; say why instead."""
    with store.atomic():
        Talk(store, told, f"{key}:sorry").say(sentence)
        close()
