"""A job's life: held by one worker, finished once, taken back by its owner only."""

import pytest

from storage import Storage, chats, concepts, jobs, outbox, photos
from storage.plans import Step
from tests.storage.house import ANN, BOB, ROOM, Clock, Queue, png

ALL = ("edit", "learn", "stickers", "generate")


def claimed(store: Storage, worker: str = "w1", kinds: tuple[str, ...] = ALL, lease: float = 60.0) -> jobs.Job:
    job = jobs.claim(store, worker, kinds, lease)
    assert job is not None
    return job


def done(store: Storage, job: jobs.Job, color: str = "blue") -> jobs.Job:
    """Finish a job with a picture of that colour."""
    return jobs.finish(store, job, jobs.Result((jobs.attach(store, job, png(color)).sha256,), "好了"))


def outgoing(store: Storage) -> list[tuple[str, str, int]]:
    return [(row["kind"], row["text"], row["job"]) for row in store.rows("SELECT * FROM outbox ORDER BY id")]


def test_from_queue_to_delivery(store: Storage, queue: Queue, clock: Clock) -> None:
    queued = queue("a")
    assert (queued.state, queued.attempt, queued.open, queued.created_at) == ("queued", 0, True, clock())
    job = claimed(store)
    assert (job.id, job.state, job.attempt, job.worker) == (queued.id, "running", 1, "w1")
    assert job.leased_until == clock() + 60
    clock.go(5)
    jobs.heartbeat(store, job, jobs.Progress(3, 10, "反演照片", 7.5))
    assert jobs.get(store, job.id).progress == jobs.Progress(3, 10, "反演照片", 7.5)
    assert jobs.get(store, job.id).leased_until == clock() + 60
    picture = jobs.attach(store, job, png("blue"))
    ended = jobs.finish(store, job, jobs.Result((picture.sha256,), "换好了", {"method": "sdedit"}))
    assert (ended.state, ended.open, ended.finished_at) == ("done", False, clock())
    assert ended.result == jobs.Result((picture.sha256,), "换好了", {"method": "sdedit"})
    message = outbox.claim(store, "web", "bot")
    assert message is not None
    assert (message.chat, message.user, message.kind, message.job) == (ROOM, ANN, "result", job.id)
    assert (message.photos, message.text) == ((picture.sha256,), "换好了")


def test_the_same_key_is_the_same_job(store: Storage, queue: Queue) -> None:
    assert queue("a").id == queue("a").id != queue("b").id
    with pytest.raises(jobs.JobError):
        queue("a", BOB)


def test_a_request_must_fit_its_kind(store: Storage, queue: Queue) -> None:
    with pytest.raises(TypeError):
        queue("a", kind="edit", request=jobs.GenerateRequest("猫"))


def test_one_owner_cannot_queue_without_end(store: Storage, queue: Queue) -> None:
    for number in range(20):
        queue(f"a{number}")
    with pytest.raises(jobs.JobError, match="too many") as caught:
        queue("one more")
    assert "20 个任务" in caught.value.sentence
    assert queue("a3").key == "a3"  # what is queued already is found all the same
    assert queue("bob's", BOB).open


def test_a_concept_must_be_usable(store: Storage, photo: photos.Photo) -> None:
    concept = concepts.create(store, BOB, "旺财", "pet", ())
    request = jobs.EditRequest(Step("insert", concept="旺财"), photo.sha256, (concept.id,))
    told = {"kind": "edit", "owner": ANN, "chat": ROOM, "request": request}
    with pytest.raises(concepts.ConceptError):
        jobs.enqueue(store, key="a", **told)  # type: ignore[arg-type]
    concepts.share(store, concept.id, BOB, ROOM)
    assert jobs.enqueue(store, key="a", **told).open  # type: ignore[arg-type]


def test_lanes_do_not_meet(store: Storage, queue: Queue) -> None:
    concept = concepts.create(store, ANN, "阿紫", "person", ())
    queue("learn", kind="learn", request=jobs.LearnRequest(concept.id, ()))
    queue("draw", kind="generate")
    assert claimed(store, "e", ("edit", "stickers", "generate")).key == "draw"
    assert jobs.claim(store, "e", ("edit", "stickers", "generate")) is None
    assert claimed(store, "l", ("learn",)).key == "learn"


def test_an_empty_queue_takes_no_lock(store: Storage, queue: Queue) -> None:
    with store.atomic():  # this connection holds the write lock; an idle worker must not need it
        assert jobs.claim(store, "w1", ALL) is None


