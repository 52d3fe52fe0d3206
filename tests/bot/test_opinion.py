"""The second opinion: what is put like an order, and what like talk."""

import pytest

from bot.language.opinion import WEIGHTS, bar, odds
from bot.language.tokens import tokens
from bot.parser import parse, understand
from storage.plans import Step


@pytest.mark.parametrize(
    ("order", "talk"),
    [
        ("腿再长一点", "腿显短"),
        ("把车移到左边", "车子停在左边"),
        ("给她戴个帽子", "早知道戴个帽子"),
        ("变成黑白", "变成黑白反而好看"),
        ("换个海边的背景", "能看出来换过背景吗"),
        ("墙刷成黄色", "墙刷成黄色真好看"),
    ],
)
def test_an_order_weighs_more_than_talk_of_the_same_words(order: str, talk: str) -> None:
    assert odds(tokens(order), 1) > odds(tokens(talk), 1) + 1
    assert parse(order, photos=1).intent == "edit"
    assert parse(talk, photos=1).intent == "chat"


def test_what_is_doubted_is_kept_for_the_question() -> None:
    understood = understand("墙刷成黄色真好看", photos=1)
    assert understood.plan.intent == "chat"
    assert understood.doubted is not None
    assert understood.doubted.steps == (Step("recolor", target="墙", color="yellow"),)
    assert understand("墙刷成黄色真好看", discussed=True).doubted == understood.doubted
    assert understand("把墙刷成黄色", photos=1).doubted is None


def test_the_more_an_order_says_the_less_it_is_doubted() -> None:
    assert bar([Step("background")]) > bar([Step("remove", target="猫")]) > bar([Step("recolor", "猫", color="red")])
    assert bar([Step("remove", target="水印")]) < bar([Step("remove", target="猫")])


def test_talk_around_an_order_does_not_hide_it() -> None:
    assert parse("把栏杆去了,挡着猫了", photos=1).intent == "edit"


def test_an_order_without_a_photo_must_be_one_by_itself() -> None:
    assert parse("头发改成寸头").intent == "edit"
    assert parse("把灯调亮一点").intent == "chat"


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 300_000
    values = [line.split("\t")[0] for line in WEIGHTS.read_text("utf-8").splitlines()]
    assert values == sorted(set(values), key=int)
