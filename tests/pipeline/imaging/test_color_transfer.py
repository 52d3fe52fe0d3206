"""Colours carried over to the photo: as sharp as it was, and only where shapes stayed."""

import cv2
import numpy as np
import torch

from evaluation.metrics import psnr
from pipeline.imaging.color_transfer import carried
from pipeline.imaging.composite import Floats


def stripes(colour: tuple[int, int, int], size: int = 256) -> Floats:
    """A striped disc with an outline before a sky."""
    image = np.full((size, size, 3), (150, 210, 245), np.float32)
    dark = tuple(c // 2 for c in colour)
    cv2.circle(image, (size // 2, size // 2), size // 3, colour, -1, cv2.LINE_AA)
    for y in range(size // 3, 2 * size // 3, size // 16):
        cv2.line(image, (size // 4, y), (3 * size // 4, y), dark, 2, cv2.LINE_AA)
    cv2.circle(image, (size // 2, size // 2), size // 3, dark, 3, cv2.LINE_AA)
    return image


def seen(image: Floats) -> Floats:
    """At the model's size, as soft as an autoencoder leaves it."""
    return np.asarray(
        cv2.GaussianBlur(cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA), (0, 0), 0.8), np.float32
    )


def decibels(one: Floats, other: Floats) -> float:
    return psnr(*(torch.from_numpy(image.copy()).permute(2, 0, 1)[None] / 127.5 - 1 for image in (one, other)))


def test_the_result_is_as_sharp_as_the_photo() -> None:
    own, answer = stripes((235, 150, 190)), stripes((240, 205, 45))
    new, trust = carried(own, seen(own), seen(answer))
    soft = cv2.resize(seen(answer), (256, 256), interpolation=cv2.INTER_CUBIC)
    assert decibels(new, answer) > decibels(soft, answer) + 5
    assert trust.mean() > 0.9


def test_new_shapes_are_not_trusted() -> None:
    """What the photo does not have cannot come from its pixels."""
    own = stripes((235, 150, 190))
    changed = own.copy()
    cv2.circle(changed, (60, 60), 9, (20, 20, 20), -1)
    _, trust = carried(own, seen(own), seen(changed))
    assert trust[60, 60] < 0.5
    assert trust[200, 200] > 0.9
