"""Small talk is told by whole clauses, never by a word that a clause happens to hold."""

import pytest

from bot import replies, small_talk
from bot.language.reader import TALKS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("谢谢！", "thanks"),
        ("太谢谢你啦", "thanks"),
        ("真好看", "praise"),
        ("不错不错", "praise"),
        ("刚刚好", "enough"),
        ("我觉得挺好的不用动了", "enough"),
        ("好看，谢谢", "thanks"),
        ("你好呀", "greeting"),
        ("晚安", "bye"),
        ("哈哈哈哈", "laugh"),
        ("嗯嗯", "nod"),
        ("等一下", "wait"),
        ("这是我妈", "kin"),
        ("生日快乐🎂", "wish"),
        ("😂😂", "face"),
        ("唔該晒", "thanks"),
        ("我去发朋友圈了", "share"),
        ("这次行了", "enough"),
    ],
)
def test_what_it_is(text: str, kind: str) -> None:
    assert small_talk.first(small_talk.kinds(text)) == kind


@pytest.mark.parametrize(
    "text", ["一点都不好看", "谢谢参观的人太多", "你好像改错了", "好看的那张再发我", "不喜欢", "把猫换成狗"]
)
def test_what_it_is_not(text: str) -> None:
    assert small_talk.kinds(text) == ()


def test_every_kind_has_an_answer() -> None:
    for kind in {*(kind for kind, _ in small_talk.SAYINGS), *TALKS[1:]}:
        assert len(set(replies.SMALL_TALK[kind])) >= 2
        assert all(replies.small_talk(kind, *here) for here in ((False, False), (True, False), (True, True)))
