"""Many people talk at once while the workers are busy: how long until the first answer, and does memory grow?"""

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

import psutil

import storage
from bot import inbox, outbox
from bot.platforms import Incoming
from storage import photos, workers
from tests.bot import fake_worker
from tests.bot.talking import picture
from tests.crash.killing import KINDS, Log, begin
from tests.soak.table import Figure


def chatting(people: int, each: int) -> Figure:
    """Everybody says something every few seconds; a worker that is busy all the time, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_chatting(Path(folder), people, each))


async def _chatting(folder: Path, people: int, each: int) -> Figure:
    with storage.open(folder, storage.Settings(limits={"open_jobs": 1000})) as store:
        workers.publish(store, "busy", [fake_worker.ENGINE], KINDS)
        shas = {}
        for person in range(people):
            user = f"web:{person}"
            shas[user] = photos.put(store, picture("shared"), user).sha256
        memory = psutil.Process()
        running = [
            asyncio.create_task(inbox.run(store, "web", "soak")),
            asyncio.create_task(outbox.run(store, Log(), "soak")),
            asyncio.create_task(_busy(folder)),
        ]
        chance = random.Random(0)
        waits: list[float] = []
        sizes: list[float] = []

        async def person(user: str) -> None:
            for number in range(each):
                await asyncio.sleep(chance.uniform(0, 2 * PAUSE))
                update = f"{user}-{number}"
                photo = (shas[user],) if number == 0 else ()
                text = "改成油画风" if number % 3 == 0 else "现在怎么样了" if number % 3 == 1 else "你好"
                began = time.monotonic()
                told = Incoming("web", update, user, user, text, photos=photo)
                await asyncio.to_thread(inbox.receive, store, told)
                while not await asyncio.to_thread(_answered, store, update):
                    await asyncio.sleep(0.02)
                waits.append(time.monotonic() - began)
                sizes.append(memory.memory_info().rss / 1e6)

        await asyncio.gather(*(person(f"web:{number}") for number in range(people)))
        painted = store.rows("SELECT 1 FROM jobs WHERE state = 'done'")
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    waits.sort()
    p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    half = sizes[len(sizes) // 4 : len(sizes) // 2]
    growth = statistics.mean(sizes[-len(sizes) // 4 :]) / statistics.mean(half) - 1 if half else 0.0
    return Figure(
        f"messages of {people} people", len(waits),
        f"{len(painted)} pictures painted meanwhile; first answer: median {statistics.median(waits):.2f} s, p99 {p99:.2f} s; memory {sizes[-1]:.0f} MB, {growth:+.1%}",
    )  # fmt: skip


PAUSE = 10.0  # seconds between two messages of a person, on average


def _answered(store: storage.Storage, update: str) -> bool:
    row = store.one("SELECT state FROM inbox WHERE update_id = ?", (update,))
    return row is not None and row["state"] == "done"


async def _busy(folder: Path) -> None:
    """A worker process for as long as this goes: it ends when there is nothing to do, and begins again."""
    while True:
        worker = begin(folder, "worker")
        try:
            while worker.is_alive():
                await asyncio.sleep(0.1)
        finally:
            worker.kill()
            worker.join()
