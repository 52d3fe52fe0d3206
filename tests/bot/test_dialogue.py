"""Conversations: those of dialogues.txt, and what a script cannot show."""

import pytest

from bot import replies
from bot.inbox import work_off
from storage import Storage, chats, concepts, inbox, jobs, outbox, packs, photos, workers
from storage.jobs import EditRequest, StickerRequest
from tests.bot import fake_worker
from tests.bot.talking import EVERYTHING, Person, dialogues, picture, play, work

SCRIPTS = dialogues("dialogues.txt")
TEACH = """
    我: [z1 z2 z3] 这是阿紫，记住她
    影: 「阿紫」是一个人
    我: (已经同意，开始学)
    影: 好，我开始认阿紫，用这 3 张照片
    …
    影: 我认识阿紫了
"""


@pytest.mark.parametrize("name", SCRIPTS)
def test_conversation(store: Storage, name: str) -> None:
    play(store, SCRIPTS[name])


def test_a_sentence_is_about_the_picture_it_follows(store: Storage) -> None:
    person = Person(store)
    person.play("""
        我: [cat] 把猫换成狗
        我: 再改成水墨风
    """)
    first, second = jobs.open_of(store, person.user)
    assert second.after == first.id
    work(store)
    first, second = jobs.of_chat(store, person.chat)
    assert first.result is not None
    assert isinstance(second.request, EditRequest)
    assert second.request.photo == first.result.photos[0]


@pytest.mark.parametrize("sentence", ["改成剪纸风格", "变成剪纸", "换成剪纸的画风"])
def test_a_taught_style_comes_before_what_others_call_so(store: Storage, sentence: str) -> None:
    """剪纸 is a word for a style too; until it is taught it means that."""
    person = Person(store)
    person.say(sentence.replace("变成", "改成"), ("cat",))
    person.work()
    made = concepts.create(store, person.user, "剪纸", "style", [])
    concepts.learnt(store, made.id, concepts.Artefact("fake", "1", b"learnt"), {})
    person.say(sentence)
    before, after = (job.request for job in jobs.of_chat(store, person.chat))
    assert isinstance(before, EditRequest)
    assert isinstance(after, EditRequest)
    assert (before.step.operation, before.step.style, before.concepts) == ("restyle", "papercut", ())
    assert (after.step.operation, after.step.concept, after.concepts) == ("restyle", "剪纸", (made.id,))


def test_stronger_and_again_change_what_they_say(store: Storage) -> None:
    person = Person(store)
    person.say("把猫换成狗", ("cat",))
    person.work()
    for button in (replies.AGAIN, replies.STRONGER, replies.WEAKER):
        person.press(button)
        person.work()
    first, again, stronger, weaker = (job.request for job in jobs.of_chat(store, person.chat))
    assert isinstance(first, EditRequest)
    assert isinstance(again, EditRequest)
    assert isinstance(stronger, EditRequest)
    assert isinstance(weaker, EditRequest)
    assert (again.seed, again.amount, again.photo) == (first.seed + 1, first.amount, first.photo)
    assert (stronger.seed, stronger.photo) == (again.seed, first.photo)
    assert stronger.amount > first.amount
    assert weaker.amount == pytest.approx(first.amount)


def test_a_button_acts_on_its_own_result(store: Storage) -> None:
    person = Person(store)
    person.play("""
        我: [cat] 把猫换成狗
        …
        影: 改好了
        我: [dog] 改成水墨风
        …
        影: 改好了
    """)
    undo = person.heard[0].buttons[-1]
    assert person.say(undo.label, action=undo.action)[0].images == (person.heard[0].original,)
    here = chats.under_discussion(store, person.chat, person.user)
    assert here is not None
    assert here.photo == person.heard[0].original


def test_buttons_of_others_and_made_up_ones_do_nothing(store: Storage) -> None:
    owner, other = Person(store, "owner"), Person(store, "other")
    owner.say("把猫换成狗", ("cat",))
    job = jobs.open_of(store, owner.user)[0]
    for action in (f"cancel:{job.id}", f"again:{job.id}", "cancel:x", "cancel", "choose:1", "photo:99", "agree", "💥"):
        assert other.say("按", action=action)[0].text == replies.BUTTON_TOO_OLD
    assert jobs.get(store, job.id).state == "queued"
    assert not jobs.open_of(store, other.user)


def test_people_in_one_group_are_kept_apart(store: Storage) -> None:
    anna, bob = Person(store, "anna", "group"), Person(store, "bob", "group")
    anna.say("", ("cat",))
    bob.say("", ("dog",))
    anna.say("把猫换成狗")
    bob.say("取消")
    (job,) = jobs.open_of(store, anna.user)
    assert isinstance(job.request, EditRequest)
    assert job.request.photo == photos.put(store, picture("cat"), anna.user).sha256


