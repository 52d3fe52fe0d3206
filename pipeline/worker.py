"""⑥ Claim a job, run it, finish it; then the next; with none waiting, look at a photo that came in (storage.looks). Knows
no method and no model: what a job does is a generator.

A thread renews the lease while a step runs, however long that takes. Between two steps the worker looks whether the
owner has cancelled, the lease is lost or it shall stop: then the generator is closed, and nothing of the job stays. The
lanes are started by `python -m pipeline` and `python -m personalization`.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog

from pipeline.engine import Lost
from pipeline.engine import Progress as Steps
from storage import HeyingError, Storage, fair_queue, jobs, looks, workers
from storage.jobs import Job, Progress, Result

IDLE = 0.3  # seconds between two looks at an empty queue
UNEXPECTED = "处理时出了点意外，没有做成。请再试一次；还是不行的话，换张照片或换个说法。"

Task = Callable[[Job], Generator[Steps, None, Result]]
Glance = Callable[[looks.Look], Generator[Steps, None, dict[str, Any]]]
log = structlog.get_logger()


class Worker:
    """One process of a lane: `tasks` says what is done for each kind of job, `idle` how a photo is looked at meanwhile."""

    def __init__(
        self, store: Storage, tasks: Mapping[str, Task], *, name: str | None = None, idle: Glance | None = None
    ) -> None:
        self.store, self.tasks, self.idle = store, tasks, idle
        own = f"{'+'.join(tasks)}@{socket.gethostname()}:{os.getpid()}"
        self.name = name or os.environ.get("HEYING_WORKER", own)  # whoever started us knows us by that
        self.stopping = False
        self.end_stuck: Callable[[], None] = _end_process  # what ends a job that does not get on
        # handed in: who reads it only now may already have been left behind (bot/parent_death.py sees to that, on Linux)
        self.keeper = int(os.environ.get("HEYING_KEEPER") or os.getppid())

    def publish(self, engines: Sequence[Mapping[str, Any]]) -> None:
        """Tell the bot what can be done here."""
        workers.publish(self.store, self.name, engines, tuple(self.tasks))

    def run(self, once: bool = False) -> int:
        """Work until told to stop (SIGTERM, SIGINT), or orphaned, or with `once` until the queue is empty. Returns how
        many jobs were taken."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        taken = 0
        while not self.stopping and self.keeper == os.getppid():
            job = jobs.claim(self.store, self.name, tuple(self.tasks))
            if job is not None:
                taken += 1
                self.attempt(job)
            elif once:
                break
            elif not self.glance():
                time.sleep(IDLE)
        workers.withdraw(self.store, self.name)
        return taken

    def attempt(self, job: Job) -> None:
        """Do one job and say how it ended, whatever happens in it."""
        began, entry = time.monotonic(), log.bind(job=job.id, kind=job.kind, attempt=job.attempt)
        with suppress(jobs.Cancelled, jobs.LeaseLost):  # the owner or another worker has the last word
            try:
                result = self._carry_out(job)
                if result is None:
                    jobs.give_back(self.store, job)
                    entry.info("job given back")
                    return
                jobs.finish(self.store, job, result)
                entry.info("job done", seconds=round(time.monotonic() - began, 1))
            except (jobs.Cancelled, jobs.LeaseLost):
                entry.info("job dropped")
                raise
            except Lost as error:
                if self.stopping:
                    jobs.give_back(self.store, job)
                else:
                    jobs.rescue(self.store, self.name)
                entry.warning("job lost", why=str(error))
            except HeyingError as error:
                jobs.fail(self.store, job, error.sentence, str(error))
                entry.info("job failed", why=str(error))
            except Exception as error:
                jobs.fail(self.store, job, UNEXPECTED, repr(error))
                entry.exception("job broke")

    def glance(self) -> bool:
        """Look at a photo that came in, until a job comes that is not about it; whether there was one to look at."""
        look = looks.take(self.store) if self.idle is not None else None
        if look is None or self.idle is None:
            return False
        watch = _Watch(self.store.settings.workers.stuck_seconds("edit"), self.end_stuck)
        work = self.idle(look)
        try:
            while True:
                next(work)
                watch.got_on()
                if self.stopping or self._called(look):
                    looks.give_back(self.store, look)
                    return True
                if not looks.wanted(self.store, look):
                    return True
        except StopIteration as end:
            looks.keep(self.store, look, end.value)
        except Lost as error:  # it is taken up again when its lease ends
            if self.stopping:
                looks.give_back(self.store, look)
            log.warning("look lost", photo=look.photo[:12], why=str(error))
        except HeyingError as error:
            looks.keep(self.store, look, {})
            log.info("no look", photo=look.photo[:12], why=str(error))
        except Exception:
            looks.keep(self.store, look, {})
            log.exception("look broke", photo=look.photo[:12])
        finally:
            work.close()
            watch.stop()
        return True

    def _called(self, look: looks.Look) -> bool:
        """Whether a job waits that needs something else than this look."""
        due = fair_queue.due(self.store, tuple(self.tasks))
        return due is not None and look.photo not in due["request"]

    def _carry_out(self, job: Job) -> Result | None:
        """The result of a job, or None when the worker is to stop. Raises Cancelled and LeaseLost between two steps."""
        clock, pulse = _Clock(), _Pulse(self.store, job, self.end_stuck)
        work = self.tasks[job.kind](job)
        try:
            while not self.stopping:
                try:
                    steps = next(work)
                except StopIteration as end:
                    result: Result = end.value
                    return result
                pulse.beat(clock.progress(steps))
            return None
        finally:
            work.close()
            pulse.stop()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True


