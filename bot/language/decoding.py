"""The steps that the learnt reader hears: its operations, the words that it marked, its closed slots, as Steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.language.reader import VALUED, Deed, Reading, Span
from bot.language.retouching import listed
from bot.language.tokens import Token, fold
from bot.lexicon import THING_MEASURES
from storage.plans import Step

SURE = 0.5  # how likely an operation must be
SLOT = 0.5  # … and a colour, a place, a value
UNSAID_COLOR = 0.9  # … and a colour for which no word is known: 巧克力棕
_TRIMMED = " ,，。.!！?？~～、:：;；\n\t"
_QUOTES = "“”\"「」『』‘’'《》"


@dataclass(frozen=True, slots=True)
class Heard:
    """A step, how likely its operation is, how sure each of its slots, and where in the text it stands."""

    step: Step
    likely: float
    sure: Mapping[str, float]
    at: int


def heard(reading: Reading, tokens: Sequence[Token], text: str, least: float = SURE) -> list[Heard]:
    """The steps that are at least so likely, in the order said."""
    made = [_step(deed, tokens, text) for deed in reading.deeds if deed.likely >= least]
    return [one for at, one in enumerate(made) if one.step not in [other.step for other in made[:at]]]


def _step(deed: Deed, tokens: Sequence[Token], text: str) -> Heard:
    target, content = (_trimmed(span, tokens, deed.operation) if span else None for span in (deed.target, deed.content))
    words = _said(content, text) if content else None
    concept = _name(content, tokens) if content else None
    color, position, strength = (_closed(deed, name) for name in ("color", "position", "strength"))
    value, style = _closed(deed, "value") if deed.operation in VALUED else None, None
    if color and not any(token.value == color for token in tokens) and deed.slots["color"][1] < UNSAID_COLOR:
        color = None
    if deed.operation == "recolor" and color is None:
        color = _other_color(target, tokens)
    if deed.operation == "restyle":
        style, value = value or None, None
    exact = listed(deed.operation, text)  # sizes and proportions have words of their own
    if style or value or exact or concept:
        words = exact or value or None
    step = Step(
        deed.operation, _said(target, text) if target else None, words, concept, style, color or None, position or None,
        strength or "normal",
    )  # fmt: skip
    at = min((span[0] for span in (target, content) if span), default=deed.at)
    sure = {**deed.sure, **{name: likely for name, (_, likely) in deed.slots.items()}}
    return Heard(_fitting(step), deed.likely, sure, at)


def _trimmed(span: Span, tokens: Sequence[Token], operation: str) -> Span:
    """A stretch in whole words, without measure words, pointers and places before it."""
    inside = [token for token in tokens if token.start < span[1] and span[0] < token.end]
    if operation == "text":
        return (min(span[0], inside[0].start), max(span[1], inside[-1].end)) if inside else span
    inside = [
        token
        for token in inside
        if token.end - token.start <= _SHORT or min(token.end, span[1]) - max(token.start, span[0]) > 1
    ] or inside
    while len(inside) > 1 and inside[0].part in (_POINTING if operation != "crop" else _BEFORE):
        inside = inside[1:]
    return (inside[0].start, inside[-1].end) if inside else span


_SHORT = 3  # characters of a word that is never cut
_BEFORE = ("BA", "GIVE", "MAKE", "USE", "DE", "GAP", "AT")
_POINTING = ("NUM", "M", "DET", "POS", *_BEFORE)
_BARE = ("upscale", "restore", "collage", "extend", "rotate")  # have no target
_NO_CONTENT = ("remove", "cutout", "mosaic", "upscale", "restore")


def _fitting(step: Step) -> Step:
    """Without slots that the operation does not have."""
    if step.operation in _BARE and step.target:
        step = replace(step, target=None)
    if step.operation in _NO_CONTENT and (step.content or step.concept):
        step = replace(step, content=None, concept=None)
    return step


def _other_color(target: Span | None, tokens: Sequence[Token]) -> str | None:
    """The colour that is named outside of what is to have it."""
    apart = [t for t in tokens if t.part == "COLOR" and not (target and target[0] <= t.start < target[1])]
    return apart[-1].value if apart else None


def _closed(deed: Deed, name: str) -> str | None:
    word, likely = deed.slots[name]
    return word if likely >= SLOT and word else None


def _said(span: Span, text: str) -> str | None:
    """The words of a stretch, without what stands around them."""
    words = text[span[0] : span[1]].strip(_TRIMMED).rstrip("的")  # 的 before it is no word of its own: 的士
    return words.strip(_QUOTES) or None


def _name(span: Span, tokens: Sequence[Token]) -> str | None:
    """The taught name that a stretch is, as in 小明的脸."""
    inside = [token for token in tokens if span[0] <= token.start and token.end <= span[1]]
    names = [token for token in inside if token.part == "NAME"]
    plain = [token for token in inside if token.part not in ("DE", "GAP", "PART")]
    before = [token for token in tokens if names and token.end <= names[0].start][-1:]
    if any(token.part in ("NUM", "DET", "M") and token.value in THING_MEASURES for token in before):
        return None  # 一盘年糕 is food, whoever is called so
    return names[0].value if len(names) == 1 and (len(plain) == 1 or fold(plain[-1].word) in _OWN) else None


_OWN = ("脸", "头", "样子", "照片", "画风", "风格")
