"""这是小明,记住他 → learn: who or what is to be learned, and what kind of thing it is."""

import re
from collections.abc import Sequence

from bot.language.phrases import wordset
from bot.language.tokens import Token, said
from storage.plans import Plan

_ASKED = re.compile(
    "录进去|存起来|建档|存成|存为|记到起|记注|学进去|记牢|记住|记下|记一下|记下来|记好|记牢|记得[他她它]|记着[他她它]|学一下|学学|学习一下|学习下|学习这|学习我|学会|学起来|学下|学吓|学一学|学这|学我|认识一下|认识下|认一下|认认|认住|认清|认得|认识[这我新]|"
    "教你|教会你|存一下|存下来|保存这个人|保存这个角色|收录|录入|记录一下|记录下|帮我记|训练一下|训练|remember|learn|记个|记作|记为|记成|给你介绍|介绍给你|介绍一下[这我]|你记|要记|学着"
)
_STRONG = re.compile("教你|教会你|给你介绍|介绍给你")
_BREAK = r"\s,，。.!！?？~～、:：;；“”\"'‘’「」『』《》()（）"
_CALLED = re.compile(
    "(?:名字|小名|大名|外号|昵称|花名|代号|名称|名)(?:就|定了|取好了|起好了)?(?:设成|设为|定为|用|叫做|叫作|叫|取为|取|是|为|:|：)?(?:[它他她])?[“\"「『'‘《]?(?P<a>[^"
    + _BREAK
    + "]{1,12})"
    "|(?:(?:she|he|it|this|name)(?:'s| is)|设成|设为|定为|就喊|存成|存为|记作|记为|记成|叫做|叫作|名叫|取名叫|取名为|取名做|取名|起名叫|起名为|起名|命名为|命名|称为|称作|称呼[他她它]|唤作|改名叫|[叫喊唤][他她它](?:做|作)?|管[它他她这那]?.{0,6}叫|就叫[它他她]?|叫|called|named)(?:做|为|:|：)?"
    "[“\"「『'‘《]?\\s?(?P<b>[^" + _BREAK + "]{1,12})"
)
_AFTER_NAME = re.compile(
    "(?:吧|了|啊|呀|哦|喔|噢|啦|嘛|呗|好了|好吗|可以吗|行吗|就好|就行|帮我|麻烦|请|以后|之后|你|给我|记住|记下|记好|记一下|学一下|学学|学会|学起来|认识|谢谢|要记得|记得|这个名字|来称呼|ok|我的|是我|他是|她是|它是|的样子|长这样|的长相|的脸|这个人|的画风|这个画风|别忘).*$"
)
_INTRODUCED = re.compile(
    "(?:这里|这边|这|那|以上|图里|图中|照片里|照片上|上面|他|她|它|呢)(?:个|位|只|些|几张|[一二三四五六七八九十0-9]+张|[一二三四五六七八九十0-9]+个|几个|张|条|种|是|里|都|就|几只|幅|件|隻|款|组|几幅)*(?:都)?(?:是|系|就是|都是)(?P<who>[^"
    + _BREAK
    + "]{1,16})"
)
_NAMED_FIRST = re.compile(
    "^(?P<n>(?!这|那|他|她|它|呢|以上|图|照片|上面|我)[^"
    + _BREAK
    + "是]{1,5})(?:就)?是我(?:们)?(?:家|的)?(?:里)?(?:的)?"
)
_OBJECT_OF = re.compile(
    "(?:记住|记下来|记下|记一下|记好|学一下|学习一下|学会|学学|学下|认识一下|认识下|认识|认一下|教你认识|教你一个|教你认|教你|训练一下|训练|remember|记得|介绍一下|给你介绍)(?:一下|下|住|好|新)?(?P<who>[^"
    + _BREAK
    + "]{1,16})"
)
_ADORNED = re.compile(r"[^\w)）]+$")  # 雷神🎸
_TITLE = re.compile(
    "^(?:队长|班长|组长|社长|老板|教练|同学|同事|朋友|室友|闺蜜|师傅|老师|主任|經理|经理)(?=[阿小老大]\\w)"
)  # 队长阿杰
_STYLE = re.compile("画风|风格|笔触|画法|笔法|style|技法|绘画|这种画|我的画|画作|插画")
_ASKING = re.compile(
    "什么|谁|啥|乜|边个|哪|怎么|为什么|如何|不要|别|忘记|忘了|车牌|号码|骗子|密码|单词|时间|路|地址|电话|教训|话|规则|要点|生日"
)
_NO_NAME = re.compile(
    "什么|谁|啥|乜|边个|哪|怎么|为什么|如何|不要|别|忘记|忘了|密码|单词|时间|地址|电话|教训|规则|生日|号码"
)
_MINE = (
    "我家的",
    "我家",
    "我们家的",
    "我们家",
    "我的",
    "我们的",
    "咱家的",
    "咱家",
    "俺家",
    "我们",
    "我",
    "咱",
    "俺",
    "她家",
    "他家",
    "这个",
    "这只",
    "这位",
    "这条",
    "这种",
    "这款",
    "那个",
    "一个新",
    "一个",
    "一位",
    "一只",
    "新",
    "个",
    "位",
    "只",
    "隻",
    "的",
    "最爱的",
    "可爱的",
    "最喜欢的",
    "亲爱的",
    "这件",
    "这幅",
    "这",
    "呢个",
    "呢位",
    "呢只",
    "家里的",
    "家",
    "刚买的",
    "新买的",
    "这些",
    "种",
)


