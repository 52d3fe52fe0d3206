"""How an order is to be carried out: the method named, the number of pictures wanted, and what only sounds like it."""

import pytest

from bot import edit_options, parser
from bot.edit_options import EditOptions, read

METHODS = [
    {"name": "prompt_to_prompt", "title": "提示词到提示词"},
    {"name": "imagic", "title": "Imagic"},
    {"name": "sdedit", "title": "加噪再画"},
    {"name": "ledits", "title": "LEDITS++"},
]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("多给我几张选", 4), ("再来四张", 4), ("给我4张挑", 4), ("多来几张", 4), ("再来几张给我选", 4), ("出四个版本", 4),
        ("给我几个方案选", 4), ("俾多幾張我揀", 4), ("多整幾張", 4), ("来3张不同的", 3), ("再给我三个选择", 3),
        ("多弄几个版本看看", 4), ("来两张", 2), ("生成99张给我挑", edit_options.MOST),
    ],
)  # fmt: skip
def test_several_pictures_of_the_last_edit(text: str, count: int) -> None:
    said = read(text, METHODS)
    assert said.options == EditOptions(count)
    assert said.alone


@pytest.mark.parametrize("text", ["把猫换成狗，多给我几张选", "把猫换成狗给我四张挑挑", "出4个版本，把猫换成狗"])
def test_several_pictures_of_an_order(text: str) -> None:
    said = read(text, METHODS)
    assert said.options == EditOptions(4)
    assert not said.alone
    assert parser.parse(said.text) == parser.parse("把猫换成狗")


@pytest.mark.parametrize(
    "text",
    [
        "再来一张", "第二张", "就要第二张", "最后两张", "前两张都改", "把这两张都改成水墨风", "我再发几张给你", "我发了三张",
        "加三只猫", "加两个人", "给我看看第二张", "我买了几张票给我选座", "谢谢", "", "张" * 500, "给我" * 300,
    ],
)  # fmt: skip
def test_what_is_no_wish_for_several(text: str) -> None:
    assert read(text, METHODS).options == EditOptions()


@pytest.mark.parametrize(
    ("text", "method", "rest"),
    [
        ("用Imagic试试", "imagic", ""),
        ("try imagic", "imagic", ""),
        ("Imagic", "imagic", ""),
        ("LEDITS++试试", "ledits", ""),
        ("用 Prompt-to-Prompt 再来一张", "prompt_to_prompt", ""),
        ("用提示词到提示词方法再来一张", "prompt_to_prompt", ""),
        ("用加噪再画试一下", "sdedit", ""),
        ("P2P再来一张", "prompt_to_prompt", ""),
        ("用 Imagic 把猫换成狗", "imagic", "把猫换成狗"),
        ("把猫换成狗，用imagic", "imagic", "把猫换成狗"),
        ("用圖生圖把猫换成狗", "sdedit", "把猫换成狗"),
    ],
)
def test_the_method_named(text: str, method: str, rest: str) -> None:
    said = read(text, METHODS)
    assert said.options == EditOptions(method=method)
    assert said.alone == (not rest)
    assert not rest or parser.parse(said.text) == parser.parse(rest)


def test_method_and_number() -> None:
    assert read("用 Imagic 把猫换成狗，出三个版本", METHODS).options == EditOptions(3, "imagic")


@pytest.mark.parametrize(
    ("text", "unheard"),
    [
        ("用InstructPix2Pix试试", "InstructPix2Pix"),
        ("用 Control Net 方法试一下", "Control Net"),
        ("换个方法试试", ""),
        ("换一种方法", ""),
        ("有哪些方法", ""),
        ("用莫奈试试", None),
        ("把猫换成狗", None),
        ("我用iPhone拍的", None),
    ],
)
def test_methods_that_nobody_has(text: str, unheard: str | None) -> None:
    assert read(text, METHODS).unheard == unheard
