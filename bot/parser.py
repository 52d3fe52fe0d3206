"""A Chinese sentence → Plan (what each field means is told in storage/plans.py and README).

    parse("左边那只猫换成旺财", concepts=["旺财"], photos=1)
    # Plan("edit", (Step("replace", target="猫", concept="旺财", position="left"),))

Rules say what is meant (bot/lexicon.py has the words, bot/language/ reads them), a small learnt reader whether it is meant
(bot/language/reader.py). The sentence is read once, with what is known of the conversation. What cannot be understood is
``chat``; the bot then asks back. Deterministic; only the first 600 characters are read.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.language import reader, showing
from bot.language.beyond import mistaken
from bot.language.breaks import quoting
from bot.language.decoding import SURE, Heard, earlier, heard, pointing, told, unfilled
from bot.language.forgetting import forget
from bot.language.generate import drawing, drawn_after
from bot.language.intents import decide, loose
from bot.language.message import orders
from bot.language.phrases import wordset
from bot.language.reader import Reading, Span
from bot.language.retouching import lacking
from bot.language.sayings import KEYS
from bot.language.stickers import stickers
from bot.language.styles import manner
from bot.language.teaching import teaching
from bot.language.tokens import LIMIT, Token, fold, tokens, vocabulary
from bot.language.weighing import (
    ASKED,
    ASKED_ALONE,
    BEYOND,
    COMPLAINT,
    FEW,
    FORM,
    LOOSE,
    SAYING,
    WHOLE,
    chosen,
    missing,
    of_order,
    verdict,
)
from storage.plans import Plan, Step

__all__ = ["DOUBTFUL", "Understood", "parse", "parse_jsonl", "understand"]

DOUBTFUL = 0.5  # below this a language endpoint is asked, where one is set (bot/endpoint.py)
_MARKED = 0.4  # share of a clause that the reader marks as beyond us, from which the whole of it is
_WISHED = 0.3  # how likely a clause read by itself must be an order to be a wish
_ORDERED = 0.95  # … and to be one for which we have no word
_LEAST = 4  # characters of a clause that is read by itself
_SURE = 0.95  # of what is said in one word
_SURELY = 0.75  # an order that no rule read: read it again without the doubts about talk
_EDGES = " ,，。.!！~～、:：;；\n\t"
_UNLINKED = re.compile(
    "^(?:再|然后|顺便|顺手|并且?|还要?|也|就|请|直接|接着|最后|另外|还有|同时|完了|弄完|弄好|搞完|之后|,|，|帮我|给我|替我|帮忙)+"
)
_LINKED = re.compile(
    "[,，。;；!！~～ ](?:再|然后|顺便|顺手|接着|另外|还有|同时|完了|之后|跟住|同埋)(?:帮我|给我|替我|帮忙|请|把|幫我)?$"
)
TALK = ("chat", "question", "complaint")
_HALVED = re.compile("[\ud800-\udfff]")  # half a character, which no file and no screen can take
_ALL = re.compile(
    "全|所有|一切|都|统统|通通|晒|光|空|清|任何|记忆|账号|帐号|注销|销号|销户|删号|资料|数据|all|everything|data|memory"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A plan, and how sure we are of it (0 … 1).

    ``doubted`` is the edit that the rules read where the reader hears talk: the plan is then none, and the bot may ask
    whether it was meant. ``weighed``: no rule reads it, only the reader does; if the bot has asked something, it is
    rather the answer. ``reading`` is all that the reader heard; None where a form of its own left nothing to weigh.
    """

    plan: Plan
    sure: float
    doubted: Plan | None = None
    weighed: bool = False
    reading: Reading | None = None


def parse(text: str, concepts: Sequence[str] = (), photos: int = 0) -> Plan:
    """The plan of a message. ``concepts`` are the names its writer has taught, ``photos`` how many came with it."""
    return understand(text, concepts, photos).plan


