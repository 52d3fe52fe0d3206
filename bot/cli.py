"""The command line: ``python -m bot`` (installed as ``heying``).

What talks to a model does so like every other platform: it says a sentence, queues a job in the data folder, and a
worker process runs it. Errors are one Chinese sentence and exit status 1.
"""

import asyncio
import functools
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import structlog
from click.shell_completion import get_completion_class
from rich.console import Console

import storage
from bot import accuracy, app, learning, logs, models, parser, provenance, replies, supervisor
from bot import demo as demonstration
from bot import doctor as examination
from bot.platforms import Outgoing
from bot.platforms.terminal.chat import TerminalChat
from bot.platforms.terminal.conversation import USER, Terminal, working
from bot.supervisor import Crew
from bot.usage import Commands
from lettering import moving
from storage import HeyingError, Storage, backups, concepts, files, photos, retention
from storage.plans import CONCEPT_KINDS
from storage.settings import Settings, load

TRIES = 3  # workers of a command that die this often are given up
PICTURE = click.Path(dir_okay=False, path_type=Path)
CONSENT = click.option("--consent", is_flag=True, help="照片里的人已经同意（不加就先问你）。")


class Said(click.ClickException):
    """A sentence that ends a command."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def settled(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that is given the settings; our errors end it with their sentence."""

    @click.option("--config", type=PICTURE, help="设置文件，默认 ./config.toml。")
    @click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="数据文件夹，默认照设置文件。")
    @click.option("--model", help="模型文件夹或 hub 名，默认照设置文件。")
    @functools.wraps(command)
    def run(config: Path | None, data: Path | None, model: str | None, **arguments: Any) -> Any:
        given = {"data": data and data.resolve(), "model": model}
        try:
            settings = load(config, **{name: str(value) for name, value in given.items() if value})
            return command(settings=settings, **arguments)
        except HeyingError as error:
            raise Said(error.sentence) from error
        except KeyboardInterrupt:
            raise Said(replies.STOPPED) from None

    return run


@click.group(
    cls=Commands,
    help="合影：一句话改照片。",
    epilog="heying 就是 python -m bot（先 source .venv/bin/activate）；能按 Tab 补全的是 heying，见命令 completion。",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(metadata.version("heying"), message="合影 %(version)s", help="说是哪个版本。")
@click.option("-v", "--verbose", is_flag=True, help="多说一些。")
def main(verbose: bool) -> None:
    """The group of all commands."""
    structlog.reset_defaults()
    logs.configure(logging.DEBUG if verbose else logging.INFO)


@main.command(help="启动聊天网页和干活的进程。")
@click.option("--port", type=click.IntRange(0, 65535), help="网页端口，默认 7860。")
@settled
def up(settings: Settings, port: int | None) -> None:
    """Run everything until stopped."""
    settings = _on(settings, port)
    for finding in examination.without(settings):
        click.secho(finding.sentence, fg="red", err=True)
    with storage.open(settings.data, settings) as store:
        asyncio.run(app.serve(store, opened=lambda: click.echo(_opened(settings))))


@main.command(help="照一句话改一张照片：edit photo.png 把猫换成狗 -o out.png")
@click.argument("photo", type=PICTURE)
@click.argument("sentence")
@click.option("-o", "--output", type=PICTURE, help="结果写到哪里，默认在原图旁边。")
@click.option("--choice", type=click.IntRange(1), help="问「是哪一个」时选第几个。")
@settled
def edit(settings: Settings, photo: Path, sentence: str, output: Path | None, choice: int | None) -> None:
    """Say a sentence about a photo and write what comes of it."""
    target = output or photo.with_name(f"{photo.stem}-合影.png")

    async def converse(terminal: Terminal) -> None:
        heard = await terminal.say(sentence, [terminal.take_in(photo)]) if sentence.strip() else ()
        while heard and any(button.action.startswith(("choose:", "offer:", "send:")) for button in heard[-1].buttons):
            heard = await terminal.say("", button=heard[-1].buttons[_pick(heard[-1], choice)])
        pictures = [(out, sha) for out in heard for sha in out.stickers or out.images if out.original or out.stickers]
        for out in heard:
            click.echo(out.text, err=not pictures)
        if not pictures:
            raise Said("" if heard else replies.EMPTY)
        if pictures[-1][0].stickers:
            many = {target.with_stem(f"{target.stem}-{n}"): sha for n, (_, sha) in enumerate(pictures, 1)}
        else:
            many = {target: pictures[-1][1]}
        for path, sha in many.items():
            data = photos.read(terminal.store, sha, USER)
            path = path.with_suffix(".webp") if moving.moves(data) else path
            files.write(path, provenance.as_named(terminal.store, data, path.suffix))
            click.echo(replies.written(str(path)))

    _run(settings, [supervisor.EDIT], converse)


@main.command(help="教我认识谁：learn 阿紫 a.png b.png c.png --kind person")
@click.argument("name")
@click.argument("pictures", nargs=-1, required=True, type=PICTURE)
@click.option("--kind", type=click.Choice(CONCEPT_KINDS), default="person", show_default=True, help="是什么。")
@CONSENT
@settled
def learn(settings: Settings, name: str, pictures: Sequence[Path], kind: str, consent: bool) -> None:
    """Teach a name from reference pictures; a person's only with their consent."""
    if kind == "person" and learning.LEAST <= len(pictures) <= learning.MOST:
        _agreed(name, consent)
    _run(settings, [supervisor.LEARN], lambda terminal: demonstration.teach(terminal, name, kind, pictures))


@main.command(help="从头演示一遍：教一个新角色、加进合影、替换、改色、换画风、做表情包。")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("out/demo"))
@CONSENT
@settled
def demo(settings: Settings, output: Path, consent: bool) -> None:
    """Show what can be done, as pictures and one sheet of all."""
    for guest in demonstration.people():
        _agreed(guest.name, consent)
    _run(settings, [supervisor.LEARN, supervisor.EDIT], lambda terminal: demonstration.show(terminal, output))


