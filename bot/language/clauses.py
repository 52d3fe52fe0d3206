"""One clause: what it says once politeness and filler are gone, and the flags these words leave behind."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import lexicon
from bot.language.parts import FILLER, ORDERS
from bot.language.respelling import relative, respelled
from bot.language.tokens import Token

_ASKING = (
    "好吗", "好不好", "行吗", "可以吗", "行不行", "怎么样", "谢谢", "不该", "拜托了", "行不", "可以不",
)  # fmt: skip
_ADVERBS = ("稍微", "微微", "略微", "稍稍", "稍", "完全", "彻底", "完完全全", "彻彻底底")
_STATED = lexicon.STATED.split()
_AMOUNTS = ("多一点", "多点", "多一些", "多些", "多一点点")
_EXCEPTING = ("以外", "之外", "外", "都", "全", "全都", "全部", "其他", "其它", "其他人", "别的", "其余", "统统")
_UNHEARD = ("CUE", "MODAL", "WISH", "PART", "GAP", "EMOJI", "QUES", "SLIGHT", "SOFT", "CONJ")
_THEM = ("它", "他", "她", "它们", "他们")


@dataclass(frozen=True, slots=True)
class Clause:
    """``tokens`` are what is left of a clause; the rest is what was taken out of it."""

    tokens: tuple[Token, ...]
    text: str
    photos: int
    asked: bool = False  # 请, 帮我, 能不能, 我想: somebody is asked to do it
    wished: bool = False  # 我想, 想要
    begged: bool = False  # 请, 帮我
    question: bool = False  # … 吗
    done: bool = False  # … 了: it has happened
    doubtful: bool = False  # 怎么, 如果, 昨天: a question or a story
    denied: bool = False  # 别, 不用: not to be done
    addressed: bool = False  # 你 …: the bot itself is spoken of
    followed: bool = False  # a clause before has named what it is about
    strength: str = "normal"
    span: tuple[int, int] = (0, 0)  # where it stands in the text, politeness and all
    heard: tuple[Token, ...] = ()  # its words before any was taken for another: 扩成 is no slip for 换成


def clause(some: Sequence[Token], text: str, photos: int, *, sure: bool = False) -> Clause:
    """Take politeness and filler out of ``some`` and remember what they said. ``sure``: it can only be an order."""
    left = _without_helped(_without_origin(_without_exception(relative([t for t in some if t.part != "GAP"]))))
    kept: list[Token] = []
    asked = sure
    wished = begged = question = done = stated = addressed = False
    strength = "normal"
    for at, token in enumerate(left):
        behind = left[at + 1 :]
        following = behind[0].part if behind else ""
        if (instead := respelled(token, kept, behind)) is not None:
            if token.word in ("成", "掉") and len(kept[-1].word) == 1 and kept[-1].part == "X":
                kept.pop()  # the slip: 曲掉
            kept += instead
            asked = asked or (len(instead) == 2 and instead[0].part == "GIVE")
        elif token.part == "REMOVE" and kept and kept[-1].word == token.word:
            continue  # 去掉去掉
        elif token.word == "还是" and kept and _rest(behind) and any(t.word in ("好看", "好", "合适") for t in left):
            stated = True  # 换成红色好看还是蓝色好看
        elif token.part in ("CUE", "MODAL", "WISH"):
            asked = asked or token.part != "MODAL" or _rest(behind)  # 这夜景可以啊 asks for nothing
            wished = wished or token.part == "WISH"
            begged = begged or token.part == "CUE"
        elif token.part == "WANT" and _wish(kept, following):
            asked = wished = True
            if kept and following in ORDERS and kept[-1].word in ("我", "我们"):
                kept.pop()
            elif kept and following in ORDERS:
                stated = stated or kept[-1].value == "person" or kept[-1].part == "PRON"  # 客户又要改成红色
        elif token.word in _STATED and kept and not any(other.part in ORDERS for other in kept):
            done = True
        elif token.word == "一" and kept and behind and kept[-1].word == behind[0].word:
            kept.pop()  # 笑一笑
            asked = asked or photos > 0
        elif token.word in _AMOUNTS and kept and photos and not _rest(behind) and _amounts(kept):
            if kept[-1].part == "ADD":
                kept.pop()  # 头发P多点
            kept.append(replace(token, word=token.word[0], part="MOD", value="", end=token.start + 1))
            strength = "slight"  # 云多一点
        elif token.part in ("SLIGHT", "STRONG") and (token.word in _ADVERBS or not _attributive(behind)):
            strength = "slight" if token.part == "SLIGHT" else "strong"
        elif token.word == "很" and any(other.part in ("BA", "MAKE", "BECOME", "GIVE") for other in kept):
            strength = "strong"
        elif token.part == "QUES" or (kept and token.word in ("没", "不", "未", "没有", "否") and not _rest(behind)):
            question = True
        elif token.word in ("如何", "怎么样", "怎样", "咋样") and kept and not _rest(behind):
            asked = True
        elif token.word in ("好看", "合适", "值") and kept and following == "QUES" and not begged:
            stated = True  # 背景墙做成木色好看吗
        elif token.word == "好" and kept and kept[-1].part == "WEAR":
            stated = True  # 戴好头盔 is said to people
        elif token.part in FILLER:
            asked = asked or token.word in _ASKING
        elif token.part == "LE" and not _rest(behind) and token.word != "着":
            done = True
        elif token.word == "完" and kept and kept[-1].part in ORDERS and _rest(behind):
            done = True  # 换完背景之后
        elif token.word == "你" and (not kept or following in ("BA", "MODAL", "CUE", "NOISE")):
            addressed = True
        elif not _superfluous(token, kept, behind):
            kept.append(token)
    styled = any(token.part == "STYLE" for token in kept)
    if (
        wished
        and photos
        and not styled
        and len(kept) > 2
        and kept[-1].word in ("样子", "模样")
        and kept[-2].part == "DE"
    ):
        kept, asked = kept[:-2], True  # 想看扫把变金箍棒的样子
    kept = _unnumbered(kept)
    stated = stated or (question and left[0].word in ("要", "需要"))  # 要换背景吗
    doubtful = (stated and not sure) or any(token.part == "VETO" for token in kept)
    return Clause(
        tuple(kept),
        text,
        photos,
        asked,
        wished,
        begged,
        question,
        done,
        doubtful,
        _denied(kept),
        addressed,
        strength=strength,
        span=(some[0].start, some[-1].end) if some else (0, 0),
        heard=tuple(token for token in some if token.part not in _UNHEARD),
    )


def _amounts(kept: Sequence[Token]) -> bool:
    return kept[-1].part == "NOUN" or (len(kept) > 1 and kept[-1].word == "p" and kept[-2].part == "NOUN")


def _superfluous(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> bool:
    """Words that only here say nothing."""
    following = behind[0].part if behind else ""
    if token.part == "EMOJI" and not _content(token, kept, following):
        return not (kept and kept[-1].part in ("NOUN", "X", "PLACE") and _rest(behind))
    if token.part == "GIVE":  # 给P掉了
        return following in ("REMOVE", "DEL", "VANISH", "BECOME", "CHANGE", "ADD")
    if token.part == "PRON" and token.word in _THEM and not _rest(behind):  # 弄走它: the thing has been named
        removed = any(other.part in ("REMOVE", "DEL", "TUNE") for other in kept)
        return removed or (bool(kept) and kept[-1].part == "MOD")
    if token.word == "只" and following in ORDERS:
        return True
    if token.word in ("好看", "漂亮") and kept and kept[-1].part == "COLOR" and not _rest(behind):
        return True  # 门换成蓝色好看
    if token.word == "度" and not kept and following in ("NOUN", "X"):
        return True  # 度門: a measure word in Cantonese
    if token.part == "JOIN" and any(other.part in ("TO", "AT", "STAND") for other in kept) and not _rest(behind):
        return True  # 企喺富士山前面影相
    if token.word in ("整体", "全部", "全图") and kept and kept[-1].part in ("NOUN", "X", "NAME"):
        return True  # 将人物整体提亮
    if token.part == "BA" and behind and behind[0].part == "BA":
        return True  # 將把遮變做紅色
    if not kept:
        if token.part == "PRON" and following == "TOWARD" and any(other.part == "ADD" for other in behind):
            return True  # 咱往院子里添一架秋千
        if token.part == "AND" and following in (*ORDERS, "GIVE"):
            return True  # 同埋加隻貓
        if token.word in ("那", "这", "那个"):
            return following in ("BA", "CUE", "MODAL", "REMOVE", "ADD", "WISH")
        return token.word in ("还有", "以及", "同埋") or (token.word in ("我", "我们") and following == "NOWANT")
    return False


def _wish(kept: Sequence[Token], following: str) -> bool:
    """Whether 要 wishes for something to be done, and is not the verb of the clause (裙子要粉色的)."""
    return not kept or following in (*ORDERS, "GIVE", "AT") or kept[-1].word in ("我", "我们")


def _denied(kept: Sequence[Token]) -> bool:
    """别换背景; 换脸不要; 不要P掉小明."""
    if not kept:
        return False
    if kept[0].part == "NEG" or (len(kept) > 1 and kept[0].part == "NOWANT" and kept[1].part in ORDERS):
        return True
    if kept[-1].part == "NOWANT" and any(token.part in ORDERS for token in kept):
        return True
    return any(a.part == "NEG" and b.part in ORDERS and b.part != "WEAR" for a, b in itertools.pairwise(kept))


def _without_exception(left: list[Token]) -> list[Token]:
    """除了我其他人 → 其他人."""
    at = next((at for at, token in enumerate(left) if token.word in ("除了", "除咗")), None)
    if at is None or at + 2 >= len(left) or not any(t.word in _EXCEPTING for t in left[at + 1 :]):
        return left
    return left[:at] + left[at + (3 if left[at + 2].word in ("以外", "之外", "外") else 2) :]


def _without_helped(left: list[Token]) -> list[Token]:
    """你帮奶奶把这花换成牡丹: who is to be helped is nobody in the photo."""
    for at in range(len(left) - 2):
        if left[at].word == "帮" and left[at + 1].value == "person" and left[at + 2].part == "BA":
            return left[:at] + left[at + 2 :]
    return left


def _without_origin(left: list[Token]) -> list[Token]:
    """把前男友从照片里清除 → 把前男友清除; 从白的改成黑的 → 改成黑的."""
    start = next((at for at, token in enumerate(left) if token.word in ("从", "打", "由")), None)
    if start is None:
        return left
    end = start + 1
    there = next((at for at in range(start + 2, min(len(left), start + 5)) if left[at].value == "move"), None)
    if there is not None and all(t.part in ("POS", "PLACE", "NOUN", "X", "SIDE") for t in left[start + 1 : there]):
        return left[:start] + left[there:]  # 把我从边边挪到正当中
    while end < len(left) and left[end].part in ("DET", "M", "PHOTO", "SIDE", "PRON", "DE"):
        end += 1
    side = next((at for at in range(start + 2, min(len(left), start + 5)) if left[at].part == "SIDE"), None)
    if side is not None and side + 1 < len(left) and left[side + 1].part in ("REMOVE", "TO", "SHIFT"):
        return left[:start] + left[side + 1 :]  # 把手机从手里拿掉
    if end == start + 1 and end < len(left) and left[end].part == "COLOR":
        end += 2 if end + 1 < len(left) and left[end + 1].part == "DE" else 1
        return left[:start] + left[end:] if end < len(left) and left[end].part in ("BECOME", "CHANGE") else left
    return left[:start] + left[end:] if any(t.part == "PHOTO" for t in left[start:end]) else left


def _unnumbered(kept: list[Token]) -> list[Token]:
    """Without the numbers of a list: 1去掉水印 2 …"""
    while len(kept) > 1 and kept[-1].part == "NUM" and kept[-1].word.isdigit():
        kept = kept[:-1]
    while len(kept) > 1 and kept[0].part == "NUM" and kept[0].word.isdigit() and kept[1].part in ORDERS:
        kept = kept[1:]
    return kept


def _rest(behind: Sequence[Token]) -> bool:
    """Whether anything but filler follows."""
    return any(token.part not in (*FILLER, "EMOJI", "QUES", "LE") for token in behind)


def _content(emoji: Token, kept: Sequence[Token], following: str) -> bool:
    """Whether an emoji is a word of the sentence (把🐱换成🐶), not decoration."""
    adorns = emoji.word[0] in lexicon.ADORNMENTS
    if not kept:
        return following in (("BECOME", "REMOVE") if adorns else (*ORDERS, "GIVE", "NOWANT", "WANT"))
    if kept[-1].part == "DE":
        return following in ORDERS or not adorns
    before = ("BA", "BECOME", "ADD", "NUM", "DET", "GIVE", "PUT", "M")
    if kept[-1].part in before or (len(kept) == 1 and kept[0].part == "REMOVE" and not adorns):
        return True
    return not adorns and kept[-1].part in ("WEAR", "REMOVE", "CHANGE", "REPLACE", "USE", "MAKE", "POS", "DO", "INTO")


def _attributive(behind: Sequence[Token]) -> bool:
    """Whether 一点, 很 belong to a word before 的: 大一点的气球."""
    for at, token in enumerate(behind[:3]):
        if token.part == "DE":
            return at + 1 < len(behind) and behind[at + 1].part not in (*FILLER, "EMOJI", "STOP")
        if token.part in ORDERS:
            return False
    return False
