"""What is offered for a photo: of what can be done, what fits it, and what it is not already."""

import time

import pytest

from bot import dialogue, replies
from bot import outbox as sending
from storage import Storage, concepts, jobs, looks, outbox, photos, workers
from storage.jobs import Result
from tests.bot.talking import Person

OPERATIONS = ("restyle", "background", "adjust", "id_photo", "modify", "restore", "rotate", "remove", "insert")
REAL = {"name": "eyes", "operations": list(OPERATIONS), "photos": "any", "jobs": ["edit", "look"]}
ONE = [{"words": "这个人"}]
PLAIN = {"persons": [], "faces": 0, "passers": 0, "known": [], "bust": False, "light": 0.5, "chroma": 20.0, "tilt": 0.0}


@pytest.fixture
def who(store: Storage) -> Person:
    """Somebody whose workers know real photos."""
    workers.publish(store, "w", [REAL], ["edit", "stickers"])
    return Person(store)


def offered(who: Person) -> list[str]:
    """The buttons under an answer to something that is no order."""
    return [button.label for button in who.say("这是在杭州拍的")[-1].buttons]


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
    assert offered(who) == ["做成证件照", "背景换成白色", "做一套会动的表情包", "背景虚化"]
    who.say("改成水墨画", sent=("view",))
    seen(store, who, [])
    assert offered(who) == ["改成油画", "调亮一点", "改成素描"]  # an ink wash has no colours


def glanced(store: Storage, who: Person, name: str, **facts: object) -> list[str]:
    """What is offered for a photo that has been looked at as it came in."""
    sha = photos.put(store, store_picture(name), who.user).sha256
    looks.ask(store, sha, who.user)
    look = looks.take(store)
    assert look is not None
    assert looks.keep(store, look, {**PLAIN, **facts})
    return [button.label for button in who.say(sent=(name,))[-1].buttons]


def test_what_a_photo_wants_most_comes_first(store: Storage, who: Person) -> None:
    assert glanced(store, who, "dark", light=0.2)[0] == "调亮一点"
    assert "调亮一点" not in glanced(store, who, "bright", light=0.8)
    assert glanced(store, who, "tilted", tilt=-3.0)[0] == "把照片扶正"
    assert glanced(store, who, "street", persons=ONE * 3, passers=2)[0] == "去掉路人"
    assert glanced(store, who, "bust", persons=ONE, bust=True)[0] == "做成证件照"
    assert "做成证件照" not in glanced(store, who, "standing", persons=ONE)
    gray = glanced(store, who, "gray old", chroma=1.0)
    assert gray[0] == "修复这张老照片"
    assert not set(gray) & set(replies.COLOURFUL)


def test_who_was_taught_is_offered_where_they_are_missing(store: Storage, who: Person) -> None:
    shas = [photos.put(store, store_picture(name), who.user).sha256 for name in ("z1", "z2", "z3")]
    known = concepts.create(store, who.user, "小明", "person", shas)
    concepts.learnt(store, known.id, concepts.Artefact("eyes", "1", b"x"), {})
    assert glanced(store, who, "group", persons=ONE * 2)[0] == "把小明加到左边"
    assert not any("小明" in label for label in glanced(store, who, "with him", persons=ONE * 2, known=["小明"]))
    assert not any("小明" in label for label in glanced(store, who, "noodles"))
    assert not any("小明" in label for label in glanced(store, who, "z1", persons=ONE))  # he was learnt from it


def test_a_result_offers_two_more_and_never_what_was_just_done(store: Storage, who: Person) -> None:
    glanced(store, who, "dark street", persons=ONE * 3, passers=1, light=0.2)
    who.say("去掉路人")
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    made = jobs.attach(store, job, store_picture("emptier")).sha256
    jobs.finish(store, job, Result((made,), facts={"still": False}))
    labels = [button.label for button in who.listen()[-1].buttons]
    assert labels[-2:] == ["调亮一点", "背景虚化"]
    assert looks.pending(store, made, who.user)  # people may stand elsewhere now


