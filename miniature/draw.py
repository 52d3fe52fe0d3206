"""Paint things, settings and styles: flat clean shapes, drawn at twice the size and reduced.

Every thing is painted by one function ``(pen, thing)`` in the unit space of its own height: x to the right from the
thing's axis, y upwards from its foot, so that a thing of height 1 spans y = 0…1. ``Pen`` places that space in the
picture and, when asked, paints the same shapes into a mask: the mask of a thing is by construction what it covers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from miniature.scenes import Scene, Thing

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
    # hair, wood and held-out things only
    "brown": (128, 80, 48),
    "orange": (244, 136, 40),
    "cyan": (72, 200, 206),
    "gray": (150, 152, 158),
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


# -- things ------------------------------------------------------------------------------------------------------------


def _face(pen: Pen, y: float, gap: float, eye: float, ink: RGB = INK) -> None:
    for x in (-gap, gap):
        pen.dot(x, y, eye, ink)
    pen.line([(-gap * 0.45, y - gap * 0.75), (0, y - gap * 1.0), (gap * 0.45, y - gap * 0.75)], ink, 0.022)


def _animal(pen: Pen, color: RGB) -> RGB:
    """Body and head that cat, dog and rabbit share; returns the ink of the face."""
    light = shade(color, 1.5)
    pen.ellipse(0, 0.24, 0.27, 0.25, color)
    pen.ellipse(0, 0.20, 0.15, 0.16, light, light)
    for x in (-0.13, 0.13):
        pen.ellipse(x, 0.05, 0.09, 0.06, color)
    pen.ellipse(0, 0.60, 0.29, 0.24, color)
    return (250, 250, 250) if sum(color) < 240 else INK


def cat(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.line([(0.22, 0.10), (0.42, 0.16), (0.44, 0.36), (0.38, 0.46)], shade(color, 0.8), 0.075)
    for side in (-1, 1):
        pen.polygon([(side * 0.27, 0.66), (side * 0.25, 1.0), (side * 0.06, 0.80)], color)
    ink = _animal(pen, color)
    _face(pen, 0.62, 0.12, 0.034, ink)
    for side in (-1, 1):
        pen.line([(side * 0.20, 0.53), (side * 0.38, 0.56)], ink, 0.016)


def dog(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.line([(0.20, 0.12), (0.36, 0.26)], shade(color, 0.8), 0.10)
    ink = _animal(pen, color)
    pen.ellipse(0, 0.52, 0.15, 0.11, shade(color, 1.9))
    for side in (-1, 1):
        pen.ellipse(side * 0.29, 0.62, 0.10, 0.24, shade(color, 0.66), tilt=side * 14)
    pen.dot(0, 0.575, 0.05)
    for x in (-0.11, 0.11):
        pen.dot(x, 0.68, 0.034, ink)
    pen.ellipse(0, 0.45, 0.05, 0.06, (236, 110, 120))


def rabbit(pen: Pen, thing: Thing, color: RGB) -> None:
    for side in (-1, 1):
        pen.ellipse(side * 0.12, 0.84, 0.075, 0.24, color, tilt=-side * 10)
        pen.ellipse(side * 0.12, 0.84, 0.032, 0.16, (250, 190, 196), (250, 190, 196), tilt=-side * 10)
    pen.ellipse(0.25, 0.12, 0.09, 0.09, shade(color, 1.9))
    ink = _animal(pen, color)
    _face(pen, 0.60, 0.12, 0.034, ink)
    pen.polygon([(-0.035, 0.50), (0.035, 0.50), (0.035, 0.43), (-0.035, 0.43)], (255, 255, 255), (180, 180, 180))


def ball(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.ellipse(0, 0.5, 0.5, 0.5, color)
    band = (250, 250, 246) if thing.color != "white" else (224, 90, 84)
    pen.ellipse(0, 0.5, 0.5, 0.16, band, band, tilt=20)
    pen.ellipse(-0.18, 0.76, 0.10, 0.07, shade(color, 1.8), shade(color, 1.8), tilt=40)


def car(pen: Pen, thing: Thing, color: RGB) -> None:
    glass = (190, 226, 244)
    pen.polygon([(-0.46, 0.48), (-0.30, 0.98), (0.34, 0.98), (0.56, 0.48)], color)
    pen.polygon([(-0.34, 0.52), (-0.23, 0.86), (-0.02, 0.86), (-0.02, 0.52)], glass)
    pen.polygon([(0.06, 0.52), (0.06, 0.86), (0.28, 0.86), (0.42, 0.52)], glass)
    pen.polygon([(-0.84, 0.16), (-0.84, 0.46), (-0.70, 0.54), (0.72, 0.54), (0.86, 0.42), (0.86, 0.16)], color)
    for x in (-0.48, 0.48):
        pen.ellipse(x, 0.17, 0.19, 0.19, (44, 44, 50))
        pen.ellipse(x, 0.17, 0.08, 0.08, (210, 210, 214))
    pen.ellipse(0.80, 0.40, 0.06, 0.06, (255, 240, 150))


def house(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.polygon([(-0.42, 0.0), (-0.42, 0.58), (0.42, 0.58), (0.42, 0.0)], color)
    pen.polygon([(0.20, 0.70), (0.20, 0.96), (0.33, 0.96), (0.33, 0.64)], (150, 96, 70))
    pen.polygon([(-0.55, 0.56), (0, 1.0), (0.55, 0.56)], (152, 84, 62))
    pen.polygon([(-0.10, 0.0), (-0.10, 0.34), (0.12, 0.34), (0.12, 0.0)], (120, 76, 50))
    for x in (-0.27, 0.27):
        pen.polygon([(x - 0.09, 0.26), (x - 0.09, 0.46), (x + 0.09, 0.46), (x + 0.09, 0.26)], (255, 240, 176))


def umbrella(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.line([(0, 0.95), (0, 0.06), (0.05, 0.0), (0.12, 0.02), (0.13, 0.10)], (120, 80, 52), 0.045)
    pen.ellipse(0, 0.52, 0.56, 0.46, color, arc=(0, 180))
    pen.ellipse(0, 0.52, 0.20, 0.46, shade(color, 1.35), arc=(0, 180))
    pen.line([(0, 0.97), (0, 1.02)], (120, 80, 52), 0.04)


def flower(pen: Pen, thing: Thing, color: RGB) -> None:
    stem = (70, 140, 70)
    pen.line([(0, 0.0), (0.02, 0.3), (0, 0.6)], stem, 0.05)
    pen.ellipse(0.15, 0.22, 0.15, 0.07, (92, 176, 88), tilt=30)
    pen.ellipse(-0.14, 0.14, 0.15, 0.07, (92, 176, 88), tilt=150)
    for i in range(6):
        angle = math.radians(60 * i + 30)
        pen.ellipse(0.20 * math.cos(angle), 0.70 + 0.20 * math.sin(angle), 0.145, 0.125, color, tilt=60 * i + 30)
    center = (250, 206, 70) if thing.color != "yellow" else (176, 100, 44)
    pen.ellipse(0, 0.70, 0.125, 0.125, center)


def duck(pen: Pen, thing: Thing, color: RGB) -> None:
    for x in (-0.08, 0.10):
        pen.line([(x, 0.10), (x, 0.0), (x - 0.08, 0.0)], (240, 140, 40), 0.04)
    pen.polygon([(0.24, 0.34), (0.56, 0.50), (0.40, 0.22)], color)
    pen.ellipse(0.06, 0.28, 0.38, 0.21, color)
    pen.polygon([(-0.40, 0.74), (-0.64, 0.67), (-0.40, 0.62)], (244, 140, 40))
    pen.ellipse(-0.24, 0.72, 0.22, 0.22, color)
    pen.dot(-0.30, 0.78, 0.035, (250, 250, 250) if sum(color) < 240 else INK)
    pen.ellipse(0.12, 0.30, 0.18, 0.10, shade(color, 0.8), tilt=12)


def cup(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.ellipse(0.42, 0.42, 0.20, 0.22, color)
    pen.ellipse(0.42, 0.42, 0.10, 0.12, (236, 236, 232))
    pen.polygon([(-0.40, 0.80), (-0.32, 0.0), (0.32, 0.0), (0.40, 0.80)], color)
    pen.ellipse(0, 0.80, 0.40, 0.10, shade(color, 1.6))
    pen.ellipse(0, 0.79, 0.32, 0.065, (110, 70, 44))


def person(pen: Pen, thing: Thing, color: RGB) -> None:
    """A chibi girl (dress) or boy (shirt and trousers); ``thing`` gives hair, accessory, pattern and skin."""
    skin, hair = SKIN[thing.skin], PALETTE[thing.hair_color]
    girl = thing.kind == "girl"
    if thing.hair == "long":
        pen.polygon([(-0.27, 0.72), (-0.30, 0.34), (-0.16, 0.28), (0.16, 0.28), (0.30, 0.34), (0.27, 0.72)], hair)
    if thing.hair == "curly":
        for x, y in ((-0.27, 0.58), (0.27, 0.58), (-0.30, 0.72), (0.30, 0.72), (-0.24, 0.84), (0.24, 0.84)):
            pen.ellipse(x, y, 0.12, 0.11, hair)
    for side in (-1, 1):
        leg = skin if girl else (66, 82, 128)
        pen.polygon([(side * 0.03, 0.22), (side * 0.13, 0.22), (side * 0.13, 0.03), (side * 0.03, 0.03)], leg)
        pen.ellipse(side * 0.09, 0.03, 0.075, 0.035, (92, 62, 50))
        pen.ellipse(side * 0.225, 0.30, 0.05, 0.13, color, tilt=side * 24)
        pen.ellipse(side * 0.275, 0.19, 0.042, 0.042, skin)
    if girl:
        body = [(-0.11, 0.45), (0.11, 0.45), (0.24, 0.13), (-0.24, 0.13)]
    else:
        body = [(-0.16, 0.44), (0.16, 0.44), (0.17, 0.19), (-0.17, 0.19)]
    pen.polygon(body, color)
    if thing.striped:
        stripe = (250, 250, 246) if thing.color != "white" else (110, 130, 170)
        low, high = (0.18, 0.33) if girl else (0.25, 0.36)
        for y in (low, high):
            half = (0.11 + (0.45 - y) * 0.40) if girl else 0.165
            pen.line([(-half * 0.92, y), (half * 0.92, y)], stripe, 0.045)
    pen.ellipse(0, 0.66, 0.265, 0.235, skin)
    pen.ellipse(0, 0.70, 0.285, 0.235, hair, arc=(8, 172))
    if thing.hair == "short":
        for side in (-1, 1):
            pen.ellipse(side * 0.255, 0.69, 0.05, 0.08, hair)
    if thing.hair == "curly":
        for x, y in ((-0.17, 0.86), (0.0, 0.90), (0.17, 0.86)):
            pen.ellipse(x, y, 0.12, 0.09, hair)
    if thing.hair == "long":
        for side in (-1, 1):
            pen.polygon([(side * 0.285, 0.76), (side * 0.29, 0.48), (side * 0.22, 0.50), (side * 0.21, 0.74)], hair)
    _face(pen, 0.625, 0.105, 0.032)
    for side in (-1, 1):
        pen.ellipse(side * 0.17, 0.565, 0.04, 0.025, (250, 160, 150), (250, 160, 150))
    if thing.accessory == "glasses":
        for x in (-0.108, 0.108):
            ring = [(x + 0.082 * math.cos(a), 0.625 + 0.075 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 18)]
            pen.line(ring, (34, 34, 40), 0.026)
        pen.line([(-0.03, 0.64), (0.03, 0.64)], (34, 34, 40), 0.026)
    if thing.accessory == "hat":
        pen.ellipse(0, 0.80, 0.40, 0.065, (236, 196, 112))
        pen.ellipse(0, 0.82, 0.235, 0.19, (236, 196, 112), arc=(0, 180))
        pen.line([(-0.23, 0.845), (0.23, 0.845)], (190, 70, 60), 0.045)


def monster(pen: Pen, thing: Thing, color: RGB) -> None:
    if thing.top == "horns":
        for side in (-1, 1):
            pen.polygon([(side * 0.30, 0.70), (side * 0.34, 1.0), (side * 0.10, 0.80)], (246, 232, 190))
    elif thing.top == "ears":
        for side in (-1, 1):
            pen.ellipse(side * 0.27, 0.85, 0.14, 0.14, color)
            pen.ellipse(side * 0.27, 0.85, 0.07, 0.07, shade(color, 1.8))
    else:
        for side in (-1, 1):
            pen.line([(side * 0.08, 0.78), (side * 0.16, 0.95)], shade(color, 0.6), 0.035)
            pen.ellipse(side * 0.17, 0.96, 0.055, 0.055, (250, 220, 90))
    for side in (-1, 1):
        pen.ellipse(side * 0.40, 0.42, 0.07, 0.14, color, tilt=side * 30)
        pen.ellipse(side * 0.18, 0.05, 0.13, 0.07, shade(color, 0.8))
    pen.ellipse(0, 0.45, 0.40, 0.42, color)
    pen.ellipse(0, 0.26, 0.22, 0.18, shade(color, 1.6), shade(color, 1.6))
    radius = {1: 0.17, 2: 0.12, 3: 0.095}[thing.eyes]
    for x in {1: (0.0,), 2: (-0.15, 0.15), 3: (-0.22, 0.0, 0.22)}[thing.eyes]:
        pen.ellipse(x, 0.60, radius, radius, (252, 252, 250), (60, 60, 66))
        pen.dot(x, 0.60, radius * 0.5)
    pen.ellipse(0, 0.40, 0.13, 0.10, (120, 30, 44), arc=(180, 360))
    pen.polygon([(-0.07, 0.40), (-0.01, 0.40), (-0.04, 0.345)], (255, 255, 250))


PAINTERS: dict[str, Callable[[Pen, Thing, RGB], None]] = {
    "cat": cat, "dog": dog, "rabbit": rabbit, "ball": ball, "car": car, "house": house, "umbrella": umbrella,
    "flower": flower, "girl": person, "boy": person, "monster": monster, "duck": duck, "cup": cup,
}  # fmt: skip

# -- settings ----------------------------------------------------------------------------------------------------------


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


BACKDROPS: dict[str, Callable[[Array, np.random.Generator], None]] = {
    "beach": beach, "grass": grass, "snow": snow, "night": night,
}  # fmt: skip

# -- styles, applied to the finished picture (SIZE, SIZE, 3) -----------------------------------------------------------


def ink_wash(image: Array, rng: np.random.Generator) -> Array:
    """Grey washes on warm paper, dark contours, a hint of the colours (设色)."""
    soft = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.float32)
    grey = soft.mean(2, keepdims=True)
    tone = np.clip(grey + 0.42 * (soft - grey), 0, 255) / 255
    edge = cv2.morphologyEx(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
    edge = cv2.GaussianBlur(edge.astype(np.float32), (0, 0), 0.7)[..., None]
    paper = np.array([248, 241, 226], np.float32)
    washed = paper * (0.10 + 0.90 * np.minimum(1.0, tone * 1.25)) - 1.3 * edge
    return np.clip(washed, 0, 255).astype(np.uint8)


def impressionist(image: Array, rng: np.random.Generator) -> Array:
    """Dabs of broken colour laid over a soft underpainting."""
    out = cv2.GaussianBlur(image, (0, 0), 1.2)
    step = 5
    ys, xs = np.mgrid[2:SIZE:step, 2:SIZE:step].reshape(2, -1)
    order = rng.permutation(len(xs))
    jitter = rng.integers(-2, 3, (2, len(xs)))
    xs, ys = np.clip(xs + jitter[0], 0, SIZE - 1), np.clip(ys + jitter[1], 0, SIZE - 1)
    colors = np.clip(out[ys, xs].astype(np.float32) * rng.uniform(0.88, 1.12, (len(xs), 1)) + (10, 4, -6), 0, 255)
    tilt = 60 * np.sin(ys / 34.0) + 15
    for i in order:
        cv2.ellipse(out, (int(xs[i]), int(ys[i])), (4, 1), float(tilt[i]), 0, 360, colors[i].tolist(), -1, cv2.LINE_AA)
    return out


def comic(image: Array, rng: np.random.Generator) -> Array:
    """Flat saturated inks; the heavy contour is drawn by the pen."""
    grey = image.mean(2, keepdims=True)
    vivid = np.clip(grey + 1.5 * (image - grey), 0, 255)
    return (np.round(vivid / 51) * 51).astype(np.uint8)


def pixel(image: Array, rng: np.random.Generator) -> Array:
    small = cv2.resize(image, (SIZE // 4, SIZE // 4), interpolation=cv2.INTER_AREA)
    small = (np.round(small / 36.4) * 36.4).clip(0, 255).astype(np.uint8)
    return cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST)


RENDERINGS: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "ink wash": ink_wash, "impressionist": impressionist, "comic": comic, "pixel": pixel,
}  # fmt: skip

# -- the whole picture -------------------------------------------------------------------------------------------------


def _place(thing: Thing) -> tuple[float, float, float, bool]:
    return thing.x * CANVAS, thing.foot * CANVAS, thing.height * CANVAS, thing.mirrored


def color_of(thing: Thing) -> RGB:
    """The thing's exact paint: its colour word, moved a little by its own seed."""
    rng = np.random.default_rng(thing.seed)
    base = np.array(PALETTE[thing.color]) + rng.integers(-9, 10, 3)
    return tuple(int(c) for c in base.clip(20, 252))  # type: ignore[return-value]