def teaching(tokens: Sequence[Token], text: str, line: str, photos: int, *, sure: bool = False) -> Plan | None:
    """A plan to learn somebody, or None. ``line`` is the folded text, as long as ``text``.

    ``sure``: that somebody is to be learned is known already (bot/language/kinds.py).
    """
    asked = _ASKED.search(line)
    if not sure and re.search("刚学|才学|学会用|不认识|认识我了|认不出|学不会|没学会", line):
        return None
    called = _called(text, line)
    introduced = _INTRODUCED.search(line)
    if called is None and photos and re.search("叫[这那呢]", line):  # 以后叫这只猫「咪咪」
        called = next((said([token], text) for token in tokens if token.part == "QUOTE"), None)
    named = called and (
        photos >= 2 or (photos and re.search("就叫|以后|今后|取名|名字|起名|命名|小名|called|named", line))
    )
    if not sure and not _wanted(
        asked is not None, called is not None, bool(named), introduced is not None, line, photos
    ):
        return None
    name, noun = (called, "") if called else (None, "")
    if not name and (me := re.search("我(?:就)?[是叫](?P<n>[^" + _BREAK + "]{1,6})(?:$|[,，])", line)) and asked:
        return Plan("learn", name=text[me.start("n") : me.end("n")], kind="person")
    if not name and (first := _NAMED_FIRST.search(line)) is not None:
        name = text[first.start("n") : first.end("n")]
    if (introduced or asked or sure) and not name:
        source = introduced or _OBJECT_OF.search(line)
        if source is None:
            object_before = re.search("把(?P<who>[^" + _BREAK + "]{1,10}?)(?:记|学|存|录)", line) or re.search(
                "^(?P<who>[^" + _BREAK + "]{1,12})[,，\\s]", line
            )
            source = object_before
        if source is not None:
            name, noun = _name_of(tokens, text, line, source.start("who"), source.end("who"))
        if not name and not introduced and (first := re.match("(?P<who>[^" + _BREAK + "]{2,8})[,，]", line)):
            name, _ = _name_of(tokens, text, line, first.start("who"), first.end("who"))  # 我同学小婕,记住她
        if not name and (quoted := [token for token in tokens if token.part == "QUOTE"]):
            name = said(quoted[:1], text)
        if not name and introduced and (later := _OBJECT_OF.search(line, introduced.end())):
            name, _ = _name_of(tokens, text, line, later.start("who"), later.end("who"))
        if not name and ((colon := re.search("[:：]\\s?(?P<n>[^" + _BREAK + "]{1,8})(?:$|[,，])", line)) is not None):
            name = text[colon.start("n") : colon.end("n")]
    checked = line.replace(name.lower(), "") if name else line
    if (name and _NO_NAME.search(name)) or (not name and _ASKING.search(line)):
        return None
    if (
        asked is None
        and not sure
        and re.search("叫(?:我|你|人|他|她|它|车|外卖|醒|爸爸)", checked)
        and not re.search("就叫|以后叫|叫[他她它]", line)
    ):
        return None
    if re.search("吗$|么$|[?？]$", line.strip()) and asked is None and not sure:
        return None
    kind = _kind(tokens, text, checked, name, noun)
    if not name and not photos and kind is None:
        return None
    name = _ADORNED.sub("", _TITLE.sub("", name)) or name if name else None
    return Plan("learn", name=name, kind=kind)


def _wanted(asked: bool, called: bool, named: bool, introduced: bool, line: str, photos: int) -> bool:
    """Whether the words ask for somebody to be learned."""
    if not asked:
        return named or (introduced and photos >= 2)
    if not photos and not called and not _STRONG.search(line):
        return False
    return photos >= 2 or called or not re.search("[?？]|吗", line)


