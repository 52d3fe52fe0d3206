"""Small talk is told by whole clauses, never by a word that a clause happens to hold."""

import pytest

from bot import replies, small_talk


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
    ],
)
def test_what_it_is(text: str, kind: str) -> None:
    assert small_talk.first(small_talk.kinds(text)) == kind


@pytest.mark.parametrize(
    "text", ["一点都不好看", "谢谢参观的人太多", "你好像改错了", "好看的那张再发我", "不喜欢", "把猫换成狗"]
)
def test_what_it_is_not(text: str) -> None:
    assert small_talk.kinds(text) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("太谢谢了,全家终于齐了😭", "thanks"),
        ("可爱死了谢啦😘", "thanks"),
        ("行吧，就这样", "enough"),
        ("今天好累，晚安", "bye"),
    ],
)
def test_what_stands_amid_other_talk(text: str, kind: str) -> None:
    assert kind in small_talk.among(text)


@pytest.mark.parametrize("text", ["谢谢参观的人太多", "一点都不好看"])
def test_what_does_not(text: str) -> None:
    assert small_talk.among(text) == ()


def test_every_kind_has_an_answer() -> None:
    for kind, _ in small_talk.SAYINGS:
        assert len(set(replies.SMALL_TALK[kind])) >= 2
        assert all(replies.small_talk(kind, *here) for here in ((False, False), (True, False), (True, True)))
