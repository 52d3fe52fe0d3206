"""Readings of P到, 放, 站, 移: to a place in the picture, elsewhere in it, or the people to another setting."""

from dataclasses import replace

from bot.language import phrases
from bot.language.order import (
    Order,
    Reading,
    Steps,
    about,
    folk,
    pointless,
)
from bot.language.phrases import Phrase
from bot.language.places import Place
from storage.plans import Step

_HOW = {"ADD": "add", "PUT": "put", "STAND": "stand", "SHIFT": "move", "AT": "stand"}
_SPOTS = ("位置", "位子", "地方")
_ABSENT = ("缺席", "没来", "去世", "不在", "没到", "过世", "没", "缺")


def placed(order: Order) -> Steps:
    """把 c 放到 p: a newcomer is inserted, what is there is moved, people put somewhere get another background."""
    where = order.place()
    if where is None or order.clause.done or "c" not in order.slots:
        return None
    return _put(order, where)


def swapped(order: Order) -> Steps:
    """把 t 和 c 换个位置, 交换 t 和 c 的位置: the second is the content."""
    behind = order.words("c")
    placed = len(behind) > 2 and behind[-1].word in _SPOTS and behind[-2].part == "DE"
    named = order.verb("SWAP", "CHANGE").word.endswith(_SPOTS)
    if order.clause.done or not (placed or named or (order.has("SWAP") and order.grasped)):
        return None
    first = order.thing()
    second = phrases.thing(behind[:-2] if placed else behind, order.text)
    if first is None or second is None or any(pointless(one) or one.kind == "chatty" for one in (first, second)):
        return None
    return [Step("move", target=first.said, content=second.said, position=first.position)]


def moved(order: Order) -> Steps:
    """把 t 往左移一点."""
    where = order.place()
    if where is None or where.position is None or order.clause.done:
        return None
    if "t" not in order.slots:
        shifted = order.clause.photos and order.verb("SHIFT").word not in ("走", "站", "走走", "站过去", "坐过去")
        return [Step("move", position=where.position)] if shifted else None
    found = order.things()
    if found is None or any(pointless(one) or one.kind == "chatty" for one in found):
        return None
    return [about("move", one, position=where.position) for one in found]


def edged(order: Order) -> Steps:
    """月亮再往上一点: without a verb only a little further."""
    return moved(order) if order.clause.strength == "slight" else None


def shifted(order: Order) -> Steps:
    """相框移下来点儿."""
    where = {"上": "top", "下": "bottom", "落": "bottom"}.get(order.verbs[-1].word[0])
    found = order.thing() if "t" in order.slots else None
    return [about("move", found, position=where)]


def _put(order: Order, where: Place) -> Steps:
    found, clause = order.newcomers(), order.clause
    if found is None or any(pointless(one) or one.kind == "chatty" for one in found):
        return None
    if where.head is not None and where.head.value == "chatty":
        return None  # 把他加到黑名单
    verb = order.verb("TO", "ADD", "PUT", "STAND", "AT", "SHIFT")
    how = verb.value if verb.part == "TO" else _HOW.get(verb.part, "put")
    if order.has("BA") and order.words("c")[0].part == "M":
        found = [replace(one, measured=False) for one in found]  # 將個漢堡放去…: that one
    first = found[0]
    ordered = order.grasped or clause.asked
    if not ordered and (
        (how == "stand" and first.concept is None)
        or (how in ("stand", "put") and verb.word.endswith("在"))  # 车子停在左边 tells where it is
        or (how != "add" and not clause.photos)
    ):
        return None
    if where.kind == "anchor" and (first.concept is None or how == "move") and _stage(where):
        if folk(first) or (how == "stand" and first.kind == "person" and not first.measured):
            return [Step("background", content=where.anchor)] if ordered or clause.photos else None
        if first.kind == "background":
            return [Step("background", content=where.anchor, position=first.position)]
        there = where.head is not None and where.head.part == "PLACE"
    there = not first.measured and first.concept is None and not _absent(first)
    comes = first.concept is not None and verb.word[-1] in "到去" and order.has("MAKE")  # 让小明站到右边: he is there
    if how == "move" or folk(first) or ((there or comes) and how in ("put", "stand") and where.position):
        beside = how == "move" and order.grasped and clause.photos and where.kind == "anchor"  # 移到窗台上
        return (
            [replace(about("move", None, position=where.position), target=_as_target(one)) for one in found]
            if where.position or (beside and not folk(first) and first.concept is None)
            else None
        )
    if (
        how == "put"
        and not clause.photos
        and first.concept is None
        and where.kind == "anchor"
        and (there or first.kind == "X")
    ):
        return None  # 把快递放门口
    if there and ((how == "stand" and where.kind != "photo") or (how == "put" and not order.grasped)):
        return None
    return [about("insert", None, one, where.position) for one in found]


def _stage(where: Place) -> bool:
    """Whether people can be put there as into another setting."""
    if where.position in ("left", "right", "center") or where.head is None:
        return False
    return where.head.part not in ("PRON", "NAME") and where.head.value not in ("person", "pet", "body")


def _as_target(one: Phrase) -> str | None:
    return one.said or one.concept


def _absent(one: Phrase) -> bool:
    """缺席的, 没来的: it is said that it is not in the photo."""
    return any(token.word in _ABSENT for token in one.words)


READINGS: dict[str, Reading] = {
    "swapped": swapped,
    "placed": placed,
    "moved": moved,
    "shifted": shifted,
    "edged": edged,
}
