"""Scripts of conversations, played against the real dialogue, the real storage and a worker that paints.

A script is lines of these kinds; dialogues.txt is full of them::

    我: [cat] 把猫换成狗        a message; in brackets the photos sent along, by name
    我: (撤销)                  a press of a button of that name, the latest there is
    影: 改好了                  the bot's next message holds these words (and nothing else is said that is not listed)
    影: 改好了 [4] (撤销|重做)   … it shows four pictures, and these buttons are under it, among others
    …                          the workers do what is queued
    甲: {回复} 再明显一点        two people, 甲 and 乙, in one group; in braces: an answer to the picture shown last,
    乙: {回复 cat} 去掉球        or to the photo of that name
    # a remark
"""

import hashlib
import io
import itertools
import re
from pathlib import Path

import numpy as np
from PIL import Image

from bot import inbox
from bot.outbox import compose
from bot.platforms import Incoming, Outgoing
from storage import Storage, jobs, outbox, photos, workers
from storage.jobs import Result
from tests.bot import fake_worker

EVERYTHING = ("edit", "learn", "stickers")


def picture(name: str, size: int = 64) -> bytes:
    """A photo of its own for each name; gray… is of one colour."""
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
    shape = (1, 1, 3) if name.startswith("gray") else (8, 8, 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((size, size), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


class Person:
    """Somebody in a chat. ``heard`` is all that was said to them."""

    def __init__(self, store: Storage, name: str = "a", chat: str = "") -> None:
        self.store, self.user, self.chat = store, f"test:{name}", f"test:{chat or name}"
        self.heard: list[Outgoing] = []
        self.sent: dict[str, str] = {}  # photos by name
        self.numbers = itertools.count()

    def say(self, text: str = "", sent: tuple[str, ...] = (), **more: object) -> list[Outgoing]:
        """Send a message and return what is answered at once."""
        shas = tuple(photos.put(self.store, picture(name), self.user).sha256 for name in sent)
        self.sent.update(zip(sent, shas, strict=True))
        number = f"{self.user}{next(self.numbers)}"
        told = Incoming("test", number, self.chat, self.user, text, photos=shas, **more)  # type: ignore[arg-type]
        assert inbox.receive(self.store, told)
        while inbox.work_off(self.store, "test", "tester"):
            pass
        return self.listen()

    def press(self, label: str) -> list[Outgoing]:
        """Press the latest button with that label."""
        for out in reversed(self.heard):
            for button in out.buttons:
                if button.label == label:
                    return self.say(label, action=button.action)
        raise AssertionError(f"no button {label}, only {[b.label for out in self.heard for b in out.buttons]}")

    def work(self) -> list[Outgoing]:
        """Let the worker do what is queued."""
        work(self.store)
        return self.listen()

    def listen(self) -> list[Outgoing]:
        """What has been said to this chat since."""
        new = []
        while delivery := outbox.claim(self.store, "test", "tester"):
            assert delivery.chat == self.chat, f"{delivery.text} was said to somebody else"
            new.append(compose(self.store, delivery))
            outbox.delivered(self.store, delivery)
        self.heard += new
        return new

    def play(self, script: str) -> None:
        """Play a script of one person to its end."""
        play(self.store, script, self)


SAID = re.compile(r"(我|甲|乙):\s*(?:\{回复\s*(.*?)\})?\s*(?:\[(.*?)\])?\s*(?:\((.*)\))?(.*)")
HEARD = re.compile(r"影:\s*(.*?)\s*(?:\[(\d+)\])?\s*(?:\(([^()]*)\))?")


def play(store: Storage, script: str, me: Person | None = None) -> None:
    """Play a script to its end; 我 is ``me``, else somebody new."""
    people = {"我": me} if me else {}
    waiting: list[Outgoing] = []
    shown: tuple[str, ...] = ()
    for line in filter(None, map(str.strip, script.splitlines())):
        if line.startswith("#"):
            continue
        if heard := HEARD.fullmatch(line):
            words, count, labels = heard.groups()
            assert waiting, f"nothing is said where 「{words}」 should be"
            out = waiting.pop(0)
            assert words in out.text, f"「{out.text}」 is said where 「{words}」 should be"
            shown = out.images or shown
            assert count is None or len(out.images) == int(count), f"{len(out.images)} pictures under 「{words}」"
            missing = set((labels or "").split("|")) - {""} - {button.label for button in out.buttons}
            assert not missing, f"no button {missing} under 「{words}」, only {[b.label for b in out.buttons]}"
            continue
        assert not waiting, f"before 「{line}」 also said: {[out.text for out in waiting]}"
        if line == "…":
            work(store)
            waiting = next(iter(people.values())).listen() if people else []
            continue
        said = SAID.fullmatch(line)
        assert said, line
        name, answered, sent, button, text = said.groups()
        person = people.setdefault(name, Person(store) if name == "我" else Person(store, name, "group"))
        for other in people.values():
            if other.chat == person.chat:
                person.heard = other.heard = max(person.heard, other.heard, key=len)
        known = {photo: sha for one in people.values() for photo, sha in one.sent.items()}
        replied = shown if answered == "" else tuple(known[photo] for photo in (answered or "").split())
        if button:
            waiting = person.press(button)
        else:
            waiting = person.say(text.strip(), tuple((sent or "").split()), replied=replied)
    assert not waiting, f"at the end also said: {[out.text for out in waiting]}"


def dialogues(file: str) -> dict[str, str]:
    """The scripts of a file beside this one by their names: each begins with a line "== name"."""
    parts = re.split(r"^== (.+)$", (Path(__file__).with_name(file)).read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def work(store: Storage) -> None:
    """Do everything that is queued."""
    workers.publish(store, "painter", [fake_worker.ENGINE], EVERYTHING)
    while job := jobs.claim(store, "painter", EVERYTHING):
        fake_worker.attempt(store, job)


def result_of(store: Storage, person: Person) -> Result:
    """The last job's result."""
    result = jobs.of_chat(store, person.chat)[-1].result
    assert result is not None
    return result
