"""The settings: backdrops of flat bands, hills and a few shapes. Things are painted before them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from miniature.pen import CANVAS, RGB, Array


def _bands(canvas: Array, colors: Sequence[RGB], edges: Sequence[float]) -> None:
    """Horizontal bands; ``edges`` are their lower ends as fractions of the height."""
    top = 0
    for color, edge in zip(colors, edges, strict=True):
        bottom = round(edge * CANVAS)
        canvas[top:bottom] = color
        top = bottom


def _hill(canvas: Array, level: float, swing: float, phase: float, color: RGB) -> None:
    x = np.linspace(0, CANVAS, 33)
    y = CANVAS * (level + swing * np.sin(x / CANVAS * 2 * math.pi * 0.9 + phase))
    points = np.concatenate([np.stack([x, y], 1), [[CANVAS, CANVAS], [0, CANVAS]]])
    cv2.fillPoly(canvas, [np.round(points * 16).astype(np.int32)], color, cv2.LINE_AA, 4)


def _disc(canvas: Array, x: float, y: float, r: float, color: RGB) -> None:
    cv2.circle(
        canvas, (round(x * CANVAS * 16), round(y * CANVAS * 16)), round(r * CANVAS * 16), color, -1, cv2.LINE_AA, 4
    )


def _cloud(canvas: Array, x: float, y: float, color: RGB) -> None:
    for dx, dy, r in ((-0.07, 0.01, 0.04), (0, -0.015, 0.055), (0.07, 0.01, 0.04)):
        _disc(canvas, x + dx, y + dy, r, color)


def beach(canvas: Array, rng: np.random.Generator) -> None:
    horizon = rng.uniform(0.40, 0.48)
    _bands(canvas, [(150, 214, 246), (40, 146, 206), (96, 190, 220)], [horizon, horizon + 0.13, 1.0])
    _disc(canvas, rng.uniform(0.12, 0.88), rng.uniform(0.12, 0.22), 0.075, (255, 226, 110))
    _hill(canvas, horizon + 0.19, 0.012, rng.uniform(0, 6), (248, 244, 230))
    _hill(canvas, horizon + 0.215, 0.012, rng.uniform(0, 6), (244, 216, 158))


def grass(canvas: Array, rng: np.random.Generator) -> None:
    _bands(canvas, [(176, 222, 248)], [1.0])
    _cloud(canvas, rng.uniform(0.15, 0.85), rng.uniform(0.12, 0.24), (252, 253, 255))
    _hill(canvas, rng.uniform(0.46, 0.52), 0.05, rng.uniform(0, 6), (150, 208, 110))
    _hill(canvas, rng.uniform(0.60, 0.66), 0.025, rng.uniform(0, 6), (112, 186, 82))


def snow(canvas: Array, rng: np.random.Generator) -> None:
    _bands(canvas, [(186, 200, 226)], [1.0])
    peak, level = rng.uniform(0.25, 0.75), 0.58
    for scale, color in ((1.0, (132, 150, 190)), (0.38, (240, 244, 252))):
        top = 0.20
        half, base = 0.42 * scale, top + (level - top) * scale
        tri = np.array([[peak - half, base], [peak, top], [peak + half, base]]) * CANVAS
        cv2.fillPoly(canvas, [np.round(tri * 16).astype(np.int32)], color, cv2.LINE_AA, 4)
    _hill(canvas, 0.56, 0.03, rng.uniform(0, 6), (220, 229, 244))
    _hill(canvas, rng.uniform(0.64, 0.68), 0.02, rng.uniform(0, 6), (240, 244, 252))


def night(canvas: Array, rng: np.random.Generator) -> None:
    _bands(canvas, [(36, 40, 92), (92, 92, 130)], [0.66, 1.0])
    _disc(canvas, rng.uniform(0.12, 0.88), 0.13, 0.065, (250, 242, 200))
    x = -rng.uniform(0, 0.1)
    while x < 1:
        width, top = rng.uniform(0.14, 0.22), rng.uniform(0.26, 0.46)
        left, right = round(x * CANVAS), round((x + width) * CANVAS)
        cv2.rectangle(canvas, (left, round(top * CANVAS)), (right, round(0.66 * CANVAS)), (66, 66, 124), -1)
        for row in range(2):
            wy = round((top + 0.05 + 0.09 * row) * CANVAS)
            for column in (0.3, 0.7):
                wx = round(left + column * (right - left))
                cv2.rectangle(canvas, (wx - 5, wy - 5), (wx + 5, wy + 6), (255, 222, 120), -1)
        x += width + 0.02


def _rectangle(canvas: Array, left: float, top: float, right: float, bottom: float, color: RGB) -> None:
    corners = [round(v * CANVAS) for v in (left, top, right, bottom)]
    cv2.rectangle(canvas, (corners[0], corners[1]), (corners[2], corners[3]), color, -1)


def room(canvas: Array, rng: np.random.Generator) -> None:
    _bands(canvas, [(246, 226, 196), (186, 132, 92)], [0.66, 1.0])
    _rectangle(canvas, 0, 0.645, 1, 0.67, (250, 246, 238))
    x = rng.uniform(0.08, 0.62)
    _rectangle(canvas, x, 0.10, x + 0.30, 0.46, (250, 248, 242))
    _rectangle(canvas, x + 0.02, 0.12, x + 0.28, 0.44, (164, 214, 244))
    _rectangle(canvas, x + 0.14, 0.12, x + 0.16, 0.44, (250, 248, 242))
    _rectangle(canvas, x + 0.02, 0.27, x + 0.28, 0.29, (250, 248, 242))


def desert(canvas: Array, rng: np.random.Generator) -> None:
    _bands(canvas, [(252, 222, 168)], [1.0])
    _disc(canvas, rng.uniform(0.12, 0.88), rng.uniform(0.14, 0.24), 0.085, (250, 138, 78))
    _hill(canvas, rng.uniform(0.48, 0.54), 0.06, rng.uniform(0, 6), (226, 150, 88))
    _hill(canvas, rng.uniform(0.60, 0.66), 0.035, rng.uniform(0, 6), (206, 124, 66))


def lake(canvas: Array, rng: np.random.Generator) -> None:
    """Water up to the beholder's feet, as smooth as a mirror: draw.py lets it reflect what stands on it."""
    _bands(canvas, [(214, 236, 240), (112, 170, 186)], [0.52, 1.0])
    _hill(canvas, rng.uniform(0.34, 0.40), 0.05, rng.uniform(0, 6), (150, 190, 186))
    _hill(canvas, rng.uniform(0.44, 0.47), 0.02, rng.uniform(0, 6), (94, 150, 134))
    _rectangle(canvas, 0, 0.52, 1, 1, (112, 170, 186))
    _rectangle(canvas, 0, 0.52, 1, 0.535, (84, 138, 150))


BACKDROPS: dict[str, Callable[[Array, np.random.Generator], None]] = {
    "beach": beach, "grass": grass, "snow": snow, "night": night, "room": room,
    "desert": desert, "lake": lake,
}  # fmt: skip
