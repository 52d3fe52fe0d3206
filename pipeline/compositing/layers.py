"""Layers of a picture: who stands before whom, and the shadows that tie them to the place.

I = o·F + (1 − o)·B for the people before (opacity o, own colours F), B in turn the newcomer over the old photo. Where o
is 1 or the newcomer is not, every bit is the photo's.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.engine import Floats, Pixels

WRAP = 0.22  # of the background's light that comes round the newcomer's edge
SHADE = 0.2  # darkest of the shadow that the newcomer casts on what is near behind
FOOT = 0.5  # darkest of the contact shadow below the feet
NEAR = 0.32  # darkest of the shade of the people before on the newcomer
ROWS = 256  # that are mixed at a time: floats of a large photo at once would need a gigabyte
SOLID = 0.985  # opacity from which a pixel is wholly theirs


@dataclass(frozen=True, slots=True)
class Layer:
    """A newcomer where it comes: own colours (h, w, 3), opacity (h, w), the corner (x, y) in the photo, pixels of a head,
    and the rows (of the layer) on which its feet stand, if they are to be seen."""

    rgb: Pixels
    alpha: Floats
    corner: tuple[int, int]
    unit: float
    feet: float | None = None


def composed(
    photo: Pixels, layer: Layer, before: Floats | None, colors: Pixels | None, side: float = 0.0, shade: float = SHADE
) -> tuple[Pixels, Floats]:
    """The photo (H, W, 3) with the newcomer in it, and a mask (H, W) of where anything changed.

    before  opacity (H, W) of the people who stand before, None for nobody
    colors  their own colours (H, W, 3), clean of the old background
    side    where the light comes from: -1 (left) to 1 (right)
    """
    height, width = photo.shape[:2]
    margin = int(0.7 * layer.unit) + 4
    x0, y0 = max(0, layer.corner[0] - margin), max(0, layer.corner[1] - margin)
    x1 = min(width, layer.corner[0] + layer.alpha.shape[1] + margin)
    y1 = min(height, layer.corner[1] + layer.alpha.shape[0] + margin)
    mask = np.zeros((height, width), np.float32)
    if x1 <= x0 or y1 <= y0:
        return photo.copy(), mask
    place = slice(y0, y1), slice(x0, x1)
    alpha, rgb = _placed(layer, (x0, y0, x1, y1))
    below = photo[place]
    over = before[place] if before is not None else np.zeros(alpha.shape, np.float32)
    fronts = colors[place] if colors is not None else below

    shadow = _shadow(layer, alpha, (x0, y0), side, shade) * (1 - alpha) * (1 - over)
    light = cv2.GaussianBlur(below, (0, 0), max(1.0, 0.12 * layer.unit))
    edge = cv2.GaussianBlur(1 - alpha, (0, 0), max(0.8, 0.05 * layer.unit)) * alpha * WRAP
    dim = np.ones(alpha.shape, np.float32)
    if before is not None:
        dim -= cv2.GaussianBlur(over, (0, 0), max(1.0, 0.17 * layer.unit)) * NEAR
    result = photo.copy()
    inner, touched = result[place], mask[place]
    for top in range(0, alpha.shape[0], ROWS):
        rows = slice(top, top + ROWS)
        own = rgb[rows] * (1 - edge[rows, :, None]) + light[rows] * edge[rows, :, None]
        own *= dim[rows, :, None]
        ground = below[rows] * (1 - shadow[rows, :, None])
        behind = own * alpha[rows, :, None] + ground * (1 - alpha[rows, :, None])
        front = np.where(over[rows] > SOLID, 1, over[rows])[..., None]
        out = fronts[rows] * front + behind * (1 - front)
        changed = np.maximum(alpha[rows], shadow[rows]) * (1 - front[..., 0])
        touched[rows] = np.where(changed < 0.004, 0, changed)
        new = touched[rows] > 0
        inner[rows][new] = out[new].round().clip(0, 255).astype(np.uint8)
    return result, mask


def _placed(layer: Layer, box: tuple[int, int, int, int]) -> tuple[Floats, Pixels]:
    """Opacity and colours of the layer inside a window (x0, y0, x1, y1) of the photo."""
    x0, y0, x1, y1 = box
    alpha = np.zeros((y1 - y0, x1 - x0), np.float32)
    rgb = np.zeros((y1 - y0, x1 - x0, 3), np.uint8)
    lx, ly = layer.corner
    h, w = layer.alpha.shape
    left, top, right, bottom = max(lx, x0), max(ly, y0), min(lx + w, x1), min(ly + h, y1)
    if right > left and bottom > top:
        inner = slice(top - y0, bottom - y0), slice(left - x0, right - x0)
        source = slice(top - ly, bottom - ly), slice(left - lx, right - lx)
        alpha[inner], rgb[inner] = layer.alpha[source], layer.rgb[source]
    return alpha, rgb


def _shadow(layer: Layer, alpha: Floats, corner: tuple[int, int], side: float, shade: float) -> Floats:
    """How much darker the ground and the wall become: a soft shade beside the body, a dark one below the feet."""
    unit = layer.unit
    moved = np.array([[1, 0, -side * 0.14 * unit], [0, 1, 0.1 * unit]], np.float32)
    cast = cv2.warpAffine(alpha, moved, (alpha.shape[1], alpha.shape[0]))
    dark = cv2.GaussianBlur(cast, (0, 0), max(1.0, 0.2 * unit)) * shade
    if layer.feet is not None:
        row = layer.corner[1] + layer.feet - corner[1]
        low = alpha.copy()
        low[: max(0, int(row - 0.55 * unit))] = 0
        flat = np.array([[1, 0, -side * 0.1 * unit], [0, 0.35, 0.65 * row + 0.02 * unit]], np.float32)
        pool = cv2.warpAffine(low, flat, (alpha.shape[1], alpha.shape[0]))
        dark = np.maximum(dark, cv2.GaussianBlur(pool, (0, 0), max(1.0, 0.13 * unit)).clip(0, 1) * FOOT)
    return np.asarray(dark, np.float32)
