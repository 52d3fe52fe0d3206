"""What is missing on this machine? Each finding is a sentence that says what to do."""

import importlib.util
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import safetensors

import storage
from bot import samples
from bot.findings import Finding
from bot.platforms import registry
from lettering import font, producer
from storage import HeyingError, Settings, health, incidents, model_files, model_memory
from storage.settings import EngineSettings

PACKAGES = (
    "torch", "diffusers", "transformers", "safetensors", "numpy", "cv2", "PIL", "pillow_heif", "jieba", "opencc_purepy", "cn2an",
    "nicegui", "apscheduler", "sqlite_utils", "pydantic_settings", "structlog",
)  # fmt: skip
PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
SOUND_SQLITE = (3, 51, 3)
HUB_SECONDS = 8.0
SMALL = 100_000_000  # parameters below which a model runs on any machine
CARDS = (8, 12, 16, 24)
PLANS = {
    ("float32", "none"): "全精度",
    ("bfloat16", "none"): "半精度",
    ("bfloat16", "model"): "半精度，文字部分轮流放",
    ("bfloat16", "layer"): "半精度，一层一层放，慢，要边学边画的方法用不了",
}
WEIGHTS = ("*.safetensors", "*.bin")


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Look at everything."""
    return tuple(finding for check in CHECKS for finding in check(settings))


def unopenable(settings: Settings) -> str | None:
    """Why no worker of this machine could start: what the first engine lacks, in a sentence. None when all can be opened."""
    if settings.workers.engine != "local":
        return None  # the folders are those of other machines
    lost = (finding for finding in _models(settings) if finding.what == "模型" and not finding.well)
    return next((f"没有启动，画画的程序会起不来：{finding.sentence}" for finding in lost), None)


def without(settings: Settings) -> tuple[Finding, ...]:
    """What is missing that all of it can run without, each with what becomes of it."""
    sees = _real_photos(settings) if any(one.kind == "compositing" for one in settings.drawing) else ()
    quick = (finding for finding in _models(settings) if finding.what == "少步数")
    return tuple(finding for finding in (*sees, *quick) if not finding.well)


def _python(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    well = sys.version_info >= (3, 11)
    yield Finding("Python", well, version if well else f"现在是 {version}，请装 3.11 或更新的，再运行 make setup。")


def _packages(settings: Settings) -> Iterator[Finding]:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    sentence = f"缺 {'、'.join(missing)}，请运行 make setup。" if missing else "都装好了。"
    yield Finding("程序包", not missing, sentence)


def _models(settings: Settings) -> Iterator[Finding]:
    """Every model that an engine in force draws with."""
    for engine in settings.drawing:
        if engine.kind == "diffusion":
            yield from _model(engine.model or settings.model)
            if engine.lora:
                yield _few_steps(engine, Path(engine.model or settings.model))
            if engine.segmenter and not Path(engine.segmenter).is_dir():
                yield Finding("模型", *_on_the_hub(engine.segmenter, "config.json", "segmenter"))
        elif engine.kind == "editor" and not Path(engine.model).is_dir():
            yield Finding("模型", *_on_the_hub(engine.model))


def _few_steps(engine: EngineSettings, folder: Path) -> Finding:
    """Whether few-step weights are there, and the settings that they want."""
    file = folder / engine.lora if (folder / engine.lora).exists() else Path(engine.lora).expanduser()
    lacking = [name for name in ("steps", "spacing") if not getattr(engine, name)]
    lacking += ["guidance"] if engine.guidance < 0 else []
    if not file.exists() or (file.suffix == ".safetensors" and not _readable(file)):
        sentence = f"{engine.called} 的 LoRA 文件 {engine.lora} 找不到或者不完整，请检查 config.toml 里的 lora。"
        return Finding("模型", False, sentence)
    if lacking:
        sentence = (
            f"{engine.called} 写了 lora，还要写 {'、'.join(lacking)}，不然会照普通模型的步数和引导来画。按 LoRA 的说明填，"
            '例如 steps = 4、guidance = 1.0、spacing = "trailing"。'
        )
    else:
        return Finding("少步数", True, f"{engine.called}：{engine.steps} 步，guidance {engine.guidance:g}。")
    return Finding("少步数", False, sentence)


def _model(name: str) -> Iterator[Finding]:
    """A Stable-Diffusion folder, or a model of the hub."""
    folder = Path(name)
    if not folder.is_dir():
        yield Finding("模型", *_on_the_hub(name))
        return
    missing = [part for part in PARTS if not (folder / part).is_dir()]
    missing += [
        f"{part} 的权重"
        for part in PARTS[:3]
        if part not in missing and not any(next((folder / part).glob(kind), None) for kind in WEIGHTS)
    ]
    if not (folder / "model_index.json").is_file():
        missing.append("model_index.json")
    broken = [] if missing else [path for path in sorted(folder.rglob("*.safetensors")) if not _readable(path)]
    if missing:
        sentence = f"{folder} 里缺 {'、'.join(missing)}，请重新取出或下载。"
    elif broken:
        names = "、".join(str(path.relative_to(folder)) for path in broken)
        sentence = f"{folder} 里的 {names} 不完整或损坏，请重新取出或下载。"
    else:
        sentence = f"{folder} 完整。"
    yield Finding("模型", not missing and not broken, sentence)
    if not missing and not broken:
        yield from _memory(folder)
    if not missing and not (folder / "clip").is_dir():
        yield Finding("看图", True, "模型文件夹里没有 clip/，会用 BLIP 来看照片里有什么。")


def _memory(folder: Path) -> Iterator[Finding]:
    """How a Stable-Diffusion folder fits into the usual graphics cards; a small one needs none."""
    parts = model_memory.parameters(folder)
    if sum(parts.values()) < SMALL:
        return
    side = model_memory.side_of(folder)
    sentence = []
    for card in CARDS:
        plan = model_memory.best(parts, side, card)
        sentence.append(f"{card} GB {PLANS.get((plan.precision, plan.offload), plan.precision) if plan else '放不下'}")
    yield Finding("显存", True, f"按参数量估算：{'；'.join(sentence)}。自己会挑；想改，写 precision 和 offload。")


def _readable(path: Path) -> bool:
    """Whether a file of weights is whole: its header is read, and every tensor that this names is there."""
    try:
        with safetensors.safe_open(str(path), framework="np") as file:
            return bool(list(file.keys()))
    except (OSError, safetensors.SafetensorError):
        return False


def _sqlite(settings: Settings) -> Iterator[Finding]:
    """Versions up to 3.51.2 can, rarely, damage a database in WAL mode that several processes use ("WAL-reset bug")."""
    version = ".".join(map(str, sqlite3.sqlite_version_info))
    well = sqlite3.sqlite_version_info >= SOUND_SQLITE
    sentence = version if well else (
        f"{version}，早于 {'.'.join(map(str, SOUND_SQLITE))}：多个进程同时写时极少数情况下会损坏数据库。"
        "请升级系统的 SQLite（或 Python），并每天备份：python -m bot backup。"
    )  # fmt: skip
    yield Finding("SQLite", True, sentence)  # it runs; what to do about it is said


def _incidents(settings: Settings) -> Iterator[Finding]:
    """What was given up lately."""
    if not (settings.data / "heying.db").is_file():
        return
    try:
        with storage.open(settings.data, settings) as store:
            found = incidents.recent(store)
    except HeyingError:
        return  # said above
    kinds = {"message": "收到的消息", "job": "任务", "delivery": "要发的消息"}
    sentence = "；".join(f"{kinds[one.what]} {one.ref}：{one.log}" for one in found[:5])
    yield Finding(
        "放弃过的", not found, f"最近一天 {len(found)} 件（用户已收到道歉）：{sentence}" if found else "最近一天没有。"
    )


def _on_the_hub(name: str, file: str = "model_index.json", key: str = "model") -> tuple[bool, str]:
    """Whether a model that is no folder here can be had from the hub, and what to do if not. ``file`` is in every such
    model; ``key`` is where config.toml names it."""
    lost = f"找不到模型文件夹 {name}。请完整取出仓库，或在 config.toml 里改 {key}。"
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", name) or Path(name).parent.is_dir():
        return False, lost
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE", str(home / "hub")))
    if any((cache / f"models--{name.replace('/', '--')}" / "snapshots").glob(f"*/{file}")):
        return True, f"{name} 已经下载过。"
    if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        return (
            False,
            f"{name} 还没有下载，而现在设了 HF_HUB_OFFLINE，不能联网。先联网下载一次，或在 config.toml 里写文件夹。",
        )
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    try:
        answer = httpx.head(f"{hub}/{name}/resolve/main/{file}", timeout=HUB_SECONDS, follow_redirects=True)
    except httpx.HTTPError as error:
        return (
            False,
            f"{name} 不是文件夹，hub 也连不上（{type(error).__name__}）。检查网络，或在 config.toml 里写文件夹。",
        )
    if answer.is_error:
        return False, f"{name} 不是文件夹，hub 上也没有（HTTP {answer.status_code}）。检查 config.toml 里的 {key}。"
    return True, f"{name} 在 hub 上，第一次用时要联网下载。"


def _real_photos(settings: Settings) -> Iterator[Finding]:
    absent = model_files.missing(settings.models / "vision", thorough=True)
    sentence = "看真实照片的小模型都在。"
    lost = f"看真实照片的小模型缺 {len(absent)} 个或者不完整，真实照片暂时改不了。请运行 {model_files.COMMAND}。"
    yield Finding("真实照片", not absent, lost if absent else sentence)


def _fonts(settings: Settings) -> Iterator[Finding]:
    try:
        font.check()
        sentence = "能写汉字。"
    except HeyingError as error:
        sentence = error.sentence
    yield Finding("字体", sentence == "能写汉字。", sentence)


def _producer(settings: Settings) -> Iterator[Finding]:
    """What the metadata item says of who made a picture (GB 45438-2025, TC260-PG-20252A)."""
    name = settings.mark.producer
    if producer.official(name):
        yield Finding("标识", True, f"生产者编码 {name}，27 位，校验码对得上。")
    elif producer.meant_official(name):
        sentence = f"{name} 不是合格的生产者编码：要 27 位，0011 + 18 位统一社会信用代码 + 1 + 4 位自编码。请改 config.toml 里 [mark] 的 producer。"
        yield Finding("标识", False, sentence)
    else:
        yield Finding("标识", True, f"制作者写作 {name}。对公众提供服务的话，要换成 27 位的生产者编码。")


def _samples(settings: Settings) -> Iterator[Finding]:
    try:
        count = sum(len(sample.read()) for sample in samples.load())
    except (OSError, ValueError, KeyError):
        count = 0
    yield Finding("样例", count > 0, f"{count} 张照片。" if count else "bot/samples 不完整，请重新取出。")


def _data(settings: Settings) -> Iterator[Finding]:
    try:
        with storage.open(settings.data, settings) as store:
            with store.atomic() as db:
                db.execute("CREATE TEMP TABLE probe (x)")
                db.execute("DROP TABLE probe")
            wrong = health.check(store)
    except HeyingError as error:
        wrong = (error.sentence,)
    yield Finding("数据文件夹", not wrong, " ".join(wrong) or f"{settings.data} 可以读写。")


def _browser(settings: Settings) -> Iterator[Finding]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    sentence = f"{path}，浏览器测试会用它。" if path else "没有找到 Chromium，浏览器测试会跳过；聊天不受影响。"
    yield Finding("Chromium", True, sentence)


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python, _packages, _sqlite, _models, _real_photos, _fonts, _producer, _samples, _data, _incidents, registry.examine, _browser,
)  # fmt: skip
