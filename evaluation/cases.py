"""What is asked: scenes of unseen seeds, an order for each, and the scene as it should be afterwards.

Everything about a case follows from (suite, seed, number). Training uses the seeds 7 and 8; cases begin at 1000.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np

from miniature.draw import SIZE
from miniature.scenes import (
    COLORS,
    KINDS,
    PEOPLE,
    SETTINGS,
    STYLES,
    Scene,
    Thing,
    fitted,
    held_out_characters,
    random_thing,
    sample,
)  # fmt: skip
from pipeline.words import COLOR_NAMES, NAMES, POSITION_NAMES, SETTING_NAMES, STYLE_NAMES
from storage.plans import Step

FIRST_SEED = 1000
UNSAID: dict[str, Any] = {"top": "horns", "eyes": 1}  # how a monster looks when an order does not say
TAUGHT = 4  # pictures from which a character is taught

Array = np.ndarray[Any, Any]
Pixels = Array  # (H, W, 3) uint8
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Case:
    """One thing asked: `before` is the photo, `after` the true answer.

    old, new   index of the thing that it is about, in `before` and in `after`; None where there is none
    step       the order as the chat would hand it on, `sentence` the order in Chinese; None and "" without an order
    character  in the suite concept: who, and `taught`: the scenes from which it is learned
    seed       for a method's own random numbers
    """

    suite: str
    before: Scene
    after: Scene
    old: int | None = None
    new: int | None = None
    step: Step | None = None
    sentence: str = ""
    character: str = ""
    taught: tuple[Scene, ...] = ()
    seed: int = 0

    @property
    def thing(self) -> Thing | None:
        """The thing asked for; the one that shall go; None if the order is about the whole picture."""
        if self.new is not None:
            return self.after.things[self.new]
        return None if self.old is None else self.before.things[self.old]

    def place(self) -> Array:
        """Where that thing stands in the true answer (stood, if it shall go), (128, 128) bool."""
        if self.new is not None:
            return self.after.mask(self.new)
        return np.ones((SIZE, SIZE), bool) if self.old is None else self.before.mask(self.old)

    def inside(self) -> Array:
        """Where photo and answer may differ, (128, 128) bool: the thing's masks before and after; the backdrop,
        also where it shines through edges, for another background; everything for another style; nothing at all for
        a reconstruction."""
        nothing = np.zeros((SIZE, SIZE), bool)
        if self.suite == "reconstruct":
            return nothing
        if self.suite == "background":
            things = np.any([nothing, *self.before.masks()], axis=0)
            differs = (self.before.image() != self.after.image()).any(axis=2)  # seen through soft edges too
            return np.asarray(~things | differs)
        if self.suite in ("restyle", "concept"):
            return ~nothing
        old = nothing if self.old is None else self.before.mask(self.old)
        new = nothing if self.new is None else self.after.mask(self.new)
        return np.asarray(old | new)


def cases(suite: str, seed: int, count: int) -> Iterator[Case]:
    """The first `count` cases of a suite. Raises ValueError for seeds that training may have seen."""
    if seed < FIRST_SEED:
        raise ValueError(f"seeds below {FIRST_SEED} belong to training and tuning")
    for number in range(count):
        key = (seed, crc32(suite.encode()), number)
        rng = np.random.default_rng([*key, 1])
        scene = sample([*key, 2], count=1 + int(rng.integers(2)), style="photo")
        case = _concept(rng, seed, number) if suite == "concept" else ORDERS[suite](rng, scene)
        yield replace(case, suite=suite, seed=int(rng.integers(1 << 30)))


# -- suites ------------------------------------------------------------------------------------------------------------


def _reconstruct(rng: Random, scene: Scene) -> Case:
    return Case("", scene, scene)


def _replace(rng: Random, scene: Scene) -> Case:
    """Another kind in the same colour; no kind that is in the picture already."""
    i = int(rng.integers(len(scene.things)))
    kind = _other(rng, KINDS, *(thing.kind for thing in scene.things))
    target, position, where = _said(scene, i)
    return Case(
        "", scene, scene.replace(i, replace(scene.things[i], kind=kind, **UNSAID)), i, i,
        Step("replace", target, NAMES[kind][1], position=position), f"把{where}{target}换成{NAMES[kind][1]}",
    )  # fmt: skip


def _recolor(rng: Random, scene: Scene) -> Case:
    i = int(rng.integers(len(scene.things)))
    color = _other(rng, COLORS, scene.things[i].color)
    target, position, where = _said(scene, i)
    clothes = "的衣服" if scene.things[i].kind in PEOPLE else ""
    return Case(
        "", scene, scene.recolor(i, color), i, i,
        Step("recolor", target + clothes, color=color, position=position),
        f"把{where}{target}{clothes}改成{COLOR_NAMES[color]}",
    )  # fmt: skip


def _restyle(rng: Random, scene: Scene) -> Case:
    style = _other(rng, list(STYLES), scene.style)
    name = style.replace(" ", "_")
    return Case("", scene, scene.restyle(style), step=Step("restyle", style=name), sentence=f"改成{STYLE_NAMES[name]}")


def _background(rng: Random, scene: Scene) -> Case:
    setting = _other(rng, list(SETTINGS), scene.setting)
    name = SETTING_NAMES[setting]
    return Case("", scene, scene.background(setting), step=Step("background", content=name), sentence=f"背景换成{name}")


def _insert(rng: Random, scene: Scene) -> Case:
    """A thing comes to one side of a picture that has one on the other."""
    side, free = rng.permutation(("left", "right")).tolist()
    scene = replace(scene, things=(fitted(scene.things[0], side, 1, rng),))
    kind = _other(rng, KINDS, scene.things[0].kind)
    thing = replace(random_thing(rng, (kind,)), accessory="", striped=False, hair="short", hair_color="black", **UNSAID)
    after = scene.insert(thing, free)
    noun, color, where = NAMES[kind][1], COLOR_NAMES[thing.color], POSITION_NAMES[free]
    if kind in PEOPLE:
        noun = f"穿{color}衣服的{noun}"
        step, said = Step("insert", content=noun, position=free), noun
    else:
        step, said = Step("insert", content=noun, color=thing.color, position=free), f"{color}的{noun}"
    return Case("", scene, after, None, 0 if free == "left" else 1, step, f"在{where}加上{said}")


def _remove(rng: Random, scene: Scene) -> Case:
    i = int(rng.integers(len(scene.things)))
    target, position, where = _said(scene, i)
    step = Step("remove", target, position=position)
    return Case("", scene, scene.remove(i), i, None, step, f"把{where}{target}去掉")


def _concept(rng: Random, seed: int, number: int) -> Case:
    """A held-out character, taught in two settings, drawn in one of the others."""
    characters = held_out_characters()
    name = list(characters)[number % len(characters)]
    taught, settings = lessons(name, seed)
    setting = settings[number // len(characters) % len(settings)]
    empty = Scene(setting, "photo", (), seed=int(rng.integers(1 << 30)))
    after = replace(empty, things=(fitted(characters[name], "middle", 1, rng),))
    return Case("", empty, after, None, 0, character=name, taught=taught)


@cache
def lessons(name: str, seed: int) -> tuple[tuple[Scene, ...], tuple[str, ...]]:
    """The pictures from which a held-out character is taught, alone, in two settings, and the settings left over."""
    thing = held_out_characters()[name]
    rng = np.random.default_rng([seed, crc32(name.encode())])
    settings = rng.permutation(list(SETTINGS)).tolist()
    shown = (settings[:2] * TAUGHT)[:TAUGHT]
    scenes = (Scene(s, "photo", (fitted(thing, "middle", 1, rng),), int(rng.integers(1 << 30))) for s in shown)
    return tuple(scenes), tuple(settings[2:])


ORDERS: dict[str, Callable[[Random, Scene], Case]] = {
    "reconstruct": _reconstruct,
    "replace": _replace,
    "recolor": _recolor,
    "restyle": _restyle,
    "background": _background,
    "insert": _insert,
    "remove": _remove,
}
SUITES = (*ORDERS, "concept")


def _other(rng: Random, words: tuple[str, ...] | list[str], *taken: str) -> str:
    return str(rng.choice([word for word in words if word not in taken]))


def _said(scene: Scene, index: int) -> tuple[str, str | None, str]:
    """Thing `index` in an order: its noun, and with more than one thing in the picture its position, as the order's
    word and in Chinese."""
    thing = scene.things[index]
    noun = NAMES[thing.kind][1]
    if len(scene.things) == 1:
        return noun, None, ""
    position = {"middle": "center"}.get(thing.position, thing.position)
    return noun, position, f"{POSITION_NAMES[thing.position]}的"
