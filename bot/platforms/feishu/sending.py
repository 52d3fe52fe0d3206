"""Messages of ours on 飞书: pictures as picture messages, words with buttons as a card below them.

A picture in a card could not be sent on, kept as a sticker or fetched again, and may be 1500 × 3000 pixels at most. Sending
has a uuid: what is sent a second time within an hour stands in the chat once, so nothing has to be looked for.
"""

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import numbered, pictures, provenance, replies, stickers
from bot.platforms import Button, Never, Outgoing, Parts
from bot.platforms.feishu.api import GONE, Api, Refused
from bot.platforms.feishu.events import place_of
from storage import HeyingError, Storage, files, photos, retention

SIDE = 12_000  # pixels of a picture
FILE_BYTES = 30_000_000
ARCHIVE_BYTES = 2_000_000_000  # that are looked at
LABEL = 100  # characters of a button
MESSAGES = "/open-apis/im/v1/messages"

Paced = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Part:
    """One message of 飞书. ``kind``: "text", "card", "image" or "file"; ``photos``: SHA-256 of what it shows, or is
    about."""

    name: str
    kind: str
    text: str = ""
    photos: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()


def parts_of(message: Outgoing) -> tuple[Part, ...]:
    """The messages that show a message, the words last; files come after the words that announce them."""
    return tuple(_lay_out(numbered.with_original(message)))


def _lay_out(message: Outgoing) -> Iterator[Part]:
    shown = (*message.images, *message.stickers)
    if not message.files:
        for index, sha256 in enumerate(shown):
            yield Part(f"image{index}", "image", photos=(sha256,))
    about = shown if len(shown) == 1 else ()  # whoever answers to the words means the picture above them
    if message.buttons:
        yield Part("card", "card", message.text, about, message.buttons)
    elif message.text:
        yield Part("text", "text", message.text, about)
    if message.files:
        for index, sha256 in enumerate(shown):
            yield Part(f"file{index}", "file", photos=(sha256,))
    if message.wanted == "archive":
        yield Part("archive", "file")
    if message.wanted == "pack" and message.pack is not None:
        yield Part("pack", "file")


async def send(store: Storage, api: Api, message: Outgoing, through: Parts, paced: Paced) -> None:
    """Send what is not through yet. ``paced`` waits until the next message may go. Raises Later, Never, Refused."""
    for part in parts_of(message):
        if through.receipt(part.name) is not None:
            continue
        content = await _content(store, api, message, part, through)
        await paced()
        number = await _post(api, message, part, content)
        await through.through(part.name, {"messages": [number], "photos": list(part.photos)})


async def _content(store: Storage, api: Api, message: Outgoing, part: Part, through: Parts) -> tuple[str, Any]:
    """(msg_type, content) of a part; what is to be uploaded has been."""
    if part.kind == "text":
        return "text", {"text": plain(part.text)}
    if part.kind == "card":
        return "interactive", card(message.chat, part.text, part.buttons)
    kept = through.receipt(f"key:{part.name}")
    if kept is None:
        made = await asyncio.to_thread(_image if part.kind == "image" else _file, store, message, part)
        if isinstance(made, str):
            return "text", {"text": made}
        kept = {"key": await _upload(api, part.kind, *made), "messages": [], "photos": []}
        await through.through(f"key:{part.name}", kept)
    return part.kind, {f"{part.kind}_key": kept["key"]}


async def _upload(api: Api, kind: str, name: str, data: bytes) -> str:
    """Hand a picture or a file to 飞书; its key. One that is not used in the end does no harm."""
    if kind == "image":
        fields = {"data": {"image_type": "message"}, "files": {"image": (name, data, pictures.type_of(data))}}
    else:
        fields = {"data": {"file_type": "stream", "file_name": name}, "files": {"file": (name, data)}}
    return str((await api.call("POST", f"/open-apis/im/v1/{kind}s", **fields))[f"{kind}_key"])


async def _post(api: Api, message: Outgoing, part: Part, content: tuple[str, Any]) -> str:
    """Send one message; its number. In groups it answers to whoever asked, as long as their message is there."""
    kind, piece = content
    body = {"msg_type": kind, "content": json.dumps(piece, ensure_ascii=False), "uuid": _uuid(message, part)}
    alone = part.name == "archive"  # everything of a person goes to them alone
    if message.answers and message.chat != message.user and not alone:
        try:
            answer = await api.call("POST", f"{MESSAGES}/{message.answers}/reply", json=body)
            return str(answer["message_id"])
        except Refused as refused:
            if refused.code not in GONE:
                raise
    type_, id = place_of(message.user if alone else message.chat)
    answer = await api.call("POST", MESSAGES, params={"receive_id_type": type_}, json={"receive_id": id, **body})
    return str(answer["message_id"])


def _uuid(message: Outgoing, part: Part) -> str:
    return hashlib.sha256(f"{message.key}\0{part.name}".encode()).hexdigest()[:40]


def plain(text: str) -> str:
    """Words that 飞书 shows as they are: <at user_id="all"> in somebody's sentence must not call everybody."""
    return text.replace("<", "＜")


def card(chat: str, text: str, buttons: tuple[Button, ...]) -> dict[str, Any]:
    """Words with buttons. A press comes back with the value of its button (events.py)."""
    words = [{"tag": "div", "text": {"tag": "plain_text", "content": text}}] if text else []
    row = {"tag": "action", "layout": "flow", "actions": [_button(chat, button) for button in buttons]}
    return {"config": {"update_multi": True, "enable_forward": False}, "elements": [*words, row]}


def _button(chat: str, button: Button) -> dict[str, Any]:
    return {
        "tag": "button",
        "text": {"tag": "plain_text", "content": button.label[:LABEL]},
        "type": "primary" if button.main else "default",
        "value": {"action": button.action, "label": button.label, "chat": chat},
    }


def _image(store: Storage, message: Outgoing, part: Part) -> tuple[str, bytes]:
    data = pictures.light(pictures.within(_read(store, part.photos[0]), SIDE), provenance.maker(store))
    return f"heying.{pictures.ending(data)}", data


def _file(store: Storage, message: Outgoing, part: Part) -> tuple[str, bytes] | str:
    """(name, bytes) of a file; the sentence that takes its place when 飞书 does not carry it."""
    if part.name == "archive":
        with tempfile.TemporaryDirectory(prefix="heying-") as folder:
            path = Path(folder) / "heying.zip"
            retention.export(store, message.user, path)
            data = files.read(path, ARCHIVE_BYTES)
        return ("heying.zip", data) if len(data) <= FILE_BYTES else replies.archive_too_big(len(data), FILE_BYTES)
    if part.name == "pack" and message.pack is not None:
        return "stickers.zip", stickers.archive(store, message.pack, message.user, None, tuple(stickers.FORMATS))
    data = pictures.as_file(_read(store, part.photos[0]), FILE_BYTES)
    return f"heying-{part.photos[0][:8]}.{pictures.ending(data)}", data


def _read(store: Storage, sha256: str) -> bytes:
    try:
        return photos.read(store, sha256)
    except HeyingError as error:
        raise Never("a picture is gone") from error


def pressed(label: str) -> Mapping[str, Any]:
    """What a press is answered with at once: a word at the top of the screen."""
    return {"toast": {"type": "info", "content": replies.pressed(label)}}
