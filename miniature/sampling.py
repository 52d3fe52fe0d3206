"""Random scenes and their captions: what training sees, and, from other seeds, what it is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from miniature.characters import ZOO, random_thing
from miniature.scenes import (
    CROWD,
    EXPRESSIONS,
    KINDS,
    PEOPLE,
    POSITIONS,
    SETTINGS,
    STYLES,
    Scene,
    Thing,
    fitted,
)

COUNTS = (0, 1, 2, 3, 4)
CHARACTERS = (*PEOPLE, "monster")
# how often a face is said to show something: always in a close-up, less the more there is to see
MOODS = {1: 0.35, 2: 0.2}


def sample(
    seed: int | Sequence[int],
    *,
    count: int | None = None,
    style: str | None = None,
    kinds: Sequence[str] = KINDS,
    names: bool = False,
    near: bool | None = None,
    plain: bool = False,
) -> Scene:
    """The scene of a seed: one thing in most pictures, two to four in the others, sometimes none; mostly photos.

    ``names`` lets zoo characters in under their pseudo-names (training only). ``near`` asks for a close-up of one
    person, or for none. ``plain`` leaves out distance, passers-by and mirrors.
    """
    rng = np.random.default_rng(seed)
    if count is None:
        count = int(rng.choice(COUNTS, p=(0.03, 0.52, 0.30, 0.11, 0.04)))
    if style is None:
        style = str(rng.choice(list(STYLES), p=(0.58, *[0.42 / (len(STYLES) - 1)] * (len(STYLES) - 1))))
    setting = str(rng.choice(list(SETTINGS)))
    foot = float(rng.uniform(0.66, 0.86)) if setting == "lake" else None
    if near is None:
        near = count == 1 and not plain and rng.random() < 0.24 and any(kind in PEOPLE for kind in kinds)
    if near:
        who = random_thing(rng, [kind for kind in kinds if kind in PEOPLE])
        if names and rng.random() < 0.2:
            who = _named(rng, PEOPLE)
        face = str(rng.choice(EXPRESSIONS))
        thing = fitted(replace(who, distance="near", expression=face), "middle", 1, rng)
        return Scene(setting, style, (thing,), seed=int(rng.integers(1 << 30)))
    places = CROWD if count == 4 else POSITIONS
    positions: Sequence[str]
    if count == 1:
        positions = [str(rng.choice(POSITIONS, p=(0.22, 0.56, 0.22)))]
    else:
        positions = [places[i] for i in sorted(rng.choice(len(places), count, replace=False))]
    group = count == 4 or (count > 1 and rng.random() < 0.3)  # a group photo: people and their friends
    # people and monsters have more to learn about them, so they come more often
    pool = [kind for kind in kinds for _ in range(3 if kind in CHARACTERS else 1)]
    pool = [kind for kind in pool if not group or kind in CHARACTERS] or list(kinds)
    far = count <= 2 and not plain and rng.random() < 0.07
    things = []
    for position in positions:
        thing = random_thing(rng, pool)
        if names and thing.kind in CHARACTERS and rng.random() < 0.3:
            thing = _named(rng, CHARACTERS)
        if thing.kind in PEOPLE and not far and rng.random() < MOODS.get(count, 0):
            thing = replace(thing, expression=str(rng.choice(EXPRESSIONS[1:])))
        things.append(fitted(replace(thing, distance="far" if far else ""), position, count, rng, foot))
    scene = Scene(setting, style, tuple(things), seed=int(rng.integers(1 << 30)))
    if plain or far:
        return scene
    if setting == "room" and count == 1 and rng.random() < 0.35:
        sides = [side for side in ("left", "right") if side != positions[0]]
        scene = replace(scene, mirror=str(rng.choice(sides)))
        thing = things[0]
        if thing.position == "middle":  # make room for the mirror
            shift = 0.14 if scene.mirror == "left" else -0.14
            height = min(thing.height, 0.8 * thing.height + 0.06)
            scene = replace(scene, things=(replace(thing, x=thing.x + shift, height=height),))
    elif count >= 1 and setting != "lake" and rng.random() < (0.25 if group else 0.05):
        scene = replace(scene, passers=tuple(_passer(rng) for _ in range(int(rng.integers(1, 4)))))
    return scene


def _named(rng: np.random.Generator, kinds: Sequence[str]) -> Thing:
    """One of the zoo, under its name."""
    fitting = [thing for thing in ZOO if thing.kind in kinds]
    return fitting[int(rng.integers(len(fitting)))]


def _passer(rng: np.random.Generator) -> Thing:
    """Somebody who walks by in the background."""
    who = random_thing(rng, PEOPLE)
    height = float(rng.uniform(0.24, 0.30))
    return replace(who, x=float(rng.uniform(0.06, 0.94)), foot=float(rng.uniform(0.64, 0.70)), height=height)


def training_caption(scene: Scene, rng: np.random.Generator) -> str:
    """A caption as people would give it: mostly everything, sometimes less."""
    detail = [int(rng.choice((0, 1, 2, 3), p=(0.08, 0.10, 0.10, 0.72))) for _ in scene.things]
    return scene.caption(detail, place=rng.random() > 0.12, setting=rng.random() > 0.08, around=rng.random() > 0.05)


def scenes(seed: int, count: int, **options: Any) -> Iterator[Scene]:
    """``count`` scenes of one seed, one after the other."""
    for i in range(count):
        yield sample([seed, i], **options)
