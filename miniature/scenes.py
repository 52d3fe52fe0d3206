"""The captioned world: what is in a picture, its caption, its masks, and the same scene with one thing changed.

A ``Scene`` is data. Everything about it follows from its fields, so ``scene.recolor(0, "red").image()`` is the true
answer of the edit 「把…改成红色」 on ``scene.image()``: the same backdrop, the same neighbours, one thing changed. To grow
the world add a painter in ``painters.py`` and a word here. Random scenes and their captions are in ``sampling.py``,
characters in ``characters.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

COLORS = ("red", "yellow", "green", "blue", "purple", "pink", "white", "black")
ANIMALS = ("cat", "dog", "rabbit", "bear", "bird")
OBJECTS = ("ball", "car", "house", "umbrella", "flower", "tree", "boat", "cake", "chair")
PEOPLE = ("girl", "boy")
KINDS = ANIMALS + OBJECTS + PEOPLE + ("monster",)
POSITIONS = ("left", "middle", "right")
CROWD = ("far left", "left", "right", "far right")  # the places of four
SETTINGS = {
    "beach": "on the beach",
    "grass": "on the grass",
    "snow": "in the snow",
    "night": "in the night city",
    "room": "in the room",
    "desert": "in the desert",
    "lake": "on the lake",
}
STYLES = {
    "photo": "a photo of",
    "ink wash": "an ink wash painting of",
    "impressionist": "an impressionist painting of",
    "comic": "a comic of",
    "sketch": "a pencil sketch of",
    "pixel": "a pixel art of",
    "abstract": "an abstract painting of",
}
HAIR = ("short", "long", "curly")
HAIR_COLORS = ("black", "brown", "yellow", "red", "purple", "blue", "pink", "white")
ACCESSORIES = ("", "glasses", "hat")
PATTERNS = ("", "striped", "dotted")
EXPRESSIONS = ("", "happy", "sad", "angry", "surprised", "sleepy")
DISTANCES = ("", "near", "far")
TOPS = ("horns", "ears", "antennas")
NUMBERS = {1: "one", 2: "two", 3: "three"}

# Never shown in training: they are for teaching (textual inversion) and for measuring.
HELD_OUT_KINDS = ("duck", "cup", "penguin", "rocket")
HELD_OUT_STYLES = {"papercut": "a papercut of", "neon": "a neon picture of"}

_X = {"left": 0.22, "middle": 0.5, "right": 0.78}
_X_CROWD = {"far left": 0.14, "left": 0.38, "right": 0.62, "far right": 0.86}
HEIGHTS = {
    "cat": 0.46, "dog": 0.46, "rabbit": 0.54, "bear": 0.52, "bird": 0.42, "ball": 0.36, "car": 0.34, "house": 0.60,
    "umbrella": 0.50, "flower": 0.52, "tree": 0.66, "boat": 0.50, "cake": 0.42, "chair": 0.50, "girl": 0.70,
    "boy": 0.70, "monster": 0.54, "duck": 0.42, "cup": 0.40, "penguin": 0.50, "rocket": 0.62,
}  # fmt: skip
_WIDTH = {
    "car": 1.72, "house": 1.1, "umbrella": 1.12, "ball": 1.0, "bird": 1.2, "tree": 0.9, "boat": 1.24, "cake": 1.12,
    "chair": 0.84, "duck": 1.2, "cup": 1.04, "monster": 0.94,
}  # fmt: skip


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
    pattern: str = ""
    expression: str = ""
    skin: int = 0
    top: str = "horns"
    eyes: int = 2
    name: str = ""  # zoo characters are called by a pseudo-name in captions
    distance: str = ""
    x: float = 0.5
    foot: float = 0.9
    height: float = 0.5
    mirrored: bool = False

    def phrase(self, detail: int = 3) -> str:
        """The thing in words; ``detail`` 0 is the bare kind, 3 everything that can be seen."""
        mood = self.expression if detail else ""
        if self.name and detail:
            return f"{mood} {self.name}".strip()
        if self.kind in PEOPLE:
            words = f"a {mood} {self.kind}"
            if detail >= 2:
                words += f" with {self.hair} {self.hair_color} hair"
            if detail >= 1:
                words += f" in a {self.color} {self.pattern} {'dress' if self.kind == 'girl' else 'shirt'}"
            if detail >= 3 and self.accessory:
                words += " with glasses" if self.accessory == "glasses" else " with a hat"
        elif detail == 0:
            words = f"a {self.kind}"
        else:
            words = f"a {self.color} {self.kind}"
            if self.kind == "monster" and detail >= 2:
                words += f" with {self.top} and {NUMBERS[self.eyes]} {'eye' if self.eyes == 1 else 'eyes'}"
        return re.sub(r"\ba (?=angry)", "an ", " ".join(words.split()))

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom as fractions of the picture, a little generous; what lies outside is cut off."""
        half = 0.5 * max(_WIDTH.get(self.kind, 0.66), 0.66) * self.height
        left, top, right, bottom = self.x - half, self.foot - 1.02 * self.height, self.x + half, self.foot + 0.01
        return max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)

    def identity(self) -> tuple[object, ...]:
        """What makes a character this one, whatever its place and mood."""
        if self.kind in PEOPLE:
            return (self.kind, self.color, self.hair, self.hair_color, self.accessory, self.pattern)
        if self.kind == "monster":
            return (self.kind, self.color, self.top, self.eyes)
        return (self.kind, self.color)


