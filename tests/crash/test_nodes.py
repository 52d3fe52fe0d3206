"""Workers that are actors of a Ray cluster: killed, hung, sick, taken back, left by their gateway. Nothing is lost or doubled."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import storage
from bot.language.referents import referents
from bot.supervisor import Crew
from lettering import marks
from storage import Storage, incidents, jobs, photos
from storage.plans import Step
from tests.pipeline.clusters import add, cluster, ray_is_there
from tests.soak import nodes
from tests.soak.nodes import LOST, READY, all_done, gateway, order, told_once, until_said, workers

ROOT = Path(__file__).resolve().parents[2]
Gateway = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def there() -> Iterator[Any]:
    ray_is_there()
    with cluster(2) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storage]:
    with storage.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def at_work(store: Storage, there: Any) -> Iterator[Gateway]:
    """A gateway with one place, whose jobs may go without progress for three seconds."""
    process = gateway(store, workers(there.address, edit=1, edit_stuck_seconds=3.0))
    until_said(store, READY, 1)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def until_running(store: Storage, job: jobs.Job, steps: int = 1) -> None:
    until = time.monotonic() + 60
    while (now := jobs.get(store, job.id)).progress is None or now.progress.done < steps:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["die", "hang"])
def test_what_kills_three_actors_is_dead_and_the_others_are_served(store: Storage, at_work: Gateway, how: str) -> None:
    bad, good = order(store, "bad", how), order(store, "good")
    all_done(store, 200)
    now = jobs.get(store, bad.id)
    assert (now.state, now.attempt) == ("dead", 3)
    assert [(one.what, one.ref) for one in incidents.recent(store)] == [("job", bad.id)]
    messages = store.rows("SELECT kind, text FROM outbox WHERE job = ?", (bad.id,))
    assert [row["kind"] for row in messages] == ["failure"]
    assert "对不起" in messages[0]["text"]
    told_once(store, [good.id])
    after = order(store, "after")
    all_done(store, 60)
    told_once(store, [after.id])
    assert (store.folder / "log").read_text("utf-8").count(LOST) == 3
    assert at_work.poll() is None


def test_surprises_in_a_row_mean_a_sick_actor(store: Storage, at_work: Gateway) -> None:
    bad = [order(store, f"bad{number}", "break") for number in range(2)]
    good = order(store, "good")
    until_said(store, READY, 2)
    all_done(store, 60)
    assert {jobs.get(store, job.id).state for job in bad} == {"failed"}
    assert (store.folder / "log").read_text("utf-8").count("an actor is sick") == 1
    told_once(store, [good.id])


def test_taken_back_it_ends_and_the_actor_stays(store: Storage, at_work: Gateway) -> None:
    job = order(store, "slow", "slow")
    until_running(store, job)
    assert jobs.cancel(store, job.id, job.owner)
    good = order(store, "good")
    all_done(store, 30)
    told_once(store, [good.id])
    assert jobs.get(store, job.id).state == "cancelled"
    assert LOST not in (store.folder / "log").read_text("utf-8")


def test_a_gateway_that_is_told_to_stop_gives_back_and_its_successor_goes_on(
    store: Storage, at_work: Gateway, there: Any
) -> None:
    job = order(store, "slow", "slow")
    until_running(store, job)
    began = time.monotonic()
    at_work.send_signal(signal.SIGTERM)
    assert at_work.wait(30) == 0
    assert time.monotonic() - began < 10
    now = jobs.get(store, job.id)
    assert (now.state, now.attempt) == ("queued", 0)
    again = gateway(store, workers(there.address, edit=1))
    try:
        all_done(store, 60)
    finally:
        again.kill()
        again.wait()
    told_once(store, [job.id])


# As `python -m pipeline` begins, with the small engine.
UNDER_A_BOT = """
import storage
from pipeline.cluster import Gateway
from tests.pipeline import inverting
settings = storage.settings.load()
Gateway(storage.open(settings.data, settings), ("edit",), inverting.slow, settings.workers.edit).run()
"""


async def test_a_gateway_that_is_killed_is_started_again_and_goes_on(tmp_path: Path, there: Any) -> None:
    """By the bot, whose settings it gets; its actors go with it, and what they had is done again."""
    settings = storage.Settings(workers=workers(there.address, edit=1).model_dump())
    with storage.open(tmp_path / "data", settings) as store:
        job = order(store, "slow", "slow")
        running = asyncio.create_task(Crew(store, (("-c", UNDER_A_BOT),)).run())
        try:
            await asyncio.to_thread(until_running, store, job)
            (name,) = jobs.under_way(store)
            assert name.endswith("/0")
            (process,) = (one for one in psutil.Process().children() if UNDER_A_BOT in one.cmdline())
            process.kill()
            await asyncio.to_thread(all_done, store, 120)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        told_once(store, [job.id])
        assert jobs.get(store, job.id).attempt == 2


def test_the_shipped_model_draws_there(store: Storage, there: Any) -> None:
    """The real lane, from the settings to the marked picture; what was kept of the photo spares the second order the inversion."""
    photo = photos.put(store, (ROOT / "bot" / "samples" / "cat.png").read_bytes(), "web:ann").sha256
    for content in ("狗", "兔子"):
        step = Step("replace", target="猫", content=content)
        request = jobs.EditRequest(step, photo, referents=referents(step, ""))
        jobs.enqueue(store, key=content, kind="edit", owner="web:ann", chat="web:ann", request=request)
    env = {
        **os.environ,
        "HEYING_DATA": str(store.folder),
        "HEYING_MODEL": str(ROOT / "miniature" / "weights"),
        "HEYING_WORKERS": workers(there.address, edit=1).model_dump_json(),
    }
    subprocess.run([sys.executable, "-m", "pipeline", "--once"], cwd=ROOT, env=env, check=True, timeout=280)
    first, second = jobs.of_chat(store, "web:ann")
    assert (first.state, second.state) == ("done", "done")
    assert first.result is not None
    assert second.result is not None
    assert marks.verify(photos.read(store, second.result.photos[0])).marked
    assert (first.result.facts["inversion_kept"], second.result.facts["inversion_kept"]) == (False, True)


def test_a_small_share_of_the_soak(there: Any) -> None:
    add(there)
    assert nodes.one_of_three_killed(there, 8).count == 20
