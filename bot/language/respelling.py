"""Words whose part depends on their neighbours: 把 in 加把椅子 measures, 多 in 多几朵云 adds, 站 in 站在左边的男生 orders nothing."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from bot.language.parts import BEFORE_NOUN, FILLER, ORDERS
from bot.language.slips import SLIPS, Rule, following
from bot.language.tokens import Token

_OUTSIDE = (*BEFORE_NOUN, "DE", "CUE", "MODAL", "WISH", "NOISE", "STOP", "WANT")
_CLAUSE_VERBS = ("WEAR", "TO", "STAND", "ADD", "PUT", "NEG", "DO", "MODAL", "TUNE", "SHIFT", "USE", "MOD", "BAD")
_BEHIND_NOUN = ("REMOVE", "BECOME", "REPLACE", "CHANGE", "TO", "NOWANT", "DEL")
_WHOLE_VERBS = "p换改变转染涂去删擦消抹清除抠"  # never the end of a noun
_LASTING = ("正在", "刚刚", "刚", "已经", "经常", "总是", "一直", "刚才", "刚买", "昨天", "以前", "那天", "当时")
_ATTRIBUTES = ("COLOR", "MOD", "NUM", "M", "STRONG", "SLIGHT", "STYLE", "MORE", "X")


def respelled(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """What the word is in this place, where that is not what the lexicon says."""
    for rule in _rules(token.word, token.part):
        if (found := rule(token, kept, behind)) is not None:
            return found
    return None


@lru_cache(maxsize=8192)
def _rules(word: str, part: str) -> tuple[Rule, ...]:
    """The rules that look at such a word."""
    seen = {*_rules_by_word().get(word, ()), *_rules_by_word().get(part, ())}
    return tuple(_RULES[at][1] for at in sorted(seen))


@lru_cache(maxsize=1)
def _rules_by_word() -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, (words, _) in enumerate(_RULES):
        for word in words.split():
            places.setdefault(word, []).append(at)
    return places


def relative(left: list[Token]) -> list[Token]:
    """Verbs inside a clause that describes a thing (戴帽子的男生) give no order: they become plain words."""
    for end, token in enumerate(left):
        if token.part != "DE" or end + 1 >= len(left):
            continue
        if left[end + 1].part in (*FILLER, "QUES", "LE"):
            continue
        if end > 1 and left[end - 1].part in ("WEAR", "USE", "STAND"):
            left = [_plain(t) if at == end - 1 else t for at, t in enumerate(left)]
        start = end
        while start > 0 and (left[start - 1].part not in _OUTSIDE or left[start - 1].word == "拿"):
            start -= 1
        if left[end + 1].part not in ("BECOME", "REMOVE") and _describes(left, start, end):
            spared = ("POS", "PRON", "NAME")
            left = [_plain(t) if start <= at < end and t.part not in spared else t for at, t in enumerate(left)]
    return left


def _describes(left: Sequence[Token], start: int, end: int) -> bool:
    """Whether the words from ``start`` to the 的 at ``end`` are a clause about a thing, and no order."""
    inside = left[start:end]
    if not inside or inside[0].part not in _CLAUSE_VERBS or all(t.part in _ATTRIBUTES for t in inside):
        return False
    orders_behind = any(token.part in ORDERS for token in left[end + 1 :])
    if start == 0:
        return orders_behind
    loose = left[start - 1].part in ("POS", "M") and inside[0].part in ("ADD", "PUT", "DO", "STAND", "TO", "WEAR")
    return not loose or orders_behind or any(token.part in ORDERS for token in left[: start - 1])


def _worn_by_me(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """给我戴个墨镜: here 给我 says who is to wear it, elsewhere it only asks."""
    behind = [other for other in behind if other.part not in FILLER]
    if token.word not in ("给我", "给我们", "帮我") or not behind or (kept and kept[-1].value == "clothes"):
        return None  # 衣服给我换成旗袍
    if behind[0].word != "整个" and behind[0].part not in ("WEAR", "ADD", "CHANGE", "DO", "PUT", "BECOME"):
        return None
    if token.word == "帮我" and behind[0].part != "WEAR":
        return None
    end = next((at for at, other in enumerate(behind) if other.part in ("STOP", "CONJ", "SOFT", "BA")), len(behind))
    worn = any(other.part == "NOUN" and other.value in ("wearable", "hair", "clothes") for other in behind[:end])
    if not worn or any(other.part == "BECOME" for other in behind[1:end]):
        return None
    return _halves(token, "GIVE", "PRON")


def _flying(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """会飞的猪; 小刚."""
    describes = token.word == "会" and any(other.part == "DE" for other in behind)
    describes = describes or (token.word in _LASTING and not kept and any(o.part == "DE" for o in behind[:4]))
    held = bool(kept) and kept[0].part in ("BA", "REMOVE") and token.word not in ("谁", "什么", "哪", "怎么")
    describes = describes or (held and any(other.part == "DE" for other in behind[:4]))  # 把不小心入镜的手指去掉
    named = len(token.word) == 1 and bool(kept) and kept[-1].word in ("小", "阿", "老")
    return [_plain(token)] if describes or named else None


def _a_chair(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """加把椅子."""
    measures = token.word == "把" and bool(kept) and kept[-1].part in ("ADD", "DO", "PUT", "DRAW", "NUM")
    return [replace(token, part="M", value="把")] if measures else None


def _excepts(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """同埋除咗副眼鏡: away with it, where nothing is excepted."""
    return [replace(token, part="REMOVE", value="")] if not kept and following(behind) in ("M", "NOUN") else None


def _together(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """茶壶和茶杯一块挪到左边."""
    return [] if kept and following(behind) in ORDERS else None


def _wholly(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """背景颜色整个淡粉."""
    return [] if kept and kept[-1].part == "NOUN" and following(behind) in ("COLOR", "BECOME", "CHANGE") else None


def _so(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """结果混进来一个人: no fruit."""
    return [] if not kept and behind else None


def _numbered(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """鐵達尼號的船頭."""
    return [_plain(token)] if kept and kept[-1].part == "X" else None


def _tied(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """系个领结, 套件毛衣."""
    if token.word in ("打", "别") and kept and len(behind) > 1 and behind[0].part in ("M", "NUM"):
        worn = any(other.value in ("wearable", "clothes") for other in behind[1:4])
        return [replace(token, part="WEAR", value="")] if worn else None
    if token.word not in ("系", "套") or not kept or kept[-1].part in ("NUM", "DET"):
        return None
    return [replace(token, part="WEAR")] if following(behind) in ("M", "NUM", "COLOR") else None


def _some(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """加点雪, 后面些人: no degree but an amount."""
    if token.word == "些" and following(behind) in ("NOUN", "X"):
        return []  # 啲路人P走佢
    if token.word not in ("点", "些") or not kept:
        return None
    if kept[-1].part in ("ADD", "DO", "PUT", "CHANGE", "WEAR", "BECOME"):
        return []
    return [] if kept[-1].part in ("POS", "DE", "SIDE") and following(behind) in ("NOUN", "X", "NAME") else None


def _heaped(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """堆个雪人, 捧束花: a measure word that orders here."""
    orders = token.part == "M" and not kept and following(behind) in ("M", "NUM") and token.word in "堆捧串挂支排摞扎"
    return [replace(token, part="PUT", value="")] if orders else None


def _spot(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """空地上: the place is 空地."""
    return [] if token.part == "SIDE" and kept and kept[-1].part == "SPOT" else None


def _compound(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """輸液架去掉, 啤酒瓶弄没, 车漆改成粉红: a measure word or a verb that ends a noun."""
    if not kept or kept[-1].part not in ("X", "NOUN", "PLACE") or kept[-1].value == "chatty" or len(token.word) > 1:
        return None
    behind = [other for other in behind if other.part not in ("NOISE", "MODAL", "CUE", "GIVE")]
    if token.part == "M":
        ends = not behind or behind[0].part in (*_BEHIND_NOUN, "DE", "STOP", "PART")
    else:
        ends = token.word not in _WHOLE_VERBS and following(behind) in _BEHIND_NOUN and len(behind[0].word) > 1
    return [_plain(token)] if ends else None


# The words, or the parts (in capitals), that a rule looks at.
_RULES: tuple[tuple[str, Rule], ...] = (
    ("给我 给我们 帮我", _worn_by_me),
    ("VETO", _flying),
    ("把", _a_chair),
    ("除了", _excepts),
    ("整个", _wholly),
    ("结果", _so),
    ("一块 一块儿", _together),
    ("号", _numbered),
    ("打 别 系 套", _tied),
    ("点 些", _some),
    ("M", _heaped),
    ("SIDE", _spot),
    ("M CHANGE ADD DEL PUT", _compound),
    *SLIPS,
)


def _plain(token: Token) -> Token:
    return replace(token, part="X", value="")


def _halves(token: Token, first: str, second: str) -> list[Token]:
    """A token of two words as these two."""
    middle, word = token.start + 1, token.word[1:]
    return [
        Token(token.word[:1], first, "", token.start, middle),
        Token(word, second, word if second == "M" else "", middle, token.end),
    ]
