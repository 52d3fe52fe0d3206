"""Some words → the thing they name, with its place, colour and concept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot import lexicon
from bot.language.parts import NEVER_NAMED
from bot.language.tokens import Token, said, words

_EMPTY = ("DE", "NOISE", "PART", "GAP", "EMOJI", "MORE", "SLIGHT", "STRONG")
_OPENERS = ("DET", "NUM", "M", "DE", "ALL", "POSS", "SLIGHT", "NOISE", "GAP")
_HEADED = (
    "X", "NOUN", "NAME", "PLACE", "STYLE", "PHOTO", "PRON", "COLOR", "MOD", "QUOTE", "EMOJI", "DRAW", "M", "NUM",
)  # fmt: skip
_NAMED = ("NOUN", "X", "MOD", "NAME", "COLOR")
_ORDINALS = ("左一", "右一", "左二", "右二", "左三", "右三")
_SEVERAL = "两三四五六七八九十几好许23456789"
_OWNED = ("body", "hair", "clothes", "wearable", "aspect")
_PERSONAL = ("脸", "人脸", "头", "头像", "样子", "样", "面部", "身体", "照片", "五官")  # 小明的脸 is 小明


@dataclass(frozen=True, slots=True)
class Phrase:
    """A thing as the sentence names it: ``words`` without measure, pointer, place and (for what comes in) colour."""

    words: tuple[Token, ...]
    said: str | None
    head: Token | None
    position: str | None = None
    color: str | None = None
    concept: str | None = None
    measured: bool = False  # 一只, 两盘: it is not in the photo yet
    pointed: bool = False  # 那个, 左边: it is in the photo

    @property
    def kind(self) -> str:
        """What kind of thing the lexicon knows the head word to be, or its part."""
        if self.head is None:
            return ""
        if self.head.part != "X":
            return self.head.value if self.head.part == "NOUN" else self.head.part
        return next(
            (kind for kind, ends in lexicon.ENDINGS.items() if self.head.word[-1] in ends and self.head.word != "发"),
            "X",
        )


@cache
def wordset(name: str) -> frozenset[str]:
    """One of the lexicon's plain lists."""
    return frozenset(words(getattr(lexicon, name)))


