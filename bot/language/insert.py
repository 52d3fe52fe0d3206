"""Readings of 加, P, 来: something comes into the picture."""

from dataclasses import replace

from bot.language import places
from bot.language.order import (
    Order,
    Reading,
    Steps,
    about,
    is_thing,
    owner,
    pointless,
    restyle,
    setting,
    timely,
    weather,
    whole,
    worn,
)
from bot.language.phrases import Phrase, wordset
from bot.language.places import Place

_HOLDING = ("抱", "抱着", "拿", "拿着", "举", "举着", "牵", "牵着", "捧", "捧着")


def wanted_there(order: Order) -> Steps:
    """天上要有彩虹和星星."""
    where, content = order.place(), order.newcomers()
    if where is None or where.position is None or content is None or order.clause.done or not order.clause.photos:
        return None
    if any(one.kind in ("PRON", "MOD", "chatty", "tint") or not is_thing(one) for one in content):
        return None
    return [about("insert", None, one, where.position) for one in content]


def granted(order: Order) -> Steps:
    """C位给团子: a place in the photo for somebody who is to come."""
    spot = [token for token in order.slots["p"] if token.part not in ("M", "NUM")]
    where, found = places.place(spot, order.text), order.incoming()
    if where is None or where.kind != "position" or found is None or found.concept is None or order.clause.done:
        return None
    return [about("insert", None, found, where.position)]


def added(order: Order) -> Steps:
    """左边加 c, 加 c, 加 c 在左边."""
    clause, into = order.clause, order.words("c")
    verb = order.verb("ADD", "PUT", "DO", "DRAW", "STAND", "WEAR")
    where = order.place()
    if verb.part == "USE" and not (clause.photos and verb.word in _HOLDING):
        return None
    if clause.done or ("p" in order.slots and (where is None or not _somewhere(order, where))):
        return None
    if into[0].word in ("得", "着"):
        return None  # 相框挂得太高
    counted = into[0].part in ("M", "NUM")
    if "a" in order.slots and not counted:
        return None  # 打印出来给她挂床头
    if verb.part == "STAND" and (where is None or (where.kind == "anchor" and not (clause.photos and counted))):
        return None
    whole_picture = where is None or where.kind == "photo" or where.anchor in wordset("STYLE_HEADS")
    if (found := order.style("c")) is not None and whole_picture:
        return [restyle(found)] if verb.word != "有" else None
    content = order.newcomers()
    if where is not None and where.head is not None and where.head.value == "chatty":
        return None
    if where is not None and where.head is not None and where.head.value == "food" and not clause.photos:
        return None  # 咖啡加奶
    if content is None or any(pointless(one) or one.kind in ("chatty", "tint") for one in content):
        return None
    first = content[0]
    if into[-1].word in wordset("LOOKS") and timely(first):
        return [about("modify", None, first)]
    if verb.part in ("DO", "ADD") and clause.photos and where is None and first.said in wordset("RETOUCHES"):
        return [about("modify", None, first)]  # 来个磨皮
    if first.kind in ("PRON", "MOD", "PHOTO") or not is_thing(first):
        return None
    if first.kind == "background":
        return setting(first, order.text)
    if verb.part == "DO" and where is not None and where.head is not None and where.anchor == where.head.word == "背景":
        return [about("background", None, first)]  # 背景来个富士山
    if (order.has("BA") or verb.word == "多") and not (first.measured or first.concept):
        return None
    if verb.word in _HOLDING and clause.photos and first.measured and not worn(first) and where is not None:
        return [about("insert", None, one, where.position) for one in content]  # 怀里抱只猫
    on_body = (
        where is not None and where.head is not None and (first.kind in ("wearable", "hair") or verb.part == "WEAR")
    )
    if on_body and (wearer := owner(order.slots["p"], order.text)) is not None:
        return [about("modify", wearer, one) for one in content]
    if verb.part in ("WEAR", "USE"):
        return None
    if where is None:
        measured = first.measured or into[0].part in ("M", "NUM", "SLIGHT")
        return _added_somewhere(order, content, verb.part, measured)
    if weather(first) and (where.kind == "photo" or (where.head is not None and where.head.value == "sky")):
        return [replace(about("modify", None, first), target=where.head.word if where.head else None)]
    if verb.word == "有" and not clause.asked:
        return None
    return [about("insert", None, one, where.position or one.position) for one in content]


def added_in(order: Order) -> Steps:
    """整只猫进去."""
    found = order.incoming()
    if found is None or order.clause.done or found.kind in ("chatty", "PRON"):
        return None
    if not (found.measured or found.concept or found.kind in ("person", "pet", "thing")):
        return None
    return [about("insert", None, found, found.position)]


