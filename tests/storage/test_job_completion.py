"""What the end of one job does to everything around it."""

import pytest

from storage import Storage, concepts, job_completion, jobs
from storage.plans import Step
from tests.storage.house import ANN, ROOM, Queue


@pytest.mark.parametrize(
    ("state", "sentence"), [("failed", job_completion.WITHOUT_PICTURE), ("cancelled", "任务已取消。")]
)
def test_stopping_goes_down_the_steps_of_a_sentence(store: Storage, queue: Queue, state: str, sentence: str) -> None:
    chain = [queue("0")]
    for number in range(1, 4):
        request = jobs.EditRequest(Step("restyle", style="oil"), "", place=number + 1, total=4)
        chain.append(queue(str(number), request=request, after=chain[-1].id))
    assert job_completion.stop(store, chain[0].id, state, "任务已取消。", "stopped") == 3
    ended = [jobs.get(store, job.id) for job in chain]
    assert {job.state for job in ended} == {state}
    assert [job.error for job in ended[1:]] == [sentence] * 3
    assert [job.log for job in ended] == ["stopped", *(f"follows job {job.id}" for job in chain[:-1])]


def test_a_lesson_without_its_concept_can_still_end(store: Storage) -> None:
    concept = concepts.create(store, ANN, "阿紫", "person", ())
    request = jobs.LearnRequest(concept.id, ())
    job = jobs.enqueue(store, key="a", kind="learn", owner=ANN, chat=ROOM, request=request)
    store.db.execute("DELETE FROM concepts")
    assert jobs.cancel(store, job.id, ANN)


def test_several_may_wait_for_the_same_picture(store: Storage, queue: Queue) -> None:
    first = queue("a")
    followers = [queue(key, request=jobs.EditRequest(Step("remove"), ""), after=first.id) for key in ("b", "c")]
    photo = first.request.photo  # type: ignore[union-attr]
    assert job_completion.pass_on(store, first.id, photo) == 0
    assert [jobs.get(store, job.id).after for job in followers] == [None, None]
    assert [jobs.get(store, job.id).request for job in followers] == [jobs.EditRequest(Step("remove"), photo)] * 2


def test_what_was_said_after_goes_on_with_the_photo_of_what_failed(store: Storage, queue: Queue) -> None:
    first = queue("a")
    later = queue("b", request=jobs.EditRequest(Step("restyle", style="oil"), ""), after=first.id)
    assert job_completion.stop(store, first.id, "failed", "没画成。", "broken") == 0
    goes_on = jobs.get(store, later.id)
    assert (goes_on.state, goes_on.after) == ("queued", None)
    assert goes_on.request.photo == first.request.photo  # type: ignore[union-attr]
