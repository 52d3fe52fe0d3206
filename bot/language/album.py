"""What a sentence says of several photos sent with it: which of them is the one to be changed, and who is on the others.

Of four, 后面三张是小明，把他加到左边 is Album(scene=0, who="小明", rest="把他加到左边").
"""

import re
from dataclasses import dataclass, field

from bot.language.names import is_name
from bot.language.numerals import number
from bot.language.tokens import fold, tokens

_N = "[0-9一二三四五六七八九十两]"
_MENTION = re.compile(
    f"(?:第|图|p(?=[0-9])|pic|照片(?=[0-9]))?(?P<from>{_N})张?(?:[-~到至、,， 和跟]|图|第)*(?<=[-~到至])(?:图|第)?(?P<to>{_N})张?"
    f"|(?P<list>(?:第|图)?(?:{_N})(?:[、,， 和跟]*(?:图|第)(?:{_N})|[、, ](?:{_N})(?=[、, 0-9一二三四五六七八九十]*张))+张?)"
    f"|(?P<back>倒数)?(?:第|图|p(?=[0-9])|pic|照片(?=[0-9]))(?P<nth>{_N})[张个幅]?(?P<on>开始|起|往后)?"
    f"|(?P<end>后|前|头|末|上|下|最后|开头)(?:面|边|头)?的?(?:那|这)?(?P<count>{_N}|几|俩)[张幅个]?(?<![一1])(?=[张幅个]|都|是|我|他|她|它|小|老|,|，)?"
    "|(?P<last>最后(?:面)?(?:那|的|这)?一?[张幅]|最下面(?:那|的|这)?一?[张幅]|(?:末|后)(?:尾|面|边)?(?:那|这)?一?[张幅]|(?<=在)最后)"
    "|(?P<first>(?:头|首|前)(?:面|边)?(?:那|这)?一?[张幅]|最[上前]面(?:那|的|这)?一?[张幅]|开头(?:那|这)?一?[张幅])"
    "|(?P<middle>中间(?:那|的|这)?一?[张幅])"
    "|(?P<behind>(?:后|下)(?:面|头|边)(?=的?(?:那|这)?(?:几张|些|都|全|是|照片|图))|(?<=照着)后(?:面|头|边)|(?<=[照看在发])后(?:面|头|边)(?!的?[加站放]))(?:的?(?:那|这)?(?:几张|些))?"
    "|(?P<before>前(?:面|头|边)(?=的?(?:那|这)?(?:几张|些|都是|全是|是))|(?<=[发照看])前(?:面|头|边)|(?<=[片图人]在)前(?:面|头|边))(?:的?(?:那|这)?(?:几张|些))?"
    "|(?P<rest>其余|其他|其它|剩下|余下|另外|别的)的?(?:那|这)?(?:(?:{_N}|几)[张幅])?".replace("{_N}", _N)
    + f"|(?P<these>(?:这|那)(?:(?:{_N}|几)[张幅]|些)?(?=都?是(?!我们|咱)))"
)
_GROUP = "合照|合影|全家福|大合|底图|原图|婚礼|group|(?<!单人)(?<!生活)(?<!自拍)(?<!证件)(?<!个人)(?<!近)照(?![片着的])"
_IS_GROUP = re.compile(f"^(?:照片?|图片?)?(?:就|才)?(?:[是为系]|=)?[^,，。 ]{{0,6}}?(?:{_GROUP})")
_GROUP_IS = re.compile(f"(?:{_GROUP})(?:照片?)?[（(]?(?:是|在|就是)?$")
_INTO_BEFORE = re.compile("(?:到|进|入|往|→|除了|除|在)(?:了)?$")
_NOT_INTO = re.compile("(?:照片|人|图|样子|[他她它])(?:都)?在$")
_INTO_AFTER = re.compile(
    "^(?:照片?|图片?|那张)?(?:里|上|中|内)(?:面|边|头)?(?!都?是)|^[加添补缺少➕+]|^[左右中](?:边|侧|间)"
)
_SHOWN = re.compile(
    "^(?:的)?(?:照片?|图片?|相片)?(?:里|上)?(?:都|全|就|才)*(?P<is>[是为系]|=)?(?P<what>[^,，。.!！;；~～\\s]*)"
)
_PHOTOS = re.compile(
    "的?(?:单人|生活|个人|近|单)?(?:照片?|图片?|自拍|相片|样子|脸|写真|照骗|平时)$|平时的?$|本人$|[啦啊哦呀呢吧哈的了]+$|^(?:没来|缺席)的"
)
_HAVING = re.compile("(?P<who>[^,，。.!！;；\\s]{1,8}?)的?(?:照片|照|图|人|样子)(?:都)?(?:在|是|发)?$")
_WHO = "[^,，。.!！?？;；\\s（()]{1,8}?"
_GONE = "没来|没到|没赶上|没能来|缺席|没在|不在|来不了|没拍|没入镜|没进|没照|请假|漏拍"
_MISSING = re.compile(
    f"(?:缺席的是|[就独里][少缺差没](?:了|咗|有)?|[少缺差漏落没](?:了|咗|有))(?P<a>{_WHO})(?=[,，。.!！\\s了（(]|没|$)"
    f"|(?:^|[,，。.!！\\s])(?:但是?|可是?|就|偏偏|那天)?(?P<b>{_WHO})(?:[（(][^）)]*[）)])?(?:那天|当天|当时|那会儿|那次|今天|昨天|正好|因为|加班|出差|发烧|生病|有事|去[^,，。]{{1,4}})*(?:{_GONE})"
)
_ANYBODY = "女生|男生|女孩|男孩|姑娘|小伙子|家伙|朋友|同学|同事"
_NOBODY = re.compile(
    f"^(?:[我你他她它伊佢牠他們们]+|(?:[一两几这那]?[个個位])?(?:人|{_ANYBODY})|谁|一张.*|没.*|上|给.*)$"
)
_MINE = re.compile("^(?:我们?|咱们?|俺)(?:家|们|班|单位)?的?(?=..)")  # 我外婆 is called 外婆
_STOPS = re.compile("(?:[,，]\\s*)+(?=[,，])")
_EDGES = " ,，。"
LONGEST = 6  # characters of what somebody is called, but for names that we know as such


