"""What the workers say they can do."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage import Storage, jobs, workers
from tests.storage.house import Clock, Queue

SDEDIT = {"name": "sdedit", "title": "整体重画", "operations": ["restyle"], "needs": []}
P2P = {"name": "prompt_to_prompt", "title": "逐词编辑", "operations": ["replace", "recolor"], "needs": ["inversion"]}


def engine(methods: Sequence[Mapping[str, Any]] = (), name: str = "diffusion") -> dict[str, Any]:
    """An engine's record with these methods."""
    operations = [operation for method in methods for operation in method["operations"]]
    return {"name": name, "operations": operations, "methods": list(methods)}


def test_nothing_is_known_before_a_worker_speaks(store: Storage) -> None:
    known = workers.capabilities(store)
    assert (known.alive, known.engines, known.methods, known.kinds) == (0, (), (), ())


def test_workers_can_do_what_one_of_them_can(store: Storage, clock: Clock) -> None:
    jobs.publish(
        store, "e", [engine([SDEDIT, P2P]), {"name": "compositing", "operations": ["crop"]}], ("edit", "stickers")
    )
    clock.go(1)
    jobs.publish(store, "l", [engine([SDEDIT, P2P])], ("learn",))
    known = jobs.capabilities(store)
    assert (known.alive, known.kinds) == (2, ("edit", "learn", "stickers"))
    assert known.operations == {"restyle", "replace", "recolor", "crop"}
    assert [one["name"] for one in known.engines] == ["diffusion", "compositing"]
    assert [method["title"] for method in known.methods] == ["整体重画", "逐词编辑"]


def test_a_silent_worker_is_dead_but_remembered(store: Storage, clock: Clock) -> None:
    jobs.publish(store, "old", [], ("edit",))
    clock.go(30)
    jobs.publish(store, "new", [engine([SDEDIT])], ("edit",))
    assert jobs.capabilities(store).alive == 2
    clock.go(90)
    known = jobs.capabilities(store)
    assert (known.alive, known.operations) == (0, {"restyle"})
    clock.go(8 * 86400)
    jobs.publish(store, "newest", [])
    assert store.rows("SELECT worker FROM workers") == [{"worker": "newest"}]


def test_idle_and_busy_workers_are_heard_of(store: Storage, clock: Clock, queue: Queue) -> None:
    jobs.publish(store, "w", [])
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
    jobs.publish(store, "w", [engine([SDEDIT])])
    workers.withdraw(store, "w")
    known = jobs.capabilities(store)
    assert (known.alive, known.operations) == (0, {"restyle"})


def test_a_worker_that_never_published_may_still_work(store: Storage, queue: Queue) -> None:
    queue("a")
    assert jobs.claim(store, "unknown", ("edit",)) is not None
    assert store.rows("SELECT * FROM workers") == []
