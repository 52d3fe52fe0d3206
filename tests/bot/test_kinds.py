"""What no rule reads: the likeliest intent, and when it counts."""

import pytest

from bot.language.kinds import INTENTS, WEIGHTS, kind
from bot.language.tokens import tokens
from bot.parser import parse, understand


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("有啥功能说来听听", "help"),
        ("图做到哪了?", "status"),
        ("同樣的再來一個版本", "again"),
        ("我之前教咗你邊幾個名?", "concepts"),
        ("刚刚撤掉的又想要了", "redo"),
        ("下手轻点大哥", "weaker"),
    ],
)
def test_says_what_no_saying_has(text: str, intent: str) -> None:
    assert parse(text).intent == intent
    assert kind(tokens(text), 0)[1] > 0.5


@pytest.mark.parametrize(
    "text", ["考研出分了,过了!!!", "算了,跟他这种人没什么好说的", "怎么还没下班", "下手轻点,我怕疼"]
)
def test_the_same_words_said_of_life_are_talk(text: str) -> None:
    assert parse(text).intent == "chat"


def test_only_a_taught_name_or_everything_is_forgotten() -> None:
    assert parse("以后不用再认得大壮了", ["大壮"]).name == "大壮"
    assert parse("我的东西全部清零").name is None
    assert parse("我和他掰了,把他忘干净").intent == "chat"


def test_never_guesses_an_edit() -> None:
    assert "edit" not in INTENTS


def test_what_only_the_weights_read_may_be_an_answer() -> None:
    assert understand("有啥功能说来听听").weighed
    assert not understand("撤销").weighed
    assert not understand("今天天气真好").weighed


def test_the_weights_are_small_and_in_order() -> None:
    assert WEIGHTS.stat().st_size < 300_000
    features = [line.split("\t")[0] for line in WEIGHTS.read_text("utf-8").splitlines()]
    assert features == sorted(set(features))
