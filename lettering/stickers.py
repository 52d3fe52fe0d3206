"""Stickers: a figure with a white outline, a sign of its mood and a caption, on nothing.

A *figure* is the cut-out thing by itself, kept so that other words can be drawn on it without the model: RGBA, with a
strip of FOOT rows below that holds the visible mark and nothing of the thing. A *sticker* is 512 × 512, WebP of at most
512 KB, as Telegram and others take them (Bot API, static stickers). Each is drawn by itself, so no head is ever cut off
by slicing a sheet.
"""

import io
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lettering import marks
from lettering.font import drawable, font
from lettering.signs import SIGNS, sign

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIDE = 512
BYTES = 512 * 1024
FIGURE = 480  # pixels of a figure's longer side
FOOT = 48  # rows: what the words need under a figure that is as wide as high
OUTLINE = 9  # pixels of white around everything
SHADE, DARK = 2.2, 0.3  # blur and opacity of the shadow by which white is seen on white
ROOM = OUTLINE + 5  # pixels left free at the border
LARGEST, SMALLEST = 92, 20  # pixels of the caption's letters
LINE = 9  # characters; what is longer is written in two lines
OVERLAP = 0.34  # of a line's height by which the caption stands before the feet
SIGN = 124  # pixels
INK = {"angry": (186, 32, 28), "love": (206, 44, 98), "sad": (44, 84, 150), "sleepy": (74, 66, 150)}
DEFAULT_INK = (44, 36, 40)
# How the body speaks: degrees to the left, width and height.
POSES: dict[str, tuple[float, float, float]] = {
    "happy": (7, 1.0, 1.0),
    "sad": (-5, 1.04, 0.94),
    "angry": (-4, 1.06, 1.0),
    "surprised": (0, 0.95, 1.06),
    "sleepy": (13, 1.0, 0.98),
    "love": (-9, 1.0, 1.0),
    "speechless": (0, 1.05, 0.95),
}


def figure(image: Pixels, mask: Floats) -> Pixels:
    """The part of a picture (H, W, 3) that a mask (H, W) shows, as a figure (h + FOOT, w, 4): tight, enlarged, with a
    clean edge whose colours are those of the inside, so that no halo of the old background is left; marked in its
    strip."""
    top, left, bottom, right = _bounds(mask)
    piece, alpha = image[top:bottom, left:right], mask[top:bottom, left:right]
    scale = FIGURE / max(piece.shape[:2])
    size = (max(1, round(piece.shape[1] * scale)), max(1, round(piece.shape[0] * scale)))
    if scale > 1:
        piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        soft = cv2.GaussianBlur(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR), (0, 0), 0.55 * scale)
        alpha = np.clip((soft - 0.5) * 1.1 * scale + 0.5, 0, 1)
    else:
        piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = np.clip(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), 0, 1)
    colors = _from_inside(piece.astype(np.float32), alpha, max(1.5, 0.9 * scale))
    return footed(np.dstack([colors, 255 * alpha]).round().clip(0, 255).astype(np.uint8))


