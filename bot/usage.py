"""Help and mistakes on the command line in Chinese; click says them in English."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

MISUSED, FAILED = 2, 1  # exit statuses
GREETING = "你好，这里是合影。运行 {} up 就能在浏览器里聊，也可以直接用下面的命令。\n\n"

HEADINGS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}
WORDS = {  # of click's, in usage lines and in what options take
    "[OPTIONS]": "[选项]", "COMMAND": "命令", "[ARGS]...": "[参数]...", "FILE": "文件", "FILENAME": "文件", "DIRECTORY": "文件夹",
    "TEXT": "文字", "INTEGER RANGE": "整数", "INTEGER": "整数", "FLOAT": "数", "PHOTO": "照片", "SENTENCE": "句子", "NAME": "名字",
    "PICTURES": "照片", "PICTURE": "照片", "TARGET": "目标文件", "SOURCE": "备份文件", "SHELL": "终端", "MODEL": "模型",
}  # fmt: skip
SENTENCES = {
    "Show this message and exit.": "显示这段说明。",
    "[default: ": "[默认 ",
    "default: ": "默认 ",
    "[required]": "[必填]",
    "required": "必填",
}
_WORD = re.compile(
    "|".join(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" for word in sorted(WORDS, key=len, reverse=True))
)


class Formatter(click.HelpFormatter):
    """Help with Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """See click.HelpFormatter.write_usage."""
        super().write_usage(prog, _worded(args), "用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """See click.HelpFormatter.write_heading."""
        self.write(f"{'':>{self.current_indent}}{HEADINGS.get(heading, heading)}：\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], *data: Any, **more: Any) -> None:
        """See click.HelpFormatter.write_dl."""
        super().write_dl([(_worded(term), _said(text)) for term, text in rows], *data, **more)


class Context(click.Context):
    """A context whose help is Chinese."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help is Chinese."""

    context_class = Context


class Commands(click.Group):
    """A group of commands whose help and errors are Chinese."""

    context_class = Context
    command_class = Command
    group_class = type

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, standalone_mode: bool = True, **more: Any
    ) -> Any:
        """See click.Command.main."""
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **more)
        try:
            status = super().main(args, prog_name, standalone_mode=False, **more)
        except click.exceptions.NoArgsIsHelpError as error:  # nothing was said yet, so nothing is wrong
            click.echo(GREETING.format(error.ctx.command_path) + error.ctx.get_help())
            sys.exit(0)
        except click.UsageError as error:
            click.echo(in_chinese(error), err=True)
            sys.exit(MISUSED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("已停下。", err=True)
            sys.exit(FAILED)
        sys.exit(status if isinstance(status, int) else 0)


def _worded(text: str) -> str:
    return _WORD.sub(lambda found: WORDS[found[0]], text)


def _said(text: str) -> str:
    for english, chinese in SENTENCES.items():
        text = text.replace(english, chinese)
    return text


def in_chinese(error: click.UsageError) -> str:
    """What is wrong, and where to look."""
    path = error.ctx.command_path if error.ctx is not None else "heying"
    return f"{_wrong(error)}\n看看怎么用：{path} --help"


def _wrong(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            like = f"你是不是想写 {'、'.join(error.possibilities)}？" if error.possibilities else ""
            return f"没有选项 {error.option_name}。{like}"
        case click.MissingParameter():
            return f"缺少{_named(error.param)}。"
        case click.BadParameter():
            return f"{_named(error.param)} 不对：{_why(error.param)}"
        case click.BadOptionUsage():
            return f"选项 {error.option_name} 的写法不对：{_counted(error.message)}"
    if command := re.search(r"No such command '(.*?)'", error.message):
        group = error.ctx.command if error.ctx is not None else None
        known = list(group.commands) if isinstance(group, click.Group) else []
        return f"没有命令 {command[1]}。有这些：{'、'.join(known)}。"
    if extra := re.search(r"unexpected extra arguments? \((.*)\)", error.message):
        return f"多写了：{extra[1]}。一句话里有空格的话，用引号括起来。"
    return "这样写我看不懂。" + (error.message if re.search("[一-鿿]", error.message) else "")


def _named(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return f"选项 {max(param.opts, key=len)}"
    return f"参数「{_worded(param.human_readable_name)}」" if param is not None else "参数"


def _why(param: click.Parameter | None) -> str:
    """What may be written there."""
    match getattr(param, "type", None):
        case click.Choice() as choice:
            return f"要写 {'、'.join(str(one) for one in choice.choices)} 当中的一个。"
        case click.IntRange() as bounds:
            most = f"，最大 {bounds.max}" if bounds.max is not None else ""
            return f"要写一个整数，最小 {bounds.min}{most}。"
        case click.File() | click.Path():
            return "打不开这个文件或文件夹，请检查名字和权限。"
    return "请换一个值。"


def _counted(message: str) -> str:
    return "后面要写一个值。" if "requires" in message else "它后面不能写值。"
