"""The real worker on the shipped model: killed in the middle of an edit, the job is taken up again, delivered once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import storage
from bot.language.referents import referents
from storage import Storage, jobs, outbox, photos
from storage.jobs import EditRequest, Job
from storage.plans import Step

ROOT = Path(__file__).parents[2]
OWNER = CHAT = "web:somebody"


@pytest.fixture
def store(tmp_path: Path) -> Storage:
    return storage.open(tmp_path / "data")


def work(store: Storage, *arguments: str) -> subprocess.Popen[bytes]:
    """A worker process of its own on this data folder."""
    ours = {
        "HEYING_DATA": str(store.folder),
        "HEYING_MODEL": str(ROOT / "miniature" / "weights"),
        "HEYING_WORKERS__LEASE_SECONDS": "3",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen([sys.executable, "-m", "pipeline", *arguments], cwd=ROOT, env={**os.environ, **ours})


def order(store: Storage, photo: str, step: Step, key: str) -> Job:
    request = EditRequest(step, photo, referents=referents(step, ""))
    return jobs.enqueue(store, key=key, kind="edit", owner=OWNER, chat=CHAT, request=request)


def until(store: Storage, job: Job, done: int) -> None:
    """Wait until a job has come so far."""
    for _ in range(900):
        progress = jobs.get(store, job.id).progress
        if progress is not None and progress.total > 1 and progress.done >= done:
            return
        time.sleep(0.1)
    raise AssertionError("the worker does not get on")


def test_killed_in_the_middle_and_the_second_edit_skips_inversion(store: Storage) -> None:
    photo = photos.put(store, (ROOT / "bot" / "samples" / "cat.png").read_bytes(), OWNER).sha256
    job = order(store, photo, Step("replace", target="猫", content="狗"), "first")
    first = work(store)
    until(store, job, 4)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert jobs.get(store, job.id).state == "running"  # nobody knows yet

    time.sleep(3.2)  # the lease runs out
    again = order(store, photo, Step("replace", target="猫", content="兔子"), "second")
    assert work(store, "--once").wait(150) == 0

    done, second = jobs.get(store, job.id), jobs.get(store, again.id)
    assert (done.state, done.attempt, second.state) == ("done", 2, "done")
    assert done.result is not None
    assert second.result is not None
    assert len(done.result.photos) == 1
    spent = {one.facts["inversion_kept"]: one.facts["unet_forward"] for one in (done.result, second.result)}
    assert (
        spent[True] < spent[False]
    )  # whichever came second: the one that was taken up again may have to wait its turn

    delivered = []
    while delivery := outbox.claim(store, "web", "test"):
        delivered.append(delivery.job)
        outbox.delivered(store, delivery)
    assert sorted(delivered) == [job.id, again.id]
