"""The stage on Telegram: people in the local Bot API server's world, the bot in a process of its own."""

import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path

import storage
from lettering import marks
from storage import Storage
from tests.scenarios.script import Heard, Said, settle
from tests.telegram.process import Bot
from tests.telegram.server import Server
from tests.telegram.world import Json

NUMBER = re.compile(r"第 \d+ 张")  # stands under a picture, and is not the words
LIMIT = {"HEYING_LIMITS__MEGABYTES": "1"}  # so that a file that is too large need not be large


class Theatre:
    """One bot for all scripts; each has people and a group of its own."""

    def __init__(self, server: Server, folder: Path, library: str) -> None:
        self.name, self.server, self.world = library, server, server.world
        self.bot = Bot(server, folder / "data", library, folder / "log", **LIMIT).start()
        self.store = storage.open(folder / "data")
        self.numbers = itertools.count(1001)

    def close(self) -> None:
        """End the bot."""
        assert self.bot.stop() == 0
        self.store.close()


class Stage:
    """See script.Stage."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre, self.world = theatre, theatre.world
        self.people: dict[str, int] = {}
        self.group = self.world.group(-next(theatre.numbers), "群")
        self.photos: dict[str, tuple[int, int]] = {}
        self.heard: set[tuple[int, int]] = set()  # (chat, number) of the bot's messages that were heard
        self.last: Json = {}

    def say(self, said: Said) -> None:
        """Send it; in a group as people do who know that bots there hear only what is meant for them."""
        chat, text = self._chat(said.who, said.group), said.text
        reply_to = 0
        if said.reply is not None:
            there, reply_to = self.photos[said.reply] if said.reply else (chat, self._last_pictures(chat))
            assert there == chat
        if said.group and text and said.reply != "":
            text = f"/p {text}"
        pictures = [data for _, data in said.pictures]
        as_files = "文件" in said.how or any(name[0] in "坏巨" for name, _ in said.pictures)
        sent = self.world.say(
            self.people[said.who],
            chat,
            text,
            () if as_files else pictures,
            words_on=len(pictures) - 1 if "末尾" in said.how else 0,
            shuffled="倒序" in said.how,
            files=[(f"{name}.png", "image/png", data) for name, data in said.pictures] if as_files else (),
            reply_to=reply_to,
            forwarded="转发" in said.how,
        )
        self.photos |= {name: (chat, number) for (name, _), number in zip(said.pictures, sent, strict=False)}
        with self.world.lock:
            self.last = next(iter(self.world.updates[-1:]), self.last)

    def press(self, who: str, group: bool, label: str) -> None:
        """Press it where it stands last."""
        chat = self._chat(who, group)
        for message in reversed(self.world.said(chat)):
            rows = message.get("reply_markup", {}).get("inline_keyboard", ())
            if any(button["text"] == label for row in rows for button in row):
                return self.world.press(self.people[who], chat, message["message_id"], label)
        raise AssertionError(f"no button {label}")

    def open_link(self, who: str, code: str) -> None:
        """Telegram says /start with the code."""
        chat = self._chat(who, False)
        self.world.say(self.people[who], chat, f"/start {code}")

    def hear(self, who: str, group: bool, seconds: float) -> Heard | None:
        """Pictures and stickers belong to the words that follow them."""
        chat, until = self._chat(who, group), time.monotonic() + seconds
        while True:
            new = [
                message
                for message in self.world.said(chat)
                if (chat, message["message_id"]) not in self.heard | self.world.silent
                and message.get("reply_to_message", {}).get("from", {}).get("id") in (None, self.people[who])
            ]
            pictures = 0
            for place, message in enumerate(new, 1):
                pictures += any(kind in message for kind in ("photo", "sticker", "document"))
                words = message.get("text", message.get("caption"))
                if words is not None and not NUMBER.fullmatch(words):
                    self.heard |= {(chat, one["message_id"]) for one in new[:place]}
                    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
                    return Heard(words, pictures, tuple(button["text"] for row in rows for button in row))
            if time.monotonic() > until:
                assert not new, f"pictures without words: {new}"
                return None
            time.sleep(0.03)

    def work(self, worker: Callable[[Storage], None]) -> None:
        """See script.Stage."""
        self.settle()
        worker(self.theatre.store)

    def files(self, who: str) -> list[bytes]:
        """Photos, documents and stickers as they were sent. What Telegram makes of a photo still bears the words."""
        found = []
        for message in self.world.said(self._chat(who, False)):
            for kind in set(message) & {"photo", "document", "sticker"}:
                id = (message["photo"][-1] if kind == "photo" else message[kind])["file_id"]
                found.append(self.world.sent[id] if kind == "photo" else self.world.files[id].data)
                assert kind != "photo" or "「AI生成」字样" in marks.verify(self.world.files[id].data).sentence
        return found

    def settle(self) -> None:
        """See script.Stage."""
        chats = (f"telegram:{chat}" for chat in (self.group, *self.people.values()))
        settle(self.theatre.store, chats, lambda: not self.world.updates)

    def trouble(self, what: str) -> None:
        """See script.py."""
        server = self.theatre.server
        match what:
            case "重启":
                self.settle()
                self.theatre.bot.kill()
                self.theatre.bot.start()
            case "洪水" | "断线":
                fault = "flood" if what == "洪水" else "drop"
                server.faults.plan += [(method, fault) for method in ("sendMessage", "sendPhoto") for _ in range(2)]
            case "重复":
                with self.world.lock:
                    self.world.updates.append(self.last)
                for tell in self.world.news:
                    tell()

    def _chat(self, who: str, group: bool) -> int:
        if who not in self.people:
            self.people[who] = self.world.person(next(self.theatre.numbers), who)
            self.world.members[self.group].add(self.people[who])
        return self.group if group else self.people[who]

    def _last_pictures(self, chat: int) -> int:
        return max(int(message["message_id"]) for message in self.world.said(chat) if "photo" in message)
