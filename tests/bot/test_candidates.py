"""Several pictures to choose from differ; where there is one alone, no choice is offered and a sentence says so."""

import numpy as np
import pytest

from bot import followups, replies
from bot.edit_options import MANY
from pipeline.engine import Capabilities, Edited, EditOrder, Progress, Work
from pipeline.handlers import Handlers
from pipeline.worker import Worker
from storage import Storage, jobs
from storage.plans import Step
from tests.bot.talking import Person

OTHERS = (replies.AGAIN, replies.SEVERAL, replies.MORE_TO_CHOOSE)


class Painter:
    """It paints the photo in the grey of its seed; there are `readings` greys, and from `alike` on they are one grey."""

    name, kind = "painter", "compositing"

    def __init__(self, readings: int | None, alike: int = 99, tunable: str = "strength") -> None:
        self.readings, self.alike, self.tunable = readings, alike, tunable

    def capabilities(self) -> Capabilities:
        return Capabilities(("adjust", "crop"))

    def serves(self, order: object) -> bool:
        return True

    def edit(self, order: EditOrder) -> Work[Edited]:
        yield Progress(0, 1, "改")
        image = np.full_like(order.photo, 30 * min(order.seed, self.alike))
        facts = {} if self.readings is None else {"readings": self.readings}
        return Edited(image, facts={**facts, "tunable": self.tunable})


def work(store: Storage, person: Person, painter: Painter) -> jobs.Job:
    """Do what is queued; the last job."""
    handlers = Handlers.open(store, [painter])  # type: ignore[list-item]
    worker = Worker(store, handlers.tasks, name="w")
    worker.publish(handlers.published())
    while job := jobs.claim(store, "w", tuple(handlers.tasks)):
        worker.attempt(job)
    person.listen()
    return jobs.of_chat(store, person.chat, person.user)[-1]


def labels(person: Person) -> list[str]:
    return [button.label for button in person.heard[-1].buttons]


@pytest.fixture
def person(store: Storage) -> Person:
    return Person(store)


def test_one_picture_is_not_offered_as_several(store: Storage, person: Person) -> None:
    person.say("裁成方形", ("gray",))
    work(store, person, Painter(1))
    assert not {*OTHERS, replies.STRONGER, replies.WEAKER} & set(labels(person))
    person.say("再明显一点")
    assert "没有轻重可以调" in person.heard[-1].text
    person.say("多来几张选")
    assert "每次做出来都是这一张" in person.heard[-1].text
    person.say("再来一张")
    assert "每次做出来都是这一张" in person.heard[-1].text
    assert len(jobs.of_chat(store, person.chat, person.user)) == 1


def test_there_is_no_more_or_less_of_what_has_neither(store: Storage, person: Person) -> None:
    person.say("裁成方形", ("gray",))
    work(store, person, Painter(None, tunable=""))
    assert set(OTHERS[:2]) <= set(labels(person))
    assert not {replies.STRONGER, replies.WEAKER} & set(labels(person))
    person.say("淡一些")
    assert "没有轻重可以调" in person.heard[-1].text
    person.say("再来一张")
    assert len(jobs.of_chat(store, person.chat, person.user)) == 2


def test_several_asked_for_where_there_is_one(store: Storage, person: Person) -> None:
    person.say("裁成方形，给我四张选", ("gray",))
    job = work(store, person, Painter(1))
    assert job.result is not None
    assert len(job.result.photos) == 1
    assert "所以只有这一张" in person.heard[-1].text
    assert not set(OTHERS) & set(labels(person))


def test_pictures_that_nobody_can_tell_apart_come_once(store: Storage, person: Person) -> None:
    person.say("调亮一点，给我四张选", ("gray",))
    job = work(store, person, Painter(None, alike=2))
    assert job.result is not None
    assert len(job.result.photos) == 3


def test_all_of_them_have_been_shown(store: Storage, person: Person) -> None:
    painter = Painter(MANY + 2)
    person.say("调亮一点，给我四张选", ("gray",))
    work(store, person, painter)
    person.press(replies.MORE_TO_CHOOSE)
    job = work(store, person, painter)
    assert job.result is not None
    assert len(job.result.photos) == 2
    assert replies.MORE_TO_CHOOSE not in labels(person)
    person.say("再来几张")
    assert "都给你看过了" in person.heard[-1].text


def test_the_chosen_one_is_the_one_that_goes_on(store: Storage, person: Person) -> None:
    """Where two were alike, the numbers of the rest are not the numbers of their seeds."""

    class Twice(Painter):
        def edit(self, order: EditOrder) -> Work[Edited]:
            yield Progress(0, 1, "改")
            return Edited(np.full_like(order.photo, (10, 10, 80, 160)[order.seed]))

    painter = Twice(None)
    person.say("调亮一点，给我四张选", ("gray",))
    work(store, person, painter)
    person.say("第二张")
    person.say("再明显一点")
    job = work(store, person, painter)
    assert job.request.seed == 2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("小一点", "weaker"),
        ("她太大了", "weaker"),
        ("霍珀太大了，小一点", "weaker"),
        ("再大一点", "stronger"),
        ("人太小了", "stronger"),
        ("眼睛大一点", None),
        ("阿紫太大了", None),
        ("大家都说好", None),
    ],
)
def test_the_size_of_somebody_added_is_spoken_of(text: str, meant: str | None) -> None:
    names = ["霍珀", "阿紫"]
    assert followups.resized(text, Step("insert", concept="霍珀", position="left"), names) == meant
    assert followups.resized(text, Step("adjust", content="brighter"), names) is None