def thing(some: Sequence[Token], text: str, *, incoming: bool = False) -> Phrase | None:
    """What these words name, or None if they name nothing. ``incoming``: it is new, so its colour is told apart."""
    left = [token for token in some if token.part not in ("PART", "GAP")]
    decoration = next(
        (
            at
            for at, token in enumerate(left)
            if at and token.part == "EMOJI" and left[at - 1].part in ("X", "NOUN", "PLACE")
        ),
        None,
    )
    left = left[:decoration]
    if left and left[0].part == "AND":
        return None
    position, measure, measured, pointed, opened, several = None, "", False, False, "", False
    while left:
        first = left[0]
        if first.part == "POS" and len(left) > 1:
            position, pointed = position or (first.value if first.value != "none" else None), True
            left = left[1:]
        elif (
            first.part in _OPENERS
            and len(left) > 1
            and not _is_noun_like(left, opened)
            and not (first.part == "NUM" and opened == "NUM" and first.value)  # 一只三条腿的猫
        ):
            measure = first.value if first.part in ("NUM", "DET", "M") and first.value else measure
            several = several or (first.part == "NUM" and first.word[0] in _SEVERAL)
            measured = measured or first.part == "NUM" or (first.part == "M" and incoming)
            pointed = pointed or first.part == "DET" or (first.part == "M" and not incoming and not opened)
            opened, left = first.part, left[1:]
        elif first.part == "SPOT" and first.word[0] in "这那" and len(left) > 1 and left[1].part in _NAMED:
            pointed, opened, left = True, "DET", left[1:]  # 那头毛驴
        elif first.word in ("里面", "外面", "里边") and len(left) > 1 and left[1].part == "NOUN":
            pointed, left = True, left[1:]  # 里面衬衫
        elif first.part == "PHOTO" and len(left) > 2 and left[1].part in ("SIDE", "DE", "AT"):
            left = left[2:]
        elif first.part == "PHOTO" and len(left) > 1 and left[1].part in ("POS", "DET", "NOUN", "COLOR"):
            left = left[1:]
        elif first.part == "PRON" and len(left) > 2 and left[1].part == "DE":
            left = left[2:]
        elif first.word in ("你", "您") and len(left) > 1 and left[1].value == "person":
            left = left[1:]  # 你叔叔, said to the bot
        elif (
            first.part == "PRON"
            and len(left) > 1
            and left[1].part == "NOUN"
            and left[1].value in _OWNED
            and not _clause_of(left)
        ) or (first.part == "PRON" and len(left) > 2 and left[1].part in ("M", "DET", "POS")):
            left = left[1:]
        elif first.word == "头顶" and len(left) > 2 and left[1].part == "DE":
            position, left = "top", left[2:]
        elif not incoming and (cut := _somewhere(left)) > 0:
            position = (
                "top"
                if position is None
                and left[0].word in wordset("HIGH")
                and some[0].part != "PRON"
                and left[1].word != "下"
                else position
            )
            pointed, left = True, left[cut:]
        elif not incoming and (cut := _spot_before(left)) > 0:
            pointed, left = True, left[cut:]
        elif (cut := _anchored(left)) > 0:
            position = left[cut - 1].value if left[cut - 1].value != "none" else position
            pointed, left = True, left[cut:]
        else:
            break
    if len(left) == 1 and left[0].part == "POS" and some[0].word in _ORDINALS:
        return Phrase((), None, None, left[0].value, pointed=True)  # 右一
    if len(left) == 1 and position and left[0].part in ("DET", "M", "SPOT"):
        return Phrase((), None, None, position, pointed=True)
    left = [t for at, t in enumerate(left) if at == 0 or not (t.part in ("DET", "NUM") and left[at - 1].part == "DE")]
    while len(left) > 1 and left[-1].part in _EMPTY:
        left.pop()
    if len(left) > 2 and left[-2].part == "DE" and left[-1].word in wordset("LOOKS"):
        left = left[:-2]
    elif len(left) > 1 and left[-1].word in wordset("LOOKS") and left[-1].word != "颜色":
        left = left[:-1]
    while len(left) > 1 and left[-1].part == "NUM" and not incoming:
        left.pop()  # 饭粒一粒都不要
    measured = measured and not pointed
    color = None
    if incoming:
        shade = None if measured else _shade(left)
        color, left = (shade, []) if shade else _colored(left)
    while left and left[0].part == "DE":
        left = left[1:]
    if incoming and measured and len(left) > 1 and left[-1].word in wordset("DEEDS") and left[-2].part == "NOUN":
        left = left[:-1]  # 来只猫作伴
    if not left:
        return Phrase((), None, None, position, color, None, measured, pointed) if color else None
    if any(token.part == "SUCH" for token in left) or not sound(left):
        return None
    head = left[-1]
    if incoming and head.part in ("PHOTO", "PRON") and len(left) > 1:
        return None
    concept = None if several and not pointed else _concept(left, measure)  # 三个芒果 are fruit
    return Phrase(
        tuple(left),
        None if concept and incoming else said(left, text),
        head,
        position,
        color,
        concept,
        measured,
        pointed,
    )


def things(some: Sequence[Token], text: str, *, incoming: bool = False) -> list[Phrase] | None:
    """The things of an enumeration (水印和日期, 小明小红), or None if one of them names nothing."""
    parts: list[list[Token]] = [[]]
    for at, token in enumerate(some):
        listed = (token.part == "AND" or token.word == "、") and parts[-1] and at + 1 < len(some)
        if listed and (some[at + 1].part in ("POS", "DET") or not any(other.part == "DE" for other in some[at:])):
            parts.append([])
        elif token.part == "NAME" and parts[-1] and parts[-1][-1].part == "NAME":
            parts.append([token])
        else:
            parts[-1].append(token)
    found = [thing(part, text, incoming=incoming) for part in parts]
    if len(found) > 1 and any(one is None for one in found):
        return None
    return [one for one in found if one is not None] or None


def _is_noun_like(left: Sequence[Token], opened: str) -> bool:
    """A measure word before nothing it could measure, or behind 的, is part of a noun (面, 头, 左上角的台标)."""
    return left[0].part == "M" and (left[1].part in ("DE", "SIDE", "AND") or opened == "DE")


def _anchored(left: Sequence[Token]) -> int:
    """Where the thing starts behind 我左边的, 女生后面那个: the place is told from something else, which is dropped."""
    for at in range(1, len(left) - 1):
        if left[at].part == "POS" and left[at + 1].part in ("DE", "DET", "NUM", "M"):
            return at + 1
        if left[at].part in NEVER_NAMED:
            return 0
    return 0


