"""Who comes into a photo is drawn alone, cut out, and set in: as large as the neighbours say, on their ground, behind
those who stand in front.

Drawn in its place, a newcomer of a group photo would have a few latents for a face, and neighbours' hair would grow into
it. Drawn alone it has the whole picture; and of the photo nothing changes but what it covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import cv2
import numpy as np

from pipeline.diffusion import segmentation
from pipeline.diffusion.context import Context
from pipeline.diffusion.foreground import besides, standing
from pipeline.diffusion.grounding import middle
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.perception import likeness
from pipeline.diffusion.presets import best_for, presets_of
from pipeline.diffusion.prompts import Prompts
from pipeline.diffusion.removal import empty
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, caption
from pipeline.diffusion.words import NATURAL_COLORS, PERSONS
from pipeline.engine import Edited, Work, one_of
from pipeline.imaging.composite import Box, Floats, Pixels
from pipeline.imaging.segmentation import tight_box, without_rim

PICTURES = 3  # drawn, of which the best one comes in
GOOD = 0.35  # a figure below this (see segmentation.quality) is no figure
INSIDE = 0.01  # what is left free at the photo's sides
NARROW = 0.44  # of the photo's width that a figure may always have: in a smaller room it stands behind its neighbours
SEEN = 0.6  # of a newcomer must be seen, else it stands in front of its neighbours
CUT = 0.98  # a thing that ends lower is cut off by the photo: nobody knows how tall it is


def fits(context: Context, prompts: Prompts) -> bool:
    """Whether somebody comes in who can be set in, and nobody asked for a method by its name."""
    old = None if prompts.index is None else context.seen.things[prompts.index]
    return context.settings.named is None and arrives(context.seen, prompts.newcomer, old, context.vocabulary)


def arrive(context: Context, prompts: Prompts) -> Work[Edited | None]:
    """Somebody comes in, drawn alone and set in; None if no whole figure was drawn."""
    sd, photo, seen, vocabulary = context.sd, context.photo, context.seen, context.vocabulary
    new, old = prompts.newcomer, None if prompts.index is None else seen.things[prompts.index]
    assert new is not None
    if not context.settings.seed:  # another seed already shows another colour
        new = natural(new, old, context.asked)
    others = [thing for i, thing in enumerate(seen.things) if i != prompts.index]
    wanted, parts = alone(seen, new, vocabulary), 1 if old is None else 2
    drawing = segmentation.draw(sd, wanted, new.word or new.kind, context.settings.seed, context.settings.steps)
    drawn = yield from one_of(drawing, 0, parts)
    cuts = [(image, *segmentation.shape_in(sd, image, heat)) for image, heat in drawn]
    cuts = [(image, shape, good) for image, shape, good in cuts if whole(shape, good)]
    if not cuts:
        return None
    bare, touched = photo, np.zeros(photo.shape[:2], np.float32)
    facts: dict[str, Any] = {}
    if old is not None and prompts.index is not None:
        preset = presets_of(sd.name).preset("remove", best_for(sd, "remove"))
        removing = replace(context.settings, preset=preset, strength=1.0)
        emptying = empty(replace(context, settings=removing), [prompts.index])
        bare, touched, facts = yield from one_of(emptying, 1, parts)
        front, _ = besides(photo, others, old)
    else:
        front = standing(others) if others else touched
    place = place_for(new, old, others, prompts.box, vocabulary, min(context.height, context.width) / context.height)
    came = [set_in(bare, image, shape, place, front) for image, shape, _ in cuts]
    view = next((one.view for one in context.known.values() if one.taught.word == new.word), None)
    said = {
        "told": prompts.description,
        "source": prompts.source,
        "target": prompts.target,
        "words": prompts.words,
        "alone": wanted[0],
    }
    image, there = max(came, key=lambda one: likeness(sd, one[0], one[1], wanted[0], view))
    return Edited(image, np.maximum(touched, there), facts | said)


def arrives(seen: Seen, newcomer: Thing | None, old: Thing | None, vocabulary: Vocabulary) -> bool:
    """Whether somebody can be set in: not where things are seen twice (in a mirror, on water), which only the model can
    draw, and not for somebody who is seen in part."""
    if newcomer is None or newcomer.kind not in vocabulary.heights:
        return False
    doubled = {seen.setting, *seen.around} & set(vocabulary.doubling)
    return not doubled and (old is None or (old.box[3] < CUT and not old.slots.get("distance")))


def natural(newcomer: Thing, old: Thing | None, asked: Asked) -> Thing:
    """A newcomer in its kind's own colour where the order names none and nothing of a like kind lends its own."""
    said = asked.step.color or "color" in asked.content.slots
    lent = old is not None and (old.kind in PERSONS) == (newcomer.kind in PERSONS)
    color = NATURAL_COLORS.get(newcomer.kind)
    if said or lent or newcomer.word or color is None:
        return newcomer
    return replace(newcomer, slots={**newcomer.slots, "color": color})


