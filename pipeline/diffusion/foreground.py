"""Where things stand in a photo: their pixels stay whatever changes around them, and no others change with them."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.diffusion.grounding import middle
from pipeline.diffusion.vocabulary import Thing
from pipeline.imaging.composite import Floats, Pixels
from pipeline.imaging.mask_partition import apart
from pipeline.imaging.segmentation import cutout
from pipeline.vision.mattes import with_matte
from pipeline.vision.scene import Scene

MOSTLY = 0.85  # of a change of colours that must lie within the thing's shape


def cut_out(photo: Pixels, things: Sequence[Thing]) -> tuple[Thing, ...]:
    """The same things, each with the mask of what is seen of it in its box (H, W); who has one already keeps it."""
    return tuple(thing if thing.mask is not None else replace(thing, mask=cutout(photo, thing.box)) for thing in things)


def mask_of(thing: Thing) -> Floats:
    """Where a thing that was cut out is seen (H, W)."""
    if thing.mask is None:
        raise ValueError(f"{thing.kind} was not cut out")
    return thing.mask


def besides(photo: Pixels, others: Sequence[Thing], *things: Thing) -> tuple[Floats, Floats]:
    """Where the others are that stand beside, before or behind things, and where these are themselves; (H, W) in [0, 1]
    each."""
    all_of_them = (*others, *things)
    masks = apart(photo, [mask_of(one) for one in all_of_them], [one.box for one in all_of_them])
    nothing = np.zeros_like(masks[0])
    stays, own = (np.maximum.reduce([nothing, *some]) for some in (masks[: len(others)], masks[len(others) :]))
    return np.asarray(stays, np.float32), np.asarray(own, np.float32)


def within_shape(photo: Pixels, image: Pixels, mask: Floats, shape: Floats) -> tuple[Pixels, Floats]:
    """An edit of a thing's colours, without what went beyond the thing's own shape (H, W); as it was if the shape does not
    hold most of the edit, and so cannot be right."""
    rim = 2 * max(1, round(max(mask.shape) / 256)) + 1
    inside = np.clip(cv2.dilate(shape, np.ones((rim, rim), np.uint8)), 0, 1)
    news = np.abs(image.astype(np.float32) - photo).sum(2)
    if (news * inside).sum() < MOSTLY * news.sum():
        return image, mask
    new = photo + inside[..., None] * (image.astype(np.float32) - photo)
    return np.rint(new).astype(np.uint8), np.asarray(mask * inside, np.float32)


def opacity(photo: Pixels, scene: Scene) -> Floats:
    """How much of each pixel of a real photo belongs to the people in it, hair included, (H, W) in [0, 1]."""
    mattes = [
        with_matte(photo, scene, index).matte for index, one in enumerate(scene.instances) if one.label == "person"
    ]
    together = np.sum([matte for matte in mattes if matte is not None], axis=0).clip(0, 1).astype(np.float32)
    return np.asarray(cv2.resize(together, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def standing(things: Sequence[Thing], beside: float | None = None) -> Floats:
    """Where these things are, whose pixels stay whatever changes around them: (H, W) in [0, 1].

    `beside`: where from left to right something else is or will be. Things that touch cannot be told apart by colour
    alone, so what is nearer to that than to a thing does not count as the thing's.
    """
    masks = []
    for thing in things:
        mask = mask_of(thing)
        x = (np.arange(mask.shape[1]) + 0.5) / mask.shape[1]
        if beside is not None:
            mask = mask * (abs(x - middle(thing.box)) < abs(x - beside))
        masks.append(mask)
    return np.asarray(np.maximum.reduce(masks), np.float32)
