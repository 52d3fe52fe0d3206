"""The endpoint served in this process, on a port of its own, with a worker that paints when it is told to."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import storage
from bot import app
from bot.platforms.http.server import Http
from bot.supervisor import Crew
from storage import Storage
from storage.settings import load
from tests.http.bridge import SECRET, Bridge
from tests.telegram.process import free_port


@contextmanager
def serving(folder: Path, **told: object) -> Iterator[tuple[Storage, str]]:
    """The application on http alone, until the block ends: (its storage, its address)."""
    port = free_port()
    settings = load(platforms=("http",), http={"port": port, "secret": SECRET, **told}, limits={"megabytes": 1})
    with storage.open(folder / "data", settings) as store:
        opened, loop = threading.Event(), asyncio.new_event_loop()
        platform = Http(store, SECRET)
        task = loop.create_task(app.serve(store, Crew(store, ()), [platform], opened.set))
        thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True)))
        thread.start()
        assert opened.wait(30)
        try:
            yield store, f"http://127.0.0.1:{port}"
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Storage, str]]:
    with serving(tmp_path_factory.mktemp("http")) as served:
        yield served


@pytest.fixture
def store(endpoint: tuple[Storage, str]) -> Storage:
    return endpoint[0]


@pytest.fixture
def bridge(endpoint: tuple[Storage, str], request: pytest.FixtureRequest) -> Bridge:
    return Bridge(endpoint[1], name=f"b{abs(hash(request.node.name)) % 10**8}")
