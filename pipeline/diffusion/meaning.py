"""What a step's words mean in a picture that a Stable-Diffusion model draws: the parser's referents, in this engine's terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.diffusion.vocabulary import Vocabulary
from pipeline.diffusion.words import PERSONS, SLOT_TITLES
from storage.plans import Referent, Step

PARTS = {"hair": "hair_color", "face": "expression", "clothes": "color", "dress": "color"}  # the slot that holds it


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a referent means. `kinds`: the English kinds it may be, () for any; `slots`: what is said of it; `part`: the
    slot that it is about when a part is meant (clothes → "color"); `setting`: a place that is named; `style`: one that a
    plan has no id for; `unknown`: characters that nothing is known about; `thing`: whether a thing was named at all;
    `passers`: people who happened to be there."""

    kinds: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    part: str | None = None
    setting: str | None = None
    style: str | None = None
    unknown: str = ""
    thing: bool = False
    passers: bool = False


NOTHING = Meaning()


@dataclass(frozen=True, slots=True)
class Asked:
    """One step, and what its target and its content mean. `referents`: the same as the parser understood it, and `points`: where
    the user tapped, (x, y) in shares of the photo; a real photo is read by those."""

    step: Step
    target: Meaning = NOTHING
    content: Meaning = NOTHING
    referents: Mapping[str, Referent] = field(default_factory=dict)
    points: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, step: Step, referents: Mapping[str, Referent], points: tuple[tuple[float, float], ...] = ()) -> "Asked":
        """A step with what the parser made of its words."""
        target, content = (referents.get(slot) for slot in ("target", "content"))
        behind = target is not None and target.position == "behind" and step.position is None  # 后面的人
        return cls(step, meaning_of(target, behind), meaning_of(content), referents, points)


def meaning_of(referent: Referent | None, behind: bool = False) -> Meaning:
    """What a referent means; None: nothing was said. `behind`: whether its own words say that it stands behind."""
    if referent is None:
        return NOTHING
    people = tuple(dict.fromkeys(kind for kind in referent.kinds if kind in PERSONS))
    slots = {slot: value for slot, value in referent.attributes.items() if slot in SLOT_TITLES}
    setting, style, unknown = (referent.attributes.get(name) for name in ("setting", "style", "unknown"))
    pointer = not (slots or referent.part or setting or style or unknown)  # 它, 这个
    return Meaning(
        kinds=people or referent.kinds,
        slots=slots,
        part=None if "hair" in slots and referent.part == "hair" and not people else PARTS.get(referent.part or ""),
        setting=setting,
        style=style,
        unknown=unknown or "",
        thing=bool(referent.kinds) or pointer,
        passers="passer-by" in referent.kinds or (behind and PERSONS.issuperset(people) and len(people) > 1),
    )


def value_of(vocabulary: Vocabulary, slot: str, meant: str) -> str | None:
    """The vocabulary's own value for what is meant: "hat" → "with a hat"; None if it has none."""
    values = vocabulary.slots.get(slot, ())
    if meant in values:
        return meant
    return next((value for value in values if meant in value.split()), None)
