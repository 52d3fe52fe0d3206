"""What is said: every word of the closed lists has a Chinese name, and steps are told as they were meant."""

import math

import pytest

from bot import parser, replies
from bot.language import referents
from bot.language.names import is_name
from storage.plans import COLORS, CONCEPT_KINDS, OPERATIONS, POSITIONS, STYLES, Step
from storage.requests import EditRequest


def test_every_word_of_the_lists_has_a_name() -> None:
    assert set(replies.COLORS) == set(COLORS)
    assert set(replies.STYLES) == set(STYLES)
    assert set(replies.POSITIONS) == set(POSITIONS)
    assert set(replies.KINDS) == set(CONCEPT_KINDS)
    assert set(replies.OPERATIONS) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("insert", concept="阿紫", position="left"), "把阿紫加到左边"),
        (Step("insert", content="球", color="red"), "把红色的球加进来"),
        (Step("replace", target="猫", content="狗", position="left"), "把左边的猫换成狗"),
        (Step("remove", target="路人", position="behind"), "去掉后面的路人"),
        (Step("restyle", style="ink_wash"), "改成水墨画"),
        (Step("restyle", concept="青花"), "改成青花的画风"),
        (Step("recolor", target="车子", color="blue"), "把车子变成蓝色"),
        (Step("recolor", color="blue"), "把它变成蓝色"),
        (Step("modify", target="小狗", content="圣诞帽"), "给小狗戴上圣诞帽"),
        (Step("modify", content="晚霞"), "变成晚霞"),
        (Step("modify", target="背景", content="虚化"), "背景虚化"),
        (Step("modify", target="我", content="年轻"), "让你年轻"),
        (Step("modify", target="他", content="瘦"), "让他变瘦"),
        (Step("background", content="海边"), "背景换成海边"),
        (Step("move", target="球", position="right"), "把球移到右边"),
    ],
)
def test_a_step_in_words(step: Step, words: str) -> None:
    assert replies.describe(step) == words


@pytest.mark.parametrize(
    ("sentence", "chosen", "words"),
    [
        ("去掉最左边的男生", "左边第二个", "去掉左边第二个"),
        ("左边男生的衣服改成红色", "中间那个", "把中间那个的衣服变成红色"),
        ("把女生移到右边", "左边那个", "把左边那个移到右边"),
        ("把猫换成狗", "右边的黑猫", "把右边的黑猫换成狗"),
        ("去掉最左边的男生", "", "去掉左边的男生"),
    ],
)
def test_whoever_was_chosen_is_named(sentence: str, chosen: str, words: str) -> None:
    plan = parser.parse(sentence, photos=1)
    request = EditRequest(plan.steps[0], "", referents=referents.of_plan(plan, sentence, [])[0], chosen=chosen)
    assert replies.describe_request(request) == words


def test_the_ideas_that_are_offered_are_understood() -> None:
    for idea in (*replies.IDEAS, *replies.REAL_IDEAS, *replies.PEOPLE_IDEAS, *replies.SCENE_IDEAS):
        plan = parser.parse(idea, photos=1)
        assert plan.intent == "stickers" or len(plan.steps) == 1, idea
    assert [step.operation for step in parser.parse(replies.idea_with("阿紫", "person"), ["阿紫"]).steps] == ["insert"]
    assert [step.operation for step in parser.parse(replies.idea_with("青花", "style"), ["青花"]).steps] == ["restyle"]
    assert parser.parse(replies.four_stickers("阿紫"), ["阿紫"]).count == 4
    for word in (replies.CONCEPTS, replies.HELP, replies.UNDO, replies.REDO, replies.AGAIN, replies.STRONGER):
        assert parser.parse(word).intent != "chat", word


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "时间还估不准"),
        (0.2, "马上就好"),
        (12.4, "大约还要 12 秒"),
        (200, "大约还要 3 分钟"),
        (math.inf, "比平时慢，再等等"),
    ],
)
def test_time_left(seconds: float | None, words: str) -> None:
    assert replies.time_left(seconds) == words


def test_names_are_told_from_things() -> None:
    names = ["小红", "小明", "阿强", "老王", "王小明", "李雷", "豆豆", "张老师", "李哥", "Tom"]
    things = [
        "小猫",
        "小狗",
        "老虎",
        "小球",
        "小伞",
        "女孩",
        "老爷爷",
        "气球",
        "恐龙",
        "红球",
        "白猫",
        "眼镜",
        "马车",
        "小汽车",
        "花花",
        "一只猫",
    ]
    assert [word for word in names if not is_name(word)] == []
    assert [word for word in things if is_name(word)] == []
