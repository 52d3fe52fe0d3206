"""QQ by OneBot v11: the bridge (NapCat, LLBot, …) connects to us. events.py reads, sending.py sends, server.py serves."""

import importlib.util
from collections.abc import Iterator

from bot.findings import Finding
from bot.platforms import Platform
from bot.ports import port_free
from storage import HeyingError, Storage, StorageError
from storage.settings import Settings

NO_TOKEN = "OneBot 要有令牌：HEYING_ONEBOT__TOKEN=至少八个字，NapCat 的反向 WebSocket 里写一样的。"
NO_LIBRARY = "没有装 websockets。运行 pip install -e '.[onebot]'。"


def open(store: Storage) -> Platform:
    """The server. Raises HeyingError without a token or the library, or when its port is taken."""
    from bot.platforms.onebot.server import OneBot

    config, token = store.settings.onebot, _token(store.settings)
    if not port_free(config.host, config.port):
        raise StorageError(_taken(config.port), f"port {config.port} is taken")
    return OneBot(store, token)


def examine(settings: Settings) -> Iterator[Finding]:
    """Token, library and port."""
    _token(settings)
    config = settings.onebot
    free = port_free(config.host, config.port)
    yield Finding(
        "OneBot", free, f"{config.host}:{config.port} 空着，等 NapCat 来连。" if free else _taken(config.port)
    )


def _token(settings: Settings) -> str:
    if importlib.util.find_spec("websockets") is None:
        raise HeyingError(NO_LIBRARY, "websockets is not installed")
    if settings.onebot.token is None:
        raise HeyingError(NO_TOKEN, "no token")
    return settings.onebot.token.get_secret_value()


def _taken(port: int) -> str:
    return f"端口 {port}（OneBot）被占用。合影已经开着的话没关系，否则换一个：HEYING_ONEBOT__PORT=8002"
