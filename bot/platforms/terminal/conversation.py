"""The conversation in a terminal: the command line's commands are sentences said in a chat of their own.

Every run is a chat and a platform by itself ("cli-3f9a:me"), so two runs at once never take each other's answers; the
person is always "cli:me", so that who was taught once is known to the next run.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from bot import inbox, learning, promises, replies
from bot.intake import take_in
from bot.outbox import compose
from bot.platforms import Button, Incoming, Outgoing
from bot.supervisor import Crew
from bot.waking import waking
from storage import Storage, files, jobs, outbox

USER = "cli:me"
LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Terminal:
    """One run. ``before`` is what the progress line begins with: 第 2 步，共 7 步."""

    store: Storage
    console: Console
    name: str = field(default_factory=lambda: f"cli-{secrets.token_hex(4)}")
    before: str = ""

    @property
    def chat(self) -> str:
        """The chat of this run."""
        return f"{self.name}:me"

    def take_in(self, path: Path) -> str:
        """A picture file → its SHA-256. Raises StorageError, PhotoError."""
        limit = int(self.store.settings.limits.megabytes * 1e6)
        return take_in(self.store, files.read(path, limit), USER).sha256

    async def say(
        self, text: str, sent: Sequence[str] = (), button: Button | None = None, replied: Sequence[str] = ()
    ) -> tuple[Outgoing, ...]:
        """Say something (or press a button, or answer to a picture) and wait for all that comes of it."""
        incoming = Incoming(
            self.name,
            secrets.token_hex(8),
            self.chat,
            USER,
            text,
            photos=tuple(sent),
            replied=tuple(replied),
            action=button.action if button else "",
        )
        inbox.receive(self.store, incoming)
        while inbox.work_off(self.store, self.name, self.name):
            pass
        return await self.wait()

    async def wait(self) -> tuple[Outgoing, ...]:
        """What is said to us until no job of this chat is open, showing how far they are."""
        heard = self._hear()
        columns = (TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[left]}"))
        with Progress(*columns, console=self.console, transient=True) as progress:
            bars: dict[int, TaskID] = {}
            while open_jobs := jobs.open_work(self.store, USER, self.chat):
                for job in open_jobs:
                    if job.id not in bars:
                        bars[job.id] = progress.add_task("", total=None, left="")
                    place, seconds = promises.position(self.store, job)
                    done = job.progress
                    stage = replies.stage(place, done, waking(self.store, job))
                    progress.update(
                        bars[job.id],
                        description=f"{self.before}{learning.describe(self.store, job)} · {stage}",
                        total=done.total if done else None,
                        completed=done.done if done else 0,
                        left=replies.time_left(seconds),
                    )
                for id in set(bars) - {job.id for job in open_jobs}:
                    progress.remove_task(bars.pop(id))
                await asyncio.sleep(LOOK_SECONDS)
        return heard + self._hear()

    def cancel(self) -> None:
        """Take back what this run has asked for."""
        for job in jobs.open_of(self.store, USER, self.chat):
            jobs.cancel(self.store, job.id, USER)

    def _hear(self) -> tuple[Outgoing, ...]:
        heard = []
        while delivery := outbox.claim(self.store, self.name, self.name):
            heard.append(compose(self.store, delivery))
            outbox.delivered(self.store, delivery)
        return tuple(heard)


@contextlib.asynccontextmanager
async def working(crew: Crew, terminal: Terminal) -> AsyncIterator[None]:
    """Workers for as long as the block lasts. Raises CrewError into it when they cannot be kept alive."""
    me = asyncio.current_task()
    assert me is not None
    workers = asyncio.create_task(crew.run())
    workers.add_done_callback(lambda task: None if task.cancelled() else me.cancel())
    try:
        yield
    except asyncio.CancelledError:
        terminal.cancel()
        if workers.done() and not workers.cancelled() and (error := workers.exception()):
            me.uncancel()
            raise error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error from None
        raise
    finally:
        workers.cancel()
        await asyncio.gather(workers, return_exceptions=True)