def test_what_was_seen_before_a_photo_was_turned_is_not_offered_after(store: Storage, who: Person) -> None:
    """Sideways a tower looks like somebody who walks by."""
    glanced(store, who, "sideways", persons=ONE * 2, passers=1)
    who.say("向右转90度")
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    made = jobs.attach(store, job, store_picture("upright")).sha256
    jobs.finish(store, job, Result((made,), facts={"persons": ONE, "still": False}))
    labels = [button.label for button in who.listen()[-1].buttons]
    assert labels[-2:] == ["改成水墨画", "颜色鲜艳一点"]  # what suits any picture
    look = looks.take(store)
    assert look is not None
    assert look.photo == made
    looks.keep(store, look, PLAIN)
    assert offered(who) == ["改成水墨画", "颜色鲜艳一点", "改成油画", "调亮一点"]


def test_what_has_lost_its_colours_to_a_style_is_no_old_photo(store: Storage, who: Person) -> None:
    glanced(store, who, "photo", persons=ONE)
    who.say("改成水墨画")
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    made = jobs.attach(store, job, store_picture("ink")).sha256
    jobs.finish(store, job, Result((made,), facts={"persons": ONE, "still": True, "chroma": 1.0}))
    who.listen()
    assert replies.RESTORED not in offered(who)


def test_before_any_engine_has_spoken_nothing_is_offered_that_only_one_can(store: Storage) -> None:
    assert [button.label for button in Person(store).say(sent=("photo",))[-1].buttons] == list(replies.REAL_IDEAS[:4])


def test_colours_are_not_offered_to_what_has_none_any_more(store: Storage, who: Person) -> None:
    for order, colourful in (("改成水墨画", False), ("改成印象派", True)):
        glanced(store, who, f"lake {order}")
        who.say(order)
        job = jobs.claim(store, "w", ["edit"])
        assert job is not None
        jobs.finish(store, job, Result((jobs.attach(store, job, store_picture(f"{order} lake")).sha256,)))
        assert ("颜色鲜艳一点" in [button.label for button in who.listen()[-1].buttons]) is colourful


def test_the_answer_to_a_photo_waits_for_the_look_and_for_nothing_else(store: Storage, who: Person) -> None:
    """Until it has been looked at, or something else is said, or a moment has passed."""
    sha = photos.put(store, store_picture("a"), who.user).sha256
    looks.ask(store, sha, who.user)
    assert who.say(sent=("a",)) == []
    look = looks.take(store)
    assert look is not None
    looks.keep(store, look, {**PLAIN, "light": 0.2})
    (answer,) = who.listen()
    assert answer.buttons[0].label == "调亮一点"
    looks.ask(store, photos.put(store, store_picture("b"), who.user).sha256, who.user)
    assert who.say(sent=("b",)) == []
    assert who.say("你好")[0].text == replies.photos_arrived(1)
    looks.ask(store, photos.put(store, store_picture("c"), who.user).sha256, who.user)
    assert who.say(sent=("c",)) == []
    time.sleep(dialogue.GLANCE_SECONDS + 0.1)
    assert len(who.listen()) == 1


def test_a_number_means_what_it_meant_when_it_was_shown(store: Storage, who: Person) -> None:
    """What is offered is fixed when the message goes out, whatever is seen later."""
    who.listen = list  # type: ignore[method-assign]  # what is said stays on its way
    who.say(sent=("photo",))
    sha = who.sent["photo"]
    due = sending.due(store, "test", "w")
    assert due is not None
    shown = [button.label for button in due.message.buttons]
    due.sent(store)
    looks.ask(store, sha, who.user)
    look = looks.take(store)
    assert look is not None
    looks.keep(store, look, {**PLAIN, "light": 0.1})
    last = outbox.messages(store, who.chat)[-1]
    assert [button.label for button in sending.compose(store, last).buttons] == shown
