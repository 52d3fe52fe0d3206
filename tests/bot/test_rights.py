"""Consent, marks, sharing and what becomes of data, as they are talked about."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from bot import replies, sharing, unmarking
from lettering import marks
from storage import Storage, chats, concepts, jobs, packs, photos, retention, watermark_settings
from storage.jobs import LearnRequest
from tests.bot.talking import Person

TEACH = """
    我: [z1 z2 z3] 这是阿紫，记住她
    影: 「阿紫」是一个人
    我: (已经同意，开始学)
    影: 好，我开始认阿紫，用这 3 张照片
    …
    影: 我认识阿紫了
"""
# Whoever changes what people agree to gives it a new date: these are the wordings that were ever asked.
WORDINGS = {
    "person": ("2026-11-20", "86da6243"),
    "unmarked": ("2026-11-20", "3801fb9b"),
    "leaving": ("2026-11-30", "5e1097bb"),
}


def test_the_card_says_what_the_law_asks_for_and_nothing_is_learnt_before_the_answer(store: Storage) -> None:
    person = Person(store)
    card = person.say("这是阿紫，记住她", ("z1", "z2", "z3"))[-1]
    for words in ("知道", "同意", "14 岁", "保存多久", "会保存", "忘掉阿紫", "谁能用"):
        assert words in card.text
    assert [button.label for button in card.buttons] == [replies.AGREE, replies.AGREE_SELF, replies.REFUSE]
    assert jobs.open_of(store, person.user) == ()
    assert concepts.of_owner(store, person.user) == ()
    person.press(replies.AGREE)
    (job,) = jobs.open_of(store, person.user)
    assert isinstance(job.request, LearnRequest)
    told = chats.consent(store, person.user, f"person:{job.request.concept}")
    assert told is not None
    assert (told.given, told.wording, told.version) == (
        True,
        replies.consented("阿紫", replies.AGREE),
        replies.CONSENT_VERSION,
    )


@pytest.mark.parametrize(
    ("answer", "recorded"),
    [
        (f"({replies.AGREE_SELF})", replies.AGREE_SELF),
        ("就是我自己", replies.AGREE_SELF),
        ("是我本人，可以学", replies.AGREE_SELF),
        (f"({replies.AGREE})", replies.AGREE),
        ("是我的朋友，她同意了", replies.AGREE),
        ("同意", replies.AGREE),
    ],
)
def test_the_record_says_who_has_agreed(store: Storage, answer: str, recorded: str) -> None:
    """本人, or somebody of whom it is said that they have."""
    person = Person(store)
    person.play(f"""
        我: [z1 z2 z3] 这是阿紫，记住她
        影: 要请你确认
        我: {answer}
        影: 我开始认阿紫
    """)
    (row,) = store.rows("SELECT wording FROM consents WHERE given")
    assert row["wording"].endswith(f"\n答：{recorded}")


@pytest.mark.parametrize("answer", ["(不学了)", "没有同意", "不行，他不知道"])
def test_without_agreement_nothing_is_kept(store: Storage, answer: str) -> None:
    person = Person(store)
    person.play(f"""
        我: [z1 z2 z3] 这是阿紫，记住她
        影: 要请你确认
        我: {answer}
        影: 不学了
    """)
    assert concepts.of_owner(store, person.user) == ()
    assert jobs.of_chat(store, person.chat) == ()
    told = chats.consent(store, person.user, "person")
    assert told is not None
    assert not told.given


def test_pets_and_things_are_not_asked_about(store: Storage) -> None:
    person = Person(store)
    heard = person.say("这是旺财，记住它", ("p1", "p2", "p3"))
    if replies.KINDS["pet"] in [button.label for button in heard[-1].buttons]:
        heard = person.press(replies.KINDS["pet"])
    assert "好，我开始认旺财" in heard[-1].text
    assert len(jobs.open_of(store, person.user)) == 1
    assert not store.rows("SELECT * FROM consents")


def test_a_change_of_wording_gets_a_new_date() -> None:
    now = {
        "person": (replies.CONSENT_VERSION, replies.consent("某人")),
        "unmarked": (replies.UNMARKED_VERSION, replies.UNMARKED_TERMS),
        "leaving": (replies.LEAVING_VERSION, replies.may_it_leave(replies.Leaving("a.example", "b", 2))),
    }
    for what, (version, words) in now.items():
        digest = hashlib.sha256(words.encode()).hexdigest()[:8]
        assert (version, digest) == WORDINGS[what], f"new words for {what}: a new date, and both in WORDINGS"


def test_pictures_without_words_after_agreeing_to_the_terms(store: Storage) -> None:
    person = Person(store)
    person.play("""
        我: [cat] 把猫换成狗
        …
        影: 改好了
        我: 去掉AI生成的字
        影: 由你来负责 (同意，去掉字样|不同意，留着)
        我: (不同意，留着)
        影: 字样留着
    """)
    assert not watermark_settings.unmarked(store, person.user)
    person.play("""
        我: 能不能不要「AI生成」水印
        影: 由你来负责
        我: 同意
        影: 之后给你的图画面上不写 [1]
    """)
    assert watermark_settings.unmarked(store, person.user)
    told = chats.consent(store, person.user, watermark_settings.UNMARKED)
    assert told is not None
    assert (told.wording, told.version) == (replies.UNMARKED_TERMS, replies.UNMARKED_VERSION)
    bare = photos.read(store, person.heard[-1].images[0], person.user)
    assert marks.verify(bare).marked  # the metadata item stays
    person.play("""
        我: 恢复AI生成字样
        影: 重新写上
    """)
    assert not watermark_settings.unmarked(store, person.user)


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("把右下角的AI生成去掉", unmarking.OFF),
        ("不要AI水印", unmarking.OFF),
        ("去掉ai生成字样吧", unmarking.OFF),
        ("重新加上AI生成标识", unmarking.ON),
        ("把水印去掉", None),
        ("去掉右边的球", None),
        ("AI生成一只猫", None),
        ("把字去掉", None),
    ],
)
def test_which_sentences_are_about_the_mark(sentence: str, about: object) -> None:
    found = [rule for rule in (unmarking.OFF, unmarking.ON) if rule.fullmatch(sentence)]
    assert found == ([about] if about else [])


def test_everything_goes_after_a_second_thought(store: Storage, tmp_path: Path) -> None:
    person = Person(store)
    person.play(TEACH)
    person.play("""
        我: [cat] 把猫换成狗
        …
        影: 改好了
        我: 用阿紫做3个表情包
        …
        影: 做好了
        我: 删除我的所有数据
        影: 要删除你的所有数据吗 (全部删除|不删了)
        我: (不删了)
        影: 都留着
    """)
    (pack,) = packs.of_owner(store, person.user)
    packs.published(store, pack.id, person.user, "azi_by_bot")
    with zipfile.ZipFile(retention.export(store, person.user, tmp_path / "me.zip")) as archive:
        told = json.loads(archive.read("everything.json"))
        names = archive.namelist()
        assert "合影" in archive.read("README.txt").decode()
    assert [one["caption"] for one in told["packs"][0]["stickers"]] == [one.caption for one in pack.stickers]
    assert {f"photos/{one.photo}" for one in pack.stickers} <= {name.rpartition(".")[0] for name in names}
    concept = told["concepts"][0]["id"]
    assert {f"concepts/{concept}-阿紫/{name}" for name in ("1.png", "2.png", "3.png", "fake.npz")} <= set(names)
    assert told["consents"][0]["version"] == replies.CONSENT_VERSION
    last = person.say("删除我的所有数据")[-1]
    assert "导出我的数据" in last.text
    last = person.press("全部删除")[-1]
    for words in ("张照片", "1 个教过的名字", "1 套表情", "条消息", "1 条同意记录", "@Stickers"):
        assert words in last.text
    assert photos.of_owner(store, person.user) == ()
    assert packs.of_owner(store, person.user) == ()
    assert concepts.of_owner(store, person.user) == ()
    assert chats.consent(store, person.user, f"person:{concept}") is None
    assert not [path for path in (store.folder / "photos").rglob("*") if path.is_file()]


@pytest.mark.parametrize("end", ["", "。", " "])
def test_a_code_is_never_read_as_an_order(store: Storage, end: str) -> None:
    owner, friend = Person(store, "甲"), Person(store, "乙")
    owner.play(TEACH)
    code = sharing.CODE.search(owner.say("分享阿紫")[-1].text)
    assert code is not None
    assert "可以用「阿紫」了" in friend.say(code[0] + end)[-1].text
    friend.play("""
        我: [park] 把阿紫加到左边
        …
        影: 改好了
    """)
    for gone in ("share_EhZJIPT7Utg6a2tR", "share_ndUJSxnNZhDfDB4R", "share__fQhIF8VAHl2OVCR"):  # 裁剪, 放大, a wish
        assert friend.say(gone + end)[-1].text == replies.SHARE_GONE


def test_a_name_is_shared_with_a_group_and_taken_back(store: Storage) -> None:
    owner, friend = Person(store, "甲", "group"), Person(store, "乙", "group")
    owner.play(TEACH)
    friend.say("把阿紫加到左边", ("park",))
    assert concepts.find(store, friend.user, "阿紫", friend.chat) is None
    owner.play("""
        我: 把阿紫分享到这个群
        影: 这个群里谁都可以用「阿紫」
    """)
    assert concepts.find(store, friend.user, "阿紫", friend.chat) is not None
    assert concepts.find(store, friend.user, "阿紫", "test:elsewhere") is None
    friend.say("收回阿紫")  # it is not theirs
    assert concepts.find(store, friend.user, "阿紫", friend.chat) is not None
    owner.play("""
        我: 收回阿紫
        影: 又只有你能用
    """)
    assert concepts.find(store, friend.user, "阿紫", friend.chat) is None
