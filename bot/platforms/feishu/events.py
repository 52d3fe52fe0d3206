"""What an event of 飞书 says to us: https://open.feishu.cn/document/server-docs/im-v1/message/events/receive

In groups we listen when we are spoken to: @ us, or an answer to a message of ours. Whoever talks to us alone is in the chat
"feishu:<their open_id>", groups are "feishu:<chat_id>".
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot import replies
from bot.platforms import Incoming, Member

NAME = "feishu"
PICTURE = re.compile(r"\.(png|jpe?g|webp|bmp|gif|heic|avif)$", re.IGNORECASE)
ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Heard:
    """``files`` are still to be fetched; ``answering`` is the message that this one answers; ``to_us``: it is said to us,
    else only if that message is ours."""

    incoming: Incoming
    files: tuple[dict[str, Any], ...] = ()
    answering: str = ""
    to_us: bool = True


def hear(event: Mapping[str, Any], me: str) -> Heard | None:
    """What an event says to the bot ``me`` (its open_id); None when it is none of our business, or is no event."""
    header, details = _dict(event.get("header")), _dict(event.get("event"))
    number = str(header.get("event_id", ""))
    match header.get("event_type"):
        case "im.message.receive_v1":
            return _message(_dict(details.get("message")), _dict(details.get("sender")), me)
        case "card.action.trigger" if ID.fullmatch(number):
            return _press(number, details)
        case "im.chat.member.bot.added_v1" if ID.fullmatch(number):
            return _arrival(number, details)
    return None


def picture_files(message: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The pictures of a message that was fetched (its type is called msg_type there)."""
    content = _object(_dict(message.get("body")).get("content"))
    return tuple(_files(str(message.get("message_id", "")), str(message.get("msg_type", "")), content))


def place_of(chat: str) -> tuple[str, str]:
    """How 飞书 calls a chat of ours: (receive_id_type, receive_id)."""
    id = chat.removeprefix(f"{NAME}:")
    return ("chat_id" if id.startswith("oc_") else "open_id"), id


def _message(message: Mapping[str, Any], sender: Mapping[str, Any], me: str) -> Heard | None:
    person = str(_dict(sender.get("sender_id")).get("open_id", ""))
    number, room = str(message.get("message_id", "")), str(message.get("chat_id", ""))
    if sender.get("sender_type") != "user" or not all(map(ID.fullmatch, (person, number, room))):
        return None
    kind, content = str(message.get("message_type", "")), _object(message.get("content"))
    mentioned = _dicts(message.get("mentions"))
    at_us = any(_dict(one.get("id")).get("open_id") == me for one in mentioned)
    text = _named(_text(kind, content), mentioned, me)
    files = tuple(_files(number, kind, content))
    problems = () if files or text else _problems(kind)
    alone, answering = message.get("chat_type") == "p2p", str(message.get("parent_id") or "")
    action = (
        "start" if at_us and not (text or files or problems or answering) else ""
    )  # @合影 and no more: who is that?
    if not (alone or at_us or answering) or not (files or text or problems or answering or action):
        return None
    user = f"{NAME}:{person}"
    chat = user if alone else f"{NAME}:{room}"
    # the same message under two event_ids is one message: 飞书's own page says to go by message_id
    incoming = Incoming(
        NAME,
        number,
        chat,
        user,
        text,
        problems=problems,
        action=action,
        message=number,
        mentioned=tuple(_others(mentioned, me)),
        avatars=True,
    )
    return Heard(incoming, files, answering, alone or at_us)


def _others(mentioned: list[Mapping[str, Any]], me: str) -> Iterator[Member]:
    """Who is named by @, but for us."""
    for one in mentioned:
        person = str(_dict(one.get("id")).get("open_id", ""))
        if person != me and ID.fullmatch(person):
            yield Member(f"{NAME}:{person}", str(one.get("name", "")))


def _text(kind: str, content: Mapping[str, Any]) -> str:
    """The words of a message, people in them as @_user_1."""
    if kind == "text":
        return str(content.get("text", "")).strip()
    if kind != "post":
        return ""
    lines = [str(content.get("title", ""))]
    lines += ["".join(_words(part) for part in line) for line in _lines(content)]
    return "\n".join(line for line in map(str.strip, lines) if line)


def _words(part: Mapping[str, Any]) -> str:
    return str(part.get("user_id" if part.get("tag") == "at" else "text", ""))


def _lines(content: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    """The lines of a post, each of parts."""
    lines = content.get("content")
    yield from map(_dicts, lines if isinstance(lines, list) else ())


def _named(text: str, mentioned: list[Mapping[str, Any]], me: str) -> str:
    """A text with people's names for their keys; ours is left out."""
    names = {
        str(one.get("key", "")): "" if _dict(one.get("id")).get("open_id") == me else str(one.get("name", ""))
        for one in mentioned
    }
    return re.sub(r"@_(?:user_\d+|all)(?!\d)", lambda key: names.get(key[0], ""), text).strip()


def _files(number: str, kind: str, content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The pictures in a message: as a picture, among the words of a post, as a file."""
    if kind == "image":
        yield {"message": number, "key": str(content.get("image_key", "")), "type": "image"}
    if kind == "post":
        for part in (part for line in _lines(content) for part in line if part.get("tag") == "img"):
            yield {"message": number, "key": str(part.get("image_key", "")), "type": "image"}
    name = str(content.get("file_name", ""))
    if kind == "file" and PICTURE.search(name):
        yield {"message": number, "key": str(content.get("file_key", "")), "type": "file", "name": name[-80:]}


def _problems(kind: str) -> tuple[str, ...]:
    """The sentence on a message without words or pictures."""
    if kind == "merge_forward":
        return (replies.MERGED_FORWARD,)
    return (replies.NOT_A_PHOTO,) if kind in ("file", "media", "audio", "sticker", "folder") else ()


def _press(number: str, fields: Mapping[str, Any]) -> Heard | None:
    """A button; its value is ours (sending.card). A card that was forwarded to somebody else does nothing."""
    value = _dict(_dict(fields.get("action")).get("value"))
    action, label, chat = (value.get(name) for name in ("action", "label", "chat"))
    person = str(_dict(fields.get("operator")).get("open_id", ""))
    room = str(_dict(fields.get("context")).get("open_chat_id", ""))
    if not (isinstance(action, str) and isinstance(label, str) and isinstance(chat, str) and ID.fullmatch(person)):
        return None
    if chat != (f"{NAME}:{room}" if place_of(chat)[0] == "chat_id" else f"{NAME}:{person}"):
        return None
    return Heard(Incoming(NAME, number, chat, f"{NAME}:{person}", text=label, action=action))


def _arrival(number: str, fields: Mapping[str, Any]) -> Heard | None:
    """We have been added to a group."""
    room, person = str(fields.get("chat_id", "")), str(_dict(fields.get("operator_id")).get("open_id", ""))
    if not (ID.fullmatch(room) and ID.fullmatch(person)):
        return None
    return Heard(Incoming(NAME, number, f"{NAME}:{room}", f"{NAME}:{person}", action="start"))


def _dict(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


def _dicts(data: Any) -> list[Mapping[str, Any]]:
    return [one for one in data if isinstance(one, Mapping)] if isinstance(data, list) else []


def _object(text: Any) -> Mapping[str, Any]:
    """The JSON object in a string; {} for anything else."""
    try:
        return _dict(json.loads(text)) if isinstance(text, str) else {}
    except ValueError:
        return {}
