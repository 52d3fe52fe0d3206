"""The instruction that an editor gets: written by template from step, referents and what was seen; long and exact.

Editors do better when they are told who, where, beside whom, and what stays, than with the user's six characters. What
has to be said at all is worked out here; the words stand in instructions_zh.py and instructions_en.py.

Names of taught people are never in an instruction: the editor does not know them, and a server has no business to.
"""

from pipeline.editors import instructions_en, instructions_zh
from pipeline.editors.said import Pictured, Said, View
from pipeline.engine import EditOrder, GenerateOrder
from storage.plans import Referent

LONGEST = 800  # characters: what the strictest server takes (DashScope)
PHRASE = 120  # characters of one thing as the user said it
# words that point at somebody without saying whom
POINTING = {"他", "她", "我", "你", "佢", "自己", "本人", "这个人", "那个人"}
SOMEBODY = {"zh": "主要人物", "en": "the main person"}
NAMELESS = {"zh": "那个人", "en": "that person"}
WORDS = {"zh": instructions_zh.write, "en": instructions_en.write}
DRAW = {"zh": instructions_zh.draw, "en": instructions_en.draw}


def write(
    order: EditOrder,
    language: str,
    view: View | None = None,
    pictured: Pictured | None = None,
    known: Pictured | None = None,
) -> str:
    """The instruction for an order, in "zh" or "en", of at most LONGEST characters."""
    step, referents = order.step, order.referents
    target, content = referents.get("target"), referents.get("content")
    # a position beside a target says which one is meant; without one, where something goes
    about_target = step.target is not None and step.operation not in ("insert", "move")
    said = Said(
        operation=step.operation,
        target=_phrase(step.target, target, language),
        content=None if step.concept else _phrase(step.content, content, language),
        beside=_phrase(None, referents.get("beside"), language),
        position=None if about_target else step.position,
        target_position=(target and target.position) or (step.position if about_target else None),
        ordinal=target.ordinal if target else None,
        part=target.part if target else None,
        color=step.color,
        style=step.style,
        strength=_strength(step.strength, order.amount),
        view=view or View(),
        pictured=pictured,
        known=known,
        point=order.points[0] if order.points else None,
    )
    text = WORDS[language](said)
    for name in order.concepts:
        text = text.replace(name, NAMELESS[language])
    return shortened(text)


def write_generate(order: GenerateOrder, language: str) -> str:
    """The prompt for a picture from nothing."""
    return shortened(DRAW[language](_phrase(None, order.content, language) or order.content.text))


def _phrase(said: str | None, referent: Referent | None, language: str) -> str | None:
    """A thing in the language of the instruction: in English where we know how, else as the user said it; None for a
    taught name."""
    if referent is not None and referent.name is not None:
        return None
    own = said or (referent.text if referent is not None else None)
    if own is None:
        return None
    if own.strip() in POINTING:
        return SOMEBODY[language]
    if language == "en" and referent is not None:
        own = referent.english or next(iter(referent.kinds), own)
    return " ".join(own.split())[:PHRASE] or None


def _strength(said: str, amount: float) -> str:
    """The step's own strength, unless the user has asked for more or less of the last result."""
    if amount > 1.05:
        return "strong"
    return "slight" if amount < 0.95 else said


def shortened(text: str) -> str:
    """At most LONGEST characters, whole sentences as far as possible."""
    if len(text) <= LONGEST:
        return text
    cut = text[:LONGEST]
    end = max(cut.rfind(mark) for mark in ("。", "；", ". "))
    return cut[: end + 1].rstrip() if end > LONGEST // 2 else cut
