"""What a step speaks of, made once from the sentence: 左边第二个穿红裙子的女生 → kinds, colour, place, number.

A plan's slots hold bare words; here the sentence is looked at again where they stand, with what stands before them:
pointers, numbers, places, clauses that say which one. Engines get the result and read no Chinese.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.language import english
from bot.language.numerals import NUMBERS
from bot.language.senses import Meaning, understand
from bot.language.tokens import Token, fold, tokens
from storage.plans import Plan, Referent, Step

_NUMBER = "[一二三四五六七八九十两0-9]{1,2}"
_COUNTER = "(?:个|位|只|条|名|排|辆|棵|把|张|件|座|头|匹|朵|人|艘|台)?"
_SIDES = {"左": "left", "右": "right", "上": "top", "下": "bottom", "前": "front", "后": "behind", "中": "center"}
_COUNTED = re.compile(
    rf"(?P<end>倒数|从后数|从右(?:边)?(?:往左|向左)?数?|从左(?:边)?(?:往右|向右)?数?)?(?P<side>[左右上下前后])?(?:边|侧|面|手边|排)?(?:的|起|数|往右|往左|过来|开始)*第(?P<number>{_NUMBER}){_COUNTER}"
)
_SHORT = re.compile("(?P<side>[左右])(?P<number>[一二三四五])(?![边侧面])")
_MOST = re.compile("(?:最|尽|顶)(?P<side>[左右上下前后])(?:边|面|侧|方|头|手边)?")
_LAST = re.compile("最后(?:那|这|面)?(?:一)?(?:个|位|只|条|名)|最末|末尾")
_ALL = re.compile("所有|全部|全体|每个|每一|每位|一切|这些|那些|一群|整排|统统|通通")
_OTHERS = re.compile("其他|其它|其余|别的|剩下|除了|除咗|除去|另外(?:的|几|那|两|一)|另一|旁人|别人|其他人")
_BOTH = re.compile("(?P<count>[两二三四五六七八九十2-9]|俩|仨)(?:个|位|只|条|名|人|辆)?")
_DEEDS = ("WEAR", "STAND", "TO", "PUT", "DO", "AT", "LE", "SHIFT", "INTO", "WANT")
_ORDINAL = re.compile(rf"(?:倒数|从[左右](?:往[左右])?数?)?第{_NUMBER}{_COUNTER}|最后(?:一)?(?:个|位|只)")
_NICKNAME = re.compile("[小阿老].")
_REACH = 16  # characters before a word that may still say which one
_ENDS = (
    "STOP",
    "BA",
    "GIVE",
    "MAKE",
    "BECOME",
    "REMOVE",
    "REPLACE",
    "ADD",
    "CHANGE",
    "USE",
    "CUE",
    "WISH",
    "CONJ",
    "DEL",
    "IS",
    "NOWANT",
)
_ANCHORED = ("NAME", "NOUN", "PRON", "X", "SIDE", "DE", "COLOR", "DET", "NUM", "M")
_OURSELVES = ("PHOTO", "AT", "TO", "BA", "GIVE")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a slot's words stand: from ``start`` with all that says which one, the words themselves from ``word``."""

    start: int
    word: int
    end: int


def of_plan(plan: Plan, sentence: str, names: Sequence[str] = ()) -> tuple[dict[str, Referent], ...]:
    """The referents of every step of a plan, by slot."""
    found, made, after = tokens(sentence, names), [], 0
    for step in plan.steps:
        referents, after = _of_step(step, sentence, found, names, after)
        made.append(referents)
    return tuple(made)


def referents(step: Step, sentence: str, names: Sequence[str] = ()) -> dict[str, Referent]:
    """What a step speaks of, by slot: ``target``, ``content``, and ``beside`` for what a place is told from (小红旁边).
    ``names`` are those that the writer has taught."""
    return _of_step(step, sentence, tokens(sentence, names), names, 0)[0]


