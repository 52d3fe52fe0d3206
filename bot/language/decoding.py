"""The steps that the learnt reader hears: its operations, the words that it marked, its closed slots, as Steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.language import showing
from bot.language.reader import VALUED, Deed, Reading, Span, longest
from bot.language.retouching import listed
from bot.language.tokens import Token, fold, vocabulary
from bot.lexicon import THING_MEASURES
from storage.plans import RESULTS, Plan, Step

SURE = 0.5  # how likely an operation must be
SLOT = 0.5  # … and a colour, a place, a value
ALIVE = ("person", "pet")  # of whom rules know by her, his, a kin's or an animal's name
KIND = 0.8  # … and what is learned, against what rules say of it
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
    content = _filled(content, tokens, deed) if content else None
    words = _said(content, text) if content else None
    concept = _name(content, tokens) if content else None
    color, position, strength = (_closed(deed, name) for name in ("color", "position", "strength"))
    value, style = _closed(deed, "value") if deed.operation in VALUED else None, None
    if color and not any(token.value == color for token in tokens):
        inside = _colors().get(fold(words[:1])) == color if words else False  # 绿萝 is no green 萝
        color = color if deed.slots["color"][1] >= UNSAID_COLOR and not inside else None
    if deed.operation == "recolor" and color is None:
        color = _other_color(target, tokens)
    if deed.operation == "restyle":
        style, value = value or None, None
    exact = listed(deed.operation, text)  # sizes and proportions have words of their own
    if style or value or exact or concept:
        words = exact or value or None
    sure = {**deed.sure, **{name: likely for name, (_, likely) in deed.slots.items()}}
    if exact:
        sure |= {"content": 1.0, "value": 1.0}
    step = Step(
        deed.operation, _said(target, text) if target else None, words, concept, style, color or None, position or None,
        strength or "normal",
    )  # fmt: skip
    at = min((span[0] for span in (target, content) if span), default=deed.at)
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
    pointing = _POINTING if operation != "crop" else _BEFORE
    while len(inside) > 1 and inside[0].part in pointing and not _belongs(inside[0], inside[1]):
        inside = inside[1:]
    return (inside[0].start, inside[-1].end) if inside else span


def _belongs(number: Token, after: Token) -> bool:
    """Whether a number is part of what stands after it: 80岁老太太, but 3只猫."""
    return number.part == "NUM" and number.word.isascii() and not number.value and after.part != "M"


def _filled(span: Span, tokens: Sequence[Token], deed: Deed) -> Span | None:
    """A content without the colour that stands before it; None where nothing but 一个 or 上去 is left."""
    inside = [token for token in tokens if span[0] <= token.start and token.end <= span[1]]
    if unfilled(inside, deed.operation):
        return None
    if len(inside) > 1 and inside[0].part == "COLOR" and inside[0].value == _closed(deed, "color"):
        kept = [token for token in inside[1:] if token.part != "DE"]
        return (kept[0].start, span[1]) if kept and deed.operation in _COLORED else span
    return span


def unfilled(said: Sequence[Token], operation: str) -> bool:
    """Whether words are none that could be a content: 一个, 别的, 上去."""
    empty = _UNFILLED[operation == "text"]
    return operation not in VALUED and bool(said) and all(token.part in empty for token in said)


@lru_cache(maxsize=1)
def _colors() -> Mapping[str, str]:
    return {word: value for word, (part, value) in vocabulary().parts.items() if part == "COLOR" and len(word) == 1}


_UNFILLED = (
    ("NUM", "M", "DET", "DIR", "PART", "GAP", "DE", "SUCH"),
    ("DIR", "GAP", "AT", "POS"),
)  # and words to be written
_COLORED = ("insert", "replace", "modify")  # whose content has its colour in a slot
_SHORTEST = 2  # characters of a name
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


def told(plan: Plan, reading: Reading, tokens: Sequence[Token], text: str) -> Plan:
    """A plan that is no edit, with the words that the reader hears in place of those that rules found."""
    about = _about(reading.said, tokens, text, plan.intent == "generate")
    if plan.intent == "learn":
        kind, likely = reading.kind
        heard_kind = kind if likely >= KIND and plan.kind not in ALIVE else None
        return replace(plan, name=_name_of(about, plan.name), kind=heard_kind or plan.kind or "person")
    if plan.intent == "stickers":
        captions = tuple(words for span in reading.captions if (words := _said(span, text)))
        return replace(
            plan,
            subject=about or plan.subject,
            captions=plan.captions or captions,
            expressions=plan.expressions or reading.expressions,
        )
    if plan.intent == "generate":
        return replace(plan, content=about or plan.content)
    if plan.intent == "undo":  # to the picture before is what it always does
        return replace(plan, result=result if (result := earlier(reading, tokens, text)) != "previous" else None)
    return replace(plan, result=earlier(reading, tokens, text)) if plan.intent == "show" else plan


def _name_of(heard: str | None, read: str | None) -> str | None:
    """The name that reader and rules hear. Where one is within the other it is the shorter of two characters or more: 大名可乐."""
    if heard and read and (heard in read or read in heard):
        return min((heard, read), key=lambda name: (len(name) < _SHORTEST, len(name)))
    return read or heard


def _about(spans: Sequence[Span], tokens: Sequence[Token], text: str, counted: bool) -> str | None:
    """The words of the longest stretch; a taught name as it was taught. ``counted``: without the measure words before them."""
    span = longest(spans)
    inside = [token for token in tokens if span and token.start < span[1] and span[0] < token.end]
    while counted and len(inside) > 1 and inside[0].part in ("NUM", "M"):
        inside = inside[1:]
    if len(inside) == 1 and inside[0].part == "NAME":
        return inside[0].value
    return text[inside[0].start : inside[-1].end].strip(_TRIMMED + _QUOTES) or None if inside else None


def pointing(reading: Reading, tokens: Sequence[Token], text: str) -> str:
    """The words with which a message names an earlier picture, or none."""
    span = longest(reading.result)
    inside = [token for token in tokens if span and token.start < span[1] and span[0] < token.end]
    said = text[inside[0].start : inside[-1].end].strip(_TRIMMED + _QUOTES) if inside else ""
    return said if showing.result(said) or showing.words(said) else ""


def earlier(reading: Reading, tokens: Sequence[Token], text: str) -> str | None:
    """Which result a message is about when it is not the latest: one of RESULTS, a number, words as said."""
    if said := pointing(reading, tokens, text):
        return showing.result(said) or said
    return reading.which if reading.which in RESULTS else None


_OWN = ("脸", "头", "样子", "照片", "画风", "风格")
