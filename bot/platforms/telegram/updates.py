"""What a Telegram update means: Incoming. Both libraries give the Bot API's objects under its own names, so one reading
serves both: https://core.telegram.org/bots/api#update

In groups we listen only when we are spoken to: a command, our @name, an answer to a message of ours. With privacy mode
Telegram shows us nothing else; without it we do not look. Of an album one item has the words, so the others are kept as
overheard until it is known whether it was for us.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot import replies
from bot.platforms import Incoming, Member

NAME = "telegram"
UPDATES = ["message", "callback_query", "my_chat_member"]
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
OTHER_MEDIA = ("video", "animation", "video_note", "voice", "audio", "document", "sticker")
THERE = ("member", "administrator", "restricted")


@dataclass(frozen=True, slots=True)
class Heard:
    """What an update says to us. ``files`` are still to be fetched, those with "replied" from the message that is
    answered, ``answering`` by number; ``callback`` is the press of a button that wants to be acknowledged."""

    incoming: Incoming
    files: tuple[dict[str, Any], ...] = ()
    answering: str = ""
    album: str | None = None
    overheard: bool = False
    callback: str | None = None


def hear(update: Any, me: Any) -> Heard | None:
    """What an update says to the bot ``me`` (a User); None when it is none of our business."""
    number = f"{me.id}:{update.update_id}"
    if update.message:
        return _message(number, update.message, me)
    if update.callback_query:
        return _press(number, update.callback_query)
    if update.my_chat_member:
        return _arrival(number, update.my_chat_member)
    return None


def chat_id(chat: str) -> int:
    """Telegram's own number in "telegram:42"."""
    return int(chat.partition(":")[2])


def is_group(chat: str) -> bool:
    """Groups have negative numbers."""
    return chat_id(chat) < 0


def _message(number: str, message: Any, me: Any) -> Heard | None:
    text = (message.text or message.caption or "").strip()
    private = message.chat.type == "private"
    action, said, to_us = _order(text, me.username, private)
    answered = message.reply_to_message
    to_us = to_us or private or bool(answered and answered.from_user and answered.from_user.id == me.id)
    files = tuple(_files(message))
    if message.from_user is None or not (to_us or (files and message.media_group_id)):
        return None
    problems = () if files or not any(getattr(message, kind, None) for kind in OTHER_MEDIA) else (replies.NOT_A_PHOTO,)
    if not (text or files or problems):
        return None  # a service message: somebody joined, the title changed
    incoming = Incoming(
        NAME,
        number,
        f"{NAME}:{message.chat.id}",
        f"{NAME}:{message.from_user.id}",
        said,
        problems=problems,
        action=action,
        message=str(message.message_id),
        mentioned=tuple(_mentioned(message, me)),
        avatars=True,
    )
    behind = answered or message.external_reply
    replied = tuple({**file, "replied": True} for file in _files(behind)) if behind else ()
    number_answered = str(answered.message_id) if answered else ""
    return Heard(incoming, (*files, *replied), number_answered, message.media_group_id, overheard=not to_us)


def _order(text: str, username: str, private: bool) -> tuple[str, str, bool]:
    """(action, sentence, whether it is said to us) of a text: commands become the sentences that they stand for."""
    if match := COMMAND.fullmatch(text):
        command, addressee, words = match[1].lower(), match[2], (match[3] or "").strip()
        ours = addressee.casefold() == username.casefold() if addressee else command in replies.COMMANDS or private
        if not ours:
            return "", text, False
        if command == "start":
            return f"start:{words}" if words else "start", "", True
        known = replies.COMMANDS.get(command)
        if known is None:
            return "", f"{command} {words}".strip(), True
        if known.action:
            return known.action, known.alone, True
        return "", known.sentence.format(words) if words else known.alone, True
    said, mentions = re.subn(rf"\s*@{re.escape(username)}(?!\w)[\s,，:：]*", " ", text, flags=re.IGNORECASE)
    return "", said.strip() if mentions else text, bool(mentions)


def _mentioned(message: Any, me: Any) -> Iterator[Member]:
    """Who is named by @, and whose message is answered. Telegram tells no bot whose @name it is: whoever has it is known by it
    when they press a button."""
    words = (message.text or message.caption or "").encode("utf-16-le")  # entities count in its units
    for one in message.entities or message.caption_entities or ():
        if one.type == "text_mention":
            yield Member(f"{NAME}:{one.user.id}", one.user.full_name)
        elif one.type == "mention":
            name = words[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le").removeprefix("@")
            if name.casefold() != me.username.casefold():
                yield Member(handle(name), name)
    author = message.reply_to_message.from_user if message.reply_to_message else None
    if author is not None and not author.is_bot and author.id != message.from_user.id:
        yield Member(f"{NAME}:{author.id}", author.full_name)


def handle(username: str) -> str:
    """What somebody is called here who is known by an @name alone."""
    return f"{NAME}:@{username.casefold()}" if username else ""


def _files(message: Any) -> Iterator[dict[str, Any]]:
    """The picture in a message, as a photo, as a file, as a sticker that does not move."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        yield {"id": largest.file_id, "size": largest.file_size or 0}
    document, sticker = message.document, message.sticker
    if document and not message.animation and (document.mime_type or "").startswith("image/"):
        yield {"id": document.file_id, "size": document.file_size or 0, "name": document.file_name or ""}
    if sticker and not (sticker.is_animated or sticker.is_video):
        yield {"id": sticker.file_id, "size": sticker.file_size or 0}


def _press(number: str, query: Any) -> Heard | None:
    """A button: its action, or the sentence that it says."""
    message = query.message
    if message is None or not query.data:
        return None
    label, action = "", query.data
    markup = getattr(message, "reply_markup", None)  # Telegram hides messages of more than two days ago
    for button in (button for row in (markup.inline_keyboard if markup else ()) for button in row):
        if button.callback_data == query.data:
            label, action = button.text, "say" if query.data.startswith("say:") else query.data
    incoming = Incoming(
        NAME,
        number,
        f"{NAME}:{message.chat.id}",
        f"{NAME}:{query.from_user.id}",
        text=label,
        action=action,
        handle=handle(query.from_user.username or ""),
    )
    return Heard(incoming, callback=query.id)


def _arrival(number: str, change: Any) -> Heard | None:
    """We have been added to a group."""
    if change.chat.type == "private" or change.old_chat_member.status in THERE:
        return None
    if change.new_chat_member.status not in THERE:
        return None
    chat, user = f"{NAME}:{change.chat.id}", f"{NAME}:{change.from_user.id}"
    return Heard(Incoming(NAME, number, chat, user, action="start"))
