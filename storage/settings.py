"""config.toml and the environment → frozen Settings.

Order of precedence: keyword arguments (tests, command line) > HEYING_* in the environment > config.toml > the defaults
below. Sections are joined with two underscores: ``HEYING_WEB__PORT=8000``. Secrets come from the environment only, and
config.toml is refused if it holds one.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourcesError

from storage.errors import HeyingError

SECRETS = (
    "telegram.token",
    "telegram.secret",
    "http.secret",
    "onebot.token",
    "feishu.secret",
    "web_secret",
    "web_password",
    "language.key",
)


class SettingsError(HeyingError):
    """config.toml or a HEYING_* variable cannot be used."""


class Section(BaseModel):
    """A [section] of config.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(Section):
    """Where the local web chat listens. Beyond this machine only with HEYING_WEB_PASSWORD, unless ``unprotected``."""

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    unprotected: bool = False  # something in front of it asks who it is
    address: str = Field(default="", pattern=r"^(https?://[^/]+)?$")  # under which browsers see it, behind a proxy
    connections: int = Field(default=512, ge=8)
    connections_each: int = Field(default=64, ge=8)  # of one address that is not this machine
    upload_seconds: float = Field(default=60.0, gt=0)


class Metrics(Section):
    """Where /metrics and /healthz are. Port 0: the web chat's own, for this machine alone (9464 without a web chat)."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


class Telegram(Section):
    """The Telegram bot. ``webhook`` is the public https address that leads to ``host``:``port``; without one we poll."""

    library: Literal["aiogram", "ptb"] = "aiogram"
    api: str = Field(default="https://api.telegram.org", pattern=r"^https?://")
    webhook: str = Field(default="", pattern=r"^(https?://.*)?$")
    host: str = "127.0.0.1"
    port: int = Field(default=8443, ge=0, le=65535)
    token: SecretStr | None = None
    secret: SecretStr | None = None


class Http(Section):
    """The signed endpoint for other bots. With ``callback`` (their address) answers are posted there, else they poll."""

    host: str = "127.0.0.1"
    port: int = Field(default=7861, ge=0, le=65535)
    callback: str = Field(default="", pattern=r"^(https?://.*)?$")
    secret: SecretStr | None = Field(default=None, min_length=16)


class OneBot(Section):
    """The OneBot v11 server: QQ's bridges (NapCat, LLBot, …) connect to ws://``host``:``port``/onebot/v11/ws."""

    host: str = "127.0.0.1"
    port: int = Field(default=7862, ge=0, le=65535)
    token: SecretStr | None = Field(default=None, min_length=8)


class Feishu(Section):
    """The 飞书 app (or Lark's, at its own ``domain``). Its App Secret comes from the environment."""

    domain: str = Field(default="https://open.feishu.cn", pattern=r"^https?://[^/]+$")
    app_id: str = Field(default="", pattern=r"^(cli_[A-Za-z0-9]+)?$")
    secret: SecretStr | None = Field(default=None, min_length=8)


class Language(Section):
    """An OpenAI-compatible server (with structured output) for the sentences that the rules are unsure of; none: off.

    ``endpoint`` is its base address (…/v1), ``seconds`` how long a message may wait for it.
    """

    endpoint: str = Field(default="", pattern=r"^(https?://.*)?$")
    model: str = "default"
    seconds: float = Field(default=3.0, gt=0, le=30)
    key: SecretStr | None = None


class EngineSettings(Section):
    """An [[engines]] entry: what draws. ``kind`` is "compositing" (real photos, no weights to download), "diffusion" (a
    Stable-Diffusion folder), "editor" (an instruction editor, a folder) or "server" (one behind an address).

    ``name`` tells several of one kind apart; ``model`` is a folder or hub id, for a server the name it knows a model by;
    ``address`` and ``dialect`` (openai, dashscope, ark, gemini) are a server's. Its key comes from the environment.
    """

    kind: Literal["diffusion", "compositing", "editor", "server"]
    name: str = Field(default="", pattern=r"^[a-z0-9_-]{0,32}$")
    model: str = ""
    device: str = "auto"
    address: str = Field(default="", pattern=r"^(https?://.*)?$")
    dialect: Literal["openai", "dashscope", "ark", "gemini"] = "openai"
    steps: int = Field(default=0, ge=0, le=1000)  # 0: the engine's own
    guidance: float = Field(default=-1.0, ge=-1, le=30)  # -1: the model's own
    lora: str = ""  # weights for editing in few steps
    offload: Literal["auto", "none", "model", "layer"] = "auto"  # what leaves the GPU when not at work
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"  # of a Stable-Diffusion folder's networks
    spacing: Literal["", "leading", "trailing", "linspace"] = ""  # of its time steps; few steps want "trailing"
    segmenter: str = ""  # a folder of CLIPSeg, which finds things by their names in real photos
    likeness: float = Field(default=0.6, ge=0, le=1)  # how like the photo an editor's answer must be to be used
    seconds: float = Field(default=180.0, gt=0, le=3600)  # how long a server may take
    pictures: int = Field(default=0, ge=0, le=16)  # most pictures in a request to a server; 0: the dialect's own
    price: float = Field(default=0.0, ge=0)  # of a server's edit, in yuan

    @property
    def called(self) -> str:
        """The name, or the kind where there is none."""
        return self.name or self.kind


