"""What 都, 每 and 所有 count when several photos came: the photos, or what is in one of them.

都 counts what stands before it (把他们都去掉), 所有 and 每 what stands behind them (每张, 所有路人). A photo has one
background, and one of whoever is singled out: where these are counted, they are counted over the photos.
"""

from collections.abc import Iterator, Sequence

from bot.language.parts import ORDERS
from bot.language.tokens import Token, tokens

_ADVERBS = frozenset(["都", "全", "全都", "全部", "都要", "统统", "通通", "一起", "一并", "统一", "挨个", "均"])
_DETERMINERS = frozenset(["每", "这些", "那些", "全部", "所有", "所有的"])
_ONE_BY_ONE = frozenset(["每张", "每幅", "批量", "逐张"])  # said of nothing but photos
_SINGULAR = frozenset(["我", "俺", "你", "您", "他", "她", "它", "ta", "自己", "本人"])
_THEM = frozenset(["它们", "这些", "那些"])  # photos, or things in one
_ONE_IN_A_PHOTO = frozenset(["background", "sky", "tint"])
_FLAT = frozenset(["body", "thing"])  # 每张脸, 这几张桌子: counted with 张, too
_NOMINAL = ("NOUN", "PRON", "NAME", "PHOTO")


def names_photos(text: str, names: Sequence[str] = ()) -> bool:
    """Whether several photos are spoken of by that word: 每张, 这些照片, 两张都; ``names`` are those that were taught."""
    return any(_named(clause) for clause in _clauses(text, names))


def all_photos(text: str, names: Sequence[str] = ()) -> bool:
    """Whether a sentence is about all of several photos: they are named, or what is counted is counted over them."""
    topic: list[Token] = []
    for clause in _clauses(text, names):
        if _named(clause) or _counted(clause, topic):
            return True
        topic = [] if any(token.part in ORDERS[1:] for token in clause) else clause  # 后面的路人，全都去掉
    return False


def _clauses(text: str, names: Sequence[str]) -> Iterator[list[Token]]:
    clause: list[Token] = []
    for token in tokens(text, names):
        if token.part == "STOP":
            yield clause
            clause = []
        elif token.part != "GAP":
            clause.append(token)
    yield clause


def _named(clause: Sequence[Token]) -> bool:
    """每张, 这几张, 两张都, 这些照片, 所有的图: with a word for photos, and for more than one."""
    for before, token, behind in zip([None, *clause], clause, [*clause[1:], None], strict=False):
        measured = token.word in _ONE_BY_ONE or token.value in ("张", "幅")
        several = token.word in _ONE_BY_ONE or (before is not None and before.word in _DETERMINERS)
        if measured and not several:  # 把两张都…, and not 改成两张
            opens = before is None or before.part in ("BA", "DET", "GIVE")
            several = opens and token.part in ("DET", "NUM") and not token.word.startswith("一")
        if measured and several and not (behind is not None and behind.value in _FLAT):
            return True
        if token.part == "PHOTO" and before is not None and before.word in _DETERMINERS:
            return True
    return False


def _counted(clause: Sequence[Token], topic: Sequence[Token]) -> bool:
    """Whether an adverb counts photos; ``topic`` is the clause before, where that does nothing but name somebody."""
    for index, token in enumerate(clause):
        adverb = token.word in _ADVERBS or (token.part == "NOWANT" and token.word[0] in "都全统通")
        behind = clause[index + 1] if index + 1 < len(clause) else None
        if adverb and not (token.word == "全部" and behind is not None and behind.part in _NOMINAL):
            before = clause[:index]
            takes = any(one.part in ("REMOVE", "NOWANT", "NOUN") for one in clause[index:])
            if _over_photos(before if _heads(before) else [*topic, *before], takes):
                return True
    return False


def _heads(words: Sequence[Token]) -> list[int]:
    """Where nouns and pronouns stand; 这些 is one where no noun follows."""
    return [
        index
        for index, token in enumerate(words)
        if token.part in _NOMINAL or (token.word in _THEM and index + 1 == len(words))
    ]


def _over_photos(words: Sequence[Token], takes: bool) -> bool:
    """Whether what is counted is one in each photo, or a photo; ``takes``: a thing is taken out of one, or comes in."""
    heads = _heads(words)
    if not heads:  # 都改成水墨画; 后排的都去掉 names somebody, though not by a noun
        return not any(token.part in ("DE", "AND") for token in words)
    last = words[heads[-1]]
    if last.part == "PHOTO" or last.value in _ONE_IN_A_PHOTO:
        return True
    if last.word in _THEM:
        return not takes
    said = [token.word for token in words]
    plural = (
        said[0].startswith("除")  # everybody but me
        or any(token.part == "PRON" and token.word not in _SINGULAR for token in words)
        or any(token.part in ("AND", "ALL", "DET") or token.word in _DETERMINERS for token in words)
        or any(token.part == "NUM" and token.word[0] not in "第一" for token in words)
    )
    single = (
        last.part in ("PRON", "NAME")
        or any(word.startswith(("最", "第")) for word in said)
        or any(token.word in _SINGULAR or token.part == "NAME" for token in words[: heads[-1]])  # her face
    )
    return single and not plural
