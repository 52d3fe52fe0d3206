"""The captioned world: what is in a picture, its caption, its masks, and the same scene with one thing changed.

A ``Scene`` is data. Everything about it follows from its fields, so ``scene.recolor(0, "red").image()`` is the true
answer of the edit 「把…改成红色」 on ``scene.image()``: the same backdrop, the same neighbours, one thing changed. To grow
the world add a painter in ``draw.py`` and a word here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from miniature import draw

Array = np.ndarray[Any, Any]

COLORS = ("red", "yellow", "green", "blue", "purple", "pink", "white", "black")
ANIMALS = ("cat", "dog", "rabbit")
OBJECTS = ("ball", "car", "house", "umbrella", "flower")
PEOPLE = ("girl", "boy")
KINDS = ANIMALS + OBJECTS + PEOPLE + ("monster",)
POSITIONS = ("left", "middle", "right")
SETTINGS = {"beach": "on the beach", "grass": "on the grass", "snow": "in the snow", "night": "in the night city"}
STYLES = {
    "photo": "a photo of",
    "ink wash": "an ink wash painting of",
    "impressionist": "an impressionist painting of",
    "comic": "a comic of",
}
HAIR = ("short", "long", "curly")
HAIR_COLORS = ("black", "brown", "yellow", "red", "purple", "blue", "pink", "white")
ACCESSORIES = ("", "glasses", "hat")
TOPS = ("horns", "ears", "antennas")
NUMBERS = {1: "one", 2: "two", 3: "three"}

# Never shown in training: they are for teaching (textual inversion) and for measuring.
HELD_OUT_KINDS = ("duck", "cup")
HELD_OUT_STYLES = {"pixel": "a pixel art of"}

_X = {"left": 0.22, "middle": 0.5, "right": 0.78}
_HEIGHT = {
    "cat": 0.46, "dog": 0.46, "rabbit": 0.54, "ball": 0.36, "car": 0.34, "house": 0.60, "umbrella": 0.50,
    "flower": 0.52, "girl": 0.70, "boy": 0.70, "monster": 0.54, "duck": 0.42, "cup": 0.40,
}  # fmt: skip
_WIDTH = {"car": 1.72, "house": 1.1, "umbrella": 1.12, "ball": 1.0, "duck": 1.2, "cup": 1.04, "monster": 0.94}


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: what it is, how it looks, where it stands (fractions of the picture)."""

    kind: str
    color: str
    position: str = "middle"
    seed: int = 0
    hair: str = "short"
    hair_color: str = "black"
    accessory: str = ""
    striped: bool = False
    skin: int = 0
    top: str = "horns"
    eyes: int = 2
    name: str = ""  # zoo characters are called by a pseudo-name in captions
    x: float = 0.5
    foot: float = 0.9
    height: float = 0.5
    mirrored: bool = False

    def phrase(self, detail: int = 3) -> str:
        """The thing in words; ``detail`` 0 is the bare kind, 3 everything that can be seen."""
        if self.name and detail:
            return self.name
        if self.kind in PEOPLE:
            words = f"a {self.kind}"
            if detail >= 2:
                words += f" with {self.hair} {self.hair_color} hair"
            if detail >= 1:
                clothes = "dress" if self.kind == "girl" else "shirt"
                words += f" in a {self.color} {'striped ' if self.striped else ''}{clothes}"
            if detail >= 3 and self.accessory:
                words += " with glasses" if self.accessory == "glasses" else " with a hat"
            return words
        if detail == 0:
            return f"a {self.kind}"
        words = f"a {self.color} {self.kind}"
        if self.kind == "monster" and detail >= 2:
            words += f" with {self.top} and {NUMBERS[self.eyes]} {'eye' if self.eyes == 1 else 'eyes'}"
        return words

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom as fractions of the picture, a little generous."""
        half = 0.5 * max(_WIDTH.get(self.kind, 0.66), 0.66) * self.height
        return self.x - half, self.foot - 1.02 * self.height, self.x + half, self.foot + 0.01

    def identity(self) -> tuple[object, ...]:
        """What makes a character this one, whatever its place."""
        if self.kind in PEOPLE:
            return (self.kind, self.color, self.hair, self.hair_color, self.accessory, self.striped)
        if self.kind == "monster":
            return (self.kind, self.color, self.top, self.eyes)
        return (self.kind, self.color)


def fitted(thing: Thing, position: str, count: int, rng: np.random.Generator) -> Thing:
    """``thing`` set on its place, in a size that leaves room for ``count`` things."""
    height = _HEIGHT[thing.kind] * (1.18 if count == 1 else 1.0) * float(rng.uniform(0.93, 1.07))
    widest = 0.72 if count == 1 and position == "middle" else {1: 0.48, 2: 0.44, 3: 0.36}[min(count, 3)]
    width = _WIDTH.get(thing.kind, 0.62)
    height = min(height, widest / width)
    x = _X[position] + float(rng.uniform(-0.025, 0.025))
    x = min(max(x, width * height / 2 + 0.01), 0.99 - width * height / 2)
    foot = float(rng.uniform(0.88, 0.95))
    return replace(thing, position=position, x=x, foot=foot, height=height, mirrored=bool(rng.integers(2)))


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of the world. ``seed`` fixes the backdrop's shapes and the brush of the style."""

    setting: str
    style: str
    things: tuple[Thing, ...]
    seed: int = 0

    def image(self) -> Array:
        """The picture, (128, 128, 3) uint8 RGB."""
        return draw.paint(self)

    def mask(self, index: int) -> Array:
        """Where thing ``index`` is seen, (128, 128) bool."""
        return draw.mask(self, index)

    def masks(self) -> list[Array]:
        return [self.mask(i) for i in range(len(self.things))]

    def caption(self, detail: Sequence[int] | int = 3, *, place: bool = True, setting: bool = True) -> str:
        """The canonical English caption; the arguments leave things unsaid."""
        details = [detail] * len(self.things) if isinstance(detail, int) else list(detail)
        parts = []
        for thing, d in zip(self.things, details, strict=True):
            words = thing.phrase(min(d, 2) if len(self.things) >= 3 else d)
            if place and not (len(self.things) == 1 and thing.position == "middle"):
                words += " in the middle" if thing.position == "middle" else f" on the {thing.position}"
            parts.append(words)
        style = STYLES.get(self.style) or HELD_OUT_STYLES[self.style]
        text = f"{style} {' and '.join(parts) if parts else 'nothing'}"
        return f"{text} {SETTINGS[self.setting]}" if setting else text

    # -- edits: the true answers ---------------------------------------------------------------------------------------

    def replace(self, index: int, thing: Thing) -> Scene:
        """Thing ``index`` becomes ``thing``, at its place."""
        old = self.things[index]
        room = 0.72 if self.free() == ("left", "right") else 0.46
        height = min(old.height / _HEIGHT[old.kind] * _HEIGHT[thing.kind], room / _WIDTH.get(thing.kind, 0.62))
        new = replace(thing, position=old.position, x=old.x, foot=old.foot, height=height, mirrored=old.mirrored)
        return self._with(index, new)

    def recolor(self, index: int, color: str) -> Scene:
        return self._with(index, replace(self.things[index], color=color))

    def insert(self, thing: Thing, position: str) -> Scene:
        """``thing`` comes in at a free ``position``; things stay in order from left to right. Raises ValueError."""
        if position not in self.free():
            raise ValueError(f"{position} is taken")
        rng = np.random.default_rng([self.seed, 3])
        new = fitted(thing, position, max(2, len(self.things) + 1), rng)
        return replace(self, things=tuple(sorted((*self.things, new), key=lambda t: POSITIONS.index(t.position))))

    def remove(self, index: int) -> Scene:
        return replace(self, things=self.things[:index] + self.things[index + 1 :])

    def move(self, index: int, position: str) -> Scene:
        """Thing ``index`` goes to a free ``position``. Raises ValueError."""
        if position not in self.free():
            raise ValueError(f"{position} is taken")
        old = self.things[index]
        moved = replace(old, position=position, x=_X[position] + old.x - _X[old.position])
        rest = self.things[:index] + self.things[index + 1 :]
        return replace(self, things=tuple(sorted((*rest, moved), key=lambda t: POSITIONS.index(t.position))))

    def restyle(self, style: str) -> Scene:
        return replace(self, style=style)

    def background(self, setting: str) -> Scene:
        return replace(self, setting=setting)

    def free(self) -> tuple[str, ...]:
        """Positions where nothing stands. A single large thing in the middle leaves none but its own sides."""
        taken = {thing.position for thing in self.things}
        return tuple(position for position in POSITIONS if position not in taken)

    def _with(self, index: int, thing: Thing) -> Scene:
        return replace(self, things=(*self.things[:index], thing, *self.things[index + 1 :]))


