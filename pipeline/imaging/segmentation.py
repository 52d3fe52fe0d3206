"""A thing without what is around it: the mask of what stands in a box, by GrabCut (Rother et al. 2004)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.composite import Box, Floats, Pixels

ROUNDS = 4
WORK = 256  # pixels of the longer side on which GrabCut works
CORE, WARM = 0.5, 0.15  # heat above this part of its maximum is certainly the thing, below that perhaps not
RIM = 0.15  # of the box, in which nothing is certain
LEFT_OUT = 0.6  # of the way from a box to the border that it may grow


def cutout(image: Pixels, box: Box, heat: Floats | None = None) -> Floats:
    """Where the thing in `box` (shares of the picture) is seen: a soft mask (H, W) in [0, 1].

    `heat` (any size, ≥ 0): where attention saw the thing; without it the middle of the box is taken for the thing. If
    nothing can be told apart (a thing of its background's colour), the mask is an ellipse in the box.
    """
    height, width = image.shape[:2]
    scale = min(1.0, WORK / max(height, width))
    small = cv2.resize(
        image, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    guess = _guess(small.shape[:2], box, heat)
    if (guess == cv2.GC_BGD).any():
        thing, rest = np.zeros((1, 65)), np.zeros((1, 65))  # its colour models
        cv2.setRNGSeed(0)  # they start from k-means
        bgr = np.ascontiguousarray(small[..., ::-1])
        cv2.grabCut(bgr, guess, (0, 0, 1, 1), rest, thing, ROUNDS, cv2.GC_INIT_WITH_MASK)
    mask = np.isin(guess, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    mask = _largest(np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8))
    room = _box_pixels(box, *small.shape[:2])
    if mask.sum() < 0.08 * max(1, (room[2] - room[0]) * (room[3] - room[1])):
        mask = _ellipse(small.shape[:2], room)
    mask = _without_holes(mask).astype(np.float32)
    large = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip((cv2.GaussianBlur(large, (0, 0), max(0.7, 0.6 / scale)) - 0.25) * 2, 0, 1), np.float32)


def whole(image: Pixels, box: Box, grow: float = 0.2) -> Box:
    """A rough box made to hold all of its thing, ears and tail too: what GrabCut finds in a box larger by `grow` of
    its sides, and the box itself. Some of the way to the border is left, by which the background is known."""
    x0, y0, x1, y1 = box
    dx, dy = grow * (x1 - x0), grow * (y1 - y0)
    room = (
        x0 - min(dx, LEFT_OUT * max(x0, 0)),
        y0 - min(dy, LEFT_OUT * max(y0, 0)),
        x1 + min(dx, LEFT_OUT * max(1 - x1, 0)),
        y1 + min(dy, LEFT_OUT * max(1 - y1, 0)),
    )
    found = tight_box(cutout(image, room))
    return min(x0, found[0]), min(y0, found[1]), max(x1, found[2]), max(y1, found[3])


def without_rim(image: Pixels, mask: Floats) -> Floats:
    """The picture (H, W, 3) with a thing's own colours carried over the rim of its mask (H, W), where the background shines
    through: so it can stand before another one without an edge of the old."""
    rim = max(3, 2 * round(max(mask.shape) / WORK) + 1)
    core = cv2.erode((mask > 0.5).astype(np.float32), np.ones((rim, rim), np.uint8))
    photo = image.astype(np.float32)
    weight = cv2.GaussianBlur(core, (0, 0), rim / 2)[..., None]
    near = cv2.GaussianBlur(photo * core[..., None], (0, 0), rim / 2) / np.maximum(weight, 1e-6)
    return np.asarray(np.where((core[..., None] > 0) | (weight < 0.02), photo, near), np.float32)


def tight_box(mask: Floats) -> Box:
    """The box of a mask in shares of the picture; the whole picture for an empty mask."""
    rows, columns = (np.nonzero((mask > 0.5).any(axis))[0] for axis in (1, 0))
    if not len(rows):
        return 0.0, 0.0, 1.0, 1.0
    height, width = mask.shape
    left, right, top, bottom = columns[0] / width, (columns[-1] + 1) / width, rows[0] / height, (rows[-1] + 1) / height
    return float(left), float(top), float(right), float(bottom)


def _guess(shape: tuple[int, int], box: Box, heat: Floats | None) -> NDArray[np.uint8]:
    """What GrabCut starts from: background outside the box, the thing perhaps inside, surely at its core; with heat,
    perhaps only where it is warm, and surely only where it is hot, but at the rim of the box never surely."""
    height, width = shape
    guess = np.full((height, width), cv2.GC_BGD, np.uint8)
    x0, y0, x1, y1 = _box_pixels(box, height, width)
    guess[y0:y1, x0:x1] = cv2.GC_PR_FGD

    def core(share: float) -> NDArray[np.bool_]:
        dx, dy = int(share * (x1 - x0)), int(share * (y1 - y0))
        return np.asarray(_ellipse(shape, (x0 + dx, y0 + dy, x1 - dx, y1 - dy)) > 0, bool)

    if heat is None:
        guess[core(1 / 3)] = cv2.GC_FGD
        return guess
    warm = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    guess[(guess == cv2.GC_PR_FGD) & (warm < WARM * warm.max())] = cv2.GC_PR_BGD
    guess[core(RIM) & (warm > CORE * warm.max())] = cv2.GC_FGD
    return guess


def _box_pixels(box: Box, height: int, width: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels, at least two wide."""
    x0, y0 = min(max(int(box[0] * width), 0), width - 2), min(max(int(box[1] * height), 0), height - 2)
    return x0, y0, min(max(round(box[2] * width), x0 + 2), width), min(max(round(box[3] * height), y0 + 2), height)


def _ellipse(shape: tuple[int, int], room: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    x0, y0, x1, y1 = room
    cv2.ellipse(
        mask, ((x0 + x1) // 2, (y0 + y1) // 2), (max((x1 - x0) // 2, 1), max((y1 - y0) // 2, 1)), 0, 0, 360, 1, -1
    )
    return mask


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Only the largest connected part, and parts at least a fifth as large."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return mask
    areas = facts[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.nonzero(areas >= 0.2 * areas.max())[0]
    return np.isin(labels, kept).astype(np.uint8)


def _without_holes(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Everything that the outer contours enclose."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, contours, -1, 1, -1)
    return filled
