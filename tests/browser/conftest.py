"""A real Chromium, and the real application in a process of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 180.0  # seconds until a server answers
WAIT = 1000 * int(os.environ.get("HEYING_BROWSER_WAIT", "60"))  # milliseconds; a busy machine may need more
CONTEXT = {"locale": "zh-CN", "viewport": {"width": 1200, "height": 860}}


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which later tests must not find
def chromium() -> Iterator[Any]:
    """The browser. Without one these tests are skipped, and say so."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        warnings.warn("NO CHROMIUM: THE BROWSER TESTS ARE SKIPPED (apt install chromium)", stacklevel=1)
        pytest.skip("no chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Server:
    """The application, at ``url``; can be killed and started again on the same data."""

    def __init__(self, data: Path, *more: str, **env: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data, self.more, self.env, self.url = data, more, env, f"http://127.0.0.1:{self.port}/"
        self.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "tests.browser.serve", str(self.data), str(self.port), *self.more]
        env = {**os.environ, "PYTHONPATH": str(ROOT), **self.env}
        self.process = subprocess.Popen(command, cwd=ROOT, env=env)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, "the server died"
            try:
                urllib.request.urlopen(self.url, timeout=20).close()
                return
            except urllib.error.HTTPError:  # it answers, and asks for a password
                return
            except OSError:
                time.sleep(0.1)
        self.process.kill()
        raise AssertionError("the server does not answer")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; the exit status."""
        self.process.send_signal(how)
        return self.process.wait(20)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers of a test's own."""
    running: list[Server] = []

    def start(*more: str, **env: str) -> Server:
        running.append(Server(tmp_path / "data", *more, **env))
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it as it is; every browser context is a person of its own."""
    server = Server(tmp_path_factory.mktemp("web") / "data", "--pause", "0.05")
    yield server
    server.stop()


@pytest.fixture
def person(chromium: Any, serve: Callable[..., Server]) -> Iterator[Callable[..., Any]]:  # pages close before servers
    """Opens a page as somebody new, or as whoever ``of`` is the page of; ``ready`` is there when it is drawn.

    Fails when a page throws, logs an error or asks another machine for anything; where the server is killed in between,
    errors about that may be ``noisy``. ``before`` is a script that runs before those of the page.
    """
    contexts, wrong = [], []

    def open_page(
        url: str, of: Any = None, ready: str = "#hy-text", noisy: bool = False, before: str = "", **more: Any
    ) -> Any:
        context = of.context if of else chromium.new_context(**{**CONTEXT, **more})
        contexts.append(context)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        origin = "/".join(url.split("/")[:3]) + "/"
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" and not noisy else None)
        page.on("request", lambda request: wrong.append(request.url) if not local(request.url, origin) else None)
        page.on("websocket", lambda socket: wrong.append(socket.url) if not local(socket.url, origin) else None)
        if before:
            page.add_init_script(before)
        page.goto(url)
        page.locator(ready).first.wait_for()
        return page

    yield open_page
    for context in dict.fromkeys(contexts):
        context.close()
    assert not wrong


def local(asked: str, url: str) -> bool:
    """Whether a request stays with the server under test."""
    return asked.startswith((url, url.replace("http", "ws", 1), "data:", "blob:"))
