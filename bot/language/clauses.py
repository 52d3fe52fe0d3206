"""One clause: what it says once politeness and filler are gone, and the flags these words leave behind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.language.tokens import Token

ORDERS = ("BA", "BECOME", "REMOVE", "DEL", "REPLACE", "ADD", "PUT", "TO", "CHANGE", "WEAR", "SHIFT", "MAKE", "DRAW", "DO", "USE")
_DROPPED = ("NOISE", "PART", "GAP", "CONJ", "MORE", "SOFT", "LEHK")
_BEFORE_NOUN = ("BA", "BECOME", "REMOVE", "DEL", "ADD", "PUT", "DET", "NUM", "M", "POS", "AND", "GIVE", "MAKE", "CHANGE", "USE", "REPLACE")
_OUTSIDE = (*_BEFORE_NOUN, "DE", "CUE", "MODAL", "WISH", "NOISE", "STOP", "WANT")
_CLAUSE_VERBS = ("WEAR", "TO", "STAND", "ADD", "PUT", "NEG", "DO", "MODAL", "TUNE", "SHIFT", "USE", "MOD", "BAD")
_ATTRIBUTES = ("COLOR", "MOD", "NUM", "M", "STRONG", "SLIGHT", "STYLE", "MORE", "X")


@dataclass(frozen=True, slots=True)
class Clause:
    """``tokens`` are what is left of a clause; the rest is what was taken out of it."""

    tokens: tuple[Token, ...]
    text: str
    photos: int
    asked: bool = False  # 请, 帮我, 能不能, 我想: somebody is asked to do it
    wished: bool = False  # 我想, 想要
    question: bool = False  # … 吗
    done: bool = False  # … 了: it has happened
    doubtful: bool = False  # 怎么, 如果, 昨天: a question or a story
    denied: bool = False  # 别, 不用: not to be done
    addressed: bool = False  # 你 …: the bot itself is spoken of
    followed: bool = False  # a clause before has named what it is about
    strength: str = "normal"


def clause(some: Sequence[Token], text: str, photos: int) -> Clause:
    """Take politeness and filler out of ``some`` and remember what they said."""
    left = _relative([token for token in some if token.part != "GAP"])
    kept: list[Token] = []
    asked = wished = question = done = denied = False
    strength = "normal"
    told = addressed = False
    except_for = next((at for at, token in enumerate(left) if token.word in ("除了", "除咗")), None)
    if except_for is not None and except_for + 2 < len(left):  # 除了我其他人
        outside = except_for + 2 < len(left) and left[except_for + 2].word in ("以外", "之外", "外")
        del left[except_for : except_for + (3 if outside else 2)]
    for at, token in enumerate(left):
        behind = left[at + 1 :]
        following = behind[0].part if behind else ""
        if token.word in ("给我", "给我们", "帮我") and _worn_by_me(token, behind):
            kept += _halves(token, "GIVE", "PRON")
            asked = True
        elif token.part in ("CUE", "MODAL", "WISH"):
            asked, wished = True, wished or token.part == "WISH"
        elif token.part == "WANT" and (not kept or following in (*ORDERS, "GIVE", "AT") or kept[-1].word in ("我", "我们")):
            asked = wished = True
            if kept and kept[-1].word in ("我", "我们") and following in ORDERS:
                kept.pop()
            elif kept and following in ORDERS and (kept[-1].value == "person" or kept[-1].part == "PRON"):
                told = True  # 客户又要改成红色: somebody else wants it
        elif token.part in ("SLIGHT", "STRONG") and not _attributive(behind):
            if token.word in ("点", "些") and kept and following in ("NOUN", "X", "NAME") and kept[-1].part in ("POS", "DE"):
                continue  # 后面些人
            if token.word in ("点", "些") and kept and kept[-1].part in ("ADD", "DO", "PUT", "CHANGE", "WEAR", "BECOME"):
                continue
            strength = "slight" if token.part == "SLIGHT" else "strong"
        elif token.part == "QUES" or (token.word in ("没", "不", "未", "没有", "否") and not _rest(behind) and kept):
            question = True
        elif token.word in ("如何", "怎么样", "怎样", "咋样") and kept and not _rest(behind):
            asked = True
        elif token.word == "会" and any(other.part == "DE" for other in behind):
            kept.append(_plain(token))  # 会飞的猪
        elif token.part == "BA" and kept and kept[-1].part in ("ADD", "DO", "PUT", "DRAW", "NUM") and token.word == "把":
            kept.append(Token(token.word, "M", token.word, token.start, token.end))  # 加把椅子
        elif token.word in ("p", "弄", "整", "搞", "修", "调", "拉") and following in ("MOD", "COLOR"):
            kept.append(Token(token.word, "TUNE", "", token.start, token.end))
        elif token.word in ("我", "我们") and not kept and following == "NOWANT":
            pass
        elif token.part == "SPREAD":
            counted = following in ("NUM", "M") or token.word == "多" and following == "DRAW"
            kept.append(replace(token, part="ADD" if token.word == "多" else "PUT") if counted else _plain(token))
        elif token.word == "整个" and following not in ("PHOTO", "") and behind[0].value != "background" and (not kept or kept[-1].part == "PRON"):
            kept += _halves(token, "DO", "M")  # 给我整个寸头
        elif token.word == "很":
            if any(k.part in ("BA", "MAKE", "BECOME", "GIVE") for k in kept):
                strength = "strong"
            else:
                kept.append(token)
        elif token.word in ("还有", "以及") and not kept:
            pass
        elif token.part == "VETO" and len(token.word) == 1 and kept and kept[-1].word in ("小", "阿", "老"):
            kept.append(_plain(token))  # 小刚
        elif token.word in ("系", "套") and kept and kept[-1].part not in ("NUM", "DET") and following in ("M", "NUM", "COLOR"):
            kept.append(replace(token, part="WEAR"))
        elif token.word == "好" and kept and kept[-1].part == "WEAR":
            told = True  # 戴好头盔 is said to people
        elif token.word == "只" and following in ORDERS:
            pass
        elif token.part in _DROPPED:
            asked = asked or token.word in ("好吗", "好不好", "行吗", "可以吗", "行不行", "怎么样", "谢谢", "不该", "拜托了", "行不", "可以不")
        elif token.part == "LE" and not _rest(behind) and token.word != "着":
            done = True
        elif token.part == "BA" and token.word == "把" and not behind and kept:
            pass  # 换成狗把: a slip for 吧
        elif token.part == "EMOJI" and not _content(kept, following):
            if kept and kept[-1].part in ("NOUN", "X", "PLACE") and _rest(behind):
                kept.append(token)
        elif token.word == "你" and (not kept or following in ("BA", "MODAL", "CUE", "NOISE")):
            addressed = True
        elif token.part == "GIVE" and following in ("REMOVE", "DEL", "VANISH", "BECOME", "CHANGE"):
            pass
        elif token.word == "在" and following in ("BA", "ADD", "REMOVE", "CHANGE", "BECOME"):
            pass  # 在加一个: a slip for 再
        elif token.word in ("那", "这", "那个", "所以") and not kept and following in ("BA", "CUE", "MODAL", "REMOVE", "ADD", "WISH"):
            pass
        elif token.word in ("吧", "八", "巴") and not kept and any(other.part in ("BECOME", "REMOVE", "TO") for other in behind):
            kept.append(Token("把", "BA", "", token.start, token.end))
        elif token.part == "PRON" and token.word in ("它", "他", "它们", "他们", "她") and any(k.part in ("REMOVE", "DEL") for k in kept) and not _rest(behind):
            pass  # 弄走它: the thing has been named
        else:
            kept.append(token)
    while len(kept) > 1 and kept[-1].part == "NUM" and kept[-1].word.isdigit():
        kept.pop()  # the number of the next item of a list
    while len(kept) > 1 and kept[0].part == "NUM" and kept[0].word.isdigit() and kept[1].part in ORDERS:
        kept = kept[1:]
    if kept and kept[0].part == "PART":
        kept = kept[1:]
    denied = bool(kept) and kept[0].part == "NEG"
    denied = denied or any(t.part == "NEG" and n.part in ORDERS and n.part != "WEAR" for t, n in zip(kept, kept[1:], strict=False))
    denied = denied or (bool(kept) and kept[-1].part == "NOWANT" and any(token.part in ORDERS for token in kept))
    denied = denied or (len(kept) > 1 and kept[0].part == "NOWANT" and kept[1].part in ORDERS)
    doubtful = told or any(token.part == "VETO" for token in kept)
    return Clause(tuple(kept), text, photos, asked, wished, question, done, doubtful, denied, addressed, strength=strength)


def _worn_by_me(token: Token, behind: Sequence[Token]) -> bool:
    """给我戴个墨镜: here 给我 says who is to wear it, elsewhere it only asks."""
    if not behind or behind[0].word != "整个" and behind[0].part not in ("WEAR", "ADD", "CHANGE", "DO", "PUT", "BECOME"):
        return False
    if token.word == "帮我" and behind[0].part != "WEAR":
        return False
    end = next((at for at, other in enumerate(behind) if other.part in ("STOP", "CONJ", "SOFT", "BA")), len(behind))
    return any(other.part == "NOUN" and other.value in ("wearable", "hair", "clothes") for other in behind[:end]) and not any(
        other.part in ("DE", "BECOME") for other in behind[1:end]
    )


def _halves(token: Token, first: str, second: str) -> list[Token]:
    """A token of two words as these two."""
    middle = token.start + 1
    return [
        Token(token.word[:1], first, "", token.start, middle),
        Token(token.word[1:], second, token.word[1:] if second == "M" else "", middle, token.end),
    ]


def _rest(behind: Sequence[Token]) -> bool:
    """Whether anything but filler follows."""
    return any(t.part not in (*_DROPPED, "EMOJI", "QUES", "LE") and t.word not in ("谢谢",) for t in behind)


def _content(kept: Sequence[Token], following: str) -> bool:
    """Whether an emoji is a word of the sentence (把🐱换成🐶), not decoration."""
    if kept and kept[-1].part in ("BA", "BECOME", "ADD", "NUM", "DET", "GIVE", "PUT", "M"):
        return True
    if kept and kept[-1].part == "DE":
        return following in ORDERS
    return not kept and following in ("BECOME", "REMOVE") or len(kept) == 1 and kept[0].part == "REMOVE"


def _attributive(behind: Sequence[Token]) -> bool:
    """Whether 一点, 很 belong to a word before 的: 大一点的气球."""
    for at, token in enumerate(behind[:3]):
        if token.part == "DE":
            return at + 1 < len(behind) and behind[at + 1].part not in (*_DROPPED, "EMOJI", "STOP")
        if token.part in ORDERS:
            return False
    return False


def _plain(token: Token) -> Token:
    return Token(token.word, "X", "", token.start, token.end)


def _relative(left: list[Token]) -> list[Token]:
    """Verbs inside a clause that describes a thing (戴帽子的男生) give no order: they become plain words."""
    for end, token in enumerate(left):
        if token.part != "DE" or end + 1 >= len(left) or left[end + 1].part in (*_DROPPED, "BECOME", "REMOVE", "QUES", "LE"):
            continue
        if end > 1 and left[end - 1].part in ("WEAR", "USE", "STAND"):
            left = [_plain(t) if at == end - 1 else t for at, t in enumerate(left)]
        start = end
        while start > 0 and (left[start - 1].part not in _OUTSIDE or left[start - 1].word == "拿"):
            start -= 1
        inside = left[start:end]
        if len(inside) > 1 and inside[-1].part in ("WEAR", "USE", "STAND", "PUT") and left[end + 1].part != "COLOR":
            left = [_plain(t) if start <= at < end and t.part in (*_CLAUSE_VERBS, "POS") else t for at, t in enumerate(left)]
            continue
        if not inside or inside[0].part not in _CLAUSE_VERBS or all(t.part in _ATTRIBUTES for t in inside):
            continue
        if inside[0].part == "MOD" and all(t.part in ("MOD", "X", "STRONG", "SLIGHT") for t in inside):
            continue
        orders = any(t.part in ORDERS for t in left[end + 1 :])
        if start == 0 and not orders:
            continue
        if start > 0 and left[start - 1].part in ("POS", "M") and inside[0].part in ("ADD", "PUT", "DO", "STAND", "TO", "WEAR") and not orders:
            if not any(t.part in ORDERS for t in left[: start - 1]):
                continue
        left = [_plain(t) if start <= at < end and t.part not in ("POS", "PRON", "NAME") else t for at, t in enumerate(left)]
    return left
