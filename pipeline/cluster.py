"""⑤ The same lane with its GPUs elsewhere: one gateway process claims and finishes, Ray's actors do the engines' work.

The gateway alone knows the database, and its leases are the truth: nothing is ever repeated by Ray (`max_task_retries=0`).
Each of its places is a thread with a worker (worker.py) and one actor (remote.Hands), which has a GPU, loads the engines
once and keeps nothing. Who dies with a job, hangs or gets sick is replaced, and the job goes back into the queue. Places
beyond the first take an actor only while jobs wait, so that Ray's autoscaler may follow.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import ray
import structlog
from ray.exceptions import RayError, RayTaskError

from pipeline.engine import Engine, Lost
from pipeline.engines import open_engines
from pipeline.handlers import Handlers
from pipeline.remote import Hands, Made, Refused, Remote
from pipeline.worker import IDLE, Worker
from storage import HeyingError, Settings, Storage, jobs, workers

if TYPE_CHECKING:
    from pipeline.diffusion.engine import Learner

LOOK = 0.5  # seconds between two looks at whether what is waited for is still wanted
SICK = 2  # surprises in a row after which an actor is replaced: a GPU that is broken breaks every job
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before an actor that could not begin is tried again, doubled each time

log = structlog.get_logger()


class Gateway:
    """One process with `places` actors at most for jobs of these kinds."""

    def __init__(
        self, store: Storage, kinds: Sequence[str], opener: Callable[[], Sequence[Engine]], places: int
    ) -> None:
        self.store, self.keeper = store, int(os.environ.get("HEYING_KEEPER") or os.getppid())
        self.name = os.environ.get("HEYING_WORKER", f"{'+'.join(kinds)}@{socket.gethostname()}:{os.getpid()}")
        self.places = [Place(store, kinds, opener, f"{self.name}/{number}", number) for number in range(places)]

    def run(self, once: bool = False) -> None:
        """Work until told to stop (SIGTERM, SIGINT), or orphaned, or with `once` until the queue is empty. An error in one
        place ends all of them: whoever keeps us starts us again."""
        address = self.store.settings.workers.address
        ray.init(address, namespace="heying", log_to_driver=False, configure_logging=False)
        for number in (signal.SIGTERM, signal.SIGINT):  # after Ray has set its own
            signal.signal(number, lambda *_: self.stop())
        workers.publish(self.store, self.name, (), ())  # that it lives; what can be done is its places' to say
        with ThreadPoolExecutor(len(self.places), "place") as pool:
            every = {pool.submit(place.run, once) for place in self.places}
            try:
                running = every
                while running and self.keeper == os.getppid():
                    over, running = wait(running, LOOK, FIRST_EXCEPTION)
                    if any(one.exception() for one in over):
                        break
                    workers.seen(self.store, self.name)
            finally:
                self.stop()
        workers.withdraw(self.store, self.name)
        ray.shutdown()
        for one in every:
            one.result()

    def stop(self) -> None:
        """Give back what is under way, and end."""
        for place in self.places:
            place.worker.stopping = True


class Place:
    """A worker and its actor, one at a time."""

    def __init__(
        self, store: Storage, kinds: Sequence[str], opener: Callable[[], Sequence[Engine]], name: str, number: int = 0
    ) -> None:
        self.store, self.kinds, self.opener, self.number = store, tuple(kinds), opener, number
        self.worker = Worker(store, {}, name=name)
        self.worker.end_stuck = self.drop
        self.actor: Any = None
        self.asked: Any = None  # its answer to what it can do
        self.surprises = self.failures = 0
        self.last_job = time.monotonic()

    def run(self, once: bool) -> None:
        """Work until told to stop."""
        while not self.worker.stopping:
            if not self._wanted():
                if self.actor is not None:
                    self.drop()
                    workers.withdraw(self.store, self.worker.name)
                if once:
                    break
                time.sleep(1.0)
            elif self._ready():
                job = jobs.claim(self.store, self.worker.name, self.kinds)
                if job is not None:
                    self.worker.attempt(job)
                    self.last_job = time.monotonic()
                elif once:
                    break
                elif not self.worker.glance():
                    time.sleep(IDLE)
        self.drop()
        workers.withdraw(self.store, self.worker.name)

    # -- the actor -----------------------------------------------------------------------------------------------------
    def drop(self) -> None:
        """Give the actor up; whoever waits for it learns that it is lost."""
        actor, self.actor = self.actor, None
        if actor is not None:
            with suppress(RayError):
                ray.kill(actor)

    def _wanted(self) -> bool:
        """Whether there is enough to do for this place: the first always has an actor, so that nobody waits for a model."""
        if self.number == 0:
            return True
        if self.actor is not None and time.monotonic() - self.last_job < self.store.settings.workers.idle_seconds:
            return True
        marks = ", ".join("?" * len(self.kinds))
        row = self.store.one(
            f"SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running') AND kind IN ({marks})", self.kinds
        )
        return row is not None and row["n"] > self.number

    def _ready(self) -> bool:
        """Whether there is an actor that has opened its engines. Asks for one, and waits for it a little."""
        if self.actor is None:
            self._begin()
        elif not self.asked:
            return True
        if not ray.wait([self.asked], timeout=LOOK)[0]:
            return False
        try:
            records = ray.get(self.asked)
        except RayError as error:  # it could not open its engines, or its node went
            self.drop()
            self.failures += 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.failures)
            log.warning("an actor did not begin", place=self.number, error=str(error), again_in=pause)
            self._sleep(pause)
            return False
        self.asked, self.failures, self.surprises = None, 0, 0
        handlers = Handlers.open(self.store, [Remote(record, self) for record in records])
        self.worker.tasks = {kind: handlers.tasks[kind] for kind in self.kinds}
        self.worker.idle = handlers.look if "edit" in self.kinds else None
        self.worker.publish(handlers.published())
        self.last_job = time.monotonic()
        log.info("an actor is ready", place=self.number)
        return True

    def _begin(self) -> None:
        needs = self.store.settings.workers
        options = {"num_cpus": needs.cpus, "num_gpus": needs.gpus, "max_restarts": 0, "max_task_retries": 0}
        self.actor = ray.remote(Hands).options(scheduling_strategy="SPREAD", **options).remote(self.opener)
        self.asked = self.actor.records.remote()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.worker.stopping and time.monotonic() < until:
            time.sleep(min(LOOK, seconds))

    # -- remote.Line ---------------------------------------------------------------------------------------------------
    def call(self, method: str, *arguments: object) -> Any:
        actor = self.actor
        if actor is None:
            raise Lost("there is no actor")
        try:
            answer = getattr(actor, method).remote(*arguments)
            self._await(actor, answer)
            return ray.get(answer)
        except RayTaskError as error:
            if isinstance(error.cause, HeyingError):
                raise error.cause from error
            self._surprised()
            raise
        except RayError as error:
            raise self._lost(error) from error

    def stream(self, method: str, *arguments: object) -> Generator[Any, None, None]:
        actor = self.actor
        if actor is None:
            raise Lost("there is no actor")
        items, over = None, False
        try:
            items = getattr(actor, method).options(num_returns="streaming").remote(*arguments)
            while True:
                self._await(actor, items)
                try:
                    item = ray.get(next(items))
                except StopIteration:
                    over = True
                    return
                if isinstance(item, Made | Refused):
                    self.surprises = 0
                yield item
        except RayTaskError:
            over = True
            self._surprised()
            raise
        except RayError as error:
            over = True
            raise self._lost(error) from error
        finally:
            if items is not None and not over:  # it ends before its next step
                ray.cancel(items)

    def _await(self, actor: Any, what: Any) -> None:
        """Until there is something to get. Raises Lost when it is not waited for any more."""
        while not ray.wait([what], timeout=LOOK)[0]:
            if self.worker.stopping or self.actor is not actor:
                raise Lost("stopped" if self.worker.stopping else "the actor was given up")

    def _lost(self, error: RayError) -> Lost:
        self.drop()
        log.error("an actor is lost", place=self.number, error=str(error).partition("\n")[0])
        return Lost(repr(error))

    def _surprised(self) -> None:
        """Something broke in the actor that nobody foresaw."""
        self.surprises += 1
        if self.surprises >= SICK:
            log.error("an actor is sick", place=self.number)
            self.drop()


def serve(store: Storage, kinds: Sequence[str], places: int, once: bool, learner: "Learner | None" = None) -> None:
    """Be the gateway of a lane until told to stop. The actors are told what to open and nothing else: no secrets."""
    ours = store.settings
    slim = Settings(model=ours.model, device=ours.device, models=ours.models, engines=ours.engines)
    Gateway(store, kinds, partial(open_engines, slim, learner), places).run(once)
