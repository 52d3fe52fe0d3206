"""Frame + phrases → Step. Each reading gets a clause and the slots of its frame and says which steps that is, or None.

A reading never guesses: what it cannot explain wholly it leaves to the next frame, and in the end to the bot's question.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.language.clauses import Clause
from bot.language.grammar import frames
from bot.language.phrases import Phrase, Place, place, style, thing, things, wordset
from bot.language.tokens import Token, said, vocabulary
from storage.plans import Step

Slots = dict[str, list[Token]]
Steps = list[Step] | None

_PEOPLE = ("我", "我们", "我俩", "咱们", "咱", "他", "她", "他们", "她们", "它", "它们", "大家", "人", "人物", "我和他", "自己", "俺", "我自己", "两人", "咱俩", "他俩", "她俩", "他们俩", "我们俩", "主角", "全家", "我们几个", "我们仨", "人家", "本人", "三人", "所有人", "我们两个", "我们三个", "主体", "俩人", "二人", "我们全家", "我们一家")
_BEINGS = ("person", "pet", "PRON", "NAME")
_WHOLE = ("PHOTO",)


def read(clause: Clause) -> Steps:
    """The steps that a clause orders, or None."""
    if not clause.tokens or clause.doubtful or clause.denied or len(clause.tokens) > 40:
        return None
    if clause.question and not clause.asked:
        return None
    if (named := _style_alone(clause)) is not None:
        return [replace(step, strength=clause.strength) for step in named]
    for reading, slots, verbs in frames(clause.tokens):
        if not (steps := _READINGS[reading](clause, slots, verbs)):
            continue
        return [replace(s, strength=clause.strength) if s.strength == "normal" else s for s in steps]
    return None


# --- style --------------------------------------------------------------------------------------------------------------


def _style_alone(clause: Clause) -> Steps:
    """水墨风, 来个油画效果, 漫画化: nothing but a style."""
    tokens = list(clause.tokens)
    verb = False
    while tokens and tokens[0].part in ("DO", "CHANGE", "WANT", "PHOTO", "DET", "GIVE", "BECOME", "ADD", "TUNE", "USE", "BA", "DRAW"):
        verb = verb or tokens[0].part not in ("PHOTO", "DET") or tokens[0].word == "整个"
        tokens = tokens[1:]
    while len(tokens) > 1 and (tokens[-1].part in ("DO", "CHANGE", "TUNE", "DRAW", "NUM", "M", "PHOTO") and tokens[-1].word not in wordset("STYLE_SUFFIX") or tokens[-1].word in ("来一张", "一个", "走", "一张", "来", "做", "安排")):
        verb = True
        tokens = tokens[:-1]
    wanted = (verb or clause.wished) and bool(tokens) and tokens[-1].word in ("风格", "画风")
    if not (wanted or any(token.part in ("STYLE", "NAME") for token in tokens)) or clause.done:
        return None
    found = style(tokens, clause.text)
    if found is None:
        return None
    suffixed = any(token.word in _BARE_SUFFIX for token in tokens)
    if clause.question and not verb:
        return None
    return [_restyle(found)] if verb or suffixed or clause.wished else None


_BARE_SUFFIX = ("风", "风格", "画风", "化", "效果", "滤镜", "感觉", "感", "味道", "味", "feel", "style", "调", "派", "那种", "那样")


def _restyle(found: tuple[str | None, str | None, str | None]) -> Step:
    named, concept, other = found
    return Step("restyle", style=named, concept=concept, content=other)


def _drawn(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """用阿紫的画风画一遍."""
    found = style(slots["s"], clause.text)
    if found is None or clause.done:
        return None
    if "t" in slots and not _whole(slots["t"]) and thing(slots["t"], clause.text) is None:
        return None
    return [_restyle(found)]


def _setting(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """用教室做背景."""
    target, content = thing(slots["t"], clause.text), thing(slots["c"], clause.text, incoming=True)
    if target is None or content is None or target.kind != "background":
        return None
    return [_background(target, content)]


# --- one thing becomes another --------------------------------------------------------------------------------------------


def _swapped(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """用狗替换猫: the other way round."""
    return _become(clause, slots, verbs)


def _become(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """把 t 换成 c: what t and c are says whether a thing, a colour, a style, the hour or the setting changes."""
    held, content_tokens = slots.get("t", []), slots["c"]
    if clause.done or content_tokens[0].part == "LE":
        return None
    verb = verbs[-1].word
    given = any(token.part == "GIVE" for token in verbs)
    if not held and _bare_wish(clause):
        return None
    return _turned(clause, held, content_tokens, given, verb)


def _turned(clause: Clause, held: Sequence[Token], into: Sequence[Token], given: bool, verb: str) -> Steps:
    text = clause.text
    into = _without_tail(into)
    whole = not held or _whole(held)
    found = style(into, text)
    target = None if whole else thing(held, text)
    behind = len(held) == 1 and held[0].part == "POS"
    if not whole and target is None and not behind:
        targets = things(held, text)
        return None if targets is None or len(targets) < 2 else _each(clause, targets, held, into)
    if not whole and len(held) == 1 and held[0].part == "POS" and held[0].value == "behind":
        content = thing(into, text, incoming=True)
        return [_background(Phrase((), None, None, "behind"), content)] if content is not None and content.kind in ("PLACE", "X") else None
    if behind or target is not None and target.kind == "chatty":
        return None
    if not whole and target is not None and any(t.part == "AND" for t in held):
        targets = things(held, text)
        if targets is not None and len(targets) > 1:
            return _each(clause, targets, held, into)
    if found is not None and not (target is not None and target.kind == "background" and found[0] is None):
        step = _restyle(found)
        if target is None or target.head is None or target.head.word in wordset("STYLE_HEADS") or target.kind in ("aspect", "PRON", "background"):
            return [step]
        return [replace(step, target=target.said)] if target.kind not in ("tint",) else [step]
    if target is not None and target.head is not None and target.head.word in ("画风", "风格", "风"):
        name = thing(into, text, incoming=True)
        if name is None:
            return None
        return [Step("restyle", concept=name.concept, content=name.said if name.concept is None else None)]
    content = thing(into, text, incoming=True)
    if content is None:
        if _modifiable(into) and target is not None and target.head is not None:
            return [Step("modify", target=target.said, content=_as_said(into, text), position=target.position)]
        return None
    place_in = content.position
    if content.head is None and content.color:
        return _tinted(clause, target, content.color)
    if content.head is None:
        return None
    if target is None:
        return _whole_into(clause, held, into, content)
    kind = target.kind
    if kind == "background" or target.head is not None and target.head.word == "背景":
        if _timely(content, into):
            return [Step("modify", target=target.said, content=content.said, position=target.position)]
        if content.head.part == "MOD":
            return [Step("modify", target=target.said, content=content.said, position=target.position)]
        return [_background(target, content)]
    if content.kind == "background" and (given or kind in _BEINGS):
        return _background_of(content, text)
    if kind == "sky":
        return [Step("modify", target=target.said, content=content.said, color=content.color, position=target.position)]
    if kind == "hair" or (content.kind == "hair" and kind in ("PRON", "person", "NAME", "hair", "body")):
        if kind == "hair" or given or kind in ("PRON", "person", "NAME"):
            return [Step("modify", target=target.said, content=content.said, color=content.color, position=target.position)]
    if kind in ("aspect",):
        return [Step("modify", target=target.said, content=content.said, color=content.color, position=target.position)]
    if kind in ("PRON", "person", "NAME") and (content.kind == "age" or content.head.word in _AGES):
        return [Step("modify", target=target.said, content=content.said, position=target.position)]
    if content.head.part == "MOD" and len(content.words) <= 3 and not content.measured:
        return [Step("modify", target=target.said, content=content.said, position=target.position)]
    if given and (content.kind in ("clothes", "wearable", "hair", "aspect") or verb in ("换上", "换穿")) and kind in _BEINGS:
        return [Step("modify", target=target.said, content=content.said, concept=content.concept, color=content.color, position=target.position)]
    if kind == "tint":
        return None
    if content.color and content.head.word == (target.head.word if target.head else "") and content.said == content.head.word:
        return [Step("recolor", target=target.said, color=content.color, position=target.position)]
    if kind == "time" and _timely(content, into):
        return [Step("modify", content=content.said)]
    if kind == "PRON" and not clause.asked and not given and verb not in ("换成",) and not held_by_ba(clause):
        return None
    return [Step("replace", target=target.said, content=content.said, concept=content.concept, color=content.color, position=target.position or place_in)]


_AGES = ("老人", "小孩", "婴儿", "宝宝", "老太太", "老头", "老头子", "老奶奶", "老爷爷", "小宝宝", "小朋友", "少年", "少女", "小孩子", "老大爷")


def held_by_ba(clause: Clause) -> bool:
    """Whether the target is held out with 把 or 让."""
    return any(token.part in ("BA", "MAKE", "GIVE") for token in clause.tokens)


def _each(clause: Clause, targets: list[Phrase], held: Sequence[Token], into: Sequence[Token]) -> Steps:
    content = thing(into, clause.text, incoming=True)
    if content is None:
        return None
    steps: list[Step] = []
    for target in targets:
        if content.head is None and content.color:
            steps += _tinted(clause, target, content.color) or []
        else:
            steps.append(Step("replace", target=target.said, content=content.said, concept=content.concept, color=content.color, position=target.position))
    return steps


def _tinted(clause: Clause, target: Phrase | None, color: str) -> Steps:
    """车子改成蓝色; 头发染成金色 is no recolouring but a change of hair."""
    if target is None:
        return [Step("recolor", color=color)] if clause.photos else None
    if target.kind == "background":
        return [Step("background", color=color, position=target.position)]
    if target.kind == "hair":
        return [Step("modify", target=target.said, color=color, position=target.position)]
    if target.kind == "PRON" and not held_by_ba(clause):
        return None
    named = target
    if target.kind == "tint":
        shorter = [token for token in target.words[:-1] if True]
        while shorter and shorter[-1].part == "DE":
            shorter = shorter[:-1]
        again = thing(shorter, clause.text) if shorter else None
        if again is None:
            return [Step("recolor", color=color, position=target.position)]
        named = replace(again, position=target.position or again.position)
        if named.kind == "background":
            return [Step("background", color=color, position=named.position)]
        if named.kind == "hair":
            return [Step("modify", target=named.said, color=color, position=named.position)]
    return [Step("recolor", target=named.said, color=color, position=named.position)]


def _whole_into(clause: Clause, held: Sequence[Token], into: Sequence[Token], content: Phrase) -> Steps:
    """改成晚上, 换成海边, 变成黑白: what the whole picture becomes."""
    assert content.head is not None
    if content.kind == "background":
        return _background_of(content, clause.text)
    if content.concept and any(t.word in ("照片", "图", "这张", "画风") for t in held):
        return None
    if _timely(content, into):
        return [Step("modify", content=content.said)]
    if content.head.part == "PLACE" and not content.measured:
        return [Step("background", content=content.said, color=content.color)]
    if content.head.part == "MOD" and len(content.words) <= 2:
        if content.head.word == "黑白":
            return [Step("restyle", content=content.said)]
        return [Step("modify", content=content.said)]
    if held:  # 把照片变成乐高
        return [Step("restyle", content=content.said)] if content.concept is None and not content.measured else None
    if content.kind in ("chatty", "PRON", "tint", "aspect", "age", "hair", "clothes") and content.kind not in ("hair", "clothes"):
        return None
    if content.kind == "hair":
        return [Step("modify", content=content.said, color=content.color)]
    return [Step("replace", content=content.said, concept=content.concept, color=content.color)] if clause.photos else None


def _bare_wish(clause: Clause) -> bool:
    return False


def _background(target: Phrase, content: Phrase) -> Step:
    said_content = content.said
    return Step("background", content=said_content, concept=content.concept, color=content.color, position=target.position)


def _background_of(content: Phrase, text: str) -> Steps:
    """海边的背景 → 海边."""
    inner = list(content.words[:-1])
    while inner and inner[-1].part == "DE":
        inner.pop()
    if not inner:
        return [Step("background", color=content.color)]
    named = thing(inner, text, incoming=True)
    if named is None:
        return None
    return [Step("background", content=named.said, concept=named.concept, color=content.color or named.color)]


def _changed(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """换个海边的背景, 背景换海边, 车改白色: 换 without 成 is an order only when something says into what."""
    held, into = slots.get("t", []), slots["c"]
    if clause.done or into[0].part == "LE":
        return None
    given = any(token.part == "GIVE" for token in verbs)
    grasped = any(token.part in ("BA", "MAKE") for token in verbs)
    content = thing(into, clause.text, incoming=True)
    found = style(into, clause.text)
    if found is not None:
        return _turned(clause, held, into, given, "换成")
    if content is None:
        return None
    if content.kind == "background":
        inner = _background_of(content, clause.text)
        return inner if inner and (content.words or content.color) else None
    if content.kind == "tint":
        target = thing(held, clause.text) if held else None
        color = next((t.value for t in into if t.part == "COLOR"), None)
        if target is None or target.kind in ("PRON",):
            return None
        return _tinted(clause, target, color) if color else [Step("recolor", target=target.said, position=target.position)]
    if content.kind in ("chatty", "PRON") or any(token.part == "PRON" for token in content.words):
        return None
    if content.head is None and content.color and held:
        return _turned(clause, held, into, given, "换成")
    measured = content.measured or into[0].part in ("M", "NUM")
    if not held:
        return None
    target = thing(held, clause.text)
    if target is None:
        return None
    if target.kind in ("background", "sky"):
        return _turned(clause, held, into, given, "换成")
    if given or grasped:
        if given and target.kind in _BEINGS and content.kind in ("clothes", "wearable", "hair", "aspect"):
            return _turned(clause, held, into, True, "换上")
        return _turned(clause, held, into, given, "换成") if measured or grasped or content.head.part == "MOD" or content.concept else None  # type: ignore[union-attr]
    if target.kind in ("PRON", "person", "NAME", "PHOTO", "chatty") and not target.pointed:
        return None
    if content.head is not None and content.head.part == "MOD" and target.kind in ("body", "hair", "aspect"):
        return _turned(clause, held, into, given, "换成")
    if measured or content.concept or (target.pointed and content.head is not None and target.kind):
        return _turned(clause, held, into, given, "换成")
    return None


def _changed_alone(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """背景换一下: into what, somebody has said before or will say."""
    target = thing(slots["t"], clause.text)
    if target is None or target.kind != "background" or clause.done or not (clause.asked or len(verbs[0].word) > 1):
        return None
    return [Step("background", position=target.position)]


def _setting_wished(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """想要海边的背景."""
    found = thing(slots["c"], clause.text, incoming=True)
    if found is None or found.kind != "background" or not (clause.wished or clause.asked and clause.photos) or clause.done or len(found.words) < 2 and not found.color:
        return None
    return _background_of(found, clause.text)


def _wished_place(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """我想在月球上."""
    where = place(slots["p"], clause.text)
    if where is None or not clause.wished or clause.done or not clause.photos:
        return None
    if where.kind != "anchor" or where.head is None or where.head.part not in ("PLACE", "X"):
        return None
    return [Step("background", content=where.anchor)]


def _become_styled(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    return None


def _wanted(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """裙子要粉色的, 背景要海边."""
    target = thing(slots["t"], clause.text)
    content = thing(slots["c"], clause.text, incoming=True)
    if target is None or content is None or target.kind in ("PRON", "NAME", "person"):
        return None
    if target.kind == "tint" and len(target.words) == 1:
        return [Step("recolor", color=content.color)] if content.color and content.head is None else None
    if (content.head is None and content.color) or target.kind == "background":
        return _turned(clause, slots["t"], slots["c"], False, "换成")
    return None


# --- away with it ---------------------------------------------------------------------------------------------------------


def _removed(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """去掉 t, 把 t P掉, t P掉."""
    if "t" not in slots:
        return [Step("remove")]  # the sentence before has named it: see orders.py
    grasped = any(token.part in ("BA", "MAKE", "GIVE") for token in verbs)
    if verbs[-1].part == "DEL" and (any(token.part == "MAKE" for token in verbs) or verbs[-1].word == "去" and not grasped):
        return None
    if clause.done and not grasped and not clause.asked and verbs[-1].part != "DEL" and not any(t.part == "DET" or t.part == "POS" for t in slots["t"]):
        return None
    return _without(clause, slots["t"], verbs)


def _without(clause: Clause, tokens: Sequence[Token], verbs: list[Token]) -> Steps:
    grasped = any(token.part in ("BA", "MAKE", "GIVE") for token in verbs)
    comment = next((at for at, token in enumerate(tokens) if token.part in ("BAD", "STRONG") and not any(t.part == "DE" for t in tokens[at:])), None)
    if comment:
        tokens = tokens[:comment]
    found = things(tokens, clause.text)
    if not found or any(_nothing(one) for one in found):
        return None
    if any(one.kind in ("chatty", "PHOTO") for one in found):
        return None
    if not clause.photos and not grasped and not clause.asked and not _of_photos(verbs[-1]) and any(one.kind == "X" and not one.pointed for one in found):
        return None  # 隐藏菜单
    if any(one.kind == "PRON" and one.head is not None and one.head.word in ("它", "它们", "这", "那") for one in found):
        return [Step("remove")]
    return [Step("remove", target=one.said, position=one.position) for one in found]


def _of_photos(verb: Token) -> bool:
    """Verbs that nobody uses but of pictures."""
    return verb.word[0] in "p抠擦抹" or verb.word in ("去掉", "去除", "消除", "移除")


def _deleted(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """删路人, 删了右边的人."""
    if verbs[0].word in ("删", "擦", "抹", "消", "清", "删了", "擦了", "抹了", "p了", "去一下", "删一下", "擦一下", "消一下", "抹一下", "清一下", "处理一下", "清理一下", "抠了") or verbs[0].word == "去" and clause.photos:
        found = thing(slots["t"], clause.text)
        if found is None or (not found.pointed and not clause.asked and found.kind not in ("person", "NAME", "thing")):
            return None
        if verbs[0].word == "去" and found.kind not in ("thing", "person"):
            return None
        return _without(clause, slots["t"], verbs)
    return None


def _vanished(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    found = thing(slots["t"], clause.text)
    return _removed(clause, slots, verbs) if found is not None and found.pointed and not clause.done else None


def _unwanted(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """右边的广告牌不要; 不要右边那个人."""
    found = thing(slots["t"], clause.text)
    if found is None or not (found.pointed or found.kind == "NAME"):
        return None
    if found.kind in ("PHOTO", "PRON", "chatty"):
        return None
    return _removed(replace(clause, done=False), slots, verbs)


# --- into the picture, and elsewhere in it ----------------------------------------------------------------------------------


def _placed(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """把 c 放到 p: a newcomer is inserted, what is there is moved, people put somewhere get another background."""
    where = place(slots["p"], clause.text)
    if where is None or clause.done:
        return None
    if "c" not in slots:  # 然后移到右边: what was spoken of before
        if where.kind == "anchor" and where.head is not None and where.head.part == "PLACE" and clause.asked:
            return [Step("background", content=where.anchor)]
        if verbs[0].value in ("add", "put"):
            return [Step("insert", position=where.position)]
        return [Step("move", position=where.position)] if verbs[0].value == "move" and where.position else None
    verb = next((token for token in verbs if token.part in ("TO", "ADD", "PUT", "STAND", "AT", "SHIFT")), verbs[-1])
    return _put(clause, slots["c"], where, verb, any(token.part in ("BA", "MAKE", "GIVE", "USE") for token in verbs))


def _put(clause: Clause, content: Sequence[Token], where: Place, verb: Token, grasped: bool) -> Steps:
    found = things(content, clause.text, incoming=True)
    if found is None or any(_nothing(one) for one in found):
        return None
    first = found[0]
    how = verb.value if verb.part == "TO" else {"ADD": "add", "PUT": "put", "STAND": "stand", "SHIFT": "move", "AT": "stand"}.get(verb.part, "put")
    if how == "stand" and not grasped and not clause.asked and (first.concept is None or verb.word.endswith("在")):
        return None
    people = first.kind == "PRON" or (first.head is not None and first.head.word in _PEOPLE and not first.measured)
    if not grasped and not clause.asked and how in ("stand", "put") and not clause.photos:
        return None
    if where.kind == "anchor" and (people or how == "stand" and first.kind == "person" and not first.measured) and first.concept is None:
        if not grasped and not clause.asked and not clause.photos:
            return None
        if where.position in (None, "front", "top", "bottom", "behind") and where.head is not None and where.head.part not in ("PRON", "NAME") and where.head.value not in ("person", "pet", "body"):
            return [Step("background", content=where.anchor)]
    if where.kind in ("photo", "near") and people:
        return None
    if any(one.kind == "chatty" for one in found):
        return None
    if first.kind == "background" and where.kind == "anchor":
        return [Step("background", content=where.anchor, position=first.position)]
    if how == "move" or (people and where.position):
        return [Step("move", target=_target(one, content, clause.text), position=where.position) for one in found] if where.position else None
    if how in ("put", "stand") and not first.measured and first.concept is None and where.position and not _absent(first):
        if not grasped and not clause.asked and how == "stand" and first.kind not in ("pet", "person", "NAME"):
            return None
        return [Step("move", target=_target(first, content, clause.text), position=where.position)]
    if how == "put" and not clause.photos and first.concept is None and not (first.measured and first.kind != "X") and where.kind == "anchor":
        return None  # 把快递放门口
    if how in ("put", "stand") and not first.measured and first.concept is None and not _absent(first) and where.kind != "photo":
        return None if how == "stand" else [Step("insert", content=one.said, color=one.color, position=where.position) for one in found] if grasped else None
    if verb.word in ("站到", "坐到", "走到", "坐去", "站去", "走去", "去到", "移去", "走过", "站过") and first.concept and grasped and first.kind == "NAME":
        return [Step("move", target=first.concept, position=where.position)] if where.position else None
    return [Step("insert", content=one.said, concept=one.concept, color=one.color, position=where.position) for one in found]


def _target(one: Phrase, content: Sequence[Token], text: str) -> str | None:
    plain = thing(content, text)
    return (plain.said if plain is not None else None) or one.said or one.concept


def _absent(one: Phrase) -> bool:
    """缺席的, 没来的: it is said that it is not in the photo."""
    return any(token.word in ("缺席", "没来", "去世", "不在", "没到", "过世", "没", "缺") for token in one.words)


def _stands(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """小美站我右手边."""
    where = place(slots["p"], clause.text)
    found = thing(slots["c"], clause.text, incoming=True)
    if where is None or found is None or clause.done or where.kind == "anchor" and (found.concept is None or verbs[-1].part != "STAND"):
        return None
    if verbs[-1].part == "AT" and not clause.asked:
        return None
    if found.concept is None and not clause.asked and verbs[-1].part != "PUT" and verbs[-1].part != "ADD":
        return None
    return _put(clause, slots["c"], where, verbs[0], False)


def _moved(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """把 t 往左移一点."""
    where = place(slots["p"], clause.text)
    if where is None or where.position is None or clause.done:
        return None
    if "t" not in slots:
        return [Step("move", position=where.position)] if clause.photos else None
    found = things(slots["t"], clause.text)
    if found is None or any(_nothing(one) or one.kind == "chatty" for one in found):
        return None
    if any(token.part == "ADD" for token in verbs) and any(one.measured for one in found):
        return None
    return [Step("move", target=one.said, position=where.position) for one in found]


def _edged(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """月亮再往上一点: without a verb only a little further."""
    return _moved(clause, slots, verbs) if clause.strength == "slight" else None


def _nothing_read(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    return None


def _added(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """左边加 c, 加 c, 加 c 在左边."""
    if clause.done:
        return None
    verb = next((token for token in verbs if token.part in ("ADD", "PUT", "DO", "DRAW", "STAND", "WEAR")), verbs[0])
    into = _without_tail(slots["c"])
    where = place(slots["p"], clause.text) if "p" in slots else None
    if "p" in slots and where is None:
        return None
    if where is not None and where.kind == "anchor" and where.position is None and slots["p"][-1].part not in ("SIDE", "POS", "PLACE"):
        if where.head is not None and (where.head.part in ("PRON", "NAME") or where.head.value in ("person", "pet")):
            return None
    if verb.part == "STAND" and (where is None or where.kind == "anchor"):
        return None
    found = style(into, clause.text)
    if found is not None and (where is None or where.kind == "photo"):
        return [_restyle(found)]
    content = things(into, clause.text, incoming=True)
    if content is None or any(_nothing(one) or one.kind in ("chatty", "tint") for one in content):
        return None
    first = content[0]
    if first.head is None or first.kind == "PRON" or first.head.part == "MOD" or not _thingly(first):
        return None
    if first.kind == "background":
        return _background_of(first, clause.text)
    if any(token.part == "BA" for token in verbs) and not (first.measured or first.concept):
        return None
    if verb.word == "多" and not first.measured:
        return None
    if where is None and not clause.photos and not clause.asked and first.kind == "X" and not first.concept:
        return None  # 再加双筷子
    if where is None and not (first.measured or first.concept or clause.asked or into[0].part in ("M", "NUM", "SLIGHT") or clause.photos and verb.part == "ADD"):
        return None
    if where is not None and where.head is not None and (first.kind in ("wearable", "hair") or verb.part == "WEAR"):
        owner = _owner(slots["p"], clause.text)
        if owner is not None:
            return [Step("modify", target=owner.said, content=one.said, color=one.color, position=owner.position) for one in content]
    if verb.part == "WEAR":
        return None
    if where is None and not any(t.part == "NAME" for t in into) and verb.part in ("DO", "DRAW"):
        if verb.part == "DO" and _weather(first) and into[0].part != "NUM":
            return [Step("modify", content=first.said)]
        return None
    if _weather(first) and (where is None or where.kind == "photo" or where.head is not None and where.head.value == "sky"):
        return [Step("modify", target=None if where is None or where.head is None else where.head.word, content=first.said)]
    if where is None and verb.word in ("有", "走", "来") or (where is not None and verb.word == "有" and not clause.asked):
        return None
    if where is None and first.head.part in ("MOD",):
        return None
    if where is None and first.kind == "wearable" and first.head.word not in ("光环", "角", "面具") and not first.concept:
        return [Step("modify", content=one.said, color=one.color) for one in content]
    position = where.position if where is not None else first.position
    return [
        Step("insert", content=one.said, concept=one.concept, color=one.color, position=position or one.position)
        for one in content
    ]


def _added_in(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """整只猫进去."""
    found = thing(slots["c"], clause.text, incoming=True)
    if found is None or clause.done or not (found.measured or found.concept) or found.kind in ("chatty", "PRON"):
        return None
    return [Step("insert", content=found.said, concept=found.concept, color=found.color, position=found.position)]


def _thingly(one: Phrase) -> bool:
    """Whether a phrase ends in a thing and not in a verb that jieba knows (加一个人吃饭)."""
    assert one.head is not None
    if one.words[0].part == "PRON" and any(token.part in ("NUM", "M") for token in one.words):
        return False
    if one.head.part != "X" or one.head.word not in vocabulary().verbs:
        return True
    return one.measured and (len(one.words) == 1 or any(token.part == "DE" for token in one.words))


def _owner(where: Sequence[Token], text: str) -> Phrase | None:
    """Who wears it when it goes 在他头上, 给他头上."""
    left = [token for token in where if token.part not in ("AT", "GIVE")]
    body = next((at for at, t in enumerate(left) if t.value == "body" or t.word in ("头顶", "身", "头", "脸", "手")), None)
    if body is None:
        return None
    before = left[:body]
    while before and before[-1].part == "DE":
        before = before[:-1]
    return thing(before, text) if before else thing(left[body : body + 1], text)


def _added_bare(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """把小明P进来, 小明加上."""
    found = things(slots["c"], clause.text, incoming=True)
    if found is None or clause.done or any(_nothing(one) or one.kind in ("PRON", "chatty") for one in found):
        return None
    grasped = any(token.part in ("BA", "GIVE", "USE") for token in verbs)
    if not grasped and not all(one.concept or one.measured for one in found) and not clause.asked:
        return None
    if not grasped and verbs[-1].word in ("加", "p", "补") and not all(one.concept for one in found):
        return None
    if any(token.part == "PUT" for token in verbs) and verbs[-1].word in ("放", "摆", "挂", "停", "种", "装", "放下"):
        return None
    return [Step("insert", content=one.said, concept=one.concept, color=one.color, position=one.position) for one in found]


def _given(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """给我加个眼镜, 给图加个太阳."""
    if clause.done:
        return None
    verb = verbs[-1]
    if _whole(slots["t"]):
        return _added(clause, {"c": slots["c"]}, [t for t in verbs if t.part != "GIVE"])
    where = place(slots["t"], clause.text)
    if where is not None and (where.kind == "position" or where.kind == "near"):
        return None if verb.part == "DO" and not clause.asked else _added(clause, {"p": slots["t"], "c": slots["c"]}, verbs)
    target = thing(slots["t"], clause.text)
    content = thing(_without_tail(slots["c"]), clause.text, incoming=True)
    found = style(slots["c"], clause.text)
    if target is None:
        return None
    if found is not None:
        return [_restyle(found)] if target.kind in ("PRON", "background") else [replace(_restyle(found), target=target.said)]
    if content is None or content.head is None or content.kind in ("chatty", "PRON"):
        return None
    if content.kind == "background":
        return _background_of(content, clause.text)
    if content.kind in ("wearable", "hair", "clothes", "aspect", "body") or content.head.part == "MOD":
        return [Step("modify", target=target.said, content=content.said, color=content.color, position=target.position)]
    if target.kind == "background" or target.kind == "sky":
        if _weather(content):
            return [Step("modify", target=target.said, content=content.said)]
        return [Step("insert", content=content.said, concept=content.concept, color=content.color, position="top" if target.kind == "sky" else target.position)]
    if verb.part == "DO" or (where is not None and where.kind == "anchor" and target.kind == "PRON" and not content.measured):
        return None
    return [Step("insert", content=content.said, concept=content.concept, color=content.color, position=where.position if where else None)]


def _joined(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """和小明合个影."""
    found = thing(slots["c"], clause.text, incoming=True)
    if found is None or found.kind == "PRON" or clause.done:
        return None
    if verbs[-1].part == "PHOTO" and (verbs[-1].word not in ("合影", "合照") or slots["c"][-1].part == "DE"):
        return None
    if found.concept is None and not (clause.asked and clause.photos):
        return None
    return [Step("insert", content=found.said, concept=found.concept)]


# --- worn, and what it is like ----------------------------------------------------------------------------------------------


def _worn(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """给小狗戴个圣诞帽, 让她穿旗袍."""
    verb = next(token for token in verbs if token.part == "WEAR")
    content = thing(_without_tail(slots["c"]), clause.text, incoming=True)
    if content is None or content.head is None or clause.done or content.concept or content.kind == "PRON":
        return None
    wearable = content.kind in ("wearable", "hair", "clothes", "aspect")
    if verb.word[0] in "带扣背拎扛打挎蒙粘别烫留长拿抱梳剪理贴举牵骑配套化涂抹着" and not wearable and not content.measured:
        return None
    grasped = any(token.part in ("GIVE", "MAKE", "BA") for token in verbs)
    if "t" not in slots:
        if not (content.measured or clause.asked or clause.photos and verb.word.endswith("上")):
            return None
        return [Step("modify", content=content.said, color=content.color)] if wearable else None
    target = thing(slots["t"], clause.text)
    if target is None or _nothing(target):
        where = place(slots["t"], clause.text)
        owner = _owner(slots["t"], clause.text) if where is not None else None
        if owner is None:
            return None
        target = owner
    if len(slots["t"]) > 1 and slots["t"][-1].part == "SIDE":
        target = _owner(slots["t"], clause.text) or target
    if not grasped and (not wearable or target.kind in ("PRON",) or not (content.measured or verb.word.endswith("上"))):
        return None
    if target.kind == "chatty" or content.kind == "chatty":
        return None
    return [Step("modify", target=target.said, content=content.said, color=content.color, position=target.position)]


_LIKENED_PARTS = ("MOD", "X", "NOUN", "TUNE", "CHANGE", "DO", "NEG", "BECOME", "DE", "ADD", "SIDE", "STAND", "AND", "COLOR", "SHIFT", "TO", "DRAW", "WEAR")
_TUNES = ("调", "修", "弄", "变", "搞", "整", "改", "p", "变得", "调得", "修得", "弄得", "搞得", "整得", "p得", "看起来", "显得", "调到", "看上去", "提", "调节", "微调", "调整", "变到", "做", "做得", "笑得更", "保持", "来", "有", "去", "更显", "化", "得")


def _likened(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """让他笑一点, 把脸修瘦, 整体亮一点, 背景虚化: what somebody or something is to look like."""
    if clause.done:
        return None
    tokens = slots["a"]
    grasped = bool(verbs)
    made = grasped and verbs[0].part == "MAKE"
    for cut in range(min(len(tokens) - 1, 8), -1, -1):
        held, rest = tokens[:cut], tokens[cut:]
        tuned = False
        while rest and (rest[0].word in _TUNES and len(rest) > 1 or rest[0].part in ("DET",) and len(rest) > 1):
            tuned, rest = True, rest[1:]
        if not _modifiable(rest):
            continue
        if any(token.part in ("MOD",) for token in held[-1:]) and not any(t.part in ("NOUN", "NAME", "PRON") for t in held):
            continue
        if held and held[-1].word in _TUNES:
            continue
        content = _as_said(rest, clause.text)
        color = rest[0].value if len(rest) == 1 and rest[0].part == "COLOR" else None
        if not held or _whole(held) and not (made and held[-1].part == "PRON"):
            if grasped and not held:
                return None
            retouch = rest[0].word in ("美颜", "美白", "磨皮", "瘦脸", "祛痘", "锐化", "提亮", "大眼", "虚化", "去噪") and clause.photos
            strong_enough = retouch or clause.strength != "normal" or tuned or clause.asked or any(t.part == "PHOTO" for t in held)
            if not strong_enough or not _picture_like(rest, tuned):
                return None
            return [Step("modify", content=content)]
        target = thing(held, clause.text)
        if target is None or target.head is None or target.measured and not target.pointed:
            continue
        if not grasped and not _may_be_told(clause, target, rest, tuned):
            return None
        if made and target.kind == "PRON" and target.head.word in ("我", "你", "我们", "大家", "人") and not clause.photos:
            return None
        if color and target.kind != "sky" and not (target.kind == "body" and clause.strength == "slight"):
            return _tinted(clause, target, color) if tuned else None
        if target.kind == "chatty" or rest[0].value == "chatty":
            return None
        if not clause.photos and not clause.asked and target.kind == "body" and clause.strength == "normal" and not made:
            return None  # 把手举起来 is said to people
        return [Step("modify", target=target.said, content=content, position=target.position)]
    if made and clause.photos and 1 < len(tokens) <= 6:
        return _made_to(clause, tokens)
    return None


def _likened_part(clause: Clause, slots: Slots, verbs: list[Token]) -> Steps:
    """让他把眼睛睁开."""
    target, rest = thing(slots["t"], clause.text), slots["a"]
    if target is None or clause.done or rest[0].value not in ("body", "hair") or not _modifiable(rest[1:]):
        return None
    return [Step("modify", target=target.said, content=_as_said(rest, clause.text), position=target.position)]


def _made_to(clause: Clause, tokens: list[Token]) -> Steps:
    """让狗打篮球: with a photo at hand, something in it may be told to do what no list has."""
    for cut in range(1, len(tokens)):
        target = thing(tokens[:cut], clause.text)
        if target is None or target.head is None or target.kind not in ("pet", "person", "NAME", "PRON", "body", "sky"):
            continue
        if target.head.word in ("我", "你", "我们", "大家", "你们"):
            return None
        rest = tokens[cut:]
        if rest[0].part not in ("X", "TUNE", "SHIFT", "STAND") or rest[0].word in ("去", "来", "等", "猜", "走", "知道", "上", "先", "回", "睇", "滚"):
            return None
        if any(token.part not in ("X", "NOUN", "MOD", "TUNE", "SIDE", "DE", "NUM", "PLACE", "AT") for token in rest):
            return None
        return [Step("modify", target=target.said, content=_as_said(rest, clause.text), position=target.position)]
    return None


def _modifiable(rest: Sequence[Token]) -> bool:
    """Whether the words say how something looks: 笑, 闭上眼, 大, 年轻, 下雪."""
    if not rest or any(token.part not in _LIKENED_PARTS for token in rest) or len(rest) > 5:
        return False
    if rest[0].part in ("DE", "SIDE", "AND"):
        return False
    if rest[0].part == "MOD" or (rest[0].part == "NOUN" and rest[0].value == "time" and len(rest) == 1):
        return all(t.part in ("MOD", "NOUN", "X", "DE", "SIDE", "DO") for t in rest[1:]) and len(rest) <= 4
    if rest[-1].part == "MOD" and rest[0].part in ("X", "TUNE", "NEG", "BECOME", "CHANGE") and len(rest) <= 2:
        return True
    return len(rest) == 1 and rest[0].part == "COLOR"


def _may_be_told(clause: Clause, target: Phrase, rest: Sequence[Token], tuned: bool) -> bool:
    """Without 把 or 让 only parts of a face, the background and the like are told how to look: 眼睛大一点."""
    if target.kind in ("body", "hair", "background", "sky", "aspect", "clothes", "wearable"):
        plain = clause.strength != "normal" or tuned or clause.asked or rest[0].word in ("虚化", "模糊", "睁开", "闭上", "变长", "变大", "拉长", "睁大")
        return plain and not (target.kind == "sky" and target.head is not None and target.head.word == "天")
    if target.kind in ("person", "pet", "NAME", "PRON"):
        return (clause.strength == "slight" and clause.photos > 0) or clause.asked and target.kind != "PRON"
    return target.pointed and clause.strength == "slight" and clause.photos > 0


def _picture_like(rest: Sequence[Token], tuned: bool) -> bool:
    return tuned or rest[0].word in (
        "亮 暗 清晰 清楚 模糊 柔和 鲜艳 明亮 昏暗 自然 冷 暖 温馨 阴森 恐怖 梦幻 浪漫 高级 高清 锐利 清新 通透 透亮 朦胧 美颜 磨皮 美白 瘦脸 祛痘 大眼 瘦身 提亮 锐化 虚化 长腿 去噪"
        " 瘦腿 瘦腰 除皱 去皱 上色 增强 白 瘦 美 好看 漂亮 亮堂 黑白 光 靓 打马赛克 打码 压暗"
    ).split()


# --- small judgements -------------------------------------------------------------------------------------------------------


def _whole(held: Sequence[Token]) -> bool:
    """Whether the words mean the whole picture: 这张照片, 整体, 它."""
    return all(t.part in ("PHOTO", "DET", "DE", "M", "ALL", "POSS", "SIDE", "NUM") or t.word in ("它", "我", "的", "全部", "整") for t in held) and any(
        t.part == "PHOTO" or t.word == "它" for t in held
    ) and not (len(held) == 1 and held[0].word == "我")


def _nothing(one: Phrase) -> bool:
    """那个, 那样: a finger that points."""
    return one.head is None or one.head.part in ("SUCH", "DE") or all(token.part in ("DET", "NUM", "M", "SPOT") for token in one.words)


def _timely(content: Phrase, into: Sequence[Token]) -> bool:
    """Weather, season, hour: 晚上, 冬天下雪, 下雨的样子."""
    nouns = [t for t in content.words if t.part not in ("DE", "X")]
    return content.kind == "time" and all(t.part in ("NOUN", "MOD", "NUM", "M") and t.value in ("time", "", "sky", "aspect") for t in nouns)


def _weather(content: Phrase) -> bool:
    return content.kind == "time" and len(content.words) <= 2 and content.head is not None and content.head.word not in ("星空", "日落", "夕阳", "蓝天", "繁星", "银河", "极光", "日头", "雪")  or (
        content.head is not None and content.head.word == "雪"
    )


def _without_tail(into: Sequence[Token]) -> list[Token]:
    left = list(into)
    while len(left) > 1 and left[-1].part in ("EMOJI", "PART", "NOISE"):
        left.pop()
    return left


def _as_said(rest: Sequence[Token], text: str) -> str:
    left = list(rest)
    while len(left) > 1 and left[-1].part in ("DE", "SLIGHT"):
        left.pop()
    if len(left) > 2 and left[-1].word in wordset("LOOKS") and left[-2].part == "DE":
        left = left[:-2]
    return said(left, text)


Reading = Callable[[Clause, Slots, list[Token]], Steps]
_READINGS: dict[str, Reading] = {
    "drawn": _drawn,
    "setting": _setting,
    "swapped": _swapped,
    "become": _become,
    "become_styled": _become_styled,
    "changed_alone": _changed_alone,
    "setting_wished": _setting_wished,
    "wished_place": _wished_place,
    "likened_part": _likened_part,
    "added_in": _added_in,
    "changed": _changed,
    "wanted": _wanted,
    "removed": _removed,
    "deleted": _deleted,
    "vanished": _vanished,
    "unwanted": _unwanted,
    "placed": _placed,
    "stands": _stands,
    "moved": _moved,
    "edged": _edged,
    "nothing": _nothing_read,
    "added": _added,
    "added_bare": _added_bare,
    "given": _given,
    "joined": _joined,
    "worn": _worn,
    "likened": _likened,
}
