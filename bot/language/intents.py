"""Intents without a step that are said in so many words: undo, status and their like (sayings.py)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.language.sayings import CORES, EDGES, ORDER, REMARKS, SAYING_WORDS, SAYINGS
from bot.language.tokens import Token
from storage.plans import Plan

_EDGE = re.compile(
    f"^(?:{'|'.join(sorted(EDGES.split('|'), key=len, reverse=True))})|(?:{'|'.join(sorted(EDGES.split('|'), key=len, reverse=True))})$"
)
_NOT_IN_SAYINGS = ("GAP", "EMOJI", "STOP")
_LONGEST_SAYING = 24
_NOT_LOOSE = ("NAME", "QUOTE", "PLACE", "STYLE", "COLOR", "WEAR", "IS")
_LOOSE = (
    "NOISE", "PART", "CONJ", "MORE", "SOFT", "LEHK", "CUE", "MODAL", "WISH", "LE", "QUES", "DE", "SLIGHT", "STRONG", "NUM", "M",
    "DET", "PHOTO", "AT", "NEG", "NOWANT", "DIR", "BA", "GIVE", "BAD",
)  # fmt: skip


def saying(tokens: Sequence[Token]) -> str | None:
    """The intent of a clause that is nothing but a saying (撤销, 还要多久啊), or None."""
    line = "".join(token.word for token in tokens if token.part not in _NOT_IN_SAYINGS)
    line = re.sub("呢(?=.)", "这", line)
    if len(line) % 2 == 0 and line[: len(line) // 2] == line[len(line) // 2 :]:
        line = line[: len(line) // 2]  # 变回去变回去
    return _intent_of(line) if 0 < len(line) <= _LONGEST_SAYING else None


def loose_saying(tokens: Sequence[Token]) -> str | None:
    """The intent of a short clause that has the core of a saying and no word of anything else: 手抖了撤回."""
    left = [token for token in tokens if token.part not in _NOT_IN_SAYINGS]
    line = "".join(token.word for token in left)
    if not 0 < len(line) <= _LONGEST_SAYING or any(t.part in _NOT_LOOSE and t.word != "着" for t in left):
        return None
    if any(token.part not in _LOOSE and token.word not in _saying_words() for token in left):
        return None
    denied = any(token.part == "NEG" for token in left)
    found = next((intent for intent, core in _cores() if core.search(line)), None)
    return None if denied and found not in ("cancel", "weaker", "status") else found


@lru_cache(maxsize=1)
def _saying_words() -> frozenset[str]:
    return frozenset(SAYING_WORDS.split())


@lru_cache(maxsize=1)
def _cores() -> list[tuple[str, re.Pattern[str]]]:
    return [(intent, re.compile(core)) for intent, core in CORES]


def remark(tokens: Sequence[Token]) -> bool:
    """Whether a clause is one of the remarks that people add to an order: 在线等, 别告诉他."""
    line = "".join(token.word for token in tokens if token.part not in _NOT_IN_SAYINGS)
    return 0 < len(line) <= _LONGEST_SAYING and _remarks().fullmatch(line) is not None


@lru_cache(maxsize=1)
def _remarks() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(f"(?:{way})" for way in REMARKS) + ")")


@lru_cache(maxsize=4096)
def _intent_of(line: str) -> str | None:
    """Peel the edges off one by one; the longest core that is a saying decides."""
    seen = {line}
    queue = [line]
    while queue:
        core = queue.pop(0)
        for intent, pattern in _patterns():
            if pattern.fullmatch(core):
                return intent
        for match in _EDGE.finditer(core):
            shorter = core[match.end() :] if match.start() == 0 else core[: match.start()]
            if shorter and shorter not in seen and len(seen) < 40:
                seen.add(shorter)
                queue.append(shorter)
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(intent, re.compile("|".join(f"(?:{way})" for way in ways))) for intent, ways in SAYINGS.items()]


def decide(found: Sequence[str]) -> Plan | None:
    """The plan of the sayings of one message: 算了,撤销吧 is an undo."""
    for intent in ORDER:
        if intent in found:
            return Plan(intent)
    return None


def loose(tokens: Sequence[Token]) -> Plan | None:
    """The plan of a message whose clauses are sayings in other words."""
    parts = clauses(tokens)
    found = [saying(part) or loose_saying(part) or ("" if remark(part) else None) for part in parts]
    if any(intent is None for intent in found):
        return None
    return decide([intent for intent in found if intent])


def clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    """What stands between the stops of a message."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.part == "STOP":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
