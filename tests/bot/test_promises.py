"""What is told of when a job will be done goes down, and up once at most."""

import itertools
from pathlib import Path

import pytest

import storage
from bot import promises
from storage import Storage, jobs
from tests.storage.house import Clock

EDIT = ("generate",)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Storage:
    return storage.open(tmp_path / "data", clock=clock)


def order(store: Storage, key: str, owner: str = "web:ann") -> jobs.Job:
    told = {"owner": owner, "chat": owner, "request": jobs.GenerateRequest("猫")}
    return jobs.enqueue(store, key=key, kind="generate", **told)  # type: ignore[arg-type]


def run(store: Storage, clock: Clock, seconds: float) -> None:
    job = jobs.claim(store, "w", EDIT, 10_000.0)
    assert job is not None
    clock.go(seconds)
    jobs.finish(store, job, jobs.Result())


def test_it_goes_down_and_up_once(store: Storage, clock: Clock) -> None:
    order(store, "old")
    run(store, clock, 10)
    for number in range(4):
        order(store, f"before{number}", f"web:{number}")
    mine = order(store, "mine")
    told = [promises.position(store, mine)]
    assert told[0] == (5, 50.0)
    for _ in range(4):  # everything takes thrice as long as was to be expected
        job = jobs.claim(store, "w", EDIT, 10_000.0)
        assert job is not None
        for _ in range(6):
            clock.go(5)
            told.append(promises.position(store, jobs.get(store, mine.id)))
        jobs.finish(store, job, jobs.Result())
        told.append(promises.position(store, jobs.get(store, mine.id)))
    places = [place for place, _ in told]
    assert places == sorted(places, reverse=True)
    seconds = [left for _, left in told if left not in (None, promises.LATE)]
    ups = sum(later > earlier for earlier, later in itertools.pairwise(seconds))
    assert ups == 1
    assert told[-1][1] is not None


def test_one_own_later_job_may_be_overtaken_but_its_place_never_grows(store: Storage, clock: Clock) -> None:
    queued = [order(store, f"ann{number}") for number in range(3)]
    assert promises.position(store, queued[-1])[0] == 3
    order(store, "bob", "web:bob")
    order(store, "eve", "web:eve")
    assert jobs.position(store, queued[-1])[0] == 5
    assert promises.position(store, queued[-1])[0] == 3


def test_a_job_whose_worker_died_is_in_the_queue_again(store: Storage, clock: Clock) -> None:
    mine = order(store, "mine")
    job = jobs.claim(store, "w", EDIT, 10.0)
    assert job is not None
    assert promises.position(store, job)[0] == 0
    order(store, "bob", "web:bob")
    jobs.rescue(store, "w")
    again = jobs.get(store, mine.id)
    assert promises.position(store, again)[0] == 2


def test_a_batch_that_takes_longer_rises_once(store: Storage, clock: Clock) -> None:
    """What was promised of nine photos is put off once, when the first of them has shown how long each takes."""
    order(store, "old")
    run(store, clock, 10)
    told = {"owner": "web:ann", "chat": "web:ann", "request": jobs.GenerateRequest("猫"), "batch": "b"}
    mine = [jobs.enqueue(store, key=f"p{n}", kind="generate", **told) for n in range(9)]  # type: ignore[arg-type]
    seconds: list[float | None] = [promises.position(store, mine[0])[1]]
    for took in (20, 35, 20, 30, 15, 40, 20, 20, 25):
        job = jobs.claim(store, "w", EDIT, 10_000.0)
        assert job is not None
        for _ in range(5):
            clock.go(took / 5)
            seconds.append(promises.position(store, mine[0])[1])
        jobs.finish(store, job, jobs.Result())
        seconds.append(promises.position(store, mine[0])[1])
    known = [one for one in seconds if one not in (None, promises.LATE)]
    assert known[0] == 90.0
    assert sum(later > earlier for earlier, later in itertools.pairwise(known)) == 1


def test_stages_do_not_make_it_jump(store: Storage, clock: Clock) -> None:
    """A worker knows how long its stage takes, and nothing of the next: what is told never rises for that."""
    order(store, "old")
    run(store, clock, 60)
    order(store, "mine")
    job = jobs.claim(store, "w", EDIT, 10_000.0)
    assert job is not None
    told = []
    for stage in range(3):
        for step in range(10):
            jobs.heartbeat(store, job, jobs.Progress(step, 10, str(stage), 2.0 * (10 - step)))
            told.append(promises.position(store, job)[1])
            clock.go(2)
    assert told == sorted(told, key=lambda one: one or 0, reverse=True)
    assert told[0] == 60.0


def test_almost_done_is_not_said_for_long(store: Storage, clock: Clock) -> None:
    order(store, "old")
    run(store, clock, 10)
    order(store, "mine")
    job = jobs.claim(store, "w", EDIT, 10_000.0)
    assert job is not None
    assert promises.position(store, job)[1] == 10.0
    clock.go(12)
    assert promises.position(store, job)[1] == 0.0
    clock.go(4)
    assert promises.position(store, job)[1] == promises.LATE, "it takes longer, and nobody knows how much"


def test_who_waits_for_a_job_that_takes_longer_is_told_so(store: Storage, clock: Clock) -> None:
    order(store, "old")
    run(store, clock, 4)
    order(store, "before", "web:bob")
    assert jobs.claim(store, "w", EDIT, 10_000.0) is not None
    mine = order(store, "mine")
    assert promises.position(store, mine) == (1, 8.0)
    clock.go(4)
    assert promises.position(store, mine) == (1, 4.0)
    clock.go(4)
    assert promises.position(store, mine) == (1, 0.0)
    clock.go(170)
    assert promises.position(store, mine) == (1, promises.LATE)
    job = jobs.get(store, mine.id - 1)
    jobs.finish(store, job, jobs.Result())
    assert promises.position(store, mine)[1] == 178.0 / 2 + 2, "put off once, by what it took before"
