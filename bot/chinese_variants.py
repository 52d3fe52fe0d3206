"""Traditional or simplified: whoever writes in traditional characters is answered in them.

What is said is written in simplified characters everywhere; it is turned when it is shown (outbox.compose), so that one
person in a group is answered in theirs and the next in theirs.
"""

import re
from functools import lru_cache

from opencc_purepy import OpenCC

from storage import Storage, chats

HAN = re.compile(r"[\u3400-\u9fff]")


def note(store: Storage, user: str, text: str) -> None:
    """Remember which script a person writes, as far as their sentence shows it."""
    if not HAN.search(text):
        return
    traditional, simplified = _turn("t2s", text) != text, _turn("s2t", text) != text
    if traditional != simplified and traditional != writes_traditional(store, user):
        chats.prefer(store, user, "script", "traditional" if traditional else None)


def writes_traditional(store: Storage, user: str) -> bool:
    """Whether a person is answered in traditional characters."""
    return bool(chats.preference(store, user, "script") == "traditional")


def traditional(text: str) -> str:
    """A sentence in traditional characters."""
    return _turn("s2t", text)


@lru_cache(maxsize=512)
def _turn(how: str, text: str) -> str:
    return _converter(how).convert(text)


@lru_cache(maxsize=2)
def _converter(how: str) -> OpenCC:
    return OpenCC(how)
