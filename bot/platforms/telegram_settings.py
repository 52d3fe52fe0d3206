"""What the Telegram bot needs to be told: its token, and the word that proves that a webhook's caller is Telegram."""

import re
import secrets

from bot import replies
from storage import HeyingError, Storage, chats
from storage.settings import Settings

TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,64}")  # as @BotFather gives them


class TokenError(HeyingError):
    """No token, or none that can be one."""


def token(settings: Settings) -> str:
    """The bot's token. Raises TokenError."""
    told = settings.telegram.token
    if told is None:
        raise TokenError(replies.NO_TOKEN, "no token")
    if not TOKEN.fullmatch(told.get_secret_value()):
        raise TokenError(replies.BAD_TOKEN, "malformed token")
    return told.get_secret_value()


def secret(store: Storage) -> str:
    """The webhook's word: from the environment, else made once for this data folder."""
    told = store.settings.telegram.secret
    if told is not None:
        return told.get_secret_value()
    with store.atomic():
        kept = chats.preference(store, "telegram", "webhook secret") or secrets.token_urlsafe(32)
        chats.prefer(store, "telegram", "webhook secret", kept)
        return str(kept)
