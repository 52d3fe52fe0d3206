"""Turns go round by owner, and waiting has a number."""

from storage import Storage, concepts, fair_queue, jobs, photos, workers
from storage.plans import Step
from tests.storage.house import ANN, BOB, Clock, Queue, png

EDIT = ("edit", "stickers", "generate")


def run(store: Storage, clock: Clock, seconds: float = 1.0) -> str:
    """Do the next job in that many seconds; returns its key."""
    job = jobs.claim(store, "w", EDIT)
    assert job is not None
    clock.go(seconds)
    jobs.finish(store, job, jobs.Result())
    return job.key


def test_turns_go_round(store: Storage, queue: Queue, clock: Clock) -> None:
    for number in range(4):
        queue(f"ann{number}")
    for number in range(2):
        queue(f"bob{number}", BOB)
    queue("eve0", "web:eve")
    order = [run(store, clock) for _ in range(7)]
    assert order == ["ann0", "bob0", "eve0", "ann1", "bob1", "ann2", "ann3"]


def test_who_comes_late_waits_for_one_round(store: Storage, queue: Queue, clock: Clock) -> None:
    for number in range(5):
        queue(f"ann{number}")
    assert run(store, clock) == "ann0"
    queue("bob0", BOB)
    assert [run(store, clock) for _ in range(3)] == ["ann1", "bob0", "ann2"]


def test_newcomers_never_overtake_for_ever(store: Storage, queue: Queue, clock: Clock) -> None:
    """Two fresh names for each job that is done, without end: who waits is served all the same."""
    queue("first", "web:somebody")
    queue("ann0")
    queue("ann1")
    served = []
    for number in range(40):
        queue(f"fresh{2 * number}", f"web:fresh{2 * number}")
        queue(f"fresh{2 * number + 1}", f"web:fresh{2 * number + 1}")
        served.append(run(store, clock))
    assert served.index("ann0") == 1
    assert served.index("ann1") <= 4


def test_a_job_that_a_worker_died_of_lets_the_others_go_first(store: Storage, queue: Queue, clock: Clock) -> None:
    queue("poison")
    for number in range(3):
        queue(f"other{number}", f"web:{number}")
    job = jobs.claim(store, "w1", EDIT)
    assert job is not None
    assert jobs.rescue(store, "w1") == 1
    assert [run(store, clock) for _ in range(4)] == ["other0", "other1", "other2", "poison"]


def test_what_a_worker_died_of_is_not_overtaken_in_its_chat(store: Storage, queue: Queue, clock: Clock) -> None:
    """Others go first; what the same person asked later in the same chat does not, and has its true place in the queue."""
    poison, later = queue("poison"), queue("later")
    queue("elsewhere", chat="web:home")
    for number in range(2):
        queue(f"other{number}", f"web:{number}")
    job = jobs.claim(store, "w1", EDIT)
    assert job is not None
    assert job.id == poison.id
    assert jobs.rescue(store, "w1") == 1
    assert jobs.position(store, later)[0] == 4
    assert [run(store, clock) for _ in range(5)] == ["other0", "other1", "poison", "later", "elsewhere"]


def test_a_chat_is_served_in_order_by_many_workers(store: Storage, queue: Queue) -> None:
    """One after the other; another chat, another lane and what nobody waits for are held up by nothing."""
    first, second = queue("first", kind="generate"), queue("second", kind="generate")
    held = jobs.claim(store, "w1", EDIT)
    assert held is not None
    assert jobs.claim(store, "w2", EDIT) is None
    concept = concepts.create(store, ANN, "阿紫", "person", ())
    others = [
        queue("elsewhere", kind="generate", chat="web:home"),
        queue("unheard", kind="generate", silent=True),
        queue("lesson", kind="learn", request=jobs.LearnRequest(concept.id, ())),
    ]
    taken = [jobs.claim(store, f"w{number}", (*EDIT, "learn")) for number in range(2, 5)]
    assert {job and job.id for job in taken} == {job.id for job in others}
    assert jobs.claim(store, "w5", EDIT) is None
    jobs.finish(store, held, jobs.Result())
    now = jobs.claim(store, "w5", EDIT)
    assert now is not None
    assert (held.id, now.id) == (first.id, second.id)


def test_what_makes_no_difference_is_forgotten(store: Storage, queue: Queue, clock: Clock) -> None:
    queue("a")
    queue("b", BOB)
    queue("c", BOB)
    run(store, clock)
    fair_queue.sweep(store)
    assert store.rows("SELECT owner, round FROM turns") == [{"owner": BOB, "round": 2}]
    queue("d")
    assert [run(store, clock) for _ in range(3)] == ["b", "c", "d"]


