"""Readings of 换成, 变成, 改: one thing, colour, style, hour or setting becomes another."""

from collections.abc import Sequence
from dataclasses import replace

from bot.language import phrases
from bot.language.modify import as_said, modifiable
from bot.language.order import BEINGS, Order, Reading, Steps, about, ages, restyle, setting, timely, whole, worn
from bot.language.phrases import Phrase, wordset
from bot.language.tokens import Token, vocabulary
from storage.plans import Step

_IMPRESSIONS = ("感觉", "质感", "效果", "味道", "氛围")


def drawn(order: Order) -> Steps:
    """用阿紫的画风画一遍."""
    found = order.style("s")
    if found is None or order.clause.done:
        return None
    if not order.has("DRAW", "BECOME", "CHANGE", "DO", "TUNE") and order.verb("USE").word == "像":
        return None  # 这个效果像油画
    if "t" in order.slots and not whole(order.slots["t"]) and order.thing() is None:
        return None
    return [restyle(found)]


def as_setting(order: Order) -> Steps:
    """用教室做背景, 背景用教室."""
    target, content = order.thing(), order.incoming()
    if target is None or content is None:
        return None
    if content.kind == "background" and len(content.words) == 1 and target.kind == "PLACE":
        target, content = content, target  # 换个背景做海滩
    return [about("background", None, content, target.position)] if target.kind == "background" else None


def set_there(order: Order) -> Steps:
    """换背景到海边."""
    target, where = order.thing(), order.place()
    if target is None or target.kind != "background" or where is None or order.clause.done:
        return None
    return [Step("background", content=where.anchor)] if where.kind == "anchor" else None


def become(order: Order) -> Steps:
    """把 t 换成 c; 用 c 替换 t."""
    if order.clause.done or order.slots["c"][0].part == "LE":
        return None
    if not order.grasped and not order.clause.asked and "了" in order.verbs[-1].word:
        return None  # logo改咗做綠色: it has happened
    held = order.words("t")
    verb = len(held) == 1 and held[0].part == "X" and held[0].word in vocabulary().verbs
    if verb and not order.grasped and not order.clause.asked:
        return None  # 收到变成深蓝
    return _turned(order, order.verbs[-1].word)


def taken_over(order: Order) -> Steps:
    """旺财换掉右边那只狗: somebody taught comes in the place of what is pointed at."""
    target, content = order.thing(), order.incoming()
    if target is None or content is None or order.clause.done or not (target.pointed and content.concept):
        return None
    return [about("replace", target, content, target.position)]


def changed(order: Order) -> Steps:
    """换个海边的背景, 背景换海边, 车改白色: without 成 it is an order only when something says into what."""
    clause, held, into = order.clause, order.words("t"), order.words("c")
    if clause.done or into[0].part == "LE" or into[0].word == "得":
        return None
    if order.style("c") is not None:
        return _turned(order)
    content = order.incoming()
    if content is None or content.kind in ("chatty", "PRON"):
        return None
    target = order.thing() if held else None
    if content.kind == "background":
        return setting(content, order.text)
    if content.kind == "sky" and target is None and len(content.words) > 2:
        return _sky(content, order)
    if content.kind == "tint":
        return _tint_changed(order, target, into)
    if target is None and content.head is None and not clause.wished:
        return _tinted(order, None, content.color) if content.color else None  # P一下背景,换纯黑
    if any(token.part == "PRON" for token in content.words):
        return None
    if target is None and content.kind == "MOD":  # 变清晰一点, 变黑白
        fits = clause.photos and not clause.wished and content.said in (*wordset("LIGHTS"), *wordset("RETOUCHES"))
        return _turned(order) if fits else None
    if target is None and clause.photos and worn(content) and content.said not in wordset("ANY_LOOK"):
        counted = content.measured or into[0].part == "M" or order.verbs[-1].word.endswith("个")
        return _turned(order) if counted else None  # 换件红色毛衣
    if target is None:  # 帮我换脸: into whose, the next clause says
        pending = not held and not content.measured and content.kind in ("body", "clothes") and not clause.wished
        return [Step("replace", target=content.said)] if pending else None
    if whole(held) and content.kind == "MOD":
        return _turned(order)
    if order.has("MAKE") and target.kind == "PRON" and (into[0].part != "MOD" or order.verbs[-1].word.endswith("个")):
        return None  # 让我换个高级点的
    if content.head is None or target.kind in ("background", "sky"):
        return _turned(order)
    counted = content.measured or into[0].part in ("M", "NUM")
    if order.has("GIVE") and target.kind in BEINGS and worn(content):
        return _turned(order, "换上")
    if order.has("GIVE") and content.kind == "MOD" and target.kind in BEINGS and clause.photos:
        return _turned(order)  # 帮她变年轻二十岁
    if order.has("GIVE"):  # 给房子换个屋顶: the house stays
        return (
            [about("modify", target, content)] if clause.photos and target.kind not in ("PRON", "background") else None
        )
    if order.grasped:
        return _turned(order)
    if content.kind == "MOD" and target.kind in ("person", "NAME") and (clause.strength == "slight" or clause.asked):
        return _turned(order)
    if target.kind in ("PRON", "person", "NAME", "PHOTO", "chatty") and not target.pointed:
        return None
    if clause.asked and clause.photos and target.kind in ("X", "thing", "pet", "food") and content.kind == "thing":
        return _turned(order)  # 板凳变龙椅
    if content.head.part == "MOD" and (target.kind in ("body", "hair", "aspect") or (clause.photos and not counted)):
        return _turned(order)
    alike = (
        clause.photos and target.kind == content.kind and target.kind in ("pet", "clothes", "wearable", "thing", "hair")
    )
    return _turned(order) if counted or content.concept or target.pointed or alike else None


