"""A message → tokens: words in folded script with the part they play and where they stand in the user's own text.

Folding makes one character of one (traditional → simplified through OpenCC, Cantonese → the common word, full width →
half, capitals → small), so a slot can be cut out of what the user really wrote. Words are found by jieba, without its
HMM, over its own dictionary plus ours; every set of taught names has a Tokenizer of its own.
"""

import itertools
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jieba
from opencc_purepy import OpenCC

from bot import lexicon
from bot.language.sayings import SAYING_WORDS

jieba.setLogLevel(logging.WARNING)

LIMIT = 600  # characters that are read; nobody hides an order behind more
_BECOMES = ("→", "➡", "=")  # 猫→狗
_STOPS = set("‖()[]【】+＋，,。.!！?？;；:：~～…\n\r|｜/\\—")
_GAPS = set(" \t\u3000\u00a0\u200b\ufe0f\u200d")
_QUOTED = re.compile(r"[“\"「『‘'《]([^”\"」』’'》\n]{1,40})[”\"」』’'》]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WIDE = re.compile(r"[a-zA-Z0-9]+")
_CLUSTER = re.compile(r"[^\w\s](?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d[^\w\s])*")  # 🏖️, 👩‍🚀
_NUMERAL = re.compile(r"[0-9]+|[零〇一二两三四五六七八九十百]+")
_COUNTED = re.compile(f"([0-9]+|[零〇一二两三四五六七八九十百]+)([{lexicon.MEASURES}])")
_OUR_FREQUENCY = 3000
_SLIP_FREQUENCY = 40
_ORDER_PARTS = ("BECOME", "REMOVE", "TO", "CHANGE")


@dataclass(frozen=True, slots=True)
class Token:
    """A word: folded, its part and value (bot/lexicon.py), and where it stands: ``text[start:end]``."""

    word: str
    part: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word the parser knows: its part and value, the right spelling of slips, and jieba's frequencies."""

    parts: dict[str, tuple[str, str]]
    slips: dict[str, str]
    frequencies: dict[str, int]
    total: int
    verbs: frozenset[str]


class _Overlay(dict[str, int]):
    """Taught names laid over the shared frequencies, so that a user costs some words and not a dictionary."""

    def __init__(self, below: dict[str, int]) -> None:
        super().__init__()
        self.below = below

    def __contains__(self, word: object) -> bool:
        return word in self.below or dict.__contains__(self, word)

    def __getitem__(self, word: str) -> int:
        return dict.get(self, word) or self.below.get(word, 0)

    def get(self, word: str, default: Any = None) -> Any:
        return dict.get(self, word) or self.below.get(word, default)


def tokens(text: str, names: Sequence[str] = ()) -> list[Token]:
    """The tokens of the first ``LIMIT`` characters; taught ``names`` get the part NAME and their own spelling as value."""
    text = text[:LIMIT]
    folded = fold(text)
    taught = {fold(name): name for name in names if name.strip()}
    tokenizer = _tokenizer(tuple(sorted(taught)))
    known = vocabulary()
    found: list[Token] = []
    for start, piece in _pieces(folded):
        if piece[0] in "“\"「『‘'《" and len(piece) > 2:
            part, value = ("NAME", taught[piece[1:-1]]) if piece[1:-1] in taught else ("QUOTE", "")
            found.append(Token(piece[1:-1], part, value, start + 1, start + len(piece) - 1))
            continue
        if len(piece) > 1 and not piece[0].isalnum() and _CLUSTER.fullmatch(piece):
            part = "BECOME" if piece[0] in _BECOMES else "EMOJI"
            found.append(Token(piece, part, "", start, start + len(piece)))
            continue
        at = start
        for word in _joined(tokenizer.cut(piece, HMM=False)):
            end = at + len(word)
            if word[-1] == "的" and word[:-1] in taught:  # 圆圆的 is a word of jieba's
                found.append(_token(word[:-1], at, end - 1, taught, known))
                word, at = "的", end - 1
            found.append(_token(word, at, end, taught, known))
            at = end
    return found


def fold(text: str) -> str:
    """Simplified, small, half-width, character by character: ``len(fold(text)) == len(text)``."""
    return text.translate(_folding())


def said(some: Sequence[Token], text: str) -> str:
    """What the user wrote for these tokens. What stands between them is left out, but for the space of foreign words."""
    parts = []
    for before, token in zip([None, *some], some, strict=False):
        if (
            before is not None
            and text[before.end : token.start].isspace()
            and before.word.isascii()
            and token.word.isascii()
        ):
            parts.append(" ")
        parts.append(text[token.start : token.end])
    return "".join(parts)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The words, built once (about 0.4 s)."""
    parts = _parts()
    frequencies, verbs = _frequencies()
    for word in parts:
        if len(word) > 1 or word not in frequencies:
            frequencies[word] = max(frequencies.get(word, 0), _OUR_FREQUENCY)
    for color, noun in itertools.product(*_coloured(parts)):
        if color + noun not in parts:
            frequencies.pop(color + noun, None)  # 绿帽子 is a green 帽子
    slips = _slips(parts, frequencies)
    for slip in slips:
        frequencies[slip] = _SLIP_FREQUENCY
        parts[slip] = parts.get(slips[slip], ("X", ""))
    total = sum(frequencies.values())
    for word in list(frequencies):
        for end in range(1, len(word)):
            frequencies.setdefault(word[:end], 0)
    return Vocabulary(parts, slips, frequencies, total, verbs)


def words(line: str) -> list[str]:
    """A line of the lexicon as words; ``甲,乙*丙,丁`` is 甲丙 甲丁 乙丙 乙丁."""
    found = []
    for item in re.sub(r",\s+", ",", line).split():
        if "*" in item:
            heads, tails = item.split("*")
            found += [head + tail for head, tail in itertools.product(heads.split(","), tails.split(","))]
        else:
            found.append(item)
    return found


def _token(word: str, start: int, end: int, taught: dict[str, str], known: Vocabulary) -> Token:
    if word in taught:
        return Token(word, "NAME", taught[word], start, end)
    if word in known.parts:
        part, value = known.parts[word]
        return Token(known.slips.get(word, word), part, value, start, end)
    if word[0] in _BECOMES:
        return Token(word, "BECOME", "", start, end)
    if word[0] in _STOPS:
        return Token(word, "STOP", "", start, end)
    if word[0] in _GAPS or word.isspace():
        return Token(word, "GAP", "", start, end)
    if _NUMERAL.fullmatch(word):
        return Token(word, "NUM", "", start, end)
    if counted := _COUNTED.fullmatch(word):
        return Token(word, "NUM", counted[2], start, end)  # 十二个 is a word of jieba's
    if not _HAN.match(word) and not _WIDE.match(word):
        return Token(word, "EMOJI", "", start, end)
    return Token(word, "X", "", start, end)


def _joined(found: Iterable[str]) -> Iterable[str]:
    """jieba's words, with foreign words in one piece (it finds ``hi`` in ``shirt``)."""
    foreign = ""
    for word in found:
        if word.isascii():
            foreign += word
            continue
        if foreign:
            yield foreign
            foreign = ""
        yield word
    if foreign:
        yield foreign


def _pieces(folded: str) -> Iterable[tuple[int, str]]:
    """Quoted words, stops and the stretches between them, each with where it starts."""
    at = 0
    for match in _QUOTED.finditer(folded):
        if match.start() > at:
            yield from _unquoted(folded, at, match.start())
        yield match.start(), match[0]
        at = match.end()
    yield from _unquoted(folded, at, len(folded))


def _unquoted(folded: str, start: int, end: int) -> Iterable[tuple[int, str]]:
    """Stretches of letters and Chinese; every other character (a stop, a space, an emoji) stands alone."""
    at = start
    for position in range(start, end):
        if position < at:
            continue  # inside an emoji of several characters
        character = folded[position]
        if (
            character == ":"
            and folded[position - 1 : position].isdigit()
            and folded[position + 1 : position + 2].isdigit()
        ):
            continue  # 9:16
        if character in _STOPS or character in _GAPS or not (character.isalnum() or character in "#&_-%"):
            if position > at:
                yield at, folded[at:position]
            cluster = _CLUSTER.match(folded, position, end)
            size = len(cluster[0]) if cluster and len(cluster[0]) > 1 else 1
            yield position, folded[position : position + size]
            at = position + size
    if at < end:
        yield at, folded[at:end]


@lru_cache(maxsize=64)
def _tokenizer(names: tuple[str, ...]) -> Any:
    known = vocabulary()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = known.frequencies, known.total, True
    if names:
        tokenizer.FREQ = _Overlay(known.frequencies)
        for name in names:
            tokenizer.add_word(name, freq=_OUR_FREQUENCY * 4, tag="nr")
    return tokenizer


@lru_cache(maxsize=1)
def _folding() -> dict[int, str]:
    han = [chr(code) for code in range(0x4E00, 0x9FD6)]
    simple = OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = {ord(old): new for old, new in zip(han, simple, strict=True) if len(new) == 1 and old != new}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= {ord(letter.upper()): letter for letter in "abcdefghijklmnopqrstuvwxyz"}
    table |= {ord(letter.upper()) + 0xFEE0: letter for letter in "abcdefghijklmnopqrstuvwxyz"}
    return table | {ord(old): new for old, new in lexicon.FOLD.items()}


def _parts() -> dict[str, tuple[str, str]]:
    """Word → (part, value). The first line that has a word wins."""
    parts: dict[str, tuple[str, str]] = {}
    meanings = {"style": "STYLE", "color": "COLOR", "position": "POS"}
    for key, line in lexicon.MEANINGS.items():
        slot, value = key.split(":")
        if slot in meanings:
            for word in words(line):
                parts.setdefault(word, (meanings[slot], value))
                if slot == "style" and _HAN.match(word[-1]) and word[-1] not in "风格派":
                    parts |= {
                        word + "风": (meanings[slot], value),
                        word + "风格": (meanings[slot], value),
                        word + "画风": (meanings[slot], value),
                    }  # not 国|画风
    for key, line in lexicon.WORDS.items():
        part, _, value = key.partition(":")
        for word in words(line):
            parts.setdefault(word, (part, value))
    for word in words(lexicon.WORDS["MOD"]):
        if len(word) == 1:
            parts.setdefault(word * 2, ("MOD", ""))  # 困困的
    for side, value in lexicon.SIDES.items():
        parts.setdefault(side, ("SIDE", value))
    for word in words(lexicon.SUCH):
        parts.setdefault(word, ("SUCH", ""))
    for word in words(lexicon.SPOTS):
        parts.setdefault(word, ("SPOT", ""))
    for pointer in words(lexicon.POINTERS):
        parts.setdefault(pointer, ("DET", ""))
        for measure in lexicon.MEASURES:
            parts.setdefault(pointer + measure, ("DET", measure))
    for number in words(lexicon.NUMBERS):
        parts.setdefault(number, ("NUM", ""))
        for measure in lexicon.MEASURES:
            parts[number + measure] = ("NUM", measure)
    for plain in (lexicon.STYLE_SUFFIX, lexicon.LOOKS, lexicon.STYLE_HEADS, lexicon.OTHER_STYLES):
        for word in words(plain):
            if len(word) > 1:
                parts.setdefault(word, ("X", ""))
    for measure in lexicon.MEASURES:
        parts.setdefault(measure, ("M", measure))
    for word in SAYING_WORDS.split():
        if len(word) > 1:
            parts.setdefault(word, ("X", ""))
    return parts


def _coloured(parts: dict[str, tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Colours of one character, and things that have one: what is worn, and whatever has a name of two characters (红包 is no
    red 包)."""
    colors = [word for word, (part, _) in parts.items() if part == "COLOR" and len(word) == 1]
    worn = ("clothes", "wearable")
    return colors, [word for word, (part, kind) in parts.items() if part == "NOUN" and (kind in worn or len(word) > 1)]


def _frequencies() -> tuple[dict[str, int], frozenset[str]]:
    """jieba's own dictionary (MIT), without its rare words and those that would swallow an order; and its verbs."""
    source = (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8")
    # Words found fewer than 20 times in jieba's corpus are left out: they cost more start-up time than they are worth.
    line = re.compile(r"^(\S+) ([2-9]\d|\d{3,}) (\S+)$", re.MULTILINE)
    hidden = set(words(lexicon.UNWORDS))
    kept: dict[str, int] = {}
    verbs = set()
    for word, count, tag in line.findall(source):
        counted = len(word) > 2 and _COUNTED.match(word)  # 一棵树
        if tag == "s" or word in hidden or counted or (word[0] == "把" and len(word) > 1):
            continue
        kept[word] = int(count)
        if tag in ("v", "a", "d", "y") and len(word) > 1:
            verbs.add(word)
    return kept, frozenset(verbs)


def _slips(parts: dict[str, tuple[str, str]], frequencies: dict[str, int]) -> dict[str, str]:
    """Wrong spelling → right word, for words that give orders; a slip that is itself a word is none."""
    alike: dict[str, str] = {}
    for line in lexicon.HOMOPHONES.split():
        alike |= dict.fromkeys(line, line)
    slips: dict[str, str] = {}
    orders = [
        word
        for word, (part, _) in parts.items()
        if (part in _ORDER_PARTS and len(word) > 1) or (part == "COLOR" and len(word) == 2 and word[1] == "色")
    ]
    for word in [*orders, *lexicon.SLIPPERY.split()]:
        for at, character in enumerate(word):
            for other in alike.get(character, ""):
                slip = word[:at] + other + word[at + 1 :]
                if slip == word or slip[-1] in lexicon.MEASURES:
                    continue  # 加道(彩虹) is no slip of 加到
                if slip not in frequencies and slip not in parts:
                    slips.setdefault(slip, word)
    sounds = {line[0]: line[1:] for line in lexicon.SOUNDS.split()}
    for word in lexicon.OFTEN.split():
        for at, character in enumerate(word):
            for other in sounds.get(character, ""):
                slip = word[:at] + other + word[at + 1 :]
                measures = at + 1 == len(word) and other in lexicon.MEASURES
                if slip not in frequencies and slip not in parts and not measures:
                    slips.setdefault(slip, word)
    slips |= {
        word[:-2] + "疯格": word for word, (part, _) in parts.items() if part == "STYLE" and word.endswith("风格")
    }
    slips |= dict(pair.split(":") for pair in lexicon.SLIPS.split())
    return slips
