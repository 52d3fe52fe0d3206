"""Telegram, by aiogram or by python-telegram-bot: updates.py reads what comes in, door.py does the rest."""

import importlib.util
from collections.abc import Iterator

from bot import replies
from bot.findings import Finding
from bot.platforms import Platform
from storage import HeyingError, Storage
from storage.settings import Settings

PACKAGES = {"aiogram": "aiogram", "ptb": "telegram"}
EXTRAS = {"aiogram": "telegram", "ptb": "ptb"}


def open(store: Storage) -> Platform:
    """The bot, by the library that the settings name. Raises HeyingError without the library or a token."""
    library = store.settings.telegram.library
    try:
        if library == "ptb":
            from bot.platforms.telegram import ptb

            return ptb.Telegram(store)
        from bot.platforms.telegram import aiogram

        return aiogram.Telegram(store)
    except ModuleNotFoundError as error:
        sentence = replies.telegram_library_missing(library, EXTRAS[library])
        raise HeyingError(sentence, f"{library} is not installed: {error.name}") from error


def examine(settings: Settings) -> Iterator[Finding]:
    """Library, token, network."""
    from bot.platforms.telegram.settings import unreachable

    library = settings.telegram.library
    if importlib.util.find_spec(PACKAGES[library]) is None:
        yield Finding("Telegram", False, replies.telegram_library_missing(library, EXTRAS[library]))
        return
    try:
        why = unreachable(settings)
    except HeyingError as error:
        yield Finding("Telegram", False, error.sentence)
        return
    yield Finding("Telegram", not why, replies.telegram_unreachable(why) if why else replies.TELEGRAM_REACHED)
