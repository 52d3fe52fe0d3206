"""Instructions for every order of the development sentences: nothing said is lost, nothing else slips in."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pipeline.editors.instructions import LONGEST, POINTING, write, write_generate
from pipeline.editors.instructions_en import TEMPLATES as EN
from pipeline.editors.instructions_zh import COLORS, STYLES
from pipeline.editors.instructions_zh import TEMPLATES as ZH
from pipeline.editors.said import Pictured, View
from pipeline.engine import Concept, EditOrder, GenerateOrder
from storage.plans import OPERATIONS, Referent, Step

PHOTO = np.zeros((8, 8, 3), np.uint8)
SENTENCES = Path(__file__).parents[2] / "commands"


def orders(name: str) -> list[tuple[str, Step]]:
    lines = (SENTENCES / name).read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    known = [(one["text"], step) for one in told for step in one["plan"].get("steps", ()) if step["operation"] in ZH]
    return [(text, Step.from_json(step)) for text, step in known]


def order(step: Step, **told: object) -> EditOrder:
    return EditOrder(PHOTO, step, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("persons", [None, 3])
def test_every_order_is_told_whole(language: str, persons: int | None) -> None:
    every = orders("development.jsonl")
    assert len(every) > 4000
    for text, step in every:
        shown = Pictured((2, 3), "person") if step.concept else None
        said = write(order(step), language, View(persons), shown)
        assert len(said) <= LONGEST, text
        assert not re.search(r"None|\{|\}|。。|，，|，。|的的(?!士)|  |\.\.|\( ", said), (text, said)
        if step.concept:
            assert step.concept not in said, (text, said)  # names stay here
            assert ("图2和图3" if language == "zh" else "image 2 and image 3") in said
        if step.target and step.target not in POINTING and step.operation not in ("restyle", "background", "adjust"):
            assert " ".join(step.target.split())[:120] in said, (text, said)
        if step.content and not (step.style and step.operation == "restyle") and not step.concept:
            assert " ".join(step.content.split())[:120] in said or step.operation == "adjust", (text, said)
        if step.color and step.operation in ("recolor", "modify", "insert", "replace"):
            assert (COLORS[step.color] if language == "zh" else step.color) in said, (text, said)
        if language == "zh" and step.style and step.operation == "restyle":
            assert STYLES[step.style] in said, (text, said)
        keeps = "不要移动、缩放或裁切" if language == "zh" else "Do not shift, zoom or crop"
        assert keeps in said


def test_both_languages_know_the_same_operations_and_all_old_ones() -> None:
    assert set(ZH) == set(EN)
    assert {"insert", "replace", "remove", "restyle", "recolor", "modify", "background", "move"} <= set(ZH) & set(
        OPERATIONS
    )


def test_who_is_counted_among_those_who_are_seen() -> None:
    step = Step("recolor", target="女生的裙子", color="red", position="left")
    referents = {"target": Referent("女生的裙子", ("woman",), "the woman's dress", part="dress", position="left")}
    seen = write(order(step, referents=referents), "zh", View(3, (1,)))
    assert "从左往右数第2个人（画面里一共3个人）的裙子改成红色" in seen
    assert "the dress of the 2nd person from the left (of 3 people)" in write(
        order(step, referents=referents), "en", View(3, (1,))
    )
    unseen = write(order(step, referents=referents), "zh", View())
    assert "左侧的女生的裙子改成红色" in unseen
    assert "the woman's dress on the left" in write(order(step, referents=referents), "en")
    alone = write(order(step, referents=referents), "zh", View(1, (0,)))
    assert "图1中的人的裙子" in alone


def test_ordinals_are_said_out() -> None:
    third = {"target": Referent("人", ("person",), position="right", ordinal=3)}
    assert "从右往左数第3个人" in write(order(Step("remove", target="人"), referents=third), "zh")
    assert "the 3rd person from the right" in write(order(Step("remove", target="人"), referents=third), "en")
    last = {"target": Referent("人", ("person",), position="left", ordinal=-1)}
    assert "最右边的人" in write(order(Step("remove", target="人"), referents=last), "zh")


def test_how_many_there_will_be() -> None:
    shown = Pictured((2,), "person")
    assert "一共4个人" in write(order(Step("insert", concept="小明")), "zh", View(3), shown)
    assert "一共2个人" in write(order(Step("remove", target="路人")), "zh", View(3, (0,)))
    assert "没有人" in write(order(Step("remove", target="他")), "zh", View(1, (0,)))
    assert "一共" not in write(order(Step("insert", concept="小明")), "zh", View(None), shown)
    assert "一共" not in write(order(Step("replace", target="人", content="狗")), "zh", View(3))
    assert "there are 4 people" in write(order(Step("insert", concept="小明")), "en", View(3), shown)


def test_beside_whom_and_on_which_side() -> None:
    beside = {"beside": Referent("穿红衣服的女生", ("woman",), "the woman in red")}
    step = Step("insert", concept="小明", position="right")
    assert "放在穿红衣服的女生的右边" in write(order(step, referents=beside), "zh", None, Pictured((2,), "person"))
    assert "to the right of the woman in red" in write(
        order(step, referents=beside), "en", None, Pictured((2,), "person")
    )
    tapped = order(Step("insert", content="气球"), points=((0.25, 0.6),))
    assert "离左边25%、离上边60%" in write(tapped, "zh")


def test_somebody_taught_who_is_in_the_photo_is_shown_not_named() -> None:
    referents = {"target": Referent("小明的头发", ("person",), name="小明", part="hair")}
    step = Step("recolor", target="小明的头发", color="brown")
    said = write(order(step, referents=referents), "zh", None, None, Pictured((2,), "person"))
    assert "小明" not in said
    assert "图2是一个人的参考照片" in said
    assert "那个与图2相同的人的头发改成棕色" in said
    assert "小明" not in write(order(step, referents=referents), "en", None, None, Pictured((2,), "person"))
    unresolved = order(step, concepts={"小明": Concept("小明", "person")})
    assert "那个人的头发改成棕色" in write(unresolved, "zh")


def test_strength_follows_what_the_user_wants_more_or_less_of() -> None:
    step = Step("modify", target="脸", content="瘦")
    assert "明显" not in write(order(step), "zh")
    assert "变化明显一些" in write(order(step, amount=1.5), "zh")
    assert "变化轻微一点" in write(order(step, amount=0.5), "zh")


def test_a_novel_is_cut_at_the_end_of_a_sentence() -> None:
    said = write(order(Step("modify", target="他" * 5, content="很长。" * 300)), "zh")
    assert len(said) <= LONGEST
    assert said.endswith("。")


def test_drawing_from_nothing() -> None:
    assert "一只橘猫" in write_generate(GenerateOrder(Referent("一只橘猫", ("cat",), "an orange cat")), "zh")
    assert "an orange cat" in write_generate(GenerateOrder(Referent("一只橘猫", ("cat",), "an orange cat")), "en")
