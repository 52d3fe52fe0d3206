"""A signed endpoint for other bots: signing.py says who may call, messages.py what a call says, server.py serves."""

from collections.abc import Iterator

from bot.findings import Finding
from bot.platforms import Platform
from bot.ports import port_free
from storage import HeyingError, Storage, StorageError
from storage.settings import Settings

NO_SECRET = "http 接口要有密钥：HEYING_HTTP__SECRET=至少十六个字，两边写一样的。python -c 'import secrets; print(secrets.token_hex(32))' 可以生成一个。"


def open(store: Storage) -> Platform:
    """The endpoint. Raises HeyingError without a secret, or when its port is taken."""
    from bot.platforms.http.server import Http

    config = store.settings.http
    secret = _secret(store.settings)
    if not port_free(config.host, config.port):
        raise StorageError(_taken(config.port), f"port {config.port} is taken")
    return Http(store, secret)


def examine(settings: Settings) -> Iterator[Finding]:
    """Secret and port."""
    _secret(settings)
    config = settings.http
    free = port_free(config.host, config.port)
    yield Finding("http 接口", free, f"{config.host}:{config.port} 空着。" if free else _taken(config.port))


def _secret(settings: Settings) -> str:
    if settings.http.secret is None:
        raise HeyingError(NO_SECRET, "no secret")
    return settings.http.secret.get_secret_value()


def _taken(port: int) -> str:
    return f"端口 {port}（http 接口）被占用。合影已经开着的话没关系，否则换一个：HEYING_HTTP__PORT=8001"
