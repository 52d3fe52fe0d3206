"""What an event of OneBot v11 says to us: https://github.com/botuniverse/onebot-11/blob/master/event/message.md

In groups we listen when we are spoken to: @ us, an answer to a message of ours, a number that we have asked for. Chats and
people are called "onebot:<our number>.g<group>" and "onebot:<our number>.<person>": two accounts of ours never meet.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import numbered
from bot.platforms import Incoming, Member
from storage import Storage, outbox

NAME = "onebot"
CODE = re.compile(r"\[CQ:(?P<type>[A-Za-z0-9_-]+)(?P<told>(?:,[^,\]]*)*)\]")
Segment = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """``files`` are still to be fetched; ``answering`` is a message that we do not know, whose pictures are meant, too;
    ``for_us``: it is said to us, else only if that message is ours."""

    incoming: Incoming
    files: tuple[dict[str, Any], ...] = ()
    answering: str = ""
    for_us: bool = True


def hear(store: Storage, event: Mapping[str, Any]) -> Heard | None:
    """What an event says to us; None when it is none of our business, or is no event."""
    if event.get("post_type") != "message" or event.get("message_type") not in ("private", "group"):
        return None
    us, person, number = (str(event.get(name, "")) for name in ("self_id", "user_id", "message_id"))
    group = str(event.get("group_id", "")) if event["message_type"] == "group" else ""
    if not (us.isdecimal() and person.isdecimal() and re.fullmatch(r"-?\d+", number)) or person == us:
        return None
    if event["message_type"] == "group" and not group.isdecimal():
        return None
    parts = segments(event.get("message", ""))
    user = f"{NAME}:{us}.{person}"
    chat = f"{NAME}:{us}.g{group}" if group else user
    text = "".join(str(part["data"].get("text", "")) for part in parts if part["type"] == "text").strip()
    answers = next((str(part["data"].get("id", "")) for part in parts if part["type"] == "reply"), "")
    ours = outbox.shown(store, chat, answers) if answers else ()
    files = tuple(_pictures(parts))
    at_us = any(part["type"] == "at" and str(part["data"].get("qq", "")) == us for part in parts)
    wanted_number = numbered.number_in(text) is not None and bool(numbered.offered(store, chat, user))
    for_us = not group or at_us or bool(ours) or (wanted_number and not files)
    if not (for_us or answers):
        return None
    if not (text or files):
        return None  # a card, a shake, a face
    incoming = Incoming(
        NAME,
        f"{us}:{number}",
        chat,
        user,
        text,
        replied=ours,
        message=number,
        numbered=True,
        mentioned=tuple(_mentioned(parts, us)),
        avatars=True,
    )
    return Heard(incoming, files, "" if ours else answers, for_us)


def _mentioned(parts: Sequence[Segment], us: str) -> Iterator[Member]:
    """Who is named by @, by their name where the bridge tells it, else by their number."""
    for part in parts:
        number = str(part["data"].get("qq", ""))
        if part["type"] == "at" and number.isdecimal() and number != us:
            name = str(part["data"].get("name") or "").removeprefix("@").strip()
            yield Member(f"{NAME}:{us}.{number}", name or number)


def segments(message: Any) -> tuple[Segment, ...]:
    """The segments of a message, as the array that bridges send or as CQ codes; what is neither is left out."""
    if isinstance(message, str):
        return tuple(_coded(message))
    if not isinstance(message, Sequence):
        return ()
    return tuple(
        {"type": part["type"], "data": part["data"]}
        for part in message
        if isinstance(part, Mapping) and isinstance(part.get("type"), str) and isinstance(part.get("data"), Mapping)
    )


def _coded(message: str) -> Iterator[Segment]:
    """CQ codes: 「[CQ:at,qq=1] 把猫换成狗」."""
    at = 0
    for code in CODE.finditer(message):
        if code.start() > at:
            yield {"type": "text", "data": {"text": html.unescape(message[at : code.start()])}}
        pairs = (pair.partition("=") for pair in code["told"].split(",") if "=" in pair)
        yield {"type": code["type"], "data": {name: html.unescape(value) for name, _, value in pairs}}
        at = code.end()
    if at < len(message):
        yield {"type": "text", "data": {"text": html.unescape(message[at:])}}


def _pictures(parts: Sequence[Segment]) -> Iterator[dict[str, Any]]:
    """The pictures in a message, also those sent as files; moving faces of the shop are none."""
    for part in parts:
        data, name = part["data"], str(part["data"].get("file", ""))
        looks = re.search(r"\.(png|jpe?g|webp|bmp|gif|heic|avif)$", name, re.IGNORECASE) is not None
        if part["type"] == "image" or (part["type"] == "file" and looks and data.get("url")):
            size = str(data.get("file_size", ""))
            yield {"url": str(data.get("url", "")), "size": int(size) if size.isdecimal() else 0, "name": name[-80:]}


def pictures_of(message: Any) -> list[dict[str, Any]]:
    """The pictures of a message that was fetched (get_msg)."""
    return list(_pictures(segments(message)))
