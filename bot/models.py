"""``python -m bot models``: which editors fit this machine, fetch one, try one that is there."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from bot import models_hub, parser, samples
from bot.language import referents
from bot.models_catalogue import MODELS, Model
from bot.models_hub import ModelError
from storage import downloads, files
from storage.settings import EngineSettings, Settings

SENTENCE = "把整张照片变成水彩画"
GIGABYTE = 10**9
MARGIN = 1.05  # of the download: room that has to be there
TRY = "pipeline.sample"
Settled = Callable[[Callable[..., Any]], Callable[..., Any]]


def register(main: click.Group, settled: Settled) -> None:
    """Add the commands to the command line; `settled` gives them the settings and turns our errors into sentences."""

    @main.group(help="会听指令改照片的模型：看有哪些、下载、试一试。", invoke_without_command=True)
    @click.pass_context
    def models(context: click.Context) -> None:
        if context.invoked_subcommand is None:
            context.invoke(listing)

    @models.command("list", help="有哪些模型，这台电脑装得下哪些。")
    @settled
    def listing(settings: Settings) -> None:
        click.echo("\n".join(table(settings.models, memory(), downloads.free(settings.models))))

    @models.command("get", help="下载一个模型，写进 config.toml：models get klein-4b")
    @click.argument("name", type=click.Choice(sorted(MODELS)))
    @click.option("--from", "source", type=click.Choice(["huggingface", "modelscope"]), default="huggingface")
    @click.option("--yes", is_flag=True, help="不再问，直接下载（也表示同意模型的条款）。")
    @settled
    def get(settings: Settings, name: str, source: str, yes: bool) -> None:
        fetch(name, settings, source, lambda question: yes or click.confirm(question))

    @models.command("try", help="用一个模型改一张样例照片，看看效果和快慢：models try klein-4b")
    @click.argument("name")
    @click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("out/models-try.png"))
    @click.option("--sentence", default=SENTENCE, show_default=True)
    @settled
    def attempt(settings: Settings, name: str, output: Path, sentence: str) -> None:
        sample(engine(name, settings), settings.models, output, sentence)


def memory() -> float | None:
    """GPU memory of the largest card, in GB; None without one that we can ask about."""
    ask = shutil.which("nvidia-smi")
    if ask is None:
        return None
    try:
        printed = subprocess.run(
            [ask, "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=10,
        ).stdout
        return max(float(line) for line in printed.split() if line) / 1024
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def table(folder: Path, gpu: float | None, disk: int) -> list[str]:
    """The list: those free for every use first, then the smaller ones."""
    head = (
        f"显存 {gpu:.0f} GB"
        if gpu is not None
        else "没有找到 NVIDIA 显卡（用 CPU 一张图要很久，可以改用服务器，见 docs/editors.md）"
    )
    lines = [f"{head}，模型文件夹还有 {disk / GIGABYTE:.0f} GB 空间。", ""]
    for name, model in sorted(MODELS.items(), key=lambda item: (not item[1].free, item[1].gigabytes)):
        here = "已下载" if fetched(folder / name) else fits(model, gpu)
        lines.append(f"{name:<14}{model.title}　约 {model.gigabytes:.0f} GB　{model.licence}　{here}")
        lines.append(f"{'':<14}{model.can}")
        if model.terms:
            lines.append(f"{'':<14}注意：{model.terms}")
    return [*lines, "", "下载：python -m bot models get 名字"]


def fetched(folder: Path) -> bool:
    """Whether a model is there: its index is what comes last."""
    return any((folder / index).is_file() for index in models_hub.INDEXES)


def fits(model: Model, gpu: float | None) -> str:
    """Whether a model runs here, and how well."""
    if gpu is None:
        return "没有显卡"
    if gpu >= model.whole:
        return "装得下"
    return "装得下，慢一些（一次只放一部分）" if gpu >= model.parts else f"很慢（最好有 {model.parts:.0f} GB 显存）"


def fetch(name: str, settings: Settings, source: str, agreed: Callable[[str], bool]) -> Path:
    """Download a model and write it into config.toml, after its cost and terms have been agreed to. Raises ModelError."""
    model, folder = MODELS[name], settings.models / name
    hub = models_hub.hub(source)
    repository = model.modelscope if hub.kind == "modelscope" and model.modelscope else model.repository
    if model.terms:
        click.echo(f"{model.title} 的许可是 {model.licence}。{model.terms}")
    with models_hub.client() as connection:
        wanted = hub.listing(connection, repository)
        size, there = sum(one.size for one in wanted), models_hub.there(wanted, folder)
        click.echo(f"{model.title}：{len(wanted)} 个文件，共 {size / GIGABYTE:.1f} GB，放到 {folder}。")
        if there:
            click.echo(f"已经有 {there / GIGABYTE:.1f} GB，接着下。")
        room = downloads.free(folder)
        if (size - there) * MARGIN > room:
            raise ModelError(
                f"磁盘只剩 {room / GIGABYTE:.1f} GB，放不下。清理一下，或者在 config.toml 里把 models 指到别的磁盘。",
                f"{size - there} bytes wanted, {room} free",
            )
        if not agreed("同意许可并下载吗？" if model.terms else "下载吗？"):
            raise ModelError("没有下载。", "not agreed")
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=size, completed=there)
            models_hub.fetch(connection, hub, repository, wanted, folder, lambda done: bar.update(task, completed=done))
    click.echo(configured(name, folder, settings))
    return folder


def configured(name: str, folder: Path, settings: Settings) -> str:
    """Write the engine into config.toml; says what was done, or what to write where there is no such file."""
    path = Path(os.environ.get("HEYING_CONFIG") or "config.toml")
    text = downloads.text(path)
    block = entry("editor", name=name, model=str(folder), **MODELS[name].settings)
    if not text:
        return f"下载好了。把下面几行写进 config.toml：\n\n{block}"
    data = tomllib.loads(text)
    if any(one.get("name") == name for one in data.get("engines", ())):
        return f"下载好了；{path} 里已经有它。试一试：python -m bot models try {name}"
    lines = [line for line in text.splitlines() if line.replace(" ", "").partition("#")[0] != "engines=[]"]
    if not data.get("engines"):  # naming one engine takes the place of those that go without saying
        block = entry("diffusion", model=settings.model) + "\n" + entry("compositing") + "\n" + block
    written = "\n".join(lines).rstrip() + "\n\n" + block
    tomllib.loads(written)
    files.write(path, written.encode("utf-8"))
    return f"下载好了，写进了 {path}。试一试：python -m bot models try {name}"


def entry(kind: str, **fields: int | float | str) -> str:
    """An [[engines]] entry in TOML."""
    values = {"kind": kind, **fields}
    # strings of JSON are strings of TOML
    return "[[engines]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()
    )


def engine(name: str, settings: Settings) -> EngineSettings:
    """The engine of that name in config.toml, else the fetched model. Raises ModelError."""
    configured = next((one for one in settings.drawing if one.called == name), None)
    if configured is not None:
        return configured
    there = sorted(one for one in MODELS if fetched(settings.models / one))
    if name in there:
        model = MODELS[name]
        return EngineSettings.model_validate(
            {"kind": "editor", "name": name, "model": str(settings.models / name), **model.settings}
        )
    if name in MODELS:
        raise ModelError(f"{name} 还没有下载。先运行 python -m bot models get {name}。", f"{name} is not fetched")
    known = "、".join(dict.fromkeys([*(one.called for one in settings.drawing), *there]))
    raise ModelError(f"没有叫 {name} 的模型。现在能试的有：{known}。", f"no engine {name}")


def sample(engine: EngineSettings, models: Path, output: Path, sentence: str) -> None:
    """One edit of a sample photo in a process of its own, since nothing here may load a model. Raises ModelError.

    An answer that does not lie on the photo is shown all the same: whoever tries a model wants to see what it does.
    """
    steps = parser.parse(sentence, [], 1).steps
    if len(steps) != 1:
        raise ModelError("试一试只做一步修改。换一句，例如：把整张照片变成水彩画。", f"{len(steps)} steps")
    if engine.kind == "server":
        click.echo(
            f"样例照片会发给 {engine.name or engine.kind}（{engine.address or engine.dialect}），按一次修改收费。"
        )
    photos = [one for one in samples.load() if not one.name]
    # a drawn world's model serves the drawn one
    shown = [next((one for one in photos if one.real == real), None) for real in (True, False)]
    spoken = referents.referents(steps[0], sentence)
    order = {
        "step": steps[0].to_json(),
        "referents": {slot: one.to_json() for slot, one in spoken.items()},
        "sentence": sentence,
    }
    words = ["--engine", engine.model_copy(update={"likeness": 0.0}).model_dump_json(), "--models", str(models)]
    words += [word for one in shown if one for word in ("--photo", str(one.folder / one.files[0]))]
    words += ["--order", json.dumps(order), "--output", str(output)]
    done = subprocess.run([sys.executable, "-m", TRY, *words], check=False)
    if done.returncode:
        raise ModelError("没有试成，原因见上面。", f"sample ended with {done.returncode}")
    click.echo(f"原图和改好的图并排放在 {output}。")


__all__ = ["configured", "engine", "entry", "fetch", "fetched", "fits", "memory", "register", "sample", "table"]
