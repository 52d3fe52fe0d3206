"""What a model can draw and how its captions say it; what was found in a picture, in the same terms.

A model folder describes its world in `heying.json`:

    {"world": "miniature", "guidance": 3.0, "steps": 20,
     "styles":    {"photo": "a photo of", "comic": "a comic of", …},        how captions begin
     "settings":  {"beach": "on the beach", …},                             how they end
     "positions": {"left": "on the left", "middle": "in the middle", …},    said unless one thing stands in the middle
     "things":    {"cat": ["a {color} cat", "a cat"], …},                   from every detail to the bare kind;
                                                                            a line may be there twice
     "slots":     {"color": ["red", …], "accessory": ["", "with glasses", …], …},
     "around":    {"passers": "with people behind", …},                     what else can be there, said before the setting
     "heights": {"cat": 0.46, …},                                           how tall things are beside each other, in
                                                                            shares of the picture
     "doubling": ["lake", "mirror"],                                        where things are seen twice
     "familiar": [0.42, 0.025],                                             how strange a photo may be (see perception.py):
                                                                            half way, and how steep it is there
     "thresholds": {"known": 0.7, …},                                       see Thresholds
     "presets": {…},                                                        see presets.py
     "crowd": 3}                                                            with so many things, one line further down

A folder without it (Stable Diffusion) has an open world: every English word may be tried.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.imaging.composite import Box, Floats
from pipeline.vision.scene import Scene

PLACES: dict[str, Box] = {  # where things stand, in shares of the picture
    "left": (0.0, 0.12, 0.46, 1.0),
    "middle": (0.26, 0.12, 0.74, 1.0),
    "right": (0.54, 0.12, 1.0, 1.0),
}
SMALL_WORDS = frozenset(("a", "an", "the", "of", "on", "in", "with", "and", "at"))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something counts, as measured on a model's weights.

    known    cosine of CLIP's views: what is less like a concept than this is somebody else
    doubt    cosine by which one thing must be more like a concept than the others
    pair     cosine of two photos of one subject;  alike: of one photo with the mean of the others
    strange  a photo less familiar than this is not of the model's world
    fits     cosine of a picture of the world with its caption
    more     logits that each further thing must gain where CLIP looks for things
    passers  logits from which the reader's passers-by are looked for;  below: how far below the best place they may be
    hidden   probability from which somebody half hidden is found, when asked for
    """

    known: float = 0.70
    doubt: float = 0.04
    pair: float = 0.6
    alike: float = 0.7
    strange: float = 0.5
    fits: float = 0.78
    more: float = 0.7
    passers: float = -2.3
    below: float = 2.0
    hidden: float = 1e-3


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a model's captions. Empty tables mean that the world is open."""

    world: str = ""
    styles: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    around: Mapping[str, str] = field(default_factory=dict)
    heights: Mapping[str, float] = field(default_factory=dict)
    doubling: tuple[str, ...] = ()
    crowd: int = 3
    steps: int = 50
    familiar: tuple[float, float] | None = None
    thresholds: Thresholds = Thresholds()

    @property
    def open(self) -> bool:
        """Whether any word may be tried."""
        return not self.things

    def slots_of(self, kind: str) -> tuple[str, ...]:
        """What can be said of a kind, in the order of its caption: ("color",) for a cat."""
        return tuple(re.findall(r"{(\w+)}", self.things[kind][0])) if kind in self.things else ()


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in a picture. `slots`: what is said of it, e.g. {"color": "red"}; `box`: (x0, y0, x1, y1) in shares
    of the picture; `score` in [0, 1]: how sure the look was; `word`: the pseudo-word by which captions call a taught
    concept; `mask` (H, W) in [0, 1]: where it is seen, once it has been cut out (see foreground.py)."""

    kind: str
    slots: Mapping[str, str] = field(default_factory=dict)
    position: str = "middle"
    box: Box = (0.0, 0.0, 1.0, 1.0)
    score: float = 1.0
    word: str = ""
    mask: Floats | None = field(default=None, compare=False, repr=False)

    @property
    def color(self) -> str | None:
        """Its colour, if it has one."""
        return self.slots.get("color")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in a picture: names of setting and style, things from left to right, the caption, how much the picture is
    of the model's world (`familiar`, 0…1), what else is there (`around`, names in the vocabulary's table), and where
    people walk by behind, if there may be some (`passers`; in `around` only if that is likelier than not). `scene`: of a real
    photo what vision saw; its persons are the things then."""

    setting: str
    style: str
    things: tuple[Thing, ...]
    prompt: str
    familiar: float = 1.0
    around: tuple[str, ...] = ()
    passers: Box | None = None
    scene: Scene | None = field(default=None, compare=False, repr=False)

    def with_thing(self, index: int, thing: Thing | None) -> "Seen":
        """The same picture with thing `index` changed (None: gone); the caption is not."""
        changed = (thing,) if thing else ()
        return replace(self, things=(*self.things[:index], *changed, *self.things[index + 1 :]))


