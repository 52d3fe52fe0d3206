"""The ordinary suites: one thing, one order; and characters and styles to teach."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np

from evaluation.case import Case, Check, Random, other, said
from miniature.characters import held_out_characters, random_thing
from miniature.sampling import sample
from miniature.scenes import (
    COLORS,
    EXPRESSIONS,
    HELD_OUT_STYLES,
    KINDS,
    PEOPLE,
    SETTINGS,
    STYLES,
    Scene,
    fitted,
)
from pipeline.diffusion.words import COLOR_NAMES, NAMES, POSITION_NAMES, SETTING_NAMES, STYLE_NAMES
from storage.plans import Step

UNSAID: dict[str, Any] = {"top": "horns", "eyes": 1}  # how a monster looks when an order does not say
TAUGHT = 4  # pictures from which a character or a style is taught
FACES = {"happy": "开心", "sad": "难过", "angry": "生气", "surprised": "惊讶", "sleepy": "困"}
SAID_KINDS = tuple(kind for kind in KINDS if kind in NAMES)
SAID_SETTINGS = tuple(setting for setting in SETTINGS if setting in SETTING_NAMES)
SAID_STYLES = tuple(style for style in STYLES if style.replace(" ", "_") in STYLE_NAMES)
Make = Callable[[Random, Sequence[int]], Case]


def photo(rng: Random, key: Sequence[int], kinds: Sequence[str] = SAID_KINDS, count: int | None = None) -> Scene:
    """A photo of one or two things (or `count`) that can be named, nothing special about it."""
    count = 1 + int(rng.integers(2)) if count is None else count
    return sample(key, count=count, style="photo", kinds=kinds, near=False, plain=True)


def reconstruct(rng: Random, key: Sequence[int]) -> Case:
    """Nothing."""
    scene = photo(rng, key)
    return Case("", scene, scene)


def exchange(rng: Random, key: Sequence[int]) -> Case:
    """Another kind in the same colour; no kind that is in the picture already."""
    scene = photo(rng, key)
    i = int(rng.integers(len(scene.things)))
    kind = other(rng, SAID_KINDS, *(thing.kind for thing in scene.things))
    target, position, where = said(scene, i)
    new = replace(scene.things[i], kind=kind, expression="", **UNSAID)
    return Case(
        "", scene, scene.replace(i, new), i, i,
        Step("replace", target, NAMES[kind][1], position=position), f"把{where}{target}换成{NAMES[kind][1]}",
    )  # fmt: skip


def recolor(rng: Random, key: Sequence[int]) -> Case:
    """Another colour; people's clothes."""
    scene = photo(rng, key)
    return recolored(rng, scene, int(rng.integers(len(scene.things))))


def recolored(rng: Random, scene: Scene, i: int) -> Case:
    """Thing `i` in another colour."""
    color = other(rng, COLORS, scene.things[i].color)
    target, position, where = said(scene, i)
    clothes = "的衣服" if scene.things[i].kind in PEOPLE else ""
    return Case(
        "", scene, scene.recolor(i, color), i, i,
        Step("recolor", target + clothes, color=color, position=position),
        f"把{where}{target}{clothes}改成{COLOR_NAMES[color]}",
    )  # fmt: skip


def restyle(rng: Random, key: Sequence[int]) -> Case:
    """Another style that the model knows."""
    scene = photo(rng, key)
    style = other(rng, SAID_STYLES, scene.style)
    name = style.replace(" ", "_")
    return Case("", scene, scene.restyle(style), step=Step("restyle", style=name), sentence=f"改成{STYLE_NAMES[name]}")


def background(rng: Random, key: Sequence[int]) -> Case:
    """Another setting."""
    scene = photo(rng, key)
    setting = other(rng, SAID_SETTINGS, scene.setting)
    name = SETTING_NAMES[setting]
    return Case("", scene, scene.background(setting), step=Step("background", content=name), sentence=f"背景换成{name}")


def insert(rng: Random, key: Sequence[int]) -> Case:
    """A thing comes to one side of a picture that has one on the other."""
    scene = photo(rng, key)
    side, free = rng.permutation(("left", "right")).tolist()
    scene = replace(scene, things=(fitted(scene.things[0], side, 1, rng),))
    kind = other(rng, SAID_KINDS, scene.things[0].kind)
    thing = replace(random_thing(rng, (kind,)), accessory="", pattern="", hair="short", hair_color="black", **UNSAID)
    after = scene.insert(thing, free)
    noun, color, where = NAMES[kind][1], COLOR_NAMES[thing.color], POSITION_NAMES[free]
    if kind in PEOPLE:
        noun = f"穿{color}衣服的{noun}"
        step, words = Step("insert", content=noun, position=free), noun
    else:
        step, words = Step("insert", content=noun, color=thing.color, position=free), f"{color}的{noun}"
    return Case("", scene, after, None, 0 if free == "left" else 1, step, f"在{where}加上{words}")


