"""What the Telegram bot needs to be told: its token, and the word that proves that a webhook's caller is Telegram."""

import json
import re
import secrets
import urllib.error
import urllib.request

from bot import replies
from storage import HeyingError, Storage, chats
from storage.settings import Settings

TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,64}")  # as @BotFather gives them


class TokenError(HeyingError):
    """No token, or none that can be one."""


def token(settings: Settings) -> str:
    """The bot's token. Raises TokenError."""
    configured = settings.telegram.token
    if configured is None:
        raise TokenError(replies.NO_TOKEN, "no token")
    if not TOKEN.fullmatch(configured.get_secret_value()):
        raise TokenError(replies.BAD_TOKEN, "malformed token")
    return configured.get_secret_value()


def secret(store: Storage) -> str:
    """The webhook's word: from the environment, else made once for this data folder."""
    configured = store.settings.telegram.secret
    if configured is not None:
        return configured.get_secret_value()
    with store.atomic():
        kept = chats.preference(store, "telegram", "webhook secret") or secrets.token_urlsafe(32)
        chats.prefer(store, "telegram", "webhook secret", kept)
        return str(kept)


def unreachable(settings: Settings, seconds: float = 8.0) -> str:
    """Why the Bot API does not know our token, in a word; empty when it does."""
    url = f"{settings.telegram.api.rstrip('/')}/bot{token(settings)}/getMe"
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return "" if json.load(answer).get("ok") else "not ok"
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except (OSError, ValueError) as error:  # its words may hold the address, and that the token
        return type(error).__name__