# -- characters --------------------------------------------------------------------------------------------------------


def held_out_characters() -> dict[str, Thing]:
    """Characters whose combination of attributes never occurs in training; they are there to be taught."""
    girl, boy, monster = (
        (lambda **k: Thing("girl", **k)),
        (lambda **k: Thing("boy", **k)),
        (lambda **k: Thing("monster", **k)),
    )
    return {
        "阿紫": girl(color="yellow", hair="long", hair_color="purple", accessory="glasses", seed=901),
        "小明": boy(color="red", hair="short", hair_color="black", accessory="glasses", striped=True, seed=902),
        "小红": girl(color="red", hair="curly", hair_color="brown", accessory="hat", seed=903),
        "大白": boy(color="blue", hair="curly", hair_color="white", accessory="", skin=1, seed=904),
        "桃子": girl(color="green", hair="short", hair_color="pink", accessory="", striped=True, seed=905),
        "阿龙": boy(color="black", hair="long", hair_color="red", accessory="hat", seed=906),
        "绿豆": monster(color="green", top="horns", eyes=1, seed=907),
        "团子": monster(color="pink", top="antennas", eyes=3, seed=908),
    }


_HELD_OUT_IDENTITIES = frozenset(thing.identity() for thing in held_out_characters().values())


def character(rng: np.random.Generator, kind: str) -> Thing:
    """A random person or monster, never one of the held-out combinations."""
    while True:
        thing = Thing(kind, str(rng.choice(COLORS)), seed=int(rng.integers(1 << 30)))
        if kind in PEOPLE:
            usual = rng.random() < 0.6
            thing = replace(
                thing,
                hair=str(rng.choice(HAIR)),
                hair_color=str(rng.choice(HAIR_COLORS[:4] if usual else HAIR_COLORS)),
                accessory=str(rng.choice(ACCESSORIES, p=(0.5, 0.25, 0.25))),
                striped=bool(rng.random() < 0.25),
                skin=int(rng.choice(len(draw.SKIN), p=(0.6, 0.25, 0.15))),
            )
        elif kind == "monster":
            thing = replace(thing, top=str(rng.choice(TOPS)), eyes=int(rng.integers(1, 4)))
        if thing.identity() not in _HELD_OUT_IDENTITIES:
            return thing


