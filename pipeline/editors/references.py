"""Which of somebody's reference photos an editor gets: the best one or two, since three break some models."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.engine import Pixels

ENOUGH = 512  # pixels of the shorter side: more help no editor
SIDE = 1024  # pixels of the longer side that an editor is given


def best(photos: Sequence[Pixels], count: int) -> tuple[int, ...]:
    """Indices of the `count` best photos, the best first: large, sharp and well lit ones. Ties keep their order."""
    order = sorted(range(len(photos)), key=lambda index: -_worth(photos[index]))
    return tuple(order[: max(count, 0)])


def prepared(photo: Pixels) -> Pixels:
    """A reference at the size that an editor makes use of, its sides multiples of 32, none below 64, uncut."""
    height, width = photo.shape[:2]
    scale = min(SIDE / max(height, width), 1.0)
    w, h = max(round(width * scale / 32) * 32, 64), max(round(height * scale / 32) * 32, 64)
    way = cv2.INTER_AREA if w * h < width * height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, (w, h), interpolation=way), np.uint8)


def _worth(photo: Pixels) -> float:
    """How much there is to see: size up to what helps, times sharpness, times light."""
    gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    short = min(gray.shape)
    small = cv2.resize(gray, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float32)
    sharp = float(np.log1p(cv2.Laplacian(small, cv2.CV_32F).var()))
    light = 1 - abs(float(small.mean()) / 255 - 0.5)
    return float(min(short / ENOUGH, 1.0) * sharp * light)
