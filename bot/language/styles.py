"""Some words → the way of drawing they name: 水墨风, 莫奈那种感觉, 阿紫的画风."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.language.parts import NEVER_NAMED
from bot.language.phrases import sound, wordset
from bot.language.tokens import Token, said


@dataclass(frozen=True, slots=True)
class Style:
    """A way of drawing: one of the plan's styles, a taught one, or another as said."""

    named: str | None = None
    concept: str | None = None
    other: str | None = None


_LIKENESS = ("有种", "有股", "颇有", "仿佛", "好像", "宛如", "犹如", "堪比")  # 有种老电影的感觉 is praise


def style(some: Sequence[Token], text: str) -> Style | None:
    """The way of drawing that these words name, or None if they name none."""
    left = [
        t
        for t in some
        if t.part not in ("PART", "GAP", "NOISE", "EMOJI", "NUM", "M", "SLIGHT", "STRONG", "MORE", "ALL", "POSS")
    ]
    while left and left[0].part in ("DET", "DE", "AT"):
        left = left[1:]
    if len(left) > 2 and left[0].part == "PRON" and left[1].part == "DE":
        left = left[2:]
    if not left or left[0].word in _LIKENESS or any(token.part in NEVER_NAMED for token in left):
        return None
    suffixes = wordset("STYLE_SUFFIX")
    named = [token for token in left if token.part == "STYLE"]
    rest = [
        t
        for t in left
        if t.part not in ("STYLE", "DE", "DET", "SUCH", "PHOTO", "AND", "SIDE") and t.word not in suffixes
    ]
    if named and not rest:
        return Style(named[0].value)
    if named and left[-1] is named[-1] and all(token.word in wordset("STYLE_PREFIX") for token in rest):
        return Style(named[-1].value)
    if named and left[-1] is named[-1] and left[-1].word.endswith(("风", "风格", "画风")) and sound(left):
        return Style(named[-1].value)  # 霓虹灯赛博风格
    values = {token.value for token in named}
    before = left[left.index(named[-1]) - 1] if named else None
    named_style = before is not None and (len(named) > 1 or before.word in ("那种", "这种"))
    if named_style and left[-1] is named[-1] and len(values) == 1 and len(left) > 1:
        return Style(named[-1].value)  # 霓虹灯那种赛博朋克
    if named and left[0] is named[0] and left[-1].word in ("那味", "那味儿", "那个味", "内味", "内味儿"):
        return Style(named[0].value)  # 齐白石画虾那味儿
    names = [token for token in left if token.part == "NAME"]
    headed = left[-1].word in wordset("STYLE_HEADS") or (
        len(left) > 1 and left[-1].word in suffixes and left[-2].part == "DE"
    )
    if (
        named
        and left[-1].word in suffixes
        and named[-1] is left[-2]
        and not any(token.part == "DE" for token in left[:-2])
    ):
        return Style(named[-1].value)
    if (
        names
        and (headed or left[-1].word in ("版", "调调", "画", "画法"))
        and rest[-1].part == "NAME"
        and len(rest) <= 2
    ):
        return Style(concept=names[-1].value)
    if named and (headed or (left[-1].word in wordset("LOOKS") and named[0] is left[0])):
        return Style(named[-1 if headed else 0].value)
    body = [token for token in left[:-1] if token.part != "DE"]
    painted = left[-1].word in ("效果", "感觉", "质感") and bool(body) and body[-1].word.endswith("画")  # 粉笔画的效果
    if (left[-1].word in wordset("STYLE_HEADS") or painted) and len(left) > 1:
        body = left[:-1]
        while body and body[-1].part == "DE":
            body = body[:-1]
        if (
            body
            and sound(body)
            and body[-1].value != "chatty"
            and not any(t.part in ("NOUN",) and t.value in ("background", "time") for t in body[-1:])
        ):
            return Style(other=said(body, text))
    return None


def manner(words: str, text: str) -> str:
    """What a style outside the list is called: 电影感, but 乐高 of 乐高风 and 乐高风格; 港风 keeps its two characters."""
    if f"{words}感" in text:
        return f"{words}感"
    bare = _MANNER.sub("", words)
    return bare if len(bare) > 1 else words


_MANNER = re.compile("(?:风格|風格|画风|畫風|风|風)$")