def _of_step(
    step: Step, sentence: str, found: Sequence[Token], names: Sequence[str], after: int
) -> tuple[dict[str, Referent], int]:
    made: dict[str, Referent] = {}
    end = after
    slots = {"target": step.target, "content": step.concept or step.content}
    if step.content and not step.concept and step.operation in _FIXED:
        del slots["content"]  # brighter, square: no thing
    for slot, words in slots.items():
        place = _find(words, sentence, found, end if slot == "target" else after) if words else None
        if words:
            about = step.position if slot == "target" and step.operation not in ("insert", "move") else None
            made[slot] = _referent(
                words, sentence, place, names, about, concept=step.concept if slot == "content" else None
            )
            style = _style(words) if slot == "content" and step.operation == "restyle" else None
            if style:
                made[slot] = replace(made[slot], attributes={**made[slot].attributes, "style": style})
            if (
                step.color
                and (slot == "content" or step.operation == "insert")
                and not {"color", "hair_color"} & made[slot].attributes.keys()
            ):
                made[slot] = _coloured(made[slot], step.color)
        elif (
            slot == "target"
            and step.position
            and step.operation not in ("insert", "move", "text", "extend", "background")
        ):
            made[slot] = _pointed(step.position, sentence)
        end = max(end, place.end if place else 0)
    if step.operation in ("insert", "move", "text", "modify", "replace"):
        anchor = _beside(
            sentence,
            found,
            after,
            _taken(step, made),
            names,
        )
        if anchor is not None:
            made["beside"] = anchor
    return made, end


def _taken(step: Step, made: Mapping[str, Referent]) -> set[str | None]:
    return {step.target, step.content, step.concept, *(one.text for one in made.values())}


_FIXED = ("adjust", "rotate", "id_photo", "beautify", "text", "collage", "upscale", "extend")


def _referent(
    words: str, sentence: str, place: _Place | None, names: Sequence[str], position: str | None, concept: str | None
) -> Referent:
    """The referent of some words of the sentence, with what stands before them."""
    before = fold(sentence[place.start : place.word]) if place else ""
    whole = sentence[place.start : place.end] if place else words
    name = concept or next((one for one in sorted(names, key=len, reverse=True) if fold(one) in fold(words)), None)
    bare = fold(words).replace(fold(name), "") if name else words
    bare = _ORDINAL.sub("", bare)
    meaning = understand(_ORDINAL.sub("", before) + bare if _says_more(before) else bare)
    own = understand(bare)
    phrase = before + fold(words)
    side, number, last = _counted(phrase)
    attributes = dict(meaning.attributes)
    if meaning.setting:
        attributes["setting"] = meaning.setting
    if own.unknown and not name:
        attributes["unknown"] = own.unknown
    if _NICKNAME.fullmatch(words) and not name and not own.thing:  # 小红 is somebody, 红色的 is not
        attributes = {"unknown": words}
    count = _BOTH.search(phrase)
    if count and count["count"] in NUMBERS and "第" not in phrase and (place is None or count.end() < len(phrase) + 1):
        attributes["count"] = str(NUMBERS[count["count"]])
    behind = fold(sentence[place.end : place.end + 3]) if place else ""
    return Referent(
        text=whole.strip() or words,
        kinds=own.kinds or meaning.kinds,
        english=_english(own, meaning),
        name=name,
        part=own.part,
        attributes=attributes,
        position=side or position or _where(phrase),
        ordinal=number if number is not None else last,
        quantity=_quantity(before, fold(words), behind),
    )


def _says_more(before: str) -> bool:
    """Whether what stands before is about the thing itself: 穿红衣服的, 戴眼镜的."""
    return bool(re.search("的|色|[红黄蓝绿白黑灰紫粉橙棕]", before))


def _counted(line: str) -> tuple[str | None, int | None, int | None]:
    """Side, number and -1 for the last: 左边第二个, 右三, 最左边, 倒数第二个."""
    if found := _COUNTED.search(line):
        said = found["number"]
        number = (
            int(said) if said.isdigit() else NUMBERS.get(said, 10 + NUMBERS.get(said[-1], 0) if said[0] == "十" else 1)
        )
        end = found["end"] or ""
        side = _SIDES.get(found["side"] or "")
        if end.startswith("从"):
            side = "right" if "从右" in end else "left" if "从左" in end else side
            return side, number, None
        return side, -number if end else number, None
    if found := _SHORT.search(line):
        return _SIDES[found["side"]], NUMBERS[found["number"]], None
    if found := _MOST.search(line):
        return _SIDES[found["side"]], 1, None
    return None, None, -1 if _LAST.search(line) else None


