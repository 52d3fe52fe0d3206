"""A finger and a sentence: who taps somebody need not name them, 去掉 is an order then and 把它去掉 speaks of them."""

import re

_BARE = re.compile(r"^(?:请|帮我|麻烦|给我)*(?:[把将](?:它们?|这里|那里|这儿|那儿|这块|那块|这些?|那些?))?")


def named(text: str) -> str:
    """A sentence about what was tapped as one that says so by itself: 去掉 → 把他去掉."""
    return "把他" + _BARE.sub("", text.strip(), count=1)
