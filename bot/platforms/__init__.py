"""What a chat platform is: something that makes Incoming and shows Outgoing. A new platform is one new file here.

A platform knows nothing of photos' meaning, of plans or of jobs; the conversation knows nothing of web pages or of
Telegram. Whom and where are written "<platform>:<id>", so that two platforms never meet by accident.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. ``action`` comes back in Incoming.action; 64 bytes at most, Telegram allows no more."""

    label: str
    action: str
    main: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.action.encode()) <= 64:
            raise ValueError(f"action {self.action!r} is not 1 to 64 bytes")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a user, or one press of a button (then ``text`` is its label and ``action`` its id).

    ``photos`` are SHA-256 of files that storage has accepted; ``problems`` are the sentences for those it has not.
    ``replied`` are the photos of the message that this one answers. ``update_id`` is the platform's own number of the
    message: the same one twice is one message.
    """

    platform: str
    update_id: str
    chat: str
    user: str
    text: str = ""
    photos: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    replied: tuple[str, ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a chat. ``key`` is what makes it the same message when it is sent a second time.

    ``images`` are SHA-256 of photos; where one of them shows an edit, ``original`` is the photo before it.
    """

    key: str
    chat: str
    text: str = ""
    images: tuple[str, ...] = ()
    stickers: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    original: str | None = None


class Platform(Protocol):
    """A door to the conversation. What comes in it hands to bot.inbox; what goes out bot.outbox hands to ``send``."""

    name: str

    async def run(self) -> None:
        """Open the door and keep it open until cancelled."""

    async def send(self, message: Outgoing) -> None:
        """Show one message. Raises an exception when it may have to be sent again."""
