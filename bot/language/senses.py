"""A Chinese phrase → what it means in a picture: kinds of thing, what is said of it, a part, a place. english.py is the data.

A phrase is read from left to right by the longest known word; a colour belongs to the next noun, hair or garment
(`黑色长发穿红裙子的女孩`), or to the one before when none follows (`头发是紫色的`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.language import english
from bot.language.tokens import fold

_OF_PART = {
    "hair": "hair_color",
    "dress": "color",
    "clothes": "color",
    "face": "expression",
}  # what a colour beside it is


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means. `kinds`: the English kinds it may be, () for any; `english`: the noun; `attributes`: what is
    said of it; `part`: a part of somebody or of the picture that is named; `setting`: a place that is named; `unknown`:
    characters that nothing is known about; `thing`: whether a thing was named at all."""

    kinds: tuple[str, ...] = ()
    english: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    part: str | None = None
    setting: str | None = None
    unknown: str = ""
    thing: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A known word in a phrase: its roles ("kind", "person", "color", "slot", "part", "setting", "filler", "unknown")
    and its sense in each."""

    text: str
    role: str
    sense: tuple[str, ...] = ()
    part: str | None = None


def understand(phrase: str) -> Meaning:
    """What a phrase means. Never fails: what cannot be read is in `unknown`."""
    read = list(_read("".join(fold(phrase).replace("\ufe0f", "").split())))
    kinds: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    noun = part = setting = waiting = previous = None
    thing = False
    for at, word in enumerate(read):
        if word.role in ("kind", "slot", "person", "part") and not _stands_alone(read, at):
            read[at] = _Word(word.text, "unknown")
        elif word.role in ("kind", "person"):
            kinds, thing, previous, noun = word.sense, True, "color", word.sense[0] if word.sense else None
            part = None  # 穿红裙子的女生 is no dress
            if word.role == "person":
                gender, age = _who(word)
                attributes |= {name: value for name, value in (("gender", gender), ("age", age)) if value}
                noun = _noun(word)
        elif word.role == "slot":
            attributes[word.sense[0]] = word.sense[1]
            previous = "hair_color" if word.sense[0] == "hair" else previous
        elif word.role == "color":
            waiting = word.sense[0]
        elif word.role == "setting":
            setting = word.sense[0]
        if word.part is not None and read[at].role != "unknown":
            part, previous = word.part, _OF_PART.get(word.part, "color")
        takes_color = (
            read[at].role in ("kind", "person", "part") or word.part is not None or word.sense[:1] == ("hair",)
        )
        if waiting and takes_color and previous:
            attributes[previous], waiting = waiting, None
    if waiting:
        attributes[previous or "color"] = waiting
    unknown = "".join(word.text for word in read if word.role == "unknown")
    return Meaning(kinds, noun, attributes, part, setting, unknown, thing)


def _read(text: str) -> Iterator[_Word]:
    """The phrase as known words, longest first; what is not known comes character by character."""
    known, at = _lexicon(), 0
    longest = _longest()
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


def _stands_alone(read: list[_Word], at: int) -> bool:
    """Whether the word at `at` is one of its own: 车 is not in 火车, nor 花 in 花瓶, nor 马 in 河马; 小女孩 needs no care."""
    if len(read[at].text) > 1:
        return True
    beside = [read[place] for place in (at - 1, at + 1) if 0 <= place < len(read)]
    return not any(one.role == "unknown" or (one.role == "kind" and len(one.text) == 1) for one in beside)


def _who(word: _Word) -> tuple[str, str]:
    gender, age, _ = english.PEOPLE.get(_noun(word), ("", "", ""))
    return gender, age


def _noun(word: _Word) -> str:
    """The finest English noun of a person: the last kind, or the only one that is drawn."""
    finest = word.sense[-1] if word.sense else "person"
    return word.sense[0] if finest == "person" and len(word.sense) == 2 else finest


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, _lexicon()))


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, _Word]:
    """Every Chinese word we know. A word in several tables keeps the first role."""
    found: dict[str, _Word] = {}
    parts = {word: part for part, text in english.PARTS.items() for word in text.split()}

    def learn(text: str, role: str, *sense: str) -> None:
        for word in map(fold, text.split()):
            found.setdefault(word, _Word(word, role, sense, parts.get(word)))

    for slot, values in english.SLOTS.items():
        for value, text in values.items():
            learn(text, "slot", slot, value)
    drawn = {word: kind for kind, text in english.GROUPS["person"].items() for word in text.split()}
    anybody = {word: kinds for kinds, text in english.ANY.items() for word in text.split()}
    for noun, (_, _, text) in english.PEOPLE.items():
        for word in text.split():
            kinds = (drawn[word],) if word in drawn else anybody.get(word) or _SEXES[english.PEOPLE[noun][0]]
            learn(word, "person", *dict.fromkeys((*kinds, "person", noun)))
    for group in english.GROUPS.values():
        for kind, text in group.items():
            role = "person" if group is english.GROUPS["person"] and kind != "monster" else "kind"
            learn(text, role, *((kind, "person", kind) if role == "person" else (kind,)))
            found.setdefault(kind, _Word(kind, "kind", (kind,)))  # people mix English in
    for several, text in english.ANY.items():
        learn(text, "person" if "girl" in several else "kind", *several, *(["person"] if "girl" in several else []))
    for noun, text in english.OBJECTS.items():
        learn(text, "kind", noun)
    for color, text in english.COLORS.items():
        learn(f"{text} {color}", "color", color)
    for table in (english.SETTINGS, english.PLACES):
        for setting, text in table.items():
            learn(text, "setting", setting)
    for text in english.PARTS.values():
        learn(text, "part")
    learn(english.FILLERS, "filler")
    return found


_SEXES = {"female": ("girl",), "male": ("boy",), "": ("girl", "boy")}