def changed_alone(order: Order) -> Steps:
    """背景换一下: into what, somebody has said before or will say (bot/language/message.py)."""
    target = order.thing()
    if target is None or target.kind != "background" or order.clause.done:
        return None
    if not order.clause.asked and len(order.verbs[0].word) == 1:
        return None
    return [Step("background", position=target.position)]


def setting_wished(order: Order) -> Steps:
    """想要海边的背景, 白色背景谢谢."""
    found, clause = order.incoming(), order.clause
    looks = order.words("c")[-1].word in (*_IMPRESSIONS, "feel")
    if found is not None and clause.wished and clause.photos and looks and timely(found) and not clause.done:
        return [about("modify", None, found)]  # 想要秋天的感觉
    if (
        found is None
        or found.kind != "background"
        or clause.done
        or not (clause.wished or (clause.asked and clause.photos))
    ):
        return None
    return setting(found, order.text) if len(found.words) > 1 or found.color else None


def is_wished(order: Order) -> Steps:
    """我想背景是海边, 想看沙发是墨绿色."""
    target, content = order.thing(), order.incoming()
    if order.clause.wished and target is not None and content is not None and content.color and content.head is None:
        return _tinted(order, target, content.color)
    if not order.clause.wished or target is None or target.kind != "background" or order.clause.done:
        return None
    return _turned(order)


def wanted(order: Order) -> Steps:
    """裙子要粉色的, 背景要海边."""
    target, content = order.thing(), order.incoming()
    if target is None or content is None or target.kind in ("PRON", "NAME", "person"):
        return None
    colored = content.head is None and content.color is not None
    if target.kind == "tint" and len(target.words) == 1:
        return [Step("recolor", color=content.color)] if colored else None
    return _turned(order) if colored or target.kind == "background" or _is_style(target) else None


def _turned(order: Order, verb: str = "换成") -> Steps:
    """What t and c are says what kind of change it is."""
    held, into, text = order.words("t"), order.words("c"), order.text
    if len(held) == 1 and held[0].part == "POS":
        return _backdrop(order, held[0])
    target = None
    if held and not whole(held):
        targets = order.things()
        if targets is None:
            return None
        if len(targets) > 1:
            return [step for one in targets for step in _one_turned(order, one, into) or ()]
        target = targets[0]
        if target.kind == "chatty":
            return None
    if (found := order.style("c")) is not None and not (
        target is not None and target.kind == "background" and found.named is None
    ):
        plain = target is None or target.kind in ("aspect", "PRON", "background", "tint") or _is_style(target)
        return [restyle(found, None if plain or target is None else target.said)]
    content = phrases.thing(into, text, incoming=True)
    if target is not None and _is_style(target):
        return [Step("restyle", concept=content.concept, content=content.said)] if content is not None else None
    if content is not None and content.kind == "chatty":
        return None
    if content is not None and content.concept and target is None and verb.startswith(("画", "绘")):
        return [Step("restyle", concept=content.concept)]  # 画成青花那样
    if content is None:
        fits = modifiable(into) and target is not None and target.head is not None
        return [replace(about("modify", target), content=as_said(into, text))] if fits else None
    if content.head is None:
        return _tinted(order, target, content.color) if content.color else None
    if target is None:
        return _whole_turned(order, content)
    return _thing_turned(order, target, content, verb)


def _one_turned(order: Order, target: Phrase, into: Sequence[Token]) -> Steps:
    content = phrases.thing(into, order.text, incoming=True)
    if content is None:
        return None
    if content.head is None:
        return _tinted(order, target, content.color) if content.color else None
    return [about("replace", target, content)]