def fitted(thing: Thing, position: str, count: int, rng: np.random.Generator, foot: float | None = None) -> Thing:
    """``thing`` set on its place, in a size that leaves room for ``count`` things."""
    height = HEIGHTS[thing.kind] * (1.18 if count == 1 else 1.0) * float(rng.uniform(0.93, 1.07))
    widest = 0.72 if count == 1 and position == "middle" else {1: 0.48, 2: 0.44, 3: 0.36}.get(count, 0.27)
    width = _WIDTH.get(thing.kind, 0.62)
    height = min(height, widest / width)
    x = (_X_CROWD if position in _X_CROWD and count >= 4 else _X)[position] + float(rng.uniform(-0.025, 0.025))
    x = min(max(x, width * height / 2 + 0.01), 0.99 - width * height / 2)
    foot = float(rng.uniform(0.88, 0.95)) if foot is None else foot
    new = replace(thing, position=position, x=x, foot=foot, height=height, mirrored=bool(rng.integers(2)))
    if thing.distance == "near":  # a bust: the head fills the picture
        tall = 1.32 * float(rng.uniform(0.95, 1.05))
        return replace(new, height=tall, foot=0.10 + tall, x=0.5 + float(rng.uniform(-0.03, 0.03)))
    if thing.distance == "far":
        return replace(new, height=0.55 * height, foot=float(rng.uniform(0.70, 0.78)))
    return new


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of the world. ``seed`` fixes the backdrop's shapes and the brush of the style.

    ``passers`` are people who happened to walk by behind; ``mirror`` hangs at a side of the room ("left", "right", "").
    """

    setting: str
    style: str
    things: tuple[Thing, ...]
    seed: int = 0
    passers: tuple[Thing, ...] = ()
    mirror: str = ""

    def caption(
        self, detail: Sequence[int] | int = 3, *, place: bool = True, setting: bool = True, around: bool = True
    ) -> str:
        """The canonical English caption; the arguments leave things unsaid (``around``: mirror and passers)."""
        count = len(self.things)
        details = [detail] * count if isinstance(detail, int) else list(detail)
        passed = around and bool(self.passers) and count < 4
        most = 3 if count < 3 else 2 if count == 3 and not passed else 1  # a caption has 54 words at most
        parts = []
        for thing, d in zip(self.things, details, strict=True):
            words = (replace(thing, pattern="") if count == 4 else thing).phrase(min(d, most))
            if thing.distance:  # always: else "a boy" would be drawn as a face as often as not
                words += " up close" if thing.distance == "near" else " far away"
            if place and not (count == 1 and thing.position == "middle"):
                words += " in the middle" if thing.position == "middle" else f" on the {thing.position}"
            parts.append(words)
        style = STYLES.get(self.style) or HELD_OUT_STYLES[self.style]
        text = f"{style} {' and '.join(parts) if parts else 'nothing'}"
        if around and self.mirror:
            text += " by a mirror"
        if passed:
            text += " with people behind"
        return f"{text} {SETTINGS[self.setting]}" if setting else text

    # -- edits: the true answers ---------------------------------------------------------------------------------------

    def replace(self, index: int, thing: Thing) -> Scene:
        """Thing ``index`` becomes ``thing``, at its place."""
        old = self.things[index]
        room = 0.72 if self.free() == ("left", "right") else 0.46
        height = min(old.height / HEIGHTS[old.kind] * HEIGHTS[thing.kind], room / _WIDTH.get(thing.kind, 0.62))
        new = replace(thing, position=old.position, x=old.x, foot=old.foot, height=height, mirrored=old.mirrored)
        return self._with(index, new)

    def recolor(self, index: int, color: str) -> Scene:
        return self._with(index, replace(self.things[index], color=color))

    def express(self, index: int, expression: str) -> Scene:
        """Person ``index`` makes another face."""
        return self._with(index, replace(self.things[index], expression=expression))

    def insert(self, thing: Thing, position: str) -> Scene:
        """``thing`` comes in at a free ``position``; things stay in order from left to right. Raises ValueError."""
        if position not in self.free():
            raise ValueError(f"{position} is taken")
        rng = np.random.default_rng([self.seed, 3])
        foot = self.things[0].foot if self.things and self.setting == "lake" else None
        new = fitted(thing, position, max(2, len(self.things) + 1), rng, foot)
        return replace(self, things=_ordered((*self.things, new)))

    def remove(self, index: int) -> Scene:
        return replace(self, things=self.things[:index] + self.things[index + 1 :])

    def move(self, index: int, position: str) -> Scene:
        """Thing ``index`` goes to a free ``position``. Raises ValueError."""
        if position not in self.free():
            raise ValueError(f"{position} is taken")
        old = self.things[index]
        moved = replace(old, position=position, x=_X[position] + old.x - _X[old.position])
        return replace(self, things=_ordered((*self.things[:index], *self.things[index + 1 :], moved)))

    def swap(self, first: int, second: int) -> Scene:
        """Two things change places; each keeps its size and its feet on the ground."""
        a, b = self.things[first], self.things[second]
        things = list(self.things)
        things[first], things[second] = (
            replace(b, position=a.position, x=a.x),
            replace(a, position=b.position, x=b.x),
        )
        return replace(self, things=tuple(things))

    def restyle(self, style: str) -> Scene:
        return replace(self, style=style)

    def background(self, setting: str) -> Scene:
        """Elsewhere; a mirror stays in its room and passers-by in their street."""
        return replace(self, setting=setting, mirror="", passers=())

    def alone(self) -> Scene:
        """Without the passers-by."""
        return replace(self, passers=())

    def free(self) -> tuple[str, ...]:
        """Positions where nothing stands; none in a crowd or a close-up. A large thing in the middle leaves its sides."""
        if len(self.things) > 3 or any(thing.distance == "near" for thing in self.things):
            return ()
        taken = {thing.position for thing in self.things} | ({self.mirror} if self.mirror else set())
        return tuple(position for position in POSITIONS if position not in taken)

    def _with(self, index: int, thing: Thing) -> Scene:
        return replace(self, things=(*self.things[:index], thing, *self.things[index + 1 :]))


def _ordered(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """From left to right, as captions say them."""
    return tuple(sorted(things, key=lambda thing: POSITIONS.index(thing.position)))


def vocabulary(names: Sequence[str] = ()) -> list[str]:
    """Every word of every caption, held-out words and ``names`` included."""
    words: set[str] = {"nothing", "a", "an", "and", "in", "on", "the", "with", "middle", "dress", "shirt"}
    words |= {"hair", "glasses", "hat", "eye", "eyes", *KINDS, *COLORS, *POSITIONS, *HAIR, *HAIR_COLORS, *TOPS}
    words |= {"up", "close", "far", "away", "by", "mirror", "people", "behind", *PATTERNS[1:], *EXPRESSIONS[1:]}
    words |= {*NUMBERS.values(), *names, *HELD_OUT_KINDS}
    for phrase in (*SETTINGS.values(), *STYLES.values(), *HELD_OUT_STYLES.values()):
        words |= set(phrase.split())
    return sorted(words)
