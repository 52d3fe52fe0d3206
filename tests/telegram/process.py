"""The bot as a process of its own: can be killed at any moment and started again on the same data."""

import multiprocessing
import os
import signal
import socket
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.telegram.serve import serve
from tests.telegram.server import Server

# Loading aiogram takes seconds of computing, so that is done once, in a process from which all others are forked.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.telegram.serve"])


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Bot:
    """The application on Telegram, without workers. ``more``: further settings, by their names in the environment."""

    def __init__(self, server: Server, data: Path, library: str, log: Path | None = None, **more: str) -> None:
        self.server, self.log = server, log
        self.environment = {
            "HEYING_DATA": str(data),
            "HEYING_PLATFORMS": '["telegram"]',
            "HEYING_TELEGRAM__LIBRARY": library,
            "HEYING_TELEGRAM__API": server.url,
            "HEYING_TELEGRAM__TOKEN": server.world.token,
            "HEYING_METRICS__PORT": str(free_port()),
            "HEYING_WORKERS__EDIT": "0",
            "HEYING_WORKERS__LEARN": "0",
            **more,
        }
        self.process: ForkServerProcess | None = None

    @property
    def listening(self) -> int:
        """How often a bot has begun to listen."""
        return self.server.calls["getUpdates"] + self.server.calls["setWebhook"]

    def start(self, patience: float = 120.0) -> "Bot":
        """Start it and wait until it listens."""
        before = self.listening
        self.process = CONTEXT.Process(target=serve, args=(self.environment, self.log))
        self.process.start()
        until = time.monotonic() + patience
        while self.listening == before:
            assert self.process.is_alive(), f"the bot died: {self.log.read_text('utf-8')[-2000:] if self.log else ''}"
            assert time.monotonic() < until, "the bot does not listen"
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(20)

    def stop(self) -> int | None:
        """As an operator does; the exit status."""
        assert self.process is not None
        if self.process.is_alive():
            self.process.terminate()
        self.process.join(30)
        return self.process.exitcode
