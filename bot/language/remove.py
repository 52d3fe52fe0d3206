"""Readings of 去掉, P掉, 不要: away with it."""

from collections.abc import Sequence

from bot.language import phrases
from bot.language.order import Order, Reading, Steps, about, is_thing, pointless
from bot.language.tokens import Token
from storage.plans import Step

_TOUCH = ("动", "碰", "理", "管", "看", "说", "笑", "吵", "哭", "闹", "玩", "摸", "惹", "欺负", "打", "骂", "吓", "追")


def removed(order: Order) -> Steps:
    """去掉 t, 把 t P掉, t P掉."""
    if "t" not in order.slots:
        return [Step("remove")]  # the sentence before has named it: see bot/language/message.py
    verb, clause = order.verbs[-1], order.clause
    if verb.part == "DEL" and (order.has("MAKE") or (verb.word == "去" and not order.grasped)):
        return None
    if not order.grasped and not clause.asked and all(token.part == "PRON" for token in order.slots["t"]):
        return None  # 我自己先P了一下: who did it
    if clause.addressed and not clause.begged and (clause.done or verb.word.endswith("了")):
        return None  # 你把我头P没了
    pointed = any(token.part in ("DET", "POS") for token in order.slots["t"])
    if clause.done and not (order.grasped or clause.asked or verb.part == "DEL" or pointed):
        return None
    return _without(order)


def deleted(order: Order) -> Steps:
    """删路人, 擦了右边的人; 去海边 is no removing."""
    verb, found = order.verbs[0], order.thing()
    if found is None or not (found.pointed or order.clause.asked or found.kind in ("person", "NAME", "thing")):
        return None
    if not order.clause.photos and len(found.words) > 1:
        return None  # 删繁就简三秋树
    if verb.word == "去" and not (order.clause.photos and found.kind in ("thing", "person")):
        return None
    return _without(order) if verb.word != "去了" else None


def vanished(order: Order) -> Steps:
    """后面的人消失."""
    found = order.thing()
    meant = found is not None and (found.pointed or (order.clause.begged and found.words[-1].part == "PRON"))
    return _without(order) if meant and not order.clause.done else None


def unwanted(order: Order) -> Steps:
    """右边的广告牌不要; 不要右边那个人."""
    found = order.thing()
    kinds = ("thing", "wearable", "person", "pet", *(("hair", "body") if "看" in order.verbs[0].word else ()))
    shown = found is not None and order.clause.photos and found.kind in kinds
    if (
        found is None
        or not (found.pointed or shown or found.kind == "NAME")
        or found.kind in ("PHOTO", "PRON", "chatty")
    ):
        return None
    if len(found.words) > 1 and found.words[0].word in _TOUCH:
        return None  # 不要动我的猫
    return _without(order)


def cut_out(order: Order) -> Steps:
    """去背."""
    return [Step("remove", target="背景")] if order.clause.photos or order.clause.asked else None


def _without(order: Order) -> Steps:
    held = _uncommented(order.words("t"))
    if len(held) == 2 and held[0].part == "POS" and held[1].part == "DE" and order.clause.photos:
        return [Step("remove", position=held[0].value)] if held[0].value != "none" else None  # 后面的都去掉
    found = phrases.things(held, order.text)
    if not found or any(pointless(one) or one.kind in ("chatty", "PHOTO", "M") for one in found):
        return None
    if any(one.kind == "MOD" and not one.pointed for one in found):
        return None  # 去掉背景更好看
    if any(len(one.words) > 1 and one.kind == "X" and not is_thing(one) for one in found):
        return None  # P掉路人的手艺不错
    if any(len(one.words) > 1 and one.words[0].part == "MOD" and one.kind == "X" for one in found):
        return None  # 去掉美颜都不敢看
    verb, clause = order.verbs[-1], order.clause
    sure = clause.photos or order.grasped or clause.asked or verb.word[0] in "p抠"
    if not sure and any(one.kind == "X" and not one.pointed for one in found):
        return None  # 隐藏菜单
    if verb.word[0] in "脱摘" and not clause.photos and not clause.asked:
        return None  # 脱掉外套 is said to people
    if any(one.head is not None and one.head.word in ("它", "它们") for one in found):
        return [Step("remove")]
    return [about("remove", one) for one in found]


def _uncommented(words: Sequence[Token]) -> Sequence[Token]:
    """那个垃圾桶太丑 → 那个垃圾桶; 右下角有个垃圾 → 右下角 个垃圾."""
    if len(words) > 2 and words[0].part == "POS" and words[1].word == "有":
        words = [words[0], *words[2:]]
    for at, token in enumerate(words):
        pointed = any(other.part in ("DET", "POS") for other in words[:at])
        if pointed and token.part in ("BAD", "STRONG") and not any(other.part == "DE" for other in words[at:]):
            return words[:at]
    return words


READINGS: dict[str, Reading] = {
    "removed": removed,
    "deleted": deleted,
    "vanished": vanished,
    "unwanted": unwanted,
    "cut_out": cut_out,
}
