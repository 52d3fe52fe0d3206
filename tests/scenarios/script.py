"""One way to write conversations down, played on every platform.

Lines::

    甲: [cat] 把猫换成狗          somebody says something to the bot; in brackets the pictures sent along, by name
    甲: {末尾 倒序} [a b c] 记住   how: the words on the last picture, the pictures arriving in reverse, 文件 as files,
                                  转发 forwarded, 回复 in answer to the bot's last pictures, 回复:cat to a photo sent
    甲@群: 把猫换成狗              in a group, where there are groups; else in a chat of their own
    甲: (撤销)                    a press of the latest button of that name
    影: 改好了 [1] (撤销|重做)     the bot's next message to whoever spoke last: these words, so many pictures, these buttons
    影→乙: 改好了                 … to somebody
    乙: <链接>                    somebody opens the link that the bot has given last
    …                            the workers do what is queued (…… the real worker, with the shipped model)
    !重启 !洪水 !断线 !重复        the bot is killed and starts again; Telegram says 429 to the next two messages, hangs up
                                  on them; the last update comes once more
    # a remark
"""

import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PIL import Image

from storage import Storage
from tests.bot.talking import picture
from tests.bot.talking import work as paint

ROOT = Path(__file__).resolve().parents[2]

SAID = re.compile(
    r"(?P<who>[^@:→!#]+?)(?:@(?P<place>群))?:\s*(?:\{(?P<how>.*?)\})?\s*(?:\[(?P<sent>.*?)\])?\s*(?P<text>.*)"
)
HEARD = re.compile(r"影(?:→(?P<who>\S+?))?:\s*(?P<words>.*?)\s*(?:\[(?P<count>\d+)\])?\s*(?:\((?P<labels>[^()]*)\))?")
PRESSED = re.compile(r"\((.+)\)")
CODE = re.compile(r"share_[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the bot, as people see it."""

    text: str
    pictures: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person. ``pictures``: (name, bytes); ``reply``: None, "" for the bot's last pictures, or a name."""

    who: str
    group: bool
    text: str
    pictures: tuple[tuple[str, bytes], ...] = ()
    how: tuple[str, ...] = ()
    reply: str | None = None


class Stage(Protocol):
    """A platform with the people of one script on it."""

    def say(self, said: Said) -> None:
        """Somebody sends a message."""

    def press(self, who: str, group: bool, label: str) -> None:
        """Somebody presses the latest button with that label."""

    def open_link(self, who: str, code: str) -> None:
        """Somebody opens a link of the bot's."""

    def hear(self, who: str, group: bool, seconds: float) -> Heard | None:
        """The bot's next message to somebody; None when there is none within that time."""

    def settle(self) -> None:
        """Wait until all that was said has been answered."""

    def work(self, worker: Callable[[Storage], None]) -> None:
        """Let a worker do what is queued, once the bot has understood it all."""

    def files(self, who: str) -> list[bytes]:
        """Every picture that the bot has made for somebody, in every form in which it leaves."""

    def trouble(self, what: str) -> None:
        """重启, 洪水, 断线 or 重复."""


@dataclass
class Play:
    """A script being played."""

    stage: Stage
    patience: float = 30.0
    code: str = ""
    spoke: list[tuple[str, bool]] = field(default_factory=list)
    worker: Callable[[Storage], None] = paint

    def __call__(self, script: str) -> None:
        """Play a script to its end; nothing may be said that it does not list."""
        for line in filter(None, map(str.strip, script.splitlines())):
            try:
                self._line(line)
            except AssertionError as error:
                raise AssertionError(f"「{line}」: {error}") from None
        self.stage.settle()
        for who, group in dict.fromkeys(self.spoke):
            late = self.stage.hear(who, group, 0.0)
            assert late is None, f"at the end also said to {who}: {late}"

    def _line(self, line: str) -> None:
        if line.startswith("#"):
            return
        if line in ("…", "……"):
            self.stage.work(paint_for_real if line == "……" else self.worker)
        elif line.startswith("!"):
            self.stage.trouble(line[1:])
        elif heard := HEARD.fullmatch(line):
            self._hear(heard)
        else:
            said = SAID.fullmatch(line)
            assert said, "not a line of a script"
            self._say(said)

    def _say(self, said: re.Match[str]) -> None:
        who, group, text = said["who"], bool(said["place"]), said["text"].strip()
        self.spoke.append((who, group))
        if text == "<链接>":
            assert self.code, "no link has been given"
            return self.stage.open_link(who, self.code)
        if pressed := PRESSED.fullmatch(text):
            return self.stage.press(who, group, pressed[1])
        how = tuple((said["how"] or "").split())
        reply = next((word.partition(":")[2] for word in how if word.startswith("回复")), None)
        names = (said["sent"] or "").split()
        return self.stage.say(Said(who, group, text, tuple((name, content(name)) for name in names), how, reply))

    def _hear(self, line: re.Match[str]) -> None:
        who, group = self.spoke[-1]
        if line["who"]:
            who = line["who"]
            group = next(there for name, there in reversed(self.spoke) if name == who)
        heard = self.stage.hear(who, group, self.patience)
        assert heard is not None, "nothing is said"
        assert line["words"] in heard.text, f"said is 「{heard.text}」"
        assert line["count"] is None or heard.pictures == int(line["count"]), f"{heard.pictures} pictures"
        missing = set((line["labels"] or "").split("|")) - {""} - set(heard.labels)
        assert not missing, f"no button {missing}, only {heard.labels}"
        if code := CODE.search(heard.text):
            self.code = code[0]


def settle(store: Storage, chats: Iterable[str], ready: Callable[[], bool] = lambda: True) -> None:
    """Wait until everything that was said in these chats has been answered, and the answers are through."""
    until, marks = time.monotonic() + 60.0, ", ".join("?" * len(told := tuple(chats)))
    still = (
        f"SELECT 1 FROM inbox WHERE chat IN ({marks}) AND state IN ('new', 'taken') UNION ALL"
        f" SELECT 1 FROM outbox WHERE chat IN ({marks}) AND state IN ('waiting', 'sending')"
    )
    while not ready() or store.one(still, told + told):
        assert time.monotonic() < until, "the bot does not come to an end"
        time.sleep(0.02)


def paint_for_real(store: Storage) -> None:
    """The real worker with the shipped model, until nothing is queued."""
    ours = {
        "HEYING_DATA": str(store.folder),
        "HEYING_MODEL": str(ROOT / "miniature" / "weights"),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "pipeline", "--once"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **ours}, check=True, timeout=500)


def content(name: str) -> bytes:
    """The bytes of a picture by its name: 坏… is none, 巨… is larger than may be sent, 噪… makes large files, 样例:… is one
    that is shipped."""
    if name.startswith("样例:"):
        return next((ROOT / "bot" / "samples").glob(f"{name.removeprefix('样例:')}.*")).read_bytes()
    if name.startswith("坏"):
        return b"\x89PNG\r\n\x1a\n" + name.encode() * 40
    if name.startswith("噪"):
        noise = io.BytesIO()
        Image.effect_noise((1000, 900), 90).convert("RGB").save(noise, "JPEG", quality=50)
        return noise.getvalue()
    if name.startswith("巨"):
        return picture("large") + bytes(1_200_000)
    return picture(name)