@main.command(help="在终端里聊天；照片写文件名，例如：photo.png 把猫换成狗")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("out/chat"))
@settled
def chat(settings: Settings, output: Path) -> None:
    """The whole conversation in a terminal."""
    _run(settings, [supervisor.EDIT, supervisor.LEARN], lambda terminal: TerminalChat(terminal, output).run())


@main.command(help="看一句话被理解成什么：parse --json 把猫换成狗；写 - 就从标准输入读。")
@click.argument("sentence", required=False)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.option("--concepts", default="", help="教过的名字，用逗号隔开。")
@click.option("--photos", "count", type=click.IntRange(0), default=0, help="同时发了几张照片。")
@click.option("--jsonl", type=click.File(encoding="utf-8"), help="每行一句，逐行输出。")
def parse(sentence: str | None, as_json: bool, concepts: str, count: int, jsonl: Any) -> None:
    """Print the plan of a sentence, or of each line of a file."""
    if jsonl is not None:
        try:
            lines = list(jsonl)
            for line in parser.parse_jsonl(lines):
                click.echo(line)
            for line in accuracy.report(lines):
                click.echo(line, err=True)
        except ValueError as error:
            raise Said(replies.not_jsonl(str(error))) from error
        return
    if sentence == "-":
        sentence = sys.stdin.read().strip()
    if not sentence:
        raise Said(replies.NO_SENTENCE)
    names = [name for name in concepts.replace("，", ",").split(",") if name]
    plan = parser.parse(sentence, names, count)
    click.echo(json.dumps(plan.to_json(), ensure_ascii=False) if as_json else replies.understood(plan))