class TestHolding:
    """Only (worker, attempt) with the lease may speak for a job."""

    def test_heartbeats_close_together_only_look(self, store: Storage, queue: Queue, clock: Clock) -> None:
        queue("a")
        job = claimed(store)
        clock.go(0.1)
        jobs.heartbeat(store, job, jobs.Progress(1, 10))
        assert jobs.get(store, job.id).progress is None
        jobs.heartbeat(store, job, jobs.Progress(10, 10))
        assert jobs.get(store, job.id).progress == jobs.Progress(10, 10)
        clock.go(1)
        jobs.heartbeat(store, job)
        assert jobs.get(store, job.id).progress == jobs.Progress(10, 10)
        assert jobs.get(store, job.id).leased_until == clock() + 60

    def test_an_expired_lease_is_renewed_while_nobody_took_the_job(
        self, store: Storage, queue: Queue, clock: Clock
    ) -> None:
        queue("a")
        job = claimed(store)
        clock.go(100)
        jobs.heartbeat(store, job)
        assert jobs.rescue(store) == 0
        assert done(store, job).state == "done"

    def test_after_rescue_the_old_worker_is_fenced_off(self, store: Storage, queue: Queue, clock: Clock) -> None:
        queue("a")
        old = claimed(store, "w1")
        clock.go(61)
        new = claimed(store, "w1")  # the very same worker name: the attempt tells them apart
        assert (new.id, new.attempt) == (old.id, 2)
        for act in (
            lambda: jobs.heartbeat(store, old),
            lambda: jobs.attach(store, old, png()),
            lambda: jobs.finish(store, old, jobs.Result()),
            lambda: jobs.fail(store, old, "坏了。", "broken"),
            lambda: jobs.give_back(store, old),
        ):
            with pytest.raises(jobs.LeaseLost):
                act()
        assert outgoing(store) == []
        done(store, new)
        assert outgoing(store) == [("result", "好了", new.id)]
        with pytest.raises(jobs.LeaseLost):
            jobs.finish(store, new, jobs.Result())
        assert len(outgoing(store)) == 1

    def test_a_rescued_job_loses_its_progress(self, store: Storage, queue: Queue, clock: Clock) -> None:
        queue("a")
        job = claimed(store)
        jobs.heartbeat(store, job, jobs.Progress(10, 10))
        clock.go(61)
        assert jobs.rescue(store) == 1
        again = jobs.get(store, job.id)
        assert (again.state, again.progress, again.worker, again.leased_until) == ("queued", None, None, None)

    def test_three_dead_workers_are_enough(self, store: Storage, queue: Queue, clock: Clock) -> None:
        queue("a")
        for attempt in (1, 2, 3):
            assert claimed(store).attempt == attempt
            clock.go(61)
        assert jobs.claim(store, "w1", ALL) is None
        job = jobs.of_chat(store, ROOM)[0]
        assert (job.state, job.log) == ("dead", "worker died 3 times")
        assert job.error is not None
        assert outgoing(store) == [("failure", job.error, job.id)]

    def test_a_worker_known_to_be_dead_is_not_waited_for(self, store: Storage, queue: Queue) -> None:
        queue("a")
        queue("b", BOB)
        job = claimed(store, "w1")
        claimed(store, "w2")
        assert jobs.rescue(store) == 0
        assert jobs.rescue(store, worker="w1") == 1
        assert jobs.get(store, job.id).state == "queued"

    def test_a_stopping_worker_gives_its_job_back(self, store: Storage, queue: Queue) -> None:
        queue("a")
        for _ in range(5):
            job = claimed(store)
            assert job.attempt == 1
            jobs.give_back(store, job)
        assert outgoing(store) == []

    def test_a_result_must_be_made_of_kept_pictures(self, store: Storage, queue: Queue) -> None:
        queue("a")
        job = claimed(store)
        with pytest.raises(photos.PhotoError):
            jobs.finish(store, job, jobs.Result(("f" * 64,)))
        assert jobs.get(store, job.id).state == "running"
        assert outgoing(store) == []


