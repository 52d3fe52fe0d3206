"""Characters: random people and monsters, a zoo that training calls by names, and those that training never sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from miniature.pen import SKIN
from miniature.scenes import ACCESSORIES, COLORS, HAIR, HAIR_COLORS, KINDS, PATTERNS, PEOPLE, TOPS, Thing


def held_out_characters() -> dict[str, Thing]:
    """Characters whose combination of attributes never occurs in training; they are there to be taught."""
    return {
        "阿紫": Thing("girl", color="yellow", hair="long", hair_color="purple", accessory="glasses", seed=901),
        "小明": Thing(
            "boy", color="red", hair="short", hair_color="black", accessory="glasses", pattern="striped", seed=902
        ),
        "小红": Thing("girl", color="red", hair="curly", hair_color="brown", accessory="hat", seed=903),
        "大白": Thing("boy", color="blue", hair="curly", hair_color="white", accessory="", skin=1, seed=904),
        "桃子": Thing("girl", color="green", hair="short", hair_color="pink", accessory="", pattern="dotted", seed=905),
        "阿龙": Thing("boy", color="black", hair="long", hair_color="red", accessory="hat", seed=906),
        "绿豆": Thing("monster", color="green", top="horns", eyes=1, seed=907),
        "团子": Thing("monster", color="pink", top="antennas", eyes=3, seed=908),
    }


_HELD_OUT_IDENTITIES = frozenset(thing.identity() for thing in held_out_characters().values())


def character(rng: np.random.Generator, kind: str) -> Thing:
    """A random person or monster (or plain thing), never one of the held-out combinations."""
    while True:
        thing = Thing(kind, str(rng.choice(COLORS)), seed=int(rng.integers(1 << 30)))
        if kind in PEOPLE:
            usual = rng.random() < 0.6
            thing = replace(
                thing,
                hair=str(rng.choice(HAIR)),
                hair_color=str(rng.choice(HAIR_COLORS[:4] if usual else HAIR_COLORS)),
                accessory=str(rng.choice(ACCESSORIES, p=(0.5, 0.25, 0.25))),
                pattern=str(rng.choice(PATTERNS, p=(0.6, 0.2, 0.2))),
                skin=int(rng.choice(len(SKIN), p=(0.6, 0.25, 0.15))),
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


ZOO = tuple(zoo())


def random_thing(rng: np.random.Generator, kinds: Sequence[str] = KINDS) -> Thing:
    """One thing of the training world, of one of ``kinds``."""
    return character(rng, str(rng.choice(kinds)))
