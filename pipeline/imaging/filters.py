"""Blurs, and filters that follow a photo's edges."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging import Floats

Plane = NDArray[np.floating[Any]]
Any8 = Plane | NDArray[np.uint8]


def mean(plane: Plane, radius: int) -> Floats:
    """The mean over a square of 2 · radius + 1 pixels about each pixel."""
    side = 2 * radius + 1
    out = cv2.blur(np.asarray(plane, np.float32), (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(out, np.float32).reshape(plane.shape)


def gaussian(plane: Any8, sigma: float) -> Floats:
    """Gaussian blur of standard deviation `sigma` pixels; a wide one is worked out on a smaller picture."""
    step = int(sigma / 4)
    height, width = plane.shape[:2]
    if step < 2 or min(height, width) < 4 * step:
        out = cv2.GaussianBlur(np.asarray(plane, np.float32), (0, 0), max(sigma, 0.01), borderType=cv2.BORDER_REFLECT)
        return np.asarray(out, np.float32).reshape(plane.shape)
    size = -(-width // step), -(-height // step)
    small = np.asarray(cv2.resize(np.asarray(plane), size, interpolation=cv2.INTER_AREA), np.float32)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT), np.float32)
    out = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(out, np.float32).reshape(plane.shape)


def guided_coefficients(guide: Plane, plane: Plane, radius: int, epsilon: float) -> Floats:
    """The local linear model plane ≈ a · guide + b of the guided filter (He, Sun & Tang 2010), as (h, w, 4) [a, b].

    guide (h, w, 3) and plane (h, w), both in [0, 1]; `radius` in pixels; `epsilon` is the variance below which a window
    counts as flat.
    """
    centre, level = mean(guide, radius), mean(plane, radius)
    covariance = mean(guide * plane[..., None], radius) - centre * level[..., None]
    spread = np.dstack(
        [
            mean(guide[..., i] * guide[..., j], radius) - centre[..., i] * centre[..., j] + (epsilon if i == j else 0)
            for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
        ]
    )
    a = symmetric_solve(spread, covariance)
    b = level - (a * centre).sum(2)
    return mean(np.dstack([a, b]), radius)


def symmetric_solve(matrix: Plane, right: Plane) -> Floats:
    """x of A x = right at every pixel, A symmetric 3×3 by cofactors: matrix (h, w, 6) holds 00, 01, 02, 11, 12, 22."""
    rr, rg, rb, gg, gb, bb = np.moveaxis(matrix, 2, 0)
    c00, c01, c02 = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c11, c12, c22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * c00 + rg * c01 + rb * c02)
    r, g, b = right[..., 0], right[..., 1], right[..., 2]
    return np.dstack(
        [
            (c00 * r + c01 * g + c02 * b) * scale,
            (c01 * r + c11 * g + c12 * b) * scale,
            (c02 * r + c12 * g + c22 * b) * scale,
        ]
    )


def guided(guide: Plane, plane: Plane, radius: int, epsilon: float) -> Floats:
    """`plane` (H, W) smoothed but for the edges of `guide` (H, W, 3): the guided filter, both in [0, 1]."""
    model = guided_coefficients(guide, plane, radius, epsilon)
    return np.asarray((model[..., :3] * guide).sum(2) + model[..., 3], np.float32)


def guided_upsampling(small: Plane, plane: Plane, guide: Plane, radius: int, epsilon: float) -> Floats:
    """`plane` (h, w), worked out on `small` (h, w, 3), at the size of `guide` (H, W, 3), following the guide's edges.

    The fast guided filter (He & Sun 2015): the local linear model is found at the small size and enlarged.
    """
    model = guided_coefficients(small, plane, radius, epsilon)
    height, width = guide.shape[:2]
    large = cv2.resize(model, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((large[..., :3] * guide).sum(2) + large[..., 3], np.float32)