def understand(text: str, concepts: Sequence[str] = (), photos: int = 0, *, discussed: bool = False) -> Understood:
    """The plan of a message and how sure it is; arguments as those of ``parse``. ``discussed``: a photo is being talked
    about already, so that 给他戴个帽子 is as much an order as with a photo."""
    text = _HALVED.sub("\ufffd", text[:LIMIT]).strip()
    found = tuple(tokens(text, concepts))
    names = {fold(name): name for name in concepts if name.strip()}
    line, seen = fold(text), max(photos, int(discussed))
    if intent := KEYS.get(line.replace(" ", "")):
        return Understood(Plan(intent), _SURE)
    reading = reader.read(found, seen)
    form = _form(found, text, names, photos)
    half = lacking(text) if seen else None
    read = orders(found, text, seen)
    steps = read.ordered()
    fitting = [step for step in steps if reading.likely(step.operation) >= SURE]
    if not steps and reading.order >= _SURELY:
        steps = orders(found, text, max(seen, 1), sure=True).ordered()
    said = decide(read.sayings) if not steps else None
    loosely = loose(found) if said is None and not steps else None
    drawn = drawing(found, text) if form is None and not steps else None
    parts = [one for one in heard(reading, found, text) if not _nothing(one.step)]
    wished = bool(reading.beyond) and not fitting and not parts and half is None  # nothing of it would be carried out
    evidence = {"edit": BEYOND if wished else of_order([half] if half else fitting, seen), "complaint": COMPLAINT}
    if fitting and len(_stretches(found)) == 1:
        evidence["edit"] += WHOLE
    for plan, weight in ((form, FORM), (said, SAYING), (loosely, LOOSE), (drawn, LOOSE)):
        if plan is not None and plan.intent != "edit":
            evidence[plan.intent] = evidence.get(plan.intent, 0.0) + weight
    judged = verdict(reading, evidence)
    if judged.intent == "edit":
        whole = [half] if half else chosen(steps, parts, reading)
        plan = _edit(whole, found, reading, text, seen)
        return Understood(plan, min(judged.sure, _certainty(plan, steps, parts, reading)), reading=reading)
    doubted = _doubted(steps, found, reading, text, seen)
    exact = next(
        (plan for plan in (form, said, loosely, drawn) if plan is not None and plan.intent == judged.intent), None
    )
    plan = exact or _plan(judged.intent, found, text, reading)
    if plan is None:
        return Understood(Plan("chat"), judged.sure, doubted, reading=reading)
    plan = told(plan, reading, found, text)
    if plan.intent == "generate" and not plan.content:
        plan = Plan("chat")
    if plan.intent not in TALK:
        plan = replace(plan, unsupported=_wishes(plan, found, reading, text, seen))
    return Understood(plan, judged.sure, doubted, weighed=exact is None and plan.intent not in TALK, reading=reading)


def _wishes(plan: Plan, found: Sequence[Token], reading: Reading, text: str, seen: int) -> tuple[str, ...]:
    """What of a message that is no edit is beyond us: 撤销,再帮我叫辆车. What the plan itself says is not."""
    told = [words for words in (plan.name, plan.subject, plan.content, *(plan.captions or ())) if words]
    wishes = _beyond(told, found, reading, text, seen) if len(_stretches(found)) > 1 else []
    return tuple(wishes) if sum(map(len, wishes)) < len(text) - len(wishes) else ()


def _beyond(told: Sequence[str], found: Sequence[Token], reading: Reading, text: str, seen: int) -> list[str]:
    """What of a message is beyond us: of a clause in which none of the words ``told`` stand the whole, if the reader marks as
    much of it, there or when it reads it by itself; of others what it marks."""
    stretches = _stretches(found)
    parts = []
    for part in stretches:
        start, end = part[0].start, part[-1].end
        words = _UNLINKED.sub("", text[start:end])
        marked = [span for span in reading.beyond if start <= span[0] < end]
        if any(one in words for one in told):
            parts += [one for one in _words(marked, text) if not any(one in thing for thing in told)]
            continue
        share = _share(marked, start, end)
        if share < _MARKED and len(stretches) > 1 and len(words) >= _LEAST:
            if _LINKED.search(text[: end - len(words)]) and not _bare(reading, start, end):
                share = 1.0  # 再…, 顺便…: it asks for something more
            elif (alone := reader.read(part, seen)).order >= _WISHED:
                share = _share(alone.beyond, start, end) if _orders(alone) or alone.order < _ORDERED else 1.0
        if share >= _MARKED and len(words) > 1:
            parts.append(words)
    return parts


def _share(marked: Sequence[Span], start: int, end: int) -> float:
    """How much of a stretch is marked."""
    return sum(min(last, end) - first for first, last in marked) / max(1, end - start)


def _orders(reading: Reading) -> bool:
    """Whether it holds a step that we know."""
    return any(deed.likely >= SURE for deed in reading.deeds)


