"""A Chinese sentence → Plan (what each field means is told in storage/plans.py and README).

    parse("左边那只猫换成旺财", concepts=["旺财"], photos=1)
    # Plan("edit", (Step("replace", target="猫", concept="旺财", position="left"),))

Rules, no model: bot/lexicon.py has the words, bot/language/ reads them. What cannot be understood is ``chat``; the bot
then asks back. Deterministic; only the first 600 characters are read.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from bot.language.intents import decide, drawing, forget, loose
from bot.language.message import orders
from bot.language.stickers import stickers
from bot.language.teaching import teaching
from bot.language.tokens import LIMIT, fold, tokens
from storage.plans import Plan

__all__ = ["parse", "parse_jsonl"]

_HALVED = re.compile("[\ud800-\udfff]")  # half a character, which no file and no screen can take


def parse(text: str, concepts: Sequence[str] = (), photos: int = 0) -> Plan:
    """The plan of a message. ``concepts`` are the names its writer has taught, ``photos`` how many came with it."""
    text = _HALVED.sub("\ufffd", text[:LIMIT]).strip()
    line = fold(text)
    found = tokens(text, concepts)
    names = {fold(name): name for name in concepts if name.strip()}
    if plan := stickers(found, text, line) or teaching(found, text, line, photos) or forget(text, line, names):
        return plan
    if not photos and (plan := drawing(found, text)):
        return plan
    told = orders(found, text, photos)
    if steps := told.ordered():
        return Plan("edit", tuple(steps))
    return decide(told.sayings) or drawing(found, text) or loose(found) or Plan("chat")


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
