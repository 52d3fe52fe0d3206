"""Questions get true answers: from a table, and from what the workers say they can do."""

import pytest

from bot import answers, replies
from bot.platforms import Incoming
from bot.turn import Turn
from storage import Storage, workers
from storage.plans import OPERATIONS


@pytest.fixture
def turn(store: Storage) -> Turn:
    return Turn(store, Incoming("test", "1", "test:a", "test:a"), "k")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("收费吗", "不收费"),
        ("要钱不", "不收费"),
        ("照片会被拿去用吗", "不拿去训练"),
        ("我的脸会不会被拿去训练", "不拿去训练"),
        ("照片存多久", "30 天"),
        ("你是谁啊", "我是合影"),
        ("你是真人吗", "不是真人"),
        ("能修视频吗", "视频我还不会"),
        ("为什么图上有AI生成几个字", "法规要求"),
        ("能商用吗", "先得到本人"),
        ("最大能传多大的图", "32 MB"),
        ("原图还在吗", "原图一直留着"),
        ("教你认人要几张照片", "3–5 张"),
        ("断网能用吗", "不联网也能用"),
    ],
)
def test_topics(turn: Turn, question: str, words: str) -> None:
    assert words in answers.answer(turn, question)


def test_abilities_are_what_the_workers_say(turn: Turn) -> None:
    workers.publish(turn.store, "w", [{"name": "e", "operations": ["remove", "adjust"], "methods": []}], ("edit",))
    assert answers.answer(turn, "能去掉路人吗").startswith("会去掉东西")
    told = answers.answer(turn, "会不会修老照片")
    assert "我还不会修复老照片" in told
    assert replies.EXAMPLES["adjust"] in told
    assert "我还不会凭空画画" in answers.answer(turn, "能画一只猫吗")


def test_a_server_outside_is_not_kept_quiet(turn: Turn) -> None:
    engine = {"name": "r", "operations": ["remove"], "methods": [], "leaves_machine": True}
    workers.publish(turn.store, "w", [engine], ("edit",))
    assert "外部服务器" in answers.answer(turn, "照片会不会泄露")


def test_every_operation_has_an_example_and_a_neighbour() -> None:
    assert set(replies.EXAMPLES) == set(replies.NEAREST) == set(OPERATIONS)
    assert all(near in OPERATIONS for some in replies.NEAREST.values() for near in some)
