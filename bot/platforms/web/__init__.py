"""The local web chat: server.py opens it and says which file does what."""

from collections.abc import Iterator

from bot.findings import Finding
from bot.platforms import Platform
from bot.ports import port_free
from storage import Storage, StorageError
from storage.settings import Settings


def open(store: Storage) -> Platform:
    """The web chat. Raises HeyingError when its port is taken, or when it would lie open to the network."""
    from bot.platforms.web.server import Web

    web = store.settings.web
    if not port_free(web.host, web.port):
        raise StorageError(
            f"端口 {web.port} 已经被别的程序占用。关掉它，或者换一个端口：HEYING_WEB__PORT=8000 make run",
            f"port {web.port} is taken",
        )
    return Web(store)


def examine(settings: Settings) -> Iterator[Finding]:
    """Whether the page's port is free, and whether it may be opened at all."""
    from bot.platforms.web.access import password

    host, port = settings.web.host, settings.web.port
    if not port_free(host, port):
        text = f"{host}:{port} 被占用。合影已经开着的话没关系，否则换一个：HEYING_WEB__PORT=8000 make run"
        yield Finding("网页端口", False, text)
    else:
        yield Finding("网页端口", True, f"{host}:{port} 空着。" if port else "随便哪个空着的端口。")
    password(settings)
