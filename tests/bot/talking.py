"""Scripts of conversations, played against the real dialogue, the real storage and a worker that paints.

A script is lines of three kinds::

    我: [cat] 把猫换成狗        a message; in brackets the photos sent along, by name
    我: (撤销)                  a press of a button of that name, the latest there is
    影: 改好了                  the bot's next message holds these words (and nothing else is said that is not listed)
    …                          the workers do what is queued
"""

import hashlib
import io
import itertools
import re

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
        self.numbers = itertools.count()

    def say(self, text: str = "", sent: tuple[str, ...] = (), **more: object) -> list[Outgoing]:
        """Send a message and return what is answered at once."""
        shas = tuple(photos.put(self.store, picture(name), self.user).sha256 for name in sent)
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
        """Play a script to its end."""
        waiting: list[Outgoing] = []
        for line in filter(None, map(str.strip, script.splitlines())):
            if line.startswith("影:"):
                words = line.removeprefix("影:").strip()
                assert waiting, f"nothing is said where 「{words}」 should be"
                out = waiting.pop(0)
                assert words in out.text, f"「{out.text}」 is said where 「{words}」 should be"
                continue
            assert not waiting, f"before 「{line}」 also said: {[out.text for out in waiting]}"
            if line == "…":
                waiting = self.work()
                continue
            match = re.fullmatch(r"我:\s*(?:\[(.*?)\])?\s*(?:\((.*)\))?(.*)", line)
            assert match, line
            sent, button, text = match.groups()
            waiting = self.press(button) if button else self.say(text.strip(), tuple((sent or "").split()))
        assert not waiting, f"at the end also said: {[out.text for out in waiting]}"


def work(store: Storage) -> None:
    """Do everything that is queued."""
    workers.publish(store, "painter", "fake", fake_worker.METHODS, {}, EVERYTHING)
    while job := jobs.claim(store, "painter", EVERYTHING):
        fake_worker.attempt(store, job)


def result_of(store: Storage, person: Person) -> Result:
    """The last job's result."""
    result = jobs.of_chat(store, person.chat)[-1].result
    assert result is not None
    return result
