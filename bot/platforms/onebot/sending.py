"""Messages of ours on QQ: in parts of at most four light pictures, and looked for before they are sent a second time.

Bridges report uploads as failed that arrive a minute later (menglimi#252: 1.4 to 2.1 MB took 65 to 130 s). So before a
part is tried again, the chat's history is asked whether it stands there.
"""

import asyncio
import base64
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import numbered, pictures, provenance, stickers
from bot.platforms import Never, Outgoing, Parts
from bot.platforms.onebot.events import NAME, segments
from storage import HeyingError, Storage, files, photos, retention

AT_ONCE = 4  # pictures in a message: more than sixteen within two minutes time out (AstrBot#5022)
LOOK_SECONDS = (2.0, 8.0)  # after a failure, until the history is asked
HISTORY, EARLY = 20, 5  # messages that are looked through; seconds that clocks may differ
FILE_BYTES = 100_000_000

Call = Callable[..., Awaitable[Any]]


class Failed(Exception):
    """The bridge says that a call has failed, or says nothing."""


class Lost(Exception):
    """A message was not sent, and does not stand in the chat's history."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of QQ, or a file. ``photos``: SHA-256 of what it shows."""

    name: str
    text: str = ""
    photos: tuple[str, ...] = ()
    file: str = ""


def parts_of(message: Outgoing) -> tuple[Part, ...]:
    """The messages that show a message, the words on the last."""
    message = numbered.spelt(numbered.with_original(message))
    if message.wanted == "archive":
        return (Part("text", message.text), Part("archive", file="heying.zip"))
    return tuple(_split(message))


def _split(message: Outgoing) -> Iterator[Part]:
    shown = (*message.images, *message.stickers)
    if message.files:
        yield Part("text", message.text)
        for index, sha256 in enumerate(message.images):
            yield Part(f"file{index}", photos=(sha256,), file=f"heying-{sha256[:8]}")
        return
    for first in range(0, len(shown), AT_ONCE):
        last = first + AT_ONCE >= len(shown)
        yield Part(f"pictures{first}", message.text if last else "", shown[first : first + AT_ONCE])
    if not shown:
        yield Part("text", message.text)
    if message.wanted == "pack" and message.pack is not None:
        yield Part("pack", file="stickers.zip")


async def send(store: Storage, call: Call, message: Outgoing, through: Parts) -> None:
    """Send what is not through yet. ``call(action, **params)`` raises Failed. Raises Lost, Never."""
    for part in parts_of(message):
        if through.receipt(part.name) is not None or not (part.text or part.photos or part.file):
            continue
        number = await _part(store, call, message, part, through)
        await through.through(part.name, {"messages": [number] if number else [], "photos": list(part.photos)})


async def _part(store: Storage, call: Call, message: Outgoing, part: Part, through: Parts) -> str:
    """Send one part; what the bridge calls it. Raises Lost."""
    place = _place(message, alone=part.name == "archive")  # everything of a person goes to them alone
    file = await asyncio.to_thread(_file, store, message, part) if part.file else None
    if file is None:
        body = await asyncio.to_thread(_body, store, message, part)
    else:
        body = [{"type": "file", "data": {"file": file[0]}}]  # as the history shows it
    tried = through.receipt(f"try:{part.name}")
    if tried is not None and (found := await _standing(call, place, body, tried["at"])):
        return found
    at = time.time()
    await through.through(f"try:{part.name}", {"at": at, "messages": [], "photos": []})
    try:
        if file is not None:
            await _upload(call, place, *file)
            return ""
        return str((await call("send_msg", **place, message=body))["message_id"])
    except Failed as failed:
        for seconds in LOOK_SECONDS:
            await asyncio.sleep(seconds)
            if found := await _standing(call, place, body, at):
                return found
        raise Lost(str(failed)) from None


async def _standing(call: Call, place: Mapping[str, Any], body: Sequence[Mapping[str, Any]], since: float) -> str:
    """The number under which a message stands in the chat already; empty when it does not, or nobody can say."""
    if "group_id" in place:
        asked = call("get_group_msg_history", group_id=place["group_id"], count=HISTORY)
    else:
        asked = call("get_friend_msg_history", user_id=place["user_id"], count=HISTORY)
    try:
        reply = await asked
    except Failed:
        return ""
    for one in reversed(reply.get("messages", ())):
        ours = str(one.get("user_id")) == str(one.get("self_id"))
        if ours and one.get("time", 0) >= since - EARLY and _looks(segments(one.get("message"))) == _looks(body):
            return str(one.get("message_id", ""))
    return ""


def _looks(message: Sequence[Mapping[str, Any]]) -> tuple[str, int, tuple[str, ...]]:
    """What two messages are told apart by: words, number of pictures, names of files."""
    text = "".join(str(part["data"].get("text", "")) for part in message if part["type"] == "text")
    names = tuple(str(part["data"].get("file", "")) for part in message if part["type"] == "file")
    return "".join(text.split()), sum(part["type"] == "image" for part in message), names


def _place(message: Outgoing, alone: bool = False) -> dict[str, Any]:
    """Where a message goes."""
    chat = message.user if alone else message.chat
    where = chat.removeprefix(f"{NAME}:").partition(".")[2]
    if where.startswith("g"):
        return {"message_type": "group", "group_id": int(where[1:])}
    return {"message_type": "private", "user_id": int(where)}


def _body(store: Storage, message: Outgoing, part: Part) -> list[dict[str, Any]]:
    """The segments of a message; in groups it answers to whoever asked."""
    body: list[dict[str, Any]] = []
    if part.text and message.answers and message.chat != message.user:
        body.append({"type": "reply", "data": {"id": message.answers}})
    for sha256 in part.photos:
        data = pictures.light(_read(store, sha256), provenance.maker(store))
        body.append({"type": "image", "data": {"file": f"base64://{base64.b64encode(data).decode()}"}})
    if part.text:
        body.append({"type": "text", "data": {"text": part.text}})
    return body


async def _upload(call: Call, place: Mapping[str, Any], name: str, data: bytes) -> None:
    """Send a file."""
    params = {"file": f"base64://{base64.b64encode(data).decode()}", "name": name}
    if "group_id" in place:
        await call("upload_group_file", group_id=place["group_id"], **params)
    else:
        await call("upload_private_file", user_id=place["user_id"], **params)


def _file(store: Storage, message: Outgoing, part: Part) -> tuple[str, bytes]:
    if part.name == "archive":
        with tempfile.TemporaryDirectory(prefix="heying-") as folder:
            path = Path(folder) / part.file
            retention.export(store, message.user, path)
            return part.file, files.read(path, FILE_BYTES)
    if part.name == "pack" and message.pack is not None:
        return part.file, stickers.archive(store, message.pack, message.user)
    data = _read(store, part.photos[0])
    return f"{part.file}.{pictures.type_of(data).rpartition('/')[2]}", data


def _read(store: Storage, sha256: str) -> bytes:
    try:
        return photos.read(store, sha256)
    except HeyingError as error:
        raise Never("a picture is gone") from error
