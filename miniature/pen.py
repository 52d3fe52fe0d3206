"""The pen: flat outlined shapes in the unit space of a thing, on a canvas and into the thing's mask at once.

x runs to the right from the thing's axis, y upwards from its foot, so that a thing of height 1 spans y = 0…1. The pen
places that space in the picture; the mask of a thing is by construction what the pen has covered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

cv2.setNumThreads(1)

SIZE = 128  # pixels of a finished picture
CANVAS = 2 * SIZE  # drawn at this size, then reduced: cheap antialiasing

Array = np.ndarray[Any, Any]
RGB = tuple[int, int, int]
Point = tuple[float, float]

PALETTE: dict[str, RGB] = {
    "red": (222, 56, 52),
    "yellow": (248, 205, 48),
    "green": (66, 168, 84),
    "blue": (54, 112, 214),
    "purple": (138, 74, 188),
    "pink": (248, 152, 190),
    "white": (246, 246, 242),
    "black": (52, 50, 58),
    "brown": (128, 80, 48),  # of hair only
}
SKIN: tuple[RGB, ...] = ((255, 222, 194), (240, 190, 150), (176, 120, 84))
INK: RGB = (40, 36, 44)


def shade(color: RGB, factor: float) -> RGB:
    """``color`` made darker (factor < 1) or lighter (factor > 1)."""
    if factor <= 1:
        return tuple(int(c * factor) for c in color)  # type: ignore[return-value]
    return tuple(int(255 - (255 - c) / factor) for c in color)  # type: ignore[return-value]


class Pen:
    """Draws filled, outlined shapes of one thing on a canvas, and the same shapes into its mask."""

    def __init__(self, canvas: Array, mask: Array | None, place: tuple[float, float, float, bool], comic: bool) -> None:
        self.canvas, self.mask, self.comic = canvas, mask, comic
        self.x, self.y, self.height, self.mirrored = place

    def _pixels(self, points: Sequence[Point]) -> Array:
        side = -1.0 if self.mirrored else 1.0
        flat = [(self.x + side * px * self.height, self.y - py * self.height) for px, py in points]
        return np.round(np.array(flat) * 16).astype(np.int32)  # 4 fractional bits

    def _draw(self, outline: Array, color: RGB, edge: RGB | None) -> None:
        cv2.fillPoly(self.canvas, [outline], color, cv2.LINE_AA, 4)
        soft = edge == color  # blushes and shines have no contour in any style
        if edge is None:
            edge = shade(color, 0.62)
        if self.comic and not soft:
            edge = (16, 14, 20)
        cv2.polylines(self.canvas, [outline], True, edge, 4 if self.comic and not soft else 3, cv2.LINE_AA, 4)
        if self.mask is not None:
            cv2.fillPoly(self.mask, [outline], 255, cv2.LINE_AA, 4)
            cv2.polylines(self.mask, [outline], True, 255, 4 if self.comic and not soft else 3, cv2.LINE_AA, 4)

    def polygon(self, points: Sequence[Point], color: RGB, edge: RGB | None = None) -> None:
        self._draw(self._pixels(points), color, edge)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        color: RGB,
        edge: RGB | None = None,
        arc: tuple[float, float] = (0, 360),
        tilt: float = 0.0,
    ) -> None:
        """Ellipse (or its segment between two angles, counter-clockwise degrees) about (x, y)."""
        steps = max(10, int(28 * abs(arc[1] - arc[0]) / 360))
        angles = np.radians(np.linspace(arc[0], arc[1], steps))
        cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
        px, py = rx * np.cos(angles), ry * np.sin(angles)
        self._draw(self._pixels(list(zip(x + px * cos - py * sin, y + px * sin + py * cos, strict=True))), color, edge)

    def line(self, points: Sequence[Point], color: RGB, width: float) -> None:
        """Open stroke; ``width`` is a fraction of the thing's height."""
        pixels, thick = self._pixels(points), max(2, round(width * self.height))
        cv2.polylines(self.canvas, [pixels], False, color, thick, cv2.LINE_AA, 4)
        if self.mask is not None:
            cv2.polylines(self.mask, [pixels], False, 255, thick, cv2.LINE_AA, 4)

    def dot(self, x: float, y: float, radius: float, color: RGB = INK) -> None:
        side = -1.0 if self.mirrored else 1.0
        center = (round((self.x + side * x * self.height) * 16), round((self.y - y * self.height) * 16))
        cv2.circle(self.canvas, center, round(radius * self.height * 16), color, -1, cv2.LINE_AA, 4)
        if self.mask is not None:
            cv2.circle(self.mask, center, round(radius * self.height * 16), 255, -1, cv2.LINE_AA, 4)
