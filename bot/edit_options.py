"""How an order is to be carried out, as far as a plan does not say it: by which method, and how many pictures to choose
from. 「用 Imagic 把猫换成狗」「多给我几张选」

Such words are taken out of the sentence, so that the parser reads the order alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.language.numerals import number
from bot.language.tokens import fold

MANY, MOST = 4, 6  # pictures to choose from: unless the user says how many, and at most

# What people call a method besides the name and the title that the workers publish.
NICKNAMES: Mapping[str, tuple[str, ...]] = {
    "prompt_to_prompt": ("p2p", "prompt2prompt", "ptp"),
    "plug_and_play": ("pnp", "即插即用"),
    "pix2pix_zero": ("p2p0", "pix2pix", "p2pzero"),
    "sdedit": ("img2img", "图生图"),
    "blended": ("blended diffusion", "blended latent diffusion", "局部重画"),
    "ledits": ("ledits++",),
    "mdp": ("mdp diffusion",),
    "diffusion_clip": ("diffusionclip",),
    "text2live": ("text 2 live",),
    "style_transfer": ("风格迁移", "neural style transfer", "nst", "gatys"),
}

_COUNT = r"(?P<count>好?几|[一二两俩仨三四五六七八九十]|\d{1,2})"
_CHOOSE = r"(?:选|挑|拣|比较|比一比|看看|备选)"
_PICTURES = (
    rf"{_COUNT}(?:张|幅|款|版(?!本)|[个种]?(?:版本|方案|备选|选择|效果))(?:不同的?|不一样的?)?(?:图|照片|版本|效果)?"
)
# What may stand before the number so that it is an order for pictures: not 这两张, not 第二张, not 我发了几张.
_FORE = r"(?:(?:再|多|另外|顺便)?(?:给|帮|替|同|为)?(?:我|我们|咱)?(?:再|多)?(?:来|给|出|做|画|生成|要|弄|整|搞|换|制作)?(?:多)?)"
_SEVERAL = re.compile(
    rf"(?P<fore>{_FORE}){_PICTURES}(?:出来)?(?P<choose>[,，、\s]*(?:给|让|等|供)?(?:我|我们|咱)?(?:来)?{_CHOOSE}+"
    rf"(?:一下|一?{_CHOOSE})?)?[吧呀啊哦呗嘛]?"
)
_ASKING = re.compile(r"多|再|另外|来|给|出|做|画|生成|要|弄|整|搞")
_NOT_BEFORE = re.compile(r"[这那第前后最每哪发传拍寄有选这]$|[这那]边$|[发传拍寄]了$")
_REST = re.compile(r"[\s,，。.!！~～、吧呀啊哦呗嘛吗好请麻烦谢帮我给你可以能不行试一下看就的]*")
_TRIAL = re.compile(
    r"(?:再)?(?:来|做|跑|画|弄|改)?(?:一?[次遍下张]|试试看?|试一试|试一?下|试|看看|重做|重来|再来|重新来|瞧瞧)+"
)
_CUE = r"(?:改用|换用|使用|采用|试试|试一?下|用|换|拿|以|with|using|use|try)"
_TAIL = r"(?:这个|这种|的)?(?:方法|算法|办法|模型|法|方式|技术)?"
_UNHEARD = re.compile(
    r"(?:改用|换用|使用|采用|试试|用)\s*(?P<name>[a-zA-Z][a-zA-Z0-9 +._-]{1,23}?)\s*(?:这个|这种|的)?"
    r"(?:(?:方法|算法|办法|方式|技术|法)(?:来|去)?|(?=试试|试一|试下|再来|再做|来一[张次]|做一[张次遍]|跑一))"
)
_ANOTHER = re.compile(
    rf"(?:{_CUE})?(?:个|一个|种|一种|别的|其他|其它|另外的?|另一种|另一个|另外一种|不同)+的?(?:方法|算法|办法|方式)"
    r"|(?:有|会|能用)?(?:哪些|什么|哪几种|几种)(?:方法|算法)"
)


@dataclass(frozen=True, slots=True)
class EditOptions:
    """``count`` pictures to choose from; ``method`` as the workers call it, None: whichever is best."""

    count: int = 1
    method: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a dict, to be kept with a question."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence without its options. ``unheard``: a method was named that no worker has, or "" when another one is
    wanted without a name; ``alone``: nothing but the options was said, so it is about the last edit."""

    text: str
    options: EditOptions = EditOptions()
    unheard: str | None = None
    alone: bool = False


def read(text: str, methods: Sequence[Mapping[str, Any]]) -> Said:
    """Take the options out of a sentence; ``methods`` are the workers' records (name, title)."""
    rest, method = _without_method(text, methods)
    if method is None and (unheard := _UNHEARD.search(rest)):
        return Said(text, unheard=unheard["name"].strip())
    if method is None and _ANOTHER.search(fold(text)) and _nothing(_ANOTHER.sub("", fold(text), count=1)):
        return Said(text, unheard="")
    rest, count = _without_count(rest)
    if method is None and count is None:
        return Said(text)
    options = EditOptions(min(count or 1, MOST), method)
    return Said(rest, options, alone=_nothing(rest))


def names_of(method: Mapping[str, Any]) -> Iterator[str]:
    """What a method may be called: its name, its title and the title's parts, its nicknames."""
    name, title = str(method["name"]), str(method.get("title", ""))
    yield name
    yield from filter(None, (title, *re.split(r"[（）()·/]", title)))
    yield from NICKNAMES.get(name, ())


def _without_method(text: str, methods: Sequence[Mapping[str, Any]]) -> tuple[str, str | None]:
    """The sentence without the method that it names, and that method."""
    line = fold(text)
    for method in methods:
        for name in sorted(names_of(method), key=len, reverse=True):
            word = _pattern(name)
            asked = re.compile(rf"{_CUE}\s*(?:一下)?\s*{word}{_TAIL}|{word}{_TAIL}(?=试|来一|再来|跑|$)", re.IGNORECASE)
            if found := asked.search(line):
                return f"{text[: found.start()]} {text[found.end() :]}".strip(), str(method["name"])
    return text, None


def _pattern(name: str) -> str:
    """A name however it is spaced and hyphened; Latin letters do not begin or end in the middle of a word."""
    words = [re.escape(word) for word in re.split(r"[\s_-]+", fold(name)) if word]
    pattern = r"[\s_-]*".join(words)
    return rf"(?<![a-z0-9]){pattern}(?![a-z0-9])" if re.match(r"[\x00-\x7f]", pattern) else pattern


def _without_count(text: str) -> tuple[str, int | None]:
    """The sentence without the wish for several pictures, and how many."""
    line = fold(text)
    for found in _SEVERAL.finditer(line):
        wanted = bool(found["choose"]) or bool(_ASKING.search(found["fore"])) or "备选" in found[0]
        if not wanted or _NOT_BEFORE.search(line[: found.start()]):
            continue
        said = found["count"]
        count = MANY if "几" in said else number(said)
        if count > 1:
            return f"{text[: found.start()]} {text[found.end() :]}".strip(" ,，"), count
    return text, None


def _nothing(rest: str) -> bool:
    """Whether what is left of a sentence is no order of its own: 试试, 再来一张吧."""
    return _REST.fullmatch(_TRIAL.sub("", fold(rest))) is not None
