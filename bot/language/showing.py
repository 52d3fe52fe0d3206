"""Which picture is meant when it is not the latest: 原图, 上一张, 第二版, 刚才雪地那张."""

import re

from bot.language.numerals import number
from bot.language.tokens import fold

_ORIGINAL = re.compile(
    "原图|原片|原照|原相|original|原来(?:那张|的|啥样|什么样|长啥样)|原先|原始|最开始|最初|一开始|起初|最早|没(?:改|p|修|动)过?的|未(?:改|修)"
    "|(?:改|p|修|动|处理)(?:图|过)?(?:之)?前|我(?:自己)?发的"
)
_FIRST = re.compile(
    "(?:最早|最初|最开始|一开始|头一次|第一次)(?:改|做|p|弄|修|生成|画)"
)  # what we made, not what was sent
_COMPARED = re.compile("对比|比一比|比较|前后|改了(?:哪|啥|什么)|和原图|跟原图|区别在哪|哪里变了")
_PREVIOUS = re.compile("(?:上|前)(?:面|边)?(?:一|1|那)?(?:张|版|个|次|步|幅|回)|刚才(?:那|的)?(?:张|版|个)?$|上上")
_NUMBERED = re.compile("(?:第|头)([一二三四五六七八九十]|[0-9]{1,2})(?:张|版|个|次|幅|回|步)?|头(?:一)?(?:版|张)")
_NAMED = re.compile("(?:刚才|刚刚|之前|前面|那个)?(?:的)?(?P<which>[^,，。!！?？\\s]{1,8}?(?:那|这)(?:张|版|个|幅|次))")


def result(text: str) -> str | None:
    """Which result a message speaks of: one of RESULTS, a number, words as said; None when it names none."""
    line = fold(text)
    if compared(text):
        return None
    if _FIRST.search(line):
        return "first"
    if number := numbered(text):
        return number
    if _ORIGINAL.search(line):
        return "original"
    if _PREVIOUS.search(line):
        return "previous"
    if found := _NAMED.search(line):
        which = re.sub(
            "^(?:刚才|刚刚|之前|前面|把|看看|给我看|再看|还是|用|要|回到|我要|给我|就|的)+",
            "",
            text[found.start("which") : found.end("which")],
        )
        return which if len(which) > 2 else None
    return None


def numbered(text: str) -> str | None:
    """The number of a result that is named by one; "first" for the first."""
    if (found := _NUMBERED.search(fold(text))) is None:
        return None
    place = 1 if found[1] is None else number(found[1])
    return "first" if place == 1 else str(place)


def words(text: str) -> str | None:
    """The words with which a message says it: 第二版, 雪地那张."""
    line = fold(text)
    for pattern in (_NUMBERED, _ORIGINAL, _PREVIOUS):
        if found := pattern.search(line):
            return text[found.start() : found.end()]
    return text[found.start("which") : found.end("which")] if (found := _NAMED.search(line)) else None


def compared(text: str) -> bool:
    """Whether the picture before and after shall be seen side by side."""
    return _COMPARED.search(fold(text)) is not None
