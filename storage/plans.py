"""Plan and Step: what a Chinese sentence asks for, before anybody knows how it is done.

The closed word lists are those of the command schema; the parser may say nothing outside them. What ``content`` holds of
an ``adjust``, ``rotate``, ``id_photo`` or ``collage`` is one of ADJUSTMENTS, TURNS, ID_SIZES, COLLAGES where one fits, and
otherwise what the user said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

INTENTS = (
    "edit", "learn", "stickers", "generate", "undo", "redo", "again", "stronger", "weaker",
    "cancel", "status", "concepts", "forget", "help", "question", "complaint", "show", "chat",
)  # fmt: skip
OPERATIONS = (
    "insert", "replace", "remove", "restyle", "recolor", "modify", "background", "move",
    "adjust", "crop", "rotate", "id_photo", "upscale", "restore", "extend", "beautify", "cutout", "mosaic", "text",
    "collage", "swap", "face_swap",
)  # fmt: skip
STYLES = (
    "ink_wash", "impressionist", "oil", "watercolor", "sketch", "comic", "anime", "pixel",
    "abstract", "cyberpunk", "clay", "vintage", "papercut",
)  # fmt: skip
COLORS = (
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white", "gray", "brown", "gold", "silver",
    "cyan",
)  # fmt: skip
POSITIONS = ("left", "right", "center", "top", "bottom", "front", "behind")
STRENGTHS = ("slight", "normal", "strong")
ADJUSTMENTS = (
    "brighter", "darker", "contrast", "warmer", "cooler", "vivid", "muted", "sharper", "denoise", "auto", "grayscale",
    "colorize", "relight",
)  # fmt: skip
TURNS = ("left", "right", "half", "mirror", "straighten")
ID_SIZES = ("one_inch", "two_inch", "small_two_inch")
COLLAGES = ("side_by_side", "stack", "nine")
RESULTS = ("original", "previous", "first")
CONCEPT_KINDS = ("person", "pet", "object", "style")
EXPRESSIONS = ("happy", "sad", "angry", "surprised", "sleepy", "love", "speechless")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to one photo.

    ``target`` is the thing in the photo, ``content`` what comes in or what it becomes, both as the user said them;
    ``concept`` is a taught name and then ``content`` is None. Raises ValueError for a word outside the lists above.
    """

    operation: str
    target: str | None = None
    content: str | None = None
    concept: str | None = None
    style: str | None = None
    color: str | None = None
    position: str | None = None
    strength: str = "normal"

    def __post_init__(self) -> None:
        _among(OPERATIONS, "operation", self.operation)
        _among((None, *STYLES), "style", self.style)
        _among((None, *COLORS), "color", self.color)
        _among((None, *POSITIONS), "position", self.position)
        _among(STRENGTHS, "strength", self.strength)

    def to_json(self) -> dict[str, Any]:
        """The step as a dict without its empty fields (and without the strength nobody asked for)."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value is not None and (name, value) != _UNSAID}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The step a dict describes; null and absent mean the same. Raises ValueError for what is not a step."""
        return cls(**_known(cls, data))


