"""What a step speaks of, told once in a structure: who, which number, from which side, in what colour, beside whom."""

from typing import Any

import pytest

from bot.language.referents import of_plan, referents
from bot.language.senses import understand
from bot.parser import parse
from storage.plans import Plan, Referent, Step

NAMES = ("小明", "小红")

# sentence, slot, what its referent must say
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("去掉左边第二个人", "target", {"position": "left", "ordinal": 2, "quantity": "one"}),
    ("把最右边的人去掉", "target", {"position": "right", "ordinal": 1}),
    ("第三个人的脸打码", "target", {"ordinal": 3, "part": "face"}),
    ("倒数第二个人P掉", "target", {"ordinal": -2}),
    ("右边那个去掉", "target", {"position": "right"}),
    ("左一打码", "target", {"position": "left", "ordinal": 1}),
    ("所有路人都去掉", "target", {"quantity": "all", "english": "passer-by"}),
    ("后面的人都去掉", "target", {"quantity": "all", "position": "behind"}),
    ("把其他人都删掉", "target", {"quantity": "others"}),
    ("除了我其他人都去掉", "target", {"quantity": "others"}),
    ("把我妈的头发染成红色", "target", {"part": "hair", "english": "woman"}),
    ("把小红的脸换成小明", "target", {"name": "小红"}),
    ("把小红的脸换成小明", "content", {"name": "小明"}),
    ("把小明加到小红旁边", "beside", {"name": "小红"}),
    ("在沙发左边加一只黑猫", "beside", {"english": "sofa"}),
    ("在沙发左边加一只黑猫", "content", {"english": "black cat", "kinds": ("cat",)}),
    ("只留左边两个人", "content", {"position": "left"}),
    ("背景换成海边", "content", {"text": "海边"}),
]


@pytest.mark.parametrize(("sentence", "slot", "wanted"), CASES, ids=[f"{case[0]}:{case[1]}" for case in CASES])
def test_a_referent(sentence: str, slot: str, wanted: dict[str, Any]) -> None:
    told = of_plan(parse(sentence, NAMES, 1), sentence, NAMES)[0][slot]
    assert {name: getattr(told, name) for name in wanted} == wanted


def test_what_is_said_of_somebody() -> None:
    told = referents(Step("remove", target="穿黄衣服的大叔"), "把穿黄衣服的大叔去掉")["target"]
    assert told.attributes["color"] == "yellow"
    assert told.attributes["gender"] == "male"
    assert told.english == "man in yellow"
    assert {"boy", "man", "person"} <= set(told.kinds)


def test_a_setting_and_what_is_unknown() -> None:
    assert understand("海边").setting == "beach"
    assert understand("锟斤拷").unknown == "锟斤拷"
    told = referents(Step("replace", target="猫", content="锟斤拷"), "把猫换成锟斤拷")["content"]
    assert told.english is None
    assert told.attributes["unknown"] == "锟斤拷"


def test_every_step_gets_its_own() -> None:
    sentence = "把左边的猫换成狗，再把右边的猫换成兔子"
    first, second = of_plan(parse(sentence, (), 1), sentence)
    assert (first["target"].position, second["target"].position) == ("left", "right")
    assert (first["content"].english, second["content"].english) == ("dog", "rabbit")


def test_words_that_the_sentence_does_not_have() -> None:
    """A slot that comes from an earlier message is told by its words alone."""
    told = of_plan(Plan("edit", (Step("replace", target="猫", content="狗", position="left"),)), "不对，左边那只")[0]
    assert told["target"].kinds == ("cat",)
    assert told["target"].position == "left"


def test_survives_json() -> None:
    told = referents(Step("remove", target="女生", position="left"), "去掉左边第二个穿红裙子的女生")["target"]
    assert Referent.from_json(told.to_json()) == told