def test_cancel_takes_back_only_ones_own(store: Storage) -> None:
    anna, bob = Person(store, "anna"), Person(store, "bob")
    anna.say("把猫换成狗", ("cat",))
    bob.say("把猫换成狗", ("dog",))
    assert "已取消" in bob.say("取消")[0].text
    assert [job.owner for job in jobs.open_of(store, anna.user)] == [anna.user]
    assert not jobs.open_of(store, bob.user)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_sentence(store: Storage, text: str) -> None:
    assert Person(store).say(text)[0].text == replies.EMPTY


def test_a_very_long_sentence(store: Storage) -> None:
    assert Person(store).say("把猫换成狗" * 2000)[0].text == replies.TOO_LONG


def test_thirty_references_are_too_many(store: Storage) -> None:
    person = Person(store)
    out = person.say("学一下我家的猫，叫年糕", tuple(f"z{n}" for n in range(30)))
    assert "一共 30 张，太多了，反而学不准。请挑 3–10 张" in out[0].text
    assert not jobs.open_of(store, person.user)
    assert "好，我开始认年糕" in person.say("", ("z1", "z2", "z3"))[0].text


def test_problems_with_files_are_told_and_the_rest_goes_on(store: Storage) -> None:
    person = Person(store)
    out = person.say("", ("cat",), problems=("「a.pdf」：这不是图片。",))
    assert [o.text.split("。")[0] for o in out] == ["「a.pdf」：这不是图片", "收到照片"]
    assert [o.text for o in person.say("", problems=("坏了。",))] == ["坏了。"]


def test_consent_is_recorded_with_its_wording(store: Storage) -> None:
    person = Person(store)
    person.play(TEACH)
    concept = concepts.find(store, person.user, "阿紫")
    assert concept is not None
    given = chats.consent(store, person.user, f"person:{concept.id}")
    assert given is not None
    assert given.given
    assert "未满 14 岁" in given.wording


def test_a_pet_needs_no_consent(store: Storage) -> None:
    person = Person(store)
    person.say("学一下我家的猫，叫年糕", ("z1", "z2", "z3"))
    assert [job.kind for job in jobs.open_of(store, person.user)] == ["learn"]


def test_a_message_handled_twice_is_answered_once(store: Storage) -> None:
    """The worker died after the commit of the answer would be needed: the lease ends, the message comes up again."""
    person = Person(store)
    photo = photos.put(store, picture("cat"), person.user).sha256
    for _ in range(2):
        inbox.receive(
            store, platform="test", update_id="1", chat=person.chat, user=person.user, text="把猫换成狗", photos=[photo]
        )
    assert work_off(store, "test", "tester")
    assert not work_off(store, "test", "tester")
    assert len(jobs.open_of(store, person.user)) == 1


def test_a_broken_handler_apologises_and_leaves_nothing_half_done(
    store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*told: object, **more: object) -> None:
        chats.ask(store, "test:a", "test:a", {"ask": "half done"})
        raise ZeroDivisionError

    monkeypatch.setattr("bot.dialogue.parser.understand", fail)
    person = Person(store)
    assert [out.text for out in person.say("把猫换成狗")] == [replies.BROKEN]
    assert chats.question(store, person.chat, person.user) is None


def test_results_look_the_same_when_read_again(store: Storage) -> None:
    """What was sent is drawn from the log as it was sent: a refresh loses nothing."""
    person = Person(store)
    person.play("""
        我: [cats] 把猫咪换成狗
        …
        影: 哪一个
        我: (右边的黑猫)
        …
        影: 改好了
    """)
    from bot.outbox import compose

    lines = [compose(store, line) for line in outbox.messages(store, person.chat) if line.author == "bot"]
    seen = [(out.text, out.images, out.buttons, out.original) for out in lines]
    assert seen == [(out.text, out.images, out.buttons, out.original) for out in person.heard]


def test_more_stickers_come_into_the_same_pack(store: Storage) -> None:
    person = Person(store)
    person.play("""
        我: [cat] 做3个表情包
        …
        影: 表情包做好了
        我: 再来两张：困、害羞
        …
        影: 表情包做好了
    """)
    (pack,) = packs.of_owner(store, person.user)
    assert len(pack.stickers) == 5
    more = jobs.of_chat(store, person.chat)[-1].request
    assert isinstance(more, StickerRequest)
    assert more.expressions == ("sleepy", "love")


def test_methods_that_several_models_have_are_named_once(store: Storage) -> None:
    person = Person(store)
    person.say("把猫换成狗", ("cat",))
    work(store)
    second = {**fake_worker.ENGINE, "name": "second"}
    workers.publish(store, "painter", [fake_worker.ENGINE, second], EVERYTHING)
    heard = person.say(replies.ANOTHER_WAY)
    assert "涂色、Imagic" in heard[-1].text
    assert heard[-1].text.count("Imagic") == 1
