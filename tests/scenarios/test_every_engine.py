"""One real photo and one sentence through every kind of engine, opened as config.toml opens them, in the web chat: the same
talk around it, the same promise for what is outside."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from bot import replies
from pipeline.engine import Edited, EditOrder, Engine, Pixels, Work
from pipeline.engines import open_engines
from pipeline.handlers import Handlers
from pipeline.worker import Worker
from storage import Storage, jobs, photos
from storage.settings import EngineSettings, Settings
from tests.pipeline.editors import tiny
from tests.pipeline.editors.strict_server import KEY, MODEL, Strict, serving
from tests.scenarios import on_web
from tests.scenarios.script import Play

FOLDERS = ("sd15", "sd21", "sdxl")
DONE = "把衣服变成蓝色"
MAY_IT = "|".join(replies.MAY_LEAVE.values())
BUTTONS = "再明显一点|淡一些|再来一张|多来几张选|换一种方法|撤销"


@dataclass
class Watched:
    """An engine, and what it was given and has made."""

    engine: Engine
    made: list[tuple[Pixels, Edited]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def edit(self, order: EditOrder) -> Work[Edited]:
        """The order, by the engine."""
        edited = yield from self.engine.edit(order)
        self.made.append((order.photo, edited))
        return edited


@pytest.fixture
def server() -> Iterator[Strict]:
    with serving("openai") as state:
        yield state
        assert not state.wrong


@pytest.fixture
def engines(
    server: Strict, model_folders: dict[str, Path], models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Watched]:
    """What the methods of the engines are called in the chat, and the engines."""
    monkeypatch.setenv("HEYING_KEY_FAR", KEY)
    tiny.flux2().save_pretrained(tmp_path / "editor")
    told = (
        EngineSettings(kind="compositing"),
        *(EngineSettings(kind="diffusion", name=name, model=str(model_folders[name]), steps=2) for name in FOLDERS),
        EngineSettings(kind="editor", name="near", model=str(tmp_path / "editor"), steps=1, likeness=0),
        EngineSettings(kind="server", name="far", address=server.address, model=MODEL, likeness=0),
    )
    opened = [Watched(one) for one in open_engines(Settings(engines=told, models=models.parent))]
    assert [one.name for one in opened] == ["compositing", *FOLDERS, "near", "far"]
    return {title(one.engine): one for one in opened}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    theatre = on_web.Theatre(tmp_path)
    yield Play(on_web.Stage(theatre), patience=60)
    theatre.close()


def test_scenario_one_sentence_through_every_engine(play: Play, engines: dict[str, Watched], server: Strict) -> None:
    first, *others = engines
    play.worker = lambda store: work(store, engines)
    play(f"""
    甲: [样例:photos/astronaut]
    影: 收到照片
    甲: 把她的衣服改成蓝色
    …
    影: {DONE} [1] ({BUTTONS})
    """)
    assert len(engines[first].made) == 1
    ways = "|".join(replies.try_method(name) for name in engines)
    done = f"影: {DONE} [1] ({BUTTONS})"
    for other in others:
        leaves = engines[other].engine.capabilities().leaves_machine
        play(f"""
        甲: (换一种方法)
        影: 能换着用的方法有 ({ways})
        甲: ({replies.try_method(other)})
        …
        {f"影: 还没有发，先问你一声 ({MAY_IT})" if leaves else done}
        """)
        if leaves:
            assert not server.asked
            play(f"""
            甲: (同意，发过去)
            …
            {done}
            """)
        assert [len(engines[name].made) for name in engines] == [1] * (list(engines).index(other) + 1) + [0] * (
            len(engines) - list(engines).index(other) - 1
        )
    photo = engines[first].made[0][0]
    for name, (pictured, edited) in ((name, one.made[0]) for name, one in engines.items()):
        assert (pictured == photo).all(), f"{name} began with another photo"
        kept_outside(engines[name].engine, photo, edited)
    sent = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in results(play)]
    for (name, one), received in zip(engines.items(), sent, strict=True):
        marked = (received != one.made[0][1].image).any(2)
        assert marked.mean() < 0.05, f"{name}: more than the mark is not as it was made"


def title(engine: Engine) -> str:
    """What the engine's own method is called."""
    return next(str(method["title"]) for method in engine.capabilities().methods if method["name"] == engine.name)


def work(store: Storage, engines: dict[str, Watched]) -> None:
    """A worker with all of them does what is queued."""
    handlers = Handlers.open(store, list(engines.values()))
    worker = Worker(store, handlers.tasks, name="painter")
    worker.publish(handlers.published())
    while job := jobs.claim(store, worker.name, tuple(worker.tasks)):
        worker.attempt(job)


def results(play: Play) -> list[bytes]:
    """The pictures that somebody has been shown as results, in their order."""
    stage = play.stage
    assert isinstance(stage, on_web.Stage)
    browser = stage.people["甲"]
    shown = [sha for out in browser.heard for sha in out.images]
    return [photos.read(stage.theatre.store, sha, browser.user) for sha in shown]


def kept_outside(engine: Engine, photo: Pixels, edited: Edited) -> None:
    """Outside of its mask an engine leaves every bit, also in the face; inside, something is new."""
    assert (edited.image.shape, edited.image.dtype) == (photo.shape, np.uint8)
    assert edited.mask is not None
    outside = edited.mask == 0
    assert 0.2 < outside.mean() < 0.995, engine.name
    assert (edited.image[outside] == photo[outside]).all(), engine.name
    assert (edited.image != photo).any(), engine.name
    height, width = photo.shape[:2]
    face = np.zeros((height, width), np.uint8)
    middle, axes = (0.434 * width, 0.219 * height), (0.066 * width, 0.094 * height)
    cv2.ellipse(face, tuple(map(round, middle)), tuple(map(round, axes)), 0, 0, 360, 1, -1)
    if engine.kind in ("compositing", "diffusion"):  # an editor may draw all over the person
        assert (edited.image[face > 0] == photo[face > 0]).all(), engine.name