def test_the_place_in_the_queue_is_the_order_of_serving(store: Storage, queue: Queue, clock: Clock) -> None:
    queued = [queue(f"ann{number}") for number in range(3)] + [queue(f"bob{number}", BOB) for number in range(3)]
    run(store, clock)
    waiting = {job.key: jobs.position(store, job)[0] for job in queued[1:]}
    order = [run(store, clock) for _ in waiting]
    assert [waiting[key] for key in order] == [1, 2, 3, 4, 5]


def test_nothing_done_yet_means_no_estimate(store: Storage, queue: Queue) -> None:
    assert jobs.position(store, queue("a")) == (1, None)


def test_the_estimate_comes_from_recent_jobs(store: Storage, queue: Queue, clock: Clock) -> None:
    for number, seconds in enumerate((10.0, 10.0, 100.0)):
        queue(f"old{number}")
        run(store, clock, seconds)
    first, second = queue("a"), queue("b", BOB)
    assert jobs.position(store, first) == (1, 10.0)
    assert jobs.position(store, second) == (2, 20.0)
    job = jobs.claim(store, "w", EDIT)
    assert job is not None
    clock.go(4)
    assert jobs.position(store, job) == (0, 6.0)
    assert jobs.position(store, second) == (1, 16.0)
    jobs.heartbeat(store, job, jobs.Progress(1, 2, "", 2.5))  # of this stage; jobs like it have had more to do after it
    assert jobs.position(store, job) == (0, 6.0)
    assert jobs.position(store, second) == (1, 16.0)
    clock.go(1)
    jobs.heartbeat(store, job, jobs.Progress(1, 2, "", 8.5))  # it takes longer than they did
    assert jobs.position(store, job) == (0, 8.5)
    assert jobs.position(store, second) == (1, 18.5)
    clock.go(100)  # past all that was told of it: nobody knows, and nobody behind it does
    assert jobs.position(store, job) == (0, None)
    assert jobs.position(store, second) == (1, None)
    jobs.finish(store, job, jobs.Result())
    assert jobs.position(store, job) == (0, 0.0)


def test_the_estimate_comes_from_jobs_of_the_same_kind_of_edit(store: Storage, queue: Queue, clock: Clock) -> None:
    """Of its own batch before all others; of its operation before other edits."""
    photo = photos.keep(store, png("red"), ANN).sha256
    slow, quick = (jobs.EditRequest(Step(operation), photo) for operation in ("restyle", "crop"))
    for number, (request, seconds) in enumerate(((quick, 2.0), (quick, 2.0), (slow, 60.0), (quick, 2.0))):
        queue(f"old{number}", request=request, kind="edit")
        run(store, clock, seconds)
    assert jobs.position(store, queue("slow", request=slow, kind="edit"))[1] == 60.0
    run(store, clock, 60.0)
    many = [queue(f"photo{number}", request=slow, kind="edit", batch="b") for number in range(4)]
    assert jobs.position(store, many[0])[1] == 240.0
    run(store, clock, 20.0)
    assert jobs.position(store, many[0])[1] == 60.0


def test_more_workers_wait_less(store: Storage, queue: Queue, clock: Clock) -> None:
    queue("old")
    run(store, clock, 10.0)
    waiting = [queue(f"a{number}") for number in range(5)]
    assert jobs.position(store, waiting[-1]) == (5, 50.0)
    for worker in ("w1", "w2"):
        workers.publish(store, worker, [], EDIT)
    workers.publish(store, "l1", [], ("learn",))
    assert jobs.position(store, waiting[-1]) == (5, 30.0)


def test_the_other_lane_is_not_waited_for(store: Storage, queue: Queue, clock: Clock) -> None:
    queue("draw", kind="generate")
    assert workers.lane(store, "learn") == (("learn",), 1)
    assert workers.lane(store, "edit") == (("edit", "generate", "stickers"), 1)
    assert jobs.position(store, queue("edit"))[0] == 2


def test_what_needs_a_concept_waits_for_its_learning(store: Storage, queue: Queue, clock: Clock) -> None:
    photo = photos.keep(store, png("red"), ANN).sha256
    for end in ("done", "failed"):
        concept = concepts.create(store, ANN, f"小{end}", "person", [photo])
        learn = queue(f"learn {end}", kind="learn", request=jobs.LearnRequest(concept.id, (photo,)))
        step = Step("insert", concept=concept.name)
        request = jobs.EditRequest(step, photo, (concept.id,))
        edit = queue(f"edit {end}", kind="edit", request=request, after=learn.id)
        assert jobs.position(store, edit)[0] == 2
        assert jobs.claim(store, "w", EDIT) is None
        learning = jobs.claim(store, "l", ("learn",))
        assert learning is not None
        if end == "done":
            jobs.finish(store, learning, jobs.Result())
            assert jobs.position(store, edit)[0] == 1
            assert run(store, clock) == "edit done"
            assert jobs.get(store, edit.id).request == request
        else:
            jobs.fail(store, learning, "没学会。", "no face")
            assert jobs.get(store, edit.id).state == "failed"
