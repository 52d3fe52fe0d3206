"""Whatever happens in whatever order, a job has one holder and one ending."""

import os
import tempfile
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import storage
from storage import jobs
from tests.storage.house import Clock

OWNERS = ("web:ann", "web:bob", "web:eve")
ENDED = ("done", "failed", "cancelled", "dead")


class Queue(RuleBasedStateMachine):
    """Owners queue, follow up and cancel; workers claim, die, finish and fail; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.store = storage.open(self.folder.name, clock=self.clock)
        self.holders: list[jobs.Job] = []  # everybody who has ever held a job, and may still believe to
        self.endings: dict[int, str] = {}
        self.number = 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(owner=some.sampled_from(OWNERS), follow=some.booleans())
    def enqueue(self, owner: str, follow: bool) -> None:
        mine = jobs.open_of(self.store, owner)
        self.number += 1
        jobs.enqueue(
            self.store,
            key=str(self.number),
            kind="generate",
            owner=owner,
            chat="web:room",
            request=jobs.GenerateRequest("猫"),
            after=mine[-1].id if follow and mine else None,
        )

    @rule(worker=some.sampled_from(("w1", "w2")))
    def claim(self, worker: str) -> None:
        job = jobs.claim(self.store, worker, ("generate",), 10.0)
        if job is not None:
            assert job.after is None
            assert job.attempt <= 3
            earlier = [other.id for other in jobs.open_of(self.store, job.owner, job.chat) if other.id < job.id]
            assert earlier == [], "overtaken"
            self.holders.append(job)

    @rule(seconds=some.sampled_from((1.0, 6.0, 11.0)))
    def wait(self, seconds: float) -> None:
        self.clock.go(seconds)

    @rule(number=some.integers(0, 50), act=some.sampled_from(("beat", "finish", "fail", "give_back")))
    def work(self, number: int, act: str) -> None:
        if not self.holders:
            return
        job = self.holders[number % len(self.holders)]
        now = self.store.one("SELECT state, worker, attempt FROM jobs WHERE id = ?", (job.id,))
        holds = now == {"state": "running", "worker": job.worker, "attempt": job.attempt}
        try:
            if act == "beat":
                jobs.heartbeat(self.store, job, jobs.Progress(1, 1))
            elif act == "finish":
                jobs.finish(self.store, job, jobs.Result())
            elif act == "fail":
                jobs.fail(self.store, job, "坏了。", "broken")
            else:
                jobs.give_back(self.store, job)
                self.holders = [other for other in self.holders if other != job]
            assert holds
        except jobs.Cancelled:
            assert now is not None
            assert now["state"] == "cancelled"
        except jobs.LeaseLost:
            assert not holds

    @rule(number=some.integers(1, 50), owner=some.sampled_from(OWNERS))
    def cancel(self, number: int, owner: str) -> None:
        row = self.store.one("SELECT owner, state FROM jobs WHERE id = ?", (number,))
        may = row is not None and row["owner"] == owner and row["state"] not in ENDED
        assert jobs.cancel(self.store, number, owner) == may

    @invariant()
    def an_ending_is_final_and_delivered_once(self) -> None:
        told = Counter(row["job"] for row in self.store.rows("SELECT job FROM outbox"))
        for row in self.store.rows("SELECT * FROM jobs"):
            assert self.endings.get(row["id"], row["state"]) == row["state"]
            if row["state"] in ENDED:
                self.endings[row["id"]] = row["state"]
            followed = row["log"] is not None and row["log"].startswith(("follows", "job "))
            assert told[row["id"]] == int(row["state"] in ("done", "failed", "dead") and not followed)
            assert (row["worker"] is not None and row["leased_until"] is not None) or row["state"] != "running"

    @invariant()
    def who_waits_waits_for_an_open_job(self) -> None:
        rows = self.store.rows(
            "SELECT before.state FROM jobs JOIN jobs AS before ON before.id = jobs.after WHERE jobs.state = 'queued'"
        )
        assert {row["state"] for row in rows} <= {"queued", "running"}


TestQueue = Queue.TestCase
TestQueue.settings = settings(
    max_examples=int(os.environ.get("HEYING_TEST_EXAMPLES", "25")),  # make soak asks for 2 000
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
