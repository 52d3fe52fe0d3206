"""Mistakes on the command line, said in Chinese with what to write instead; click says them in English."""

import re
import sys
from collections.abc import Sequence
from typing import Any

import click

MISUSED, FAILED = 2, 1  # exit statuses


class Commands(click.Group):
    """A group of commands whose errors are Chinese."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, standalone_mode: bool = True, **more: Any
    ) -> Any:
        """See click.Command.main."""
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **more)
        try:
            status = super().main(args, prog_name, standalone_mode=False, **more)
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
            return f"{_named(error.param)}不对：{_why(error.param)}"
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
    return f"参数 {param.human_readable_name}" if param is not None else "参数"


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
