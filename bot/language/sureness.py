"""How sure the rules are of a plan, from 0 to 1: what no rule accounted for, and what points the other way.

Below ``DOUBTFUL`` a language endpoint is asked, where one is set (bot/endpoint.py).
"""

from collections.abc import Sequence

from bot.language.memory import Told
from bot.language.tokens import Token, vocabulary
from storage.plans import Plan

DOUBTFUL = 0.5
AMID_TALK = 0.75  # 撤销 beside a clause that no rule accounts for
DOUBTED = 0.4  # talk by the second opinion, an order by the rules
# An order's verbs that are seldom said of anything else.
_TELLING = ("BA", "BECOME", "REMOVE", "REPLACE", "ADD", "TO", "WEAR", "CHANGE", "MAKE", "CUE")
_SHOWN = ("STYLE", "PLACE", "COLOR", "NAME", "POS")
_LONG = 8  # characters of a thing; more is rather a clause that was taken for one


def sureness(plan: Plan, told: Told, tokens: Sequence[Token], photos: int) -> float:
    """1 is certain, 0 a guess. Chat with an order's words under a photo is as doubtful as an order amid much talk."""
    if plan.intent == "chat":
        return _of_chat(tokens, photos)
    if plan.intent != "edit":
        return AMID_TALK if told.loose else 0.9
    sure = 0.95 - 0.15 * told.loose - (0 if photos or told.begged else 0.1)
    for step in plan.steps:
        for slot in (step.target, step.content):
            if slot is not None and len(slot) > _LONG:
                sure -= 0.3
        if step.target is None and step.operation in ("replace", "recolor", "move"):
            sure -= 0.2
    return max(0.0, sure)


def _of_chat(tokens: Sequence[Token], photos: int) -> float:
    """Talk that has words of an order in it may be one that no rule reads."""
    parts = [token.part for token in tokens]
    telling = sum(part in _TELLING for part in parts)
    shown = sum(part in _SHOWN or token.value in ("thing", "person", "pet", "hair", "clothes", "wearable", "background")
                for part, token in zip(parts, tokens, strict=True))  # fmt: skip
    if any(part in ("VETO", "NEG", "NOWANT") for part in parts) and "CUE" not in parts:
        return 0.75  # a question, a story, a refusal
    if telling <= 0:
        return 0.95 if not (photos and shown and _unknown(tokens)) else 0.6
    return 0.3 if photos and shown else 0.45 if shown else 0.7


def _unknown(tokens: Sequence[Token]) -> bool:
    """Whether there is a word that no list and no dictionary has."""
    known = vocabulary().frequencies
    return any(token.part == "X" and not known.get(token.word) for token in tokens)
