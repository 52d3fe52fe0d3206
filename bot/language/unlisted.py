"""A message that no rule reads, or that a rule reads otherwise than people put it → the plan of its likeliest intent.

bot/language/kinds.py says which intent; here are the bars that it must reach, and what the plan needs beside it.
"""

import re
from collections.abc import Sequence

from bot.language import kinds
from bot.language.drawing import drawn_after
from bot.language.stickers import stickers
from bot.language.sureness import AMID_TALK
from bot.language.teaching import teaching
from bot.language.tokens import Token, fold
from storage.plans import Plan

_OVER_ANOTHER = 0.85  # how likely, against another intent that a rule has read
# How sure it must be that nothing is asked for, against a rule. Those that have a form of their own are hardly anything else.
_OVER_A_RULE = {"learn": 0.97, "stickers": 0.995, "generate": 0.995}
_OVER_A_SAYING = 0.95
_OVER_ONE_AMID_TALK = 0.8
_ALL = re.compile(
    "全|所有|一切|都|统统|通通|晒|光|空|清|任何|记忆|账号|帐号|注销|销号|销户|删号|资料|数据|all|everything|data|memory"
)
_SMALL = kinds.INTENTS[:-1]


def reconsidered(plan: Plan, sure: float, tokens: Sequence[Token], text: str, photos: int) -> Plan:
    """The plan of the rules, who are so ``sure`` of it, or what the message rather is."""
    if not tokens:
        return plan
    intent, likely = kinds.kind(tokens, photos)
    if intent == plan.intent:
        return plan
    if intent == kinds.OTHER and plan.intent == "edit":
        return plan  # of that bot/language/opinion.py judges
    if intent == kinds.OTHER:
        least = _OVER_ONE_AMID_TALK if sure <= AMID_TALK else _OVER_A_RULE.get(plan.intent, _OVER_A_SAYING)
        return Plan("chat") if likely >= least else plan
    if likely < (kinds.SURE if plan.intent == "chat" else _OVER_ANOTHER):
        return plan
    return _plan(intent, tokens, text, photos) or plan


def _plan(intent: str, tokens: Sequence[Token], text: str, photos: int) -> Plan | None:
    """The plan of an intent, if the message says what such a plan must have."""
    line = fold(text)
    if intent == "forget":
        names = [token.value for token in tokens if token.part == "NAME"]
        if names:
            return Plan("forget", name=names[0])
        return Plan("forget") if _ALL.search(line) else None
    if intent == "learn":
        return teaching(tokens, text, line, photos, sure=True)
    if intent == "stickers":
        return stickers(tokens, text, line, sure=True)
    if intent == "generate":
        return drawn_after(tokens, text)
    return Plan(intent)