def paint(scene: Scene) -> Array:
    """The picture of a scene: (SIZE, SIZE, 3) uint8 RGB."""
    canvas = np.empty((CANVAS, CANVAS, 3), np.uint8)
    BACKDROPS[scene.setting](canvas, np.random.default_rng([scene.seed, 1]))
    for thing in scene.things:
        pen = Pen(canvas, None, _place(thing), scene.style == "comic")
        PAINTERS[thing.kind](pen, thing, color_of(thing))
    image = cv2.resize(canvas, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    if scene.style in RENDERINGS:
        image = RENDERINGS[scene.style](image, np.random.default_rng([scene.seed, 2]))
    return image


def mask(scene: Scene, index: int) -> Array:
    """Where thing ``index`` is seen: (SIZE, SIZE) bool, soft edges included, without what stands wholly before it."""
    canvas = np.zeros((CANVAS, CANVAS, 3), np.uint8)
    seen = np.zeros((CANVAS, CANVAS), np.uint8)
    for i, thing in enumerate(scene.things[index:], index):
        layer = np.zeros((CANVAS, CANVAS), np.uint8)
        PAINTERS[thing.kind](Pen(canvas, layer, _place(thing), scene.style == "comic"), thing, color_of(thing))
        seen = layer if i == index else np.where(layer == 255, 0, seen).astype(np.uint8)
    scale = CANVAS // SIZE
    return np.asarray((seen > 0).reshape(SIZE, scale, SIZE, scale).any(axis=(1, 3)))
