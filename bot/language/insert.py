"""Readings of 加, P, 来: something comes into the picture."""

from bot.language import places
from bot.language.order import (
    Order,
    Reading,
    Steps,
    about,
    is_thing,
    pointless,
    restyle,
    weather,
    whole,
    worn,
)
from bot.language.phrases import Phrase, wordset
from bot.language.places import Place

_HOLDING = ("抱", "抱着", "拿", "拿着", "举", "举着", "牵", "牵着", "捧", "捧着")


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
    if verb.part == "STAND" and (where is None or (where.kind == "anchor" and not (clause.photos and counted))):
        return None
    whole_picture = where is None or where.kind == "photo" or where.anchor in wordset("STYLE_HEADS")
    if (found := order.style("c")) is not None and whole_picture:
        return [restyle(found)] if verb.word != "有" else None
    content = order.newcomers()
    if where is not None and where.head is not None and where.head.value == "chatty":
        return None
    if content is None or any(pointless(one) or one.kind in ("chatty", "tint") for one in content):
        return None
    first = content[0]
    if first.kind in ("PRON", "MOD", "PHOTO") or not is_thing(first):
        return None
    if verb.part in ("WEAR", "USE"):
        return None
    if where is None:
        measured = first.measured or into[0].part in ("M", "NUM", "SLIGHT")
        return _added_somewhere(order, content, verb.part, measured)
    if verb.word == "有" and not clause.asked:
        return None
    return [about("insert", None, one, where.position or one.position) for one in content]


def given(order: Order) -> Steps:
    """给我加个眼镜, 给图加个太阳."""
    verb, clause = order.verbs[-1], order.clause
    if whole(order.slots["t"]):
        return added(Order(clause, {"c": order.slots["c"]}, order.verbs[1:]))
    where = places.place(order.slots["t"], order.text)
    target, content = order.thing(), order.incoming()
    if target is None or content is None or content.head is None or content.kind in ("chatty", "PRON"):
        return None
    if worn(content) or content.kind in ("body", "MOD"):
        return [about("modify", target, content)]
    if verb.part == "DO" or (
        where is not None and where.kind == "anchor" and target.kind == "PRON" and not content.measured
    ):
        return None
    return [about("insert", None, content, where.position if where else None)]


def added_in(order: Order) -> Steps:
    """整只猫进去."""
    found = order.incoming()
    if found is None or order.clause.done or found.kind in ("chatty", "PRON"):
        return None
    if not (found.measured or found.concept or found.kind in ("person", "pet", "thing")):
        return None
    return [about("insert", None, found, found.position)]


def joined(order: Order) -> Steps:
    """和小明合个影."""
    found = order.incoming()
    return [about("insert", None, found)] if found is not None and not order.clause.done else None


def _added_somewhere(order: Order, content: list[Phrase], verb: str, counted: bool) -> Steps:
    """加 c, when nobody says where."""
    clause, first = order.clause, content[0]
    if verb in ("DO", "DRAW") and not first.concept:
        return [about("modify", None, first)] if verb == "DO" and weather(first) else None
    if order.verbs[0].word in ("有", "走", "来"):
        return None
    if not clause.photos and not clause.asked and first.kind in ("X", "food", "NAME") and not first.concept:
        return None  # 再加双筷子
    if not (counted or first.concept or clause.asked or (clause.photos and verb == "ADD")):
        return None
    if first.kind == "clothes" and not clause.photos:
        return None  # 加件衣服
    return [about("insert", None, one, one.position) for one in content]


def _somewhere(order: Order, where: Place) -> bool:
    """Whether a place is one to put things: 他旁边, but not 他."""
    if where.kind != "anchor" or order.slots["p"][-1].part in ("SIDE", "POS", "PLACE"):
        return True
    return where.head is None or (where.head.part not in ("PRON", "NAME") and where.head.value not in ("person", "pet"))


READINGS: dict[str, Reading] = {
    "added": added,
    "given": given,
    "added_in": added_in,
    "joined": joined,
}
