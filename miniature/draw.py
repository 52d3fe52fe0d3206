"""Paint a scene, or the masks of what is in it: drawn at twice the size and reduced (cheap antialiasing).

From back to front: the backdrop, passers-by, a mirror, the things; what stands on a lake is reflected in it. A style is
applied to the finished picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from miniature.backdrops import BACKDROPS
from miniature.painters import PAINTERS
from miniature.pen import CANVAS, PALETTE, RGB, SIZE, Array, Pen
from miniature.renderings import RENDERINGS
from miniature.scenes import Scene, Thing

cv2.setNumThreads(1)

MIRROR_Y = (0.16, 0.80)  # top and bottom of a mirror, and half its width, as fractions of the picture
MIRROR_HALF = 0.17
GLASS: RGB = (214, 232, 240)
HAZE = 0.34  # passers-by are pale with distance


def color_of(thing: Thing) -> RGB:
    """The thing's exact paint: its colour word, moved a little by its own seed."""
    rng = np.random.default_rng(thing.seed)
    base = np.array(PALETTE[thing.color]) + rng.integers(-9, 10, 3)
    return tuple(int(c) for c in base.clip(20, 252))  # type: ignore[return-value]


def paint(scene: Scene) -> Array:
    """The picture of a scene: (SIZE, SIZE, 3) uint8 RGB."""
    canvas: Array = np.empty((CANVAS, CANVAS, 3), np.uint8)
    BACKDROPS[scene.setting](canvas, np.random.default_rng([scene.seed, 1]))
    comic = scene.style == "comic"
    if scene.passers:
        behind = canvas.copy()
        for passer in scene.passers:
            _put(canvas, None, passer, comic)
        canvas = cv2.addWeighted(canvas, 1 - HAZE, behind, HAZE, 0)
    if scene.mirror:
        _mirror(canvas, None, scene, comic)
    if scene.setting == "lake":
        for thing in scene.things:
            _reflect(canvas, thing, comic)
    for thing in scene.things:
        _put(canvas, None, thing, comic)
    image = cv2.resize(canvas, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    if scene.style in RENDERINGS:
        image = RENDERINGS[scene.style](image, np.random.default_rng([scene.seed, 2]))
    return image


def mask(scene: Scene, index: int, reflected: bool = False) -> Array:
    """Where thing ``index`` is seen: (SIZE, SIZE) bool, soft edges included, without what stands wholly before it.

    ``reflected``: its images in water and mirror too.
    """
    canvas = np.zeros((CANVAS, CANVAS, 3), np.uint8)
    seen = np.zeros((CANVAS, CANVAS), np.uint8)
    comic, thing = scene.style == "comic", scene.things[index]
    if reflected:
        if scene.setting == "lake":
            seen |= _reflect(canvas, thing, comic)
        if scene.mirror:
            _mirror(canvas, seen, scene, comic, only=thing)
        for other in scene.things:
            seen[_layer(canvas, other, comic) == 255] = 0
    seen |= _layer(canvas, thing, comic)
    for nearer in scene.things[index + 1 :]:
        seen[_layer(canvas, nearer, comic) == 255] = 0
    return _reduced(seen)


def masks(scene: Scene) -> list[Array]:
    """Where each thing is seen (see `mask`)."""
    return [mask(scene, i) for i in range(len(scene.things))]


def _reduced(seen: Array) -> Array:
    scale = CANVAS // SIZE
    return np.asarray((seen > 0).reshape(SIZE, scale, SIZE, scale).any(axis=(1, 3)))


def _put(canvas: Array, layer: Array | None, thing: Thing, comic: bool) -> None:
    place = (thing.x * CANVAS, thing.foot * CANVAS, thing.height * CANVAS, thing.mirrored)
    PAINTERS[thing.kind](Pen(canvas, layer, place, comic), thing, color_of(thing))


def _layer(canvas: Array, thing: Thing, comic: bool) -> Array:
    layer = np.zeros((CANVAS, CANVAS), np.uint8)
    _put(canvas, layer, thing, comic)
    return layer


def _reflect(canvas: Array, thing: Thing, comic: bool) -> Array:
    """Blend the thing's image in the water below its foot into ``canvas``; returns where it is, 0…255."""
    picture = canvas.copy()
    layer = _layer(picture, thing, comic)
    foot = round(thing.foot * CANVAS)
    rows = CANVAS - foot
    source = slice(foot - 1, max(foot - 1 - rows, -1) if foot > rows else None, -1)
    upside, where = picture[source], layer[source]
    height = min(len(upside), rows)
    share = 0.5 * (where[:height, :, None] / 255.0)
    below = canvas[foot : foot + height]
    below[:] = (below * (1 - share) + (0.75 * upside[:height] + 0.25 * np.array([112, 170, 186])) * share).astype(
        np.uint8
    )
    out = np.zeros((CANVAS, CANVAS), np.uint8)
    out[foot : foot + height] = where[:height]
    return out


def _mirror(canvas: Array, seen: Array | None, scene: Scene, comic: bool, only: Thing | None = None) -> None:
    """Hang a mirror at its side of the room and paint what it shows; ``seen`` takes the image of ``only``."""
    x = {"left": 0.2, "right": 0.8}[scene.mirror]
    left, right = round((x - MIRROR_HALF) * CANVAS), round((x + MIRROR_HALF) * CANVAS)
    top, bottom = (round(y * CANVAS) for y in MIRROR_Y)
    cv2.rectangle(canvas, (left - 6, top - 6), (right + 6, bottom + 6), (150, 104, 62), -1)
    inside = np.empty_like(canvas)
    inside[:] = GLASS
    layer = np.zeros(canvas.shape[:2], np.uint8)
    for thing, image in _images(scene, x):
        _put(inside, layer if thing is only else None, image, comic)
    canvas[top:bottom, left:right] = inside[top:bottom, left:right]
    if seen is not None:
        seen[top:bottom, left:right] |= layer[top:bottom, left:right]


def _images(scene: Scene, x: float) -> Iterator[tuple[Thing, Thing]]:
    """Each thing of the room and its image in the mirror at ``x``: smaller, and turned round."""
    for thing in scene.things:
        height = min(0.78 * thing.height, 0.56)
        yield thing, replace(thing, x=x, foot=0.78, height=height, mirrored=not thing.mirrored)
