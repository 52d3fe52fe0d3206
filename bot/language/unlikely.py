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
        return clause.wished and any(token.value in ("stand", "move") for token in order.verbs)  # 我想飞到月球上去
    if any(token.word.startswith("p") for token in order.verbs):
        added = any(step.operation == "insert" and not (step.position or step.concept) for step in steps)
        return added or (clause.wished and not clause.begged)  # 会PS的来一个; 好想把老板P掉
    if any(step.concept for step in steps):
        called = order.has("MAKE") and order.has("DIR")  # 叫老周过来
        return called or _at_home(order, steps) or any(token.word in wordset("CALLING") for token in order.verbs)
    if clause.wished and not clause.begged:
        return True  # 我想把头发染成红色
    if any(token.word[0] in wordset("HAULING") for token in order.verbs if token.part in ("TO", "PUT", "SHIFT")):
        return True  # 帮我把车停到右边
    held = [token for words in order.slots.values() for token in words]
    if any(token.part == "POSS" or token.word in ("大家", "您", "您的", "各位") for token in held):
        return True  # 请大家往中间靠拢
    heads = [word for step in steps for word in (step.target, step.content) if word]
    if any(word in wordset("WRITINGS") for word in heads) and any(step.operation != "remove" for step in steps):
        return True
    being = any(token.value == "person" or token.part == "PRON" for token in held)
    return _said_to_people(order, steps, being) or _of_daily_life(order, steps, heads)


def _said_to_people(order: Order, steps: Sequence[Step], being: bool) -> bool:
    """让他站到后面去, 给孩子戴上口罩, 请左边的同学往右移, 把头发剪短一点."""
    clause, operations = order.clause, {step.operation for step in steps}
    if order.has("MAKE") and operations & {"move", "remove"}:
        return True
    if "move" in operations:
        return True
    if not order.grasped and clause.strength == "normal" and any(step.content and not step.color for step in steps):
        return "modify" in operations  # 戴口罩的那位同学请起立
    if "modify" in operations:
        acted = any(token.part == "X" or token.value == "hair" for words in order.slots.values() for token in words)
        return being or acted or order.has("WEAR") or clause.strength == "normal" or clause.begged
    return False


def _of_daily_life(order: Order, steps: Sequence[Step], heads: Sequence[str]) -> bool:
    """加张床, 擦一下黑板, 把价格改成一百, 灰姑娘的南瓜变成马车."""
    clause = order.clause
    if any(step.operation == "insert" for step in steps):
        return clause.begged or not any(step.position for step in steps)
    if any(token.word[0] in wordset("HOUSEWORK") for token in order.verbs if token.part in ("REMOVE", "DEL")):
        return not any(word in wordset("BLEMISHES") for word in heads)
    if any(step.position for step in steps):
        return False
    if not order.has("BA") and order.verbs and order.verbs[-1].word in _TURNS and not clause.begged:
        return True
    target = order.thing() if "t" in order.slots else None
    content = order.incoming() if "c" in order.slots else None
    return any(one is not None and one.kind == "X" and not one.pointed for one in (target, content))


def _at_home(order: Order, steps: Sequence[Step]) -> bool:
    """把可乐放冰箱: a taught name that is also something to eat, put where such things are put."""
    eaten = any(step.concept and step.concept in wordset("EATEN") for step in steps)
    put = any(token.value == "put" or token.part == "PUT" for token in order.verbs)
    return eaten and put and not order.clause.begged