def footed(rgba: Pixels) -> Pixels:
    """A cut-out thing (h, w, 4) as a figure (h + FOOT, w, 4), marked in its strip."""
    width = max(rgba.shape[1], 4 * FOOT)  # the mark needs some
    side = width - rgba.shape[1]
    return marks.stamp_below(np.pad(rgba, ((0, FOOT), (side // 2, side - side // 2), (0, 0))))


def body(figured: Pixels) -> Pixels:
    """The thing of a figure (h, w, 4), without the strip and what is empty around it."""
    rgba = figured[:-FOOT]
    top, left, bottom, right = _bounds(np.asarray(rgba[..., 3] / 255, np.float32))
    return rgba[top:bottom, left:right]


def sticker(figured: Pixels, caption: str = "", expression: str | None = None) -> Pixels:
    """A figure as a sticker, (512, 512, 4), without marks: posed and with a sign for ``expression``, with the caption
    below. Characters that the font lacks are left out."""
    thing, letters, _ = layers(figured, caption, expression)
    return np.asarray(Image.alpha_composite(thing, letters)).copy()


def layers(figured: Pixels, caption: str, expression: str | None) -> tuple[Image.Image, Image.Image, int]:
    """What a sticker is made of: the thing with its sign, the words, each outlined on a square of its own; and the row on
    which the thing stands."""
    words = _Words(drawable(caption), INK.get(expression or "", DEFAULT_INK))
    canvas = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    thing = _posed(Image.fromarray(body(figured)), expression)
    bottom = SIDE - ROOM - words.height + round(OVERLAP * words.step if words.lines else 0)
    signed = expression in SIGNS
    # beside a thing that fills the square there is no room for a sign: a little less of it
    room = (SIDE - 2 * ROOM - (SIGN // 3 if signed else 0), bottom - ROOM - (SIGN // 6 if signed else 0))
    scale = min(room[0] / thing.width, room[1] / thing.height)
    thing = thing.resize(
        (max(1, round(thing.width * scale)), max(1, round(thing.height * scale))), Image.Resampling.LANCZOS
    )
    place = ((SIDE - thing.width) // 2, bottom - thing.height)
    canvas.alpha_composite(thing, place)
    if expression is not None and signed:
        _sign(canvas, expression, (*place, place[0] + thing.width, place[1] + thing.height))
    letters = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    if words.lines:
        words.write(letters)
        letters = _outlined(letters)
    return _outlined(canvas), letters, bottom


def reduced(drawn: Pixels, side: int) -> Pixels:
    """A sticker without marks at another size (WeChat: 240)."""
    return np.asarray(Image.fromarray(drawn).resize((side, side), Image.Resampling.LANCZOS)).copy()


def encode(drawn: Pixels, produce_id: str, maker: marks.Maker = marks.UNSEALED, visible: bool = True) -> bytes:
    """A sticker as a WebP file of at most 512 KB that carries the metadata item, and the visible mark unless not
    ``visible``."""
    image = marks.stamp(drawn) if visible else drawn
    for quality in (95, 85, 70, 50, 30):
        data = marks.encode(image, produce_id, "WEBP", maker, quality)
        if len(data) <= BYTES:
            break
    return data


def decode(data: bytes) -> Pixels:
    """The pixels of a figure's file, (H, W, 4)."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA")).copy()


# -- the parts ---------------------------------------------------------------------------------------------------------


class _Words:
    """The caption, as large as fits, in two lines if one would be tiny. `height`: pixels that it takes at the bottom;
    `step`: from line to line."""

    def __init__(self, text: str, ink: tuple[int, int, int]) -> None:
        self.lines, self.ink = _lines(text), ink
        self.pixels = LARGEST if len(self.lines) < 2 else round(0.72 * LARGEST)
        ruler = ImageDraw.Draw(Image.new("L", (1, 1)))
        while self.pixels > SMALLEST and self._width(ruler) > SIDE - 2 * ROOM:
            self.pixels -= 2
        self.step = round(1.14 * self.pixels)
        self.height = self.step * len(self.lines)

    def _width(self, ruler: ImageDraw.ImageDraw) -> float:
        face = font(self.pixels)
        return max((ruler.textlength(line, font=face) for line in self.lines), default=0)

    def write(self, canvas: Image.Image) -> None:
        """Onto the bottom of the canvas, in the middle; a little shadowed, as if printed."""
        draw, face = ImageDraw.Draw(canvas), font(self.pixels)
        y = SIDE - ROOM - self.height + self.step / 2
        for line in self.lines:
            draw.text((SIDE / 2, y), line, font=face, fill=(*self.ink, 255), anchor="mm")
            y += self.step


def _lines(text: str) -> list[str]:
    """One line, or two that are about as long as each other, broken at a space or after punctuation if there is one
    near the middle."""
    if len(text) <= LINE or (text.isascii() and len(text) <= 2 * LINE):
        return [text] if text else []
    middle = len(text) / 2
    breaks = [i for i, letter in enumerate(text, 1) if letter in " ，。！？、…,!?" and abs(i - middle) <= len(text) / 4]
    at = min(breaks, key=lambda i: abs(i - middle)) if breaks else math.ceil(middle)
    return [text[:at].strip(), text[at:].strip()]


def _posed(thing: Image.Image, expression: str | None) -> Image.Image:
    """The thing leaning as its mood does, cropped to what is seen."""
    angle, wide, high = POSES.get(expression or "", (0, 1, 1))
    if (wide, high) != (1, 1):
        thing = thing.resize((round(thing.width * wide), round(thing.height * high)), Image.Resampling.LANCZOS)
    if angle:
        thing = _premultiplied(thing).rotate(angle, Image.Resampling.BICUBIC, expand=True)
        thing = Image.fromarray(_plain(np.asarray(thing)))
    return thing.crop(thing.getchannel("A").getbbox())


def _premultiplied(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image).astype(np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return Image.fromarray(pixels.round().astype(np.uint8))


def _plain(pixels: Pixels) -> Pixels:
    """Premultiplied colours as plain ones."""
    out = pixels.astype(np.float32)
    out[..., :3] *= 255 / np.maximum(out[..., 3:], 1)
    return out.round().clip(0, 255).astype(np.uint8)


def _outlined(canvas: Image.Image) -> Image.Image:
    """What is on the canvas, on white that reaches OUTLINE pixels further, on a soft shadow."""
    rgba = np.asarray(canvas)
    alpha = rgba[..., 3].astype(np.float32) / 255
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * OUTLINE + 1,) * 2)
    # closed first: a hole smaller than the outline (between arm and body) would be a speck
    white = cv2.GaussianBlur(cv2.dilate(alpha, shape), (0, 0), 1.2)
    white = np.clip((white - 0.5) * 1.6 + 0.5, 0, 1)
    shadow = DARK * cv2.GaussianBlur(white, (0, 0), SHADE) * (1 - white)
    colors = alpha[..., None] * rgba[..., :3] + (1 - alpha[..., None]) * 255
    whole = white + shadow
    colors = np.where(whole[..., None] > 0, colors * white[..., None] / np.maximum(whole[..., None], 1e-6), 0)
    return Image.fromarray(np.dstack([colors, 255 * whole]).round().clip(0, 255).astype(np.uint8))


def _sign(canvas: Image.Image, expression: str, room: tuple[int, int, int, int]) -> None:
    """The sign beside the head, on the side where less of the figure is in the way."""
    layer = sign(expression, SIGN)
    taken = np.asarray(canvas)[..., 3]
    y = min(max(room[1] - SIGN // 6, ROOM), SIDE - SIGN)
    places = [(min(room[2] - SIGN // 3, SIDE - SIGN - ROOM), y), (max(room[0] - 2 * SIGN // 3, ROOM), y)]
    x, y = min(places, key=lambda at: float(taken[at[1] : at[1] + SIGN, at[0] : at[0] + SIGN].mean()))
    canvas.alpha_composite(layer, (x, y))


def _from_inside(colors: Floats, alpha: Floats, reach: float) -> Floats:
    """Colours (H, W, 3) in which whatever is at the edge or outside takes after the inside next to it."""
    inside = cv2.erode((alpha > 0.98).astype(np.float32), np.ones((3, 3)), iterations=max(1, round(reach / 2)))
    if inside.sum() < 16:
        return colors
    near, weight = np.zeros_like(colors), np.zeros_like(alpha)
    for sigma in (reach, 3 * reach, 9 * reach):  # the nearest that there is
        part = cv2.GaussianBlur(inside, (0, 0), sigma)
        mean = cv2.GaussianBlur(colors * inside[..., None], (0, 0), sigma) / np.maximum(part, 1e-6)[..., None]
        share = (1 - weight) * np.clip(part / 0.02, 0, 1)
        near += share[..., None] * mean
        weight += share
    near = np.where(weight[..., None] > 1e-3, near / np.maximum(weight, 1e-3)[..., None], colors)
    keep = cv2.GaussianBlur(inside, (0, 0), max(0.8, reach / 2))[..., None]
    return np.asarray(keep * colors + (1 - keep) * near, np.float32)


def _bounds(alpha: Floats) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of what is seen, with a pixel around it; everything when nothing is."""
    rows, columns = (np.nonzero((alpha > 0.1).any(axis))[0] for axis in (1, 0))
    height, width = alpha.shape
    if not len(rows):
        return 0, 0, height, width
    return max(0, rows[0] - 1), max(0, columns[0] - 1), min(height, rows[-1] + 2), min(width, columns[-1] + 2)
