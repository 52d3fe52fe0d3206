"""Which thing in a photo a step is about: by its kind, its looks, its place; or the question back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pipeline.diffusion.meaning import Asked, Meaning, value_of
from pipeline.diffusion.names import group_of, say
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary
from pipeline.diffusion.words import PERSONS
from pipeline.engine import Ambiguous, Choice, OrderError
from pipeline.imaging.composite import Box

NEARER = 0.02  # of the photo's height: who stands so much lower stands in front


class PromptError(OrderError):
    """The step cannot be said to this model, or not about this photo."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A concept as prompts need it: the pseudo-word, what it is ("person", "pet", "object", "style"), and the kind
    and looks nearest to it in the model's own words, by which it is found in a photo; with a judge also how much each
    thing in the photo looks like it (cosines, in the order of `Seen.things`)."""

    word: str
    kind: str
    like: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    likeness: tuple[float, ...] = ()


def select(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, concepts: Mapping[str, Taught], choice: int | None = None
) -> int:
    """Index of the thing that a step is about. Raises PromptError if there is none, Ambiguous if there are several."""
    step = asked.step
    if not seen.things:
        raise PromptError("照片里没有看到可以改的东西。换一张有人或物的照片，或者先往里加点什么。", "nothing seen")
    if choice is not None and 0 <= choice < len(seen.things):
        return choice
    taught = taught_as(step.target, concepts)
    if taught is not None:
        return _resembling(asked, taught, seen, vocabulary)
    meaning = _target(asked, vocabulary)
    if meaning is None:
        raise _which(f"我还不认识“{step.target}”，你说的是哪一个？", range(len(seen.things)), seen, unheard=True)
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
    if step.position == "behind" and step.operation not in ("insert", "move"):
        fitting = _behind(fitting, meaning, seen)
    if not fitting and step.position != "behind" and PERSONS.intersection(meaning.kinds):
        # whose picture it is knows better than we who the only person in it is
        people = [i for i, thing in enumerate(seen.things) if thing.kind in PERSONS]
        fitting = people if len(people) == 1 else []
    if not fitting:
        there = "、".join(say(thing) for thing in seen.things)
        raise PromptError(f"照片里没有找到{step.target}，我看到的是：{there}。请换个说法再试。", f"no {meaning.kinds}")
    if step.operation == "modify" and not meaning.kinds:  # 笑一笑: whoever has a face
        needed = set(asked.content.slots)
        fitting = [i for i in fitting if needed <= set(vocabulary.slots_of(seen.things[i].kind))] or fitting
    if step.position in ("left", "right", "center") and step.operation not in ("insert", "move"):
        fitting = _at(step.position, fitting, seen)
    if len(fitting) > 1 and meaning.slots:
        score = [_agreement(meaning, seen.things[i], vocabulary) for i in fitting]
        fitting = [i for i, s in zip(fitting, score, strict=True) if s == max(score)]
    if len(fitting) > 1:
        which = "，还是".join(say(seen.things[i]) for i in fitting)
        raise _which(f"照片里不止一个，是{which}？", fitting, seen)
    return fitting[0]


def _resembling(asked: Asked, taught: Taught, seen: Seen, vocabulary: Vocabulary) -> int:
    """Index of the thing that is a taught concept, by what the judge thinks of it, else by its looks in words.

    Raises PromptError if nothing of its kind is there, Ambiguous if two look alike.
    """
    step = asked.step
    alike = [i for i, thing in enumerate(seen.things) if thing.kind == taught.like]
    alike = alike or [i for i, thing in enumerate(seen.things) if group_of(thing.kind) == group_of(taught.like)]
    if step.position in ("left", "right", "center") and step.operation not in ("insert", "move") and alike:
        alike = _at(step.position, alike, seen)
    if not alike:
        there = "、".join(say(thing) for thing in seen.things)
        raise PromptError(f"照片里没有找到{step.target}，我看到的是：{there}。", f"nobody like {taught.like}")
    if taught.likeness:
        best = max(taught.likeness[i] for i in alike)
        if best < vocabulary.thresholds.known:
            raise _which(f"照片里好像没有{step.target}，你说的是哪一个？", alike, seen, unheard=True)
        alike = [i for i in alike if taught.likeness[i] > best - vocabulary.thresholds.doubt]
    elif taught.slots:
        meaning = Meaning((taught.like,), taught.slots, thing=True)
        agreed = {i: _agreement(meaning, seen.things[i], vocabulary) for i in alike}
        alike = [i for i in alike if agreed[i] == max(agreed.values())]
    if len(alike) > 1:
        raise _which(f"照片里不止一个像{step.target}，是哪一个？", alike, seen)
    return alike[0]


def _which(sentence: str, fitting: Iterable[int], seen: Seen, unheard: bool = False) -> Ambiguous:
    """The question which of these is meant."""
    choices = [Choice(i, say(seen.things[i]), seen.things[i].box) for i in fitting]
    return Ambiguous(sentence, f"{len(choices)} things may be meant", choices, unheard)


def taught_as(text: str | None, concepts: Mapping[str, Taught]) -> Taught | None:
    """The concept of that name, whatever the case of its letters."""
    return next((taught for key, taught in concepts.items() if text and key.casefold() == text.casefold()), None)


def _target(asked: Asked, vocabulary: Vocabulary) -> Meaning | None:
    """What the step's target means; None for a word that nothing in the vocabulary answers to."""
    meaning, said = asked.target, asked.step.target
    if said and meaning.unknown == said:
        return None
    if meaning.slots and not meaning.thing:  # 头上的角, 眼镜: whoever has it
        owners = [kind for kind in vocabulary.things if set(meaning.slots) <= set(vocabulary.slots_of(kind))]
        return replace(meaning, kinds=tuple(owners))
    return None if said and not meaning.thing and meaning.part is None else meaning