def remove(rng: Random, key: Sequence[int]) -> Case:
    """One thing goes."""
    scene = photo(rng, key)
    i = int(rng.integers(len(scene.things)))
    target, position, where = said(scene, i)
    step = Step("remove", target, position=position)
    return Case("", scene, scene.remove(i), i, None, step, f"把{where}{target}去掉")


def expression(rng: Random, key: Sequence[int]) -> Case:
    """A close-up of one person, who makes another face."""
    scene = sample(key, count=1, style="photo", kinds=PEOPLE, near=True)
    face = other(rng, list(EXPRESSIONS[1:]), scene.things[0].expression)
    target = NAMES[scene.things[0].kind][1]
    step = Step("modify", target, FACES[face])
    after = scene.express(0, face)
    return Case("", scene, after, 0, 0, step, f"把{target}的表情改成{FACES[face]}", (Check("expression", 0),))


# -- what is taught ----------------------------------------------------------------------------------------------------


def concept(rng: Random, seed: int, number: int) -> Case:
    """A held-out character, taught in two settings, drawn in one of the others."""
    name, taught, settings = _character(seed, number)
    setting = settings[number // len(held_out_characters()) % len(settings)]
    empty = Scene(setting, "photo", (), seed=int(rng.integers(1 << 30)))
    after = replace(empty, things=(fitted(held_out_characters()[name], "middle", 1, rng),))
    return Case("", empty, after, None, 0, character=name, taught=taught)


def group(rng: Random, seed: int, number: int) -> Case:
    """A taught character comes into a group photo of two, or takes the place of one of three; everyone else stays who
    they are."""
    name, taught, _ = _character(seed, number)
    character = held_out_characters()[name]
    key = (seed, crc32(b"group"), number, 2)
    comes = number % 2 == 0
    scene = sample(key, count=2 if comes else 3, style="photo", kinds=(*PEOPLE, "monster"), near=False, plain=True)
    if comes:
        free = scene.free()[0]
        after = scene.insert(character, free)
        new = next(i for i, thing in enumerate(after.things) if thing.position == free)
        others = tuple(i for i in range(len(after.things)) if i != new)
        position = {"middle": "center"}.get(free, free)
        old: int | None = None
        step, sentence = Step("insert", concept=name, position=position), f"把{name}加到{POSITION_NAMES[free]}"
    else:
        old = new = int(rng.integers(3))
        after = scene.replace(new, replace(character, expression=""))
        target, place, where = said(scene, new)
        step = Step("replace", target, concept=name, position=place)
        sentence = f"把{where}{target}换成{name}"
        others = tuple(i for i in range(3) if i != old)
    checks = tuple(Check(what, i) for i in others for what in ("kind", "color"))
    return Case("", scene, after, old, new, step, sentence, checks, character=name, taught=taught)


def style(rng: Random, seed: int, number: int) -> Case:
    """A photo in a style that training never saw, taught from four pictures."""
    name = list(HELD_OUT_STYLES)[number % len(HELD_OUT_STYLES)]
    scene = photo(rng, (seed, crc32(b"style"), number, 2))
    step = Step("restyle", concept=name)
    return Case(
        "", scene, scene.restyle(name), step=step, sentence=f"改成{name}风格", character=name,
        taught=style_lessons(name, seed),
    )  # fmt: skip


def _character(seed: int, number: int) -> tuple[str, tuple[Scene, ...], tuple[str, ...]]:
    characters = list(held_out_characters())
    name = characters[number % len(characters)]
    return name, *lessons(name, seed)


@cache
def lessons(name: str, seed: int) -> tuple[tuple[Scene, ...], tuple[str, ...]]:
    """The pictures from which a held-out character is taught, alone, in two settings, and the settings left over."""
    thing = held_out_characters()[name]
    rng = np.random.default_rng([seed, crc32(name.encode())])
    settings = rng.permutation(list(SETTINGS)).tolist()
    shown = (settings[:2] * TAUGHT)[:TAUGHT]
    scenes = (Scene(s, "photo", (fitted(thing, "middle", 1, rng),), int(rng.integers(1 << 30))) for s in shown)
    return tuple(scenes), tuple(settings[2:])


@cache
def style_lessons(name: str, seed: int) -> tuple[Scene, ...]:
    """The pictures from which a held-out style is taught."""
    key = (seed, crc32(name.encode()))
    return tuple(sample((*key, i), count=1, style="photo", near=False, plain=True).restyle(name) for i in range(TAUGHT))
