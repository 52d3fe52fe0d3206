"""Orders about places: a thing goes elsewhere, two things change places (Cruz & Ochoa 2023, section 5: future work).

What goes is first taken away where it stands, as any removal is, together with what it touches: else the colours of its
neighbours would run into the place that it leaves. Then their own pixels are set down where they shall be, so they stay
themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.diffusion.context import Context
from pipeline.diffusion.foreground import mask_of
from pipeline.diffusion.grounding import PromptError, Taught, middle, select
from pipeline.diffusion.meaning import Asked
from pipeline.diffusion.names import say
from pipeline.diffusion.reflections import Image, echoed, on_water
from pipeline.diffusion.removal import empty
from pipeline.diffusion.vocabulary import PLACES, Seen, Thing, Vocabulary
from pipeline.engine import Edited, Work
from pipeline.imaging.composite import Box, Floats, Pixels
from pipeline.imaging.mask_partition import apart
from pipeline.imaging.segmentation import tight_box

SLIGHTLY = 0.16  # how far 往左一点 is, as a share of the photo's width
NEAR = 0.04  # of the photo: nearer things are lifted together
INSIDE = 0.01  # what is left free at the photo's sides


@dataclass(frozen=True, slots=True)
class Going:
    """One thing on its way: its index in `Seen.things`, and where its middle shall be from left to right (0…1); None: it
    stays where it is."""

    index: int
    x: float | None


def move(context: Context) -> Work[Edited]:
    """Take away what goes, and what it touches, and set their own pixels down where they shall be."""
    photo, seen, vocabulary = context.photo, context.seen, context.vocabulary
    going, description = goings(context.asked, seen, vocabulary, context.taught, context.choice)
    going = (*touching(seen, going), *going)
    bare, touched, facts = yield from empty(context, [one.index for one in going])
    doubles = {one.index: on_water(photo, seen, one.index, vocabulary) for one in going}  # their images go with them
    image, there = set_down(photo, bare, seen.things, going, doubles)
    return Edited(image, np.maximum(touched, there), facts | {"told": description})


def goings(
    asked: Asked, seen: Seen, vocabulary: Vocabulary, taught: Mapping[str, Taught], choice: int | None
) -> tuple[tuple[Going, ...], str]:
    """What goes where for a `move` or a `swap`, and the order in Chinese.

    Raises PromptError (Ambiguous among them): an open world has no places, a place may be taken.
    """
    if vocabulary.open:
        raise PromptError("这个模型还不会移动东西，可以先去掉它，再在别处加一个。", "move needs things with places")
    step = asked.step
    swapped = step.content or step.concept
    # where it stands is said of a thing that changes places, where it shall stand of one that moves
    which = Asked(replace(step, operation="remove", position=step.position if swapped else None), asked.target)
    index = select(which, seen, vocabulary, taught, choice)
    thing = seen.things[index]
    if swapped:
        rest = seen.with_thing(index, None)
        other_one = Asked(replace(which.step, target=swapped, position=None), asked.content)
        other = select(other_one, rest, vocabulary, taught)
        other += other >= index
        description = f"把{say(thing)}和{say(seen.things[other])}换个位置"
        return (Going(index, middle(seen.things[other].box)), Going(other, middle(thing.box))), description
    place = {"center": "middle"}.get(step.position or "", step.position or "")
    if place not in PLACES:
        raise PromptError("想移到哪里？可以说左边、中间或右边。", "no place to move to")
    if step.strength == "slight" and place != "middle":
        x = middle(thing.box) + (-SLIGHTLY if place == "left" else SLIGHTLY)
        return (Going(index, x),), f"把{say(thing)}往{say(replace(thing, position=place))[:1]}移一点"
    if place == thing.position:
        raise PromptError(f"{say(thing)}已经在那里了，换个位置试试？", "already there")
    for other, there in enumerate(seen.things):
        if other != index and there.position == place:
            raise PromptError(
                f"那里已经有{say(there, place=False)}了，可以让它们换个位置，或者换个地方。", "place taken"
            )
    description = f"把{say(thing)}移到{say(replace(thing, position=place))[:2]}"
    return (Going(index, middle(PLACES[place])),), description


def touching(seen: Seen, going: Sequence[Going]) -> tuple[Going, ...]:
    """What stands so near to something that goes that the two cannot be told apart: it is lifted and put back."""
    gone = [one.index for one in going]
    return tuple(
        Going(i, None)
        for i, thing in enumerate(seen.things)
        if i not in gone and any(_near(thing.box, seen.things[one].box) for one in gone)
    )


def set_down(
    photo: Pixels,
    bare: Pixels,
    things: Sequence[Thing],
    going: Sequence[Going],
    doubles: Mapping[int, Sequence[Image]],
) -> tuple[Pixels, Floats]:
    """`bare` (H, W, 3), the photo without what goes, with the own pixels of what goes set down at their new places, feet
    as high as they were and no part beyond the photo's sides; and where they are now, (H, W) in [0, 1]. `doubles`: the
    images that go with a thing, by its index."""
    image, where = bare.astype(np.float32), np.zeros(photo.shape[:2], np.float32)
    boxes = [things[one.index].box for one in going]
    shapes = apart(photo, [mask_of(things[one.index]) for one in going], boxes)
    for one, shape, box in zip(going, shapes, boxes, strict=True):
        dx = 0.0 if one.x is None else _shift(tight_box(shape), one.x) * photo.shape[1]
        shape = echoed(shape, box, doubles.get(one.index, ()))
        mask, pixels = _moved(shape, dx), _moved(photo.astype(np.float32), dx)
        image += mask[..., None] * (pixels - image)
        where = np.maximum(where, mask)
    return np.rint(image).astype(np.uint8), where


def _near(a: Box, b: Box) -> bool:
    """Whether two boxes overlap, or nearly."""
    return a[0] < b[2] + NEAR and b[0] < a[2] + NEAR and a[1] < b[3] + NEAR and b[1] < a[3] + NEAR


def _shift(box: Box, x: float) -> float:
    """How far a box goes so that its middle is at x, or as near as the photo's sides allow."""
    half = (box[2] - box[0]) / 2
    least, most = min(half + INSIDE, 0.5), max(1 - half - INSIDE, 0.5)
    return min(max(x, least), most) - middle(box)


def _moved(image: Floats, dx: float) -> Floats:
    """A picture shifted to the right by whole pixels, its edge repeated."""
    matrix = np.array([[1, 0, round(dx)], [0, 1, 0]], np.float32)
    shape = (image.shape[1], image.shape[0])
    border = cv2.BORDER_CONSTANT if image.ndim == 2 else cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(image, matrix, shape, flags=cv2.INTER_NEAREST, borderMode=border), np.float32)