@dataclass(frozen=True, slots=True)
class Album:
    """``scene`` is the index of the photo to be changed and ``who`` what the others show is called, None where nothing is said
    of it; ``shown`` are those of which it is said whom they show. ``rest`` is the sentence without what it says of the photos."""

    scene: int | None = None
    who: str | None = None
    rest: str = ""
    shown: frozenset[int] = field(default_factory=frozenset)

    @property
    def told(self) -> bool:
        """Whether anything is said of the photos."""
        return self.scene is not None or self.who is not None


def read(text: str, photos: int) -> Album:
    """What a message says of the ``photos`` sent with it."""
    line = fold(text)
    scenes: set[int] = set()
    shown: set[int] = set()
    told: list[tuple[set[int], str | None]] = []
    cuts: list[tuple[int, int, str]] = []
    for said in _MENTION.finditer(line):
        where, before, after = _places(said, photos), line[: said.start()], line[said.end() :]
        into = (_INTO_BEFORE.search(before) and not _NOT_INTO.search(before)) or _INTO_AFTER.search(after)
        group = _IS_GROUP.search(after)
        if len(where) == 1 and (into or group or _GROUP_IS.search(before)):
            scenes |= where
            inside = re.match("(?:的?(?:照片?|图片?|那张)?(?:里|上|中|内)(?:面|边|头)?的?)?", after)
            if group and not into:
                cuts.append((said.start(), said.end() + group.end(), ""))
            elif inside:
                cuts.append((said.start(), said.end() + inside.end(), "照片里"))
            continue
        if group or not (where or said["rest"] or said["these"]):
            continue  # a group photo of several, more photos than there are
        is_ = _SHOWN.match(after)
        has = _HAVING.search(before)
        what = _PHOTOS.sub("", is_["what"]) if is_ and (is_["is"] or not has) else ""
        shown |= where
        if is_ and (is_["is"] or _surely(what)):
            at = said.end() + is_.start("what") + is_["what"].find(what)
            told.append((where, called(text[at : at + len(what)])))
            cuts.append((said.start(), said.end() + is_.end(), ""))
        elif has:
            told.append((where, called(text[has.start("who") : has.end("who")])))
            cuts.append((said.start() - len(has[0]), said.end(), ""))
    told.sort(key=lambda one: len(one[0]))
    if not scenes and len(told) == 2 and len(told[0][0]) == 1 < len(told[1][0]):  # 第一张是宇航员，后面三张是霍珀
        scenes, shown = told[0][0], told[1][0]
        told = told[1:]
    who = next((name for _, name in told if name), None)
    missed = _MISSING.search(line)
    if who is None and missed:
        who = called(text[slice(*missed.span("a" if missed["a"] else "b"))])
    left = set(range(photos)) - shown
    if not scenes and shown and len(left) == 1:
        scenes = left
    scene = next(iter(scenes)) if len(scenes) == 1 else None
    return Album(scene, who, _without(text, cuts), frozenset(shown))


def called(words: str) -> str | None:
    """What somebody can be called who is spoken of so: 我同学小李 is 小李, 我外婆 is 外婆; None for 她, 这个人 and what is no name."""
    words = _MINE.sub("", _PHOTOS.sub("", words.strip()))
    found = [token for token in tokens(words) if token.part not in ("STOP", "GAP", "EMOJI")]
    if not found or _NOBODY.search(words) or (len(words) > LONGEST and not is_name(words)):
        return None
    for kin in found[:-1]:
        if kin.part == "NOUN" and kin.value == "person" and 1 <= len(words) - kin.end <= 3:
            return words[kin.end :]
    return words


def _surely(words: str) -> bool:
    """Whether words are somebody's name, or whose they are: 小七, 我弟."""
    return is_name(words) or [token.value for token in tokens(words) if token.part == "NOUN"] in (["person"], ["pet"])


def _without(text: str, cuts: list[tuple[int, int, str]]) -> str:
    """The sentence without these stretches of it."""
    last = len(text)
    for start, end, instead in sorted(cuts, reverse=True):
        if end <= last:
            text, last = text[:start] + instead + text[end:], start
    return _STOPS.sub("", text).strip(_EDGES) or text


def _places(said: re.Match[str], photos: int) -> set[int]:
    """The indices of the photos that a mention speaks of; none where it speaks of more than there are."""
    every = range(photos)
    if said["from"]:
        where = set(range(number(said["from"]) - 1, number(said["to"])))
    elif said["list"]:
        where = {number(one) - 1 for one in re.findall(_N, said["list"])}
    elif said["nth"]:
        at = photos - number(said["nth"]) if said["back"] else number(said["nth"]) - 1
        where = set(range(at, photos)) if said["on"] else {at}
    elif said["end"]:
        many = photos - 1 if said["count"] == "几" else number(said["count"])
        if not many < photos:
            return set()
        where = set(every[photos - many :] if said["end"] in ("后", "末", "下", "最后") else every[:many])
    elif said["last"] or said["first"]:
        where = {photos - 1 if said["last"] else 0}
    elif said["middle"]:
        where = {1} if photos == 3 else set()
    else:
        where = set(every[1:] if said["behind"] else every[:-1] if said["before"] else ())
    return where if where <= set(every) else set()
