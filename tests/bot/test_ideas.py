"""What is offered for a photo: of what can be done, what fits it, and what it is not already."""

import pytest

from bot import replies
from storage import Storage, jobs, workers
from storage.jobs import Result
from tests.bot.talking import Person

OPERATIONS = ("restyle", "background", "adjust", "id_photo", "modify", "restore")
REAL = {"name": "eyes", "operations": list(OPERATIONS), "photos": "any"}


@pytest.fixture
def who(store: Storage) -> Person:
    """Somebody whose workers know real photos."""
    workers.publish(store, "w", [REAL], ["edit", "stickers"])
    return Person(store)


def offered(who: Person) -> list[str]:
    """The buttons under an answer to something that is no order."""
    return [button.label for button in who.say("床前明月光")[-1].buttons]


def seen(store: Storage, who: Person, persons: list[dict[str, object]], still: bool = True) -> None:
    """A job that was done, and has looked."""
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    assert not isinstance(job.request, jobs.LearnRequest)
    made = jobs.attach(store, job, store_picture("made")).sha256
    jobs.finish(store, job, Result((made,), facts={"persons": persons, "still": still}))
    who.listen()


def store_picture(name: str) -> bytes:
    from tests.bot.talking import picture

    return picture(name)


def test_a_photo_nobody_has_looked_at_gets_what_fits_most(who: Person) -> None:
    labels = [button.label for button in who.say(sent=("photo",))[-1].buttons]
    assert labels == list(replies.REAL_IDEAS[:4])


def test_people_and_views_get_what_fits_them_and_nothing_twice(store: Storage, who: Person) -> None:
    who.say("改成水墨画", sent=("photo",))
    seen(store, who, [{"words": "这个人"}])
    assert offered(who) == ["背景换成白色", "做成证件照", "做一套表情包", "背景虚化"]
    who.say("改成水墨画", sent=("view",))
    seen(store, who, [])
    assert offered(who) == ["改成油画", "调亮一点", "颜色鲜艳一点", "变成老照片"]
