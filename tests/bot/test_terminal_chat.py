"""Lines of a terminal: photos by file name, buttons by number, answers to pictures."""

from pathlib import Path

import pytest

from bot.platforms import Button
from bot.platforms.terminal.chat import Line, pick, read


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("把猫换成狗", Line("把猫换成狗")),
        ("cat.png 把猫换成狗", Line("把猫换成狗", [Path("cat.png")])),
        ("a.JPG b.webp 背景换成海边", Line("背景换成海边", [Path("a.JPG"), Path("b.webp")])),
        ("'my cat.png' 去掉球", Line("去掉球", [Path("my cat.png")])),
        (r"my\ cat.png 去掉球", Line("去掉球", [Path("my cat.png")])),
        ("file:///tmp/cat.png", Line("", [Path("/tmp/cat.png")])),
        ("@3 再明显一点", Line("再明显一点", answers=3)),
        ("it's a cat", Line("it's a cat")),
        ("", Line()),
    ],
)
def test_lines(line: str, said: Line) -> None:
    assert read(line) == said


def test_buttons_by_number_and_by_label() -> None:
    buttons = [Button("再来一张", "again:1"), Button("撤销", "undo:1")]
    assert pick("2", buttons) == buttons[1]
    assert pick("撤销", buttons) == buttons[1]
    assert pick("3", buttons) is None
    assert pick("0", buttons) is None
    assert pick("重做", buttons) is None
