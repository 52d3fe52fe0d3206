"""画一只在草地上的兔子 → generate: a picture from nothing."""

import re
from collections.abc import Sequence

from bot.language.intents import clauses, saying
from bot.language.tokens import Token, said
from storage.plans import Plan

_FILLER = ("NOISE", "PART", "GAP", "EMOJI", "CUE", "MODAL", "WISH", "CONJ", "SOFT", "QUES")
_PICTURE = re.compile("的?(?:图|图片|照片|画|插画|插图|图像|壁纸|相片|作品)$")
_DRAW = re.compile("变出|生$|gen|画|绘|生成|产生|创作|draw|generate|create|来[一张幅]?$|整[一张幅]?$")
_SHOW = re.compile(
    "(?:发)?(?:给我|给大家|俾我|畀我|給我)?(?:看看|看下|看一下|睇睇|瞧瞧|欣赏|欣賞|看|睇)?(?:来|嚟|來)?(?:看看|看下|睇下|睇)?$"
)
_PICTURES = ("图", "图片", "画", "照片", "圖", "畫", "图像", "圖片", "相片")
_NOT_DRAWN = (
    "得",
    "的",
    "了",
    "完",
    "好",
    "画",
    "不",
    "风",
    "师",
    "家",
    "饼",
    "重点",
    "一画",
    "错",
    "大饼",
    "符",
    "押",
    "个圈",
    "圈",
    "蛇",
)


def drawing(tokens: Sequence[Token], text: str) -> Plan | None:
    """画一只…, 来一张…的图: what to draw, as said, without its measure word."""
    wished: list[Token] | None = None
    awaited = False  # 生成一张图: … what, the next clause says
    for clause in clauses(tokens):
        if saying(clause) is not None:
            continue
        left = list(clause)
        polite = any(token.part in ("CUE", "MODAL", "WISH", "WANT") for token in left)
        while left and (left[0].part in _FILLER or left[0].word in ("你", "要", "我", "那", "想看", "想要", "想")):
            polite = polite or left[0].part in ("CUE", "WISH", "WANT")
            left = left[1:]
        while left and left[-1].part in ("PART", "GAP", "EMOJI", "NOISE", "QUES"):
            left.pop()
        if len(left) > 1 and left[0].word == "给" and left[1].part == "DRAW":
            left, polite = left[1:], True
        if not left:
            continue
        if any(
            t.part == "VETO" and not ((at > 1 or t.word == "会") and any(o.part == "DE" for o in left[at:]))
            for at, t in enumerate(left)
        ):
            continue
        given = len(left) > 3 and left[0].part == "GIVE" and left[1].value in ("person", "") and left[2].part == "DRAW"
        if given and left[3].part in ("NUM", "M"):
            left, polite = left[2:], True  # 给她画一条鲸鱼
        verb = left[0]
        rest = left[1:]
        if verb.word in (
            "画",
            "画出",
            "绘制",
            "绘",
            "生成",
            "产生",
            "创作",
            "draw",
            "generate",
            "描绘",
            "画张",
            "画个",
            "来画",
            "create",
            "制作",
            "设计",
            "脑补",
        ):
            if rest and rest[0].part == "LE":
                continue  # 画了一下午
            while rest and rest[0].part in ("NOISE", "GAP", "PART"):
                rest = rest[1:]
            if not rest:
                if wished:
                    return Plan("generate", content=_content(wished, text))
                continue
            measured = rest[0].part in ("NUM", "M")
            strong = verb.word not in ("画", "制作", "设计", "绘", "create")
            there = strong and rest[0].part == "AT" and any(token.part == "DE" for token in rest)  # 生成在月球上的猫
            if rest[0].word in _NOT_DRAWN or (rest[0].part in ("LE", "INTO", "NEG", "TO", "AT") and not there):
                continue
            if not measured and not strong and not (polite or rest[0].part in ("NAME", "NOUN", "PLACE", "POS")):
                continue
            if any(token.part == "QUES" for token in clause) and not polite and not measured:
                continue
            if (
                rest[-1].part == "LE"
                or (not measured and rest[0].value in ("hair", "body"))
                or rest[0].word in ("妆",)
                or (len(rest) > 1 and rest[1].word in ("妆", "圈圈"))
                or any(t.word in _NOT_DRAWN[-8:] for t in rest[:2])
            ):
                continue
            content = _content(rest, text)
            if content in _PICTURES:
                awaited = True
            elif content:
                return Plan("generate", content=content)
        elif awaited:
            return Plan("generate", content=_content(left, text))
        elif verb.part in ("DO", "WANT", "GIVE", "X") and verb.word in (
            "来",
            "整",
            "弄",
            "搞",
            "出",
            "做",
            "要",
            "给",
            "发",
            "来一",
            "求",
        ):
            if rest and rest[0].part in ("NUM", "M") and rest[0].value in ("张", "幅") and len(rest) > 1:
                content = _content(rest, text)
                if content and _PICTURE.sub("", content) and content not in _PICTURES:
                    return Plan("generate", content=content)
        elif polite and left[0].part in ("NUM",) and len(left) > 1 and verb.value:
            content = _content(left, text)
            if verb.value in ("张", "幅") and _PICTURE.search(said(left, text)) and content not in _PICTURES:
                return Plan("generate", content=content)
            wished = left
    return None


def drawn_after(tokens: Sequence[Token], text: str) -> Plan | None:
    """请画:雨中的小巷 → what stands behind the word for drawing, in a message that is known to ask for a picture."""
    at = next((at for at, token in enumerate(tokens) if _DRAW.search(token.word)), None)
    if at is None:
        return None
    if tokens[at].word.endswith("出来") and at:  # 恐龙上早八,画出来
        return None
    rest = [token for token in tokens[at + 1 :] if token.part not in ("STOP", "GAP") or token.word in ",，"]
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
    counted = False
    while (
        left and left[0].part in ("NUM", "M", "DE", "GAP") and len(left) > 1 and not (counted and left[0].part == "NUM")
    ):
        counted = counted or left[0].part == "NUM"
        left = left[1:]
    if not left:
        return None
    whole = text[left[0].start : left[-1].end].strip()
    for _ in range(2):
        whole = _SHOW.sub("", whole).strip()
    shorter = re.sub("的(?:图|图片|照片|画|图像|相片|圖|圖片|畫|插画|插畫)$", "", whole)
    return shorter.rstrip("吧不啊呀哦呗嘛啦 ~～!！") or None
