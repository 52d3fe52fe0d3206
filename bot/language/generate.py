"""画一只在草地上的兔子 → generate: a picture from nothing."""

import re
from collections.abc import Sequence

from bot.language.tokens import Token
from storage.plans import Plan

_FILLER = ("NOISE", "PART", "GAP", "EMOJI", "CUE", "MODAL", "WISH", "CONJ", "SOFT", "QUES")
_DRAW = re.compile("变出|生$|gen|画|绘|生成|产生|创作|draw|generate|create|来[一张幅]?$|整[一张幅]?$")
_SHOW = re.compile(
    "(?:发)?(?:给我|给大家|俾我|畀我|給我)?(?:看看|看下|看一下|睇睇|瞧瞧|欣赏|欣賞|看|睇)?(?:来|嚟|來)?(?:看看|看下|睇下|睇)?$"
)
_PICTURES = ("图", "图片", "画", "照片", "圖", "畫", "图像", "圖片", "相片")


def drawn_after(tokens: Sequence[Token], text: str) -> Plan | None:
    """请画:雨中的小巷 → what stands behind the word for drawing, in a message that is known to ask for a picture."""
    at = next((at for at, token in enumerate(tokens) if _DRAW.search(token.word)), None)
    if at is None:
        return None
    rest = [token for token in tokens[at + 1 :] if token.part != "GAP" and token.word not in ":："]
    while rest and rest[0].part in (*_FILLER, "STOP"):
        rest = rest[1:]
    end = next((at for at, token in enumerate(rest) if token.part == "STOP"), len(rest))
    rest = rest[:end]
    while rest and rest[-1].part in ("PART", "GAP", "EMOJI", "NOISE", "QUES"):
        rest.pop()
    content = _content(rest, text)
    return Plan("generate", content=content) if content and content not in _PICTURES else None


def _content(rest: Sequence[Token], text: str) -> str | None:
    left = list(rest)
    if not left:
        return None
    counted = False
    while (
        left and left[0].part in ("NUM", "M", "DE", "GAP") and len(left) > 1 and not (counted and left[0].part == "NUM")
    ):
        counted = counted or left[0].part == "NUM"
        left = left[1:]
    whole = text[left[0].start : left[-1].end].strip()
    for _ in range(2):
        whole = _SHOW.sub("", whole).strip()
    shorter = re.sub("的(?:图|图片|照片|画|图像|相片|圖|圖片|畫|插画|插畫)$", "", whole)
    return shorter.rstrip("吧不啊呀哦呗嘛啦 ~～!！") or None