class TestCancel:
    """A job is taken back by its owner, and by nobody else."""

    def test_before_it_runs(self, store: Storage, queue: Queue) -> None:
        job = queue("a")
        assert not jobs.cancel(store, job.id, BOB)
        assert jobs.cancel(store, job.id, ANN)
        assert jobs.claim(store, "w1", ALL) is None
        assert not jobs.cancel(store, job.id, ANN)

    def test_while_it_runs(self, store: Storage, queue: Queue) -> None:
        queue("a")
        job = claimed(store)
        assert not jobs.cancel(store, job.id, BOB)
        jobs.heartbeat(store, job)
        assert jobs.cancel(store, job.id, ANN)
        for act in (lambda: jobs.heartbeat(store, job), lambda: jobs.finish(store, job, jobs.Result())):
            with pytest.raises(jobs.Cancelled):
                act()
        assert outgoing(store) == []
        assert jobs.get(store, job.id).state == "cancelled"

    def test_not_when_it_is_over(self, store: Storage, queue: Queue) -> None:
        queue("a")
        job = done(store, claimed(store))
        assert not jobs.cancel(store, job.id, ANN)
        assert not jobs.cancel(store, 999, ANN)

    def test_a_concept_whose_learning_is_taken_back_can_be_taught_again(self, store: Storage, queue: Queue) -> None:
        concept = concepts.create(store, ANN, "阿紫", "person", ())
        job = queue("learn", kind="learn", request=jobs.LearnRequest(concept.id, ()))
        with pytest.raises(concepts.ConceptError):
            concepts.create(store, ANN, "阿紫", "person", ())
        jobs.cancel(store, job.id, ANN)
        assert concepts.get(store, concept.id).status == "failed"
        assert concepts.create(store, ANN, "阿紫", "person", ()).id == concept.id


def test_a_failure_is_delivered_with_its_sentence(store: Storage, queue: Queue) -> None:
    queue("a")
    job = jobs.fail(store, claimed(store), "照片里找不到猫。", "no cat")
    assert (job.state, job.error, job.log) == ("failed", "照片里找不到猫。", "no cat")
    assert outgoing(store) == [("failure", "照片里找不到猫。", job.id)]


def test_a_failed_lesson_is_noted_with_the_concept(store: Storage, queue: Queue) -> None:
    concept = concepts.create(store, ANN, "阿紫", "person", ())
    queue("learn", kind="learn", request=jobs.LearnRequest(concept.id, ()))
    jobs.fail(store, claimed(store), "照片太糊了。", "blurred")
    assert (concepts.get(store, concept.id).status, concepts.get(store, concept.id).note) == ("failed", "照片太糊了。")


def test_a_silent_job_says_nothing(store: Storage, queue: Queue) -> None:
    queue("a", silent=True)
    queue("b", silent=True)
    done(store, claimed(store))
    jobs.fail(store, claimed(store), "坏了。", "broken")
    assert outgoing(store) == []
    assert chats.history(store, ROOM, ANN) == ()


