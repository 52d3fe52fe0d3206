"""A whole message → the steps it orders: cut into clauses, chatter left aside, what was named before carried on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.language.clauses import ORDERS, Clause, clause
from bot.language.intents import saying
from bot.language.order import restyle
from bot.language.phrases import Phrase, Place, place, style, thing
from bot.language.steps import read
from bot.language.tokens import Token
from storage.plans import Step

_COMMENT = ("BAD", "STRONG", "LE", "VETO", "WANT", "NOWANT", "NEG", "MORE", "WEAR", "TO", "STAND", "MODAL", "REMOVE", "CHANGE", "BECOME", "VANISH", "IS")
_LACK = ("少了", "缺了", "少", "缺", "漏了", "差了", "差", "没有", "没")
_SPEECH_END = ("PART", "LE", "EMOJI", "NOISE", "QUES", "BAD", "MOD", "GAP", "QUOTE")


@dataclass(slots=True)
class _Said:
    """What the clauses so far have ordered and named."""

    text: str
    photos: int
    steps: list[Step] = field(default_factory=list)
    sayings: list[str] = field(default_factory=list)
    topic: Phrase | None = None
    where: Place | None = None
    missing: Phrase | None = None
    styled: bool = False


def orders(tokens: Sequence[Token], text: str, photos: int) -> tuple[list[Step], list[str]]:
    """All steps of the message, in the order said, and the intents of what else was said (撤销, 还要多久)."""
    told = _Said(text, photos)
    tokens = [_then(token, before) for before, token in zip([None, *tokens], tokens, strict=False)]
    for part in _split(tokens, lambda token: token.part == "STOP"):
        if (intent := saying(part)) is not None:
            told.sayings.append(intent)
            continue
        if _afterwards(part):
            continue
        for order in _split(part, lambda token: token.part == "CONJ"):
            _listen(order, told)
    whole = [step for step in told.steps if step.operation != "replace" or step.content or step.concept]
    return whole, told.sayings


def _afterwards(part: Sequence[Token]) -> bool:
    """衣服换成红色之后好看多了 tells of something that has been done."""
    at = next((at for at, token in enumerate(part) if at and token.word in ("之后", "以后", "后")), None)
    if at is None or part[at].part not in ("CONJ", "X") or any(token.part == "BA" for token in part[:at]):
        return False
    return not any(token.part in ORDERS for token in part[at:]) and any(token.part in ORDERS for token in part[:at])


def _then(token: Token, before: Token | None) -> Token:
    """后 behind a verb is no place: 路人去掉后…"""
    after = before is not None and before.part == "REMOVE" and token.word in ("后", "以后", "之后")
    return replace(token, part="CONJ", value="") if after else token


def _listen(tokens: Sequence[Token], told: _Said) -> None:
    found = _orders_of(tuple(tokens), told, 0)
    if found is None:
        for piece in _split(tokens, lambda token: token.part in ("GAP", "EMOJI")):
            if (intent := saying(piece)) is not None:
                told.sayings.append(intent)
        now = clause(tokens, told.text, told.photos)
        if told.styled and (named := style(now.tokens, told.text)) is not None:
            told.steps.append(restyle(named))
        elif not _addition(now, told):
            _remember(tokens, told)
        told.styled = bool(now.tokens) and now.tokens[-1].word in ("风格", "画风") and any(t.part in ORDERS for t in now.tokens)
        return
    for step in found:
        _take(step, told)


def _orders_of(tokens: tuple[Token, ...], told: _Said, depth: int) -> list[Step] | None:
    """The steps of one clause; if it fits no frame as it stands, it is cut where people leave out the comma."""
    now = clause(tokens, told.text, told.photos)
    if (steps := _completed(now, told)) is not None:
        return steps
    if depth > 3 or now.denied:
        return None
    for at in _cuts(tokens):
        left, right = tokens[:at], tokens[at:]
        first = _orders_of(left, told, depth + 1)
        if first is None and not _chatter(left, right):
            continue
        before = told.topic, told.where
        if first is None:
            _remember(left, told)
        second = _orders_of(right, told, depth + 1)
        if second is not None:
            return (first or []) + second
        told.topic, told.where = before
        if first and _aside(left, right):
            return first
    return None


def _aside(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether what follows an order is only talk: 换成羽绒服吧太冷了."""
    if not any(token.part in ORDERS for token in left):
        return False
    if left[-1].part != "PART" and right[0].part not in ("BAD", "STRONG", "EMOJI", "GAP"):
        return False
    return not any(token.part in ORDERS or token.part in ("NEG", "VETO", "NOWANT") for token in right)