class Workers(Section):
    """How many workers each lane gets; learning never blocks editing because it has its own. With ``engine`` "local" they
    are processes on this machine; with "ray" they are actors of the Ray cluster at ``address``, each with so many
    ``gpus`` and ``cpus``; those beyond the first go after ``idle_seconds`` without a job.

    ``edit_stuck_seconds`` and ``learn_stuck_seconds``: how long a job of that lane may go without any progress before
    its process is ended.
    """

    edit: int = Field(default=1, ge=0, le=64)
    learn: int = Field(default=1, ge=0, le=64)
    lease_seconds: float = Field(default=60.0, gt=0)  # a worker silent for longer is taken to be dead
    edit_stuck_seconds: float = Field(default=300.0, gt=0)
    learn_stuck_seconds: float = Field(default=900.0, gt=0)
    engine: Literal["local", "ray"] = "local"
    address: str = Field(default="auto", pattern=r"^(auto|[^/\s]+:\d+)$")  # not ray://, which carries no streams
    gpus: float = Field(default=1.0, ge=0)
    cpus: float = Field(default=1.0, ge=0)
    idle_seconds: float = Field(default=300.0, gt=0)

    def stuck_seconds(self, kind: str) -> float:
        """How long a job of that kind may go without progress."""
        return self.learn_stuck_seconds if kind == "learn" else self.edit_stuck_seconds