class TestChains:
    """A job may wait for another's picture."""

    def follow(self, queue: Queue, key: str, after: int, place: int = 2, **more: object) -> jobs.Job:
        """The next step of the same sentence; with ``place`` 1 the next sentence."""
        request = jobs.EditRequest(Step("restyle", style="oil"), "", place=place)
        return queue(key, request=request, after=after, **more)

    def test_the_picture_is_passed_on(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        second = self.follow(queue, "b", first.id)
        third = self.follow(queue, "c", second.id)
        job = claimed(store)
        assert job.id == first.id
        assert jobs.claim(store, "w2", ALL) is None
        result = done(store, job, "blue").result
        job = claimed(store)
        assert (job.id, job.request) == (
            second.id,
            jobs.EditRequest(Step("restyle", style="oil"), result.photos[0], place=2),
        )  # type: ignore[union-attr]
        done(store, job, "green")
        assert claimed(store).id == third.id

    def test_a_job_that_is_done_passes_it_on_at_once(self, store: Storage, queue: Queue) -> None:
        queue("a")
        first = done(store, claimed(store))
        second = self.follow(queue, "b", first.id)
        assert (second.after, second.request.photo) == (None, first.result.photos[0])  # type: ignore[union-attr]

    def test_what_follows_a_failure_fails_with_it(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        second = self.follow(queue, "b", first.id)
        third = self.follow(queue, "c", second.id)
        jobs.fail(store, claimed(store), "找不到猫。", "no cat")
        assert [jobs.get(store, job.id).state for job in (second, third)] == ["failed", "failed"]
        assert store.rows("SELECT job, data FROM outbox") == [{"job": first.id, "data": '{"dropped":2}'}]
        with pytest.raises(jobs.JobError):
            self.follow(queue, "d", first.id)

    def test_another_sentence_goes_on_from_what_was_there(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        step = self.follow(queue, "b", first.id)
        sentence = self.follow(queue, "c", step.id, place=1)
        its_step = self.follow(queue, "d", sentence.id)
        jobs.fail(store, claimed(store), "找不到猫。", "no cat")
        assert store.rows("SELECT job, data FROM outbox") == [{"job": first.id, "data": '{"dropped":1}'}]
        assert jobs.get(store, step.id).state == "failed"
        job = claimed(store)
        assert (job.id, job.request.photo) == (sentence.id, first.request.photo)  # type: ignore[union-attr]
        result = done(store, job).result
        job = claimed(store)
        assert (job.id, job.request.photo) == (its_step.id, result.photos[0])  # type: ignore[union-attr]

    def test_another_sentence_goes_on_from_the_step_that_was_done(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        step = self.follow(queue, "b", first.id)
        sentence = self.follow(queue, "c", step.id, place=1)
        made = done(store, claimed(store)).result
        jobs.fail(store, claimed(store), "找不到猫。", "no cat")
        job = claimed(store)
        assert (job.id, job.request.photo) == (sentence.id, made.photos[0])  # type: ignore[union-attr]

    def test_what_follows_a_question_is_dropped(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        second = self.follow(queue, "b", first.id)
        jobs.finish(store, claimed(store), jobs.Result((), "哪一只？", {"things": [1, 2]}))
        assert jobs.get(store, second.id).state == "failed"
        assert outgoing(store) == [("result", "哪一只？", first.id)]

    def test_what_follows_a_cancelled_job_is_cancelled(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        second = self.follow(queue, "b", first.id)
        assert jobs.cancel(store, first.id, ANN)
        assert jobs.get(store, second.id).state == "cancelled"

    def test_cancelling_the_second_leaves_the_first(self, store: Storage, queue: Queue) -> None:
        first = queue("a")
        second = self.follow(queue, "b", first.id)
        assert jobs.cancel(store, second.id, ANN)
        assert done(store, claimed(store)).id == first.id
        assert jobs.claim(store, "w1", ALL) is None

    def test_nobody_follows_a_strangers_job(self, store: Storage, queue: Queue) -> None:
        first = queue("a", BOB)
        with pytest.raises(jobs.JobError):
            self.follow(queue, "b", first.id)


class TestHistory:
    """The result of an edit is what the conversation is about next."""

    def test_an_edit_can_be_undone(self, store: Storage, queue: Queue) -> None:
        job = queue("a")
        chats.discuss(store, ROOM, ANN, job.request.photo)  # type: ignore[union-attr]
        result = done(store, claimed(store)).result
        here = chats.under_discussion(store, ROOM, ANN)
        assert here is not None
        assert (here.photo, here.job, here.kind, here.request) == (result.photos[0], job.id, "edit", job.request)  # type: ignore[union-attr]
        back = chats.undo(store, ROOM, ANN)
        assert back is not None
        assert back.photo == job.request.photo  # type: ignore[union-attr]

    def test_a_photo_sent_meanwhile_stays_under_discussion(self, store: Storage, queue: Queue, clock: Clock) -> None:
        chats.discuss(store, ROOM, ANN, queue("a").request.photo)  # type: ignore[union-attr]
        clock.go(1)
        sent = photos.put(store, png("yellow"), ANN)
        chats.discuss(store, ROOM, ANN, sent.sha256)
        done(store, claimed(store))
        here = chats.under_discussion(store, ROOM, ANN)
        assert here is not None
        assert here.photo == sent.sha256

    def test_stickers_are_not_discussed(self, store: Storage, queue: Queue) -> None:
        queue("a", kind="stickers")
        done(store, claimed(store))
        assert chats.under_discussion(store, ROOM, ANN) is None


def test_jobs_of_a_chat_and_of_a_person(store: Storage, queue: Queue) -> None:
    queue("a")
    queue("b", BOB)
    queue("c", chat="web:elsewhere")
    assert [job.key for job in jobs.of_chat(store, ROOM)] == ["a", "b"]
    assert [job.key for job in jobs.of_chat(store, ROOM, BOB)] == ["b"]
    assert [job.key for job in jobs.of_chat(store, ROOM, limit=1)] == ["b"]
    assert [job.key for job in jobs.open_of(store, ANN)] == ["a", "c"]
    assert [job.key for job in jobs.open_of(store, ANN, ROOM)] == ["a"]
    with pytest.raises(jobs.JobError):
        jobs.get(store, 999)
