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
from bot.language.assembling import assembled
from bot.language.beyond import beyond, mistaken
from bot.language.breaks import quoting
from bot.language.forgetting import forget
from bot.language.generate import drawing, drawn_after
from bot.language.intents import decide, loose
from bot.language.memory import Told
from bot.language.message import orders
from bot.language.reader import Reading
from bot.language.retouching import implied, lacking
from bot.language.sayings import KEYS
from bot.language.stickers import stickers
from bot.language.teaching import teaching
from bot.language.tokens import LIMIT, Token, fold, tokens
from bot.language.weighing import (
    AGAINST_A_FORM,
    AMID_TALK,
    ASKED,
    HARDLY,
    IMPLIED,
    LACKING,
    OVER_ANOTHER,
    OVER_TALK,
    SURELY,
    TALK_OVER_A_SAYING,
    WITHOUT_PHOTO,
    bar,
    likeliest,
    missing,
)
from storage.plans import INTENTS, Plan, Step

__all__ = ["DOUBTFUL", "Understood", "parse", "parse_jsonl", "understand"]

DOUBTFUL = 0.5  # below this a language endpoint is asked, where one is set (bot/endpoint.py)
_FORM = 0.95  # what fits a form of its own (stickers, teaching, forgetting) is hardly anything else
_BEYOND = 0.9  # how likely an order must be that nothing here has a word for
_WISHED = 0.1  # how likely an order must be in words that only wish for what is beyond us
_FAINT = 0.25  # how likely an operation may be at most in an order that is beyond us
_MORE = 0.9  # … and one that stands beside others
_PLAIN = (
    "COLOR", "POS", "MOD", "DE", "WANT", "PART", "SLIGHT", "STRONG", "NOISE", "STYLE", "PLACE", "CONJ", "MORE", "GAP", "STOP",
    "NUM", "M", "DET", "EMOJI", "NAME", "PRON", "SOFT", "LE", "BAD",
)  # fmt: skip
_LEAST = 4  # characters of an order that stands beside others
_QUIET = 0.1  # how likely talk may be at most where rules read an order and the reader some other intent
TALK = ("chat", "question", "complaint", "show")
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
        return Understood(Plan(intent), _FORM)
    reading = reader.read(found, seen)
    form = _form(found, text, names, photos)
    if form is not None and not _against(form, reading):
        return Understood(form, _FORM)
    if seen and (half := lacking(text)) is not None:
        plan = Plan("edit", (half,), missing=("color" if half.operation == "recolor" else "content",))
        return Understood(plan, _FORM, reading=reading)
    told = orders(found, text, seen)
    steps = told.ordered()
    if not steps and reading.order >= SURELY:
        again = orders(found, text, max(seen, 1), sure=True)
        told, steps = (again, again.ordered()) if again.ordered() or again.incomplete() else (told, steps)
    if steps:
        return replace(_edit(steps, found, told, reading, text, seen), reading=reading)
    return replace(_other(found, text, told, reading, seen), reading=reading)


def _form(found: tuple[Token, ...], text: str, names: dict[str, str], photos: int) -> Plan | None:
    """The plan of a sentence that has a form of its own: 忘掉小明, 来6个小明的表情, 这是小明,记住他, 画一只猫."""
    line = fold(text)
    if "忘" in line and (plan := forget(text, line, names)):
        return plan
    plan = stickers(found, text, line) or teaching(found, text, line, photos) or forget(text, line, names)
    return plan or (drawing(found, text) if not photos else None)


def _against(form: Plan, reading: Reading) -> bool:
    """Whether the reader is so sure of something else that the form must have been met by chance."""
    return reading.intent != form.intent and reading.sure >= AGAINST_A_FORM and reading.intents[form.intent] < 0.02


