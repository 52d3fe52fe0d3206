"""Some words → where they point: 最左边, 照片里, 雪山前面."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.language.phrases import thing, wordset
from bot.language.tokens import Token, said, vocabulary


@dataclass(frozen=True, slots=True)
class Place:
    """Where: ``kind`` is ``position`` (left …), ``photo`` (照片里), ``near`` (旁边) or ``anchor`` (雪山前面)."""

    kind: str
    position: str | None = None
    anchor: str | None = None
    head: Token | None = None


def place(some: Sequence[Token], text: str) -> Place | None:
    """Where these words point, or None if they are no place."""
    left = [token for token in some if token.part not in ("PART", "GAP", "EMOJI", "NOISE", "SLIGHT", "MORE")]
    while left and (left[-1].part in ("SPOT", "DE", "DET") or (left[-1].part in ("M",) and len(left) > 1)):
        left.pop()
    while len(left) > 1 and left[-1].word in ("去", "来", "过去", "过来", "上去"):
        left.pop()
    while left and (
        left[0].part in ("AT", "DET", "POSS")
        or (left[0].part in ("M", "NUM") and len(left) > 1 and left[1].part not in ("POS", "SIDE"))
    ):
        left = left[1:]
    if len(left) > 2 and left[0].part == "PRON" and left[1].part == "AT":
        left = left[2:]
    if [token.word for token in left] in (["来"], ["去"]):
        return Place("photo")
    if not left:
        return Place("near") if some and (some[-1].part == "SPOT" or some[-1].word in ("那", "这")) else None
    if left[0].part == "POS" and all(t.word == "空" or t.part in ("BAD", "DE", "SPOT", "SIDE") for t in left[1:]):
        left = left[:1]
    if len(left) > 1 and left[0].part == "POS" and left[1].part in ("X", "MOD") and _doing(left[1]):
        left = left[:1]  # 喺後面追住我哋: what it does there
    last, before = left[-1], left[:-1]
    while before and before[-1].part == "DE":
        before = before[:-1]
    if last.part == "PHOTO" and not before:
        return Place("photo")
    if last.part == "POS":
        position = None if last.value == "none" else last.value
        if not before or all(token.part in ("PHOTO", "DE", "SIDE") for token in before):
            return Place("position" if position else "near", position)
        if len(before) == 1 and before[0].part == "POS":
            return Place("position", before[0].value if before[0].value != "none" else position)
        return _anchor(before, position, text)
    if last.part == "SIDE":
        if not before:
            return (
                Place("position", "top" if last.word == "上" else last.value or None)
                if last.word in "上下前后"
                else None
            )
        if before[-1].part == "PHOTO" or before[-1].value == "background":
            return Place("photo")
        if before[-1].word in wordset("HIGH") and last.word != "下":
            return Place("position", "top", None, before[-1])
        spot = before[0].value if before[0].part == "POS" and before[0].value != "none" else None
        found = _anchor(before, last.value or spot, text)  # 右边空着的椅子上
        beside = found is not None and last.word == "边"  # 洱海边 is where one stands, as 海边 is
        return replace(found, anchor=said([*before, last], text)) if found is not None and beside else found
    if last.word in wordset("HIGH") and (last.value == "sky" or len(last.word) > 1):
        return Place("position", "top", None, last)
    return _anchor(left, None, text)


def _doing(token: Token) -> bool:
    return token.part == "MOD" or token.word in vocabulary().verbs or token.word in wordset("DEEDS")


def _anchor(before: Sequence[Token], position: str | None, text: str) -> Place | None:
    named = thing(before, text)
    if named is None or named.head is None or named.head.part in ("MOD", "COLOR", "STYLE"):
        return None
    return Place("anchor", position, named.said, named.head)
