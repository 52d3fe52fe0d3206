"""来6个小明的表情,要有大笑 → stickers: of whom, how many, with which words and faces."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot import lexicon
from bot.language.phrases import thing
from bot.language.tokens import Token, fold, tokens, words
from storage.plans import Plan

_STICKER = re.compile(
    "表情包|表请包|表情图|贴纸|贴图|stickers?|斗图|梗图|微信表情|表情(?!管理|严肃|好|很|太|不|真|真是|自然|僵|换|改|变|更|再|笑|都|那么|这么)"
)
_SURE = re.compile("表情包|表请包|表情图|贴纸|贴图|stickers?|斗图|梗图|微信表情")
_MADE = re.compile(
    "做|制作|来|整|弄|搞|生成|出|要|画|变成|换成|转成|转换成|转为|变做|变为|弄成|p成|p个|p一|改成|给|帮|求|想|设计|合成|打包|弄点|搓|安排|make"
)
_NOT = re.compile(
    "停留|还在用|他们|她们|群里|朋友圈|别做|不要做|怎么做|哪|存了|大战|别人|收藏|发我|发一个|发个|吗$|什么|斗不过|好多表情|表情包大|表情包合集|偷|转发|为什么|谁|昨天|刚才|做的表情|做了|看了|看到|好笑|搞笑死|笑死|太搞笑|很可爱$|好可爱"
)
_COUNT = re.compile(
    "(?P<n>[0-9]+|[零一二两三四五六七八九十百俩仨半几]+)(?P<m>张|个|款|枚|只|幅|打|组|套|份|版|连|格|发|种|位)?"
)
_LABEL = re.compile(
    "(?:配字|配文|配上文字|配上字|文字|写上|写着|写|字是|加字|台词|文案|配上|加上文字|加文字|打上|印上|字幕|上面写|内容)(?:是|为|:|：|写|着|上|要|就|文字|字|个)*"
)
_MORE = re.compile(
    "(?:那|那就|麻烦|请|帮我|可以|能不能)*(?:再|多|还要|还想要|另外|补|追加|加)(?:给我|帮我|多)?(?:加|来|做|补|添|要|画|出|整|弄)?"
)
_LONGEST_ADDITION = 30
_MOVING = re.compile("会动|能动|可以动|动起来|动图|动态|gif|活起来")
_CLOSE = re.compile("小表情|大头|只要脸|只有脸|只做脸|头像表情|emoji大小|自定义emoji")
_NOT_FACES = ("SLIGHT", "POS", "PLACE", "BA", "COLOR", "STYLE", "NAME", "PRON")
_THINGS = ("person", "pet", "thing", "background", "clothes", "wearable", "hair")
_TAKE = ("USE", "BA", "GIVE", "CUE")
_MAKE_WORDS = (
    "做",
    "制作",
    "来",
    "整",
    "弄",
    "搞",
    "生成",
    "出",
    "画",
    "设计",
    "做成",
    "变成",
    "弄成",
    "换成",
    "转成",
    "p成",
    "整成",
    "搞成",
    "制成",
    "画成",
    "改成",
    "做个",
    "安排",
    "合成",
    "变",
    "搓",
    "变做",
    "变为",
    "要",
    "搞点",
    "整点",
    "弄点",
    "来点",
    "做套",
    "求",
    "想要",
    "出一",
    "转换成",
    "转为",
)


def stickers(tokens: Sequence[Token], text: str, line: str, *, sure: bool = False) -> Plan | None:
    """A plan for stickers, or None. ``line`` is the folded text. ``sure``: that it is one is known (bot/language/kinds.py)."""
    found = _STICKER.search(line)
    sure = sure or _MOVING.search(line) is not None
    begged = re.search("(?:可以|能|能不能|可不可以).{0,4}(?:做成|弄成|变成|整成|搞成|p成|改成)", line) is not None
    if found is None or (not sure and not begged and _NOT.search(line)):
        return None
    if not sure and not _MADE.search(line) and not _brief(tokens, line, found.start()):
        return None
    quoted = [token for token in tokens if token.part == "QUOTE"]
    captions = _captions(tokens, text, line, quoted)
    plain = [
        token
        for token in tokens
        if token.part != "QUOTE" and not any(start <= token.start < end for start, end in captions[1])
    ]
    count = _count(line, list(plain))
    if not sure and not _SURE.search(line) and not _counted(line, found.start()):
        return None
    return Plan(
        "stickers",
        subject=_subject(plain, text, found.start(), found.end()),
        count=count,
        captions=tuple(captions[0]),
        expressions=tuple(_faces(plain, found.start())),
        moving=_MOVING.search(line) is not None,
        close=_CLOSE.search(line) is not None,
    )


def addition(text: str) -> Plan | None:
    """再加一个生气的, 再来两张：困、害羞: what shall come to a pack that there is already; None when no face, no words and
    no stickers are named (再来一张 is another picture)."""
    line = fold(text).strip()
    if not _MORE.match(line) or len(line) > _LONGEST_ADDITION:
        return None
    found = tokens(text)
    captions, spans = _captions(found, text, line, [token for token in found if token.part == "QUOTE"])
    plain = [t for t in found if t.part != "QUOTE" and not any(start <= t.start < end for start, end in spans)]
    faces = _faces(plain, 0)
    named, label = _SURE.search(line), _LABEL.search(line)
    for match in (named, label):
        plain = [token for token in plain if match is None or not match.start() <= token.start < match.end()]
    if not (captions or faces or named) or any(t.part in _NOT_FACES or t.value in _THINGS for t in plain):
        return None
    return Plan("stickers", count=_count(line, plain), captions=tuple(captions), expressions=tuple(faces))


def _brief(tokens: Sequence[Token], line: str, at: int) -> bool:
    """10个团子贴纸, 旺财表情包: no verb, but a number or a taught name right before."""
    before = [token for token in tokens if token.end <= at and token.part not in ("GAP", "PART", "DE")]
    counted = bool(before) and before[0].part == "NUM" and (bool(before[0].value) or before[0].word.isdigit())
    counted = counted or (len(before) > 1 and before[0].part == "NUM" and before[1].part == "M")
    return bool(before) and (counted or (before[-1].part == "NAME" and len(before) == 1))


def _counted(line: str, at: int) -> bool:
    """表情 alone is also what a face does: only 6个表情, 一套表情, 做几个表情 are stickers."""
    return (
        re.search(
            "(?:[0-9一二两三四五六七八九十几俩仨些]|整|全|做|搞|来|弄)(?:个|张|款|枚|套|组|份|些)?[^,，。把换]{0,10}$",
            line[:at],
        )
        is not None
    )


def _count(line: str, tokens: Sequence[Token]) -> int | None:
    for token in tokens:
        if token.part == "NUM":
            match = _COUNT.match(line, token.start)
            if match is None:
                continue
            number, measure = match["n"], match["m"]
            if line[match.end() :].startswith("字"):
                continue  # “老板大气”四个字
            if measure in ("套", "组", "份", "版", "系") or (
                measure is None and not number.isdigit() and len(number) < 2 and number not in ("俩", "仨")
            ):
                continue
            if "几" in number or "数" in number:
                continue
            if measure == "打":
                return 6 if number == "半" else 12 * (_number(number) or 1)
            if number in ("俩", "仨"):
                return {"俩": 2, "仨": 3}[number]
            if number == "半" or (number == "一" and measure in ("个", "只", "款", "位", "种", "发")):
                continue
            value = _number(number)
            if value is None:
                continue
            return value if 0 < value <= 120 else None
    return None


def _number(said: str) -> int | None:
    """12, 十二, 两 → a number."""
    import cn2an  # here, because it brings numpy along and most messages count nothing

    try:
        return int(cn2an.cn2an(said.replace("两", "二"), "smart"))
    except ValueError:
        return None


def _captions(
    tokens: Sequence[Token], text: str, line: str, quoted: Sequence[Token]
) -> tuple[list[str], list[tuple[int, int]]]:
    """The words to print, and where unquoted ones stand."""
    if quoted:
        return [text[token.start : token.end] for token in quoted], []
    label = _LABEL.search(line)
    if label is None or re.match("(?:表情|贴|sticker)", line[label.end() :]):
        return [], []
    end = re.search(r"[,，。;；!！?？\n]|$", line[label.end() :])
    assert end is not None
    start, stop = label.end(), label.end() + end.start()
    if line[label.start() : label.end()].endswith((":", "：")):
        stop = len(text)
    said_words = [word.strip() for word in re.split("[和、/,，]|还有|以及", text[start:stop])]
    return [word for word in said_words if word], [(label.start(), stop)]


def _subject(tokens: Sequence[Token], text: str, at: int, until: int) -> str | None:
    names = [token for token in tokens if token.part == "NAME"]
    if names:
        return names[0].value
    for index, token in enumerate(tokens):
        if (
            token.part in _TAKE and not token.word.startswith(("帮我", "请", "麻烦", "给我", "同我", "帮手"))
        ) or token.word in (
            "用",
            "拿",
        ):
            end = next(
                (
                    at
                    for at in range(index + 1, len(tokens))
                    if tokens[at].word in _MAKE_WORDS or tokens[at].part in ("BECOME", "STOP", "DO")
                ),
                None,
            )
            if end is not None and (named := _named(tokens[index + 1 : end], text)):
                return named
    before = [token for token in tokens if token.end <= at]
    start = max(
        (
            index + 1
            for index, token in enumerate(before)
            if token.word in _MAKE_WORDS or token.part in ("STOP", "NUM", "WANT", "DO", "CUE", "WISH")
        ),
        default=0,
    )
    made = next(
        (index for index, token in enumerate(before) if token.word in _MAKE_WORDS and token.word.endswith("成")), 0
    )
    return _named(before[start:], text) or _named(before[:made], text)  # 這隻貓做成貼圖


def _named(some: Sequence[Token], text: str) -> str | None:
    left = [
        token
        for token in some
        if token.part not in ("NOISE", "PART", "GAP", "EMOJI", "MODAL")
        and token.word
        not in ("line", "whatsapp", "telegram", "tg", "微信", "qq", "动态", "动图", "gif", "会动", "动", "会")
        and token.word not in _faces_of()
    ]
    if (
        not left
        or left[0].part == "DE"
        or all(token.part in ("PHOTO", "DET", "NUM", "M", "DE", "SIDE") or token.word == "它" for token in left)
    ):
        return None
    named = thing(left, text)
    if (
        named is None
        or named.head is None
        or named.kind in ("PHOTO", "DRAW")
        or named.words[0].part in ("STYLE", "ADD", "MOD")
    ):
        return None
    return named.said


def _faces(tokens: Sequence[Token], at: int) -> list[str]:
    known = _faces_of()
    faces: list[str] = []
    for index, token in enumerate(tokens):
        pair = token.word + tokens[index + 1].word if index + 1 < len(tokens) else ""
        face = known.get(pair) or known.get(token.word)
        laughs = token.part == "PART" and token is tokens[-1]  # 做成表情包哈哈哈
        if face and face not in faces and token.part != "NAME" and not laughs:
            faces.append(face)
    return faces


@lru_cache(maxsize=1)
def _faces_of() -> dict[str, str]:
    faces: dict[str, str] = {}
    for key, line in lexicon.MEANINGS.items():
        slot, value = key.split(":")
        if slot == "expression":
            faces |= {word: value for word in words(line) if word not in faces}
    return faces
