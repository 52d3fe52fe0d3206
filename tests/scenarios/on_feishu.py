"""The stage on 飞书: people in the chats of a strict server, the bot in a process of its own."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import storage
from storage import Storage
from tests.feishu.server import APP, SECRET, Feishu, Message, labels_of, words_of
from tests.scenarios.script import Heard, Said, settle
from tests.telegram.process import CONTEXT, free_port
from tests.telegram.serve import serve


class Theatre:
    """One bot and one server for all scripts."""

    name = "feishu"

    def __init__(self, folder: Path) -> None:
        self.server = Feishu()
        self.log = folder / "log"
        self.environment = {
            "HEYING_DATA": str(folder / "data"),
            "HEYING_PLATFORMS": '["feishu"]',
            "HEYING_FEISHU__DOMAIN": self.server.url,
            "HEYING_FEISHU__APP_ID": APP,
            "HEYING_FEISHU__SECRET": SECRET,
            "HEYING_METRICS__PORT": str(free_port()),
            "HEYING_WORKERS__EDIT": "0",
            "HEYING_WORKERS__LEARN": "0",
            "HEYING_LIMITS__MEGABYTES": "1",
        }
        self.numbers, self.said = itertools.count(1), 0
        self.start()
        self.store = storage.open(folder / "data")

    def start(self) -> None:
        """Start; what is said before it is connected waits."""
        self.process = CONTEXT.Process(target=serve, args=(self.environment, self.log))
        self.process.start()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.process.kill()
        self.process.join(20)
        self.start()

    def close(self) -> None:
        """End both."""
        self.process.terminate()
        self.process.join(30)
        self.server.close()
        self.store.close()
        assert self.server.wrong == []


class Stage:
    """See script.Stage."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre, self.server = theatre, theatre.server
        number = next(theatre.numbers)
        self.people: dict[str, str] = {}
        self.number, self.group = number, f"oc_group{number}"
        self.photos: dict[str, str] = {}
        self.seen: dict[str, set[str]] = {}
        self.last: Callable[[], None] = lambda: None

    def say(self, said: Said) -> None:
        """As people do on 飞书: pictures and words in one post, pictures alone and files in a message each."""
        person, group = self._person(said.who), self.group if said.group else ""
        parent = (
            "" if said.reply is None else self.photos.get(said.reply) or self._last_picture(self._chat(person, group))
        )
        pictures = [data for _, data in said.pictures]
        if "文件" in said.how:
            for number, data in enumerate(pictures):
                self._tell(person, group, "file", self.server.file(f"{number}.png", data))
        elif pictures and said.text:
            self._count()
            id = self.server.post(person, group, said.text, pictures, parent)
            self.photos |= {name: id for name, _ in said.pictures}
            self._remember(id)
            return
        else:
            for name, data in said.pictures:
                self.photos[name] = self._tell(person, group, "image", self.server.image(data))
        if said.text:
            self._count()
            self._remember(self.server.words(person, group, said.text, parent))

    def press(self, who: str, group: bool, label: str) -> None:
        """Press the latest button with that label."""
        person = self._person(who)
        for message in reversed(self._to(who, person, group)):
            if label in labels_of(message):
                self._count()
                return self.server.press(person, message.id, label)
        raise AssertionError(f"no button {label}")

    def open_link(self, who: str, code: str) -> None:
        """Here the code itself is sent on."""
        self._count()
        self.server.words(self._person(who), "", code)

    def hear(self, who: str, group: bool, seconds: float) -> Heard | None:
        """Pictures belong to the words that follow them; files to the words before them."""
        person = self._person(who)
        seen, until = self.seen.setdefault(who, set()), time.monotonic() + seconds
        while True:
            pictures = 0
            new = [one for one in self._to(who, person, group) if one.id not in seen]
            for place, message in enumerate(new, 1):
                pictures += message.kind == "image"
                if words := words_of(message):
                    seen |= {one.id for one in new[:place]}
                    if "没有压缩过" in words:
                        pictures += self._file(who, person, group, seen)
                    return Heard(words, pictures, tuple(labels_of(message)))
            if time.monotonic() > until:
                return None
            time.sleep(0.03)

    def work(self, worker: Callable[[Storage], None]) -> None:
        """See script.Stage."""
        self.settle()
        worker(self.theatre.store)

    def files(self, who: str) -> list[bytes]:
        """Pictures as they were sent, and those that were sent as files."""
        said = self.server.said(self._chat(self._person(who), ""))
        shown = [self.server.images[one.content["image_key"]] for one in said if one.kind == "image"]
        sent = [self.server.files[one.content["file_key"]] for one in said if one.kind == "file"]
        return shown + [data for name, data in sent if not name.endswith(".zip")]

    def settle(self) -> None:
        """See script.Stage."""
        chats = [f"feishu:{self.group}", *(f"feishu:{person}" for person in self.people.values())]

        def ready() -> bool:  # rows may be gone again, 删除我的所有数据; their numbers are never used twice
            taken = self.theatre.store.one("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'")
            return taken is not None and taken["seq"] >= self.theatre.said

        settle(self.theatre.store, chats, ready)

    def trouble(self, what: str) -> None:
        """洪水: 飞书 says too often; 断线: a message arrives, and its answer is lost."""
        match what:
            case "重启":
                self.settle()
                self.theatre.restart()
            case "洪水":
                self.server.faults += ["busy", "older busy"]
            case "断线":
                self.server.faults += ["slow"]
            case "重复":
                self._count()  # a refused row uses up a number, too
                self.last()

    def _tell(self, person: str, group: str, kind: str, key: str) -> str:
        self._count()
        content = {"image_key": key} if kind == "image" else {"file_key": key, "file_name": self.server.files[key][0]}
        return self.server.say(person, group, kind, content)

    def _remember(self, id: str) -> None:
        """The last message, to be told of once more."""
        self.last = lambda: self.server.tell_again(id)

    def _count(self) -> None:
        self.theatre.said += 1

    def _to(self, who: str, person: str, group: bool) -> list[Message]:
        """What the bot has said to somebody: alone everything, in the group what answers them."""
        if not group:
            return self.server.said(self._chat(person, ""))
        own = {one.id for one in list(self.server.messages.values()) if one.sender == person}
        return [one for one in self.server.said(self.group) if one.parent in own]

    def _file(self, who: str, person: str, group: bool, seen: set[str]) -> int:
        until = time.monotonic() + 10
        while True:
            found = [one for one in self._to(who, person, group) if one.kind == "file" and one.id not in seen]
            if found:
                seen |= {one.id for one in found}
                return len(found)
            assert time.monotonic() < until, "no file"
            time.sleep(0.02)

    def _last_picture(self, chat: str) -> str:
        return [one.id for one in self.server.said(chat) if one.kind == "image"][-1]

    def _chat(self, person: str, group: str) -> str:
        return group or self.server.alone(person)

    def _person(self, who: str) -> str:
        return self.people.setdefault(who, f"ou_{self.number}_{len(self.people)}")
