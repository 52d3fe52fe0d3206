"""How each kind of thing is painted: one function ``(pen, thing, color)`` a kind, and the table of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from miniature.pen import INK, PALETTE, RGB, SKIN, Pen, shade
from miniature.scenes import Thing

WHITE: RGB = (250, 250, 250)


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
    return WHITE if sum(color) < 240 else INK


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
    pen.dot(-0.30, 0.78, 0.035, WHITE if sum(color) < 240 else INK)
    pen.ellipse(0.12, 0.30, 0.18, 0.10, shade(color, 0.8), tilt=12)


def cup(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.ellipse(0.42, 0.42, 0.20, 0.22, color)
    pen.ellipse(0.42, 0.42, 0.10, 0.12, (236, 236, 232))
    pen.polygon([(-0.40, 0.80), (-0.32, 0.0), (0.32, 0.0), (0.40, 0.80)], color)
    pen.ellipse(0, 0.80, 0.40, 0.10, shade(color, 1.6))
    pen.ellipse(0, 0.79, 0.32, 0.065, (110, 70, 44))


def bear(pen: Pen, thing: Thing, color: RGB) -> None:
    for side in (-1, 1):
        pen.ellipse(side * 0.23, 0.80, 0.11, 0.11, color)
        pen.ellipse(side * 0.23, 0.80, 0.055, 0.055, shade(color, 1.6), shade(color, 1.6))
        pen.ellipse(side * 0.27, 0.30, 0.09, 0.14, color, tilt=side * 30)
    ink = _animal(pen, color)
    pen.ellipse(0, 0.53, 0.13, 0.10, shade(color, 1.9))
    pen.ellipse(0, 0.57, 0.055, 0.04, INK)
    for x in (-0.12, 0.12):
        pen.dot(x, 0.67, 0.034, ink)
    pen.line([(-0.05, 0.49), (0, 0.47), (0.05, 0.49)], INK, 0.02)


def bird(pen: Pen, thing: Thing, color: RGB) -> None:
    for x in (-0.08, 0.08):
        pen.line([(x, 0.16), (x, 0.0), (x - 0.08, 0.0)], (232, 140, 50), 0.04)
    pen.polygon([(0.26, 0.34), (0.62, 0.30), (0.58, 0.48)], shade(color, 0.8))
    pen.ellipse(0, 0.50, 0.38, 0.38, color)
    pen.ellipse(-0.08, 0.38, 0.24, 0.24, shade(color, 1.7), shade(color, 1.7))
    pen.ellipse(0.14, 0.46, 0.22, 0.13, shade(color, 0.8), tilt=-20)
    pen.polygon([(-0.34, 0.66), (-0.58, 0.56), (-0.33, 0.50)], (246, 160, 50))
    pen.polygon([(0.0, 0.86), (0.02, 1.0), (0.10, 0.85)], color)
    ink = WHITE if sum(color) < 240 else INK
    pen.dot(-0.16, 0.66, 0.045, ink)


def tree(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.polygon([(-0.08, 0.0), (-0.06, 0.45), (0.06, 0.45), (0.08, 0.0)], (134, 92, 60))
    for x, y, r in ((-0.22, 0.52, 0.20), (0.22, 0.52, 0.20), (0, 0.76, 0.24), (0, 0.54, 0.22)):
        pen.ellipse(x, y, r, r, color)
    pen.ellipse(0, 0.60, 0.26, 0.22, color, color)
    for x, y in ((-0.20, 0.56), (0.16, 0.70), (0.10, 0.50)):
        pen.ellipse(x, y, 0.06, 0.045, shade(color, 1.5), shade(color, 1.5))


def boat(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.line([(0, 0.24), (0, 1.0)], (120, 84, 56), 0.045)
    pen.polygon([(0.05, 0.96), (0.05, 0.34), (0.50, 0.34)], color)
    pen.polygon([(-0.05, 0.84), (-0.05, 0.34), (-0.36, 0.34)], shade(color, 1.6))
    pen.polygon([(-0.60, 0.26), (-0.40, 0.02), (0.42, 0.02), (0.62, 0.26)], (158, 104, 66))
    pen.line([(-0.52, 0.17), (0.54, 0.17)], (240, 236, 224), 0.04)


def cake(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.ellipse(0, 0.06, 0.56, 0.07, (226, 230, 238))
    pen.polygon([(-0.44, 0.52), (-0.44, 0.08), (0.44, 0.08), (0.44, 0.52)], (246, 218, 170))
    pen.polygon([(-0.44, 0.60), (-0.44, 0.40), (-0.30, 0.33), (-0.15, 0.40), (0.0, 0.32), (0.16, 0.40),
                 (0.30, 0.33), (0.44, 0.40), (0.44, 0.60)], color)  # fmt: skip
    pen.ellipse(0, 0.60, 0.44, 0.08, shade(color, 1.35))
    for x in (-0.2, 0.0, 0.2):
        pen.polygon([(x - 0.03, 0.62), (x - 0.03, 0.82), (x + 0.03, 0.82), (x + 0.03, 0.62)], (250, 250, 246))
        pen.ellipse(x, 0.90, 0.035, 0.07, (252, 186, 60))


def chair(pen: Pen, thing: Thing, color: RGB) -> None:
    wood = (140, 94, 60)
    for x, foot in ((-0.24, 0.06), (0.24, 0.06)):
        pen.polygon([(x - 0.035, 0.40), (x - 0.035, foot), (x + 0.035, foot), (x + 0.035, 0.40)], wood)
    pen.polygon([(-0.28, 1.0), (-0.30, 0.44), (0.30, 0.44), (0.28, 1.0)], color)
    pen.polygon([(-0.18, 0.90), (-0.19, 0.56), (0.19, 0.56), (0.18, 0.90)], shade(color, 1.4))
    for x in (-0.34, 0.34):
        pen.polygon([(x - 0.04, 0.36), (x - 0.04, 0.0), (x + 0.04, 0.0), (x + 0.04, 0.36)], wood)
    pen.polygon([(-0.34, 0.46), (-0.42, 0.34), (0.42, 0.34), (0.34, 0.46)], shade(color, 0.85))


def penguin(pen: Pen, thing: Thing, color: RGB) -> None:
    for side in (-1, 1):
        pen.ellipse(side * 0.14, 0.04, 0.13, 0.05, (244, 150, 50))
        pen.ellipse(side * 0.33, 0.46, 0.08, 0.24, shade(color, 0.8), tilt=side * 16)
    pen.ellipse(0, 0.50, 0.34, 0.48, color)
    pen.ellipse(0, 0.38, 0.23, 0.33, WHITE, WHITE)
    for x in (-0.10, 0.10):
        pen.ellipse(x, 0.74, 0.09, 0.10, WHITE, WHITE)
        pen.dot(x, 0.74, 0.04)
    pen.polygon([(-0.07, 0.66), (0.07, 0.66), (0, 0.57)], (246, 160, 50))


def rocket(pen: Pen, thing: Thing, color: RGB) -> None:
    pen.polygon([(-0.12, 0.20), (0, 0.0), (0.12, 0.20)], (252, 176, 50))
    for side in (-1, 1):
        pen.polygon([(side * 0.18, 0.46), (side * 0.36, 0.16), (side * 0.16, 0.20)], shade(color, 0.7))
    pen.polygon(
        [(-0.20, 0.18), (-0.24, 0.50), (-0.16, 0.78), (0, 1.0), (0.16, 0.78), (0.24, 0.50), (0.20, 0.18)], color
    )
    pen.polygon([(-0.16, 0.78), (0, 1.0), (0.16, 0.78)], shade(color, 0.7))
    pen.ellipse(0, 0.56, 0.11, 0.11, (190, 226, 244))


# -- faces of people; y = 0.625 is the line of the eyes ---------------------------------------------------------------


def _eyes(pen: Pen, radius: float = 0.032) -> None:
    for x in (-0.105, 0.105):
        pen.dot(x, 0.625, radius)


def _blush(pen: Pen) -> None:
    for x in (-0.17, 0.17):
        pen.ellipse(x, 0.565, 0.04, 0.025, (250, 160, 150), (250, 160, 150))


def _arc(pen: Pen, x: float, y: float, width: float, rise: float, thick: float) -> None:
    """A bow over ``width``, its middle ``rise`` above (or below) its ends."""
    points = [(x + width * u, y + rise * (1 - 4 * u * u)) for u in np.linspace(-0.5, 0.5, 9)]
    pen.line(points, INK, thick)


def calm(pen: Pen) -> None:
    _eyes(pen)
    _blush(pen)
    _arc(pen, 0, 0.545, 0.10, -0.022, 0.022)


def happy(pen: Pen) -> None:
    """Closed laughing eyes and a wide open mouth."""
    _blush(pen)
    for x in (-0.108, 0.108):
        _arc(pen, x, 0.605, 0.105, 0.05, 0.028)
    pen.ellipse(0, 0.560, 0.105, 0.085, (150, 36, 50), INK, arc=(180, 360))
    pen.ellipse(0, 0.500, 0.05, 0.022, (240, 120, 130), (240, 120, 130))


def sad(pen: Pen) -> None:
    """Brows raised in the middle, the mouth turned down, a tear."""
    _eyes(pen, 0.028)
    for side in (-1, 1):
        pen.line([(side * 0.045, 0.735), (side * 0.165, 0.685)], INK, 0.024)
    _arc(pen, 0, 0.498, 0.13, 0.038, 0.026)
    pen.ellipse(0.135, 0.555, 0.028, 0.048, (96, 176, 246), (60, 130, 214))


def angry(pen: Pen) -> None:
    """Brows drawn down to the nose, a red face, clenched teeth."""
    for x in (-0.165, 0.165):
        pen.ellipse(x, 0.560, 0.055, 0.04, (240, 112, 98), (240, 112, 98))
    _eyes(pen)
    for side in (-1, 1):
        pen.line([(side * 0.035, 0.665), (side * 0.175, 0.735)], INK, 0.034)
    pen.polygon([(-0.085, 0.545), (0.085, 0.545), (0.085, 0.492), (-0.085, 0.492)], (252, 252, 250), INK)
    pen.line([(-0.085, 0.518), (0.085, 0.518)], INK, 0.014)


def surprised(pen: Pen) -> None:
    """Wide eyes under raised brows, a round mouth."""
    for x in (-0.108, 0.108):
        pen.ellipse(x, 0.625, 0.062, 0.068, (252, 252, 250), INK)
        pen.dot(x, 0.625, 0.026)
        _arc(pen, x, 0.735, 0.09, 0.025, 0.02)
    pen.ellipse(0, 0.515, 0.05, 0.062, (150, 36, 50), INK)


def sleepy(pen: Pen) -> None:
    """Eyes shut, a small mouth, a bubble."""
    for x in (-0.108, 0.108):
        _arc(pen, x, 0.635, 0.105, -0.034, 0.026)
    pen.ellipse(0, 0.528, 0.024, 0.018, (150, 36, 50), INK)
    pen.ellipse(0.115, 0.515, 0.07, 0.065, (206, 234, 252), (120, 170, 210))


EXPRESSIONS: dict[str, Callable[[Pen], None]] = {
    "": calm, "happy": happy, "sad": sad, "angry": angry, "surprised": surprised, "sleepy": sleepy,
}  # fmt: skip


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
    light = (250, 250, 246) if thing.color != "white" else (110, 130, 170)
    low, high = (0.18, 0.33) if girl else (0.25, 0.36)
    if thing.pattern == "striped":
        for y in (low, high):
            half = (0.11 + (0.45 - y) * 0.40) if girl else 0.165
            pen.line([(-half * 0.92, y), (half * 0.92, y)], light, 0.045)
    if thing.pattern == "dotted":
        for x, y in ((-0.06, high), (0.06, high), (-0.11, low), (0.0, low + 0.02), (0.11, low)):
            pen.dot(x, y, 0.028, light)
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
    EXPRESSIONS[thing.expression](pen)
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
    "flower": flower, "girl": person, "boy": person, "monster": monster, "bear": bear, "bird": bird, "tree": tree,
    "boat": boat, "cake": cake, "chair": chair, "duck": duck, "cup": cup, "penguin": penguin, "rocket": rocket,
}  # fmt: skip
