"""Readings of 戴, 让他笑, 亮一点: what is worn, and what somebody or something is to look like."""

from collections.abc import Sequence
from dataclasses import replace

from bot.language import phrases, places
from bot.language.clauses import Clause
from bot.language.order import Order, Reading, Steps, about, is_thing, owner, pointless, whole, worn
from bot.language.phrases import Phrase, wordset
from bot.language.tokens import Token, said
from storage.plans import Step

_FINE = [
    "MOD",
    "X",
    "NOUN",
    "TUNE",
    "CHANGE",
    "DO",
    "NEG",
    "BECOME",
    "DE",
    "ADD",
    "SIDE",
    "STAND",
    "AND",
    "COLOR",
    "SHIFT",
    "TO",
    "DRAW",
    "WEAR",
]  # parts that may stand in what something is to look like
_DEED = ("X", "TUNE", "SHIFT", "STAND", "M")
_DEED_TOO = ("X", "NOUN", "MOD", "TUNE", "SIDE", "DE", "NUM", "PLACE", "AT", "PHOTO", "LE", "M", "WEAR")
_US = ("我", "你", "我们", "大家", "人", "你们")


def wears(order: Order) -> Steps:
    """给小狗戴个圣诞帽, 让她穿旗袍."""
    clause, content, verb = order.clause, order.incoming(), order.verb("WEAR")
    several = order.newcomers() or []
    if len(several) > 1 and all(worn(one) for one in several):
        content = several[0]
    if content is None or content.head is None or clause.done or content.concept:
        return None
    if content.kind in ("PRON", "MOD", "chatty") or not is_thing(content):
        return None
    if verb.word not in wordset("ONLY_WORN") and not worn(content) and not content.measured:
        return None
    ready = content.measured or verb.word.endswith("上")
    if "t" not in order.slots and len(order.verbs) > 1 and order.verbs[-2].part == "PRON":  # 畀頂帽佢戴
        wearer = phrases.thing(order.verbs[-2:-1], order.text)
        return [about("modify", wearer, content)] if wearer is not None and clause.photos else None
    if "t" not in order.slots:
        sure = content.measured or clause.asked or (clause.photos and ready)
        return [about("modify", None, content)] if sure and worn(content) else None
    target = _wearer(order)
    if target is None or target.kind == "chatty":
        return None
    wearable = target.kind != "PRON" or (clause.followed and clause.photos and content.measured)  # 背景换成…,我戴个头纱
    if not order.grasped and not (worn(content) and wearable and ready):
        return None
    return [about("modify", target, one) for one in (several if len(several) > 1 else [content])]


def likened(order: Order) -> Steps:
    """让他笑一点, 把脸修瘦, 整体亮一点, 背景虚化."""
    clause, words = order.clause, list(order.slots["a"])
    while len(words) > 2 and (words[-1].part in ("NUM", "M") or words[-1].word == "处理"):
        words.pop()  # 笑一个, 虚化处理
    if clause.done:
        return None
    made = order.has("MAKE")
    for cut in range(1, len(words)) if made else ():  # the being comes first: 让老爸|露出微笑
        target = phrases.thing(words[:cut], order.text)
        if target is not None and target.kind in ("person", "pet", "NAME", "PRON") and _deedlike(words[cut:]):
            return _thing_likened(order, target, words[cut:], False)
    for cut in range(min(len(words) - 1, 8), -1, -1):
        held, rest = words[:cut], words[cut:]
        tuned = False
        while len(rest) > 1 and (rest[0].word in wordset("TUNES") or rest[0].part == "DET"):
            tuned, rest = (
                tuned or (rest[0].part != "DET" and rest[0].word not in ("来", "有", "去", "做", "保持")),
                rest[1:],
            )
        seeming = not order.grasped and words[cut].word in wordset("SEEMING")
        if seeming and (not held or not clause.asked):
            return None  # 腿显短; 要显高
        if not modifiable(rest) or (
            held
            and (
                held[-1].word in wordset("TUNES")
                or held[-1].part == "CHANGE"
                or (held[-1].part == "M" and held[0].part == "PRON")
            )
        ):
            continue
        if held and held[-1].part == "MOD" and not any(token.part in ("NOUN", "NAME", "PRON") for token in held):
            continue
        if not held or (whole(held) and not (made and held[-1].part == "PRON")):
            return _whole_likened(order, held, rest, tuned)
        target = phrases.thing(held, order.text)
        if target is None or target.head is None or (target.measured and not target.pointed and not made):
            continue
        return _thing_likened(order, target, rest, tuned)
    return _deed(order, words) if made and clause.photos and 1 < len(words) <= 6 else None


