"""Photo editing inside a program that is there already: our handlers in its Telegram bot, our workers beside it."""

import asyncio
import contextlib

import structlog

import storage
from bot import app
from bot.platforms.telegram.ptb import Bot, Telegram
from bot.supervisor import Crew
from storage import HeyingError, Storage, settings

log = structlog.get_logger()


def add_to(application: Bot, store: Storage | None = None, workers: Crew | None = None) -> Telegram:
    """Let an application edit photos as well: what none of its earlier handlers (of group 0) takes is ours.

    Call it before the application is run, with ``run_polling`` or ``run_webhook``; it then starts our workers and stops
    them. ``store`` is the data folder to use, by default the one of the settings.
    """
    config = settings.load()
    opened = store or storage.open(config.data, config)
    heying = Telegram(opened, application)
    before, after = application.post_init, application.post_stop
    running: list[asyncio.Task[None]] = []

    async def start(application: Bot) -> None:
        if before is not None:
            await before(application)
        running.append(asyncio.create_task(app.serve(opened, workers, [heying])))
        running[0].add_done_callback(_say_why)

    async def stop(application: Bot) -> None:
        for task in running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if after is not None:
            await after(application)

    application.post_init, application.post_stop = start, stop
    return heying


def _say_why(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        why = error.sentence if isinstance(error, HeyingError) else ""
        log.error("heying has stopped", error=type(error).__name__, why=why)
