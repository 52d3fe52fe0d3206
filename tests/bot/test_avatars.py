"""A member's avatar as a reference: asked for in a group, of that member alone. How it is fetched is in the platforms' tests."""

import json

import pytest

from bot import replies
from bot.platforms import Member
from storage import Storage, avatars, chats, concepts, retention
from tests.bot.talking import Person, work

MING = Member("test:ming", "小明")
ASKING = "用@小明的头像把他加进来"


@pytest.fixture
def ann(store: Storage) -> Person:
    return Person(store, "ann", "room")


@pytest.fixture
def ming(store: Storage) -> Person:
    return Person(store, "ming", "room")


def wants(ann: Person, text: str = ASKING, *mentioned: Member, **more: object) -> str:
    """Somebody asks for an avatar; what is said, the last of it."""
    return ann.say(text, mentioned=mentioned or (MING,), **{"avatars": True, **more})[-1].text


def answers(ann: Person, who: Person, label: str) -> str:
    """Somebody presses a button of that card; what is said to it."""
    card = next(out for out in reversed(ann.heard) if replies.ALLOW in [button.label for button in out.buttons])
    action = next(button.action for button in card.buttons if button.label == label)
    said = who.say(label, action=action)
    return said[-1].text if said else ""


def comes(store: Storage, ann: Person, name: str = "avatar") -> list[str]:
    """The avatar that was asked for is fetched; what is said then."""
    (row,) = [one for one in waiting(store) if one["files"]]
    assert row["files"] == [{"avatar": MING.user}]
    return [out.text for out in ann.say(sent=(name,), action=row["action"])]


def waiting(store: Storage) -> list[dict[str, list[dict[str, str]]]]:
    taken = store.rows("SELECT data FROM inbox WHERE update_id LIKE 'avatar:%'")
    return [json.loads(row["data"]) for row in taken]


def test_only_that_member_can_say_yes_and_only_then_is_it_used(store: Storage, ann: Person, ming: Person) -> None:
    card = wants(ann)
    assert card.startswith("@小明 有人想用你的头像")
    assert answers(ann, ann, replies.ALLOW) == replies.AVATAR_NOT_YOURS
    assert answers(ann, Person(store, "bob", "room"), replies.ALLOW) == replies.AVATAR_NOT_YOURS
    assert waiting(store) == []
    answers(ann, ming, replies.ALLOW)
    said = comes(store, ann)
    assert "3–5 张" in said[0]
    work(store)
    assert replies.learnt("小明", "person") in [out.text for out in ann.listen()]
    known = concepts.find(store, ann.user, "小明")
    assert known is not None
    assert len(known.references) == 1
    consent = chats.consent(store, ming.user, f"avatar of:{known.id}")
    assert consent is not None
    assert consent.wording.startswith("@小明")
    assert answers(ann, ming, replies.DISALLOW) == replies.AVATAR_ANSWERED


def test_no_is_no(store: Storage, ann: Person, ming: Person) -> None:
    wants(ann)
    assert answers(ann, ming, replies.DISALLOW) == replies.avatar_refused("小明")
    assert answers(ann, ming, replies.ALLOW) == replies.AVATAR_ANSWERED
    assert waiting(store) == []
    assert concepts.of_owner(store, ann.user) == ()


def test_a_yes_cannot_be_said_in_somebody_s_place(store: Storage, ann: Person) -> None:
    """Whoever writes the action of a button by hand gets nowhere without the member's answer."""
    wants(ann)
    action = ann.heard[-1].buttons[0].action.replace("yes", "come")
    assert ann.say(sent=("any face",), action=action) == []
    assert ann.say(action="avatar:yes:99999")[-1].text == replies.BUTTON_TOO_OLD
    assert ann.say(action="avatar:yes:x")[-1].text == replies.BUTTON_TOO_OLD
    assert concepts.of_owner(store, ann.user) == ()


def test_who_has_an_at_name_is_known_when_they_press(store: Storage, ann: Person, ming: Person) -> None:
    wants(ann, "用@xiaoming的头像把他加进来", Member("test:@xiaoming", "xiaoming"))
    button = ann.heard[-1].buttons[0]
    assert ming.say(button.label, action=button.action, handle="test:@other")[-1].text == replies.AVATAR_NOT_YOURS
    ming.say(button.label, action=button.action, handle="test:@xiaoming")
    assert waiting(store)[0]["files"] == [{"avatar": "test:ming"}]


def test_what_is_said_where_it_cannot_be(store: Storage, ann: Person) -> None:
    alone = Person(store, "bob")
    assert alone.say(ASKING, avatars=True)[-1].text == replies.AVATAR_IN_A_GROUP
    assert alone.say(ASKING)[-1].text == replies.NO_AVATARS_HERE
    assert ann.say("用他的头像把他加进来", avatars=True)[-1].text == replies.AVATAR_OF_WHOM
    assert ann.say("用我的头像把我加进来", avatars=True)[-1].text == replies.OWN_AVATAR
    for other in ("用这张照片做个头像，把背景放大", "把这张裁成头像"):
        assert "头像，" not in ann.say(other, mentioned=(MING,), avatars=True)[-1].text


def test_it_is_taken_back_by_a_sentence_and_by_forgetting_everything(store: Storage, ann: Person, ming: Person) -> None:
    for how in ("sentence", "everything"):
        wants(ann)
        answers(ann, ming, replies.ALLOW)
        comes(store, ann, how)
        work(store)
        ann.listen()
        assert concepts.find(store, ann.user, "小明") is not None
        assert wants(ann) == replies.known_already("小明")
        if how == "sentence":
            assert ming.say("收回我的头像")[-1].text == replies.avatars_forgotten(("小明",))
            assert ming.say("收回我的头像")[-1].text == replies.avatars_forgotten(())
        else:
            retention.forget(store, ming.user)
        assert concepts.find(store, ann.user, "小明") is None
        store.db.execute("DELETE FROM inbox WHERE update_id LIKE 'avatar:%'")
    assert avatars.withdraw(store, ming.user) == ()
