"""What a chat platform is: something that makes Incoming and shows Outgoing. A new platform is one folder here and
one line in registry.py.

A platform knows nothing of photos' meaning, of plans or of jobs; the conversation knows nothing of web pages or of
Telegram. Whom and where are written "<platform>:<id>", so that two platforms never meet by accident.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from storage.regions import Region


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
class Leave:
    """How often, and for how many seconds, a message may be answered; ``value`` is what the platform knows that by."""

    value: str
    seconds: float
    uses: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who was named in a group by @: as the platform knows them, and what they are called there."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a user, or one press of a button (then ``text`` is its label and ``action`` its id).

    ``photos`` are SHA-256 of files that storage has accepted; ``problems`` are the sentences for those it has not.
    ``replied`` are the photos of the message that this one answers; ``points`` are places that were tapped on the photo
    that it is about, (x, y) in shares of width and height, ``regions`` parts of it that were drawn. ``update_id`` is the platform's own number of the
    update: the same one twice is one message; ``message`` is what it calls the message, where it can be answered.
    ``leave`` is the leave to answer that it brings, where platforms give no other; ``numbered``: this person is shown
    numbers in place of buttons (numbered.py). ``mentioned`` are the others who are named by @; ``handle`` is a second name by
    which this person may be named so; ``avatars``: the platform's ``fetch`` gets a member's avatar ({"avatar": user}).
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
    message: str = ""
    leave: Leave | None = None
    numbered: bool = False
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()
    mentioned: tuple[Member, ...] = ()
    handle: str = ""
    avatars: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a chat. ``key`` is what makes it the same message when it is sent a second time.

    ``images`` are SHA-256 of photos, with the ``numbers`` that people know them by where these are not 1, 2, …; where one of
    them shows an edit, ``original`` is the photo before it. ``files``
    says that the pictures are wanted as files, as they are. ``user`` is whom it is for, ``answers`` what the platform
    calls their message. ``job`` made the pictures; ``pack`` is the sticker pack they are, or the one to publish.
    ``ticket`` is the leave to say it, as the platform knows it. ``wanted`` is something that only the platform can make: "archive" (everything we have of the user), "pack" (the
    pack in the platform's own collection), "link:…" (what opens the chat with that code).
    """

    key: str
    chat: str
    text: str = ""
    images: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    stickers: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    original: str | None = None
    files: bool = False
    user: str = ""
    answers: str | None = None
    job: int | None = None
    pack: int | None = None
    wanted: str = ""
    ticket: str = ""


class Later(Exception):
    """A message cannot be sent yet. ``seconds``: how long the platform, or our own pace, makes us wait."""

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(why)
        self.seconds = seconds


class Never(Exception):
    """A message can never be sent: the user has blocked us, the chat is gone."""


class Parts(Protocol):
    """Which parts of a message are through; a message that is sent again after a crash goes on from there."""

    def receipt(self, part: str) -> Any:
        """The receipt of a part; None when it is not through."""

    async def through(self, part: str, receipt: Mapping[str, Any]) -> None:
        """A part is through."""


Fetch = Callable[[Mapping[str, Any]], Awaitable[bytes]]


class Platform(Protocol):
    """A door to the conversation. What comes in it hands to bot.inbox; what goes out bot.outbox hands to ``send``."""

    name: str
    opened: asyncio.Event  # set once the door can be reached
    pulled: bool  # whoever shows the messages comes for them (bot.outbox.due); ``send`` is not called

    @property
    def fetch(self) -> Fetch | None:
        """Gets a file that a message only named (data["files"]): raises HeyingError when it cannot be had. None where
        messages bring their files along."""

    async def run(self) -> None:
        """Open the door and keep it open until cancelled."""

    async def send(self, message: Outgoing, parts: Parts) -> None:
        """Show one message. Raises Later or Never; after any other exception it is tried again a few times."""
