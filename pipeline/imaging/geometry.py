"""Sizes, windows and edges: what every other file here measures with."""

import cv2
import numpy as np

from pipeline.imaging import Box, Floats, Pixels

Window = tuple[slice, slice]  # rows, columns


def scaled(pixels: Pixels, longest: int) -> Pixels:
    """`pixels` with at most `longest` pixels on the longer side; unchanged where it has fewer."""
    height, width = pixels.shape[:2]
    share = longest / max(height, width)
    if share >= 1:
        return pixels
    size = max(1, round(width * share)), max(1, round(height * share))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), pixels.dtype)


def resized(plane: Floats, height: int, width: int) -> Floats:
    """A mask (or any float array) at another size: averaged when it shrinks, linear when it grows."""
    plane = np.asarray(plane, np.float32)
    if plane.shape[:2] == (height, width):
        return plane
    way = cv2.INTER_AREA if plane.shape[0] > height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, (width, height), interpolation=way), np.float32)


def window(mask: Floats, margin: int, level: float = 0.1) -> Window | None:
    """The smallest window about what of `mask` is over `level`, `margin` pixels wider; None where there is nothing."""
    rows, columns = np.flatnonzero(mask.max(1) > level), np.flatnonzero(mask.max(0) > level)
    if not len(rows):
        return None
    height, width = mask.shape
    return (
        slice(max(0, int(rows[0]) - margin), min(height, int(rows[-1]) + 1 + margin)),
        slice(max(0, int(columns[0]) - margin), min(width, int(columns[-1]) + 1 + margin)),
    )


def cropped(plane: Floats, place: Window, size: tuple[int, int], target: tuple[int, int]) -> Floats:
    """What of `plane` lies in the window `place` of a photo of `size` (H, W), sampled at `target` (h, w).

    `plane` shows the whole photo at a size of its own; it is never brought to the photo's.
    """
    down, across = plane.shape[0] / size[0], plane.shape[1] / size[1]
    rows, columns = place
    dy, dx = (rows.stop - rows.start) * down / target[0], (columns.stop - columns.start) * across / target[1]
    matrix = np.array([[dx, 0, columns.start * across + (dx - 1) / 2], [0, dy, rows.start * down + (dy - 1) / 2]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(
        np.asarray(plane, np.float32), matrix, target[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(out, np.float32)


def pixels_of(box: Box, height: int, width: int) -> tuple[float, float, float, float]:
    """A box of shares in pixels."""
    return box[0] * width, box[1] * height, box[2] * width, box[3] * height


def disc(radius: float) -> Pixels:
    """A round structuring element."""
    side = 2 * max(0, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def laid(photo: Pixels, layer: Pixels, alpha: Floats) -> Pixels:
    """`layer` laid over `photo` by `alpha` (H, W); where alpha is 0 every bit is the photo's."""
    rows = window(alpha, 0, 0.0)
    out = photo.copy()
    if rows is None:
        return out
    share = alpha[rows][..., None]
    below = photo[rows].astype(np.float32)
    mixed = below + (layer[rows].astype(np.float32) - below) * share
    out[rows] = np.where(share > 0, np.rint(mixed).clip(0, 255).astype(np.uint8), photo[rows])
    return out


def ellipses(boxes: list[Box] | tuple[Box, ...], height: int, width: int, grow: float = 1.0) -> Floats:
    """A soft mask (H, W) of the faces in `boxes`: 1 inside an ellipse `grow` times the box, falling off about its edge."""
    share = min(1.0, 400 / max(height, width))
    small_height, small_width = max(1, round(height * share)), max(1, round(width * share))
    y, x = np.mgrid[0:small_height, 0:small_width].astype(np.float32)
    mask = np.zeros((small_height, small_width), np.float32)
    for box in boxes:
        x0, y0, x1, y1 = pixels_of(box, small_height, small_width)
        across, down = max(1e-3, (x1 - x0) / 2 * grow), max(1e-3, (y1 - y0) / 2 * grow)
        away = np.hypot((x - (x0 + x1) / 2 + 0.5) / across, (y - (y0 + y1) / 2 + 0.5) / down)
        mask = np.maximum(mask, (1.5 - away).clip(0, 0.5) * 2)
    mask = mask * mask * (3 - 2 * mask)
    return resized(mask, height, width)
