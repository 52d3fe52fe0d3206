"""A whole bot in small, to be killed: real storage, the real inbox, dialogue and outbox, workers that paint.

Its parts are "bot" (answers messages, delivers), "worker" (paints) and "sender" (hands messages in). Each is a process that
acts until it is killed, or until there has been nothing to do for a while; forked off a server that has imported everything,
so that a part begins in milliseconds.
"""

import asyncio
import logging
import multiprocessing
import os
import time
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

import storage
from bot import inbox as intake
from bot import logs, outbox
from bot.platforms import Incoming, Outgoing, Parts
from storage import Storage, failpoints, inbox, jobs, workers
from storage import outbox as outbox_rows
from tests.bot import fake_worker

KINDS = ("edit", "stickers", "generate")
QUIET = 0.5  # seconds without anything to do, after which a part ends


class Log:
    """A platform whose screen is the log of the database, as the web page's is."""

    name, fetch = "web", None

    async def run(self) -> None:
        """Nothing to keep open."""

    async def send(self, message: Outgoing, parts: Parts) -> None:
        """It stands in the log once it is delivered."""


def send(store: Storage, texts: Mapping[str, str]) -> None:
    """Hand in what people say, as a platform does: committed, then acknowledged (here: printed)."""
    for update, text in texts.items():
        user = f"web:{update.partition('-')[0]}"
        intake.receive(store, Incoming("web", update, user, user, text))


async def turn(store: Storage) -> None:
    """Answer and deliver until there is nothing left."""
    inbox.rescue(store, "web")
    outbox_rows.rescue(store, "web")
    me = f"bot {os.getpid()}"
    tasks = [
        asyncio.create_task(intake.run(store, "web", me)),
        asyncio.create_task(outbox.run(store, Log(), me)),
    ]
    await idle(store)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def idle(store: Storage) -> None:
    """Until nothing has waited for QUIET seconds."""
    since = time.monotonic()
    while time.monotonic() - since < QUIET:
        await asyncio.sleep(0.05)
        if something_waits(store):
            since = time.monotonic()


def something_waits(store: Storage) -> bool:
    """Whether there is a message, a job or an answer that is not through."""
    row = store.one(
        "SELECT (SELECT count(*) FROM inbox WHERE state IN ('new', 'taken'))"
        " + (SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending'))"
        " + (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')) AS n"
    )
    return row is None or row["n"] > 0


def paint(store: Storage) -> None:
    """Do jobs until there are none for a while."""
    me = f"worker {os.getpid()}"
    workers.publish(store, me, [fake_worker.ENGINE], KINDS)
    since = time.monotonic()
    while time.monotonic() - since < QUIET:
        job = jobs.claim(store, me, KINDS, 1.0)
        if job is not None:
            fake_worker.attempt(store, job, 0.05)
        if job is not None or something_waits(store):
            since = time.monotonic()
        time.sleep(0.01)


def play(data: Path, part: str, failpoint: str, texts: Mapping[str, str]) -> None:
    """One part, to its end."""
    logs.configure(logging.CRITICAL)
    failpoints.arm(failpoint)
    with storage.open(data, storage.Settings(limits={"attempts": 1000, "open_jobs": 1000})) as store:
        if part == "bot":
            asyncio.run(turn(store))
        elif part == "worker":
            paint(store)
        else:
            send(store, texts)


def begin(data: Path, part: str, failpoint: str = "", texts: Mapping[str, str] | None = None) -> BaseProcess:
    """Start a part."""
    process = _SERVER.Process(target=play, args=(data, part, failpoint, dict(texts or {})), daemon=True)
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    """Wait for the end of a part; how it ended."""
    process.join(60)
    return process.exitcode


_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.crash.warm"])
