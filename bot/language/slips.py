"""Slips of the pen that only their neighbours tell: 吧猫换成狗 (把), 家一只兔子 (加), 把裙子编成绿色的 (变成)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.language.parts import ORDERS
from bot.language.tokens import Token

# A rule gets a word, those kept before it and those behind it, and gives what stands in its place, or None.
Rule = Callable[[Token, Sequence[Token], Sequence[Token]], list[Token] | None]


def following(behind: Sequence[Token]) -> str:
    """The part of the next word."""
    return behind[0].part if behind else ""


def _becoming(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """把花瓶还成台灯, 专成素描: a slip in 换成, 转成."""
    if not behind or any(other.part in ("BECOME", "CHANGE", "TO", "ADD") for other in kept):
        return None
    held = any(other.part == "BA" for other in kept[:-1])
    lone = len(kept) == 1 and kept[0].part == "X" and len(kept[0].word) == 1 and behind[0].part in ("STYLE", "PLACE")
    slip = len(kept) > 1 and kept[-1].part == "X" and len(kept[-1].word) == 1 and behind[0].part in ("STYLE", "COLOR")
    return [replace(token, word="换成", part="BECOME")] if held or lone or slip else None


def _become_too(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """把裙子编成绿色的, 猫换乘布丁: slips that are words themselves."""
    held = not kept or any(other.part == "BA" for other in kept) or kept[-1].part in ("NOUN", "NAME")
    fits = held and following(behind) in ("COLOR", "STYLE", "PLACE", "NOUN", "NAME", "NUM")
    return [replace(token, word="变成", part="BECOME")] if fits else None


def _removing(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """那个塑料袋曲掉: a slip in 去掉."""
    slip = len(kept) > 1 and kept[-1].part == "X" and len(kept[-1].word) == 1 and kept[-2].part in ("NOUN", "X")
    return [replace(token, word="去掉", part="REMOVE")] if slip and not behind else None


def _there(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """加一只兔子再前面: a slip for 在."""
    slips = any(other.part == "ADD" for other in kept) and following(behind) == "POS" and len(behind) == 1
    return [replace(token, word="在", part="AT", value="")] if slips else None


def _slip_of_ba(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """吧猫换成狗; 换成狗把."""
    if (
        token.word in ("吧", "八", "巴")
        and not kept
        and any(t.part in ("BECOME", "REMOVE", "TO", "INTO") for t in behind)
    ):
        return [replace(token, word="把", part="BA")]
    return [] if token.word == "把" and token.part == "BA" and kept and not behind else None


def _put_on(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """给他上个妆; 给狗代个帽子, a slip for 戴."""
    if following(behind) not in ("M", "NUM") or not kept or not any(other.part == "GIVE" for other in kept[:1]):
        return None
    if token.word in ("代", "待", "袋"):
        return [replace(token, word="戴", part="WEAR", value="")]
    return [replace(token, part="ADD", value="")] if token.word == "上" and len(kept) > 1 else None


def _cantonese_not(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """唔好再換背景."""
    forbids = token.word == "不好" and not kept and following(behind) in ("SOFT", *ORDERS)
    return [replace(token, part="NEG", value="")] if forbids else None


def _home(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """前面家一只狗: a slip for 加."""
    if token.word == "区" and kept and kept[-1].part == "POS" and not behind:
        return []  # 站到右边区, for 去
    slips = token.word in ("家", "佳", "架") and (not kept or kept[-1].part in ("POS", "SIDE", "CUE"))
    return [replace(token, word="加", part="ADD", value="")] if slips and following(behind) == "NUM" else None


def _of(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """左边得人: a slip for 的."""
    slips = token.word in ("得", "地") and bool(kept) and kept[-1].part in ("POS", "COLOR", "STYLE")
    return [replace(token, word="的", part="DE", value="")] if slips and following(behind) in ("NOUN", "X") else None


def _northern(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """把北京换成海边: nobody exchanges Beijing; a slip for 背景."""
    meant = token.word == "北京" or (token.word == "背影" and any(t.part == "PLACE" for t in behind[1:]))
    lone = meant and (not kept or kept[-1].part in ("BA", "CHANGE"))
    if lone and (not behind or behind[0].part in ("BECOME", "CHANGE", "INTO")):
        return [replace(token, word="背景", part="NOUN", value="background")]
    return None


def _again(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """在加一个: a slip for 再."""
    return [] if token.word == "在" and following(behind) in ("BA", "ADD", "REMOVE", "CHANGE", "BECOME") else None


def _letting(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """嚷狗狗坐下: 让."""
    letting = not kept and bool(behind) and (behind[0].part in ("NAME", "PRON") or behind[0].value in ("pet", "person"))
    return [replace(token, word="让", part="MAKE", value="")] if letting else None


def _asking(token: Token, kept: Sequence[Token], behind: Sequence[Token]) -> list[Token] | None:
    """能换成可乐马: 吗."""
    ordered = any(other.part in ("BECOME", "ADD", "REMOVE") for other in kept)
    ends = ordered and not behind and kept[-1].part in ("NAME", "NOUN", "X", "COLOR", "PLACE")
    return [] if ends else None


# The words that a rule looks at.
SLIPS: tuple[tuple[str, Rule], ...] = (
    ("嚷 壤 攘", _letting),
    ("马", _asking),
    ("成", _becoming),
    ("掉", _removing),
    ("编成 遍成 便成 换乘 还成", _become_too),
    ("再", _there),
    ("吧 八 巴 把", _slip_of_ba),
    ("代 待 袋 上", _put_on),
    ("不好", _cantonese_not),
    ("区 家 佳 架", _home),
    ("得 地", _of),
    ("北京 背影", _northern),
    ("在", _again),
)