def zoo(count: int = 40) -> list[Thing]:
    """Characters that training calls by a pseudo-name, so that the token space reaches single individuals."""
    rng = np.random.default_rng(20_26)
    syllables = [c + v for c in "bdfglmnprtvz" for v in "aeiou"]
    names: list[str] = []
    while len(names) < count:
        name = "".join(rng.choice(syllables, 2))
        if name not in names:
            names.append(name)
    kinds = ("girl", "boy", "monster")
    return [replace(character(rng, kinds[i % 3]), name=name) for i, name in enumerate(names)]


_ZOO = tuple(zoo())


def random_thing(rng: np.random.Generator, kinds: Sequence[str] = KINDS) -> Thing:
    """One thing of the training world, of one of ``kinds``."""
    return character(rng, str(rng.choice(kinds)))


# -- sampling ----------------------------------------------------------------------------------------------------------


def sample(
    seed: int | Sequence[int],
    *,
    count: int | None = None,
    style: str | None = None,
    kinds: Sequence[str] = KINDS,
    names: bool = False,
) -> Scene:
    """The scene of a seed: one thing in most pictures, two or three in the others, a photo in 64 % of them.

    ``names`` lets zoo characters in under their pseudo-names (training only).
    """
    rng = np.random.default_rng(seed)
    if count is None:
        count = int(rng.choice((1, 2, 3), p=(0.52, 0.34, 0.14)))
    if style is None:
        style = str(rng.choice(list(STYLES), p=(0.64, 0.12, 0.12, 0.12)))
    setting = str(rng.choice(list(SETTINGS)))
    positions: Sequence[str]
    if count == 1:
        positions = [str(rng.choice(POSITIONS, p=(0.22, 0.56, 0.22)))]
    else:
        positions = [POSITIONS[i] for i in sorted(rng.choice(3, count, replace=False))]
    group = count > 1 and rng.random() < 0.3  # a group photo: people and their friends
    # people and monsters have more to learn about them, so they come more often
    pool = [k for k in kinds for _ in range(2 if k in (*PEOPLE, "monster") else 1)]
    pool = [k for k in pool if not group or k in (*PEOPLE, "monster")] or list(kinds)
    things = []
    for position in positions:
        thing = random_thing(rng, pool)
        if names and thing.kind in (*PEOPLE, "monster") and rng.random() < 0.3:
            thing = _ZOO[int(rng.integers(len(_ZOO)))]
        things.append(fitted(thing, position, count, rng))
    return Scene(setting, style, tuple(things), seed=int(rng.integers(1 << 30)))


def training_caption(scene: Scene, rng: np.random.Generator) -> str:
    """A caption as people would give it: mostly everything, sometimes less."""
    detail = [int(rng.choice((0, 1, 2, 3), p=(0.08, 0.10, 0.10, 0.72))) for _ in scene.things]
    return scene.caption(detail, place=rng.random() > 0.12, setting=rng.random() > 0.08)


def vocabulary() -> list[str]:
    """Every word of every caption, held-out words and names included."""
    words: set[str] = {"nothing", "a", "an", "and", "in", "on", "the", "with", "middle", "dress", "shirt", "striped"}
    words |= {"hair", "glasses", "hat", "eye", "eyes", *KINDS, *COLORS, *POSITIONS, *HAIR, *HAIR_COLORS, *TOPS}
    words |= set(NUMBERS.values()) | {thing.name for thing in _ZOO} | set(HELD_OUT_KINDS)
    for phrase in (*SETTINGS.values(), *STYLES.values(), *HELD_OUT_STYLES.values()):
        words |= set(phrase.split())
    return sorted(words)


def scenes(seed: int, count: int, **options: Any) -> Iterator[Scene]:
    """``count`` scenes of one seed, one after the other."""
    for i in range(count):
        yield sample([seed, i], **options)
