"""Workers that are left behind, hang, hold Python's lock, crash: nobody else waits for them, and nobody is told nothing."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import storage
from bot.supervisor import Crew
from pipeline.worker import UNEXPECTED
from storage import Settings, Storage, incidents, jobs, outbox

ROOT = Path(__file__).resolve().parents[2]

# The real worker's loop with tasks that do what they are told.
WORKER = """
import ctypes, os, re, resource, time, storage
from pipeline.worker import Worker
from storage.requests import Progress, Result

def task(job):
    what = job.request.content
    yield Progress(0, 1, what)
    if what == "hang":
        time.sleep(3600)
    if what == "hold":  # no other thread of Python runs meanwhile
        ctypes.PyDLL(None).sleep(3600)
    if what == "crash":
        ctypes.string_at(0)
    if what == "devour":
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
        bytearray(16 << 30)
    return Result(text="done")

settings = storage.settings.load()
worker = Worker(storage.open(settings.data, settings), {"generate": task})
worker.publish([])
worker.run()
"""
# A bot with one such worker, to be killed.
BOT = """
import asyncio, sys, storage
from bot.supervisor import Crew
asyncio.run(Crew(storage.open(sys.argv[1]), (("-c", sys.argv[2]),)).run())
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    monkeypatch.setenv("HEYING_WORKERS__EDIT_STUCK_SECONDS", "2")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr("bot.supervisor.PATIENCE", 0.2)  # what hangs does not listen
    return storage.open(tmp_path / "data", Settings(workers={"edit_stuck_seconds": 2.0}))


def order(store: Storage, what: str, owner: str) -> jobs.Job:
    told = {"owner": owner, "chat": owner, "request": jobs.GenerateRequest(what)}
    return jobs.enqueue(store, key=f"{owner}:{what}", kind="generate", **told)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def at_work(store: Storage) -> AsyncIterator[None]:
    running = asyncio.create_task(Crew(store, (("-c", WORKER),)).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def ended(store: Storage, job: jobs.Job, within: float) -> jobs.Job:
    until = time.monotonic() + within
    while (now := jobs.get(store, job.id)).open:
        assert time.monotonic() < until, f"{now.state}, attempt {now.attempt}"
        await asyncio.sleep(0.05)
    return now


@pytest.mark.parametrize("what", ["hang", "hold"])
async def test_who_comes_after_a_job_that_hangs_is_served(store: Storage, what: str) -> None:
    bad = order(store, what, "web:bad")
    async with at_work(store):
        while jobs.get(store, bad.id).state != "running":
            await asyncio.sleep(0.02)
        good = order(store, "fine", "web:good")
        assert (await ended(store, good, 30)).state == "done"
        assert jobs.get(store, bad.id).state != "done"


async def test_a_job_that_crashes_its_worker_ends_after_three_attempts(
    store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.supervisor.FIRST_PAUSE", 0.01)
    bad, good = order(store, "crash", "web:bad"), order(store, "fine", "web:good")
    async with at_work(store):
        assert (await ended(store, good, 30)).state == "done"
        dead = await ended(store, bad, 60)
    assert (dead.state, dead.attempt) == ("dead", 3)
    told = [delivery["text"] for delivery in store.rows("SELECT text FROM outbox WHERE user = 'web:bad'")]
    assert told == [dead.error]
    assert "对不起" in told[0]
    assert [(one.what, one.ref) for one in incidents.recent(store)] == [("job", bad.id)]
    delivery = outbox.claim(store, "web", "test")
    assert delivery is not None


async def test_a_job_that_finds_no_memory_is_told_and_the_lane_goes_on(store: Storage) -> None:
    bad, good = order(store, "devour", "web:bad"), order(store, "fine", "web:good")
    async with at_work(store):
        assert (await ended(store, bad, 30)).state == "failed"
        assert (await ended(store, good, 30)).state == "done"
    told = [delivery["text"] for delivery in store.rows("SELECT text FROM outbox WHERE user = 'web:bad'")]
    assert told == [UNEXPECTED]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a score")
async def test_when_memory_runs_out_the_kernel_takes_the_worker_first(store: Storage) -> None:
    job = order(store, "hang", "web:one")
    async with at_work(store):
        while jobs.get(store, job.id).state != "running":
            await asyncio.sleep(0.02)
        scores = [oom_score(child) for child in children(os.getpid())]
        assert max(scores) > oom_score("self")


async def test_workers_go_with_the_bot_and_its_successor_takes_over_at_once(store: Storage) -> None:
    job = order(store, "hang", "web:bad")
    for life in range(2):
        with subprocess.Popen([sys.executable, "-c", BOT, str(store.folder), WORKER], cwd=ROOT) as bot:
            try:
                while not fresh(store, bot.pid):
                    assert bot.poll() is None
                    time.sleep(0.02)
                now = jobs.get(store, job.id)
                assert now.attempt == 1, f"life {life}: it was not the job's fault"
                (pid,) = children(bot.pid)
            finally:
                bot.send_signal(signal.SIGKILL)
        until = time.monotonic() + 5
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < until, "left behind"
            time.sleep(0.01)
        assert jobs.get(store, job.id).worker == now.worker


def fresh(store: Storage, bot: int) -> bool:
    """Whether a worker of this bot is at it."""
    return any(f":{bot}:" in worker for worker in jobs.under_way(store))


def oom_score(pid: int | str) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_program_whose_parent_is_gone_does_not_begin(tmp_path: Path) -> None:
    script, there = ROOT / "bot" / "parent_death.py", tmp_path / "begun"
    command = [sys.executable, "-I", "-S", str(script), str(os.getpid()), "/usr/bin/touch", str(there)]
    subprocess.run([*command[:4], "1", *command[5:]], check=True)
    assert not there.exists()
    subprocess.run(command, check=True)
    assert there.exists()
