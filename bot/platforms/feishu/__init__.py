"""飞书 (and Lark): events by the long connection, messages by HTTP. events.py reads, sending.py sends, door.py does the rest."""

import importlib.util
from collections.abc import Iterator

import httpx

from bot.findings import Finding
from bot.platforms import Platform
from storage import HeyingError, Storage
from storage.settings import Settings

PACKAGES = ("websockets", "google.protobuf")
EXAMINE_SECONDS = 8.0
NO_APP = (
    "飞书要有应用：在 open.feishu.cn 建一个企业自建应用，开机器人能力，在 config.toml 的 [feishu] 里写 app_id，"
    "再设 HEYING_FEISHU__SECRET=应用的 App Secret。一步一步见 docs/feishu.md。"
)
NO_LIBRARY = "没有装飞书要用的库。运行 pip install -e '.[feishu]'。"
WRONG = "飞书不认这个应用（{}）：检查 [feishu] 的 app_id 和 HEYING_FEISHU__SECRET，要是同一个应用的。"
UNREACHABLE = "连不上飞书（{}）：检查网络和 [feishu] 的 domain。"
REACHED = "连得上，应用有效。"


def open(store: Storage) -> Platform:
    """The platform. Raises HeyingError without an app or the libraries."""
    secret = _secret(store.settings)
    from bot.platforms.feishu.door import Feishu

    return Feishu(store, secret)


def examine(settings: Settings) -> Iterator[Finding]:
    """Libraries, app, network."""
    config = settings.feishu
    body = {"app_id": config.app_id, "app_secret": _secret(settings)}
    from bot.platforms.feishu.api import TOKEN_PATH

    try:
        answer = httpx.post(config.domain.rstrip("/") + TOKEN_PATH, json=body, timeout=EXAMINE_SECONDS).json()
        code = answer.get("code")
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        yield Finding("飞书", False, UNREACHABLE.format(type(error).__name__))
        return
    yield Finding("飞书", code == 0, REACHED if code == 0 else WRONG.format(code))


def _secret(settings: Settings) -> str:
    if not all(map(_installed, PACKAGES)):
        raise HeyingError(NO_LIBRARY, "websockets or protobuf is not installed")
    if settings.feishu.secret is None or not settings.feishu.app_id:
        raise HeyingError(NO_APP, "no app_id or secret")
    return settings.feishu.secret.get_secret_value()


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of the package that it is in
        return False
