"""What a clause that orders nothing speaks of: its subject, what is missing, what has got in, and where its comment begins."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from bot import lexicon
from bot.language.phrases import Phrase, thing
from bot.language.places import Place, place
from bot.language.tokens import Token

_COMMENT = (
    "BAD", "STRONG", "LE", "VETO", "WANT", "NOWANT", "NEG", "MORE", "WEAR", "TO", "STAND", "MODAL", "REMOVE", "CHANGE",
    "BECOME", "VANISH", "IS", "ABSENT",
)  # fmt: skip
_LACK = ("少了", "缺了", "少", "缺", "漏了", "差了", "差", "没有", "没")
_NOTABLE = ("body", "hair", "clothes", "wearable", "person", "pet")
_FAMILIAR = re.compile(f"[老小阿大](?:{'|'.join(lexicon.SURNAMES.split())})")
_DAYS = ("那天", "当天", "当时", "今天", "昨天", "又", "都", "因为", "正好", "刚好", "去年", "上周", "前几天", "可惜")


def opens_talk(now: Sequence[Token]) -> bool:
    """我觉得, 不想要, 有点 before what is spoken of."""
    if now[0].part in ("NOWANT", "WANT", "VETO", "BAD"):
        return True
    return len(now) > 1 and now[0].part == "PRON" and now[1].part in ("VETO", "NOWANT")


def comment(now: Sequence[Token]) -> int:
    """Where the comment on what is spoken of begins: 那只鸭子|太丑."""
    for at, token in enumerate(now):
        if token.part == "IS" and at and now[at - 1].part == "POS":
            continue  # 后面全是人头
        if token.part == "IS" and at:
            return at
        if at and (token.part in ("VETO", "SPREAD") or token.word in ("像", "偏", "看着", "看上去", "看起来")):
            return at  # 跑道|要是蓝色的; 风筝|飞太低
        if (
            at
            and token.word == "有"
            and now[at - 1].value == "thing"
            and now[at + 1 : at + 2]
            and now[at + 1].part == "X"
        ):
            return at  # 垃圾桶|有碍观瞻
        if token.part in _COMMENT and not _describing(now[at:]):
            return at
        if at > 1 and token.word == "得" and now[at - 1].part in ("X", "PUT", "ADD", "TUNE", "STAND", "DO", "DRAW"):
            return at - 1  # 羽绒服|裹得像个球
        if token.part == "AT" and any(other.part == "PHOTO" for other in now[at:]) and not _describing(now[at:]):
            return at  # 前男友也在照片里
    return len(now)


def intruder(now: Sequence[Token], text: str) -> Phrase | None:
    """照片里混进来一只鸽子 → 鸽子."""
    at = next((at for at, token in enumerate(now) if at and token.part in ("NUM", "M") and token.value), None)
    if at is None or at + 1 == len(now) or now[at - 1].part not in ("TO", "ADD", "DO", "DIR", "LE", "SPREAD"):
        return None
    if now[at].part == "M" and now[at - 1].word != "有":
        return None
    named = thing(now[at:], text)
    where = next((token.value for token in now[:at] if token.part == "POS" and token.value != "none"), None)
    return replace(named, pointed=True, position=where) if named is not None and named.head is not None else None


def _describing(rest: Sequence[Token]) -> bool:
    """Whether a comment is rather a clause that says which one: 没洗的那只碗."""
    pairs = itertools.pairwise(rest)
    return any(de.part == "DE" and behind.part in ("NOUN", "X", "NAME", "PLACE", "DET", "M") for de, behind in pairs)


def subject_of(subject: Sequence[Token], text: str) -> Phrase | None:
    named = thing(subject, text)
    known = max((at for at, token in enumerate(subject) if token.value in _NOTABLE), default=None)
    if known is not None and (named is None or named.kind in ("X", "MOD")):
        named = thing(subject[: known + 1], text)  # 他眼睛闭着
    shown = next((at for at, token in enumerate(subject) if at and token.part == "DET" and token.value), None)
    if named is None and shown is not None:
        named = thing(subject[shown:], text)  # 我看腻这个键盘
    first = next((at for at, token in enumerate(subject) if token.value in (*_NOTABLE, "thing")), None)
    if named is None and first is not None:
        named = thing(subject[: first + 1], text)  # 这个路牌|遮到新娘
    name = next((token for token in subject if token.part == "NAME"), None)
    bare = not any(token.part in ("DE", "POS") for token in subject)
    if name is not None and (named is None or (bare and named.concept is None)):
        named = thing([name], text)
    there = next((at for at, token in enumerate(subject) if token.word in ("有", "是")), None)
    if there and subject[there].word == "是" and subject[there - 1].part != "POS":
        return named
    placed = there is not None and there > 0 and subject[there - 1].part in ("POS", "SIDE", "SPOT", "PHOTO", "PLACE")
    if there and placed and (where := place(subject[:there], text)) is not None:  # 后面有个路人
        named = thing(subject[there + 1 :], text)
        named = replace(named, position=where.position, pointed=True) if named is not None else None
    return named


def is_place(where: Place, subject: Sequence[Token]) -> bool:
    """Whether a clause spoke of a place (我左边空着, 假装我在巴黎), and not of a thing there."""
    if where.kind == "position":
        return where.head is None or subject[-1].part in ("POS", "SIDE")  # 天空太单调了 speaks of the sky
    placed = subject[-1].part in ("POS", "SIDE") or any(token.part in ("AT", "TO") for token in subject)
    return where.kind == "anchor" and placed


def missing_in(now: Sequence[Token], text: str) -> Phrase | None:
    """少了小明 → 小明."""
    lack = next((at for at, token in enumerate(now) if token.word in _LACK), None)
    gone = next((at for at, token in enumerate(now) if token.part == "ABSENT"), 0)
    if gone:  # 班长没来
        who = thing([token for token in now[:gone] if token.word not in _DAYS], text, incoming=True)
        if now[gone - 1].part == "X" and _FAMILIAR.fullmatch(now[gone - 1].word):
            return thing([now[gone - 1]], text, incoming=True)  # 同学聚会老张没来
        return who if who is not None and who.kind in ("person", "pet", "NAME") else None
    if lack is None:
        return None
    behind = now[lack + 1 :]
    named = thing(behind[:1] if behind and behind[0].part == "NAME" else behind, text, incoming=True)
    return named if named is not None and named.head is not None else None
