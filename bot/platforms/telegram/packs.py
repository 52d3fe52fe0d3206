"""A sticker pack in Telegram: one tap makes the set, later taps bring it up to date
(https://core.telegram.org/bots/api#stickers).

The set is made to hold what the pack holds: what it lacks is added, what it holds besides is taken out. So whatever a
crash leaves behind is put right by doing the same again, and no sticker gets in twice.
"""

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

from bot import replies
from bot.platforms import Outgoing
from bot.platforms.telegram.api import Api, Refused
from bot.platforms.telegram.layout import as_sticker
from bot.platforms.telegram.updates import chat_id
from storage import HeyingError, Storage, packs, photos
from storage.packs import Pack, PackError, Sticker

AT_CREATION = 50


async def publish(store: Storage, api: Api, message: Outgoing) -> Outgoing:
    """Bring a pack's set up to date; the message that says so. Raises Later."""
    assert message.pack is not None
    try:
        pack = packs.get(store, message.pack, message.user)
        if not pack.stickers:
            return replace(message, text=replies.EMPTY_PACK, wanted="")
        name = set_name(pack, api.me.username)
        before = {one.receipt for one in pack.stickers}
        await _bring_up_to_date(store, api, pack, name)
    except HeyingError as error:
        return replace(message, text=error.sentence, wanted="")
    except Refused as refused:
        return replace(message, text=replies.pack_refused(str(refused), api.me.username), wanted="")
    added = sum(one.receipt not in before for one in packs.get(store, pack.id, pack.owner).stickers)
    text = replies.pack_added(pack.title, added, f"https://t.me/addstickers/{name}")
    return replace(message, text=text, wanted="")


def set_name(pack: Pack, bot: str) -> str:
    """A name that nobody else has and that is the same at every attempt: letters, digits and single _, at most 64."""
    digest = hashlib.sha256(f"{pack.owner}:{pack.id}:{pack.created_at}".encode()).hexdigest()[:12]
    return pack.set_name or f"heying_{pack.id}_{digest}_by_{bot}"


async def _bring_up_to_date(store: Storage, api: Api, pack: Pack, name: str) -> None:
    there = await _there(api, name)
    if there is None:
        await _create(store, api, pack, name)
        there = await _there(api, name) or {}
    if pack.set_name is None and len(there) == len(pack.stickers[:AT_CREATION]):  # just made, or before a crash
        for one, unique in zip(pack.stickers, there, strict=False):
            await asyncio.to_thread(packs.received, store, one.id, pack.owner, unique)
        pack = packs.get(store, pack.id, pack.owner)
    if pack.set_name != name:
        packs.published(store, pack.id, pack.owner, name)
    if any(_known(pack, unique) for unique in there):  # a set without stickers would be gone: then first in, then out
        await _take_out(api, pack, there)
    for one in pack.stickers:
        if one.receipt in there:
            continue
        sticker = await _input(store, api, one)
        await api.call("add_sticker_to_set", user_id=chat_id(pack.owner), name=name, sticker=sticker)
        unique = list(await _there(api, name) or {})[-1]
        await asyncio.to_thread(packs.received, store, one.id, pack.owner, unique)
    await _take_out(api, packs.get(store, pack.id, pack.owner), await _there(api, name) or {})


def _known(pack: Pack, unique: str) -> bool:
    return any(one.receipt == unique for one in pack.stickers)


async def _take_out(api: Api, pack: Pack, there: dict[str, str]) -> None:
    """Take out of the set what the pack does not hold."""
    for unique, file in there.items():
        if not _known(pack, unique):
            await api.call("delete_sticker_from_set", sticker=file)


async def _create(store: Storage, api: Api, pack: Pack, name: str) -> None:
    """Make the set with the first stickers; a set is one call, so it is there whole or not at all."""
    await api.call(
        "create_new_sticker_set",
        user_id=chat_id(pack.owner),
        name=name,
        title=pack.title,
        stickers=[await _input(store, api, one) for one in pack.stickers[:AT_CREATION]],
    )


async def _there(api: Api, name: str) -> dict[str, str] | None:
    """What the set holds, in its order: file_unique_id → file_id. None when there is no such set."""
    try:
        known = await api.call("get_sticker_set", name=name)
    except Refused as refused:
        if "STICKERSET_INVALID" in str(refused).upper():  # python-telegram-bot writes it its own way
            return None
        raise
    return {one.file_unique_id: one.file_id for one in known.stickers}


async def _input(store: Storage, api: Api, one: Sticker) -> Any:
    data, ending = await asyncio.to_thread(as_sticker, photos.read(store, one.photo))
    if ending == "gif":
        raise PackError(replies.NO_MOVING_STICKERS, "a moving pack without PyAV")
    file = api.file(data, f"{one.id}.{ending}", inside=True)
    kind = "video" if ending == "webm" else "static"
    return api.types.InputSticker(sticker=file, format=kind, emoji_list=packs.emoji_list(one.emoji))
