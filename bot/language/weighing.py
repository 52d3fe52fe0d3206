"""What the rules read and what the learnt reader hears → one plan, and how sure it is.

The rules say what an order means, the reader (bot/language/reader.py) whether it is one. An edit needs both; the more it
says (what, into what, where), the less the reader must be sure. Where they disagree the message is talk, or the bot asks.
"""

from collections.abc import Mapping, Sequence

from bot.language.phrases import wordset
from bot.language.reader import Reading
from storage.plans import Step

# How likely an edit must be that names nothing, one slot, two, three and more.
BARS = (0.6, 0.5, 0.35, 0.25, 0.2)
AMID_TALK = 0.985  # a clause that orders something, told amid other talk …
HARDLY = 0.02  # … which may hardly be an order as a whole
ASKED = 0.08  # from here on an edit that the rules read is asked about: 要我…吗？
SURELY = 0.75  # an order that no rule read: read it again without the doubts about talk
OVER_TALK = 0.6  # another intent where no rule has read one
TALK_OVER_A_SAYING = 0.75  # talk, where a rule has read 撤销 or its like
WITHOUT_PHOTO = 0.45  # an edit for which no photo is there
IMPLIED = 0.88  # an order that only the reader hears: logo 太抢眼了
LACKING = 0.92  # … and that does not say all it needs
OVER_ANOTHER = 0.9  # … and where a rule has read another
AGAINST_A_FORM = 0.93  # talk, where a form of its own (teaching, stickers, drawing) was read
# What an operation cannot be carried out without.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "insert": ("content",), "replace": ("target", "content"), "remove": ("target",), "restyle": ("style",),
    "recolor": ("target", "color"), "modify": ("content",), "background": ("content",), "move": ("target", "position"),
    "adjust": ("content",), "rotate": ("content",), "beautify": ("content",), "text": ("content",), "swap": ("target",),
    "face_swap": ("target",), "crop": ("content",), "mosaic": ("target",),
}  # fmt: skip


def bar(steps: Sequence[Step]) -> float:
    """How likely it must be that these steps were ordered."""
    told = sum(step.operation == "remove" and step.target in wordset("BLEMISHES") for step in steps)  # 去水印
    told += sum(step.operation not in ("insert", "replace", "remove", "modify", "move", "recolor") for step in steps)
    told += sum(
        slot is not None
        for step in steps
        for slot in (step.target, step.content, step.concept, step.style, step.color, step.position)
    )
    return BARS[min(told, len(BARS) - 1)]


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
    if step.operation in ("mosaic", "crop"):
        return True
    return bool(step.target or step.position or (step.operation == "face_swap" and (step.concept or step.content)))


def likeliest(reading: Reading, among: Sequence[str]) -> tuple[str, float]:
    """The likeliest of some intents."""
    best = max(among, key=lambda intent: reading.intents[intent])
    return best, reading.intents[best]