@dataclass(frozen=True, slots=True)
class Referent:
    """One thing that a step speaks of, as the parser understood it; made once, so that no engine reads Chinese.

    text        the user's own words
    kinds       what it may be, as English nouns of the lexicon ("person", "woman", "cat"); () when unknown
    english     an English phrase for prompts ("the red dress"); None when we have no words for it
    name        a taught concept's name
    part        the part of the thing that is meant: "hair", "clothes", "dress", "face", "eyes", "background"
    attributes  what is said of it: {"color": "red", "hair_color": "black", "gender": "female"}
    position    where it is, one of POSITIONS
    ordinal     its number counted from `position` (left when none is said), from 1; -1 for the last
    quantity    "one", "all", or "others" (everybody else)
    """

    text: str
    kinds: tuple[str, ...] = ()
    english: str | None = None
    name: str | None = None
    part: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    position: str | None = None
    ordinal: int | None = None
    quantity: str = "one"

    def to_json(self) -> dict[str, Any]:
        """The referent as a dict of JSON values without its empty fields."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        values |= {"kinds": list(self.kinds), "attributes": dict(self.attributes)}
        return {name: value for name, value in values.items() if value not in (None, [], {}, "one")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The referent that a dict describes. Raises ValueError for what is none."""
        values = _known(cls, data)
        values["kinds"] = tuple(values.get("kinds", ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a step has to say for an operation to be possible at all with an engine, whatever the photo: something in one of
    these ``slots``, or content in which one of ``words`` is (English or the user's own), or that is one of ``kinds``.
    ``sentence`` says that it is not, with {content} for the user's words; ``instead`` are sentences that can be said."""

    sentence: str
    slots: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The bound that a dict describes."""
        fields: dict[str, Any] = {
            name: value if isinstance(value, str) else tuple(value) for name, value in data.items()
        }
        return cls(**fields)

    def keeps(self, step: Step, content: Referent | None) -> bool:
        """Whether a step says it. Of content that nothing is known of, no kind is one."""
        content = content or Referent(step.content or "")
        if content.name or any(getattr(step, slot) for slot in self.slots):
            return True
        known = {name: value for name, value in content.attributes.items() if name not in ("unknown", "color")}
        said = " ".join(filter(None, (step.content, step.style, content.english, *known.values()))).lower()
        if any(word in said for word in self.words):
            return True
        if not self.kinds:
            return False
        return (
            bool(set(content.kinds) & set(self.kinds))
            if content.kinds
            else bool(known) or "unknown" not in content.attributes
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sentence means: an intent, and for ``edit`` the steps in the order said.

    ``result`` is what an order is about when it is not the latest picture: one of RESULTS, a number, or words as said
    (雪地那张). ``missing`` are slots without which the order cannot be carried out (换个发型: "content"), ``unsupported``
    parts that are orders but nothing we have a word for, ``left_over`` words that nothing used and that are more than
    politeness; both as said. ``moving`` and ``close`` are said of stickers: that they move, that they are faces alone.
    """

    intent: str
    steps: tuple[Step, ...] = ()
    name: str | None = None
    kind: str | None = None
    subject: str | None = None
    count: int | None = None
    captions: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    content: str | None = None
    result: str | None = None
    missing: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    moving: bool = False
    close: bool = False

    def __post_init__(self) -> None:
        _among(INTENTS, "intent", self.intent)
        _among((None, *CONCEPT_KINDS), "kind", self.kind)
        for expression in self.expressions:
            _among(EXPRESSIONS, "expression", expression)

    def to_json(self) -> dict[str, Any]:
        """The plan as a dict of JSON values without its empty fields."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        values["steps"] = [step.to_json() for step in self.steps]
        values |= {name: list(values[name]) for name in _LISTS}
        if self.result and self.result.isdigit():
            values["result"] = int(self.result)
        return {
            name: value for name, value in values.items() if value is not None and value is not False and value != []
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The plan a dict describes. Raises ValueError for what is not a plan."""
        values = _known(cls, data)
        values["steps"] = tuple(Step.from_json(step) for step in values.get("steps", ()))
        values |= {name: tuple(values.get(name, ())) for name in _LISTS}
        if "result" in values:
            values["result"] = str(values["result"])
        return cls(**values)


_UNSAID = ("strength", "normal")
_LISTS = ("captions", "expressions", "missing", "unsupported", "left_over")


def _among(words: tuple[str | None, ...], slot: str, word: str | None) -> None:
    if word not in words:
        raise ValueError(f"{slot} {word!r} is not one of {', '.join(str(known) for known in words)}")


def _known(cls: type[Step] | type[Plan] | type[Referent], data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``data`` that say something; raises ValueError for names that ``cls`` does not have."""
    names = {one.name for one in fields(cls)}
    if strangers := sorted(set(data) - names):
        raise ValueError(f"{cls.__name__} has no field {', '.join(strangers)}")
    first = fields(cls)[0].name
    if not data.get(first):
        raise ValueError(f"{cls.__name__} needs {first}")
    return {name: value for name, value in data.items() if value is not None}
