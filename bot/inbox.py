"""② What comes in: a committed row first, then an answer. Rows survive a crash, and each is answered once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import structlog

from bot import dialogue, endpoint, numbered, replies
from bot.intake import take_in
from bot.platforms import Fetch, Incoming, Member
from bot.retry import TROUBLE, insist
from bot.turn import Turn
from storage import HeyingError, Storage, inbox, regions, tickets

POLL_SECONDS = 0.15
FETCH_SECONDS = 600.0  # that the files of one message may take
TROUBLE_SECONDS = 2.0

_decoding = ThreadPoolExecutor(8, thread_name_prefix="photo")  # wait for the decoders: not in everybody's pool

log = structlog.get_logger()


def receive(
    store: Storage,
    incoming: Incoming,
    album: str | None = None,
    files: Sequence[Mapping[str, Any]] = (),
    overheard: bool = False,
) -> bool:
    """Commit a message; False when this update has been received before. Acknowledge it after this returns.

    ``files`` are what the platform's ``fetch`` gets the photos by; ``overheard``: it is not said to us, unless another
    message of its album is.
    """
    extra = {
        "action": incoming.action,
        "problems": list(incoming.problems),
        "replied": list(incoming.replied),
        "message": incoming.message,
        "files": list(files),
        "overheard": overheard,
        "numbered": incoming.numbered,
        "points": [list(point) for point in incoming.points],
        "regions": [region.to_json() for region in incoming.regions],
        "mentioned": [[one.user, one.name] for one in incoming.mentioned],
        "handle": incoming.handle,
        "avatars": incoming.avatars,
    }
    if not store.settings.access.admits(incoming.user, incoming.chat):
        log.info("not served", platform=incoming.platform)
        return True  # acknowledged, and nothing is kept
    with store.atomic():
        row = inbox.receive(
            store,
            platform=incoming.platform,
            update_id=incoming.update_id,
            chat=incoming.chat,
            user=incoming.user,
            text=incoming.text[: store.settings.limits.characters + 1],  # one more says that it was too long
            photos=incoming.photos,
            data={name: value for name, value in extra.items() if value},
            album=album,
        )
        if row is not None and incoming.leave is not None:
            tickets.grant(
                store, incoming.chat, incoming.user, incoming.leave.value, incoming.leave.seconds, incoming.leave.uses
            )
        elif row is not None:
            tickets.unlimited(store, incoming.chat, incoming.user)
    return row is not None


def work_off(store: Storage, platform: str, worker: str) -> bool:
    """Answer the next message (or album) that is due; False when there is none."""
    received = inbox.take(store, worker, platform=platform)
    if received:
        _answer(store, received)
    return bool(received)


async def run(store: Storage, platform: str, worker: str, fetch: Fetch | None = None) -> None:
    """Answer what comes in on a platform until cancelled; a message that is being answered is answered to its end."""
    while True:
        try:
            if not await _answer_next(store, platform, worker, fetch):
                await asyncio.sleep(POLL_SECONDS)
        except Exception as error:  # the database is busy, the disk full: what is not answered stays where it is
            log.error("cannot answer", platform=platform, error=type(error).__name__)
            await asyncio.sleep(TROUBLE_SECONDS)


async def _answer_next(store: Storage, platform: str, worker: str, fetch: Fetch | None) -> bool:
    """Answer the next message with the files that it names; False when there is none."""
    received = await asyncio.to_thread(inbox.take, store, worker, platform=platform, lease_seconds=FETCH_SECONDS)
    if not received:
        return False
    try:
        if fetch is not None and not _overheard(received):
            received = tuple([await _fetched(store, message, fetch) for message in received])
        await asyncio.shield(asyncio.to_thread(_answer, store, received))
    except Exception as error:
        await insist(inbox.put_back, store, received, counts=not isinstance(error, TROUBLE))
        raise
    return True


async def _fetched(store: Storage, message: inbox.Received, fetch: Fetch) -> inbox.Received:
    """A message with the photos that it named, and a sentence on each of those that are not usable."""
    if not message.data.get("files"):
        return message
    sent: list[str] = list(message.photos)
    answered: list[str] = []
    problems = []
    for file in message.data["files"]:
        try:
            data = await fetch(file)
            photo = await asyncio.get_running_loop().run_in_executor(_decoding, take_in, store, data, message.user)
            (answered if file.get("replied") else sent).append(photo.sha256)
        except HeyingError as error:
            log.info("no photo", message=message.id, reason=str(error))
            problems.append(replies.about_file(str(file.get("name", "")), error.sentence))
    return await asyncio.to_thread(inbox.fetched, store, message, sent, problems, answered)


def _overheard(received: Sequence[inbox.Received]) -> bool:
    return all(message.data.get("overheard") for message in received)


def _answer(store: Storage, received: tuple[inbox.Received, ...]) -> None:
    """Act upon a message (or an album) that has been taken, in one transaction."""
    if _overheard(received):
        return inbox.drop(store, received)
    incoming = numbered.pressed(store, _gather(received))
    key = f"in:{received[0].id}"
    try:
        heard = endpoint.heard(store, incoming)  # over the network, so before the transaction
        with store.atomic():
            dialogue.answer(Turn(store, incoming, key, heard=heard))
            inbox.done(store, received)
    except HeyingError as error:
        log.info("refused", message=received[0].id, reason=str(error))
        _apologise(store, incoming, key, error.sentence, lambda: inbox.done(store, received))
    except Exception:
        log.exception("broken", message=received[0].id)
        _apologise(store, incoming, key, replies.BROKEN, lambda: inbox.failed(store, received))
    return None


def _gather(received: tuple[inbox.Received, ...]) -> Incoming:
    """An album as one message: all photos, the caption wherever it stood."""
    first = received[0]
    incoming = Incoming(first.platform, first.update_id, first.chat, first.user)
    for row in received:
        incoming = replace(
            incoming,
            text="\n".join(filter(None, (incoming.text, row.text))),
            photos=incoming.photos + row.photos,
            problems=incoming.problems + tuple(row.data.get("problems", ())),
            replied=incoming.replied + tuple(row.data.get("replied", ())),
            action=incoming.action or row.data.get("action", ""),
            message=incoming.message or row.data.get("message", ""),
            numbered=incoming.numbered or row.data.get("numbered", False),
            points=incoming.points + tuple((float(x), float(y)) for x, y in row.data.get("points", ())),
            regions=incoming.regions + regions.from_json(row.data.get("regions", [])),
            mentioned=incoming.mentioned + tuple(Member(user, name) for user, name in row.data.get("mentioned", ())),
            handle=incoming.handle or row.data.get("handle", ""),
            avatars=incoming.avatars or row.data.get("avatars", False),
        )
    return incoming


def _apologise(store: Storage, incoming: Incoming, key: str, sentence: str, close: Callable[[], None]) -> None:
    """What the handling had begun has been rolled back; say why instead."""
    with store.atomic():
        Turn(store, incoming, f"{key}:sorry").say(sentence)
        close()
