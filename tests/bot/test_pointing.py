"""A tap on a photo goes with the sentence into the order, through storage and through questions in between."""

import pytest

from storage import Storage, jobs, workers
from storage.jobs import EditRequest
from tests.bot import fake_worker
from tests.bot.talking import Person

HERE = ((0.25, 0.5), (0.75, 0.4))


def asked(store: Storage, who: Person) -> EditRequest:
    """The edit that was queued last."""
    request = jobs.of_chat(store, who.chat)[-1].request
    assert isinstance(request, EditRequest)
    return request


@pytest.mark.parametrize(
    ("sentence", "operation"),
    [("去掉", "remove"), ("把它去掉", "remove"), ("换成红色", "recolor"), ("把这个人换成一只狗", "replace")],
)
def test_who_is_tapped_need_not_be_named(store: Storage, sentence: str, operation: str) -> None:
    who = Person(store)
    who.say(sent=("photo",))
    who.say(sentence, points=HERE)
    request = asked(store, who)
    assert (request.step.operation, request.points) == (operation, HERE)
    who.work()
    who.say("改成水墨风")
    assert asked(store, who).points == ()  # a tap is for one sentence


def test_a_question_in_between_does_not_lose_the_tap(store: Storage) -> None:
    who = Person(store)
    who.say(sent=("photo",))
    who.say("换个背景", points=HERE[:1])
    assert not jobs.of_chat(store, who.chat)
    who.say("海边")
    assert asked(store, who).points == HERE[:1]


def test_small_talk_stays_talk(store: Storage) -> None:
    who = Person(store)
    who.say(sent=("photo",))
    who.say("你好呀", points=HERE)
    assert not jobs.of_chat(store, who.chat)


def test_a_colour_for_what_is_tapped_is_complete(store: Storage) -> None:
    """换成红色, as the page itself suggests; without a tap it is asked which, not which colour."""
    person = Person(store)
    workers.publish(store, "painter", [fake_worker.ENGINE], ["edit"])
    assert person.say("换成红色", ("a",), points=((0.2, 0.5),)) == []
    (job,) = jobs.open_of(store, person.user)
    assert isinstance(job.request, EditRequest)
    assert job.request.points == ((0.2, 0.5),)
    (asked,) = Person(store, "b").say("换成红色", ("a",))
    assert "是照片里的哪一个" in asked.text
