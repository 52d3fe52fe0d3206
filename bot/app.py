"""Everything at once: the platforms named in config.toml, the conversation, the workers, the periodic work.

``serve`` runs until it is cancelled or told to stop by SIGINT or SIGTERM, then everything ends in order: nothing new is
taken in, workers put their jobs back. A kill loses nothing either; it only takes longer to notice.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import doctor, inbox, logs, metrics, outbox, replies
from bot.platforms import Platform, registry
from bot.ports import port_free
from bot.supervisor import Crew, crew
from lettering import font
from storage import HeyingError, Storage, StorageError, backups, instance_lock, jobs, retention
from storage import inbox as inbox_rows
from storage import outbox as outbox_rows

RESCUE_SECONDS, SWEEP_SECONDS = 10, 3600
READERS = 3  # messages of a platform that are answered at a time: a slow download holds up one person only

log = structlog.get_logger()


async def serve(
    store: Storage,
    workers: Crew | None = None,
    doors: Sequence[Platform] | None = None,
    opened: Callable[[], object] = lambda: None,
) -> None:
    """Run the whole of it, on the platforms of the settings; or on ``doors``, inside a program that has its own way of
    stopping. ``opened`` is called once all platforms can be reached. Raises HeyingError when a platform cannot be
    opened (unknown, port taken), the font is missing, or a model that the workers shall draw with."""
    font.check()
    workers = workers or crew(store)
    if workers.commands and (why := await asyncio.to_thread(doctor.unopenable, store.settings)):
        raise HeyingError(why, "an engine cannot be opened")
    logs.configure()
    if sqlite3.sqlite_version_info < doctor.SOUND_SQLITE:
        log.warning("this SQLite may damage a database that several processes use", version=sqlite3.sqlite_version)
    platforms = [registry.open_platform(name, store) for name in store.settings.platforms] if doors is None else doors
    watched = _watched(store) if doors is None else None
    with contextlib.ExitStack() as served:
        for platform in platforms:
            served.enter_context(instance_lock.alone(store, platform.name))
            # what our predecessor was at when it was killed need not wait for its lease to end
            inbox_rows.rescue(store, platform.name)
            outbox_rows.rescue(store, platform.name)
        await _run(store, workers, platforms, watched, opened, signals=doors is None)


async def _run(
    store: Storage,
    workers: Crew,
    platforms: Sequence[Platform],
    watched: tuple[str, int] | None,
    opened: Callable[[], object],
    signals: bool,
) -> None:
    """All of it until cancelled, or with ``signals`` until told to stop."""
    me = f"{socket.gethostname()}:{os.getpid()}"
    scheduler = AsyncIOScheduler()
    scheduler.add_job(asyncio.to_thread, "interval", (jobs.rescue, store), seconds=RESCUE_SECONDS)
    scheduler.add_job(
        asyncio.to_thread,
        "interval",
        (retention.sweep, store),
        seconds=SWEEP_SECONDS,
        next_run_time=datetime.now(UTC),  # whoever restarts often keeps nothing longer
    )
    if store.settings.backup.folder:
        scheduler.add_job(_back_up, "cron", (store,), hour=3, minute=30, misfire_grace_time=3600)
    scheduler.start()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(workers.run()),
                group.create_task(_tell(platforms, opened)),
                *([group.create_task(metrics.run(store, *watched))] if watched else []),
                *(
                    group.create_task(part)
                    for platform in platforms
                    for part in (
                        platform.run(),
                        *(
                            inbox.run(store, platform.name, me, platform.fetch)
                            for _ in range(READERS if platform.fetch or store.settings.language.endpoint else 1)
                        ),
                        *([] if platform.pulled else [outbox.run(store, platform, me)]),
                    )
                ),
            ]
            if signals:
                _stop_on_signals(tasks)
    except* asyncio.CancelledError:
        pass
    finally:
        scheduler.shutdown(wait=False)
        log.info("stopped")


async def _back_up(store: Storage) -> None:
    """Tonight's backup; the log says when it could not be made."""
    config = store.settings.backup
    try:
        made = await asyncio.to_thread(
            backups.nightly, store, store.folder / Path(config.folder).expanduser(), config.keep
        )
        log.info("backed up", file=made.name)
    except (HeyingError, OSError) as error:
        log.error("no backup", reason=str(error))


async def _tell(platforms: Sequence[Platform], opened: Callable[[], object]) -> None:
    for platform in platforms:
        await platform.opened.wait()
    opened()


def _watched(store: Storage) -> tuple[str, int] | None:
    """Where /metrics listens by itself. Raises StorageError when the port that was named is taken."""
    place = metrics.place(store.settings)
    if place is None or port_free(*place):
        return place
    if store.settings.metrics.port:
        raise StorageError(replies.metrics_port_taken(place[1]), f"port {place[1]} is taken")
    log.warning("no metrics, the port is taken", port=place[1])
    return None


def _stop_on_signals(tasks: list[asyncio.Task[None]]) -> None:
    def stop() -> None:
        for task in tasks:
            if not task.cancelling():  # a second Ctrl-C must not interrupt the stopping
                task.cancel()

    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(name, stop)