def _edit(
    steps: Sequence[Step], found: Sequence[Token], told: Told, reading: Reading, text: str, seen: int
) -> Understood:
    """Steps that the rules read, if the reader hears an order, too, or at least no talk."""
    plan = _complete(Plan("edit", tuple(steps)), found, text, seen)
    least = bar(plan.steps) if seen else WITHOUT_PHOTO
    talk = sum(reading.intents[intent] for intent in TALK)
    if reading.order >= least or (seen and talk < _QUIET and reading.sure < OVER_ANOTHER):
        return Understood(plan, min(1.0, reading.order + 0.15 * len(steps)) - 0.1 * len(told.unread))
    if seen and reading.order >= HARDLY and not told.reported and _amid_talk(found, seen):
        return Understood(plan, DOUBTFUL)  # 刚下班累死了,超市都关门了,把猫换成狗
    other = _by_reader(told, reading, (), text, seen)
    if other is not None and other.sure >= OVER_ANOTHER:
        return other
    asked = reading.order >= (ASKED if seen else 2 * ASKED)
    return Understood(Plan("chat"), 1 - reading.order, plan if asked else None)


def _complete(plan: Plan, found: Sequence[Token], text: str, seen: int) -> Plan:
    """With what else the sentence orders and what it lacks: nothing is dropped in silence.

    Every stretch of the sentence in which no step's words stand and that orders nothing by itself is weighed alone.
    """
    steps, unsupported = [step for step in plan.steps if not mistaken(step)], []
    parts = _stretches(found)
    begun = False  # whether a stretch before has given a step
    for part in parts if len(parts) > 1 else ():
        words = text[part[0].start : part[-1].end]
        if len(words) < _LEAST or _covered(part, words, steps, text, seen):
            begun = begun or len(words) >= _LEAST
            continue
        alone = reader.read(part, seen)
        if beyond(words) and alone.order >= _WISHED:
            unsupported.append(words)
            own = orders(part, text, max(seen, 1)).ordered()  # 设成我的头像 is no step
            steps = [step for step in steps if step not in own]
            continue
        likeliest_of = max(alone.operations, key=alone.operations.__getitem__)
        if alone.order < _MORE or (
            likeliest_of in [step.operation for step in steps] and alone.operations[likeliest_of] >= _FAINT
        ):
            continue
        step = assembled(alone, part, text)
        if step is None:
            unsupported.append(words)
        elif alone.operations[step.operation] >= _MORE and not missing(step) and _new(step, steps):
            steps.insert(len(steps) if begun else 0, step)
    if not steps and not unsupported:
        unsupported.append(text)
    lacking = tuple(dict.fromkeys(slot for step in steps for slot in missing(step)))
    return replace(plan, steps=tuple(steps), unsupported=tuple(unsupported), missing=_sayable(lacking, steps))


def _amid_talk(found: Sequence[Token], seen: int) -> bool:
    """Whether one stretch of a message that is talk otherwise is an order beyond doubt."""
    parts = _stretches(found)
    grasped = [
        part
        for part in parts
        if len(parts) > 1 and any(token.part in ("BA", "CUE", "REMOVE", "BECOME") for token in part)
    ]
    return any(reader.read(part, seen).order >= AMID_TALK for part in grasped)


def _new(step: Step, steps: Sequence[Step]) -> bool:
    return step.operation not in [other.operation for other in steps]


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


def _covered(part: Sequence[Token], words: str, steps: Sequence[Step], text: str, seen: int) -> bool:
    """Whether a stretch has given a step already: its words are a step's, or it orders one that is there."""
    said = [slot for step in steps for slot in (step.target, step.content, step.concept) if slot]
    if beyond(words):
        return False
    if any(slot in words or words in slot for slot in said):
        return True
    if all(token.part in _PLAIN for token in part):
        return True
    alone = orders(part, text, max(seen, 1)).steps
    return bool(alone) and {step.operation for step in alone} <= {step.operation for step in steps}


