"""An engine of twenty lines: nothing else is changed for it, and every platform has it."""

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

import storage
from bot.platforms.terminal.conversation import USER, Terminal
from pipeline.engine import (
    Capabilities,
    Edited,
    EditOrder,
    EngineError,
    FigureOrder,
    Figures,
    GenerateOrder,
    Learned,
    LearnOrder,
    Progress,
    Work,
)
from pipeline.handlers import Handlers
from pipeline.worker import Worker
from storage import Storage, jobs, photos, workers
from tests.scenarios.script import Play, content

METHOD = {"name": "negative", "title": "底片", "operations": ["restyle"], "needs": []}


class Inverting:
    """It inverts colours, whatever the style."""

    name, kind = "inverting", "compositing"

    def capabilities(self) -> Capabilities:
        return Capabilities(operations=("restyle",), methods=(METHOD,))

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        return isinstance(order, EditOrder)

    def edit(self, order: EditOrder) -> Work[Edited]:
        yield Progress(0, 1, "反相")
        return Edited(255 - order.photo, np.ones(order.photo.shape[:2], np.float32))

    def learn(self, order: LearnOrder) -> Work[Learned]:
        raise EngineError("学不会。", "not learnt here")

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        raise EngineError("画不了。", "not drawn here")

    def figures(self, order: FigureOrder) -> Work[Figures]:
        raise EngineError("做不了。", "no figures here")

    def check(self) -> tuple[()]:
        return ()


def invert(store: Storage) -> None:
    """Do what is queued, with that engine alone."""
    handlers = Handlers.open(store, [Inverting()])
    worker = Worker(store, handlers.tasks, name="painter")
    worker.publish(handlers.published())
    while job := jobs.claim(store, worker.name, tuple(handlers.tasks)):
        worker.attempt(job)


def negative(data: bytes) -> bool:
    """Whether a picture is the cat's negative, where no mark covers it (of 64 pixels that is a good part)."""
    with Image.open(io.BytesIO(data)) as made, Image.open(io.BytesIO(content("cat"))) as sent:
        if made.size != sent.size:
            return False
        old, new = (np.asarray(image.convert("RGB"), np.int16) for image in (sent, made))
    return bool((abs(255 - old - new).max(2) <= 12).mean() > 0.5)


def test_scenario_engine_of_twenty_lines(play: Play) -> None:
    """Telegram by both libraries, the web page, the endpoint."""
    play.worker = invert
    play("""
    甲: [cat]
    影: 收到照片
    甲: 改成水墨画
    …
    影: 改好了：改成水墨画 [1] (撤销)
    """)
    assert any(negative(data) for data in play.stage.files("甲"))


def test_engine_in_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, one picture."""
    photo = tmp_path / "cat.png"
    photo.write_bytes(content("cat"))
    with storage.open(tmp_path / "data") as store:
        workers.publish(store, "painter", [{"name": "inverting", "operations": ["restyle"], "methods": []}], ["edit"])
        terminal = Terminal(store, Console(quiet=True))

        async def ask() -> list[bytes]:
            heard = asyncio.create_task(terminal.say("改成水墨画", [terminal.take_in(photo)]))
            while not jobs.open_of(store, USER, terminal.chat):
                await asyncio.sleep(0.01)
            invert(store)
            return [photos.read(store, sha, USER) for out in await heard for sha in out.images]

        assert any(negative(data) for data in asyncio.run(asyncio.wait_for(ask(), 30)))
