"""A Chinese sentence → Plan (what each field means is told in storage/plans.py and README).

    parse("左边那只猫换成旺财", concepts=["旺财"], photos=1)
    # Plan("edit", (Step("replace", target="猫", concept="旺财", position="left"),))

Rules, no model: bot/lexicon.py has the words, bot/language/ reads them. What cannot be understood is ``chat``; the bot
then asks back. Deterministic; only the first 600 characters are read. ``understand`` also says how sure the rules are.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.language.drawing import drawing
from bot.language.forgetting import forget
from bot.language.intents import decide, loose
from bot.language.message import orders
from bot.language.opinion import is_order, is_order_by_itself, is_surely_order
from bot.language.sayings import KEYS
from bot.language.stickers import stickers
from bot.language.sureness import DOUBTED, sureness
from bot.language.teaching import teaching
from bot.language.tokens import LIMIT, Token, fold, tokens
from bot.language.unlisted import reconsidered
from storage.plans import Plan

__all__ = ["Understood", "parse", "parse_jsonl", "understand"]

_RATHER = 0.7  # sure enough for an order about a photo sent earlier
_FORM = 0.95  # what fits a form of its own (stickers, teaching, forgetting) is hardly anything else
_WEIGHED = 0.6  # what only the weights say
_HALVED = re.compile("[\ud800-\udfff]")  # half a character, which no file and no screen can take


@dataclass(frozen=True, slots=True)
class Understood:
    """A plan, and how sure the rules are of it (0 … 1, see bot/language/sureness.py).

    ``doubted`` is the edit that the rules read where the second opinion (bot/language/opinion.py) hears talk: the plan is
    then ``chat``, and the bot may ask whether it was meant. ``weighed``: no rule reads it, only bot/language/kinds.py does;
    if the bot has asked something, it is rather the answer.
    """

    plan: Plan
    sure: float
    doubted: Plan | None = None
    weighed: bool = False


def parse(text: str, concepts: Sequence[str] = (), photos: int = 0) -> Plan:
    """The plan of a message. ``concepts`` are the names its writer has taught, ``photos`` how many came with it."""
    return understand(text, concepts, photos).plan


def understand(text: str, concepts: Sequence[str] = (), photos: int = 0, *, discussed: bool = False) -> Understood:
    """The plan of a message and how sure it is; arguments as those of ``parse``.

    ``discussed``: a photo is being talked about already. 给他戴个帽子 is then an order, which it is not among people
    without one.
    """
    found = _understood(text, concepts, photos)
    if photos or found.plan.intent != "chat":
        return found
    if not discussed:
        return _without_photo(text, concepts, found)
    again = _understood(text, concepts, 1)
    if again.doubted is not None or again.plan.intent == "edit":
        return again if again.doubted is not None or again.sure >= _RATHER else found
    return found


def _without_photo(text: str, concepts: Sequence[str], found: Understood) -> Understood:
    """头发改成寸头: said without a photo by somebody who is about to send it."""
    if not is_order_by_itself(_tokens(_HALVED.sub("\ufffd", text[:LIMIT]).strip(), tuple(concepts))):
        return found
    again = _understood(text, concepts, 1)
    plan = again.doubted or again.plan
    return Understood(plan, DOUBTED) if plan.intent == "edit" else found


def _understood(text: str, concepts: Sequence[str], photos: int) -> Understood:
    """What the rules read, and what the second opinions (bot/language/opinion.py, kinds.py) make of it."""
    text = _HALVED.sub("\ufffd", text[:LIMIT]).strip()
    found = _tokens(text, tuple(concepts))
    read = _by_rules(text, found, concepts, photos)
    if photos and (read.plan.intent == "edit" or read.doubted is not None):
        return read
    plan = reconsidered(read.plan, read.sure, found, text, photos)
    return read if plan is read.plan else Understood(plan, _WEIGHED, weighed=plan.intent != "chat")


def _by_rules(text: str, found: tuple[Token, ...], concepts: Sequence[str], photos: int) -> Understood:
    line = fold(text)
    names = {fold(name): name for name in concepts if name.strip()}
    if intent := KEYS.get(line.replace(" ", "")):
        return Understood(Plan(intent), _FORM)
    if "忘" in line and (plan := forget(text, line, names)):
        return Understood(plan, _FORM)
    if plan := stickers(found, text, line) or teaching(found, text, line, photos) or forget(text, line, names):
        return Understood(plan, _FORM)
    if not photos and (plan := drawing(found, text)):
        return Understood(plan, _FORM)
    told = orders(found, text, photos)
    steps = told.ordered()
    if photos and not steps and is_surely_order(found, photos):
        again = orders(found, text, photos, sure=True)
        if again.ordered():
            told, steps = again, again.ordered()
    if steps:
        plan = Plan("edit", tuple(steps))
        if not is_order(found, photos, steps):
            return Understood(Plan("chat"), DOUBTED, plan)
    else:
        plan = decide(told.sayings) or drawing(found, text) or loose(found) or Plan("chat")
    return Understood(plan, sureness(plan, told, found, photos))


@lru_cache(maxsize=2)
def _tokens(text: str, concepts: tuple[str, ...]) -> tuple[Token, ...]:
    """A sentence may be read a second time, as if a photo had come with it."""
    return tuple(tokens(text, concepts))


def parse_jsonl(lines: Iterable[str]) -> Iterator[str]:
    """For each line ``{"text", "concepts", "photos"}`` one line with its plan, in the same order, without blank lines.

    Raises ValueError for a line that is not such an object.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        asked = json.loads(line)
        if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
            raise ValueError(f'line {number} is not an object with a "text"')
        plan = parse(asked["text"], asked.get("concepts") or (), asked.get("photos") or 0)
        yield json.dumps(plan.to_json(), ensure_ascii=False)
