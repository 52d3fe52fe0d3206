"""A tap on a photo goes with the sentence into the order, through storage and through questions in between."""

import pytest

from storage import Storage, chats, jobs, workers
from storage.jobs import EditRequest
from storage.regions import Region, Stroke
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


CIRCLED = (Region(((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))), Region((), (Stroke(((0.7, 0.7), (0.8, 0.7)), 0.03),)))


@pytest.mark.parametrize(
    ("sentence", "operation", "content"),
    [
        ("去掉", "remove", None),
        ("换成红色", "recolor", None),
        ("打码", "mosaic", None),
        ("把圈出来的地方去掉", "remove", None),
        ("涂的地方打码", "mosaic", None),
        ("把这里变成蓝色", "recolor", None),
        ("虚化一下", "modify", "虚化"),
        ("清晰一点", "adjust", "sharper"),
        ("调亮一点", "adjust", "brighter"),
    ],
)
def test_a_sentence_is_about_what_was_drawn(store: Storage, sentence: str, operation: str, content: str | None) -> None:
    who = Person(store)
    who.say(sent=("photo",))
    who.say(sentence, regions=CIRCLED)
    request = asked(store, who)
    assert (request.step.operation, request.step.content, request.regions) == (operation, content, CIRCLED)
    who.work()
    who.say("改成水墨风")
    assert asked(store, who).regions == ()  # it is for one sentence


def test_what_was_drawn_stays_with_more_of_it_and_with_what_is_done_again(store: Storage) -> None:
    who = Person(store)
    who.say(sent=("photo",))
    who.say("换成红色", regions=CIRCLED)
    who.work()
    first = asked(store, who)
    who.say("再明显一点")
    assert (asked(store, who).regions, asked(store, who).photo) == (CIRCLED, first.photo)
    who.work()
    who.say("撤销")
    here = chats.under_discussion(store, who.chat, who.user)
    assert here is not None
    who.say("去掉", regions=CIRCLED[:1])
    assert (asked(store, who).regions, asked(store, who).photo) == (CIRCLED[:1], here.photo)


def test_a_question_in_between_does_not_lose_what_was_drawn(store: Storage) -> None:
    who = Person(store)
    who.say(sent=("photo",))
    who.say("换个背景", regions=CIRCLED)
    assert not jobs.of_chat(store, who.chat)
    who.say("海边")
    assert asked(store, who).regions == CIRCLED