@main.command(help="检查这台电脑上缺什么。")
@click.option("--port", type=click.IntRange(0, 65535), help="打算用的网页端口，默认照设置。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@settled
def doctor(settings: Settings, port: int | None, as_json: bool) -> None:
    """Look for what is missing and say what to do."""
    settings = _on(settings, port)
    findings = examination.examine(settings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
        raise SystemExit(0 if all(finding.well for finding in findings) else 1)
    for finding in findings:
        line = f"{'✓' if finding.well else '✗'} {finding.what}：{finding.sentence}"
        click.secho(line, fg=None if finding.well else "red")
    if not all(finding.well for finding in findings):
        raise Said(replies.NOT_WELL)
    place = f"{settings.web.host}:{settings.web.port}" if "web" in settings.platforms else ""
    click.echo(replies.all_well(place, port))


@main.command(help="看一张图是不是 AI 生成的、是不是这里做的。")
@click.argument("pictures", nargs=-1, required=True, type=PICTURE)
@click.option("--json", "as_json", is_flag=True, help="每张图输出一行 JSON。")
@settled
def verify(settings: Settings, pictures: Sequence[Path], as_json: bool) -> None:
    """Read the mark of each picture; exit status 1 unless all are marked."""
    marked = True
    with storage.open(settings.data, settings) as store:
        for path in pictures:
            verdict = provenance.verify(store, files.read(path, int(settings.limits.megabytes * 1e6)))
            text = json.dumps({"file": str(path), **asdict(verdict)}, ensure_ascii=False)
            click.echo(text if as_json else f"{path}：{verdict.sentence}")
            marked &= verdict.marked
    raise SystemExit(0 if marked else 1)


@main.command(help='让命令行会补全：eval "$(heying completion bash)"，写进 ~/.bashrc 就一直有。')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes our commands in a shell."""
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "heying", "_HEYING_COMPLETE").source())


@main.command(help="把我的全部数据导出成 ZIP。")
@click.argument("target", type=PICTURE)
@click.option("--user", default=USER, show_default=True, help="导出谁的。")
@settled
def export(settings: Settings, target: Path, user: str) -> None:
    """Write a ZIP of everything we have of somebody."""
    with storage.open(settings.data, settings) as store:
        click.echo(replies.written(str(retention.export(store, user, target))))


@main.command(help="忘掉一个名字，或者 --all 删除全部数据。")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="删除全部数据。")
@click.option("--user", default=USER, show_default=True, help="谁的。")
@settled
def forget(settings: Settings, name: str | None, everything: bool, user: str) -> None:
    """Remove one name, or everything."""
    with storage.open(settings.data, settings) as store:
        if everything:
            click.echo(replies.everything_forgotten(retention.forget(store, user)))
            return
        concept = concepts.find(store, user, name) if name else None
        if concept is None:
            raise Said(replies.not_known(name) if name else replies.FORGET_WHOM)
        concepts.forget(store, concept.id, user)
        click.echo(replies.forgotten(concept.name, len(concept.references)))


@main.command(help="把整个数据文件夹备份成一个文件；运行中也可以。")
@click.argument("target", type=PICTURE)
@settled
def backup(settings: Settings, target: Path) -> None:
    """Everything of everybody in one ZIP."""
    with storage.open(settings.data, settings) as store:
        count = backups.backup(store, target)
    click.echo(replies.backed_up(str(target), count))


@main.command(help="把备份恢复到空的数据文件夹；先停下合影。")
@click.argument("source", type=PICTURE)
@settled
def restore(settings: Settings, source: Path) -> None:
    """Fill an empty data folder from a backup."""
    count = backups.restore(source, settings.data)
    with storage.open(settings.data, settings):  # brings it up to date
        click.echo(replies.restored(str(settings.data), count))


models.register(main, settled)


def _on(settings: Settings, port: int | None) -> Settings:
    """The settings with another port of the page."""
    if port is None:
        return settings
    return settings.model_copy(update={"web": settings.web.model_copy(update={"port": port})})


def _run(settings: Settings, lanes: Sequence[tuple[str, ...]], converse: Callable[[Terminal], Any]) -> None:
    """A conversation with workers of its own."""

    async def run(store: Storage) -> None:
        terminal = Terminal(store, Console(stderr=True))
        async with working(Crew(store, tuple(lanes), TRIES, quiet=True), terminal):
            await converse(terminal)

    if why := examination.unopenable(settings):
        raise Said(why)
    with storage.open(settings.data, settings) as store:
        asyncio.run(run(store))


def _opened(settings: Settings) -> str:
    """What is said once everything can be reached."""
    if "web" in settings.platforms:
        return replies.open_page(settings.web.host, settings.web.port)
    return f"合影开好了，在 {'、'.join(settings.platforms)} 上等消息（按 Ctrl-C 停下）"


def _agreed(name: str, consent: bool) -> None:
    """Ask for consent before a person is learnt. Raises Said when there is none."""
    click.echo(replies.consent(name), err=True)
    if not consent and not sys.stdin.isatty():
        raise Said("还没有开始学。照片里的人同意的话，加上 --consent 再运行一次。")
    if not consent and not click.confirm("照片里的人同意吗", err=True):
        raise Said("好，不学了，照片没有保存。得到同意以后再来。")


def _pick(asked: Outgoing, choice: int | None) -> int:
    """Which of several things is meant: as told on the command line, else by asking."""
    click.echo(asked.text)
    for number, button in enumerate(asked.buttons, 1):
        click.echo(f"  {number}. {button.label}")
    if choice is None and sys.stdin.isatty():
        choice = click.prompt(replies.WHICH_NUMBER, type=click.IntRange(1, len(asked.buttons)))
    if choice is None or choice > len(asked.buttons):
        raise Said(replies.SAY_CHOICE)
    return choice - 1