def _bare(reading: Reading, start: int, end: int) -> bool:
    """Whether a step without words of its own stands there: 再调亮一点."""
    bare = [deed.at for deed in reading.deeds if deed.likely >= SURE and not (deed.target or deed.content)]
    return any(start <= at < end for at in bare)


def _certainty(plan: Plan, rules: Sequence[Step], heard: Sequence[Heard], reading: Reading) -> float:
    """How sure the most doubtful step is: its operation, and its words where only the reader says them."""
    odds = [reading.operations[step.operation] for step in plan.steps]
    slots = [
        min(one.sure["target"], one.sure["content"])
        for one in heard
        if one.step in plan.steps and one.step not in rules
    ]
    return min([1.0, *odds, *slots])


def _form(found: tuple[Token, ...], text: str, names: dict[str, str], photos: int) -> Plan | None:
    """The plan of a sentence that has a form of its own: 忘掉小明, 来6个小明的表情, 这是小明,记住他, 画一只猫."""
    line = fold(text)
    if "忘" in line and (plan := forget(text, line, names)):
        return plan
    plan = stickers(found, text, line) or teaching(found, text, line, photos) or forget(text, line, names)
    return plan or (drawing(found, text) if not photos else None)


def _edit(steps: Sequence[Step], found: Sequence[Token], reading: Reading, text: str, seen: int) -> Plan:
    """An order with what it lacks, what is beyond us, what is left over, and the picture that it is about."""
    kept = [_as_said(step, text) for step in steps if not mistaken(step) and not _nothing(step)]
    beyond = _beyond([slot for step in kept for slot in _slots(step)], found, reading, text, seen)
    kept = _merged([step for step in kept if not _swallowed(step, beyond, text)])
    if not kept and not beyond:
        kept = [one.step for one in heard(reading, found, text, FEW)[:1] if not _nothing(one.step)]
    if not kept and not beyond:
        beyond = [text]
    left = [words for words in _words(reading.left, text) if not any(words in one for one in beyond)]
    lacking = tuple(dict.fromkeys(slot for step in kept for slot in missing(step)))
    named = pointing(reading, found, text)
    kept = [_without(step, named) for step in kept] if named else kept
    return Plan(
        "edit",
        tuple(kept),
        result=earlier(reading, found, text),
        missing=lacking,
        unsupported=tuple(beyond),
        left_over=tuple(left),
    )


def _as_said(step: Step, text: str) -> Step:
    """A step in the light of the words about it: 电影感 is what a style is called; words to be written are those between their
    quotes, and whole English words; 右边有个水印 complains of it."""
    if step.operation == "restyle" and step.content:
        return replace(step, content=manner(step.content, text))
    if step.content and unfilled(tokens(step.content), step.operation):
        return replace(step, content=None)
    if step.operation == "modify" and step.content:
        return replace(step, content=_FALLING.sub("", step.content))
    if step.operation == "text" and step.content:
        return replace(step, content=_written(step.content, text))
    if step.operation == "insert" and step.content in wordset("SPOILING"):
        there = re.search(f"(?<!没)有[^加添放打]{{0,4}}{re.escape(step.content)}", text)
        return replace(step, operation="remove", target=step.content, content=None) if there else step
    return step


_QUOTED = re.compile('[“"「『《]([^”"」』》]+)[”"」』》]')
_LATIN = re.compile(r"[a-z0-9&'’]+(?:[ .,!]+[a-z0-9&'’]+)*[!.]?", re.IGNORECASE)


_FALLING = re.compile("^(?:下|来|來)(?:点|點|场|場|阵|陣|些)(?=[大小暴]?[雪雨])")  # 下点雪, 来场大雨


def _without(step: Step, named: str) -> Step:
    """A step whose target is not the picture that it is about: 第二张调暗, 第三张照片人脸打码."""
    if step.target and step.target in named:
        return replace(step, target=None)
    if step.target and step.target.startswith(named):
        return replace(
            step, target=re.sub("^(?:照片|图片?|相片)?[里中上]?(?:面|边)?的?", "", step.target[len(named) :]) or None
        )
    return step