def _quantity(before: str, words: str, behind: str) -> str:
    if _OTHERS.search(before + words):
        return "others"
    if _ALL.search(before + words) or behind.startswith(("都", "全", "们")) or words.endswith("们"):
        return "all"
    if words.endswith(("俩", "仨")) or words in (
        "人群",
        "群众",
        "大家",
        "我们",
        "他们",
        "她们",
        "所有人",
        "全家",
        "一家人",
    ):
        return "all"
    return "one"


def _where(before: str) -> str | None:
    found = re.findall("([左右上下前后中])(?:边|面|侧|间|方|排|头)", before)
    return _SIDES[found[-1]] if found else None


def _english(own: Meaning, meaning: Meaning) -> str | None:
    """The red dress: a noun, and the colour that is said of it."""
    noun = own.english or (own.part if own.part and not own.kinds else None)
    if noun is None or own.unknown:
        return None
    color = meaning.attributes.get("color")
    if color and "person" in own.kinds and own.part is None:
        return f"{noun} in {color}"
    hair = meaning.attributes.get("hair_color") if own.part == "hair" else None
    return " ".join(filter(None, (color or hair, noun)))


def _coloured(one: Referent, color: str) -> Referent:
    phrase = f"{color} {one.english}" if one.english and color not in one.english else one.english
    return Referent(
        one.text,
        one.kinds,
        phrase,
        one.name,
        one.part,
        {**one.attributes, "color": color},
        one.position,
        one.ordinal,
        one.quantity,
    )


def _style(words: str) -> str | None:
    """A style that a plan has no id for: 真实照片."""
    named = ((style, one) for style, text in english.STYLES.items() for one in text.split())
    return next((style for style, one in named if one in fold(words)), None)


def _pointed(position: str, sentence: str) -> Referent:
    """右边那个: only a place says which one."""
    line = fold(sentence)
    side, number, last = _counted(line)
    found = re.search(
        "(?:最|从)?[左右上下前后中](?:边|面|侧|间|方|排|头|[一二三四五])?的?(?:那|这|第.{1,3})?(?:个|位|只|些|张|条)?的?",
        line,
    )
    said = sentence[found.start() : found.end()] if found else sentence
    return Referent(
        said,
        position=side or position,
        ordinal=number if number is not None else last,
        quantity=_quantity("", line, ""),
    )


def _find(words: str, sentence: str, found: Sequence[Token], after: int) -> _Place | None:
    """Where a slot's words stand, from ``after`` on if they do, and where what says which one begins."""
    line, wanted = fold(sentence), fold(words)
    at = line.find(wanted, after)
    at = at if at >= 0 else line.find(wanted)
    if at < 0:
        return None
    start = at
    clause = False  # whether 的 has been met, before which a clause may stand: 穿黄衣服的
    for token in reversed([token for token in found if token.end <= at]):
        if (
            (token.part in _ENDS and token.word != "最后")
            or at - token.start > _REACH
            or (token.part in ("AND", *_DEEDS) and not clause)
        ):
            break
        clause = clause or token.part == "DE"
        start = token.start
    return _Place(start, at, at + len(words))


def _beside(
    sentence: str, found: Sequence[Token], after: int, taken: set[str | None], names: Sequence[str]
) -> Referent | None:
    """小红旁边, 沙发左边, 我和他中间: what a place is told from."""
    for at, token in enumerate(found):
        if token.part != "POS" or token.start < after or not at:
            continue
        held: list[Token] = []
        for before in reversed(found[:at]):
            if before.part not in _ANCHORED or (before.part == "DE" and held == []):
                if before.part == "DE":
                    continue
                break
            held.insert(0, before)
        while held and held[0].part in ("DE", "M", "SIDE"):
            held.pop(0)
        if not held or all(one.part in ("DET", "NUM", "M", "DE") for one in held):
            continue
        said = sentence[held[0].start : held[-1].end]
        if said in taken or any(one.part in _OURSELVES for one in held):
            continue
        following = next((one for one in found[at + 1 :] if one.part != "GAP"), None)
        if following is not None and following.part in ("DE", "DET", "NUM", "M"):
            continue  # 我左边的女生 is who it is about
        return _referent(said, sentence, _Place(held[0].start, held[0].start, held[-1].end), names, None, None)
    return None


def as_json(referents: Mapping[str, Referent]) -> dict[str, object]:
    """Referents by slot as JSON, for ``parse --json``."""
    return {slot: one.to_json() for slot, one in referents.items()}
