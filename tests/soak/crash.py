"""Processes killed at named places and at random, started and stopped again and again; folders backed up and restored."""

import asyncio
import random
import signal
import tempfile
import time
from pathlib import Path

import storage
from bot.supervisor import Crew
from storage import backups, failpoints, health
from tests.crash.killing import begin, ended, something_waits
from tests.crash.test_failpoints import all_is_well, killed_at, prepared, said
from tests.soak.table import Figure

PAINTER = str(Path(__file__).resolve().parents[1] / "bot" / "fake_worker.py")


def at_failpoints(times: int) -> Figure:
    """Each place, before and after its commit, so many times."""
    killed = 0
    for _ in range(times):
        for place in failpoints.PLACES:
            for when in ("", "@commit"):
                with tempfile.TemporaryDirectory() as folder:
                    killed_at(place, when, Path(folder))
                killed += 1
    return Figure("kills at failpoints", killed, "messages lost, jobs lost or doubled: 0")


def at_random(kills: int, seed: int = 0) -> Figure:
    """`kill -9` of bots and workers while people talk; then everything must be there, once."""
    chance, killed, slowest, left_behind = random.Random(seed), 0, 0.0, 0
    people = 4
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with prepared(data, people) as store:
            parts = {"bot": begin(data, "bot"), "worker": begin(data, "worker"), "worker 2": begin(data, "worker")}
            texts: dict[str, str] = {}
            round = 0
            while killed < kills:
                if not something_waits(store) or chance.random() < 0.2:
                    more = {f"p{person}-{round}": "改成油画风" for person in range(people)}
                    texts |= more
                    ended(begin(data, "sender", texts=more))
                    round += 1
                time.sleep(chance.uniform(0.05, 0.6))
                victim = chance.choice(list(parts))
                if parts[victim].is_alive():
                    parts[victim].kill()
                    assert ended(parts[victim]) == -signal.SIGKILL
                    killed += 1
                for part, process in parts.items():
                    if not process.is_alive():
                        parts[part] = begin(data, part.partition(" ")[0])
            began = time.monotonic()
            while something_waits(store):
                for part, process in parts.items():
                    if not process.is_alive():
                        parts[part] = begin(data, part.partition(" ")[0])
                time.sleep(0.05)
                assert time.monotonic() - began < 600
            slowest = time.monotonic() - began
            for process in parts.values():
                ended(process)
            all_is_well(store, texts)
            left_behind = sum(process.is_alive() for process in parts.values())
    return Figure(
        "random kill -9 under load",
        killed,
        f"{len(texts)} messages, lost or doubled: 0; all done {slowest:.1f} s after the last; left behind: {left_behind}",
    )


def started_and_stopped(times: int) -> Figure:
    """The supervisor with a worker, started and stopped at any moment of its life; it must never hang."""
    chance, longest = random.Random(1), 0.0

    async def once(store: storage.Storage) -> float:
        running = asyncio.create_task(Crew(store, ((PAINTER, "edit"),), quiet=True).run())
        await asyncio.sleep(chance.uniform(0.0, 0.8))
        began = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return time.monotonic() - began

    with tempfile.TemporaryDirectory() as folder, storage.open(folder) as store:
        for _ in range(times):
            longest = max(longest, asyncio.run(once(store)))
    assert longest < 10
    return Figure("starts and stops", times, f"longest stop {longest:.2f} s")


def backed_up_and_restored(times: int) -> Figure:
    """A backup taken while somebody writes, restored into an empty folder, and sound there."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with prepared(data, 2) as store:
            ended(begin(data, "sender", texts=said(2, 1)))
            writer = begin(data, "bot")
            pictures = 0
            for number in range(times):
                copy = Path(folder) / f"{number}.zip"
                pictures = backups.backup(store, copy)
                there = Path(folder) / f"restored {number}"
                assert backups.restore(copy, there) == pictures
                with storage.open(there) as restored:
                    assert [sentence for sentence in health.check(restored) if "磁盘" not in sentence] == []
                    assert len(restored.rows("SELECT 1 FROM inbox")) == 4
                copy.unlink()
                if not writer.is_alive():
                    writer = begin(data, "bot")
            writer.kill()
            ended(writer)
    return Figure("backups restored", times, f"sound: {times}, {pictures} pictures each")
