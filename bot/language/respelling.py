"""Words whose part depends on their neighbours: 把 in 加把椅子 measures, 多 in 多几朵云 adds, 站 in 站在左边的男生 orders nothing."""

import itertools
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
        headless = left[end + 1].part in ("BECOME", "REMOVE")  # 穿西装的换成…
        if left[end + 1].part in (*FILLER, "QUES", "LE"):
            continue
        if end > 1 and left[end - 1].part in ("WEAR", "USE", "STAND"):
            left = [_plain(t) if at == end - 1 else t for at, t in enumerate(left)]
        start = end
        while start > 0 and (left[start - 1].part not in _OUTSIDE or left[start - 1].word == "拿"):
            start -= 1
        inside = left[start:end]
        if headless:
            if len(inside) > 1 and inside[0].part in ("WEAR", "STAND") and not any(t.part == "POS" for t in inside):
                left = [_plain(t) if start <= at <= end else t for at, t in enumerate(left)]
            continue
        if len(inside) > 1 and inside[-1].part == "PUT" and left[end + 1].part != "COLOR":
            kinds: tuple[str, ...] = (*_CLAUSE_VERBS, "POS")
            left = [_plain(t) if start <= at < end and t.part in kinds else t for at, t in enumerate(left)]
        elif _describes(left, start, end):
            spared = ("POS", "PRON", "NAME")
            left = [_plain(t) if start <= at < end and t.part not in spared else t for at, t in enumerate(left)]
    return left


def _describes(left: Sequence[Token], start: int, end: int) -> bool:
    """Whether the words from ``start`` to the 的 at ``end`` are a clause about a thing, and no order."""
    inside = left[start:end]
    if not inside or inside[0].part not in _CLAUSE_VERBS or all(t.part in _ATTRIBUTES for t in inside):
        return False
    if inside[0].part == "MOD" and all(t.part in ("MOD", "X", "STRONG", "SLIGHT") for t in inside):
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
    if any(b.part == "DE" and a.part not in ("COLOR", "MOD") for a, b in itertools.pairwise(behind[:end])):
        return None
    return _halves(token, "GIVE", "PRON")


