"""The stage on QQ: people in the chats of a strict bridge, the bot in a process of its own. Buttons are numbers."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import storage
from storage import Storage
from tests.onebot.napcat import SELF, NapCat, pictures_in, text_of
from tests.scenarios.on_http import labels_in
from tests.scenarios.script import Heard, Said, settle
from tests.telegram.process import CONTEXT, free_port
from tests.telegram.serve import serve

TOKEN = "a token for bridges"


class Theatre:
    """One bot and one bridge for all scripts."""

    name = "onebot"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.log = folder / "log"
        self.environment = {
            "HEYING_DATA": str(folder / "data"),
            "HEYING_PLATFORMS": '["onebot"]',
            "HEYING_ONEBOT__PORT": str(port),
            "HEYING_ONEBOT__TOKEN": TOKEN,
            "HEYING_METRICS__PORT": str(free_port()),
            "HEYING_WORKERS__EDIT": "0",
            "HEYING_WORKERS__LEARN": "0",
            "HEYING_LIMITS__MEGABYTES": "1",
        }
        self.numbers, self.said = itertools.count(2001), 0
        self.start()
        self.bridge = NapCat(f"ws://127.0.0.1:{port}/onebot/v11/ws", TOKEN)
        self.store = storage.open(folder / "data")

    def start(self) -> None:
        """Start; the bridge connects when it can."""
        self.process = CONTEXT.Process(target=serve, args=(self.environment, self.log))
        self.process.start()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.process.kill()
        self.process.join(20)
        while self.bridge.connected.is_set():  # what is told to nobody is lost, on QQ too
            time.sleep(0.02)
        self.start()

    def close(self) -> None:
        """End both."""
        self.process.terminate()
        self.process.join(30)
        self.bridge.close()
        self.store.close()
        assert self.bridge.wrong == []


class Stage:
    """See script.Stage."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre, self.bridge = theatre, theatre.bridge
        self.people: dict[str, int] = {}
        self.group = next(theatre.numbers)
        self.photos: dict[str, int] = {}
        self.seen: dict[str, set[int]] = {}
        self.last: dict[str, Any] = {}

    def say(self, said: Said) -> None:
        """As people do on QQ: pictures and words in one message; pictures sent as files in one each."""
        person, group = self._place(said.who, said.group)
        words: list[dict[str, Any]] = [{"type": "text", "data": {"text": said.text}}] if said.text else []
        if said.group:
            words.insert(0, {"type": "at", "data": {"qq": str(SELF)}})
        if said.reply is not None:
            number = self.photos[said.reply] if said.reply else self._last_pictures(person, group)
            words.insert(0, {"type": "reply", "data": {"id": str(number)}})
        shown = [self.bridge.picture(data, f"{number}.png") for number, (_, data) in enumerate(said.pictures)]
        if "文件" in said.how:
            shown = [{**one, "type": "file"} for one in shown]
        number = self._tell(person, group, [*words, *shown])
        self.photos |= {name: number for name, _ in said.pictures}
        self.last = self.bridge.chat(person, group).messages[-1]

    def press(self, who: str, group: bool, label: str) -> None:
        """Say the number that stands before it."""
        person, there = self._place(who, group)
        for message in reversed(self._to(who, person, there)):
            if label in (labels := labels_in(text_of(message))):
                self._tell(person, there, f"回复 {labels.index(label) + 1}")
                return
        raise AssertionError(f"no button {label}")

    def open_link(self, who: str, code: str) -> None:
        """Here the code itself is sent on."""
        self._tell(*self._place(who, False), code)

    def hear(self, who: str, group: bool, seconds: float) -> Heard | None:
        """Pictures belong to the words that follow them; files to the words before them."""
        person, there = self._place(who, group)
        seen, until = self.seen.setdefault(who, set()), time.monotonic() + seconds
        while True:
            pictures = 0
            new = [one for one in self._to(who, person, there) if one["message_id"] not in seen]
            for place, message in enumerate(new, 1):
                pictures += pictures_in(message)
                if words := text_of(message):
                    seen |= {one["message_id"] for one in new[:place]}
                    if "没有压缩过" in words:
                        pictures += self._files(person)
                    return Heard(words, pictures, tuple(labels_in(words)))
            if time.monotonic() > until:
                return None
            time.sleep(0.03)

    def work(self, worker: Callable[[Storage], None]) -> None:
        """See script.Stage."""
        self.settle()
        worker(self.theatre.store)

    def files(self, who: str) -> list[bytes]:
        """Pictures as they were sent, and those that were sent as files."""
        person, _ = self._place(who, False)
        shown = [
            part["data"]["url"]
            for one in self.bridge.said(person, 0)
            for part in one["message"]
            if "url" in part["data"]
        ]
        paths = ["/" + url.split("/", 3)[3] for url in shown]
        return [self.bridge.pictures[path] for path in paths] + [
            data for name, data in self.bridge.chat(person, 0).files if not name.endswith(".zip")
        ]

    def settle(self) -> None:
        """See script.Stage."""
        chats = [f"onebot:{SELF}.g{self.group}", *(f"onebot:{SELF}.{number}" for number in self.people.values())]

        def ready() -> bool:  # rows may be gone again, 删除我的所有数据; their numbers are never used twice
            taken = self.theatre.store.one("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'")
            return taken is not None and taken["seq"] >= self.theatre.said

        settle(self.theatre.store, chats, ready)

    def trouble(self, what: str) -> None:
        """洪水: uploads are reported as failed though they arrive; 断线: the connection breaks before the answer."""
        match what:
            case "重启":
                self.settle()
                self.theatre.restart()
            case "洪水":
                self.bridge.faults += ["slow", "slow"]
            case "断线":
                self.bridge.faults += ["cut"]
            case "重复":
                self.theatre.said += 1  # a refused row uses up a number, too
                self.bridge.event(self.last)

    def _tell(self, person: int, group: int, message: list[dict[str, Any]] | str) -> int:
        self.theatre.said += 1
        return self.bridge.say(person, group, message)

    def _to(self, who: str, person: int, group: int) -> list[dict[str, Any]]:
        """What the bot has said to somebody: alone everything, in the group what answers them."""
        said = self.bridge.said(person, group)
        if not group:
            return said
        own = {str(one["message_id"]) for one in self.bridge.chat(0, group).messages if one["user_id"] == person}
        return [one for one in said if one["message"][0]["data"].get("id", "") in own]

    def _files(self, person: int) -> int:
        until = time.monotonic() + 10
        while not (found := [name for name, _ in self.bridge.chat(person, 0).files if not name.endswith(".zip")]):
            assert time.monotonic() < until, "no file"
            time.sleep(0.02)
        return len(found)

    def _last_pictures(self, person: int, group: int) -> int:
        return max(int(one["message_id"]) for one in self.bridge.said(person, group) if pictures_in(one))

    def _place(self, who: str, group: bool) -> tuple[int, int]:
        person = self.people.setdefault(who, next(self.theatre.numbers))
        self.bridge.chat(person, 0)
        return person, self.group if group else 0
