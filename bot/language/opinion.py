"""A second opinion on what the rules took for an order: is it said the way orders are, or the way people talk?

腿显短 and 车子停在左边 fit a rule as well as 腿再长一点 does; what tells them apart is many small things at once. So a sentence
is weighed: its characters by ones to threes, the parts of its words by ones to fours, and which of them came with a photo,
each with a weight that tests/commands/weigh.py learnt from the labelled sentences (logistic regression; opinion.tsv: a
weight in hundredths, then the features that have it). Below the bar the bot asks before it touches the photo.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from bot.language.phrases import wordset
from bot.language.tokens import Token
from storage.plans import Step

WEIGHTS = Path(__file__).with_name("opinion.tsv")
CONSTANT = "="  # the feature that every sentence has
# Log odds that an order must have: the more it says (what, into what, which colour, where), the less likely it is talk.
# Without a photo nothing can be spoilt, and the weights expect a photo of every order.
_BAR = 0.8
_LOWER = 0.5  # for everything that is said
_MOST = 4
_BAR_WITHOUT_PHOTO = -0.9
_BAR_UNEXPECTED = 1.0
_TALK = 1.8  # how much less clear the whole may be
_SURELY = 2.0
_ALONE = 0.5  # how much clearer a clause must be than the talk around it
_LONGEST_RUN = 4
_SHORT = 2


def is_order(tokens: Sequence[Token], photos: int, steps: Sequence[Step]) -> bool:
    """Whether a sentence in which the rules read these steps is put like an order."""
    least = bar(steps) if photos else _BAR_WITHOUT_PHOTO
    whole = odds(tokens, photos)
    if whole >= least or whole < least - _TALK:
        return whole >= least
    clauses = [
        list(some) for stop, some in itertools.groupby(tokens, lambda token: token.part in ("STOP", "GAP")) if not stop
    ]
    return len(clauses) > 1 and any(odds(clause, photos) >= least + _ALONE for clause in clauses)  # 把栏杆去了,挡着猫了


def is_surely_order(tokens: Sequence[Token], photos: int) -> bool:
    """Whether a sentence in which no rule read an order is put so much like one that it is worth reading again."""
    return odds(tokens, photos) >= _SURELY


def is_order_by_itself(tokens: Sequence[Token]) -> bool:
    """Whether a sentence without a photo is so much like an order that it may be read as if one had come with it."""
    return odds(tokens, 0) >= _BAR_UNEXPECTED


def bar(steps: Sequence[Step]) -> float:
    """The log odds that an order for these steps must have, when it is said of a photo."""
    told = sum(step.operation == "remove" and step.target in wordset("BLEMISHES") for step in steps)  # 去水印
    told += sum(
        slot is not None
        for step in steps
        for slot in (step.target, step.content, step.concept, step.style, step.color, step.position)
    )
    return _BAR - _LOWER * min(told, _MOST)


def odds(tokens: Sequence[Token], photos: int) -> float:
    """Log odds that a sentence orders something. Known features count alike; their number is taken out by its root."""
    weights = _weights()
    found = [weights[feature] for feature in features(tokens, photos) if feature in weights]
    return weights[CONSTANT] + sum(found) / math.sqrt(max(1, len(found)))


def features(tokens: Sequence[Token], photos: int) -> list[str]:
    """What is weighed of a sentence, each once, in a fixed order."""
    return list(dict.fromkeys(_features([token for token in tokens if token.part != "GAP"], photos)))


def _features(tokens: Sequence[Token], photos: int) -> Iterator[str]:
    words = [_word(token) for token in tokens]
    line = f"^{''.join(words)}$"
    yield from line
    yield from map("".join, itertools.pairwise(line))
    yield from map("".join, zip(line, line[1:], line[2:], strict=False))
    parts = ["^", *(_part(token) for token in tokens), "$"]
    for size in range(1, _LONGEST_RUN + 1):
        yield from ["|" + " ".join(parts[at : at + size]) for at in range(len(parts) - size + 1)]
    if photos:
        yield from [f"+{part}" for part in parts[1:-1]]
        yield from [f"+{word}" for word in words if len(word) <= _SHORT]


def _word(token: Token) -> str:
    """A word as it is weighed: what a name or a number is makes no difference."""
    return "N" if token.part == "NAME" else "0" if token.word.isdigit() else token.word


def _part(token: Token) -> str:
    return f"N:{token.value}" if token.part == "NOUN" else token.part


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    found: dict[str, float] = {}
    for line in WEIGHTS.read_text("utf-8").splitlines():
        hundredths, *named = line.split("\t")
        found |= dict.fromkeys(named, int(hundredths) / 100)
    return found
