"""The worker processes: started, kept alive, stopped. They know us only through the database."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from dataclasses import dataclass

import structlog

from bot import replies
from storage import HeyingError, Storage, jobs

PATIENCE = 15.0  # seconds that a worker has to put its job back when it is told to stop
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before one that died is started again, doubled each time
GOOD_RUN = 60.0  # seconds after which a death counts as the first again
EDIT, LEARN = ("-m", "pipeline"), ("-m", "personalization")

log = structlog.get_logger()


class CrewError(HeyingError):
    """A worker process cannot be kept alive."""


@dataclass(frozen=True, slots=True)
class Crew:
    """``commands`` are Python's arguments, one tuple for each process to keep alive; ``tries`` is how often one may die
    soon after its start before we give up (0: never); ``quiet`` hides their log."""

    store: Storage
    commands: tuple[tuple[str, ...], ...]
    tries: int = 0
    quiet: bool = False

    async def run(self) -> None:
        """Keep all of them alive until cancelled, then stop them gently. Raises CrewError when one cannot be kept."""
        async with asyncio.TaskGroup() as group:
            for number, command in enumerate(self.commands):
                group.create_task(self._keep_alive(command), name=f"worker {number}")

    async def _keep_alive(self, command: tuple[str, ...]) -> None:
        deaths = 0
        while True:
            began, name = time.monotonic(), f"{command[-1].rpartition('.')[2]}-{secrets.token_hex(4)}"
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                env=self._environment(name),
                stdout=asyncio.subprocess.DEVNULL if self.quiet else None,
                start_new_session=True,
            )
            try:
                code = await process.wait()
            finally:
                await _stop(process)
            jobs.rescue(self.store, name)  # nobody has to wait until the lease of a dead worker ends
            deaths = 1 if time.monotonic() - began > GOOD_RUN else deaths + 1
            if deaths == self.tries:
                raise CrewError(replies.NO_WORKER, f"{' '.join(command)} died {deaths} times, last with {code}")
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**deaths)
            log.warning("worker died", command=" ".join(command), code=code, again_in=pause)
            await asyncio.sleep(pause)

    def _environment(self, name: str) -> dict[str, str]:
        """What makes a worker open the same data folder and model as we do, and go by the name we know it by."""
        settings = self.store.settings
        return {
            **os.environ,
            "HEYING_DATA": str(self.store.folder),
            "HEYING_MODEL": settings.model,
            "HEYING_DEVICE": settings.device,
            "HEYING_MODELS": str(settings.models),
            "HEYING_ENGINES": json.dumps([one.model_dump() for one in settings.engines]),
            "HEYING_WORKER": name,
            "PYTHONUNBUFFERED": "1",  # the log of a worker that is killed is worth reading
        }


def crew(store: Storage) -> Crew:
    """As many workers for each lane as the settings say."""
    workers = store.settings.workers
    return Crew(store, (*[EDIT] * workers.edit, *[LEARN] * workers.learn))


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End a process that may be over already, by force if it does not listen."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
