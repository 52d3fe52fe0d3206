"""What a library for Telegram is to us: it calls methods by the Bot API's own names and turns its exceptions into ours.

aiogram and python-telegram-bot name types, methods and their fields alike, so ``api.types`` is all that is needed to
build arguments.
"""

from typing import Any, Protocol

from bot.platforms import Never


class Refused(Never):
    """Telegram says that a call makes no sense; str() is its reason."""


class Moved(Exception):
    """A group has become a supergroup, with another number."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group has moved")
        self.chat = chat


class Api(Protocol):
    """A library's bot."""

    @property
    def types(self) -> Any:
        """The module of the Bot API's types."""

    @property
    def me(self) -> Any:
        """The bot as a User, known once it has been started."""

    def file(self, data: bytes, name: str, inside: bool = False) -> Any:
        """A file to be uploaded; ``inside`` another argument (an album, a sticker set) it is attached to the call."""

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method (snake_case). Raises Later, Refused, Never (we are blocked) or Moved."""

    async def download(self, id: str) -> bytes:
        """The bytes of a file. Raises Later or Refused."""


def markup(api: Api, rows: list[list[tuple[str, str]]]) -> Any:
    """Buttons below a message."""
    button = api.types.InlineKeyboardButton
    return api.types.InlineKeyboardMarkup(
        inline_keyboard=[[button(text=label, callback_data=data) for label, data in row] for row in rows]
    )
