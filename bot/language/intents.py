"""Intents without a step: undo, status and their like (sayings.py), forgetting, and drawings from nothing."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.language.parts import ORDERS
from bot.language.sayings import CORES, EDGES, ORDER, REMARKS, SAYING_WORDS, SAYINGS
from bot.language.tokens import Token, said, vocabulary
from bot.language.tokens import tokens as split
from storage.plans import Plan

_EDGE = re.compile(
    f"^(?:{'|'.join(sorted(EDGES.split('|'), key=len, reverse=True))})|(?:{'|'.join(sorted(EDGES.split('|'), key=len, reverse=True))})$"
)
_NOT_IN_SAYINGS = ("GAP", "EMOJI", "STOP")
_LONGEST_SAYING = 24
_NOT_LOOSE = ("NAME", "QUOTE", "PLACE", "STYLE", "COLOR", "WEAR", "IS")
_LOOSE = (
    "NOISE", "PART", "CONJ", "MORE", "SOFT", "LEHK", "CUE", "MODAL", "WISH", "LE", "QUES", "DE", "SLIGHT", "STRONG", "NUM", "M",
    "DET", "PHOTO", "AT", "NEG", "NOWANT", "DIR", "BA", "GIVE", "BAD",
)  # fmt: skip


def saying(tokens: Sequence[Token]) -> str | None:
    """The intent of a clause that is nothing but a saying (撤销, 还要多久啊), or None."""
    line = "".join(token.word for token in tokens if token.part not in _NOT_IN_SAYINGS)
    line = re.sub("呢(?=.)", "这", line)
    if len(line) % 2 == 0 and line[: len(line) // 2] == line[len(line) // 2 :]:
        line = line[: len(line) // 2]  # 变回去变回去
    return _intent_of(line) if 0 < len(line) <= _LONGEST_SAYING else None


def loose_saying(tokens: Sequence[Token]) -> str | None:
    """The intent of a short clause that has the core of a saying and no word of anything else: 手抖了撤回."""
    left = [token for token in tokens if token.part not in _NOT_IN_SAYINGS]
    line = "".join(token.word for token in left)
    if not 0 < len(line) <= _LONGEST_SAYING or any(t.part in _NOT_LOOSE and t.word != "着" for t in left):
        return None
    if any(token.part not in _LOOSE and token.word not in _saying_words() for token in left):
        return None
    denied = any(token.part == "NEG" for token in left)
    found = next((intent for intent, core in _cores() if core.search(line)), None)
    return None if denied and found not in ("cancel", "weaker", "status") else found


@lru_cache(maxsize=1)
def _saying_words() -> frozenset[str]:
    return frozenset(SAYING_WORDS.split())


@lru_cache(maxsize=1)
def _cores() -> list[tuple[str, re.Pattern[str]]]:
    return [(intent, re.compile(core)) for intent, core in CORES]


def remark(tokens: Sequence[Token]) -> bool:
    """Whether a clause is one of the remarks that people add to an order: 在线等, 别告诉他."""
    line = "".join(token.word for token in tokens if token.part not in _NOT_IN_SAYINGS)
    return 0 < len(line) <= _LONGEST_SAYING and _remarks().fullmatch(line) is not None


@lru_cache(maxsize=1)
def _remarks() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(f"(?:{way})" for way in REMARKS) + ")")


@lru_cache(maxsize=4096)
def _intent_of(line: str) -> str | None:
    """Peel the edges off one by one; the longest core that is a saying decides."""
    seen = {line}
    queue = [line]
    while queue:
        core = queue.pop(0)
        for intent, pattern in _patterns():
            if pattern.fullmatch(core):
                return intent
        for match in _EDGE.finditer(core):
            shorter = core[match.end() :] if match.start() == 0 else core[: match.start()]
            if shorter and shorter not in seen and len(seen) < 40:
                seen.add(shorter)
                queue.append(shorter)
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(intent, re.compile("|".join(f"(?:{way})" for way in ways))) for intent, ways in SAYINGS.items()]


def decide(found: Sequence[str]) -> Plan | None:
    """The plan of the sayings of one message: 算了,撤销吧 is an undo."""
    for intent in ORDER:
        if intent in found:
            return Plan(intent)
    return None


def loose(tokens: Sequence[Token]) -> Plan | None:
    """The plan of a message whose clauses are sayings in other words."""
    clauses = _clauses(tokens)
    found = [saying(part) or loose_saying(part) or ("" if remark(part) else None) for part in clauses]
    if any(intent is None for intent in found):
        return None
    return decide([intent for intent in found if intent])


# --- forgetting -----------------------------------------------------------------------------------------------------------

_DATA = "(?:资料|数据|记录|信息|模型|角色|概念|档案|照片|记忆|图片|内容|东西|特征|这个角色|这个人物|这个人|这个概念|这个名字|这个画风|和|跟|、)+"
_GONE = "(?:忘记|忘掉|忘了|忘|删除|删掉|删光|删了|删|清除|清空|清掉|清|抹掉|抹去|移除|注销|销毁|去掉|洗掉|格式化)(?:掉|了|光|空|除|干净)?"
_ALL = "(?:我|我的|我们的|所有|全部|所有的|全部的|一切|所有人|大家|我教过你的|我教你的|教过你的|教过的|学过的|记住的|每个人|都|全|统统|你记住的|之前教的|存的|保存的|你学过的|教你的|的|人|角色|名字|人物|个人|上传的|上传|上传过的|发过的|发的|教过|教过你)+"
_FORGET = tuple(
    re.compile(pattern)
    for pattern in (
        f"(?:把|将)?(?P<name>.+?)(?:的)?(?:所有|全部|一切)?(?:的)?{_DATA}(?:都|全|给|全部|统统|也|帮我|给我)*{_GONE}",
        f"(?:帮我|请|麻烦)?{_GONE}(?P<name>.+?)(?:的)?(?:所有|全部|一切)?(?:的)?{_DATA}",
        f"(?:把|将)?{_GONE}(?:角色|人物|概念|画风|名字|宠物)(?P<taught>.+)",
        "(?P<taught>.+?)这个(?:角色|人物|概念|画风|名字)(?:就|可以|也)?(?:不要|不需要|删|忘|清|不用).*",
        f"(?:把|将)?{_GONE}?(?:角色|人物|概念|画风|名字|宠物)(?P<taught>.+?){_GONE}?",
        f"(?:把|将)?(?P<all>(?:关于|有关)?我的?(?:一切|所有|全部|全部资料|所有东西|所有信息))(?:都|全|给|全部)*{_GONE}",
        "(?:把|将)(?P<taught>.+?)从(?:你的?)?(?:记忆|名单|资料库|数据库|角色|列表|脑子)(?:里|中|里面)?(?:删|移|忘|清|去|抹).*",
        "(?:把|将)(?P<known>.+?)(?:给|都|全|全部|也)*(?:忘记|忘掉|忘了|忘)(?:掉|了|光)?",
        "(?:忘记|忘掉|忘了|忘)(?:掉|了)?(?P<taught>.+)",
        "(?:别|不要|不好|不用|不必|不该|不使|不准|不需要)(?:再|继续)*(?:记得|记住|记着|认得|记|认)(?P<taught>.+?)",
        "(?P<taught>.+?)(?:可以|就|已经)*(?:不用|不要|别|不需要|不必)(?:再)?(?:记得|记住|记着|记)",
        f"(?P<all>(?=.*(?:所有|全|都|一切|教|统统|每)){_ALL})(?:都|全|给|全部|统统)*(?:忘记|忘掉|忘了|忘|清空|删光)(?:掉|了|光)?",
        "(?:清空|清除|抹掉|删除|删掉|忘掉)(?:掉)?你?(?:记住|学过|学会|存|保存|教过|记得)(?:了|过)?的?(?P<all>(?:所有|全部|一切)(?:的)?(?:东西|内容|人|资料|角色)?)",
        "(?:清空|清除|抹掉|格式化)(?:你的)?(?P<all>记忆|所有|全部|一切)|(?P<gone>注销|我要注销|我要销号|注销账号|注销账户|删号|销户|清空数据|清除数据|删除数据|删光数据|清空记忆|全忘了吧|全部忘掉|都忘掉|都忘了吧|忘掉一切|删除所有数据|全部删除|一键清空)",
    )
)  # fmt: skip
_TAIL = re.compile("(?:喇|吧|了|啊|呀|啦|谢谢|好吗|可以吗|呗|嘛|哦|喔|,|。|!|！|~|掉吧|行吗|好不好|唔该|不该| )+$")
_HEAD = re.compile("^(?:请|麻烦|帮我|可以|能不能|我想|我要|你|给我|能|那|就| )+")


def forget(text: str, line: str, names: dict[str, str]) -> Plan | None:
    """把小明忘掉, 删除我的所有数据. ``line`` is the folded text, ``names`` folded → taught."""
    for clause in re.split(r"[,，。;；!！?？\n]", line):
        core = _HEAD.sub("", _TAIL.sub("", clause.strip()))
        if not core or len(core) > 30:
            continue
        for pattern in _FORGET:
            match = pattern.fullmatch(core)
            if match is None:
                continue
            groups = {key: value for key, value in match.groupdict().items() if value is not None}
            if "all" in groups or "gone" in groups:
                return Plan("forget")
            name = next(iter(groups.values()), "")
            bare = re.sub(
                "^(?:我的|我家的?|我教的|那个|这个|关于)|(?:这个人|这个角色|这个人物|这只猫|这只狗|的|这个名字)$",
                "",
                name,
            )
            if bare in names:
                return Plan("forget", name=names[bare])
            if re.fullmatch(_ALL, name):
                return Plan("forget")
            if bare in ("他", "她", "它") and len(said_names := {n for n in names if n in line}) == 1:
                return Plan("forget", name=names[said_names.pop()])
            if (
                "taught" in groups
                and _strange(bare)
                and re.match("(?:帮我|请|把|将)?(?:忘掉|忘记|删除角色|删掉角色)", core)
            ):
                start = line.find(bare)
                return Plan(
                    "forget", name=text[start : start + len(bare)]
                )  # the bot will say that it knows no such name
            if (
                ("known" in groups or ("name" in groups and "忘" in core))
                and 1 < len(bare) <= 5
                and bare[0] not in "我这那"
            ):
                start = line.find(bare)
                return Plan("forget", name=text[start : start + len(bare)])
    return None


def _strange(word: str) -> bool:
    """Whether a word can only be a name: 阿紫, but not 密码 or 过去."""
    known = vocabulary()
    named = 1 < len(word) <= 4 and not set(word) & set("的了我你他她它这那不")
    if known.parts.get(word[0], ("", ""))[0] in (*ORDERS, "VETO", "TUNE", "STAND"):
        return False  # 忘记带伞
    if any(token.part == "NOUN" for token in split(word)[1:]):
        return False  # 忘记摘眼镜
    return named and (word[0] in "阿小" or not known.frequencies.get(word)) and word not in known.parts


# --- drawings from nothing --------------------------------------------------------------------------------------------------

_FILLER = ("NOISE", "PART", "GAP", "EMOJI", "CUE", "MODAL", "WISH", "CONJ", "SOFT", "QUES")
_PICTURE = re.compile("的?(?:图|图片|照片|画|插画|插图|图像|壁纸|相片|作品)$")
_SHOW = re.compile("(?:发)?(?:给我|给大家|俾我|畀我|給我)?(?:看看|看下|看一下|睇睇|瞧瞧|欣赏|欣賞|看|睇)?$")
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
    for clause in _clauses(tokens):
        if saying(clause) is not None:
            continue
        left = list(clause)
        polite = any(token.part in ("CUE", "MODAL", "WISH", "WANT") for token in left)
        while left and (left[0].part in _FILLER or left[0].word in ("你", "要", "我", "那", "想看", "想要", "想")):
            polite = polite or left[0].part in ("CUE", "WISH", "WANT")
            left = left[1:]
        while left and left[-1].part in ("PART", "GAP", "EMOJI", "NOISE", "QUES"):
            left.pop()
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
    return shorter.rstrip("吧啊呀哦呗嘛啦 ~～!！") or None


def _clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.part == "STOP":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
