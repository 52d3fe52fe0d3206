"""Bots in processes of their own against the local Bot API server."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import storage
from storage import Storage
from tests.telegram.process import Bot
from tests.telegram.server import Server, running
from tests.telegram.world import Json, World


@dataclass
class Line:
    """A bot with a person who talks to it."""

    server: Server
    world: World
    bot: Bot
    store: Storage
    person: int

    def said(self, chat: int = 0) -> list[Json]:
        """What the bot has said, without what only tells how far it is."""
        chat = chat or self.person
        silent = self.world.silent
        return [message for message in self.world.said(chat) if (chat, message["message_id"]) not in silent]

    def heard(self, words: str, chat: int = 0, seconds: float = 40.0) -> Json:
        """Wait for a message with these words."""

        def found() -> Json | None:
            return next((m for m in self.said(chat) if words in m.get("text", m.get("caption", ""))), None)

        return until(found, seconds, lambda: f"no 「{words}」, only {self.said(chat)}")


def until(what: Callable[[], Any], seconds: float = 40.0, why: Callable[[], str] = lambda: "it never happens") -> Any:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, why()
        time.sleep(0.03)
    return found


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    """Starts bots; what they are told besides, as settings in the environment."""
    with contextlib.ExitStack() as afterwards:

        def start(library: str = "aiogram", world: World | None = None, **more: str) -> Line:
            server = afterwards.enter_context(running(world))
            bot = Bot(server, tmp_path / "data", library, tmp_path / "log", **more)
            afterwards.callback(bot.stop)
            bot.start()
            store = afterwards.enter_context(storage.open(tmp_path / "data"))
            return Line(server, server.world, bot, store, server.world.person(42, "甲"))

        yield start


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storage]:
    with storage.open(tmp_path / "data") as opened:
        yield opened


LIBRARIES = ("aiogram", "ptb")
