"""A finger and a sentence: who taps somebody need not name them, 去掉 is an order then and 把它去掉 speaks of them."""

import re

_BARE = re.compile(r"^(?:请|帮我|麻烦|给我)*(?:[把将](?:它们?|这里|那里|这儿|那儿|这块|那块|这些?|那些?))?")


_DRAWN = re.compile(
    r"(?:我)?(?:用笔)?(?:圈|涂|框|画|选|点)(?:出来|起来|中|住|上|好|过|着|了)?的(?:这|那)?(?:个|块|片|些)?(?:地方|部分|区域|范围|东西|位置)?"
)


def plainly(text: str) -> str:
    """A sentence with 他 for what it calls 圈出来的地方: what was pointed at is known by the pointing."""
    return _DRAWN.sub("他", text, count=1)


def named(text: str) -> str:
    """A sentence about what was tapped as one that says so by itself: 去掉 → 把他去掉."""
    return "把他" + _BARE.sub("", text.strip(), count=1)
