"""Conversations, as scripts of what is said (see talking.py)."""

import pytest

from bot import replies
from bot.inbox import work_off
from storage import Storage, chats, concepts, inbox, jobs, outbox, photos
from storage.jobs import EditRequest
from tests.bot.talking import Person, picture, work

TEACH = """
    我: [z1 z2 z3] 这是阿紫，记住她
    影: 「阿紫」是一个人
    我: (已经同意，开始学)
    影: 好，我开始认阿紫，用这 3 张照片
    …
    影: 我认识阿紫了
"""
SCRIPTS = {
    "photo and sentence": """
        我: [cat] 把猫换成狗
        …
        影: 改好了：把猫换成狗
    """,
    "photo first": """
        我: [cat]
        影: 收到照片
        我: 把猫换成狗
        …
        影: 改好了：把猫换成狗
    """,
    "sentence first": """
        我: 把猫换成狗
        影: 好，把猫换成狗。要改哪张照片？
        我: [cat]
        …
        影: 改好了：把猫换成狗
    """,
    "an idea by button": """
        我: [cat]
        影: 收到照片
        我: (背景换成海边)
        …
        影: 改好了：背景换成海边
    """,
    "two steps in one sentence": """
        我: [cat] 先把猫换成狗，再改成水墨风
        …
        影: 改好了：把猫换成狗
        影: 改好了：改成水墨画
    """,
    "one of several photos by button": """
        我: [cat dog bird] 背景换成海边
        影: 这里有 3 张照片，要改哪一张？
        我: (第 2 张)
        …
        影: 改好了：背景换成海边
    """,
    "one of several photos in words": """
        我: [cat dog bird]
        影: 收到 3 张照片
        我: 背景换成海边
        影: 要改哪一张？
        我: 最后一张
        …
        影: 改好了：背景换成海边
    """,
    "all of several photos": """
        我: [cat dog] 背景换成海边
        影: 要改哪一张？
        我: 每张都改
        …
        影: 改好了：背景换成海边
        影: 改好了：背景换成海边
    """,
    "which of two things, by button": """
        我: [cats] 把猫咪换成狗
        …
        影: 照片里有 2 个都对得上，你说的是哪一个？
        我: (右边的黑猫)
        …
        影: 改好了
    """,
    "which of two things, in words": """
        我: [cats] 把猫咪换成狗
        …
        影: 你说的是哪一个？
        我: 左边那只
        …
        影: 改好了
    """,
    "the second step comes along after the question": """
        我: [cats] 先把猫咪换成狗，再改成水墨风
        …
        影: 你说的是哪一个？
        我: 第二个
        …
        影: 改好了：把猫咪换成狗
        影: 改好了：改成水墨画
    """,
    "undo, redo": """
        我: 撤销
        影: 还没有照片可以撤销
        我: [cat] 把猫换成狗
        …
        影: 改好了
        我: 撤销
        影: 退回来了
        我: 撤销
        影: 已经是你发来的原图了
        我: 重做
        影: 恢复了
        我: 重做
        影: 没有可以重做的
        我: (撤销)
        影: 退回来了
    """,
    "again, stronger, weaker": """
        我: 再来一张
        影: 还没改过照片
        我: [cat] 把猫换成狗
        …
        影: 改好了
        我: (再来一张)
        …
        影: 改好了：把猫换成狗
        我: 再明显一点
        …
        影: 改好了：把猫换成狗
        我: (淡一些)
        …
        影: 改好了：把猫换成狗
    """,
    "not stronger than it can be": """
        我: [cat] 把猫换成狗
        …
        影: 改好了
        我: 再明显一点
        …
        影: 改好了
        我: 再明显一点
        …
        影: 改好了
        我: 再明显一点
        …
        影: 改好了
        我: 再明显一点
        …
        影: 改好了
        我: 再明显一点
        影: 已经最明显了
    """,
    "cancel and status": """
        我: 取消
        影: 现在没有正在做的任务
        我: 还要多久
        影: 现在没有正在做的任务
        我: [cat] 把猫换成狗
        我: 还要多久啊
        影: 「把猫换成狗」马上轮到
        我: 算了不要了
        影: 已取消：把猫换成狗。
        …
    """,
    "a question can be dropped": """
        我: 把猫换成狗
        影: 要改哪张照片？
        我: 取消
        影: 好，不弄了
        我: [cat]
        影: 收到照片
    """,
    "teach and use": TEACH
    + """
        我: [group] 把阿紫加到左边
        …
        影: 改好了：把阿紫加到左边
        我: 我教过你谁？
        影: · 阿紫，人
        我: 用阿紫做一套表情包
        …
        影: 表情包做好了
    """,
    "a person who does not agree": """
        我: [z1 z2 z3] 这是阿紫，记住她
        影: 未满 14 岁的我不学
        我: (不学了)
        影: 好，不学了
        我: 我教过谁
        影: 你还没有教过我谁
    """,
    "agreement in words": """
        我: [z1 z2 z3] 这是阿紫，记住她
        影: 知道并且同意
        我: 同意
        影: 好，我开始认阿紫
        …
        影: 我认识阿紫了
    """,
    "photos before the name": """
        我: [z1 z2]
        影: 收到 2 张照片
        我: [z3]
        影: 收到照片
        我: 学一下我家的猫，叫年糕
        影: 好，我开始认年糕，用这 3 张照片
        …
        影: 我认识年糕了
    """,
    "one reference is too few": """
        我: [z1] 学一下我家的猫，叫年糕
        影: 只有 1 张，还不够认准年糕。请再发 2–9 张
        我: [z2]
        影: 只有 2 张
        我: [z3]
        影: 年糕有 3 张照片了，可以开始学
        我: [z4]
        影: 年糕有 4 张照片了
        我: (就用这些，开始学)
        影: 好，我开始认年糕，用这 4 张照片
        …
        影: 我认识年糕了
    """,
    "the same photo twice counts once": """
        我: [z1 z1 z1] 学一下我家的猫，叫年糕
        影: 只有 1 张
    """,
    "no photo at all": """
        我: 学一下我家的猫，叫年糕
        影: 好，教我认识年糕。请发 3–10 张
        我: [z1 z2 z3 z4]
        影: 好，我开始认年糕，用这 4 张照片
    """,
    "somebody unknown": """
        我: [group] 把小红加到左边
        影: 我还不认识小红。发 3–5 张小红的照片过来
        我: [z1 z2 z3]
        影: 「小红」是什么？
        我: (人)
        影: 「小红」是一个人
        我: (已经同意，开始学)
        影: 好，我开始认小红
        …
        影: 我认识小红了
    """,
    "a taught person who is still being learnt": """
        我: [z1 z2 z3] 学一下我家的猫，叫年糕
        影: 好，我开始认年糕
        我: [group] 把年糕加到左边
        影: 我还在学年糕
    """,
    "forget one": TEACH
    + """
        我: 把阿紫忘掉
        影: 已经忘掉阿紫：名字、3 张参考照片和学到的内容都删了
        我: [group] 把阿紫加到左边
        影: 我还不认识阿紫
    """,
    "forget everything": TEACH
    + """
        我: 删除我的所有数据
        影: 要删除你的所有数据吗？
        我: (不删了)
        影: 好，都留着
        我: 删除我的所有数据
        影: 要删除你的所有数据吗？
        我: (全部删除)
        影: 都删掉了：3 张照片、1 个教过的名字
        我: 我教过谁
        影: 你还没有教过我谁
    """,
    "help and small talk": """
        我: 帮助
        影: 发一张照片，再说一句话
        我: 你好
        影: 我是合影
        我: 谢谢
        影: 不客气
        我: 今天天气真好
        影: 我会改照片
        我: [cat] 哈哈哈哈笑死
        影: 收到照片
        我: 把那个弄成那样
        影: 这句我没看懂
    """,
    "what nobody can do yet": """
        …
        我: [cat] 给小狗戴个圣诞帽
        影: 我还不会改表情、穿戴和天气
        我: 画一只在草地上的红色兔子
        影: 我还不会凭空画画
    """,
    "the worker's own sentence": """
        我: [cat] 把猫换成恐龙
        …
        影: 我还画不出恐龙，可以换成狗、兔子。
        我: [cat] 先把猫换成恐龙，再改成水墨风
        …
        影: 后面的 1 步也停下了
    """,
    "a photo that is not of the model's world": """
        我: [gray] 把猫换成狗
        …
        影: 这张照片不像我学过的小世界
    """,
    "a sentence while the first is being done": """
        我: [cat] 把猫换成狗
        我: 再改成水墨风
        …
        影: 改好了：把猫换成狗
        影: 改好了：改成水墨画
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_conversation(store: Storage, name: str) -> None:
    Person(store).play(SCRIPTS[name])


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

    monkeypatch.setattr("bot.dialogue.parser.parse", fail)
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
