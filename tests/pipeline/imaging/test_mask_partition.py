"""Things that touch: whose pixels are whose, and what may change with them."""

import cv2
import numpy as np

from pipeline.diffusion.foreground import besides, cut_out, within_shape
from pipeline.diffusion.vocabulary import Thing
from pipeline.imaging.composite import Floats, Pixels
from pipeline.imaging.mask_partition import apart

RED, GREEN, SKY = (210, 50, 50), (60, 160, 80), (150, 210, 245)
BOXES = ((0.1, 0.3, 0.6, 0.9), (0.4, 0.3, 0.9, 0.9))


def scene() -> tuple[Pixels, Floats, Floats]:
    """A green disc on the left, a red one half before it, and their true masks."""
    image = np.full((128, 128, 3), SKY, np.uint8)
    masks = []
    for colour, x in ((GREEN, 45), (RED, 83)):
        cv2.circle(image, (x, 77), 32, colour, -1, cv2.LINE_AA)
        mask = np.zeros((128, 128), np.float32)
        cv2.circle(mask, (x, 77), 32, 1, -1)
        masks.append(mask)
    return image, masks[0] * (1 - masks[1]), masks[1]


def box_mask(box: tuple[float, float, float, float]) -> Floats:
    mask = np.zeros((128, 128), np.float32)
    mask[int(box[1] * 128) : int(box[3] * 128), int(box[0] * 128) : int(box[2] * 128)] = 1
    return mask


def test_who_has_the_colour_has_the_pixel() -> None:
    """Though the one in front stands nearer to the other one's middle there."""
    image, green, red = scene()
    first, second = apart(image, [box_mask(box) for box in BOXES], BOXES)
    both = (box_mask(BOXES[0]) * box_mask(BOXES[1])) > 0
    assert not ((first > 0) & (second > 0)).any()
    assert second[both & (red > 0)].mean() > 0.95
    assert first[both & (green > 0)].mean() > 0.8


def test_what_nobody_disputes_stays() -> None:
    image, *_ = scene()
    left, right = box_mask((0, 0, 0.4, 1)), box_mask((0.6, 0, 1, 1))
    assert all(
        (one == other).all() for one, other in zip(apart(image, [left, right], BOXES), (left, right), strict=True)
    )


def test_the_others_hold_nothing_of_the_thing() -> None:
    image, green, red = scene()
    things = [Thing(kind, box=box) for kind, box in zip(("ball", "cake"), BOXES, strict=True)]
    things = cut_out(image, things)
    others, itself = besides(image, things[:1], things[1])
    assert others[red > 0].mean() < 0.05
    assert itself[red > 0].mean() > 0.9
    assert others[green > 0].mean() > 0.8


def test_a_change_of_colours_keeps_to_its_shape() -> None:
    """But not where the shape cannot be right."""
    image, _, red = scene()
    edited = image.copy()
    edited[red > 0] = (30, 30, 30)
    edited[36:38, :40] = (0, 0, 0)
    made, mask = within_shape(image, edited, np.ones((128, 128), np.float32), red)
    assert (made[:38] == image[:38]).all()
    assert (made[red > 0] == 30).all()
    assert mask[0, 0] == 0
    wrong = np.zeros_like(red)
    assert (within_shape(image, edited, red, wrong)[0] == edited).all()
