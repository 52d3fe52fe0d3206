"""The signs of moods that comics have, as plain shapes on a canvas of s × s pixels: a heart, drops, veins, zzz, !"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from lettering.font import font

Draw = ImageDraw.ImageDraw
WHITE = (255, 255, 255, 255)
FINER = 4  # drawn so many times as large, then reduced


@lru_cache(maxsize=32)
def sign(expression: str, side: int) -> Image.Image:
    """The sign of a mood as RGBA, `side` × `side` pixels. Raises KeyError for a mood without a sign."""
    layer = Image.new("RGBA", (side * FINER, side * FINER), (0, 0, 0, 0))
    SIGNS[expression](ImageDraw.Draw(layer), side * FINER)
    return layer.resize((side, side), Image.Resampling.LANCZOS)


def _heart(draw: Draw, s: float) -> None:
    t = np.linspace(0, 2 * np.pi, 60)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    points = [(s * (0.5 + a / 36), s * (0.48 - b / 36)) for a, b in zip(x, y, strict=True)]
    _outlined(draw, points, (240, 70, 100, 255), s)


def _drop(draw: Draw, s: float) -> None:
    for dx, top, size in ((0.32, 0.10, 0.30), (0.68, 0.38, 0.24)):
        t = np.linspace(0, 2 * np.pi, 40)
        x, y = size * np.sin(t) * np.sin(t / 2), -size * np.cos(t) + size
        _outlined(
            draw, [(s * (dx + a * 0.8), s * (top + b)) for a, b in zip(x, y, strict=True)], (90, 170, 240, 255), s
        )


def _cross(draw: Draw, s: float) -> None:
    """The crossed veins of somebody angry in comics."""
    for turn in range(4):
        angle = math.pi / 2 * turn + math.pi / 4
        arc = [(0.5 + 0.36 * math.cos(angle + d), 0.5 + 0.36 * math.sin(angle + d)) for d in (-0.62, -0.25, 0.25, 0.62)]
        inner = [(0.5 + 0.16 * math.cos(angle), 0.5 + 0.16 * math.sin(angle))]
        points = [arc[0], *inner, arc[3]]
        _line(draw, [(s * x, s * y) for x, y in points], (225, 50, 45, 255), s)


def _shine(draw: Draw, s: float) -> None:
    for x, y, r in ((0.36, 0.40, 0.30), (0.78, 0.72, 0.18), (0.76, 0.18, 0.14)):
        star = []
        for i in range(8):
            radius = r if i % 2 == 0 else 0.32 * r
            star.append((s * (x + radius * math.sin(math.pi / 4 * i)), s * (y - radius * math.cos(math.pi / 4 * i))))
        _outlined(draw, star, (250, 200, 40, 255), s)


def _letters(text: str, color: tuple[int, int, int, int]) -> Callable[[Draw, float], None]:
    def paint(draw: Draw, s: float) -> None:
        size = s * 0.9 / max(1, len(text)) ** 0.6
        for i, letter in enumerate(text):
            scale = 1 - 0.22 * (len(text) - 1 - i)
            face = font(max(8, round(size * scale)))
            place = (s * (0.12 + 0.28 * i), s * (0.42 - 0.16 * i) if len(text) > 1 else s * 0.0)
            stroke = max(2, round(s / 18))
            draw.text(place, letter, font=face, fill=color, stroke_width=stroke, stroke_fill=WHITE)

    return paint


def _exclaim(draw: Draw, s: float) -> None:
    """!? leaning apart."""
    for text, x, y in (("!", 0.3, 0.5), ("?", 0.66, 0.52)):
        place, stroke = (s * x, s * y), round(s / 14)
        fill, face = (235, 90, 40, 255), font(round(0.92 * s))
        draw.text(place, text, font=face, fill=fill, stroke_width=stroke, stroke_fill=WHITE, anchor="mm")


def _dots(draw: Draw, s: float) -> None:
    for i in range(3):
        center = (s * (0.2 + 0.3 * i), s * 0.5)
        for radius, color in ((0.15, WHITE), (0.1, (90, 90, 100, 255))):
            box = [center[0] - s * radius, center[1] - s * radius, center[0] + s * radius, center[1] + s * radius]
            draw.ellipse(box, fill=color)


def _outlined(draw: Draw, points: list[tuple[float, float]], color: tuple[int, int, int, int], s: float) -> None:
    draw.line([*points, points[0], points[1]], fill=WHITE, width=max(2, round(s / 9)), joint="curve")
    draw.polygon(points, fill=color)


def _line(draw: Draw, points: list[tuple[float, float]], color: tuple[int, int, int, int], s: float) -> None:
    for width, ink in ((s / 5, WHITE), (s / 10, color)):
        draw.line(points, fill=ink, width=max(2, round(width)), joint="curve")


SIGNS: dict[str, Callable[[Draw, float], None]] = {
    "happy": _shine,
    "sad": _drop,
    "angry": _cross,
    "surprised": _exclaim,
    "sleepy": _letters("zzz", (80, 120, 220, 255)),
    "love": _heart,
    "speechless": _dots,
}
