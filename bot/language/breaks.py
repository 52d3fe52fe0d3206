"""The words of a message where they lean on their neighbours across clauses: where one ends, what stands in brackets."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.language.parts import DOING, ORDERS
from bot.language.phrases import wordset
from bot.language.tokens import Token

_WRITING = re.compile("(?:字|文字|标题|文案|写上?|字幕|题词|标语|内容|水印|祝福语?|写一?[行句段]|[一几]行字?)$")
_LISTED = 12  # nobody lists more


def prepared(tokens: Sequence[Token], photos: int) -> list[Token]:
    """The tokens of a message, ready to be cut at its stops."""
    tokens = _broken(_without_asides(quoting(tokens)))
    tokens = [_plus(token, before) for before, token in zip([None, *tokens], tokens, strict=False)]
    tokens = _listed(_in_one_piece(tokens))
    tokens = [_then(token, before) for before, token in zip([None, *tokens], tokens, strict=False)]
    return [_how(_at_hand(token, photos), behind) for token, behind in itertools.zip_longest(tokens, tokens[1:])]


def quoting(tokens: Sequence[Token]) -> list[Token]:
    """加一行字:生日快乐 goes on behind its colon."""
    found = list(tokens)
    for at, token in enumerate(found):
        if token.word == ":" and at and _WRITING.search("".join(other.word for other in found[max(0, at - 5) : at])):
            found[at] = replace(token, part="GAP")
    return found


def _at_hand(token: Token, photos: int) -> Token:
    """手机壳 and 筷子 are things when there is a photo, and talk when there is none."""
    return replace(token, value="thing" if photos else "chatty") if token.value == "homely" else token


def _listed(tokens: Sequence[Token]) -> list[Token]:
    """、 between two orders is a stop (車子變黑色、房子變紅色); in 把水印、日期去掉 it lists things."""
    listed = list(tokens)
    if sum(token.word == "、" for token in tokens) > _LISTED:
        return listed
    for at, token in enumerate(tokens):
        if token.word != "、":
            continue
        before = itertools.takewhile(lambda other: other.part != "STOP", reversed(listed[:at]))
        behind = itertools.takewhile(lambda other: other.part != "STOP" and other.word != "、", tokens[at + 1 :])
        if any(other.part in DOING for other in before) and any(other.part in DOING for other in behind):
            listed[at] = replace(token, part="STOP")
    return listed


def _in_one_piece(tokens: Sequence[Token]) -> list[Token]:
    """换成|彭|于|晏: characters behind 换成 that start with a surname and that no list knows are a name."""
    left = list(tokens)
    at = next((at for at, token in enumerate(left) if token.part in ("BECOME", "ADD") and at + 2 < len(left)), None)
    if at is None or left[at + 1].word not in wordset("SURNAMES"):
        return left
    end = at + 2
    while end < len(left) and end < at + 4 and len(left[end].word) == 1 and left[end].part in ("X", "AT", "MOD", "BAD"):
        end += 1
    if end == at + 2 or (end < len(left) and left[end].part not in ("STOP", "PART", "GAP", "EMOJI", "NOISE", "QUES")):
        return left
    word = "".join(token.word for token in left[at + 1 : end])
    return [*left[: at + 1], Token(word, "X", "", left[at + 1].start, left[end - 1].end), *left[end:]]


def _without_asides(tokens: Sequence[Token]) -> list[Token]:
    """小宝(我孙子)没赶上: what stands in brackets, unless it says more of an order: 换成狗(白色的)."""
    left = list(tokens)
    opened = next((at for at, token in enumerate(left) if token.word in "([【"), None)
    if opened is None:
        return left
    closed = next((at for at in range(opened, len(left)) if left[at].word in ")]】"), len(left) - 1)
    inside = left[opened + 1 : closed]
    if any(token.part in (*ORDERS, "COLOR", "POS", "STYLE") for token in inside):
        return left
    return left[:opened] + left[closed + 1 :]


def _broken(tokens: Sequence[Token]) -> list[Token]:
    """要是外婆还在就好了🥺把外婆加进来: an emoji or a space before 把 ends a clause that tells something."""
    left = list(tokens)
    for at, token in enumerate(left):
        if token.part not in ("GAP", "EMOJI") or not at:
            continue
        behind = next((other for other in left[at + 1 :] if other.part not in ("NOISE", "GAP", "EMOJI")), None)
        before = itertools.takewhile(lambda other: other.part != "STOP", reversed(left[:at]))
        if (
            behind is not None
            and behind.part == "BA"
            and any(o.part in ("VETO", "NEG", "NOWANT", "LE") for o in before)
        ):
            left[at] = replace(token, part="STOP")
    return left


def _plus(token: Token, before: Token | None) -> Token:
    """+彩虹."""
    adds = token.word in "+＋" and (before is None or before.part in ("STOP", "GAP"))
    return replace(token, part="ADD") if adds else token


def _how(token: Token, behind: Token | None) -> Token:
    """好 before 可爱 says how much, and is no consent."""
    praises = token.word == "好" and behind is not None and behind.part in ("MOD", "BAD")
    return replace(token, part="BAD", value="") if praises else token


def _then(token: Token, before: Token | None) -> Token:
    """后 behind a verb is no place: 路人去掉后…"""
    after = before is not None and before.part == "REMOVE" and token.word in ("后", "以后", "之后")
    return replace(token, part="CONJ", value="") if after else token
