"""Buttons where there are none: numbered words, and an answer that is a number.

    改好了：把猫换成狗
    回复 1 再明显一点 · 2 淡一些 · 3 再来一张

A number means the button of the last message that had some, said to the same person in the same chat.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot import replies
from bot.outbox import compose
from bot.platforms import Button, Incoming, Outgoing
from storage import Storage, outbox

ORIGINAL = "要原图"
MOST_LISTED = 6  # photos
LOOK_BACK = 30  # lines of the chat
NUMBER = re.compile(r"\s*(?:回复|选择?|第|按)?\s*(?P<number>[1-9１-９]\d?|[①-⑳])\s*(?:个|号|项|。)?\s*")


def spelt(message: Outgoing) -> Outgoing:
    """The message with its buttons as words."""
    if not message.buttons:
        return message
    choices = " · ".join(_choices(message.buttons))
    return replace(message, text="\n".join(filter(None, (message.text, f"回复 {choices}"))), buttons=())


def _choices(buttons: tuple[Button, ...]) -> Iterator[str]:
    """1 撤销, 2 再来一张; many photos are not listed one by one, since each is called by its own number."""
    labels = [button.label for button in buttons]
    own = next((at for at, label in enumerate(labels) if label != replies.photo_number(at)), len(labels))
    if own > MOST_LISTED:
        yield f"1–{own} 选第几张"
    for number, label in enumerate(labels[own if own > MOST_LISTED else 0 :], own + 1 if own > MOST_LISTED else 1):
        yield f"{number} {label}"


def with_original(message: Outgoing) -> Outgoing:
    """A result that is shown light, with the choice to have it as it was made."""
    if message.job is None or not message.images or message.files:
        return message
    return replace(message, buttons=(*message.buttons, Button(ORIGINAL, f"original:{message.job}")))


def pressed(store: Storage, incoming: Incoming) -> Incoming:
    """What a number presses, where this person is shown numbers; anything else as it is."""
    if not incoming.numbered or incoming.action or incoming.photos or (number := number_in(incoming.text)) is None:
        return incoming
    buttons = offered(store, incoming.chat, incoming.user)
    if number > len(buttons):
        return incoming
    button = buttons[number - 1]
    return replace(incoming, text=button.label, action=button.action)


def number_in(text: str) -> int | None:
    """The number that a text is and nothing else; None when it is no number."""
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    number = match["number"]
    return ord(number) - ord("①") + 1 if "①" <= number <= "⑳" else int(number)


def offered(store: Storage, chat: str, user: str) -> tuple[Button, ...]:
    """The buttons of the last message to a person in a chat that has any."""
    lines = outbox.messages(store, chat, limit=LOOK_BACK)
    rows: list[outbox.Message | outbox.Delivery] = [line for line in lines if (line.author, line.user) == ("bot", user)]
    rows += outbox.under_way(store, chat, user)
    for row in reversed(rows):
        message = compose(store, row)
        if message.buttons:
            return with_original(message).buttons
    return ()