class Access(Section):
    """Who is served. Entries are whole ids ("telegram:42", "telegram:-100123") or a platform ("telegram:*"), of users or
    of chats; ``deny`` has the last word, an empty ``allow`` lets everybody in."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def admits(self, *ids: str) -> bool:
        """Whether somebody, known by these ids (user, chat), is served."""
        names = {*ids, *(f"{id.partition(':')[0]}:*" for id in ids)}
        return not names & set(self.deny) and (not self.allow or bool(names & set(self.allow)))


class Backup(Section):
    """A backup each night, while it runs. ``folder`` empty: none; ``keep`` is how many nights are kept."""

    folder: str = ""
    keep: int = Field(default=7, ge=1)


class Learning(Section):
    """How names are learnt: vectors alone, or weights of the model too (LoRA; slower, nearer to the photos)."""

    weights: bool = False


class Retention(Section):
    """Days until things go; 0 keeps them. Reference photos live as long as their concept."""

    photos: float = Field(default=30.0, ge=0)
    messages: float = Field(default=30.0, ge=0)
    jobs: float = Field(default=30.0, ge=0)
    inversions: float = Field(default=2.0, ge=0)
    consents: float = Field(default=400.0, ge=183)  # 标识办法 §9: at least six months


class Mark(Section):
    """The marks that generated pictures carry (GB 45438-2025). Nobody can switch them off for everybody: a user may do
    without the visible words after agreeing to the terms (storage.watermark_settings), the metadata item is always there."""

    producer: str = "Heying"

    @field_validator("producer")
    @classmethod
    def _printable(cls, text: str) -> str:
        """GB 45438-2025, annex E j)."""
        if not re.fullmatch(r"[!-~]{1,64}", text):
            raise PydanticCustomError("sentence", "只能用英文字母、数字和半角符号，不能有空格和汉字，最多 64 个")
        return text


class Limits(Section):
    """What one user may send, queue and teach."""

    megapixels: float = Field(default=50.0, gt=0, le=170)
    megabytes: float = Field(default=32.0, gt=0)
    shortest_side: int = Field(default=32, ge=1)
    aspect: float = Field(default=20.0, ge=1)
    open_jobs: int = Field(default=20, ge=1)
    concepts: int = Field(default=100, ge=1)
    attempts: int = Field(default=3, ge=1)
    inversion_megabytes: float = Field(default=2048.0, ge=0)
    characters: int = Field(default=1000, ge=10, le=20_000)
    uploads_an_hour: int = Field(default=240, ge=0)
    space_megabytes: float = Field(default=4096.0, ge=0)
    waiting_jobs: int = Field(default=1000, ge=1)  # of everybody together
    jobs_a_day: int = Field(default=0, ge=0)
    group_seconds: float = Field(default=0.0, ge=0)
    decoders: int = Field(default=2, ge=1, le=64)  # processes
    decode_seconds: float = Field(default=5.0, gt=0)  # of CPU
    decode_megabytes: int = Field(default=2048, ge=256)  # of address space


class Settings(BaseSettings):
    """Everything that can be set, checked. Relative paths are relative to the folder of config.toml."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="HEYING_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
    )

    data: Path = Path("data")
    model: str = "miniature/weights"
    device: str = "auto"
    models: Path = Path("models")  # where `make setup` puts the small models that see real photos
    engines: tuple[EngineSettings, ...] = ()
    platforms: tuple[str, ...] = ("web",)
    web: Web = Web()
    telegram: Telegram = Telegram()
    http: Http = Http()
    onebot: OneBot = OneBot()
    feishu: Feishu = Feishu()
    metrics: Metrics = Metrics()
    language: Language = Language()
    workers: Workers = Workers()
    learning: Learning = Learning()
    retention: Retention = Retention()
    mark: Mark = Mark()
    limits: Limits = Limits()
    access: Access = Access()
    backup: Backup = Backup()
    web_secret: SecretStr | None = None
    web_password: SecretStr | None = Field(default=None, min_length=8)

    @property
    def drawing(self) -> tuple[EngineSettings, ...]:
        """The engines in force: those of [[engines]], else ``model`` and, for real photos, compositing."""
        return self.engines or (
            EngineSettings(kind="diffusion", model=self.model, device=self.device),
            EngineSettings(kind="compositing"),
        )

    @field_validator("engines")
    @classmethod
    def _distinct(cls, engines: tuple[EngineSettings, ...]) -> tuple[EngineSettings, ...]:
        if len({one.called for one in engines}) < len(engines):
            raise ValueError("two engines have the same name")
        return engines

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Plain ``Settings()`` is the defaults; only load() looks at the environment and the file."""
        return (init_settings,)


def load(config: Path | str | None = None, **overrides: Any) -> Settings:
    """The settings in force.

    ``config`` names the file; None means $HEYING_CONFIG, else ./config.toml, else the one beside the code, else none.
    Raises SettingsError with the offending key.
    """
    path = _find(config)
    values = _read(path) if path else {}

    class Loaded(Settings):
        """Settings with their sources."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=values))

    try:
        loaded = Loaded(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = path.name if path else "环境变量"
        why = f"：{first['msg']}" if first["type"] == "sentence" else ""
        raise SettingsError(
            f"设置 {key} 不对{why}，请改 {where} 或 HEYING_{key.upper().replace('.', '__')}。", f"{key}: {first['msg']}"
        ) from None  # the chained error would print the refused value, which may be a secret
    except SourcesError as error:
        raise SettingsError(f"环境变量里的设置读不懂：{error}。", str(error)) from None
    base = path.parent if path else Path.cwd()
    return loaded.model_copy(
        update={
            "data": (base / loaded.data.expanduser()).resolve(),
            "models": (base / loaded.models.expanduser()).resolve(),
            "model": _folder(base, loaded.model),
            "engines": tuple(
                one.model_copy(
                    update={
                        name: _folder(base, values)
                        for name in ("model", "segmenter")
                        if (values := getattr(one, name)) and one.kind != "server"
                    }
                )
                for one in loaded.engines
            ),
        }
    )


def _folder(base: Path, model: str) -> str:
    """A model's folder, made absolute; what is none is a hub id and stays as it is."""
    path = base / Path(model).expanduser()
    local = path.exists() or (path.parent not in (base, base.parent) and path.parent.is_dir())
    return str(path.resolve()) if local else model


def _find(config: Path | str | None) -> Path | None:
    named = config or os.environ.get("HEYING_CONFIG")
    if named:
        path = Path(named).expanduser().resolve()
        if not path.is_file():
            raise SettingsError(f"找不到设置文件 {path}，请检查路径。", f"no config file {path}")
        return path
    places = (Path.cwd() / "config.toml", Path(__file__).resolve().parent.parent / "config.toml")
    return next((place for place in places if place.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"设置文件 {path.name} 读不懂：{error}。", f"{path}: {error}") from error
    for secret in SECRETS:
        if _holds(data, secret):
            variable = f"HEYING_{secret.upper().replace('.', '__')}"
            raise SettingsError(
                f"{secret} 是密钥，不要写进 {path.name}，请改用环境变量 {variable}。", f"secret {secret} in {path.name}"
            )
    return data


def _holds(node: Any, key: str) -> bool:
    """Whether a file says anything about "section.key"."""
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True