def _completed(now: Clause, told: _Said) -> list[Step] | None:
    if told.topic is not None and told.topic.concept and any(token.part == "ADD" or token.value == "add" for token in now.tokens):
        names = [token for token in told.topic.words if token.part == "NAME"]
        now = replace(now, tokens=tuple(names[0] if token.word in ("他", "她", "它") and names else token for token in now.tokens))
    steps = read(replace(now, followed=told.topic is not None or bool(told.steps)))
    if steps is None:
        return _of_missing(now, told) or _of_topic(now, told)
    done = []
    for step in steps:
        pending = bool(told.steps) and _merged(told.steps[-1], step) is not None
        if step.operation in ("remove", "replace", "recolor") and step.target is None and not pending:
            if told.topic is not None and told.topic.kind == "background" and step.operation == "replace":
                step = Step("background", content=step.content, concept=step.concept, color=step.color)
            elif told.topic is not None and told.topic.said:
                step = replace(step, target=told.topic.said, position=step.position or told.topic.position)
            elif step.operation == "remove":
                return None
        if step.operation == "insert" and step.content is None and step.concept is None:
            named = told.topic or told.missing
            if named is None:
                return None
            step = replace(step, content=None if named.concept else named.said, concept=named.concept)
        if step.operation == "modify" and step.target is None and now.tokens[0].part == "WEAR" and told.steps and told.steps[-1].operation in ("replace", "insert"):
            step = replace(step, target=told.steps[-1].content or told.steps[-1].concept or told.steps[-1].target)
        if step.operation == "move" and step.target is None and (told.topic is not None or told.steps):
            before = told.steps[-1] if told.steps else None
            step = replace(step, target=told.topic.said if told.topic is not None else before and (before.content or before.target))
        if step.operation == "remove" and step.target in ("他", "她", "它", "佢") and told.topic and told.topic.kind in ("person", "pet", "NAME"):
            step = replace(step, target=told.topic.said, position=told.topic.position)
        if step.operation == "background" and step.content is None and step.color is None and told.where is not None:
            step = replace(step, content=told.where.anchor)
        done.append(step)
    return done


def _of_missing(now: Clause, told: _Said) -> list[Step] | None:
    """补一下, after 少了小明."""
    missing = told.missing or (told.topic if told.topic is not None and told.topic.concept else None)
    if missing is None or [t.part for t in now.tokens if t.part not in ("NUM", "M")] != ["ADD"] or now.denied:
        return None
    return [Step("insert", content=None if missing.concept else missing.said, concept=missing.concept)]


def _of_topic(now: Clause, told: _Said) -> list[Step] | None:
    """换只天鹅, after 那只鸭子太丑: the order is about what was named before."""
    if now.tokens and now.tokens[0].part == "WEAR" and told.steps and not now.denied:
        return _dressed(read(replace(now, asked=True)), told.steps[-1])
    if told.topic is None or not told.topic.words or not now.tokens or now.tokens[0].part not in ("CHANGE", "REPLACE"):
        return None
    held = Token("把", "BA", "", 0, 0)
    return read(replace(now, tokens=(held, *told.topic.words, *now.tokens), photos=told.photos))


def _dressed(steps: list[Step] | None, before: Step) -> list[Step] | None:
    """戴上皇冠, after 把小狗变成老虎: the tiger wears it."""
    return [replace(step, target=before.content or before.concept or before.target) for step in steps] if steps else None


def _take(step: Step, told: _Said) -> None:
    if step.operation == "insert" and step.position is None and told.where is not None and told.where.position:
        step = replace(step, position=told.where.position)
    told.where = None
    if step in told.steps:
        return
    if told.steps and (merged := _merged(told.steps[-1], step)) is not None:
        told.steps[-1] = merged
        return
    told.steps.append(step)
    told.topic = None


def _merged(before: Step, step: Step) -> Step | None:
    """把花换个颜色, then 换成黄色: one step said in two."""
    if before.operation == "recolor" and before.color is None and step.operation == "recolor":
        return replace(before, color=step.color) if step.target in (None, before.target) else None
    if step.operation == "recolor" and step.target is None and before.operation in ("replace", "insert") and before.color is None:
        return replace(before, color=step.color)
    if step == Step("background") and before.operation == "background":
        return before
    if before.operation == step.operation == "replace" and not before.content and not before.concept and step.target is None:
        return replace(step, target=before.target)
    if before.operation == "background" and before.content is None and before.color is None and before.concept is None:
        if step.operation == "background" or step.operation in ("replace", "recolor") and step.target is None:
            return replace(before, content=step.content, color=step.color, concept=step.concept)
    return None


def _addition(now: Clause, told: _Said) -> bool:
    """A colour or a place said after the order: 加个气球,黄色的."""
    if not told.steps or not now.tokens or now.denied:
        return False
    last = told.steps[-1]
    tokens = [token for token in now.tokens if token.part != "WANT"]
    if not tokens:
        return False
    if last.operation == "background" and last.content is None and last.color is None:
        named = thing(tokens, told.text, incoming=True)
        if named is not None and (named.head is None or named.kind in ("PLACE", "X", "sky", "time")):
            told.steps[-1] = replace(last, content=named.said, color=named.color)
            return True
    colors = [token for token in tokens if token.part == "COLOR"]
    if colors and all(token.part in ("COLOR", "DE") for token in tokens) and last.color is None:
        if last.operation in ("insert", "replace", "recolor"):
            told.steps[-1] = replace(last, color=colors[0].value)
            return True
    if _positioned(tokens, told):
        return True
    if last.operation == "insert" and last.position is None:
        tokens = [t for t in tokens if t.part not in ("PUT", "STAND", "AT", "ADD", "PRON") and not (t.part == "TO")]
        where = place(tokens, told.text) if tokens else None
        if where is not None and where.kind == "position":
            told.steps[-1] = replace(last, position=where.position)
            return True
    return False