def _thing_turned(order: Order, target: Phrase, content: Phrase, verb: str) -> Steps:
    assert content.head is not None
    kind, given = target.kind, order.has("GIVE")
    if content.kind == "background" and (given or kind in (*BEINGS, "background")):
        return setting(content, order.text)
    if kind == "background":
        changes = (timely(content) and content.head.word not in wordset("SCENERY")) or content.head.part == "MOD"
        return [about("modify", target, content) if changes else about("background", None, content, target.position)]
    if kind in ("sky", "hair", "aspect") or (content.kind == "hair" and kind in ("PRON", "person", "NAME")):
        return [about("modify", target, content)]
    if kind in ("PRON", "person", "NAME") and ages(content) and not verb.startswith("换"):
        return [about("modify", target, content)]
    if content.head.part == "MOD" and len(content.words) <= 3 and not content.measured:
        return [about("modify", target, content)]
    if given and kind in BEINGS and (worn(content) or verb in ("换上", "换穿")):
        return [about("modify", target, content)]
    if kind == "tint":
        return None
    if kind == "time" and timely(content):
        return [about("modify", None, content)]
    if content.color and target.head is not None and content.said == target.head.word:
        return _tinted(order, target, content.color)  # 红车改成蓝车
    if not (order.clause.photos or order.clause.asked or order.grasped) and kind in ("X", "food"):
        return None  # 米饭换成面条 may be said in a restaurant
    if kind == "PRON" and not order.clause.asked and not order.grasped and verb != "换成":
        return None  # 他变成了一个好人
    return [about("replace", target, content, target.position or content.position)]


def _whole_turned(order: Order, content: Phrase) -> Steps:
    """改成晚上, 换成海边, 变成黑白: what the whole picture becomes, or what was spoken of before."""
    assert content.head is not None
    held = order.words("t")
    if content.kind == "background":
        return setting(content, order.text)
    if timely(content):
        return [about("modify", None, content)]
    if content.kind == "PLACE" and not content.measured:
        return [about("background", None, content)]
    if content.head.part == "MOD" and content.said in wordset("VAGUE"):
        return None  # 换成好看的
    if content.head.part == "MOD" and len(content.words) <= 2:
        return [about("restyle" if content.head.word == "黑白" else "modify", None, content)]
    if content.said in wordset("OTHER_STYLES") and not content.measured:
        return [about("restyle", None, content)]
    if order.words("c")[-1].word in _IMPRESSIONS and content.kind in ("X", "thing") and content.concept is None:
        return [about("restyle", None, content)]  # 弄成老上海月份牌的感觉
    if held:  # 把照片变成乐高
        return [about("restyle", None, content)] if content.concept is None and not content.measured else None
    if ages(content) and not content.measured and order.clause.photos and not order.clause.wished:
        return [about("modify", None, content)]  # 变成小孩子
    if content.kind in ("chatty", "PRON", "tint", "aspect", "age"):
        return None
    if content.kind == "hair":
        return [about("modify", None, content)]
    known = content.concept or content.measured or content.kind not in ("X", "EMOJI", "QUOTE")
    if not order.clause.photos or order.clause.wished or order.clause.addressed or not (known or order.clause.followed):
        return None
    return [about("replace", None, content)]


def _tinted(order: Order, target: Phrase | None, color: str) -> Steps:
    """车子改成蓝色; but 头发染成金色 changes the hair, and 背景换成白色 the setting."""
    if target is None:
        return [Step("recolor", color=color)] if order.clause.photos else None
    if target.kind == "PRON" and not order.grasped:
        return None
    if target.kind == "tint":  # 雨伞的颜色
        body = list(target.words[:-1])
        while body and body[-1].part == "DE":
            body.pop()
        inner = phrases.thing(body, order.text) if body else None
        if inner is None:
            return [Step("recolor", color=color, position=target.position)]
        target = replace(inner, position=target.position or inner.position)
    if target.kind == "background":
        return [Step("background", color=color, position=target.position)]
    return [replace(about("modify" if target.kind == "hair" else "recolor", target), color=color)]


def _tint_changed(order: Order, target: Phrase | None, into: Sequence[Token]) -> Steps:
    """把花换个颜色: which one comes later; 换成红颜色 says it."""
    if target is None and len(into) > 1 and order.clause.photos:  # 换头发颜色: into which, the next clause says
        target, into = phrases.thing(into[:-1], order.text), into[-1:]
    if target is None or target.head is None or target.kind in ("PRON", "chatty"):
        return None
    color = next((token.value for token in into if token.part == "COLOR"), None)
    if color:
        return _tinted(order, target, color)
    return [about("modify" if target.kind == "hair" else "recolor", target)]


def _sky(content: Phrase, order: Order) -> Steps:
    """换个日出的天空."""
    assert content.head is not None
    inner = phrases.thing([token for token in content.words[:-1] if token.part != "DE"], order.text, incoming=True)
    return [Step("modify", target=content.head.word, content=inner.said)] if inner is not None else None


def _backdrop(order: Order, held: Token) -> Steps:
    """后面换成台北101."""
    content = order.incoming()
    if content is not None and content.concept and held.value != "none" and order.clause.photos:
        return [about("replace", None, content, held.value)]  # 右边换成李总
    if held.value != "behind" or content is None or content.kind not in ("PLACE", "X"):
        return None
    return [about("background", None, content, "behind")]


def _is_style(target: Phrase) -> bool:
    return target.head is not None and target.head.word in wordset("STYLE_HEADS")


READINGS: dict[str, Reading] = {
    "drawn": drawn,
    "as_setting": as_setting,
    "set_there": set_there,
    "become": become,
    "taken_over": taken_over,
    "changed": changed,
    "changed_alone": changed_alone,
    "setting_wished": setting_wished,
    "wanted": wanted,
    "is_wished": is_wished,
}
