"""An open storage in a temporary folder, with a clock that stands still until it is told to go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import storage
from storage import Storage, jobs, photos
from storage.plans import Step
from tests.storage.house import ANN, ROOM, Clock, Queue, png

settings.register_profile("no deadline", deadline=None)  # the machine may be busy
settings.load_profile("no deadline")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Storage]:
    with storage.open(tmp_path / "data", clock=clock) as opened:
        yield opened


@pytest.fixture
def photo(store: Storage) -> photos.Photo:
    """A photo of Ann's."""
    return photos.put(store, png(), ANN)


@pytest.fixture
def queue(store: Storage) -> Queue:
    """queue(key, owner=ANN, kind="edit", …) → a queued job on a photo of that owner."""

    def put(key: str, owner: str = ANN, kind: str = "edit", **more: object) -> jobs.Job:
        sha = photos.put(store, png(), owner).sha256
        requests = {
            "edit": jobs.EditRequest(Step("remove", target="猫"), sha),
            "learn": jobs.LearnRequest(0, ()),
            "stickers": jobs.StickerRequest(photo=sha),
            "generate": jobs.GenerateRequest("一只猫"),
        }
        told = {"chat": ROOM, "request": requests[kind], **more}
        return jobs.enqueue(store, key=key, kind=kind, owner=owner, **told)  # type: ignore[arg-type]

    return put
