"""What is said to people and shops rather than of a photo, and so orders nothing unless a photo came with it.

把球移到右边 is an order in any case; 让他站到后面去, 擦一下黑板, 手机壳换成透明的 are said every day. The lists that decide are in
bot/lexicon.py: HOUSEWORK, WRITINGS, ATMOSPHERE.
"""

from collections.abc import Sequence

from bot.language.order import Order
from bot.language.phrases import wordset
from storage.plans import Step

_PICTURE = ("background", "restyle")
_TURNS = ("变成", "变", "变为", "变回", "变做", "变得", "变身", "转成", "化身", "化成", "幻化成")


def unlikely(order: Order, steps: Sequence[Step]) -> bool:
    """Whether these steps, read from a sentence without a photo, are rather talk."""
    clause = order.clause
    if any(step.operation in _PICTURE for step in steps):
        return False
    if any(token.word.startswith("p") for token in order.verbs):
        return clause.wished and not clause.begged  # 好想把老板P掉
    if any(step.concept for step in steps):
        return _at_home(order, steps)
    if clause.wished and not clause.begged:
        return True  # 我想把头发染成红色
    if any(token.word[0] in wordset("HAULING") for token in order.verbs if token.part in ("TO", "PUT", "SHIFT")):
        return True  # 帮我把车停到右边
    if any(t.part == "POSS" or t.word in ("大家", "您", "各位") for words in order.slots.values() for t in words):
        return True  # 请大家往中间靠拢
    moved = [step for step in steps if step.operation == "move"]
    if moved and clause.begged and any(t.value == "person" for words in order.slots.values() for t in words):
        return True  # 请左边的同学往右边移一移
    heads = [word for step in steps for word in (step.target, step.content) if word]
    if any(word in wordset("WRITINGS") for word in heads) and any(step.operation != "remove" for step in steps):
        return True
    if not clause.begged and order.verbs and not order.has("BA") and order.verbs[-1].word in _TURNS:
        return not any(step.position for step in steps)  # 灰姑娘的南瓜变成马车
    if order.has("MAKE") and any(step.operation in ("move", "remove") for step in steps):
        return True  # 让他站到后面去; 让他滚
    if any(token.word in ("您", "您的") for token in clause.tokens):
        return True  # 请把您的座椅靠背调直
    if not order.grasped and any(step.operation == "modify" and step.content and not step.color for step in steps):
        return clause.strength == "normal"  # 那位同学请起立
    housework = any(token.word[0] in wordset("HOUSEWORK") for token in order.verbs if token.part in ("REMOVE", "DEL"))
    return housework and not any(word in wordset("BLEMISHES") for word in heads)


def _at_home(order: Order, steps: Sequence[Step]) -> bool:
    """把可乐放冰箱: a taught name that is also something to eat, put where such things are put."""
    eaten = any(step.concept and step.concept in wordset("EATEN") for step in steps)
    put = any(token.value == "put" or token.part == "PUT" for token in order.verbs)
    return eaten and put and not order.clause.begged