def _deedlike(rest: Sequence[Token]) -> bool:
    return len(rest) == 2 and rest[0].part == "X" and rest[1].part == "MOD" and len(rest[0].word) > 1


def scaled(order: Order) -> Steps:
    """缩小左边的球."""
    target, verb = order.thing(), order.verbs[0]
    if target is None or target.head is None or verb.word not in ("放大", "缩小") or not order.clause.photos:
        return None
    known = target.pointed or target.kind in ("pet", "person", "thing", "body", "NAME")
    return [replace(about("modify", target), content=order.text[verb.start : verb.end])] if known else None


def part_likened(order: Order) -> Steps:
    """让他把眼睛睁开."""
    target, rest = order.thing(), order.slots["a"]
    if target is None or order.clause.done or rest[0].value not in ("body", "hair") or not modifiable(rest[1:]):
        return None
    return [replace(about("modify", target), content=as_said(rest, order.text))]


def modifiable(rest: Sequence[Token]) -> bool:
    """Whether the words say how something looks: 笑, 闭上眼, 大, 年轻, 下雪."""
    if not rest or len(rest) > 4 or any(token.part not in _FINE for token in rest):
        return False
    if rest[0].part == "MOD" or (rest[0].value == "time" and len(rest) == 1):
        if len(rest) > 1 and len(rest[0].word) == 1 and rest[1].part in ("NOUN", "X"):
            return rest[0].word in "笑哭跳跑飞眨亲"  # 小衣服 is a thing
        return all(token.part in ("MOD", "NOUN", "X", "DE", "SIDE", "DO") for token in rest[1:])
    if rest[-1].part == "MOD" and rest[0].part in ("X", "TUNE", "NEG", "BECOME") and len(rest) <= 2:
        return True
    return len(rest) == 1 and rest[0].part == "COLOR"


def as_said(rest: Sequence[Token], text: str) -> str:
    """How it is to look, as the user wrote it, without 的样子."""
    left = list(rest)
    while len(left) > 1 and left[-1].part in ("DE", "SLIGHT"):
        left.pop()
    if len(left) > 2 and left[-1].word in wordset("LOOKS") and left[-2].part == "DE":
        left = left[:-2]
    return said(left, text)


def _wearer(order: Order) -> Phrase | None:
    words = order.slots["t"]
    target = order.thing()
    if target is None or pointless(target):
        return owner(words, order.text) if places.place(words, order.text) is not None else None
    if len(words) > 1 and words[-1].part == "SIDE":
        return owner(words, order.text) or target
    return target


def _whole_likened(order: Order, held: Sequence[Token], rest: Sequence[Token], tuned: bool) -> Steps:
    """整体亮一点, 美颜一下."""
    clause = order.clause
    if (order.grasped and not held) or (not held and rest[0].word in wordset("VAGUE")):
        return None
    if (
        clause.photos
        and rest[0].value == "time"
        and rest[0].word[0] in "下飘刮打起放"
        and not rest[0].word.endswith("天")
    ):
        return [Step("modify", content=as_said(rest, order.text))]  # 下大雪
    retouched = clause.photos and len(rest) == 1 and rest[0].word in wordset("RETOUCHES")
    if clause.followed and clause.photos and rest[0].word in ("笑", "微笑") and len(rest) == 1:
        return [Step("modify", content=as_said(rest, order.text))]  # 去掉眼镜,笑一点
    likened = (
        retouched
        or tuned
        or clause.strength == "slight"
        or clause.asked
        or any(token.part == "PHOTO" for token in held)
    )
    if not likened or not (
        tuned or rest[0].word in wordset("RETOUCHES") or rest[0].word in wordset("LIGHTS") or rest[0].word[0] == "偏"
    ):
        return None
    return [Step("modify", content=as_said(rest, order.text))]


