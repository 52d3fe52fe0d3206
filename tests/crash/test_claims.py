"""Real processes fight for real jobs, and some are killed in the middle."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import storage
from storage import Storage, jobs, outbox

ROOT = Path(__file__).resolve().parents[2]

# Claims and finishes until the queue has been empty for a while; notes each job it begins in a file of its own.
WORKER = """
import sys, time, storage
from storage import jobs
store = storage.open(sys.argv[1], storage.Settings(limits={"attempts": 99}))
name, lease, work = sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
idle = 0
while idle < 20:
    job = jobs.claim(store, name, ("edit", "generate"), lease)
    if job is None:
        idle += 1
        time.sleep(0.02)
        continue
    idle = 0
    print(job.id, job.attempt, flush=True)
    try:
        for step in range(3):
            time.sleep(work)
            jobs.heartbeat(store, job, jobs.Progress(step + 1, 3))
        jobs.finish(store, job, jobs.Result((), name))
    except (jobs.LeaseLost, jobs.Cancelled):
        print("lost", job.id, flush=True)
"""

# Claims and delivers until there is nothing left.
SENDER = """
import sys, time, storage
from storage import outbox
store = storage.open(sys.argv[1])
idle = 0
while idle < 20:
    delivery = outbox.claim(store, "web", sys.argv[2], 30.0)
    if delivery is None:
        idle += 1
        time.sleep(0.02)
        continue
    idle = 0
    outbox.delivered(store, delivery)
"""


Worker = subprocess.Popen[str]


class Crew:
    """Worker processes that are not left behind when a test ends."""

    def __init__(self, store: Storage) -> None:
        self.store = store
        self.all: list[Worker] = []

    def ready(self, *names: str, lease: float = 60.0, work: float = 0.0) -> list[Worker]:
        """Start workers and wait until each is ready to go."""
        pipe = subprocess.PIPE
        for name in names:
            command = [sys.executable, "-c", WORKER, str(self.store.folder), name, str(lease), str(work)]
            self.all.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT))
        started = self.all[-len(names) :]
        assert [said(process) for process in started] == ["ready\n"] * len(names)
        return started

    def start(self, *names: str, lease: float = 60.0, work: float = 0.0) -> list[Worker]:
        """Start workers, and let them go at once when all are ready."""
        started = self.ready(*names, lease=lease, work=work)
        for process in started:
            go(process)
        return started

    def disband(self) -> None:
        for process in self.all:
            process.kill()
            process.communicate()


def said(process: Worker) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def go(process: Worker) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storage]:
    with storage.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def crew(store: Storage) -> Iterator[Crew]:
    crew = Crew(store)
    yield crew
    crew.disband()


def fill(store: Storage, owners: int, each: int) -> None:
    with store.atomic():
        for number in range(each):
            for owner in range(owners):
                who, chat = f"web:{owner}", f"web:chat{owner}"
                request = jobs.GenerateRequest("一只猫")
                jobs.enqueue(store, key=f"{owner}-{number}", kind="generate", owner=who, chat=chat, request=request)


def done_by(store: Storage) -> Counter[str]:
    """How many jobs each worker has finished; every job must have been delivered into the outbox exactly once."""
    delivered = "SELECT jobs.id, jobs.state, text AS worker FROM jobs LEFT JOIN outbox ON job = jobs.id"
    rows = store.rows(delivered)
    assert {row["state"] for row in rows} == {"done"}
    assert max(Counter(row["id"] for row in rows).values()) == 1
    assert None not in {row["worker"] for row in rows}
    return Counter(row["worker"] for row in rows)


def test_four_workers_do_two_hundred_jobs_each_exactly_once(store: Storage, crew: Crew) -> None:
    fill(store, owners=20, each=10)
    workers = crew.start("w1", "w2", "w3", "w4")
    begun: Counter[str] = Counter()
    for process in workers:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        begun.update(out.splitlines())
    assert begun == Counter({f"{number} 1": 1 for number in range(1, 201)})
    done = done_by(store)
    assert sum(done.values()) == 200
    assert len(done) > 1


def test_a_worker_killed_in_the_middle_is_replaced(store: Storage, crew: Crew) -> None:
    fill(store, owners=1, each=1)
    (victim,) = crew.start("victim", lease=2.0, work=30.0)
    assert said(victim) == "1 1\n"
    victim.send_signal(signal.SIGKILL)
    assert victim.wait(10) == -signal.SIGKILL
    assert jobs.get(store, 1).state == "running"
    assert jobs.claim(store, "early", ("generate",)) is None
    time.sleep(2.1)
    out, err = crew.start("heir")[0].communicate(timeout=60)
    assert (out, err) == ("1 2\n", "")
    assert done_by(store) == {"heir": 1}


def test_a_frozen_worker_that_wakes_up_cannot_finish(store: Storage, crew: Crew) -> None:
    fill(store, owners=1, each=1)
    (frozen,) = crew.start("frozen", lease=0.4, work=1.0)
    assert said(frozen) == "1 1\n"
    frozen.send_signal(signal.SIGSTOP)
    time.sleep(0.6)
    job = jobs.claim(store, "heir", ("generate",), 60.0)
    assert job is not None
    frozen.send_signal(signal.SIGCONT)
    out, err = frozen.communicate(timeout=60)
    assert (out, err) == ("lost 1\n", "")
    jobs.finish(store, job, jobs.Result((), "heir"))
    assert done_by(store) == {"heir": 1}


def test_killing_workers_at_random_loses_and_doubles_nothing(store: Storage, crew: Crew) -> None:
    chance = random.Random(7)
    fill(store, owners=6, each=10)
    reserve = list(crew.ready(*(f"w{number}" for number in range(7)), lease=0.5, work=0.04))
    running = [reserve.pop() for _ in range(3)]
    for process in running:
        go(process)
    killed = []
    while reserve:
        time.sleep(chance.uniform(0.05, 0.25))
        victim = running.pop(chance.randrange(3))
        victim.send_signal(signal.SIGKILL)
        killed.append(victim.wait(10))
        running.append(reserve.pop())
        go(running[-1])
    for process in running:
        process.communicate(timeout=120)
    assert killed == [-signal.SIGKILL] * 4  # none had ended by itself
    crew.start("last")[0].communicate(timeout=120)
    assert sum(done_by(store).values()) == 60
    assert store.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_three_senders_deliver_everything_once_and_in_order(store: Storage) -> None:
    for number in range(20):
        for chat in range(6):
            outbox.send(store, key=f"{chat}-{number}", chat=f"web:{chat}", user="web:ann", text=str(number))
    senders = [
        subprocess.Popen([sys.executable, "-c", SENDER, str(store.folder), f"s{number}"], cwd=ROOT)
        for number in range(3)
    ]
    assert [sender.wait(120) for sender in senders] == [0, 0, 0]
    for chat in range(6):
        lines = [line.text for line in outbox.messages(store, f"web:{chat}")]
        assert lines == [str(number) for number in range(20)]
