"""Several photos with one sentence: one piece of work, one message; each photo a job of its own."""

import json

import pytest

from storage import Settings, Storage, batches, jobs, photos
from storage.plans import Step
from storage.settings import Limits
from tests.storage.house import ANN, BOB, ROOM, Clock, Queue
from tests.storage.test_jobs import claimed, done


def three(queue: Queue) -> list[jobs.Job]:
    return [queue(f"b{number}", batch="b") for number in range(3)]


def told(store: Storage) -> list[tuple[str, int, int]]:
    """(key, pictures, job) of the messages that wait."""
    rows = store.rows("SELECT key, photos, job FROM outbox ORDER BY id")
    return [(row["key"], len(json.loads(row["photos"])), row["job"]) for row in rows]


def test_one_message_when_the_last_is_over(store: Storage, queue: Queue) -> None:
    first, *_ = three(queue)
    done(store, claimed(store))
    failed = claimed(store)
    jobs.fail(store, failed, "这张看不清。", "blurred")
    assert told(store) == []
    done(store, claimed(store), "green")
    assert told(store) == [(f"batch:{first.id}", 2, first.id)]


def test_one_progress(store: Storage, queue: Queue, clock: Clock) -> None:
    first, *_ = three(queue)
    (work,) = jobs.open_work(store, ANN, ROOM)
    assert (work.id, work.state, work.progress) == (first.id, "queued", None)
    assert jobs.position(store, work)[0] == 1
    running = claimed(store)
    clock.go(10)
    done(store, running)
    half = claimed(store)
    clock.go(4)
    jobs.heartbeat(store, half, jobs.Progress(5, 10, "反演照片"))
    (work,) = jobs.open_on(store, "web")
    assert work.progress == jobs.Progress(150, 300, "第 2 张，共 3 张")
    place, seconds = jobs.position(store, work)
    assert (place, seconds) == (0, 16.0)  # six of the one that runs, ten of the last


def test_called_off_as_one_and_what_is_done_is_delivered(store: Storage, queue: Queue) -> None:
    first, *rest = three(queue)
    done(store, claimed(store))
    running = claimed(store)
    assert not jobs.cancel(store, first.id, BOB)
    assert jobs.cancel(store, first.id, ANN)
    assert [jobs.get(store, job.id).state for job in rest] == ["cancelled", "cancelled"]
    with pytest.raises(jobs.Cancelled):
        jobs.heartbeat(store, running)
    assert told(store) == [(f"batch:{first.id}", 1, first.id)]
    assert not jobs.cancel(store, first.id, ANN)


def test_nothing_is_said_of_a_batch_that_was_called_off_before_it_began(store: Storage, queue: Queue) -> None:
    assert jobs.cancel(store, three(queue)[1].id, ANN)
    assert told(store) == []


def test_its_photos_need_not_wait_for_each_other_but_the_next_order_waits_for_all(store: Storage, queue: Queue) -> None:
    three(queue)
    later = queue("later")
    taken = [claimed(store, f"w{number}").key for number in range(3)]
    assert taken == ["b0", "b1", "b2"]
    assert jobs.claim(store, "w4", ("edit",)) is None
    for row in store.rows("SELECT id FROM jobs WHERE batch = 'b'"):
        done(store, jobs.get(store, row["id"]))
    assert claimed(store, "w5").id == later.id


def test_it_counts_as_one_of_what_may_be_queued(store: Storage, queue: Queue) -> None:
    for number in range(30):
        queue(f"b{number}", batch="b")
    for number in range(19):
        queue(f"a{number}")
    with pytest.raises(jobs.JobError, match="too many"):
        queue("one more")


def test_in_a_group_it_is_one_order(store: Storage, queue: Queue) -> None:
    store.settings = Settings(limits=Limits(group_seconds=60))
    assert len({job.id for job in three(queue)}) == 3
    with pytest.raises(jobs.JobError, match="too early"):
        queue("next")


def test_what_becomes_of_a_photo_in_two_steps(store: Storage, photo: photos.Photo, queue: Queue) -> None:
    steps = [jobs.EditRequest(Step("remove"), photo.sha256, place=place, total=2) for place in (1, 2)]
    members: list[jobs.Job] = []
    for number in range(2):
        first = queue(f"{number}:1", batch="b", request=steps[0])
        members += [first, queue(f"{number}:2", batch="b", request=steps[1], after=first.id)]
    assert [len(found) for found in batches.by_photo(batches.of(store, "b"))] == [2, 2]
    while job := jobs.claim(store, "w", ("edit",)):
        done(store, job, ("red", "blue", "green", "gold")[members.index(next(m for m in members if m.id == job.id))])
    (message,) = store.rows("SELECT photos FROM outbox")
    last = [jobs.get(store, members[index].id).result for index in (1, 3)]
    assert json.loads(message["photos"]) == [result.photos[0] for result in last if result]
