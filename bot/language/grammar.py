"""The frames of orders, as data: what a clause may look like, and which reading in steps.py makes steps of it.

A clause is its tokens without politeness and filler. Capitals are parts of the lexicon, ``A|B`` is a choice, ``A?`` may be
missing, a small letter is a slot of one or more words (t what it is about, c what comes in, p where, s style, a anything).
The first frame that fits, and whose reading agrees, is taken: put the narrow ones first. To teach a new way of ordering
something, add a line.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.language.tokens import Token, vocabulary

FRAMES: tuple[tuple[str, str], ...] = (
    # style by name
    ("USE s DRAW", "drawn"),
    ("BA|GIVE t USE s DRAW|BECOME|CHANGE", "drawn"),
    ("USE s DRAW t", "drawn"),
    ("USE s BA t DRAW|CHANGE|DO|TUNE", "drawn"),
    ("USE s", "drawn"),
    ("t USE s", "drawn"),
    ("USE c DO|AT|BECOME|TUNE|INTO t", "as_setting"),
    ("t USE c", "as_setting"),
    ("BECOME|CHANGE c TUNE|INTO t", "as_setting"),
    ("BECOME|CHANGE t TO|AT p", "set_there"),
    # two things change places
    ("BA|MAKE? t AND c SWAP", "swapped"),
    ("SWAP t AND c", "swapped"),
    ("BA|MAKE? t AND c CHANGE", "swapped"),
    # one thing for another
    ("USE c REPLACE|CHANGE t", "become"),
    ("USE c BA t REPLACE", "become"),
    ("BA t USE c REPLACE", "become"),
    ("USE c BA t BECOME", "become"),
    ("BA|GIVE|MAKE|USE t BECOME c", "become"),
    ("BA|GIVE t BECOME INTO c", "become"),
    ("t GIVE PRON BECOME|CHANGE c", "become"),
    ("t BECOME c", "become"),
    ("CHANGE t INTO|BECOME c", "become"),
    ("BA|GIVE|MAKE t CHANGE c", "changed"),
    ("t CHANGE c", "changed"),
    ("t REPLACE c", "changed"),
    ("MAKE|USE? c REPLACE t", "taken_over"),
    ("BECOME c", "become"),
    ("CHANGE|REPLACE c", "changed"),
    ("p WANT c", "wanted_there"),
    ("t WANT c", "wanted"),
    ("t IS c", "is_wished"),
    # away with it
    ("BA|GIVE|MAKE t REMOVE|VANISH|DEL", "removed"),
    ("REMOVE t", "removed"),
    ("DEL t", "deleted"),
    ("t REMOVE|DEL", "removed"),
    ("t NOWANT REMOVE|DEL", "removed"),
    ("BA t GIVE a REMOVE|DEL", "removed"),
    ("t VANISH", "vanished"),
    ("NOWANT t", "unwanted"),
    ("t NOWANT", "unwanted"),
    ("REMOVE|DEL", "removed"),
    ("CUTOUT", "cut_out"),
    # into the picture, or elsewhere in it
    ("ADD|PUT|DRAW|DO c AT|TO|PUT|STAND p", "added"),
    ("BA|GIVE|MAKE|USE c TO p", "placed"),
    ("SHIFT c TO p", "placed"),
    ("c TO p", "placed"),
    ("TO p", "placed"),
    ("BA|MAKE c ADD|PUT|STAND|SHIFT p", "placed"),
    ("BA? p GIVE c", "granted"),
    ("p GIVE a ADD|PUT|DO|DRAW c", "added"),
    ("p BA c ADD|PUT", "added"),
    ("GIVE c WEAR|DO|ADD|PUT p", "granted"),
    ("BA|GIVE|MAKE c ADD DIR? STAND|TO|AT|PUT p", "placed"),
    ("ADD c DIR STAND|TO|AT|PUT p", "added"),
    ("BA|MAKE|GIVE c AND a STAND|TO p", "placed"),
    ("BA|GIVE|USE c ADD|PUT", "added_bare"),
    ("MAKE c AT|DO p", "placed"),
    ("PUT c STAND|TO|AT p", "placed"),
    ("BA|MAKE? t TOWARD p SHIFT|ADD|PUT|STAND|TUNE|DO|CHANGE|LEAN", "moved"),
    ("BA|MAKE? t LEAN p", "moved"),
    ("BA|MAKE? t SHIFT DIR", "shifted"),
    ("SHIFT DIR", "shifted"),
    ("PUT p", "placed"),
    ("t SHIFT p", "moved"),
    ("TOWARD p SHIFT", "moved"),
    ("TOWARD p SHIFT t", "moved"),
    ("BA|MAKE? t TOWARD p", "edged"),
    ("BA|GIVE? p ADD|PUT|DO|DRAW|STAND|WEAR|USE c", "added"),
    ("ADD|DO|PUT c DIR", "added_in"),
    ("MAKE c DIR", "added_bare"),
    ("AT p", "wished_place"),
    ("t AT p", "wished_place"),
    ("AT|TOWARD|GIVE|AND p ADD|PUT|DO|DRAW|STAND c", "added"),
    ("c STAND|PUT|ADD|AT p", "stands"),
    ("BA? a AND c JOIN|PHOTO", "joined"),
    ("AND c JOIN|PHOTO", "joined"),
    ("GIVE t ADD|PUT|DRAW|DO c", "given"),
    ("ADD|PUT|DO c", "added"),
    ("c ADD", "added_bare"),
    ("BA|GIVE? c DO|PUT DIR", "added_bare"),
    # worn
    ("GIVE|MAKE t WEAR c", "wears"),
    ("BA c GIVE t WEAR", "wears"),
    ("BA c WEAR AT|TO|GIVE t", "wears"),
    ("GIVE c PRON WEAR", "wears"),
    ("t WEAR c", "wears"),
    ("WEAR c GIVE t", "wears"),
    ("DO|ADD|PUT c GIVE t WEAR", "wears"),
    ("c GIVE t WEAR", "wears"),
    ("DO|ADD|PUT c GIVE t", "given"),
    ("WEAR c", "wears"),
    # what it is like
    ("t CHANGE", "changed_alone"),
    ("c", "setting_wished"),
    ("MAKE t BA a", "part_likened"),
    ("MOD t", "scaled"),
    ("MAKE|BA|GIVE a", "likened"),
    ("a", "likened"),
)

# Parts that never stand inside a slot: an order's own words.
_HARD = [
    "BA",
    "BECOME",
    "REMOVE",
    "VANISH",
    "REPLACE",
    "ADD",
    "PUT",
    "TO",
    "CHANGE",
    "WANT",
    "MAKE",
    "GIVE",
    "USE",
    "LE",
    "NEG",
    "VETO",
    "NOWANT",
    "TOWARD",
    "QUES",
    "STOP",
    "LEHK",
]


def frames(tokens: Sequence[Token]) -> Iterator[tuple[str, dict[str, list[Token]], list[Token]]]:
    """Every reading these words may have: its name, the words of its slots, and the words of the frame itself."""
    codes = _codes()
    line = "".join(codes.get(token.part, codes["X"]) for token in tokens)
    for pattern, reading in _possible(frozenset(line)):
        match = pattern.fullmatch(line)
        if match is None:
            continue
        slots: dict[str, list[Token]] = {}
        held: set[int] = set()
        for name in pattern.groupindex:
            start, end = match.span(name)
            slots[name] = list(tokens[start:end])
            held |= set(range(start, end))
        yield reading, slots, [token for at, token in enumerate(tokens) if at not in held]


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    parts = sorted(
        {part for part, _ in vocabulary().parts.values()} | {"X", "NAME", "QUOTE", "EMOJI", "GAP", "STOP", "NUM"}
    )
    return {part: chr(0xE000 + at) for at, part in enumerate(parts)}


@lru_cache(maxsize=4096)
def _possible(parts: frozenset[str]) -> list[tuple[re.Pattern[str], str]]:
    """The frames whose own words are all among these parts."""
    return [
        (pattern, reading)
        for pattern, reading, needed in _compiled()
        if not any(parts.isdisjoint(some) for some in needed)
    ]


@lru_cache(maxsize=1)
def _compiled() -> list[tuple[re.Pattern[str], str, list[set[str]]]]:
    """Every frame as a pattern over codes of parts, its reading, and one of which parts each of its words must be."""
    codes = _codes()
    word = "[^" + "".join(codes[part] for part in _HARD) + "]"
    compiled = []
    for frame, reading in FRAMES:
        pattern = ""
        needed: list[set[str]] = []
        for item in frame.split():
            optional = item.endswith("?")
            item = item.rstrip("?")
            piece = (
                f"(?P<{item}>{word}+?)"
                if item.islower()
                else "[" + "".join(codes[part] for part in item.split("|")) + "]"
            )
            pattern += f"(?:{piece})?" if optional else piece
            if item.isupper() and not optional:
                needed.append({codes[part] for part in item.split("|")})
        compiled.append((re.compile(pattern), reading, needed))
    return compiled
