"""What things are called in Chinese, to ask about them and to tell what was seen."""

from pipeline.diffusion import words
from pipeline.diffusion.vocabulary import Thing, Vocabulary


def nearest(vocabulary: Vocabulary, text: str, kinds: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Kinds of the vocabulary to offer instead: of the same group, or whose name is in the word, else all."""
    groups = [group for group in words.GROUPS.values() if any(kind in group for kind in kinds)]
    near = [kind for group in groups for kind in group if kind in vocabulary.things]
    alike = [kind for kind in vocabulary.things if set(words.CHARACTERS.get(kind, "")) & set(text)]
    return tuple(dict.fromkeys(alike + near)) or tuple(vocabulary.things)


def group_of(kind: str) -> str:
    """The group that a kind belongs to ("animal", "person", …); "" for one that we have no words for."""
    return next((group for group, kinds in words.GROUPS.items() if kind in kinds), "")


def name(kind: str) -> str:
    """What a kind is called in Chinese; unknown ones keep their own name."""
    return words.NAMES[kind][1] if kind in words.NAMES else words.GROUPS.get(group_of(kind), {}).get(kind, kind)


def say(thing: Thing, place: bool = True) -> str:
    """A thing in Chinese, to ask about it or to tell what was seen: 左边红色的猫."""
    parts = []
    hair, color = thing.slots.get("hair"), thing.slots.get("hair_color")
    for slot, value in thing.slots.items():
        if slot in ("color", "hair", "hair_color") or not value:
            continue
        sense = next(
            (sense for sense in words.SLOT_NAMES.get(slot, {}) if value == sense or sense in value.split()), None
        )
        if sense:
            parts.append(words.SLOT_NAMES[slot][sense])
    if hair or color:
        parts.insert(0, words.COLOR_NAMES.get(color or "", "") + words.SLOT_NAMES["hair"].get(hair or "", "头发"))
    if thing.color:
        dressed = "hair" in thing.slots
        parts.insert(
            0, ("穿" if dressed else "") + words.COLOR_NAMES.get(thing.color, thing.color) + ("衣服" if dressed else "")
        )
    where = words.POSITION_NAMES.get(thing.position, "") if place else ""
    looks = "、".join(parts)
    return f"{where}{looks}的{name(thing.kind)}" if looks else f"{where}{'的' if where else ''}{name(thing.kind)}"