def alone(seen: Seen, newcomer: Thing, vocabulary: Vocabulary) -> list[str]:
    """Captions of the newcomer by itself, in the photo's style: in the photo's setting and, since a thing may be of its
    ground's colours, in others."""
    by_itself = Thing(newcomer.kind, newcomer.slots, word=newcomer.word)
    others = [name for name in vocabulary.settings if name != seen.setting and name not in vocabulary.doubling]
    return [
        caption(vocabulary, Seen(setting, seen.style, (by_itself,), ""))
        for setting in (seen.setting, *others)[:PICTURES]
    ]


def height_of(
    newcomer: Thing, old: Thing | None, others: Sequence[Thing], vocabulary: Vocabulary, whole: float
) -> float:
    """How tall a newcomer is, in shares of the photo's height: as much taller or smaller than what it takes the place of,
    or than its neighbours, as its kind is. With nobody to compare, its kind's own height in a picture `whole` shares
    high."""
    known = [
        (thing.box[3] - thing.box[1]) / vocabulary.heights[thing.kind]
        for thing in ([old] if old else others)
        if thing.kind in vocabulary.heights and thing.box[3] < CUT and not thing.slots.get("distance")
    ]
    return (median(known) if known else whole) * vocabulary.heights[newcomer.kind]


def foot_of(room: Box, old: Thing | None, others: Sequence[Thing]) -> float:
    """How low a newcomer stands: where what it replaces stood, else on its neighbours' ground, else on the room's."""
    standing = [thing.box[3] for thing in others if thing.box[3] < CUT]
    return old.box[3] if old else median(standing) if standing else room[3] - 0.08


def gap_at(x: float, others: Sequence[Thing]) -> tuple[float, float]:
    """From where to where nobody stands about x, from left to right in shares of the photo."""
    left = max([INSIDE, *(thing.box[2] for thing in others if middle(thing.box) <= x)])
    return left, min([1 - INSIDE, *(thing.box[0] for thing in others if middle(thing.box) > x)])


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody shall stand, in shares of the photo: the middle from left to right, between whom, on which ground, how
    tall, and how wide at most."""

    x: float
    gap: tuple[float, float]
    foot: float
    height: float
    most: float


def place_for(
    new: Thing, old: Thing | None, others: Sequence[Thing], room: Box, vocabulary: Vocabulary, whole: float
) -> Place:
    """Where a newcomer stands: in the place of `old`, or in its room. `whole`: see `height_of`."""
    x = middle(old.box if old else room)
    most = max(room[2] - room[0], NARROW)
    gap = (INSIDE, 1 - INSIDE) if old else gap_at(x, others)
    return Place(x, gap, foot_of(room, old, others), height_of(new, old, others, vocabulary, whole), most)


def set_in(photo: Pixels, picture: Pixels, shape: Floats, place: Place, front: Floats) -> tuple[Pixels, Floats]:
    """The photo (H, W, 3) with the thing that `shape` (h, w) shows of `picture` (h, w, 3), and where it is now (H, W).

    `front`: what stands in front of it, if that leaves enough of it, (H, W) in [0, 1].
    """
    rows, columns = photo.shape[:2]
    left, top, right, bottom = tight_box(shape)
    h, w = shape.shape
    tall, wide = (bottom - top) * h, (right - left) * w
    scale = min(place.height * rows / tall, place.most * columns / wide)
    half, (start, end) = wide * scale / 2 / columns, place.gap
    x = min(max(place.x, start + half), end - half) if end - start > 2 * half else (start + end) / 2
    x = min(max(x, min(half + INSIDE, 0.5)), max(1 - half - INSIDE, 0.5))
    colors = without_rim(picture, shape)
    if scale < 1:  # an affine map takes single pixels; what shrinks is averaged first
        colors, shape = (np.asarray(cv2.GaussianBlur(one, (0, 0), 0.4 / scale), np.float32) for one in (colors, shape))
    dx, dy = x * columns - scale * (left + right) / 2 * w, place.foot * rows - scale * bottom * h
    matrix = np.array([[scale, 0, dx], [0, scale, dy]], np.float32)
    flags = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    new = cv2.warpAffine(colors, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    there = np.clip(cv2.warpAffine(shape, matrix, (columns, rows), flags=cv2.INTER_LINEAR), 0, 1)
    behind = there * (1 - front)
    there = behind if behind.sum() >= SEEN * there.sum() else there
    image = photo + there[..., None] * (np.clip(new, 0, 255) - photo)
    return np.rint(image).astype(np.uint8), np.asarray(there, np.float32)


def whole(shape: Floats, good: float) -> bool:
    """Whether a figure of this shape and quality can be set in: all of it is there, down to its feet."""
    return good >= GOOD and tight_box(shape)[3] < CUT