def _thing_likened(order: Order, target: Phrase, rest: Sequence[Token], tuned: bool) -> Steps:
    clause = order.clause
    assert target.head is not None
    if not order.grasped and not _may_be_told(clause, target, rest, tuned):
        return None
    if any(token.part == "NUM" for token in target.words[1:]):
        return None  # 把皱纹一根一根描淡
    if order.has("MAKE") and target.head.word in _US and not clause.photos:
        return None
    if target.kind == "chatty" or rest[0].value == "chatty":
        return None
    if (
        rest[0].part == "COLOR"
        and target.kind != "sky"
        and not (target.kind in ("body", "person", "PRON", "NAME", "aspect") and clause.strength == "slight")
    ):
        more = (
            clause.strength == "slight" and clause.photos and target.kind in ("thing", "PLACE", "clothes", "wearable")
        )
        if not tuned and not more and not (clause.asked and target.kind in ("background", "tint")):
            return None
        if target.kind == "background" or (target.kind == "tint" and target.words[0].value == "background"):
            return [Step("background", color=rest[0].value)]
        return [replace(about("modify" if target.kind == "hair" else "recolor", target), color=rest[0].value)]
    if (
        not clause.photos
        and not clause.asked
        and target.kind == "body"
        and clause.strength == "normal"
        and not order.has("MAKE")
    ):
        return None  # 把手举起来 is said to people
    if target.head.word == "它" and rest[0].value == "time":
        return [Step("modify", content=as_said(rest, order.text))]  # 让它下雨
    return [replace(about("modify", target), content=as_said(rest, order.text))]


def _deed(order: Order, words: list[Token]) -> Steps:
    """让狗打篮球: with a photo at hand, something in it may be told to do what no list has."""
    for cut in range(1, len(words)):
        target, rest = phrases.thing(words[:cut], order.text), words[cut:]
        doers = ("pet", "person", "NAME", "PRON", "body", "sky", "thing")
        if target is None or target.head is None or target.kind not in doers:
            continue
        if target.head.word in _US or rest[0].part not in _DEED or rest[0].word in wordset("TOLD_TO_PEOPLE"):
            return None
        if any(token.part not in _DEED_TOO for token in rest):
            return None
        return [replace(about("modify", target), content=as_said(rest, order.text))]
    return None


def _may_be_told(clause: Clause, target: Phrase, rest: Sequence[Token], tuned: bool) -> bool:
    """Without 把 or 让 only parts of a face, the background and the like are told how to look: 眼睛大一点."""
    addressed = (
        clause.strength == "slight"
        or tuned
        or clause.asked
        or (clause.followed and target.kind == "hair")
        or (clause.photos > 0 and rest[0].word[0] == "偏")
    )
    if target.kind in ("body", "hair", "background", "sky", "aspect", "tint", "clothes", "wearable"):
        return (addressed or rest[0].word in wordset("TOLD_ALONE")) and (
            target.head is None or target.head.word != "天"
        )
    if target.kind in ("person", "pet", "NAME", "PRON"):
        return (clause.strength == "slight" and clause.photos > 0) or (clause.asked and target.kind != "PRON")
    risen = len(rest) == 1 and len(rest[-1].word) > 2 and rest[-1].word.endswith("起来")  # 路灯亮起来
    alone = len(rest) == 1 and rest[0].word in wordset("TOLD_ALONE") and target.kind == "thing"  # 月亮放大
    return clause.photos > 0 and (risen or alone or clause.strength == "slight")


READINGS: dict[str, Reading] = {
    "wears": wears,
    "likened": likened,
    "scaled": scaled,
    "part_likened": part_likened,
}
