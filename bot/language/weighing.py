"""What the rules read and what the learnt reader hears → one intent and one list of steps, and how sure that is.

The reader (bot/language/reader.py) says how likely every intent is. What rules read exactly is evidence beside it, in nats
(log odds) added to the reader's: a saying that a whole message is, a form of its own, an order that fits a frame. One maximum
decides. Which steps an order has the reader says; their words are the rules' where it is not sure of others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.language.decoding import Heard
from bot.language.reader import VALUED, Reading
from storage.plans import Step

# Evidence of the rules, in nats.
SAYING = 4.0  # 撤销, 还要多久: all that a message says
LOOSE = 1.2  # the same in other words
FORM = 5.0  # 这是小明,记住他; 来6个小明的表情
FRAME = 1.5  # an order that fits a frame …
SLOT = 0.6  # … for each slot that it fills
WHOLE = 1.0  # … and that is all that a message says
WITHOUT_PHOTO = -1.0  # an edit for which no photo is there, and which is answered by asking for it
ALONE = -0.5  # … and what no frame fits, be the reader never so sure
CAUTION = -2.0  # an edit is carried out, so that it must be likelier than talk
COMPLAINT = 1.2  # one that is passed over is worse than an apology too many
BEYOND = -1.0  # … and of which nothing can be carried out, so that it does no harm
LEAST = 1e-4  # likelier than this is anything
ASKED = 0.05  # how likely the reader must think an edit that rules read and that is not taken, to ask: 要我…吗？
ASKED_ALONE = 0.3  # … and one that only it hears
FEW = 0.3  # how likely an operation must be where none is likelier
UNLIKELY = 0.08  # how likely the operation of a step that rules read must be at least
WORDS = 0.9  # … and its words …
NOTHING = 0.97  # … and that there are none …
CLOSED = 0.85  # … and its colours and places, in place of theirs
EXACT = ("background",)  # 背景换成… exchanges the setting, whatever it becomes
SLOTS = ("target", "content", "concept", "style", "color", "position")
# What an operation cannot be carried out without.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "insert": ("content",), "replace": ("target", "content"), "remove": ("target",), "restyle": ("style",),
    "recolor": ("target", "color"), "modify": ("content",), "background": ("content",), "move": ("target", "position"),
    "adjust": ("content",), "rotate": ("content",), "beautify": ("content",), "text": ("content",), "swap": ("target",),
    "face_swap": ("target", "content"), "crop": ("content",), "mosaic": ("target",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """The likeliest intent and how likely it is, of all; ``order`` how likely an edit is."""

    intent: str
    sure: float
    order: float


def verdict(reading: Reading, evidence: Mapping[str, float]) -> Verdict:
    """The intent that reader and rules together make likeliest. ``evidence``: what rules read, by intent, in nats."""
    odds = {
        intent: math.log(max(likely, LEAST)) + evidence.get(intent, 0.0) for intent, likely in reading.intents.items()
    }
    most = max(odds.values())
    shares = {intent: math.exp(odd - most) for intent, odd in odds.items()}
    whole = sum(shares.values())
    best = max(shares, key=shares.__getitem__)
    return Verdict(best, shares[best] / whole, shares["edit"] / whole)


def of_order(steps: Sequence[Step], seen: int) -> float:
    """How much steps that fit a frame speak for an edit."""
    slots = sum(
        slot is not None
        for step in steps
        for slot in (step.target, step.content, step.concept, step.style, step.color, step.position)
    )
    return (FRAME + SLOT * min(slots, 3) if steps else ALONE) + CAUTION + (0.0 if seen else WITHOUT_PHOTO)


def chosen(rules: Sequence[Step], heard: Sequence[Heard], reading: Reading) -> list[Step]:
    """The steps of an order: those that the reader hears, each with the slots of the rules' step that is most like it but where
    the reader is sure of others; and the rules' where it hears none."""
    if not heard:
        return [step for step in rules if reading.operations[step.operation] >= UNLIKELY] or list(rules)
    pairs = sorted(
        (
            (_alike(one.step, step), -abs(at / len(heard) - place / len(rules)), at, place)
            for at, one in enumerate(heard)
            for place, step in enumerate(rules)
            if one.step.operation == step.operation or (step.operation in EXACT and one.step.content == step.content)
        ),
        reverse=True,
    )
    like: dict[int, int] = {}
    for alike, _, at, place in pairs:
        if alike >= 0 and at not in like and place not in like.values():
            like[at] = place
    return [_both(rules[like[at]], one) if at in like else one.step for at, one in enumerate(heard)]


def _both(rules: Step, heard: Heard) -> Step:
    return _joined(rules, heard) if rules.operation == heard.step.operation else rules


def _alike(one: Step, other: Step) -> int:
    """How much two steps of one operation say the same: 2 for a slot that is equal, 1 for words within others, -1 for others."""
    pairs = [(getattr(one, slot), getattr(other, slot)) for slot in SLOTS]
    return sum(2 if a == b else 1 if a in b or b in a else -1 for a, b in pairs if a and b)


def _joined(rules: Step, other: Heard) -> Step:
    """One step of both: the rules' slots but where the reader is sure of others."""
    heard, sure = other.step, other.sure
    step = rules
    if sure["target"] >= (WORDS if heard.target else NOTHING):
        step = replace(step, target=heard.target)
    for slot in ("position", "color"):
        if getattr(heard, slot) and sure[slot] >= CLOSED:
            step = replace(step, **{slot: getattr(heard, slot)})
    content = heard.content or heard.concept or heard.style
    certain = min(sure["content"], sure["value"]) if rules.operation in VALUED else sure["content"]
    if certain >= (WORDS if content else NOTHING) and (content or rules.operation not in VALUED):
        step = replace(step, content=heard.content, concept=heard.concept, style=heard.style)
    return step


def missing(step: Step) -> tuple[str, ...]:
    """The slots without which a step cannot be carried out."""
    return tuple(slot for slot in NEEDS.get(step.operation, ()) if not _told(step, slot))


def _told(step: Step, slot: str) -> bool:
    if slot == "content":
        return bool(step.content or step.concept or step.color or step.style)
    if slot == "style":
        return bool(step.style or step.content or step.concept)
    if slot == "color":
        return bool(step.color or step.content)
    if slot == "position":
        return bool(step.position or step.content)
    if step.operation == "crop":
        return True
    return bool(step.target or (step.position and step.operation != "move"))  # a move's position is where to