def _end_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)  # nothing gentler reaches a step that never returns


class _Clock:
    """Steps done → progress with the time left, judged by the pace since a stage began."""

    def __init__(self) -> None:
        self.stage, self.began, self.first = "", time.monotonic(), 0

    def progress(self, steps: Steps) -> Progress:
        now = time.monotonic()
        if steps.stage != self.stage:
            self.stage, self.began, self.first = steps.stage, now, steps.done
        done = steps.done - self.first
        left = (now - self.began) / done * (steps.total - steps.done) if done > 0 else None
        return Progress(steps.done, steps.total, steps.stage, left)


class _Watch:
    """Ends whatever does a look when that gets on no more."""

    def __init__(self, patience: float, end_stuck: Callable[[], None]) -> None:
        self.patience, self.over, self.last = patience, threading.Event(), time.monotonic()
        self.end_stuck = end_stuck
        threading.Thread(target=self._keep, daemon=True).start()

    def got_on(self) -> None:
        self.last = time.monotonic()

    def stop(self) -> None:
        self.over.set()

    def _keep(self) -> None:
        while not self.over.wait(self.patience / 4):
            if time.monotonic() - self.last > self.patience:
                log.error("look stuck", seconds=self.patience)
                self.end_stuck()


class _Pulse:
    """Heartbeats of one job: with progress after each step, and from a thread while a step takes long."""

    def __init__(self, store: Storage, job: Job, end_stuck: Callable[[], None]) -> None:
        self.store, self.job, self.end_stuck, self.over = store, job, end_stuck, threading.Event()
        lease = (job.leased_until or 0) - (job.started_at or 0)
        self.patience = store.settings.workers.stuck_seconds(job.kind)
        self.every = max(0.2, min(lease, self.patience) / 4)
        self.got_on = time.monotonic()
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.thread.start()

    def beat(self, progress: Progress) -> None:
        self.got_on = time.monotonic()
        jobs.heartbeat(self.store, self.job, progress)

    def stop(self) -> None:
        self.over.set()
        self.thread.join()

    def _keep(self) -> None:
        while not self.over.wait(self.every):
            if time.monotonic() - self.got_on > self.patience:
                log.error("job stuck", job=self.job.id, kind=self.job.kind, seconds=self.patience)
                self.end_stuck()
            try:
                jobs.heartbeat(self.store, self.job)
            except HeyingError:  # cancelled or lost: the next step finds out, if it comes to that
                with suppress(HeyingError):
                    workers.seen(self.store, self.job.worker or "")