def _written(words: str, text: str) -> str:
    """Words to be put onto a picture: all that stands between the quotes, or the English sentence, of which they are a part."""
    at = text.find(words)
    if at < 0:
        return words
    for pattern in (_QUOTED, _LATIN):
        for whole in pattern.finditer(text):
            inside = whole.group(whole.re.groups)
            if whole.start() < at + len(words) and at < whole.end() and (pattern is _QUOTED or words in inside):
                return inside.strip()
    return words


def _merged(steps: Sequence[Step]) -> list[Step]:
    """抠出来,要透明底: two steps of one operation that contradict each other in nothing are one, if one says no more than that."""
    kept: list[Step] = []
    for step in steps:
        at = next((at for at, old in enumerate(kept) if _agree(old, step)), None)
        if at is None:
            kept.append(step)
            continue
        fields = {name: getattr(step, name) for name in _SLOTS if getattr(step, name) is not None}
        kept[at] = replace(
            kept[at], **fields, strength=max(kept[at].strength, step.strength, key=("normal", "slight", "strong").index)
        )
    return kept


def _agree(one: Step, other: Step) -> bool:
    if one.operation != other.operation:
        return False
    pairs = [(getattr(one, name), getattr(other, name)) for name in _SLOTS]
    return all(a is None or b is None or a == b for a, b in pairs) and (
        not _slots(one) or not _slots(other) or one.target == other.target
    )


_SLOTS = ("target", "content", "concept", "style", "color", "position")


def _slots(step: Step) -> list[str]:
    return [slot for slot in (step.target, step.content, step.concept) if slot]


def _stretches(found: Sequence[Token]) -> list[list[Token]]:
    """What stands between stops, spaces and 再, 然后, 顺便."""
    parts: list[list[Token]] = [[]]
    for token in quoting(found):
        if token.word == ":" and token.part == "GAP":
            continue  # 写上:生日快乐
        if token.part in ("STOP", "GAP", "EMOJI", "CONJ") or (token.part == "SOFT" and parts[-1]):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _nothing(step: Step) -> bool:
    """再加一个生气的: no thing to put in."""
    if step.operation != "insert" or not step.content or step.color:
        return False
    return vocabulary().parts.get(fold(step.content), ("",))[0] == "MOD"


def _words(spans: Sequence[Span], text: str) -> list[str]:
    return [words for start, end in spans if len(words := _UNLINKED.sub("", text[start:end].strip(_EDGES))) > 1]


def _swallowed(step: Step, unsupported: Sequence[str], text: str) -> bool:
    """Whether all that a step speaks of stands in a part that is beyond us and nowhere else: 设成我的头像 is no step."""
    slots = _slots(step)
    return bool(slots) and any(
        all(slot in part and text.count(slot) == part.count(slot) for slot in slots) for part in unsupported
    )


def _doubted(steps: Sequence[Step], found: Sequence[Token], reading: Reading, text: str, seen: int) -> Plan | None:
    """The edit that was not taken for one, but may have been meant."""
    if reading.order < (ASKED if steps else ASKED_ALONE) or (not seen and (not steps or reading.order < DOUBTFUL)):
        return None  # without a photo nobody is asked about what only may have been an order
    return _edit(steps or chosen((), heard(reading, found, text), reading), found, reading, text, seen)


def _plan(intent: str, found: tuple[Token, ...], text: str, reading: Reading) -> Plan | None:
    """The plan of an intent, if the message says what such a plan must have."""
    line = fold(text)
    if intent == "forget":
        names = [token.value for token in found if token.part == "NAME"]
        return Plan("forget", name=names[0]) if names else Plan("forget") if _ALL.search(line) else None
    if intent == "learn":
        return teaching(found, text, line, 1, sure=True) or (Plan("learn") if reading.said else None)
    if intent == "stickers":
        return stickers(found, text, line, sure=True) or Plan("stickers")
    if intent == "generate":
        return drawn_after(found, text) or Plan("generate")
    if intent == "show":
        return Plan("show", content="comparison" if showing.compared(text) else None)
    return Plan(intent)


def parse_jsonl(lines: Iterable[str]) -> Iterator[str]:
    """For each line ``{"text", "concepts", "photos"}`` one line with its plan, in the same order, without blank lines.

    Raises ValueError for a line that is not such an object.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        asked = json.loads(line)
        if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
            raise ValueError(f'line {number} is not an object with a "text"')
        plan = parse(asked["text"], asked.get("concepts") or (), asked.get("photos") or 0)
        yield json.dumps(plan.to_json(), ensure_ascii=False)
