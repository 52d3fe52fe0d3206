"""What is said of an edit that is not what was asked for: never 改好了."""

import numpy as np
import pytest

from bot import replies
from pipeline.engine import Capabilities, Edited, EditOrder, Progress, Work
from pipeline.handlers import Handlers
from pipeline.worker import Worker
from storage import Storage, jobs
from tests.bot.talking import Person

METHODS = ({"name": "a", "title": "甲法", "operations": ["recolor", "restyle"], "needs": []},
           {"name": "b", "title": "乙法", "operations": ["recolor", "restyle"], "needs": []})  # fmt: skip


class Careful:
    """It changes the upper left corner, by as much as it is told."""

    name, kind = "careful", "compositing"

    def __init__(self, by: int) -> None:
        self.by = by

    def capabilities(self) -> Capabilities:
        return Capabilities(("recolor", "restyle"), methods=METHODS)

    def serves(self, order: object) -> bool:
        return True

    def edit(self, order: EditOrder) -> Work[Edited]:
        yield Progress(0, 1, "改")
        image = order.photo.copy()
        image[:20, :20] = (image[:20, :20].astype(int) + self.by * order.amount).clip(0, 255).astype(np.uint8)
        return Edited(image)


def work(store: Storage, person: Person, by: int) -> str:
    """Do what is queued with that engine; the last thing said."""
    handlers = Handlers.open(store, [Careful(by)])  # type: ignore[list-item]
    worker = Worker(store, handlers.tasks, name="w")
    worker.publish(handlers.published())
    while job := jobs.claim(store, "w", tuple(handlers.tasks)):
        worker.attempt(job)
    return person.listen()[-1].text


@pytest.fixture
def person(store: Storage) -> Person:
    return Person(store)


def test_next_to_nothing_is_not_called_done(store: Storage, person: Person) -> None:
    person.say("改成水墨画", ("gray",))
    said = work(store, person, 1)
    assert "改好了" not in said
    assert "几乎看不出变化" in said
    labels = [button.label for button in person.heard[-1].buttons]
    assert labels[:2] == [replies.STRONGER, replies.ANOTHER_WAY]
    assert {replies.AGAIN, replies.UNDO} <= set(labels)
    person.press(replies.STRONGER)
    assert "改好了：改成水墨画" in work(store, person, 90)


def test_more_that_looks_the_same_is_not_called_done(store: Storage, person: Person) -> None:
    person.say("改成水墨画", ("gray",))
    assert "改好了" in work(store, person, 255)  # no more than white
    person.press(replies.STRONGER)
    said = work(store, person, 255)
    assert "改好了" not in said
    assert "和上一张几乎一样" in said
    assert [button.label for button in person.heard[-1].buttons] == [replies.AGAIN, replies.ANOTHER_WAY, replies.UNDO]
    person.say("淡一些")
    assert "和上一张几乎一样" in work(store, person, 255)
    person.say("淡一些")
    assert "改好了" in work(store, person, 100)


def test_what_was_tapped_and_did_not_change_is_said(store: Storage, person: Person) -> None:
    person.say("", ("gray",))
    person.say("把它变成红色", replied=(person.sent["gray"],), points=((0.9, 0.9),))
    said = work(store, person, 90)
    assert "改好了" not in said
    assert "你点的地方没有变" in said
    assert [button.label for button in person.heard[-1].buttons][:2] == [replies.AGAIN, replies.ANOTHER_WAY]
    person.say("把它变成红色", replied=(person.sent["gray"],), points=((0.1, 0.1),))
    assert "改好了" in work(store, person, 90)


def test_of_several_pictures_one_that_shows_is_enough(store: Storage, person: Person) -> None:
    person.say("改成水墨画，多给我几张选", ("gray",))
    assert "几乎看不出变化" in work(store, person, 1)
