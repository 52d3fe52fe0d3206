"""Every word of the web pages that is not said by the bot, in two languages: chinese.py, and the same names in english.py.

``words.SEND`` is in the language of whoever's page is being drawn. What a browser asks for decides, until somebody
switches in the settings; then a cookie of the page does (look/frame.js). The bot itself speaks Chinese.
"""

import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from starlette.requests import HTTPConnection

from bot.platforms.web.words import chinese, english

if TYPE_CHECKING:
    from bot.platforms.web.words.chinese import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(TABLES[language()], name)


TABLES = {"zh": chinese, "en": english}
COOKIE = "heying_language"
_asked: ContextVar[str] = ContextVar("language", default="zh")
_pages: "WeakKeyDictionary[Any, str]" = WeakKeyDictionary()  # what a browser does later comes outside of its request


def language() -> str:
    """Of the page at hand."""
    nicegui = sys.modules.get("nicegui")
    try:
        client = nicegui.context.client if nicegui else None
    except RuntimeError:  # no page is being drawn
        client = None
    return (_pages.get(client) if client is not None else None) or _asked.get()


def answer_in_language_of(request: HTTPConnection) -> None:
    """Whatever is said in answer to a request is in its language."""
    _asked.set(asked_for(request.cookies, request.headers.get("accept-language", "")))


def keep_for(client: Any) -> None:
    """A page stays in the language of the request that it is drawn for."""
    _pages[client] = _asked.get()


def asked_for(cookies: Mapping[str, str], accepted: str) -> str:
    """What was switched to; else English for a browser that asks for languages and has no Chinese among them."""
    if cookies.get(COOKIE) in TABLES:
        return cookies[COOKIE]
    wanted = [one.partition(";")[0].strip().lower() for one in accepted.split(",") if one.strip()]
    return "en" if wanted and not any(one.startswith("zh") or one == "*" for one in wanted) else "zh"
