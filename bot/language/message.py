"""A whole message → the steps it orders: cut into clauses, chatter left aside."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.language.breaks import prepared
from bot.language.intents import remark, saying
from bot.language.memory import Discourse
from bot.language.order import restyle
from bot.language.parts import DOING, FILLER, ORDERS
from bot.language.phrases import wordset
from bot.language.places import place
from bot.language.retouching import written
from bot.language.styles import style
from bot.language.tokens import Token
from storage.plans import Step

_FIRM = ("BA", "BECOME", "REMOVE", "REPLACE", "CHANGE", "ADD", "TO")
_ALONG = ("顺手", "顺便", "顺带", "顺道", "同时", "还得", "还要", "最后", "跟手")
_RETHINKING = ("算了", "不", "不对", "还是", "等等", "嗯", "哦", "唔")
_LONGEST = 90  # words between two stops; nobody orders with more
_DEEPEST = 3
_CLOSING = (
    "SLIGHT",
    "NOISE",
    "PART",
    "NOUN",
    "X",
    "COLOR",
    "NAME",
    "PLACE",
    "STYLE",
    "EMOJI",
    "LE",
    "MOD",
    "POS",
    "SIDE",
    "DIR",
    "QUES",
)
_SPEECH_END = ("PART", "LE", "EMOJI", "NOISE", "QUES", "BAD", "MOD", "GAP", "QUOTE")
# A clause may be two before these; before the second group only when an order has been heard already.
_SOFT = ("GAP", "EMOJI", "SOFT", "AND", "CUE", "MODAL", "WISH", "BA", "GIVE", "MAKE")
_AFTER_ORDER = (
    "POS", "NAME", "PHOTO", "REMOVE", "ADD", "BECOME", "NOUN", "WANT", "DET", "AT", "CHANGE", "BAD", "STRONG", "PRON",
    "DEL", "WEAR",
)  # fmt: skip


def orders(tokens: Sequence[Token], text: str, photos: int, *, sure: bool = False) -> Discourse:
    """All that the message ordered, in the order said, and what else was said (撤销, 还要多久).

    ``sure``: the second opinion has no doubt that it orders something, so that what stands around an order may be anything.
    """
    discourse = Discourse(text, photos, sure=sure)
    tokens = prepared(tokens, photos)
    for part in _split(tokens, lambda token: token.part == "STOP"):
        if (intent := saying(part)) is not None:
            discourse.sayings.append(intent)
        elif all(token.word in _RETHINKING or token.part in ("PART", "EMOJI", "GAP") for token in part):
            discourse.rethought = bool(discourse.steps)
        elif _afterwards(part):
            discourse.unread.append(part)
        elif not remark(part):
            for order in _split(_by_the_way(part), lambda token: token.part == "CONJ"):
                _listen(order, discourse)
    return discourse


def _listen(tokens: Sequence[Token], discourse: Discourse) -> None:
    found = _orders_of(tuple(tokens), discourse, 0)
    if found is not None:
        discourse.begged = discourse.begged or any(token.part == "CUE" for token in tokens)
        if discourse.reported and not any(token.part == "CUE" for token in tokens):
            return
        for step in found:
            discourse.take(step)
        return
    discourse.reported = discourse.reported or _reports(tokens)
    for piece in _split(tokens, lambda token: token.part in ("GAP", "EMOJI")):
        if (intent := saying(piece)) is not None:
            discourse.sayings.append(intent)
    now = discourse.clause(tokens)
    if discourse.styled and (named := style(now.tokens, discourse.text)) is not None:
        discourse.take(restyle(named))
    elif not discourse.add(now) and not discourse.remember(tokens) and not _empty(now.tokens):
        discourse.unread.append(tokens)
    ordered = any(token.part in ORDERS for token in now.tokens)
    heads = wordset("STYLE_HEADS")
    lone = len(now.tokens) == 1 and discourse.photos  # 滤镜: 复古
    discourse.styled = bool(now.tokens) and now.tokens[-1].word in heads and bool(ordered or lone)  # 转换风格: 印象派


def _orders_of(tokens: tuple[Token, ...], discourse: Discourse, depth: int) -> list[Step] | None:
    """The steps of one clause; if it fits no frame as it stands, it is cut where people leave out the comma."""
    discourse.patience -= 1
    if discourse.patience < 0 or len(tokens) > _LONGEST:
        return None
    if (words := written(discourse.clause(tokens))) is not None and words.content:
        return [words]  # 加日期 2024.10.1
    if (steps := _spaced(tokens, discourse, depth)) is not None:
        return steps
    now = discourse.clause(tokens)
    if (steps := discourse.steps_of(now)) is not None:
        return steps
    if depth > _DEEPEST or now.denied:
        return None
    for at in _cuts(tokens):
        left, right = tokens[:at], tokens[at:]
        first = _orders_of(left, discourse, depth + 1)
        if first is None and not _chatter(left, right):
            continue
        before = discourse.topic, discourse.where
        if first is None:
            discourse.remember(left)
        discourse.steps += first or []  # what it leans on
        second = _orders_of(right, discourse, depth + 1)
        del discourse.steps[len(discourse.steps) - len(first or []) :]
        if second is not None:
            return (first or []) + second
        discourse.topic, discourse.where = before
        if first and (placed := _placed(first, right, discourse)):
            return placed
        if first and _aside(left, right):
            return first
    return _longest(tokens, discourse) if discourse.sure and depth == 0 else None


def _longest(tokens: Sequence[Token], discourse: Discourse) -> list[Step] | None:
    """The steps of the longest beginning of a clause that orders something: 把雪糕拽回中间|才好看."""
    said = [token for token in tokens if token.part not in ("PART", "EMOJI", "GAP")]
    if said and said[-1].part == "LE":
        return None  # 那队换成白色球衣了
    for end in range(len(tokens) - 1, 1, -1):
        if tokens[end - 1].part in ORDERS or any(token.part in DOING and token.word != "去" for token in tokens[end:]):
            continue
        discourse.patience -= 1
        if discourse.patience < 0:
            return None
        steps = discourse.steps_of(discourse.clause(tokens[:end]))
        if steps and all(step.target or step.content or step.concept or step.style for step in steps):
            return steps
    return None


def _spaced(tokens: tuple[Token, ...], discourse: Discourse, depth: int) -> list[Step] | None:
    """Two orders, or an order and talk, with a space where others write a comma: 垃圾袋清理掉 房东要来看房."""
    for at, token in enumerate(tokens):
        if token.part != "GAP" or not 0 < at < len(tokens) - 1:
            continue
        if tokens[at - 1].word.isascii() or tokens[at - 1].part not in (*_CLOSING, *ORDERS):
            continue
        left, right = tokens[:at], tokens[at + 1 :]
        first = discourse.steps_of(discourse.clause(left))
        if not first or not all(step.target or step.content or step.concept for step in first):
            continue
        if (second := _orders_of(right, discourse, depth + 1)) is not None:
            return first + second
        if any(other.part in (*DOING, "SLIGHT") for other in left) and _talk(right):
            discourse.unread.append(right)
            return first
    return None


def _talk(right: Sequence[Token]) -> bool:
    """Whether what follows a space is a sentence of its own, and no place or colour of what was ordered before."""
    if right[0].part in ("NOISE", "PART", "CUE"):
        return not any(token.part in ORDERS for token in right)
    if len(right) > 1 and all(token.part in ("X", "NOUN", "CUE", "GAP", "PART") for token in right):
        return True  # 背景换成礼堂 生日福利
    if len(right) > 1 and right[0].part == "NEG":
        return not any(token.part in ORDERS for token in right)  # 别太假
    return len(right) > 2 and any(token.part in ("PRON", "WANT", "VETO", "IS", "LE", "MODAL") for token in right)


def _cuts(tokens: Sequence[Token]) -> list[int]:
    """Where a clause may be two: at a space, an emoji, 再, 和, before 帮我, before 把, before a place or a name."""
    cuts = []
    ordered = False
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if before is not None:
            sighed = (before.part in ("PART", "QUES", "SOFT") or before.word == "了") and token.part != "PART"
            looks = ordered and token.word in ("看看", "看", "瞧瞧")
            if looks or sighed or token.part in _SOFT or (ordered and token.part in _AFTER_ORDER):
                cuts.append(at)
        ordered = ordered or token.part in ORDERS
    return cuts[:12]


def _placed(first: list[Step], right: Sequence[Token], discourse: Discourse) -> list[Step] | None:
    """加小明 左边: the place of what the words before brought in."""
    last, where = first[-1], place(right, discourse.text)
    if where is None or where.kind != "position" or last.operation not in ("insert", "move") or last.position:
        return None
    return [*first[:-1], replace(last, position=where.position)]


def _chatter(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether what stands before an order may be left aside: it must not say who did it, or that somebody said it."""
    words = [token for token in left if token.part not in ("GAP", "EMOJI")]
    if not words:
        return True
    happened = left[-1].part in ("GAP", "EMOJI") and words[-1].part == "LE"  # 客户临时改主意了😮‍💨
    if any(token.part in ("VETO", "NEG", *ORDERS) for token in words) and not happened:
        return False
    if left[-1].part in ("GAP", "EMOJI"):
        return words[-1].part not in ("PRON", "MAKE")
    if right[0].part in ("CUE", "WISH"):
        return words[-1].word not in ("他", "她", "他们", "不")
    return words[-1].part in _SPEECH_END


