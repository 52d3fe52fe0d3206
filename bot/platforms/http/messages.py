"""What a call says: JSON → Incoming, Outgoing → JSON. docs/http.md is the reference for the other side.

Names of people and chats are the other side's; here they become "http:<bridge>/<name>", so that two bots at one endpoint
never get each other's answers.
"""

import base64
import binascii
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot import numbered, pictures, provenance, replies, stickers
from bot.intake import take_in
from bot.platforms import Incoming, Leave, Outgoing
from storage import HeyingError, Storage, chats, files, outbox, photos, retention

NAME = "http"
MOST_PHOTOS = 30
BUTTONS = "http:buttons"  # the preference of people whose chat shows buttons
Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
Bridge = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class Unreadable(ValueError):
    """A call that cannot be understood; str() is a Chinese sentence."""


class Part(BaseModel):
    """Of what the other side sends; nothing that we do not know is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Picture(Part):
    """A picture inside the JSON."""

    data: str
    name: str = Field(default="", max_length=200)


class Ticket(Part):
    """Leave to answer (storage.tickets)."""

    value: Id
    seconds: float = Field(gt=0, le=86400 * 7)
    uses: int = Field(ge=1, le=1000)


class Message(Part):
    """One message. ``chat`` is empty where somebody talks to the bot alone; ``photos`` come in the JSON or as files."""

    id: Id
    bridge: Bridge = "bot"
    user: Id
    chat: str = Field(default="", max_length=200, pattern=r"^[!-~]*$")
    text: str = Field(default="", max_length=20000)
    action: str = Field(default="", max_length=64)
    message: str = Field(default="", max_length=200)
    answers: str = Field(default="", max_length=200)
    photos: tuple[Picture, ...] = Field(default=(), max_length=MOST_PHOTOS)
    replied: tuple[Picture, ...] = Field(default=(), max_length=MOST_PHOTOS)
    ticket: Ticket | None = None
    buttons: bool = False


def within(bridge: str) -> str:
    """How the names of a bridge's people and chats begin."""
    return f"{NAME}:{bridge}/"


def read(text: bytes | str) -> Message:
    """The message of a call. Raises Unreadable."""
    try:
        return Message.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise Unreadable(f"请求读不懂，{where} 不对：{first['msg']}。写法见 docs/http.md。") from None


def take(store: Storage, message: Message, sent: Sequence[tuple[str, bytes]] = ()) -> Incoming:
    """The message with its photos taken in; ``sent`` are further (name, bytes). Raises Unreadable, StorageError."""
    user, chat = f"{within(message.bridge)}{message.user}", f"{within(message.bridge)}{message.chat or message.user}"
    kept: list[str] = []
    problems: list[str] = []
    for name, data in [*((one.name, _bytes(one)) for one in message.photos), *sent]:
        try:
            kept.append(take_in(store, data, user).sha256)
        except HeyingError as error:
            problems.append(replies.about_file(name, error.sentence))
    shown = outbox.shown(store, chat, message.answers) if message.answers else ()
    replied = list(shown)
    for one in () if shown else message.replied:
        try:
            replied.append(take_in(store, _bytes(one), user).sha256)
        except HeyingError as error:
            problems.append(replies.about_file(one.name, error.sentence))
    if bool(chats.preference(store, user, BUTTONS)) != message.buttons:
        chats.prefer(store, user, BUTTONS, message.buttons or None)
    leave = Leave(message.ticket.value, message.ticket.seconds, message.ticket.uses) if message.ticket else None
    return Incoming(
        NAME,
        f"{message.bridge}/{message.id}",
        chat,
        user,
        message.text,
        photos=tuple(kept),
        problems=tuple(problems),
        replied=tuple(replied),
        action=message.action,
        message=message.message,
        leave=leave,
        numbered=not message.buttons,
    )


def write(store: Storage, message: Outgoing) -> dict[str, Any]:
    """A message as JSON. Pictures are at most a megabyte unless they are wanted as files. Raises HeyingError when one is
    gone."""
    message = numbered.with_original(message)
    if not chats.preference(store, message.user, BUTTONS):
        message = numbered.spelt(message)
    fields: dict[str, Any] = {
        "key": message.key,
        "chat": _name(message.chat) if message.chat != message.user else "",
        "user": _name(message.user),
        "text": message.text,
        "numbers": list(message.numbers),
        "pictures": [_picture(store, sha256, message.files) for sha256 in (*message.images, *message.stickers)],
        "files": [],
        "buttons": [{"label": button.label, "action": button.action} for button in message.buttons],
        "answers": message.answers or "",
        "ticket": message.ticket,
    }
    if message.wanted == "archive":  # for nobody else's eyes: to them alone, not into the group
        return {**fields, "chat": "", "files": [_file("heying.zip", _archive(store, message.user))]}
    if message.wanted == "pack" and message.pack is not None:
        data = stickers.archive(store, message.pack, message.user)
        fields["files"] = [_file("stickers.zip", data)]
    return fields


def _picture(store: Storage, sha256: str, whole: bool) -> dict[str, str]:
    data = photos.read(store, sha256)
    shown = data if whole else pictures.light(data, provenance.maker(store))
    kind = pictures.type_of(shown)
    name = f"heying-{sha256[:8]}.{kind.rpartition('/')[2]}"
    return {"sha256": sha256, "name": name, "type": kind, "data": base64.b64encode(shown).decode()}


def _file(name: str, data: bytes) -> Mapping[str, str]:
    return {"name": name, "type": "application/zip", "data": base64.b64encode(data).decode()}


def _archive(store: Storage, user: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="heying-") as folder:
        path = Path(folder) / "heying.zip"
        retention.export(store, user, path)
        return files.read(path, 2_000_000_000)


def _name(whom: str) -> str:
    return whom.partition("/")[2]


def _bytes(picture: Picture) -> bytes:
    try:
        return base64.b64decode(picture.data, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(
            "图片的 data 不是 Base64。请把文件的字节用标准 Base64 编码，不要换行，也不要加 data: 开头。"
        ) from None