def _spot_before(left: Sequence[Token]) -> int:
    """门口那辆电动车: where the pointer stands behind a place that is only named."""
    at = next((at for at, t in enumerate(left[:4]) if t.part == "DET" or t.word in ("那块", "这块")), 0)
    named = all(token.part in ("X", "NOUN", "SIDE") and token.value not in ("person", "pet") for token in left[:at])
    return at if at and named and at + 1 < len(left) else 0


def _clause_of(left: Sequence[Token]) -> bool:
    """我手上拿的包: the owner is part of a clause that says which one."""
    return (
        len(left) > 3 and left[1].part == "NOUN" and left[2].part == "SIDE" and left[3].part not in ("DE", "DET", "NUM")
    )


def _somewhere(left: Sequence[Token]) -> int:
    """Where the thing starts behind 桌上的, 她手里那本: what it lies on is dropped like any place."""
    for at in range(1, min(len(left) - 1, 5)):
        if left[at].part == "SIDE" and left[at + 1].part in ("DE", "DET", "NUM"):
            if left[at - 1].value == "chatty":
                return 0  # 视频里的人
            return (
                at + 2
                if left[at + 1].part == "DE" and at + 2 < len(left)
                else at + 1
                if left[at + 1].part != "DE"
                else 0
            )
        if left[at].part in ("DE", *NEVER_NAMED):
            return 0
    return 0


def _colored(left: list[Token]) -> tuple[str | None, list[Token]]:
    """The colour of the thing itself (not one inside a clause about it), and the words without it."""
    for at, token in enumerate(left):
        if token.part != "COLOR" or (len(token.word) == 1 and at and left[at - 1].part != "DE"):
            continue  # 小黄鸭 is not a yellow 小鸭
        behind = left[at + 1 :]
        if any(other.part == "DE" for other in behind[1:]) or (
            len(behind) > 1 and behind[0].part == "DE" and behind[-1].part == "DE"
        ):
            continue
        kept = behind[1:] if behind and behind[0].part == "DE" else behind
        return token.value, [*left[:at], *kept]
    return None, left


def _shade(left: Sequence[Token]) -> str | None:
    """消光灰, 裸粉色, brown色: nothing but a colour in a name that no list has."""
    words = list(left)
    while len(words) > 1 and (words[-1].part == "DE" or words[-1].word in ("色", "颜色", "款", "系", "色系")):
        words.pop()
    if (
        not words
        or len(words) == len(left) == 1
        or words[-1].part != "COLOR"
        or words[0].word in ("小", "大", "老", "阿")
    ):
        return None
    named = all(
        token.part in ("X", "MOD", "STYLE", "PLACE") or token.value in ("food", "thing") for token in words[:-1]
    )
    return words[-1].value if named and len(words) <= 3 and all(len(t.word) <= 2 for t in words[:-1]) else None


def _concept(left: Sequence[Token], measure: str) -> str | None:
    last = left[-1]
    if last.part == "NAME":
        ordinary = bool(measure) and (measure in lexicon.THING_MEASURES)
        return None if ordinary else last.value
    if len(left) >= 2 and last.word in _PERSONAL:
        owner = left[-3] if left[-2].part == "DE" and len(left) >= 3 else left[-2]
        return owner.value if owner.part == "NAME" else None
    return None


def sound(left: Sequence[Token]) -> bool:
    """Whether the words can be one noun phrase: no verb of an order and no comment, unless a clause with 的 holds it."""
    last_de = max((at for at, token in enumerate(left) if token.part == "DE"), default=-1)
    before = left[:-2] if len(left) > 1 and left[-2].part == left[-1].part == "NOUN" else left[:-1]  # 抖音水印
    if any(token.value == "chatty" for token in before):
        return False  # 视频里的人
    for at, token in enumerate(left):
        if token.part in NEVER_NAMED and not (token.part in ("LE", "NEG") and at < last_de):
            return False
        if (
            token.part == "DET"
            and at > last_de
            and at
            and token.value
            and left[at - 1].part != "DE"
            and not any(t.part == "SIDE" for t in left[:at])
        ):
            return False
        if token.part == "PRON" and at > max(last_de, 0) and left[at - 1].part not in ("AND", "AT"):
            return False
        if (token.part in ("BAD", "IS", "WEAR", "USE", "TO") and at > last_de) or (
            token.part == "AT" and at > max(last_de, 0)
        ):
            return False
    return left[-1].part in _HEADED
