"""The worker processes: started, kept alive, watched, stopped. They know us only through the database.

Their names say who keeps them, so that the next supervisor knows whose jobs to take up at once. A worker that is alive but
does not get on, whatever holds it (a kernel that never returns, Python's global lock), is ended like one that died.
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot import replies
from bot.retry import insist
from bot.waking import Life, life
from storage import HeyingError, Storage, jobs, workers

PATIENCE = 8.0  # seconds that a worker has to put its job back when it is told to stop
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before one that died is started again, doubled each time
GOOD_RUN = 60.0  # seconds after which a death counts as the first again
LOOK_SECONDS = 1.0  # between two looks at whether a worker gets on
EDIT, LEARN = ("-m", "pipeline"), ("-m", "personalization")
HOST, ME = re.sub(r"[^\w.-]", "", socket.gethostname()) or "here", secrets.token_hex(4)
_NAME = re.compile(r"[^@]*@(?P<host>[\w.-]+):(?P<pid>\d+):(?P<token>\w+):\w+(/\d+)?")  # /: a place of a gateway
WITH_US = str(Path(__file__).with_name("parent_death.py"))

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
        await insist(_take_over, self.store)
        async with asyncio.TaskGroup() as group:
            for number, command in enumerate(self.commands):
                group.create_task(self._keep_alive(command), name=f"worker {number}")

    async def _keep_alive(self, command: tuple[str, ...]) -> None:
        with life(self.store, "learn" if command == LEARN else "edit") as known:
            await self._live(command, known)

    async def _live(self, command: tuple[str, ...], known: Life) -> None:
        deaths = 0
        while True:
            began, name = time.monotonic(), f"{_title(command)}@{HOST}:{os.getpid()}:{ME}:{secrets.token_hex(4)}"
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", WITH_US, str(os.getpid()), sys.executable),
                *command,
                env=self._environment(name),
                stdout=asyncio.subprocess.DEVNULL if self.quiet else None,
                start_new_session=True,
            )
            watching = asyncio.create_task(self._watch(process, name))
            try:
                code = await process.wait()
            finally:
                watching.cancel()
                await _stop(process)
            known.unheard = await insist(workers.last_seen, self.store, name) is None
            await insist(_bury, self.store, name)  # nobody has to wait until the lease of a dead worker ends
            deaths = 1 if time.monotonic() - began > GOOD_RUN else deaths + 1
            if deaths == self.tries:
                raise CrewError(replies.NO_WORKER, f"{' '.join(command)} died {deaths} times, last with {code}")
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**deaths)
            log.warning("worker died", command=" ".join(command), code=code, again_in=pause)
            await asyncio.sleep(pause)

    async def _watch(self, process: asyncio.subprocess.Process, name: str) -> None:
        """End a process that does not get on."""
        still = _Stillness()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                why = await asyncio.to_thread(_hangs, self.store, name, still)
            except Exception as error:  # the database is held, the disk full: that is not the worker's fault
                log.info("cannot look at a worker", error=type(error).__name__)
                still = _Stillness()
                continue
            if why:
                log.error("worker hangs", worker=name, why=why)
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return

    def _environment(self, name: str) -> dict[str, str]:
        """What makes a worker open the same data folder and model as we do, and go by the name we know it by."""
        settings = self.store.settings
        return {
            **os.environ,
            "HEYING_DATA": str(self.store.folder),
            "HEYING_MODEL": settings.model,
            "HEYING_DEVICE": settings.device,
            "HEYING_MODELS": str(settings.models),
            "HEYING_WORKERS": settings.workers.model_dump_json(),
            "HEYING_ENGINES": json.dumps([one.model_dump() for one in settings.engines]),
            "HEYING_WORKER": name,
            "HEYING_KEEPER": str(os.getpid()),
            "PYTHONUNBUFFERED": "1",  # the log of a worker that is killed is worth reading
        }


def crew(store: Storage) -> Crew:
    """As many workers for each lane as the settings say; of a Ray cluster a gateway for each lane."""
    workers = store.settings.workers
    if workers.engine == "ray":
        return Crew(store, (*[EDIT] * min(1, workers.edit), *[LEARN] * min(1, workers.learn)))
    return Crew(store, (*[EDIT] * workers.edit, *[LEARN] * workers.learn))


def may_live(worker: str) -> bool:
    """Whether a worker of that name may still live: not if its keeper was on this machine and is gone."""
    matched = _NAME.fullmatch(worker)
    if matched is None or matched["host"] != HOST:
        return True
    if int(matched["pid"]) == os.getpid():  # in a container every keeper has the same number
        return matched["token"] == ME
    try:
        os.kill(int(matched["pid"]), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


@dataclass(slots=True)
class _Stillness:
    """For how long things have stayed as they are, by a clock that nobody sets."""

    known: dict[str, tuple[object, float]] = field(default_factory=dict)

    def of(self, what: str, value: object) -> float:
        """The seconds since ``what`` changed to ``value``."""
        now = time.monotonic()
        if what not in self.known or self.known[what][0] != value:
            self.known[what] = value, now
        return now - self.known[what][1]


def _hangs(store: Storage, name: str, still: _Stillness) -> str:
    """Why a worker is to be ended; "" when it gets on."""
    at, settings = jobs.under_way(store).get(name), store.settings.workers
    without_progress = still.of("job", at)
    if at is not None and without_progress > settings.stuck_seconds(at[1]):
        return f"job {at[0]} without progress for {without_progress:.0f} s"
    seen = workers.last_seen(store, name)
    silent = still.of("seen", seen)
    if seen is not None and silent > max(settings.lease_seconds, 3 * workers.SEEN_EVERY):
        with store.atomic():  # raises when the database cannot be written: then silence means nothing
            return f"not heard of for {silent:.0f} s"
    return ""


def _take_over(store: Storage) -> None:
    """Put back what the workers of a supervisor that was killed were at."""
    workers.withdraw_all(store, may_live)
    if count := jobs.rescue_orphans(store, may_live):
        log.info("jobs taken over", count=count)


def _bury(store: Storage, name: str) -> None:
    """Put back what a process was at, a gateway at every place of its own."""
    for one in {name, *(worker for worker in jobs.under_way(store) if worker.startswith(f"{name}/"))}:
        jobs.rescue(store, one)
    workers.withdraw_all(store, lambda worker: worker != name and not worker.startswith(f"{name}/"))


def _title(command: tuple[str, ...]) -> str:
    """What a command is called in a worker's name."""
    return re.sub(r"[^\w-]", "", next((part for part in command if not part.startswith("-")), "")[-20:]) or "worker"


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
