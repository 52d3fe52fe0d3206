"""Whose is a pixel that two things claim? Who stands half before somebody else has the pixels of their own colours.

Cutouts of things that touch run into each other, since each knows its own box and the background only.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.composite import Box, Floats, Pixels

SHADES = 6  # colours by which a thing is known
ENOUGH = 24  # pixels that a thing must have to itself for its colours to be known
CRUMB = 0.05  # of a thing's largest part: smaller ones are dropped
FAR = 12.0  # a thing's side away counts as much as this distance of colours (CIE 1976)


def apart(image: Pixels, cutouts: Sequence[Floats], boxes: Sequence[Box]) -> list[Floats]:
    """Cutouts (H, W) of things in these boxes, without what is another one's.

    A pixel that several claim is that one's whose colours (those of its pixels that nobody else claims) it has, and about
    as much whose middle is near, measured in its own size. Pixels that nobody or one thing claims stay as they are.
    """
    claims = np.stack([cutout > 0 for cutout in cutouts])
    contested = claims.sum(0) > 1
    if not contested.any():
        return [np.asarray(cutout, np.float32) for cutout in cutouts]
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB).astype(np.float32) * (100 / 255, 1, 1)
    height, width = contested.shape
    rows, columns = np.nonzero(contested)
    away: Floats = np.full((len(cutouts), len(rows)), np.inf, np.float32)
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        shades = _shades(lab[claims[i] & ~contested])
        colour = 0.0 if shades is None else _nearest(lab[rows, columns], shades)
        x, y = (columns + 0.5) / width, (rows + 0.5) / height
        far = np.maximum(abs(2 * x - x0 - x1) / (x1 - x0), abs(2 * y - y0 - y1) / (y1 - y0))
        away[i] = np.where(claims[i, rows, columns], colour + FAR * far, np.inf)
    owner = np.full(contested.shape, 255, np.uint8)
    owner[rows, columns] = away.argmin(0)
    smooth = cv2.medianBlur(owner, 3)
    owner = np.where(contested & (smooth < len(cutouts)), smooth, owner)
    masks = [
        _without_crumbs(np.where(contested & (owner != i), 0, cutout).astype(np.float32))
        for i, cutout in enumerate(cutouts)
    ]
    lost = contested & (np.maximum.reduce(masks) == 0)  # an eye of the other one's colour is no crumb of the other one
    for i, mask in enumerate(masks):
        mask[lost & (owner != i)] = cutouts[i][lost & (owner != i)]
    return masks


def _shades(colors: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """A few colours that stand for all of these (n, 3); None if there are too few to say."""
    if len(colors) < ENOUGH:
        return None
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    cv2.setRNGSeed(0)
    samples = np.ascontiguousarray(colors, np.float32)
    labels = np.zeros((len(samples), 1), np.int32)
    _, _, centres = cv2.kmeans(samples, SHADES, labels, stop, 1, cv2.KMEANS_PP_CENTERS)
    return np.asarray(centres, np.float32)


def _nearest(colors: NDArray[np.float32], shades: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of each colour (n, 3) from the nearest shade, (n,)."""
    return np.asarray(np.linalg.norm(colors[:, None] - shades[None], axis=2).min(1), np.float32)


def _without_crumbs(mask: Floats) -> Floats:
    """A mask without parts that are small beside its largest: edges that have the colours of the wrong thing."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8), connectivity=4)
    areas = facts[1:, cv2.CC_STAT_AREA]
    small = 1 + np.nonzero(areas < CRUMB * areas.max(initial=0))[0]
    return np.asarray(np.where(np.isin(labels, small), 0, mask), np.float32) if count > 2 else mask