def added_bare(order: Order) -> Steps:
    """把小明P进来, 小明加上."""
    found, verb = order.newcomers(), order.verbs[-1]
    if found is None or order.clause.done or any(pointless(one) or one.kind in ("PRON", "chatty") for one in found):
        return None
    known = all(one.concept for one in found)
    if not order.grasped and not (
        known or (order.clause.asked and len(verb.word) > 1) or all(one.measured for one in found)
    ):
        return None
    if verb.part == "PUT" and len(verb.word) == 1:
        return None
    if verb.word == "p" and not any(one.concept or one.measured for one in found):  # 把那家伙给我P喽
        return [about("remove", one) for one in order.things("c") or ()] or None
    return [about("insert", None, one, one.position) for one in found]


def given(order: Order) -> Steps:
    """给我加个眼镜, 给图加个太阳."""
    verb, clause = order.verbs[-1], order.clause
    if clause.done:
        return None
    if whole(order.slots["t"]):
        return added(Order(clause, {"c": order.slots["c"]}, order.verbs[1:]))
    where = places.place(order.slots["t"], order.text)
    if where is not None and where.kind in ("position", "near"):
        return added(Order(clause, {"p": order.slots["t"], "c": order.slots["c"]}, order.verbs))
    target, content = order.thing(), order.incoming()
    if target is None or (target.head is not None and target.head.word in ("你", "您", "你们")):
        return None
    if (found := order.style("c")) is not None:
        return [restyle(found, None if target.kind in ("PRON", "background") else target.said)]
    if content is None or content.head is None or content.kind in ("chatty", "PRON"):
        return None
    if content.kind == "background":
        return setting(content, order.text)
    if worn(content) or content.kind in ("body", "MOD"):
        return [about("modify", target, content)]
    if target.kind in ("background", "sky"):
        if weather(content):
            return [about("modify", target, content)]
        return [about("insert", None, content, "top" if target.kind == "sky" else target.position)]
    if verb.part == "DO" or (
        where is not None and where.kind == "anchor" and target.kind == "PRON" and not content.measured
    ):
        return None
    return [about("insert", None, content, where.position if where else None)]


def joined(order: Order) -> Steps:
    """和小明合个影."""
    found, verb = order.incoming(), order.verbs[-1]
    if found is None or found.kind == "PRON" or order.clause.done:
        return None
    if verb.part == "PHOTO" and (verb.word not in ("合影", "合照") or order.slots["c"][-1].part == "DE"):
        return None
    if found.concept is None and not (order.clause.asked and order.clause.photos):
        return None
    return [about("insert", None, found)]


def _added_somewhere(order: Order, content: list[Phrase], verb: str, counted: bool) -> Steps:
    """加 c, when nobody says where."""
    clause, first = order.clause, content[0]
    wished = clause.photos and first.measured and (clause.followed or clause.asked or order.verbs[0].word == "来")
    if wished and verb == "DO" and first.kind in ("pet", "thing", "person") and order.verbs[0].word in "来整弄搞":
        return [about("insert", None, one, one.position) for one in content]  # 天空太单调了,来几只海鸥
    if verb in ("DO", "DRAW") and not first.concept:
        return [about("modify", None, first)] if verb == "DO" and weather(first) else None
    if order.verbs[0].word in ("有", "走", "来"):
        return None
    if not clause.photos and not clause.asked and first.kind in ("X", "food", "NAME") and not first.concept:
        return None  # 再加双筷子
    if not (counted or first.concept or clause.asked or (clause.photos and verb == "ADD")):
        return None
    if weather(first):
        return [about("modify", None, first)]
    if first.kind == "clothes" and not clause.photos:
        return None  # 加件衣服
    if first.kind in ("wearable", "body", "hair") and not first.concept:
        return [about("modify", None, one) for one in content]
    return [about("insert", None, one, one.position) for one in content]


def _somewhere(order: Order, where: Place) -> bool:
    """Whether a place is one to put things: 他旁边, but not 他."""
    if where.kind != "anchor" or order.slots["p"][-1].part in ("SIDE", "POS", "PLACE"):
        return True
    return where.head is None or (where.head.part not in ("PRON", "NAME") and where.head.value not in ("person", "pet"))


READINGS: dict[str, Reading] = {
    "wanted_there": wanted_there,
    "granted": granted,
    "added": added,
    "added_in": added_in,
    "added_bare": added_bare,
    "given": given,
    "joined": joined,
}