def _aside(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether what follows an order is only talk: 换成羽绒服吧太冷了."""
    if not any(token.part in ORDERS for token in left):
        return False
    if remark(right):
        return True
    if right[0].word[0] in "不没会":
        return False  # 门刷成红色不好看
    if left[-1].part != "PART" and right[0].part not in ("BAD", "STRONG", "EMOJI", "GAP", "SOFT"):
        return False
    return not any(token.part in (*ORDERS, "NEG", "VETO", "NOWANT") for token in right)


def _afterwards(part: Sequence[Token]) -> bool:
    """衣服换成红色之后好看多了 tells of something that has been done."""
    at = next((at for at, token in enumerate(part) if at and token.word in ("之后", "以后", "后")), None)
    if at is None or part[at].part not in ("CONJ", "X") or any(token.part == "BA" for token in part[:at]):
        return False
    return not any(token.part in ORDERS for token in part[at:]) and any(token.part in ORDERS for token in part[:at])


def _reports(tokens: Sequence[Token]) -> bool:
    """客户说把 logo 放大: what is ordered there, and in what follows, somebody has told somebody else."""
    said = next((at for at, token in enumerate(tokens) if token.word in wordset("REPORTING")), None)
    ordered = said is not None and any(token.part in _FIRM for token in tokens[said:])
    return ordered or tokens[-1].word in ("原话", "说")


def _empty(tokens: Sequence[Token]) -> bool:
    """Whether a clause says nothing that an order could hang on: 真的绝了."""
    return all(token.part in (*FILLER, "EMOJI", "BAD", "STRONG", "SLIGHT", "QUES", "LE") for token in tokens)


def _by_the_way(part: Sequence[Token]) -> list[Token]:
    """眼袋也顺手去了: behind what the order is about these open no new clause."""
    found = list(part)
    for at, token in enumerate(part):
        if token.word in _ALONG and at and not any(other.part in (*ORDERS, "CONJ") for other in part[:at]):
            found[at] = replace(token, part="NOISE")
    return found


def _split(tokens: Sequence[Token], at: Callable[[Token], bool]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if at(token):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
