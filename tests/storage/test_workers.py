"""What the workers say they can do."""

from storage import Storage, jobs, workers
from tests.storage.house import Clock, Queue

SDEDIT = {"name": "sdedit", "title": "整体重画", "operations": ["restyle"], "needs": []}
P2P = {"name": "prompt_to_prompt", "title": "逐词编辑", "operations": ["replace", "recolor"], "needs": ["inversion"]}


def test_nothing_is_known_before_a_worker_speaks(store: Storage) -> None:
    known = workers.capabilities(store)
    assert (known.alive, known.model, known.methods, known.kinds) == (0, "", (), ())


def test_workers_can_do_what_one_of_them_can(store: Storage, clock: Clock) -> None:
    jobs.publish(store, "e", "miniature", [SDEDIT, P2P], {"kinds": ["cat", "dog"]}, ("edit", "stickers"))
    clock.go(1)
    jobs.publish(store, "l", "miniature", [], {"styles": ["ink"]}, ("learn",))
    known = jobs.capabilities(store)
    assert (known.alive, known.model, known.kinds) == (2, "miniature", ("edit", "learn", "stickers"))
    assert known.operations == {"restyle", "replace", "recolor"}
    assert known.vocabulary == {"kinds": ["cat", "dog"], "styles": ["ink"]}
    assert [method["title"] for method in known.methods] == ["整体重画", "逐词编辑"]


def test_a_silent_worker_is_dead_but_remembered(store: Storage, clock: Clock) -> None:
    jobs.publish(store, "old", "old model", [], {}, ("edit",))
    clock.go(30)
    jobs.publish(store, "new", "new model", [SDEDIT], {}, ("edit",))
    assert jobs.capabilities(store).alive == 2
    clock.go(90)
    known = jobs.capabilities(store)
    assert (known.alive, known.model, known.operations) == (0, "new model", {"restyle"})
    clock.go(8 * 86400)
    jobs.publish(store, "newest", "newest model", [], {})
    assert store.rows("SELECT worker FROM workers") == [{"worker": "newest"}]


def test_idle_and_busy_workers_are_heard_of(store: Storage, clock: Clock, queue: Queue) -> None:
    jobs.publish(store, "w", "m", [], {})
    clock.go(50)
    assert jobs.claim(store, "w", ("edit",)) is None
    clock.go(50)
    assert jobs.capabilities(store).alive == 1
    queue("a")
    job = jobs.claim(store, "w", ("edit",))
    assert job is not None
    for _ in range(10):
        clock.go(40)
        jobs.heartbeat(store, job)
    assert jobs.capabilities(store).alive == 1


def test_a_worker_that_stops_says_so(store: Storage) -> None:
    jobs.publish(store, "w", "m", [SDEDIT], {})
    workers.withdraw(store, "w")
    known = jobs.capabilities(store)
    assert (known.alive, known.operations) == (0, {"restyle"})


def test_a_worker_that_never_published_may_still_work(store: Storage, queue: Queue) -> None:
    queue("a")
    assert jobs.claim(store, "unknown", ("edit",)) is not None
    assert store.rows("SELECT * FROM workers") == []