def load(folder: str | Path) -> Vocabulary:
    """The vocabulary of a model folder; an open one if the folder (or hub id) says nothing.

    Raises ValueError for a heying.json that is not what this file describes.
    """
    path = Path(folder) / "heying.json"
    return parse(json.loads(path.read_text("utf-8"))) if path.is_file() else Vocabulary()


def parse(data: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary in a decoded heying.json. Raises ValueError when tables are missing or contradict each other."""
    if "things" not in data:
        return Vocabulary(world=str(data.get("world", "")), steps=int(data.get("steps", 50)))
    try:
        vocabulary = Vocabulary(
            world=str(data["world"]),
            styles={str(name).replace(" ", "_"): str(words) for name, words in data["styles"].items()},
            settings={str(name): str(words) for name, words in data["settings"].items()},
            positions={str(name): str(words) for name, words in data["positions"].items()},
            things={str(kind): tuple(templates) for kind, templates in data["things"].items()},
            slots={str(slot): tuple(values) for slot, values in data["slots"].items()},
            around={str(name): str(words) for name, words in data.get("around", {}).items()},
            heights={str(kind): float(height) for kind, height in data.get("heights", {}).items()},
            doubling=tuple(map(str, data.get("doubling", ()))),
            crowd=int(data.get("crowd", 3)),
            steps=int(data.get("steps", 50)),
            thresholds=Thresholds(**data.get("thresholds", {})),
            familiar=(float(data["familiar"][0]), float(data["familiar"][1])) if "familiar" in data else None,
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"heying.json lacks {error}") from error
    unknown = {slot for kind in vocabulary.things for slot in vocabulary.slots_of(kind)} - set(vocabulary.slots)
    if unknown:
        raise ValueError(f"heying.json: slots {sorted(unknown)} have no values")
    return vocabulary


def phrase(vocabulary: Vocabulary, thing: Thing, spare: int = 0) -> str:
    """A thing in words, without its place; `spare`: how many details to leave unsaid. A slot without a value is left
    out."""
    if thing.word:
        return thing.word
    templates = vocabulary.things.get(thing.kind)
    if templates is None:
        return f"{article(thing.kind)} {thing.kind}"
    known = {slot: thing.slots.get(slot, "") for slot in vocabulary.slots}
    for template in templates[min(spare, len(templates) - 1) :]:
        said = {slot for slot in re.findall(r"{(\w+)}", template) if "" not in vocabulary.slots[slot]}
        if all(known[slot] for slot in said):  # a template is used only when everything it must say is known
            words = re.sub(r"\s+", " ", template.format(**known)).strip()
            return re.sub(r"\ba (?=[aeiou])", "an ", words)
    return f"{article(thing.kind)} {thing.kind}"


def caption(vocabulary: Vocabulary, seen: Seen, spare: int = 0, keep: int = -1, kept: int = 0) -> str:
    """The caption of a picture as the model learned them, with `spare` details of each thing left unsaid (of thing
    `keep` only `kept`)."""
    alone = len(seen.things) == 1 and seen.things[0].position == "middle"
    parts = []
    for i, thing in enumerate(seen.things):
        place = "" if alone else vocabulary.positions.get(thing.position, "")
        parts.append(f"{phrase(vocabulary, thing, kept if i == keep else spare)} {place}".strip())
    words = [
        vocabulary.styles.get(seen.style, seen.style),
        " and ".join(parts) if parts else "nothing",
        *(vocabulary.around[name] for name in seen.around if len(parts) <= vocabulary.crowd),
        vocabulary.settings.get(seen.setting, seen.setting),
    ]
    return " ".join(word for word in words if word)


def article(noun: str) -> str:
    """ "a" or "an"."""
    return "an" if noun[:1] in tuple("aeiou") and not noun.startswith(("uni", "uk", "eu", "one")) else "a"


def content_words(text: str) -> str:
    """A phrase without articles and prepositions: "in the night city" → "night city"."""
    return " ".join(word for word in text.split() if word not in SMALL_WORDS)