def _called(text: str, line: str) -> str | None:
    """The name after 叫, 名字是 …, as the user wrote it."""
    for match in _CALLED.finditer(line):
        group = "a" if match["a"] else "b"
        start, end = match.span(group)
        cut = _AFTER_NAME.search(line, start, end)
        end = cut.start() if cut else end
        if line[start] == "我" and end - start > 1:
            start += 1  # 叫我阿宽就行
        name = text[start:end].strip()
        folded = line[start:end]
        if (
            not name
            or _NO_NAME.search(folded)
            or folded[0] in "这那呢了着得过的不一在就也字改换怎"
            or folded in ("他", "她", "它", "我", "人", "外卖", "爸爸", "做")
        ):
            continue
        if len(name) > 8 and not name.isascii():
            continue
        return name
    return None


def _name_of(tokens: Sequence[Token], text: str, line: str, start: int, end: int) -> tuple[str | None, str]:
    """(name, what it is) of 我家橘猫胖虎, 小明, 我阿妈, 这个杯子."""
    cut = _AFTER_NAME.search(line, start, end)
    end = cut.start() if cut else end
    moved = True
    mine = False
    while moved:
        moved = False
        for word in _MINE:
            if line.startswith(word, start) and start + len(word) <= end:
                if start + len(word) == end and word in ("我",):
                    return text[start:end], ""
                start += len(word)
                mine = mine or "我" in word or "家" in word
                moved = True
                break
    inside = [token for token in tokens if token.start >= start and token.end <= end]
    kin = any(token.value == "person" and token.start < start < token.end < end for token in tokens)
    if kin and inside and all(token.part in ("X", "NAME") for token in inside):
        return said(inside, text), ""  # 我哥老周
    if not inside:
        return None, ""
    head = 0
    while head < len(inside) and inside[head].part == "NOUN" and inside[head].value in ("person", "pet", "age"):
        head += 1
    noun = "".join(token.word for token in inside[:head])
    rest = [token for token in inside[head:] if token.part not in ("PART", "GAP", "DE", "LE", "EMOJI")]
    if not rest and len(inside) == 1 and inside[0].value == "time":
        return said(inside, text), ""  # 小雨
    if rest and head:
        return said(rest, text), noun
    if not rest:
        return (text[inside[0].start : inside[-1].end] if mine else None), noun
    if len(rest) == 1 and rest[0].word in wordset("EATEN"):
        return said(rest, text), noun  # 我家布丁
    if any(token.part in ("NOUN", "STYLE") or token.word in ("画风", "风格", "杯子", "画") for token in rest):
        return None, said(rest, text)
    word = said(rest, text)
    if any(token.part in ("PRON",) for token in rest[:1]):
        return None, ""
    if (
        mine and len(rest) == 1 and rest[0].part == "X" and len(rest[0].word) >= 2 and not line.startswith("记住", 0)
    ) or rest[-1].part in ("VETO",):
        return (None, word)
    return word, ""


def _kind(tokens: Sequence[Token], text: str, line: str, name: str | None, noun: str) -> str | None:
    if _STYLE.search(line):
        return "style"
    others = [token for token in tokens if not name or said([token], text) not in name]
    nouns = [token for token in others if token.part == "NOUN"] or [token for token in tokens if token.part == "NOUN"]
    if any(token.value == "pet" for token in nouns):
        return "pet"
    if "佢" in text and any(token.value == "thing" for token in nouns):
        return "object"  # 佢 is he, she and it
    if (
        any(token.value in ("person", "age") for token in nouns)
        or any(token.word in ("他", "她", "他们") for token in others)
        or re.search(
            "这位|长相|这张脸|\\bs?he\\b|\\bher\\b|\\bhim\\b|本人|(?<!机器)人(?!偶|形|工)|朋友|宝宝|角色|记住我$|我的(?:脸|样子|长相|模样|相貌)|我长",
            line,
        )
    ):
        return "person"
    if any(token.value in ("clothes", "wearable", "thing") for token in nouns):
        return "object"
    if any(token.part in ("DET", "NUM") and token.value in ("只", "条", "隻") for token in others):
        return "pet"
    things = [
        t
        for t in others
        if t.part == "X"
        and len(t.word) > 1
        and not re.search(
            "记|学|以后|喜欢|认识|介绍|取|名|介紹|remember|learn|照片|训练|下来|帮|好|教|存|录|今后|最|一起", t.word
        )
    ]
    if noun or things or re.search("我的|这个|这件|这款|这辆|这把|这台|这瓶|这本", line):
        return "object"
    return "pet" if "它" in line else None
