"""The thing that comes in, and attributes that change: what a phrase says, as the vocabulary's own values."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipeline.diffusion import words
from pipeline.diffusion.grounding import PromptError, Taught, taught_as
from pipeline.diffusion.meaning import Asked, Meaning, value_of
from pipeline.diffusion.names import name, nearest
from pipeline.diffusion.vocabulary import Thing, Vocabulary
from pipeline.engine import Offer


def thing_for(asked: Asked, vocabulary: Vocabulary, concepts: Mapping[str, Taught], old: Thing | None = None) -> Thing:
    """The thing that comes in: a taught concept, or what the content says. What is left unsaid is taken over from `old` if
    it is of a like kind, else the plainest is drawn. Raises PromptError for a word that the model cannot draw."""
    step, text, meaning = asked.step, asked.step.content, asked.content
    taught = taught_as(step.concept or text, concepts)
    if taught:
        return Thing(taught.like or taught.kind, taught.slots, word=taught.word)
    if step.concept:
        raise PromptError(f"我还没学会{step.concept}，请先发几张它的照片教我。", "concept unknown")
    if not text:
        raise PromptError("想加什么、换成什么？请告诉我，比如“换成狗”。", "no content")
    kinds = [kind for kind in meaning.kinds if kind in vocabulary.things]
    if not kinds:
        near = [kind for kind in nearest(vocabulary, text, meaning.kinds) if old is None or kind != old.kind]
        offers = [Offer(name(kind), {"content": name(kind)}) for kind in near[:4]]
        instead = "、".join(offer.words for offer in offers)
        why = f"cannot draw {meaning.kinds or 'unknown word'}"
        raise PromptError(f"我还画不出{text}，可以换成{instead}。", why, offers)
    kind = old.kind if old and old.kind in kinds and len(kinds) > 1 else kinds[0]
    slots = {**meaning.slots, **({"color": step.color} if step.color else {})}
    return Thing(kind, _slots(kind, slots, vocabulary, old))


def turned(vocabulary: Vocabulary, seed: int) -> Vocabulary:
    """The same vocabulary, in which other values come first: what an order leaves unsaid (hair, eyes, horns, a colour) is
    drawn otherwise for another seed. What need not be there at all stays away."""
    slots = {
        slot: values if "" in values else (*values[seed % len(values) :], *values[: seed % len(values)])
        for slot, values in vocabulary.slots.items()
    }
    return replace(vocabulary, slots=slots) if seed and slots else vocabulary


def with_slots(old: Thing, slots: Mapping[str, str], vocabulary: Vocabulary, asked: str | None) -> Thing:
    """A thing with some of its slots changed. Raises PromptError if it has no such slots or none of its values fit."""
    has = vocabulary.slots_of(old.kind)
    missing = [slot for slot in slots if slot not in has]
    if not slots or missing:
        offers = changeable(vocabulary, has) or "背景和风格"
        raise PromptError(
            f"{name(old.kind)}改不了“{asked or ''}”，能改的是：{offers}。", f"{old.kind} has no {missing}"
        )
    values = {slot: _value(slot, value, vocabulary, old.slots.get(slot)) for slot, value in slots.items()}
    return replace(old, slots={**old.slots, **values}, word="")


def changeable(vocabulary: Vocabulary, slots: Iterable[str] | None = None) -> str:
    """What can be changed about things that have these slots (None: about anything), in Chinese."""
    several = {slot for slot in slots or vocabulary.slots if len(vocabulary.slots.get(slot, ())) > 1}
    return "、".join(title for slot, title in words.SLOT_TITLES.items() if slot in several)


def _slots(kind: str, wanted: Mapping[str, str], vocabulary: Vocabulary, old: Thing | None) -> dict[str, str]:
    """All slots of a kind: what was told, else as `old` has it, else its first value. Raises PromptError for a value
    that the model cannot draw."""
    slots = {}
    for slot in vocabulary.slots_of(kind):
        if slot in wanted:
            slots[slot] = _value(slot, wanted[slot], vocabulary)
        elif old is not None and slot in old.slots:
            slots[slot] = old.slots[slot]
        else:
            slots[slot] = vocabulary.slots[slot][0]
    return slots


def _value(slot: str, meant: str, vocabulary: Vocabulary, now: str | None = None) -> str:
    """The vocabulary's value for what is meant. Raises PromptError with what it has instead, but for what is there
    `now`."""
    value = "" if meant == "" else value_of(vocabulary, slot, meant)
    if value is not None and value in vocabulary.slots[slot]:
        return value
    if slot in ("color", "hair_color"):
        near = [color for color in words.NEAR_COLORS.get(meant, ()) if color in vocabulary.slots[slot]]
        colors = [color for color in near or vocabulary.slots[slot] if color != now]
        offers = "、".join(words.COLOR_NAMES[color] for color in colors)
        raise PromptError(
            f"我调不出{words.COLOR_NAMES.get(meant, meant)}，可以换成{offers}。",
            f"no {slot} {meant!r}",
            [Offer(words.COLOR_NAMES[color], {"color": color}) for color in colors[:4] if slot == "color"],
        )
    raise PromptError("这个我还画不出来，请换个说法试试。", f"no {slot} {meant!r}")


def about_clothes(meaning: Meaning) -> bool:
    """Whether a phrase is about clothes or hair only: 红色旗袍, 长发."""
    return not meaning.thing and bool(meaning.part or meaning.slots)
