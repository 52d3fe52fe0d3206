"""The whole conversation in a terminal: lines in, lines and picture files out.

A line is a sentence with the photos that go with it, by file name; a number or a button's label presses that button; "@3"
in front answers to picture 3 of this run.
"""

import asyncio
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from bot import replies
from bot.platforms import Button, Outgoing
from bot.platforms.terminal.conversation import USER, Terminal
from storage import HeyingError, files, photos

PICTURES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".heic", ".tif", ".tiff"))
GOODBYE = frozenset(("退出", "再见", "拜拜", "exit", "quit", "q"))


@dataclass(slots=True)
class Line:
    """One line as it is meant."""

    text: str = ""
    pictures: list[Path] = field(default_factory=list)
    answers: int | None = None


@dataclass(slots=True)
class TerminalChat:
    """One run. ``shown``: all pictures so far, numbered from 1; ``buttons``: those under the last messages."""

    terminal: Terminal
    output: Path
    shown: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    async def run(self) -> None:
        """Talk until the input ends or somebody says goodbye."""
        click.echo(f"{replies.WELCOME}\n{replies.CHAT_HINT}")
        while line := await asyncio.to_thread(self._ask):
            if line.strip().casefold() in GOODBYE:
                break
            try:
                heard = await self._say(line.strip())
            except HeyingError as error:
                click.echo(replies.says(error.sentence))
                continue
            self.buttons = [button for out in heard for button in out.buttons] or self.buttons
            for out in heard:
                self._show(out)

    def _ask(self) -> str:
        if sys.stdin.isatty():
            click.echo(replies.YOU, nl=False)
        return sys.stdin.readline()

    async def _say(self, line: str) -> tuple[Outgoing, ...]:
        """Hand in one line and wait for what comes of it. Raises HeyingError for files that cannot be read."""
        pressed = pick(line, self.buttons)
        if pressed is not None:
            return await self.terminal.say(pressed.label, button=pressed)
        said = read(line)
        sent = [self.terminal.take_in(path) for path in said.pictures]
        replied = self.shown[said.answers - 1 : said.answers] if said.answers else ()
        return await self.terminal.say(said.text, sent, replied=replied)

    def _show(self, out: Outgoing) -> None:
        click.echo(replies.says(out.text))
        for sha in (*out.images, *out.stickers):
            if sha not in self.shown:
                self.shown.append(sha)
            data, number = photos.read(self.terminal.store, sha, USER), self.shown.index(sha) + 1
            path = self.output / f"{number:03d}{ENDINGS.get(data[:4], '.png')}"
            files.write(path, data)
            click.echo(f"      @{number}  {path}")
        if out.buttons:
            first = self.buttons.index(out.buttons[0]) + 1
            click.echo("      " + "  ".join(f"[{number} {b.label}]" for number, b in enumerate(out.buttons, first)))


ENDINGS: Mapping[bytes, str] = {b"RIFF": ".webp", b"GIF8": ".gif"}


def read(line: str) -> Line:
    """The sentence, the pictures and the number answered to in a line; file names may be quoted or hold blanks that are
    escaped."""
    said = Line()
    if match := re.match(r"[@＠](\d{1,4})\s*", line):
        said.answers, line = int(match[1]), line[match.end() :]
    try:
        words = shlex.split(line)
    except ValueError:  # an apostrophe that closes nothing
        words = line.split()
    paths = {word: Path(word.removeprefix("file://")).expanduser() for word in words}
    said.pictures = [paths[word] for word in words if paths[word].suffix.lower() in PICTURES]
    said.text = " ".join(word for word in words if paths[word].suffix.lower() not in PICTURES)
    return said


def pick(line: str, buttons: Sequence[Button]) -> Button | None:
    """The button that a line presses: by its number or by its label."""
    if line.isdecimal() and 1 <= int(line) <= len(buttons):
        return buttons[int(line) - 1]
    return next((button for button in buttons if button.label == line), None)
