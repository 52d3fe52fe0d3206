"""The numbers for whoever runs this: right, and never falling when rows expire."""

from storage import Storage, jobs, outbox, retention, workers
from storage.figures import BOUNDS, Figures, figures
from storage.jobs import Result
from tests.storage.house import ANN, BOB, DAY, ROOM, Clock, Queue


def do(store: Storage, clock: Clock, seconds: float, evaluations: int = 0) -> None:
    """Let a worker do the next job in so many seconds."""
    job = jobs.claim(store, "w", ("edit", "learn"), lease_seconds=10_000)
    assert job is not None
    clock.go(seconds)
    jobs.finish(store, job, Result(facts={"unet_forward": evaluations}))


def counts(told: Figures) -> tuple[object, ...]:
    """Whatever must only grow."""
    return told.over, told.seconds, told.within, told.evaluations, told.deliveries


def test_jobs_by_kind_and_state_with_how_long_they_took(store: Storage, clock: Clock, queue: Queue) -> None:
    workers.publish(store, "w", [], ("edit", "stickers"))
    for number, seconds in enumerate((0.5, 1.0, 25.0, 5000.0)):
        queue(str(number))
        do(store, clock, seconds, 100)
    cancelled = queue("taken back")
    jobs.cancel(store, cancelled.id, ANN)
    queue("waits")
    clock.go(7)
    queue("waits less", BOB)
    told = figures(store)
    assert told.over == {("edit", "done"): 4, ("edit", "cancelled"): 1}
    within = dict(zip((*BOUNDS, None), told.within["edit"], strict=True))
    assert (within[1.0], within[20.0], within[30.0], within[1800.0], within[None]) == (2, 2, 3, 3, 4)
    assert told.seconds["edit"] == 5026.5
    assert told.evaluations == 400
    assert (told.queued, told.oldest, told.running) == ({"edit": 2}, {"edit": 7.0}, {})
    assert told.undelivered == 4


def test_what_expired_still_counts(store: Storage, clock: Clock, queue: Queue) -> None:
    for number, seconds in enumerate((0.5, 3.0, 25.0, 400.0)):
        queue(str(number))
        do(store, clock, seconds, 100)
    for how in ("delivered", "failed"):
        outbox.send(store, key=how, chat=ROOM, user=ANN, text="x")
    while delivery := outbox.claim(store, "web", "w"):
        if delivery.key == "failed":
            outbox.undeliverable(store, delivery, "blocked")
        else:
            outbox.delivered(store, delivery)
    before = counts(figures(store))
    assert figures(store).deliveries == {"delivered": 5, "failed": 1}
    clock.go(40 * DAY)
    retention.sweep(store)
    assert store.rows("SELECT * FROM jobs") == store.rows("SELECT * FROM outbox") == []
    assert counts(figures(store)) == before
    queue("later")
    do(store, clock, 3.0, 50)
    retention.forget(store, ANN)
    assert figures(store).over == {("edit", "done"): 5}
    assert figures(store).evaluations == 450


def test_the_dead_are_counted_and_go_in_their_time(store: Storage, clock: Clock, queue: Queue) -> None:
    queue("poison")
    while jobs.claim(store, "w", ("edit",)):
        clock.go(61)
    assert figures(store).over == {("edit", "dead"): 1}
    clock.go(40 * DAY)
    retention.sweep(store)
    assert store.rows("SELECT * FROM jobs") == []
    assert figures(store).over == {("edit", "dead"): 1}


def test_workers_alive_by_what_they_take(store: Storage, clock: Clock) -> None:
    workers.publish(store, "a", [], ("edit", "stickers"))
    clock.go(50)
    workers.publish(store, "b", [], ("learn",))
    assert figures(store).workers == {"edit": 1, "stickers": 1, "learn": 1}
    clock.go(20)
    assert figures(store).workers == {"learn": 1}
