"""Looking at photos while nobody waits: a job comes first, a deleted photo stays deleted, the first edit does not look again."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import storage
from pipeline.compositing.engine import Compositing
from pipeline.engine import Progress, finish
from pipeline.handlers import Handlers
from pipeline.vision import looking
from pipeline.worker import Worker
from storage import Storage, inversions, jobs, looks, photos, retention
from storage.jobs import EditRequest, Job, Result
from storage.plans import Step
from tests.bot.fake_worker import png
from tests.bot.talking import picture
from tests.pipeline.vision.conftest import astronaut

__all__ = ["astronaut"]
ANN, BOB = "web:ann", "web:bob"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storage]:
    with storage.open(tmp_path / "data") as opened:
        yield opened


def sent(store: Storage, name: str = "a", owner: str = ANN) -> str:
    sha = photos.put(store, picture(name), owner).sha256
    looks.ask(store, sha, owner)
    return sha


def order(store: Storage, photo: str, owner: str) -> Job:
    return jobs.enqueue(
        store,
        key=photo,
        kind="edit",
        owner=owner,
        chat=owner,
        request=EditRequest(Step("restyle", style="comic"), photo),
    )


class Slow:
    """A look of ten steps; between the fourth and the fifth something happens."""

    def __init__(self, happens: Any = lambda: None) -> None:
        self.happens, self.steps, self.closed = happens, 0, False

    def __call__(self, look: looks.Look) -> Generator[Progress, None, dict[str, Any]]:
        try:
            for step in range(10):
                if step == 4:
                    self.happens()
                self.steps = step
                yield Progress(step, 10, "看")
            return {"persons": []}
        finally:
            self.closed = True


def worker(store: Storage, idle: Slow) -> Worker:
    def edit(job: Job) -> Generator[Progress, None, Result]:
        yield Progress(0, 1, "")
        return Result()

    return Worker(store, {"edit": edit}, name="w", idle=idle)


def test_somebody_else_s_order_ends_a_look_at_once(store: Storage) -> None:
    photo, other = sent(store), sent(store, "b", BOB)
    with store.atomic() as db:
        db.execute("DELETE FROM looks WHERE owner = ?", (BOB,))
    slow = Slow(lambda: order(store, other, BOB))
    assert worker(store, slow).glance()
    assert (slow.steps, slow.closed) == (4, True)
    assert looks.facts(store, photo, ANN) is None
    again = Slow()
    look = looks.take(store)
    assert look is not None
    assert look.attempt == 1  # it does not count
    looks.give_back(store, look)
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    jobs.finish(store, job, Result())
    assert worker(store, again).glance()
    assert looks.facts(store, photo, ANN) == {"persons": []}


def test_an_order_about_the_photo_lets_the_look_end(store: Storage) -> None:
    """It needs what the look finds."""
    photo = sent(store)
    assert worker(store, Slow(lambda: order(store, photo, ANN))).glance()
    assert looks.facts(store, photo, ANN) == {"persons": []}


def test_a_deleted_photo_is_let_go(store: Storage) -> None:
    sent(store)
    slow = Slow(lambda: retention.forget(store, ANN))
    assert worker(store, slow).glance()
    assert (slow.steps, slow.closed) == (4, True)
    assert store.rows("SELECT * FROM looks") == []


def test_a_look_that_breaks_is_not_tried_for_ever(store: Storage) -> None:
    def broken() -> None:
        raise RuntimeError("broken")

    photo = sent(store)
    assert worker(store, Slow(broken)).glance()
    assert looks.facts(store, photo, ANN) == {}
    assert not worker(store, Slow()).glance()


def test_a_real_photo_is_seen_and_the_first_edit_does_not_look_again(
    store: Storage, models: Path, astronaut: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Compositing(models)
    handlers = Handlers.open(store, [engine])
    photo = photos.put(store, png(astronaut), ANN).sha256
    looks.ask(store, photo, ANN)
    work = Worker(store, handlers.tasks, name="w", idle=handlers.look)
    assert work.glance()
    facts = looks.facts(store, photo, ANN)
    assert facts is not None
    assert len(facts["persons"]) == 1
    assert facts["faces"] == 1
    assert facts["known"] == []
    assert 0 < facts["light"] < 1
    assert all(0 <= x <= 1 and 0 <= y <= 1 for polygon in facts["persons"][0]["outline"] for x, y in polygon)
    monkeypatch.setattr(looking.Vision, "look", None)  # nobody calls it
    order(store, photo, ANN)
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    work.attempt(job)
    done = jobs.get(store, job.id)
    assert done.state == "done", done.log
    monkeypatch.undo()
    monkeypatch.setattr("pipeline.compositing.view.version", lambda: "another")  # other nets, other code
    looked: list[bool] = []
    see = looking.Vision.look
    monkeypatch.setattr(looking.Vision, "look", lambda self, picture: looked.append(True) or see(self, picture))
    jobs.enqueue(
        store,
        key="2",
        kind="edit",
        owner=ANN,
        chat=ANN,
        request=EditRequest(Step("restyle", style="comic"), photo, seed=1),
    )
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    work.attempt(job)
    assert looked == [True]


def test_what_is_seen_of_a_photo_that_was_deleted_meanwhile_is_not_kept(
    store: Storage, models: Path, astronaut: np.ndarray
) -> None:
    handlers = Handlers.open(store, [Compositing(models)])
    photo = photos.put(store, png(astronaut), ANN).sha256
    looks.ask(store, photo, ANN)
    look = looks.take(store)
    assert look is not None
    work = handlers.look(look)
    next(work)
    retention.forget(store, ANN)
    assert not looks.keep(store, look, finish(work))
    assert store.rows("SELECT * FROM looks") == []
    assert store.rows("SELECT * FROM inversions") == []
    assert not any((store.folder / "inversions").rglob("*.npz"))
    assert inversions.sweep(store) == 0
