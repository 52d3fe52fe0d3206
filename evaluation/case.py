"""What one case is: a photo, an order, the true answer, and what must be right about a picture that claims to be it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.language.referents import referents
from miniature import draw
from miniature.pen import SIZE
from miniature.scenes import Scene, Thing
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.words import NAMES, POSITION_NAMES
from storage.plans import Step

Array = np.ndarray[Any, Any]
Pixels = Array  # (H, W, 3) uint8
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be right: `what` ("kind", "color", "kind and color", "pattern", "expression", "nothing") about
    thing `index` of the true answer (for "nothing": of the photo), or about its image in mirror and water."""

    what: str
    index: int
    reflected: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One thing asked: `before` is the photo, `after` the true answer.

    old, new   index of the thing that it is about, in `before` and in `after`; None where there is none
    step       the order as the chat would hand it on, `sentence` the order in Chinese; None and "" without an order
    checks     what must be right; (): what the suite says by itself (see judge.py)
    others     more things that may change: indices in `before` and `after`, when two change places
    character  in the suites about teaching: who (or which style), and `taught`: the scenes from which it is learned
    asks       the only right answer is to ask back
    seed       for a method's own random numbers
    """

    suite: str
    before: Scene
    after: Scene
    old: int | None = None
    new: int | None = None
    step: Step | None = None
    sentence: str = ""
    checks: tuple[Check, ...] = ()
    others: tuple[int, ...] = ()
    character: str = ""
    taught: tuple[Scene, ...] = ()
    asks: bool = False
    seed: int = 0

    @property
    def operation(self) -> str:
        """The operation of its order; "" without one."""
        return self.step.operation if self.step else ""

    @property
    def thing(self) -> Thing | None:
        """The thing asked for; the one that shall go; None if the order is about the whole picture."""
        if self.new is not None:
            return self.after.things[self.new]
        return None if self.old is None else self.before.things[self.old]

    def place(self) -> Array:
        """Where that thing stands in the true answer (stood, if it shall go), (128, 128) bool."""
        if self.new is not None:
            return draw.mask(self.after, self.new)
        return np.ones((SIZE, SIZE), bool) if self.old is None else draw.mask(self.before, self.old)

    def inside(self) -> Array:
        """Where photo and answer may differ, (128, 128) bool: the thing's masks before and after, its images in water
        and mirror included; the backdrop, also where it shines through edges, for another background; everything for
        another style; nothing at all for a reconstruction."""
        nothing = np.zeros((SIZE, SIZE), bool)
        if self.suite == "reconstruct":
            return nothing
        if self.operation == "background":
            things = np.any([nothing, *draw.masks(self.before)], axis=0)
            differs = (draw.paint(self.before) != draw.paint(self.after)).any(axis=2)  # seen through soft edges too
            return np.asarray(~things | differs)
        if self.operation in ("", "restyle"):
            return ~nothing
        masks = [nothing]
        for scene, index in ((self.before, self.old), (self.after, self.new)):
            masks += [draw.mask(scene, i, reflected=True) for i in (index, *self.others) if i is not None]
        return np.asarray(np.any(masks, axis=0))


def other(rng: Random, words: tuple[str, ...] | list[str], *taken: str) -> str:
    """One of the words that is not taken."""
    return str(rng.choice([word for word in words if word not in taken]))


def said(scene: Scene, index: int) -> tuple[str, str | None, str]:
    """Thing `index` in an order: its noun, and with more than one thing in the picture its position, as the order's
    word and in Chinese."""
    thing = scene.things[index]
    noun = NAMES[thing.kind][1]
    if len(scene.things) == 1:
        return noun, None, ""
    position = {"middle": "center"}.get(thing.position, thing.position)
    return noun, position, f"{POSITION_NAMES[thing.position]}的"


def with_thing(scene: Scene, index: int, thing: Thing) -> Scene:
    """The scene with another thing in this place, exactly as it is."""
    return replace(scene, things=(*scene.things[:index], thing, *scene.things[index + 1 :]))


def asked(case: Case) -> Asked:
    """A case's step, with what the chat's parser makes of its sentence. Raises ValueError for a case without an order."""
    if case.step is None:
        raise ValueError(f"{case.suite} has no orders")
    return Asked.of(case.step, referents(case.step, case.sentence, [case.character]))
