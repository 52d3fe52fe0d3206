"""Stickers: one thing with a white outline, a sign of its mood and a caption, on nothing.

512 × 512 with real alpha, PNG or WebP of at most 512 KB, as Telegram and others take them (Bot API, static stickers).
Each is drawn by itself, so no head is ever cut off by slicing a sheet.
"""

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline import marks
from pipeline.compose import Floats, Pixels
from pipeline.cutout import tight_box
from pipeline.lettering import drawable, font

SIDE = 512
BYTES = 512 * 1024
OUTLINE = 10  # pixels of white around the thing
ROOM = 24  # pixels left free at the border
CAPTION = 0.22  # of the height at most, for the words

CAPTIONS: dict[str, str] = {
    "happy": "开心",
    "sad": "难过",
    "angry": "生气",
    "surprised": "惊呆了",
    "sleepy": "困了",
    "love": "爱你",
    "speechless": "无语",
}


def sticker(image: Pixels, mask: Floats, caption: str = "", expression: str | None = None) -> Pixels:
    """One sticker, (512, 512, 4) uint8: the part of the picture (H, W, 3) that the mask (H, W) shows, outlined, with
    a sign for `expression` beside its head and the caption below. Characters that the font lacks are left out."""
    words = drawable(caption)
    bottom = round(SIDE * (1 - CAPTION)) if words else SIDE - ROOM
    canvas = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    figure, (x, y) = _figure(image, mask, bottom)
    canvas.alpha_composite(figure, (x, y))
    if expression in SIGNS:
        _sign(canvas, expression, (x, y, x + figure.width, y + figure.height))
    if words:
        _write(canvas, words, bottom - OUTLINE)
    return np.asarray(canvas).copy()


def encode(image: Pixels, produce_id: str, producer: str = marks.PRODUCER, visible: bool = True) -> bytes:
    """A sticker as a file of at most 512 KB with both marks: PNG, or WebP where that is too large."""
    if visible:
        image = marks.stamp(image)
    data = marks.encode(image, produce_id, "PNG", producer)
    for quality in (95, 85, 70, 50, 30):
        if len(data) <= BYTES:
            break
        data = marks.encode(image, produce_id, "WEBP", producer, quality)
    return data


def moods(count: int, captions: Sequence[str], expressions: Sequence[str]) -> list[tuple[str, str | None]]:
    """Caption and expression of each of `count` stickers: what was asked for first, then moods that are not yet
    there."""
    asked: list[str | None] = list(expressions)
    rest: list[str | None] = [mood for mood in CAPTIONS if mood not in asked]
    count = max(count, len(captions), len(asked))
    signs = [*asked, *([] if captions and not asked else rest)][:count]
    signs += [None] * (count - len(signs))
    words = [*captions, *(CAPTIONS.get(sign or "", "") for sign in signs[len(captions) :])]
    return list(zip(words[:count], signs, strict=True))


def _figure(image: Pixels, mask: Floats, bottom: int) -> tuple[Image.Image, tuple[int, int]]:
    """The thing with its outline as RGBA, as large as it may be above `bottom`, and its upper left corner."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = tight_box(mask)
    left, top = max(0, int(x0 * width) - 1), max(0, int(y0 * height) - 1)
    right, low = min(width, math.ceil(x1 * width) + 1), min(height, math.ceil(y1 * height) + 1)
    piece, alpha = image[top:low, left:right], mask[top:low, left:right]
    room_x, room_y = SIDE - 2 * (ROOM + OUTLINE), bottom - ROOM - 2 * OUTLINE
    scale = min(room_x / piece.shape[1], room_y / piece.shape[0])
    size = (max(1, round(piece.shape[1] * scale)), max(1, round(piece.shape[0] * scale)))
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    piece = np.asarray(cv2.resize(piece, size, interpolation=method), np.uint8)
    alpha = np.clip((cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC) - 0.5) * max(1.0, scale) + 0.5, 0, 1)
    piece, alpha = (
        np.pad(part, ((OUTLINE, OUTLINE), (OUTLINE, OUTLINE), (0, 0))[: part.ndim]) for part in (piece, alpha)
    )
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * OUTLINE - 1,) * 2)
    halo = cv2.GaussianBlur(cv2.dilate(alpha, shape), (0, 0), 1)
    colors = alpha[..., None] * piece + (1 - alpha[..., None]) * 255
    rgba = np.dstack([colors, 255 * np.maximum(halo, alpha)]).clip(0, 255).round().astype(np.uint8)
    return Image.fromarray(rgba), ((SIDE - rgba.shape[1]) // 2, bottom - rgba.shape[0])


def _write(canvas: Image.Image, words: str, top: int) -> None:
    """The caption below `top`: as large as fits, in two lines if one would be tiny; dark letters with a white
    outline."""
    draw = ImageDraw.Draw(canvas)
    halves = (words[: (len(words) + 1) // 2], words[(len(words) + 1) // 2 :])
    lines = [words] if len(words) <= 10 else [half.strip() for half in halves]
    room = SIDE - top - 8
    for pixels in range(96, 11, -2):
        face, stroke = font(pixels), max(3, pixels // 9)
        widths = [draw.textlength(line, font=face) + 2 * stroke for line in lines]
        step = round(1.12 * pixels)
        if max(widths) <= SIDE - 12 and step * len(lines) <= room:
            break
    y = top + (room - step * len(lines)) // 2 - pixels // 8
    for line, width in zip(lines, widths, strict=True):
        place = ((SIDE - width) / 2 + stroke, y)
        draw.text(place, line, font=face, fill=(38, 34, 44, 255), stroke_width=stroke, stroke_fill=(255, 255, 255, 255))
        y += step


# -- signs of a mood: plain shapes on a canvas of s × s pixels ---------------------------------------------------------

Draw = ImageDraw.ImageDraw
WHITE = (255, 255, 255, 255)


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
    "surprised": _letters("!", (235, 90, 40, 255)),
    "sleepy": _letters("zzz", (80, 120, 220, 255)),
    "love": _heart,
    "speechless": _dots,
}


def _sign(canvas: Image.Image, expression: str, room: tuple[int, int, int, int]) -> None:
    """The sign beside the head, on the side where less of the figure is in the way."""
    side, finer = 128, 4
    layer = Image.new("RGBA", (side * finer, side * finer), (0, 0, 0, 0))
    SIGNS[expression](ImageDraw.Draw(layer), side * finer)
    layer = layer.resize((side, side), Image.Resampling.LANCZOS)
    taken: NDArray[np.uint8] = np.asarray(canvas)[..., 3]
    places = [
        (min(room[2] - side // 3, SIDE - side), max(room[1] - side // 5, 4)),
        (max(room[0] - 2 * side // 3, 0), max(room[1] - side // 5, 4)),
    ]
    x, y = min(places, key=lambda at: float(taken[at[1] : at[1] + side, at[0] : at[0] + side].mean()))
    canvas.alpha_composite(layer, (x, y))