def _positioned(tokens: Sequence[Token], told: _Said) -> bool:
    """小明在左边,旺财在右边, after both have been brought in."""
    found = False
    for name, *behind in ([*tokens[at : at + 3]] for at in range(len(tokens))):
        where = next((token for token in behind if token.part == "POS"), None)
        for at, step in enumerate(told.steps):
            if where and name.part == "NAME" and step.operation == "insert" and step.concept == name.value and not step.position:
                told.steps[at] = replace(step, position=None if where.value == "none" else where.value)
                found = True
    return found


def _remember(tokens: Sequence[Token], told: _Said) -> None:
    """What a clause that orders nothing speaks of: 右边那个垃圾桶太丑了."""
    now = [t for t in tokens if t.part not in ("NOISE", "PART", "GAP", "CUE", "MODAL", "WISH", "EMOJI", "MORE", "SOFT", "SLIGHT")]
    lack = next((at for at, token in enumerate(now) if token.word in _LACK), None)
    if lack is not None and (missing := _missing(now[lack + 1 :], told.text)) is not None and missing.head is not None:
        told.missing = missing
    while now and (now[0].part in ("NOWANT", "WANT", "VETO", "BAD") or len(now) > 1 and now[0].part == "PRON" and now[1].part in ("VETO", "NOWANT")):
        now = now[1:]
    end = next((at for at, token in enumerate(now) if token.part in _COMMENT and not any(t.part == "DE" for t in now[at:])), len(now))
    end = next((at for at, token in enumerate(now[:end]) if token.part == "AT" and any(t.part == "PHOTO" for t in now[at:])), end)
    subject = now[:end]
    if not subject:
        return
    named = thing(subject, told.text)
    name = next((token for token in subject if token.part == "NAME"), None)
    plain = not any(token.part in ("DE", "POS") for token in subject)
    if name is not None and (named is None or plain and named.concept is None):
        named = thing([name], told.text)
    there = next((at for at, token in enumerate(subject) if token.word == "有"), None)
    if there and (found := place(subject[:there], told.text)) is not None:
        named = thing(subject[there + 1 :], told.text)
        named = replace(named, position=found.position) if named is not None else None
    where = place(subject, told.text)
    if where is not None and (where.kind == "position" or where.kind == "anchor" and (subject[-1].part in ("POS", "SIDE") or any(token.part in ("AT", "TO") for token in subject))):
        told.where = where
    elif named is not None and named.kind == "tint" and len(named.words) > 1:
        told.topic = thing([token for token in named.words[:-1]], told.text)
    elif named is not None and named.head is not None and (named.pointed or end < len(now)) and named.kind not in ("PHOTO", "PRON"):
        told.topic = named


def _missing(behind: Sequence[Token], text: str) -> Phrase | None:
    if behind and behind[0].part == "NAME":
        behind = behind[:1]
    return thing(behind, text, incoming=True)


def _cuts(tokens: Sequence[Token]) -> list[int]:
    """Where a clause may be two: at a space, an emoji, 再, 和, before 帮我, before 把, before a place or a name."""
    cuts = []
    seen = False
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if before is not None:
            soft = token.part in ("GAP", "EMOJI", "SOFT", "AND", "CUE", "MODAL", "WISH", "BA", "GIVE", "MAKE")
            heard = (before.part in ("PART", "QUES", "SOFT") or before.word == "了") and token.part not in ("PART", "STOP")
            if soft or heard or (seen and token.part in ("POS", "NAME", "PHOTO", "REMOVE", "ADD", "BECOME", "NOUN", "WANT", "DET", "AT", "CHANGE", "BAD", "STRONG", "PRON")):
                cuts.append(at)
        seen = seen or token.part in ORDERS
    return cuts[:12]


def _chatter(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether what stands before an order may be left aside: it must not say who did it, or that somebody said it."""
    words = [token for token in left if token.part not in ("GAP", "EMOJI")]
    if not words:
        return True
    if any(token.part in ("VETO", "NEG") or token.part in ORDERS for token in words):
        return False
    if left[-1].part in ("GAP", "EMOJI"):
        return words[-1].part not in ("PRON", "MAKE")
    if right[0].part in ("CUE", "WISH"):
        return words[-1].word not in ("他", "她", "他们", "不")
    if right[0].part == "MODAL":
        return words[-1].part in _SPEECH_END
    return words[-1].part in _SPEECH_END


def _split(tokens: Sequence[Token], at: object) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if at(token):  # type: ignore[operator]
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