def _for_mine(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """帮我老公加个胡子: 我 is whose husband he is."""
    mine = token.word in ("帮我", "给我", "帮俺", "给俺") and bool(behind) and behind[0].value in ("person", "pet")
    if not mine or len(behind) < 3 or behind[1].part not in ("WEAR", "ADD", "CHANGE", "DO", "PUT", "BECOME", "NOISE"):
        return None
    return [replace(token, part="GIVE", value="")]


def _a_whole(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """给我整个寸头: 整 | 个."""
    if following(behind) in ("PHOTO", "", "BECOME", "CHANGE", "TUNE") or behind[0].value == "background":
        return None
    return _halves(token, "DO", "M") if not kept or kept[-1].part == "PRON" else None


def _flying(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """会飞的猪; 小刚."""
    if token.part != "VETO":
        return None
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


def _tuned(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """P瘦, 弄白."""
    tunes = token.word in ("p", "弄", "整", "搞", "修", "调", "拉") and following(behind) in ("MOD", "COLOR")
    return [replace(token, part="TUNE", value="")] if tunes else None


def _counted(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """飘几个气球, 多几朵云."""
    if token.part != "SPREAD":
        return None
    if (
        following(behind) in ("NUM", "M")
        or (following(behind) == "SLIGHT" and behind[0].word in ("点", "些") and len(behind) > 1)
        or (token.word == "多" and following(behind) == "DRAW")
    ):
        return [replace(token, part="PUT" if token.word != "多" and following(behind) != "SLIGHT" else "ADD")]
    return [_plain(token)]


def _excepts(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """同埋除咗副眼鏡: away with it, where nothing is excepted."""
    return [replace(token, part="REMOVE", value="")] if not kept and following(behind) in ("M", "NOUN") else None


def _conjured(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """在手心变一团火."""
    comes = bool(kept) and kept[0].part in ("AT", "POS") and following(behind) in ("NUM", "M")
    return [replace(token, part="ADD", value="")] if comes and token.word in ("变", "变出") else None


def _together(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """茶壶和茶杯一块挪到左边."""
    return [] if kept and following(behind) in ORDERS else None


def _in_a_row(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """添一行大雁."""
    counts = bool(kept) and kept[-1].part in ("ADD", "DO", "PUT") and bool(behind)
    return [replace(token, part="NUM", value="行")] if counts else None


def _under(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """换成樱花树下, 躺在星空下."""
    held = bool(kept) and kept[-1].value in ("thing", "time", "sky") and not behind
    placed = held and any(other.part in ("BECOME", "TO", "AT") for other in kept)
    return [replace(token, part="SIDE", value="bottom")] if placed else None


def _wholly(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """背景颜色整个淡粉."""
    return [] if kept and kept[-1].part == "NOUN" and following(behind) in ("COLOR", "BECOME", "CHANGE") else None


def _so(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """结果混进来一个人: no fruit."""
    return [] if not kept and behind else None


def _treated(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """背景模糊处理一下."""
    ends = bool(kept) and kept[-1].part == "MOD" and not any(o.part not in (*FILLER, "SLIGHT") for o in behind)
    return [] if ends else None


def _centred(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """标题居中."""
    first, second = token.start, token.start + 1
    return [Token("靠", "LEAN", "", first, second), Token("中间", "POS", "center", second, token.end)]


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


def _goes(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """搬架车去右边: 去 is where to."""
    leads = token.word in ("去", "过去", "过来") and any(other.part in ("SHIFT", "BA") for other in kept)
    if leads and behind and behind[0].part == "POS":
        return [replace(token, part="TO", value="move")]
    return None


def _drifts(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """雲往左邊飄一些: behind a direction these move."""
    moves = len(kept) > 1 and kept[-1].part == "POS" and kept[-2].part == "TOWARD"
    return [replace(token, part="SHIFT", value="")] if moves else None


def _fewer(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """A little less, a little more, said of what can be counted: 皱纹少一点."""
    fewer = token.word in ("少", "多") and bool(kept) and following(behind) == "SLIGHT" and len(behind) < 3
    return [replace(token, part="MOD", value="")] if fewer and kept[-1].part == "NOUN" else None


def _flock(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """加群羊; 群 by itself is a chat."""
    counts = token.word == "群" and bool(kept) and kept[-1].part in ORDERS and bool(behind)
    return [replace(token, part="M", value="群")] if counts and behind[0].value in ("pet", "person", "thing") else None


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


def _down(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """往下一点: here 下 is where."""
    points = token.word == "下" and bool(kept) and kept[-1].part == "TOWARD"
    return [replace(token, part="POS", value="bottom")] if points else None


# The words, or the parts (in capitals), that a rule looks at.
_RULES: tuple[tuple[str, Rule], ...] = (
    ("给我 给我们 帮我", _worn_by_me),
    ("帮我 给我 帮俺 给俺", _for_mine),
    ("整个", _a_whole),
    ("VETO", _flying),
    ("把", _a_chair),
    ("p 弄 整 搞 修 调 拉", _tuned),
    ("飘 飞 滚 游 开 划 提 拽 升 转", _drifts),
    ("SPREAD", _counted),
    ("除了", _excepts),
    ("变", _conjured),
    ("一行 一列", _in_a_row),
    ("下", _under),
    ("整个", _wholly),
    ("结果", _so),
    ("处理 处理一下", _treated),
    ("居中", _centred),
    ("一块 一块儿", _together),
    ("号", _numbered),
    ("打 别 系 套", _tied),
    ("点 些", _some),
    ("M", _heaped),
    ("去 过去 过来", _goes),
    ("少 多", _fewer),
    ("群", _flock),
    ("SIDE", _spot),
    ("M CHANGE ADD DEL PUT", _compound),
    ("下", _down),
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
