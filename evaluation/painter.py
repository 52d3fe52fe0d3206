"""A second opinion that owes nothing to CLIP: the world's own painter draws what a picture should show, and what it should
not, and the picture is compared with the drawings.

Colours and faces are compared where the drawings carry them; characters as a whole, a little moved and resized; kinds and
settings by what their drawings look like on average (outlines, colours). Styles are beyond it: measured by the brush, any
softness of a drawn picture is another style. Like any judge it errs: its word on true pictures stands beside its word on
made ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product
from typing import Any

import cv2
import numpy as np
from torch import Tensor

from evaluation.case import Array, with_thing
from evaluation.judge import SUBJECTS, Box, square, subjects
from miniature import draw
from miniature.judge import SIDE, crop
from miniature.pen import SIZE
from miniature.sampling import sample
from miniature.scenes import COLORS, EXPRESSIONS, KINDS, SETTINGS, Scene

EXAMPLES = 40  # drawings by which a kind or a setting is known
NEIGHBOURS = 5
SHIFTS, SCALES, HALF = (-3, 0, 3), (0.88, 1.0, 1.12), SIZE // 2  # pixels of HALF, sizes; tried for characters
CARRIES = 30.0  # ΔE (CIE76) between two colours of a thing from which a pixel counts as carrying its colour
# what words leave open of a thing's place, as in miniature.scenes.fitted
PLACES, SIZES = (-0.04, 0.0, 0.04), (0.88, 0.94, 1.0, 1.06, 1.13)
FEET, FEET_IN_WATER = (0.89, 0.915, 0.94), (0.68, 0.72, 0.76, 0.8, 0.84)
CELL, BINS = 8, 9  # of the histograms of gradients


def pixels(picture: Tensor) -> Array:
    """(1, 3, H, W) in [-1, 1] → (H, W, 3) uint8."""
    made: Array = picture[0].clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(made)


def lab(image: Array) -> Array:
    """(H, W, 3) uint8 → CIE L*a*b* (D65), float32."""
    return np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def color(scene: Scene, index: int, image: Array) -> str:
    """The colour of thing `index` in `image`, which should show `scene`: the one whose drawing comes nearest, by the
    median over the pixels that carry the colour, so that an outline that is a little elsewhere does not matter."""
    drawn = {name: lab(draw.paint(scene.recolor(index, name))) for name in COLORS}
    known = np.stack(list(drawn.values()))
    carries = np.linalg.norm(known.max(0) - known.min(0), axis=-1) > CARRIES
    shape = cv2.erode((draw.mask(scene, index) & carries).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    where = shape if shape.sum() > 20 else carries
    seen = lab(image)[where]
    return min(drawn, key=lambda name: float(np.median(np.linalg.norm(seen - drawn[name][where], axis=-1))))


def expression(scene: Scene, index: int, image: Array) -> str:
    """The face that person `index` of `scene` makes in `image`: the one whose drawing comes nearest where the drawings of
    the faces differ, the image moved by a few pixels as may be. "" is a face that shows nothing."""
    drawn = {face: lab(draw.paint(scene.express(index, face))) for face in EXPRESSIONS}
    known = np.stack(list(drawn.values()))
    differs = np.linalg.norm(known.max(0) - known.min(0), axis=-1) > CARRIES
    where = cv2.dilate(differs.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    seen = lab(image)

    def distance(face: str, dx: int, dy: int) -> float:
        moved = np.roll(seen, (dy, dx), axis=(0, 1))
        return float(np.minimum(np.linalg.norm(moved[where] - drawn[face][where], axis=-1), 60).mean())

    return min(drawn, key=lambda face: min(distance(face, dx, dy) for dx in (-2, 0, 2) for dy in (-2, 0, 2)))


def character(scene: Scene, index: int, image: Array) -> str:
    """Who of the 30 subjects stands in the place of thing `index`: each is drawn there, moved and resized a little, and
    the drawing that comes nearest has the parameters that the picture shows. ("" if there is nothing to compare.)"""
    seen = _half(lab(image))
    found: dict[str, float] = {}
    here = scene.things[index]
    for name, thing in subjects().items():
        distances = []
        for mirrored in (False, True):
            stands = replace(
                thing, name="", position=here.position, x=here.x, foot=here.foot, height=here.height, mirrored=mirrored
            )
            one = with_thing(scene, index, stands)
            drawn, mask = _half(lab(draw.paint(one))), _half(draw.mask(one, index).astype(np.float32))
            distances += [_distance(seen, drawn, mask, here.x, here.foot, how) for how in _variations()]
        found[name] = min(distances)
    assert len(found) == SUBJECTS
    return min(found, key=lambda name: found[name])


def _half(values: Array) -> Array:
    return np.asarray(cv2.resize(values, (HALF, HALF), interpolation=cv2.INTER_AREA))


@cache
def _variations() -> tuple[tuple[float, float, float], ...]:
    return tuple((dx, dy, scale) for scale in SCALES for dx in SHIFTS for dy in SHIFTS)


def _distance(seen: Array, drawn: Array, mask: Array, x: float, foot: float, how: tuple[float, float, float]) -> float:
    """Mean distance (capped ΔE) of a drawing that is moved and resized about its foot, over its mask."""
    dx, dy, scale = how
    cx, cy = x * HALF, foot * HALF
    matrix = np.array([[scale, 0, cx + dx - scale * cx], [0, scale, cy + dy - scale * cy]], np.float32)
    moved = cv2.warpAffine(mask, matrix, (HALF, HALF)) > 0.5
    if moved.sum() < 20:
        return float("inf")
    image = cv2.warpAffine(drawn, matrix, (HALF, HALF), borderMode=cv2.BORDER_REPLICATE)
    return float(np.minimum(np.linalg.norm(seen[moved] - image[moved], axis=-1), 60).mean())


# -- kinds and settings: by the nearest of many drawings ---------------------------------------------------------------


def outline(image: Array, box: Sequence[float] | None = None) -> Array:
    """Histograms of oriented gradients (Dalal & Triggs 2005) of the crop at `box` or of the whole picture: shape without
    colour."""
    view = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) if box is None else crop(image, box)
    gray = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    dx, dy = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    strength, angle = np.hypot(dx, dy), np.arctan2(dy, dx) % np.pi
    bins = np.minimum((angle / np.pi * BINS).astype(int), BINS - 1)
    votes = np.zeros((SIDE, SIDE, BINS), np.float32)
    np.put_along_axis(votes, bins[..., None], strength[..., None], axis=2)
    cells = votes.reshape(SIDE // CELL, CELL, SIDE // CELL, CELL, BINS).sum((1, 3))  # (8, 8, BINS)
    blocks = np.concatenate([cells[:-1, :-1], cells[1:, :-1], cells[:-1, 1:], cells[1:, 1:]], axis=2)
    blocks /= np.linalg.norm(blocks, axis=2, keepdims=True) + 0.1
    return np.asarray(blocks.ravel())


def ground(image: Array) -> Array:
    """Colours of the upper half and of the borders, coarsely: what is behind the things."""
    small = cv2.resize(lab(image), (8, 8), interpolation=cv2.INTER_AREA)
    return np.concatenate([small[:3].ravel(), small[3:, [0, 7]].ravel(), small[7].ravel()]) / 100


def kind(image: Array, box: Box) -> str:
    """The kind of what is seen in `box`."""
    return _nearest(_kinds(), outline(image, box))


def find(scene: Scene, index: int, image: Array) -> Scene:
    """`scene` with thing `index` where it is in `image`, which was made from the scene's caption: a caption says "on the
    left" and no more. It is where what is seen looks most like a thing of any kind."""
    places = _placements(scene, index)
    seen = np.stack([outline(image, box(scene, index, place)) for place in places])
    _, known = _kinds()
    squares = (seen**2).sum(1)[:, None] + (known**2).sum(1) - 2 * seen @ known.T  # (places, drawings)
    nearest = np.partition(np.sqrt(squares.clip(0)), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return places[int(nearest.mean(1).argmin())]


def _placements(scene: Scene, index: int) -> list[Scene]:
    """`scene` with thing `index` wherever, and as large as, its caption lets it be."""
    thing = scene.things[index]
    feet = FEET_IN_WATER if scene.setting == "lake" else FEET
    ways = product(PLACES, feet, SIZES)
    return [
        with_thing(scene, index, replace(thing, x=thing.x + dx, foot=foot, height=thing.height * size))
        for dx, foot, size in ways
    ]


def box(scene: Scene, index: int, place: Scene) -> Box:
    """The square about thing `index` in a placement, from its mask in `scene`: resized about its foot, and moved."""
    left, top, right, bottom = _square(scene, index)
    here, there = scene.things[index], place.things[index]
    size = there.height / here.height
    left, right = (there.x + size * (x - here.x) for x in (left, right))
    top, bottom = (there.foot + size * (y - here.foot) for y in (top, bottom))
    return left, top, right, bottom


@lru_cache(64)
def _square(scene: Scene, index: int) -> Box:
    return square(draw.mask(scene, index))


def setting(image: Array) -> str:
    """The setting of a whole picture."""
    return _nearest(_settings(), ground(image))


Known = tuple[tuple[str, ...], Array]


def _nearest(known: Known, seen: Array) -> str:
    """The name that most of the nearest drawings bear, the nearer ones counting more."""
    names, features = known
    distances = np.linalg.norm(features - seen, axis=1)
    votes: dict[str, float] = {}
    for i in np.argsort(distances)[:NEIGHBOURS]:
        votes[names[i]] = votes.get(names[i], 0.0) + 1 / (float(distances[i]) + 1e-6)
    return max(votes, key=lambda name: votes[name])


def _examples(words: Sequence[str], example: Callable[[str, int], Array]) -> Known:
    pairs = [(word, example(word, i)) for word in words for i in range(EXAMPLES)]
    return tuple(word for word, _ in pairs), np.stack([features for _, features in pairs])


def _scene(number: int, **fixed: Any) -> Scene:
    """One of the drawings that things are known by; their seed is of neither training nor cases."""
    return sample((997, number), **{"count": 1, "style": "photo", "near": False, "plain": True, **fixed})


@cache
def _kinds() -> Known:
    def example(word: str, number: int) -> Array:
        scene = _scene(number, kinds=(word,), count=1 + number % 2)
        return outline(draw.paint(scene), square(draw.mask(scene, 0)))

    return _examples(KINDS, example)


@cache
def _settings() -> Known:
    return _examples(list(SETTINGS), lambda word, number: ground(draw.paint(replace(_scene(number), setting=word))))
