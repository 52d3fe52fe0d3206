"""The stage on the signed endpoint: a bridge in this process hands in what people say and shows them what it polls.

People are shown numbers in place of buttons, so a press is a number said.
"""

import base64
import itertools
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

import storage
from storage import Storage
from tests.http.bridge import SECRET, Bridge, picture_of
from tests.scenarios.script import Heard, Said, settle
from tests.telegram.process import CONTEXT, free_port
from tests.telegram.serve import serve

PATIENCE = 120.0


class Theatre:
    """One server and one bridge for all scripts."""

    name = "http"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url, self.log = f"http://127.0.0.1:{port}", folder / "log"
        self.environment = {
            "HEYING_DATA": str(folder / "data"),
            "HEYING_PLATFORMS": '["http"]',
            "HEYING_HTTP__PORT": str(port),
            "HEYING_HTTP__SECRET": SECRET,
            "HEYING_METRICS__PORT": str(free_port()),
            "HEYING_WORKERS__EDIT": "0",
            "HEYING_WORKERS__LEARN": "0",
            "HEYING_LIMITS__MEGABYTES": "1",
        }
        self.numbers, self.shown, self.open = itertools.count(1), list[dict[str, Any]](), True
        self.drop = 0  # answers of polls that are lost on their way
        self.start()
        self.store = storage.open(folder / "data")
        self.poller = threading.Thread(target=self._poll)
        self.poller.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process = CONTEXT.Process(target=serve, args=(self.environment, self.log))
        self.process.start()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(self.url, timeout=10)
                return
            except httpx.TransportError:
                assert self.process.is_alive(), f"the server died: {self.log.read_text('utf-8')[-2000:]}"
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.05)

    def restart(self) -> None:
        """Kill it and start it again."""
        self.process.kill()
        self.process.join(20)
        self.start()

    def close(self) -> None:
        """End it."""
        self.open = False
        self.poller.join(30)
        self.process.terminate()
        self.process.join(30)
        self.store.close()

    def _poll(self) -> None:
        bridge = Bridge(self.url)
        while self.open:
            try:
                if self.drop and bridge.poll(wait=0.2, ack=False):
                    self.drop -= 1
                else:
                    self.shown += bridge.poll(wait=0.2)
            except (httpx.TransportError, AssertionError):  # killed just now; what it had leased comes again
                time.sleep(0.1)


class Stage:
    """See script.Stage."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre, self.bridge = theatre, Bridge(theatre.url)
        self.people: dict[str, str] = {}
        self.group = f"group{next(theatre.numbers)}"
        self.heard: list[dict[str, Any]] = []
        self.photos: dict[str, bytes] = {}
        self.last: dict[str, Any] = {}

    def say(self, said: Said) -> None:
        """Hand it in as a bridge does: one message, whatever order its pictures came in."""
        self.photos |= dict(said.pictures)
        more: dict[str, Any] = {}
        if said.reply == "":
            shown = next(told for told in reversed(self.heard) if told["pictures"])
            more["answers"] = f"shown-{shown['key']}"
        elif said.reply is not None:
            more["replied"] = [{"data": self._text(self.photos[said.reply])}]
        self._tell(said.who, said.group, said.text, tuple(data for _, data in said.pictures), **more)

    def press(self, who: str, group: bool, label: str) -> None:
        """Say the number that stands before it."""
        for told in reversed(self.heard):
            if told["user"] == self._name(who) and label in (labels := labels_in(told["text"])):
                return self._tell(who, group, f"回复 {labels.index(label) + 1}")
        raise AssertionError(f"no button {label}")

    def open_link(self, who: str, code: str) -> None:
        """Here the code itself is sent on."""
        self._tell(who, False, code)

    def hear(self, who: str, group: bool, seconds: float) -> Heard | None:
        """The next message that the bridge has shown to somebody."""
        name, until = self._name(who), time.monotonic() + seconds
        while True:
            for told in list(self.theatre.shown):
                if told["user"] == name:
                    self.theatre.shown.remove(told)
                    self.heard.append(told)
                    labels = labels_in(told["text"])
                    return Heard(told["text"], len(told["pictures"]), tuple(labels))
            if time.monotonic() > until:
                return None
            time.sleep(0.03)

    def work(self, worker: Callable[[Storage], None]) -> None:
        """See script.Stage."""
        self.settle()
        worker(self.theatre.store)

    def files(self, who: str) -> list[bytes]:
        """Pictures as they were handed out."""
        own = [told for told in self.heard if told["user"] == self._name(who)]
        return [picture_of(one) for told in own for one in told["pictures"]]

    def settle(self) -> None:
        """See script.Stage."""
        chats = [f"http:bot/{name}" for name in (self.group, *self.people.values())]
        settle(self.theatre.store, chats)

    def trouble(self, what: str) -> None:
        """Answers that are lost come again; a message handed in twice is the same message."""
        match what:
            case "重启":
                self.settle()
                self.theatre.restart()
            case "洪水" | "断线":
                self.theatre.drop = 2
            case "重复":
                assert self.bridge.call("/v1/messages", self.last).json() == {"new": False}

    def _tell(self, who: str, group: bool, text: str, photos: tuple[bytes, ...] = (), **more: Any) -> None:
        pictures = [{"data": self._text(data)} for data in photos]
        self.last = {"id": f"s{next(self.theatre.numbers)}", "user": self._name(who), "text": text, "photos": pictures}
        self.last |= {**({"chat": self.group} if group else {}), **more}
        answer = self.bridge.call("/v1/messages", self.last)
        assert answer.status_code == 202, answer.text

    @staticmethod
    def _text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    def _name(self, who: str) -> str:
        return self.people.setdefault(who, f"person{next(self.theatre.numbers)}")


def labels_in(text: str) -> list[str]:
    """The labels in 「回复 1 再明显一点 · 2 淡一些」, the last line of a message."""
    last = text.splitlines()[-1] if text else ""
    if not last.startswith("回复 "):
        return []
    return [re.sub(r"^\d+ ", "", choice) for choice in last.removeprefix("回复 ").split(" · ")]