def _sayable(lacking: tuple[str, ...], steps: Sequence[Step]) -> tuple[str, ...]:
    """What must be asked for: what the photo itself may tell (它, the only one there) is not missing."""
    asked = tuple(slot for slot in lacking if slot != "target")
    return asked if all(step.operation not in ("move", "swap", "crop", "rotate", "adjust") for step in steps) else ()


def _other(found: tuple[Token, ...], text: str, told: Told, reading: Reading, seen: int) -> Understood:
    """A message in which the rules read no edit: a saying, or what the reader makes of it."""
    if seen and beyond(text) and max(reading.order, reading.intents["generate"]) >= 5 * _WISHED:
        return Understood(Plan("edit", unsupported=(text,)), DOUBTFUL - 0.1)
    plan = decide(told.sayings) or drawing(found, text) or loose(found)
    if plan is not None and plan.intent != "chat":
        least = TALK_OVER_A_SAYING if reading.intent in TALK else OVER_ANOTHER
        rather = reading.intent != plan.intent and reading.sure >= least
        if not rather or reading.intent == "edit":
            return Understood(plan, max(reading.intents[plan.intent], 0.75 if told.unread else 0.9))
    return _by_reader(told, reading, found, text, seen) or Understood(Plan("chat"), reading.intents["chat"])


def _by_reader(told: Told, reading: Reading, found: Sequence[Token], text: str, seen: int) -> Understood | None:
    """What only the reader hears; None where that is talk, or lacks what its plan must have."""
    if reading.order >= OVER_TALK and found:
        return _unread(told, reading, found, text, seen)
    others = [intent for intent in INTENTS if intent not in ("edit", "chat")]
    intent, likely = likeliest(reading, others)
    if likely < OVER_TALK and not (reading.intents["chat"] < likely and likely >= 0.4):
        return None
    plan = _plan(intent, tuple(found), text)
    return Understood(plan, likely, weighed=True) if plan is not None else None


def _unread(told: Told, reading: Reading, found: Sequence[Token], text: str, seen: int) -> Understood | None:
    """An order that no rule reads: by the words that the reader marked, else said to be beyond us."""
    step = assembled(reading, [token for token in found if token.part != "GAP"], text)
    wished = implied(found, text)
    if wished is not None and reading.operations["remove"] >= 0.3 and seen:
        return Understood(Plan("edit", (wished,)), min(reading.order, DOUBTFUL - 0.05))
    if step is None and (half := told.incomplete()):
        step = half[0]
    if step is not None:
        lacking = tuple(slot for slot in missing(step) if slot != "target" or step.operation in ("remove", "cutout"))
        plan = Plan("edit", (step,), missing=lacking)
        certain = reading.order * reading.operations[step.operation]
        if certain >= (LACKING if lacking else IMPLIED if seen else OVER_ANOTHER):
            return Understood(plan, min(certain, DOUBTFUL - 0.05))
        return Understood(Plan("chat"), 1 - certain, None if lacking else plan)
    unheard = max(reading.operations.values()) < _FAINT  # else it is rather one of ours that was not understood
    if (
        reading.order >= _BEYOND
        and unheard
        and seen
        and len(text) > _LEAST
        and not all(token.part in _PLAIN for token in found)
    ):
        return Understood(Plan("edit", unsupported=(text,)), DOUBTFUL - 0.1)
    return None


def _plan(intent: str, found: tuple[Token, ...], text: str) -> Plan | None:
    """The plan of an intent, if the message says what such a plan must have."""
    line = fold(text)
    if intent == "forget":
        names = [token.value for token in found if token.part == "NAME"]
        return Plan("forget", name=names[0]) if names else Plan("forget") if _ALL.search(line) else None
    if intent == "learn":
        return teaching(found, text, line, 1, sure=True)
    if intent == "stickers":
        return stickers(found, text, line, sure=True)
    if intent == "generate":
        return drawn_after(found, text)
    if intent == "show":
        return Plan("show", result=showing.result(text), content="comparison" if showing.compared(text) else None)
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
