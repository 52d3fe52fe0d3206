"""Which platforms there are: a folder, and a line here.

A folder's ``__init__.py`` has ``open(store) -> Platform`` (raises HeyingError with what to do when it cannot be opened)
and ``examine(settings)``, which yields what ``doctor`` says of it. Folders are imported only when they are used: a
Telegram bot needs no web server.
"""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from bot.findings import Finding
from bot.platforms import Platform
from storage import HeyingError, Storage
from storage.settings import Settings

PLATFORMS: Mapping[str, str] = {
    "web": "bot.platforms.web",
    "telegram": "bot.platforms.telegram",
    "http": "bot.platforms.http",
    "onebot": "bot.platforms.onebot",
    "feishu": "bot.platforms.feishu",
}


def open_platform(name: str, store: Storage) -> Platform:
    """The platform of that name, ready to run. Raises HeyingError."""
    opened: Platform = _folder(name).open(store)
    return opened


def examine(settings: Settings) -> Iterator[Finding]:
    """What stands in the way of the platforms that the settings name."""
    for name in settings.platforms:
        try:
            yield from _folder(name).examine(settings)
        except HeyingError as error:
            yield Finding(name, False, error.sentence)


def _folder(name: str) -> Any:
    if name not in PLATFORMS:
        known = "、".join(PLATFORMS)
        raise HeyingError(
            f"不认识聊天平台「{name}」，config.toml 里的 platforms 可以写：{known}。", f"no platform {name!r}"
        )
    return importlib.import_module(PLATFORMS[name])
