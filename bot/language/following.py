"""A message that may lean on the last edit: 粉的, 另一只也换, 不对我说的是裤子.

The learnt reader reads it with that edit before it, as one line: 换成 左边 猫 红色 狗‖粉的. What it leaves out is then among the
words of the line. A message that is an order by itself is read there as it would be alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.language import reader
from bot.language.decoding import heard
from bot.language.tokens import tokens
from bot.language.weighing import missing
from bot.replies.names import ADJUSTMENTS, COLLAGES, COLORS, POSITIONS, SIZES, STYLES, TURNS
from storage.plans import Step

BREAK = "‖"
_VERBS = {
    "insert": "加", "replace": "换成", "remove": "去掉", "restyle": "画风", "recolor": "变色", "modify": "改", "background": "背景",
    "move": "移", "adjust": "调", "crop": "裁", "rotate": "转", "id_photo": "证件照", "upscale": "变清晰", "restore": "修复",
    "extend": "扩图", "beautify": "美颜", "cutout": "抠图", "mosaic": "打码", "text": "写上", "collage": "拼图", "swap": "对调",
    "face_swap": "换脸",
}  # fmt: skip
_VALUES = {"adjust": ADJUSTMENTS, "rotate": TURNS, "id_photo": SIZES, "collage": COLLAGES}


@dataclass(frozen=True, slots=True)
class Following:
    """What a message means after an edit: its intent, the steps of an order with what was left out, how sure the intent and the
    steps are, and whether the last edit is to be done otherwise (on the picture before it) rather than something more."""

    intent: str
    steps: tuple[Step, ...]
    sure: float
    instead: bool


def follow(text: str, last: Step, names: Sequence[str] = ()) -> Following:
    """Read a message with the edit that was done last. ``names`` are those taught."""
    whole = line(last, text)
    found = tokens(whole, names)
    reading = reader.read(found, 1)
    parts = heard(reading, found, whole)
    steps = tuple(_filled(one.step, last, text) for one in parts) if reading.intent == "edit" else ()
    if any(missing(step) for step in steps):
        steps = ()
    sure = min([reading.sure, *(one.likely for one in parts)]) if steps else reading.sure
    return Following(reading.intent, steps, sure, reading.which == "previous")


def _filled(step: Step, last: Step, text: str) -> Step:
    """A step with the thing that it is about: of 右边那只也换, of 另一只 what the last edit was about; what is left out, whole."""
    if step.operation != last.operation or not last.target:
        return step
    words = step.target or ""
    pointed = all(token.part in _POINTING or token.word in _OTHER for token in tokens(words))
    if not pointed and (words in text or words not in last.target):
        return step
    sides = [token.value for token in tokens(text) if token.part == "POS" and token.value != "none"]
    return replace(step, target=last.target, position=step.position or (sides[0] if len(sides) == 1 else None))


_POINTING, _OTHER = ("DET", "NUM", "M", "POS", "DE", "SUCH", "CONJ"), ("另", "剩下", "其他")


def line(last: Step, text: str) -> str:
    """An edit and the message after it."""
    content = _VALUES.get(last.operation, {}).get(last.content or "", last.content)
    words = (
        _VERBS[last.operation], POSITIONS.get(last.position or ""), last.target, COLORS.get(last.color or ""), content, last.concept,
        STYLES.get(last.style or ""),
    )  # fmt: skip
    return " ".join(filter(None, words)) + BREAK + text
