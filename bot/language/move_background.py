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
    if (several := _respectively(order)) is not None:
        return several
    where = order.place()
    if where is None or order.clause.done:
        return None
    return _put(order, where) if "c" in order.slots else _put_before(order, where)


def stands(order: Order) -> Steps:
    """小美站我右手边, 杯子放左边."""
    where, found = order.place(), order.incoming()
    if where is None or found is None or order.clause.done or order.slots["p"][-1].part in ("DET", "M"):
        return None
    verb = order.verbs[-1].part
    puts = verb == "STAND" or (verb == "PUT" and order.clause.photos)
    beside = found.concept is not None and puts and order.slots["p"][-1].part in ("POS", "SIDE", "SPOT")
    if (where.kind == "anchor" and not beside) or (verb == "AT" and not (order.clause.begged or order.clause.wished)):
        return None
    if found.concept is None and not order.clause.asked and verb not in ("PUT", "ADD"):
        return None
    return _put(order, where)


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
    if order.has("ADD") and any(one.measured for one in found):
        return None
    return [about("move", one, position=where.position) for one in found]


def edged(order: Order) -> Steps:
    """月亮再往上一点: without a verb only a little further."""
    return moved(order) if order.clause.strength == "slight" else None


def shifted(order: Order) -> Steps:
    """相框移下来点儿."""
    where = {"上": "top", "下": "bottom", "落": "bottom"}.get(order.verbs[-1].word[0])
    found = order.thing() if "t" in order.slots else None
    if where is None or order.clause.done or not order.clause.photos:
        return None
    if "t" in order.slots and (found is None or pointless(found) or found.kind == "chatty"):
        return None
    return [about("move", found, position=where)]


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


def wished_place(order: Order) -> Steps:
    """我想在月球上."""
    where, clause = order.place(), order.clause
    if where is None or not clause.wished or clause.done or not clause.photos:
        return None
    if where.kind != "anchor" or where.head is None or where.head.part not in ("PLACE", "X"):
        return None
    if "t" in order.slots and not ((who := order.thing()) and folk(who)):
        return None
    return [Step("background", content=where.anchor)]


def _put(order: Order, where: Place) -> Steps:
    found, clause = order.newcomers(), order.clause
    if found is None or any(pointless(one) or one.kind == "chatty" for one in found):
        return None
    if where.head is not None and where.head.value == "chatty":
        return None  # 把他加到黑名单
    if order.has("ADD") and where.kind == "anchor" and order.slots["p"][-1].part == "NAME":
        return None  # 把空位补上王总
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
        if first.kind in ("person", "NAME") and clause.photos and order.grasped and there and not first.measured:
            return [Step("background", content=where.anchor)]
        if first.kind == "pet" and clause.photos and order.grasped and where.head and where.head.part == "PLACE":
            return [Step("background", content=where.anchor)] if not first.measured or first.pointed else None
    if folk(first) and where.position is None:
        return None
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
    if (
        there
        and how == "put"
        and order.grasped
        and where.kind == "anchor"
        and clause.photos
        and verb.word[0] in "放摆弄整搞"
    ):
        known = all(one.kind in ("pet", "person", "thing", "wearable") for one in found)
        return [about("move", one) for one in order.things("c") or ()] if known else None  # 把猫放到沙发上
    if there and ((how == "stand" and where.kind != "photo") or (how == "put" and not order.grasped)):
        return None
    return [about("insert", None, one, where.position) for one in found]


def _respectively(order: Order) -> Steps:
    """把小明和阿紫分别加到左边和右边."""
    found, spots = (
        order.newcomers(),
        [token for token in order.slots["p"] if token.part == "POS" and token.value != "none"],
    )
    if found is None or len(found) < 2 or len(spots) != len(found) or order.clause.done:
        return None
    if not all(one.concept or one.measured for one in found) or any(
        t.part not in ("POS", "AND") for t in order.slots["p"]
    ):
        return None
    return [about("insert", None, one, spot.value) for one, spot in zip(found, spots, strict=True)]


def _put_before(order: Order, where: Place) -> Steps:
    """然后移到右边, 帮我P到最后面: what was spoken of before."""
    ready = order.clause.asked or order.clause.photos
    under = where.head is not None and where.head.value == "time" and order.clause.wished
    if where.kind == "anchor" and under and order.clause.photos and order.verbs[0].value == "stand":
        return [Step("background", content=where.anchor)]  # 我想躺在星空下
    if where.kind == "anchor" and where.head is not None and where.head.part == "PLACE" and ready:
        return [Step("background", content=where.anchor)]
    if order.verbs[0].value in ("add", "put") or (order.verbs[0].part == "PUT" and where.position):
        return [Step("insert", position=where.position)]
    return [Step("move", position=where.position)] if order.verbs[0].value == "move" and where.position else None


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
    "placed": placed,
    "stands": stands,
    "moved": moved,
    "shifted": shifted,
    "edged": edged,
    "swapped": swapped,
    "wished_place": wished_place,
}
