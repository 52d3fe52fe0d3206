"""A Chinese phrase → what it means in a picture: a kind of thing, what is said of it, a place.

The words are data (words.py). A phrase is read from left to right by the longest known word; a colour belongs to the
next noun, hair or garment (`黑色长发穿红裙子的女孩`), or to the one before when none follows (`头发是紫色的`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from opencc_purepy import OpenCC

from pipeline.diffusion import words
from pipeline.diffusion.vocabulary import Thing, Vocabulary


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means. `kinds`: the English kinds it may be, () for any; `slots`: what is said of it; `part`: the
    slot that the phrase is about when it names a part (`衣服` → "color", `头发` → "hair_color"); `setting`: a place
    that is named; `unknown`: characters that nothing is known about; `thing`: whether a thing was named at all."""

    kinds: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    part: str | None = None
    setting: str | None = None
    unknown: str = ""
    thing: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A known word in a phrase: its role ("kind", "color", "slot", "part", "setting", "filler", "unknown") and its
    sense."""

    text: str
    role: str
    sense: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, _Word]:
    """Every Chinese word we know. A word in several tables keeps the first role."""
    found: dict[str, _Word] = {}

    def learn(text: str, role: str, *sense: str) -> None:
        for word in text.split():
            found.setdefault(word, _Word(word, role, sense))

    for slot, values in words.SLOTS.items():
        for value, text in values.items():
            learn(text, "slot", slot, value)
    for kinds in words.GROUPS.values():
        for kind, text in kinds.items():
            learn(text, "kind", kind)
            found.setdefault(kind, _Word(kind, "kind", (kind,)))  # people mix English in
    for several, text in words.ANY.items():
        learn(text, "kind", *several)
    for slot, text in words.PARTS.items():
        learn(text, "part", slot)
    for color, text in words.COLORS.items():
        learn(f"{text} {color}", "color", color)
    for table in (words.SETTINGS, words.PLACES):
        for setting, text in table.items():
            learn(text, "setting", setting)
    learn(words.FILLERS, "filler")
    return found


def _read(text: str) -> Iterator[_Word]:
    """The phrase as known words, longest first; what is not known comes character by character."""
    known, at = _lexicon(), 0
    longest = max(map(len, known))
    while at < len(text):
        for length in range(min(longest, len(text) - at), 0, -1):
            word = known.get(text[at : at + length])
            if word:
                yield word
                at += length
                break
        else:
            yield _Word(text[at], "unknown")
            at += 1


def fold(text: str) -> str:
    """A phrase as the words are written: simplified, small letters, no blanks, emoji without their variation marks."""
    return "".join(_simplified().convert(text).replace("\ufe0f", "").split()).lower()


@lru_cache(maxsize=1)
def _simplified() -> OpenCC:
    return OpenCC("t2s")


def understand(text: str) -> Meaning:
    """What a phrase means. Never fails: what cannot be read is in `unknown`."""
    read = list(_read(fold(text)))
    kinds: tuple[str, ...] = ()
    slots: dict[str, str] = {}
    part = setting = waiting = previous = None
    thing = False
    for i, word in enumerate(read):
        if word.role in ("kind", "slot") and not _stands_alone(read, i):
            read[i] = _Word(word.text, "unknown")
        elif word.role == "kind":
            kinds, thing, previous = word.sense, True, "color"
        elif word.role == "slot":
            slots[word.sense[0]] = word.sense[1]
            previous = "hair_color" if word.sense[0] == "hair" else previous
        elif word.role == "part":
            part = previous = word.sense[0]
        elif word.role == "color":
            waiting = word.sense[0]
        elif word.role == "setting":
            setting = word.sense[0]
        takes_color = read[i].role in ("kind", "part") or word.sense[:1] == ("hair",)
        if waiting and takes_color and previous:
            slots[previous], waiting = waiting, None
    if waiting:
        slots[previous or "color"] = waiting
    return Meaning(kinds, slots, part, setting, "".join(word.text for word in read if word.role == "unknown"), thing)


def _stands_alone(read: list[_Word], i: int) -> bool:
    """Whether the word at `i` is one of its own: 车 is not in 火车, nor 花 in 花瓶, nor 乐 in 可乐; 小女孩 needs no
    care."""
    if len(read[i].text) > 1:
        return True
    before = read[i - 1].role if i else "filler"
    after = read[i + 1].role if i + 1 < len(read) else "filler"
    return before != "unknown" and after != "unknown"


def value_of(vocabulary: Vocabulary, slot: str, meant: str) -> str | None:
    """The vocabulary's own value for what is meant: "hat" → "with a hat"; None if it has none."""
    values = vocabulary.slots.get(slot, ())
    if meant in values:
        return meant
    return next((value for value in values if meant in value.split()), None)


def place_of(text: str) -> str | None:
    """The setting or place that a phrase names, if it names one: 海边 → "beach"."""
    return understand(text).setting


def nearest(vocabulary: Vocabulary, text: str, kinds: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Kinds of the vocabulary to offer instead: of the same group, or whose name is in the word, else all."""
    groups = [group for group in words.GROUPS.values() if any(kind in group for kind in kinds)]
    near = [kind for group in groups for kind in group if kind in vocabulary.things]
    known = {kind: said for group in words.GROUPS.values() for kind, said in group.items()}
    alike = [kind for kind in vocabulary.things if set(known.get(kind, "").split()) & set(fold(text))]
    return tuple(dict.fromkeys(alike + near)) or tuple(vocabulary.things)


def group_of(kind: str) -> str:
    """The group that a kind belongs to ("animal", "person", …); "" for one that we have no words for."""
    return next((group for group, kinds in words.GROUPS.items() if kind in kinds), "")


def name(kind: str) -> str:
    """What a kind is called in Chinese; unknown ones keep their own name."""
    group = words.GROUPS.get(group_of(kind), {})
    return words.NAMES[kind][1] if kind in words.NAMES else group.get(kind, kind).split()[0]


def say(thing: Thing, place: bool = True) -> str:
    """A thing in Chinese, to ask about it or to tell what was seen: 左边红色的猫."""
    told = []
    hair, color = thing.slots.get("hair"), thing.slots.get("hair_color")
    for slot, value in thing.slots.items():
        if slot in ("color", "hair", "hair_color") or not value:
            continue
        sense = next(
            (sense for sense in words.SLOT_NAMES.get(slot, {}) if value == sense or sense in value.split()), None
        )
        if sense:
            told.append(words.SLOT_NAMES[slot][sense])
    if hair or color:
        told.insert(0, words.COLOR_NAMES.get(color or "", "") + words.SLOT_NAMES["hair"].get(hair or "", "头发"))
    if thing.color:
        dressed = "hair" in thing.slots
        told.insert(
            0, ("穿" if dressed else "") + words.COLOR_NAMES.get(thing.color, thing.color) + ("衣服" if dressed else "")
        )
    where = words.POSITION_NAMES.get(thing.position, "") if place else ""
    looks = "、".join(told)
    return f"{where}{looks}的{name(thing.kind)}" if looks else f"{where}{'的' if where else ''}{name(thing.kind)}"
