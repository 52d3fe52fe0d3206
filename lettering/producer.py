"""Who made a picture, as the item `AIGC` must say it.

GB 45438-2025, annex E j): values are single-byte printable characters without spaces. TC260-PG-20252A gives providers of
public services a code of 27 characters: `00`, `11` (an organisation, by its 统一社会信用代码), the 18 characters of that
code (GB 32100-2015, the last one checks the others), `1` for who generates or `2` for who spreads, 4 of one's own.
"""

import re

PRINTABLE = re.compile(r"[!-~]+")
OFFICIAL = re.compile(r"0011([0-9A-HJ-NPQRTUWXY]{18})([12])([0-9A-Z]{4})")
LENGTH = 27
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z


def printable(name: str) -> bool:
    """Whether a name may stand in the item at all."""
    return PRINTABLE.fullmatch(name) is not None


def official(name: str) -> bool:
    """Whether a name is a code of 27 characters for who generates, with a credit code that is one."""
    match = OFFICIAL.fullmatch(name)
    return match is not None and match[2] == "1" and match[1][-1] == _check(match[1][:-1])


def meant_official(name: str) -> bool:
    """Whether somebody has tried to write such a code."""
    return len(name) == LENGTH or name.startswith("0011")


def _check(code: str) -> str:
    """The 18th character of a 统一社会信用代码: the weighted sum of the others modulo 31."""
    weighted = sum(DIGITS.index(digit) * pow(3, place, 31) for place, digit in enumerate(code))
    return DIGITS[(31 - weighted % 31) % 31]
