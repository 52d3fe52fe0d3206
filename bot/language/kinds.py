"""What kind of message it is when no rule has read it: 有啥功能说来听听 asks for help in words that no saying has.

There are more ways of saying 撤销 than anybody lists. So a message is weighed against every intent at once: its characters by
ones and twos, its words, and their parts by ones and twos, each with weights that tests/commands/weigh.py learnt from the
labelled sentences (multinomial logistic regression; kinds.tsv: a feature, then a letter and tenths for every intent that
it speaks for or against). An edit is never guessed like this: what it would be about, only rules can tell.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from bot.language.tokens import Token

WEIGHTS = Path(__file__).with_name("kinds.tsv")
CONSTANT = "="  # the feature that every message has
OTHER = "chat"  # and edits
# The intents that are told apart; the letters of kinds.tsv are their places.
INTENTS = (
    "undo", "redo", "again", "stronger", "weaker", "cancel", "status", "concepts", "help", "forget", "learn", "stickers",
    "generate", OTHER,
)  # fmt: skip
SURE = 0.5  # how likely an intent must be where no rule has read one
_A = ord("a")
_LONGEST = 60  # characters; nobody needs more for 撤销


def kind(tokens: Sequence[Token], photos: int) -> tuple[str, float]:
    """The likeliest intent of a message, ``chat`` for everything else, and how likely it is."""
    weights = _weights()
    found = [weights[feature] for feature in features(tokens, photos) if feature in weights]
    if not found or tokens[-1].end - tokens[0].start > _LONGEST:
        return OTHER, 1.0
    scale = 1 / math.sqrt(len(found))
    sums = [0.0] * len(INTENTS)
    for pairs in found:
        for at, weight in pairs:
            sums[at] += weight
    odds = [some * scale for some in sums]
    for at, weight in weights[CONSTANT]:
        odds[at] += weight
    most = max(odds)
    return INTENTS[odds.index(most)], 1 / sum(math.exp(some - most) for some in odds)


def features(tokens: Sequence[Token], photos: int) -> list[str]:
    """What is weighed of a message, each once, in a fixed order."""
    return list(dict.fromkeys(_features([token for token in tokens if token.part not in ("GAP", "EMOJI")], photos)))


def _features(tokens: Sequence[Token], photos: int) -> Iterator[str]:
    words = ["N" if token.part == "NAME" else "0" if token.word.isdigit() else token.word for token in tokens]
    line = f"^{''.join(words)}$"
    yield from line
    yield from map(str.__add__, line, line[1:])
    yield from [f"_{word}" for word in words if len(word) > 1]
    parts = ["|" + (f"N:{token.value}" if token.part == "NOUN" else token.part) for token in tokens]
    yield from parts
    yield from map(str.__add__, ["|^", *parts], [*parts, "|$"])
    if photos:
        yield "+"


@lru_cache(maxsize=1)
def _weights() -> dict[str, tuple[tuple[int, float], ...]]:
    """For every feature the places of the intents it says something about, and how much."""
    lines = (line.split("\t") for line in WEIGHTS.read_text("utf-8").splitlines())
    return {feature: tuple((ord(some[0]) - _A, int(some[1:]) / 10) for some in said) for feature, *said in lines}
