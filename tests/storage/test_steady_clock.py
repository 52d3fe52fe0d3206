"""Somebody sets the clock while things wait: they wait as long as they would have."""

from pathlib import Path

import pytest

import storage
from storage import Storage, inbox, jobs, outbox, steady_clock, workers
from tests.storage.house import ANN, ROOM

LEASE = 60.0


class Clocks:
    """The wall clock, which somebody may set, and the time that the machine runs."""

    def __init__(self) -> None:
        self.time, self.ran = 1_000_000.0, 500.0

    def go(self, seconds: float) -> None:
        self.time += seconds
        self.ran += seconds

    def set(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def store(tmp_path: Path, clocks: Clocks) -> Storage:
    return another(tmp_path, clocks)


def another(folder: Path, clocks: Clocks) -> Storage:
    """The same folder in another process."""
    return storage.open(folder / "data", clock=lambda: clocks.time, steady=lambda: clocks.ran)


def enqueue(store: Storage, key: str) -> jobs.Job:
    told = {"kind": "generate", "owner": ANN, "chat": ROOM, "request": jobs.GenerateRequest("猫")}
    return jobs.enqueue(store, key=key, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_goes_out_goes_out(store: Storage, clocks: Clocks, hours: int) -> None:
    outbox.send(store, key="a", chat=ROOM, user=ANN, text="a")
    clocks.set(hours * 3600)
    delivery = outbox.claim(store, "web", "bot")
    assert delivery is not None
    outbox.postpone(store, delivery, 30.0, "flood")
    clocks.set(hours * 3600)
    clocks.go(29)
    assert outbox.claim(store, "web", "bot") is None
    clocks.go(2)
    assert outbox.claim(store, "web", "bot") is not None


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_album_settles(store: Storage, clocks: Clocks, hours: int) -> None:
    inbox.receive(store, platform="web", update_id=1, chat=ROOM, user=ANN, album="x")
    clocks.go(0.5)
    clocks.set(hours * 3600)
    assert inbox.take(store, "bot") == ()
    clocks.go(0.4)
    assert len(inbox.take(store, "bot")) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_living_worker_keeps_its_job_and_a_dead_one_does_not(
    store: Storage, clocks: Clocks, hours: int, tmp_path: Path
) -> None:
    enqueue(store, "a")
    workers.publish(store, "w", [], ("generate",))
    job = jobs.claim(store, "w", ("generate",), LEASE)
    assert job is not None
    clocks.set(hours * 3600)
    other = another(tmp_path, clocks)  # a process that starts after the clock was set has moved what waits
    assert jobs.rescue(store) == jobs.rescue(other) == 0
    assert jobs.capabilities(store).alive == 1
    for _ in range(5):
        clocks.go(LEASE / 2)
        jobs.heartbeat(store, job)
        assert jobs.rescue(other) == 0
    clocks.go(LEASE + 1)
    assert jobs.rescue(other) == 1


def test_it_is_done_once_for_all_processes(store: Storage, clocks: Clocks, tmp_path: Path) -> None:
    other = another(tmp_path, clocks)
    assert steady_clock.mend(store) == 0
    clocks.set(-3600)
    assert steady_clock.mend(other) == -3600
    assert steady_clock.mend(store) == steady_clock.mend(other) == 0


def test_a_correction_is_not_worth_it(store: Storage, clocks: Clocks) -> None:
    clocks.set(2)
    assert steady_clock.mend(store) == 0


def test_the_real_ones(tmp_path: Path) -> None:
    with storage.open(tmp_path) as real:
        assert steady_clock.mend(real) == 0
        assert steady_clock.running() > 0