def _agreement(meaning: Meaning, thing: Thing, vocabulary: Vocabulary) -> int:
    """How many of the attributes said are this thing's."""
    return sum(thing.slots.get(slot) == value_of(vocabulary, slot, value) for slot, value in meaning.slots.items())


def _at(position: str, fitting: list[int], seen: Seen) -> list[int]:
    """Those of `fitting` at a position; if none stands there, the one that comes nearest to it."""
    place = {"center": "middle"}.get(position, position)
    there = [i for i in fitting if seen.things[i].position == place]
    wanted = {"left": 0.0, "middle": 0.5, "right": 1.0}[place]
    return there or [min(fitting, key=lambda i: abs(middle(seen.things[i].box) - wanted))]


def half_hidden(asked: Asked, seen: Seen, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The kinds of person that the step says stand behind, when nobody is seen to stand behind anybody; else ()."""
    step = asked.step
    if step.position != "behind" or step.operation in ("insert", "move"):
        return ()
    meaning = _target(asked, vocabulary)
    if meaning is None or not meaning.kinds or not PERSONS.issuperset(meaning.kinds):
        return ()
    if step.operation == "remove" and len(meaning.kinds) > 1:  # 去掉后面的人: passers-by
        return ()
    people = [i for i, thing in enumerate(seen.things) if thing.kind in PERSONS]
    meant = [i for i in people if seen.things[i].kind in meaning.kinds]
    return () if _hidden(people, seen, beside=False) or _hidden(meant, seen, beside=True) else meaning.kinds


def _behind(fitting: list[int], meaning: Meaning, seen: Seen) -> list[int]:
    """Which of `fitting` stands behind the others, its foot higher up; if none does, who is half hidden by somebody and
    a person or an animal as they should be: of those one sees too little to be sure."""
    groups = {group_of(kind) for kind in meaning.kinds}
    alike = [i for i, thing in enumerate(seen.things) if group_of(thing.kind) in groups]
    for some, beside in ((fitting, True), (alike, False)):
        if back := _hidden(some, seen, beside):
            return back[:1]
    return fitting


def _hidden(some: Iterable[int], seen: Seen, beside: bool) -> list[int]:
    """Which of them have somebody before them, or (`beside`) only lower; who stands farthest back comes first."""
    boxes = [thing.box for thing in seen.things]

    def hides(j: int, i: int) -> bool:
        overlap = boxes[i][0] < boxes[j][2] and boxes[j][0] < boxes[i][2]
        return boxes[j][3] > boxes[i][3] + NEARER and (beside or overlap)

    back = [i for i in some if any(hides(j, i) for j in range(len(boxes)))]
    return sorted(back, key=lambda i: boxes[i][3])


def _wearers(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Kinds that wear clothes and have hair."""
    return tuple(kind for kind in vocabulary.things if "hair" in vocabulary.slots_of(kind))


def middle(box: Box) -> float:
    """Where a box stands from left to right, 0…1."""
    return (box[0] + box[2]) / 2
