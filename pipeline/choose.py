"""Which thing in a photo a step is about: by its kind, its looks, its place; or the question back.

PromptError    the step cannot be said to this model, or not about this photo
└── Ambiguous  several things fit: carries the choices for the question
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.compose import Box
from pipeline.phrases import Meaning, name, nearest, say, understand, value_of
from pipeline.vocabulary import Seen, Thing, Vocabulary
from storage.errors import HeyingError
from storage.plans import Step


class PromptError(HeyingError):
    """The step cannot be said to this model, or not about this photo."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that may be meant: its index in `Seen.things`, what to call it in a question, where it
    is."""

    index: int
    words: str
    box: Box


class Ambiguous(PromptError):
    """Several things fit; `choices` are for the question back. The answer is a Choice's index."""

    def __init__(self, sentence: str, log: str = "", choices: Sequence[Choice] = ()) -> None:
        super().__init__(sentence, log)
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Taught:
    """A concept as prompts need it: the pseudo-word, what it is ("person", "pet", "object", "style"), and the kind
    and looks nearest to it in the model's own words, by which it is found in a photo."""

    word: str
    kind: str
    like: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)


def select(
    step: Step, seen: Seen, vocabulary: Vocabulary, concepts: Mapping[str, Taught], choice: int | None = None
) -> int:
    """Index of the thing that a step is about. Raises PromptError if there is none, Ambiguous if there are several."""
    if not seen.things:
        raise PromptError("照片里没有看到可以改的东西。换一张有人或物的照片，或者先往里加点什么。", "nothing seen")
    if choice is not None and 0 <= choice < len(seen.things):
        return choice
    meaning = _target(step, vocabulary, concepts)
    fitting = [
        i
        for i, thing in enumerate(seen.things)
        if (not meaning.kinds or thing.kind in meaning.kinds)
        and (
            meaning.part is None
            or meaning.thing
            or (meaning.part in thing.slots and thing.kind in _wearers(vocabulary))
        )
    ]
    if not fitting:
        there = "、".join(say(thing) for thing in seen.things)
        raise PromptError(f"照片里没有找到{step.target}，我看到的是：{there}。请换个说法再试。", f"no {meaning.kinds}")
    if step.position in ("left", "right", "center") and step.operation not in ("insert", "move"):
        fitting = _at(step.position, fitting, seen)
    if len(fitting) > 1 and meaning.slots:
        score = [_agreement(meaning, seen.things[i], vocabulary) for i in fitting]
        fitting = [i for i, s in zip(fitting, score, strict=True) if s == max(score)]
    if len(fitting) > 1:
        choices = [Choice(i, say(seen.things[i]), seen.things[i].box) for i in fitting]
        which = "，还是".join(choice.words for choice in choices)
        raise Ambiguous(f"照片里不止一个，是{which}？", f"{len(fitting)} things fit", choices)
    return fitting[0]


def taught_as(text: str | None, concepts: Mapping[str, Taught]) -> Taught | None:
    """The concept of that name, whatever the case of its letters."""
    return next((taught for key, taught in concepts.items() if text and key.casefold() == text.casefold()), None)


def _target(step: Step, vocabulary: Vocabulary, concepts: Mapping[str, Taught]) -> Meaning:
    """What the step's target means. Raises PromptError for a word that nothing in the vocabulary answers to."""
    taught = taught_as(step.target, concepts)
    if taught and taught.like:
        return Meaning((taught.like,), taught.slots, thing=True)
    meaning = understand(step.target or "")
    if meaning.slots and not meaning.thing:  # 头上的角, 眼镜: whoever has it
        owners = [kind for kind in vocabulary.things if set(meaning.slots) <= set(vocabulary.slots_of(kind))]
        return replace(meaning, kinds=tuple(owners))
    if step.target and not meaning.thing and meaning.part is None:
        offers = "、".join(name(kind) for kind in nearest(vocabulary, step.target)[:5])
        raise PromptError(f"我还不认识“{step.target}”，能认出的有{offers}等。请换个说法。", "target unknown")
    return meaning


def _agreement(meaning: Meaning, thing: Thing, vocabulary: Vocabulary) -> int:
    """How many of the attributes said are this thing's."""
    return sum(thing.slots.get(slot) == value_of(vocabulary, slot, value) for slot, value in meaning.slots.items())


def _at(position: str, fitting: list[int], seen: Seen) -> list[int]:
    """Those of `fitting` at a position; if none stands there, the one that comes nearest to it."""
    place = {"center": "middle"}.get(position, position)
    there = [i for i in fitting if seen.things[i].position == place]
    wanted = {"left": 0.0, "middle": 0.5, "right": 1.0}[place]
    return there or [min(fitting, key=lambda i: abs(middle(seen.things[i].box) - wanted))]


def _wearers(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Kinds that wear clothes and have hair."""
    return tuple(kind for kind in vocabulary.things if "hair" in vocabulary.slots_of(kind))


def middle(box: Box) -> float:
    """Where a box stands from left to right, 0…1."""
    return (box[0] + box[2]) / 2
