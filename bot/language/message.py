"""A whole message → the steps it orders: cut into clauses, chatter left aside."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.language.breaks import prepared
from bot.language.intents import remark, saying
from bot.language.memory import Discourse
from bot.language.parts import FILLER, ORDERS
from bot.language.retouching import written
from bot.language.tokens import Token
from storage.plans import Step

_ALONG = ("顺手", "顺便", "顺带", "顺道", "同时", "还得", "还要", "最后", "跟手")
_RETHINKING = ("算了", "不", "不对", "还是", "等等", "嗯", "哦", "唔")
_LONGEST = 90  # words between two stops; nobody orders with more
_DEEPEST = 3
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
        elif not remark(part):
            for order in _split(_by_the_way(part), lambda token: token.part == "CONJ"):
                _listen(order, discourse)
    return discourse


def _listen(tokens: Sequence[Token], discourse: Discourse) -> None:
    found = _orders_of(tuple(tokens), discourse, 0)
    if found is not None:
        discourse.begged = discourse.begged or any(token.part == "CUE" for token in tokens)
        for step in found:
            discourse.take(step)
        return
    for piece in _split(tokens, lambda token: token.part in ("GAP", "EMOJI")):
        if (intent := saying(piece)) is not None:
            discourse.sayings.append(intent)
    now = discourse.clause(tokens)
    if not discourse.add(now) and not _empty(now.tokens):
        discourse.unread.append(tokens)


def _orders_of(tokens: tuple[Token, ...], discourse: Discourse, depth: int) -> list[Step] | None:
    """The steps of one clause; if it fits no frame as it stands, it is cut where people leave out the comma."""
    discourse.patience -= 1
    if discourse.patience < 0 or len(tokens) > _LONGEST:
        return None
    if (words := written(discourse.clause(tokens))) is not None and words.content:
        return [words]  # 加日期 2024.10.1
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
        discourse.steps += first or []  # what it leans on
        second = _orders_of(right, discourse, depth + 1)
        del discourse.steps[len(discourse.steps) - len(first or []) :]
        if second is not None:
            return (first or []) + second
        if first and _aside(left, right):
            return first
    return None


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
    if left[-1].part != "PART" and right[0].part not in ("BAD", "STRONG", "EMOJI", "GAP", "SOFT"):
        return False
    return not any(token.part in (*ORDERS, "NEG", "VETO", "NOWANT") for token in right)


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
