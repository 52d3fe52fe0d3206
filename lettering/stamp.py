"""The words that can be seen on a generated picture: `AI生成` at an edge or corner, at least 5 % of the shorter side high
(GB 45438-2025).
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lettering.font import font

WORDS = "AI生成"
SHARE = 0.055  # of the shorter side; the rule asks for 0.05, rounding must not fall below it
LEGIBLE = 11  # pixels: Chinese in smaller type cannot be read, whatever the share

Pixels = NDArray[np.uint8]


def stamp(image: Pixels) -> Pixels:
    """A copy of the picture (H, W, 3 or 4; uint8) with `AI生成` in the corner that holds the least detail.

    A picture that already bears the words is returned unchanged, so that a second edit does not add a second mark.
    """
    corners = _corners(image)
    if any(_same(image[place], words, body) for place, words, body in corners):
        return image.copy()
    place, words, _ = min(corners, key=lambda corner: _detail(image[_around(corner[0])]))
    marked = image.copy()
    marked[place] = words
    return marked


def stamp_all(frames: Sequence[Pixels]) -> list[Pixels]:
    """Frames with the words in the one corner that holds the least detail in all of them: so the words stand still."""
    found = [_corners(frame) for frame in frames]
    busy = [
        [_detail(frame[_around(place)]) for place, _, _ in corners]
        for frame, corners in zip(frames, found, strict=True)
    ]
    quiet = min(range(4), key=lambda corner: max(one[corner] for one in busy))
    marked = [frame.copy() for frame in frames]
    for frame, corners in zip(marked, found, strict=True):
        place, words, _ = corners[quiet]
        frame[place] = words
    return marked


def stamp_below(image: Pixels) -> Pixels:
    """The same, at the lower right whatever is there."""
    place, words, _ = _corners(image)[0]
    marked = image.copy()
    marked[place] = words
    return marked


def stamped(image: Pixels) -> bool:
    """Whether the words stand where `stamp` writes them; lossy compression does not matter, another size does."""
    return any(_same(image[place], words, body) for place, words, body in _corners(image))


def _corners(image: Pixels) -> list[tuple[tuple[slice, slice], Pixels, NDArray[np.float32]]]:
    """The four places for the words: where, the patch with the words on it, and what of it they cover. Bottom right
    first: where readers look for it."""
    height, width = image.shape[:2]
    ink, body = _words(height, width)
    h, w = body.shape
    margin = max(1, round(0.015 * min(height, width)))
    margin_y, margin_x = min(margin, height - h), min(margin, width - w)
    places = [
        (slice(y, y + h), slice(x, x + w))
        for y in (height - h - margin_y, margin_y)
        for x in (width - w - margin_x, margin_x)
    ]
    return [(place, _drawn(image[place], ink, body), body) for place in places]


def _words(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The words as two masks in [0, 1] (h, w): the letters, and the letters with their outline."""
    sketch = ImageDraw.Draw(Image.new("L", (1, 1)))
    _, top, _, bottom = sketch.textbbox((0, 0), WORDS, font=font(200))
    pixels = max(LEGIBLE, int(np.ceil(SHARE * min(height, width) * 200 / (bottom - top))))
    while True:
        face, outline = font(pixels), max(1, round(pixels / 12))
        box = sketch.textbbox((0, 0), WORDS, font=face, stroke_width=outline)
        left, top, right, bottom = (int(side) for side in box)
        w, h = right - left, bottom - top
        if (w <= width and h <= height) or pixels == 4:
            break
        pixels -= 1  # a very small or narrow picture
    masks = []
    for stroke in (0, outline):
        mask = Image.new("L", (w, h), 0)
        ImageDraw.Draw(mask).text((-left, -top), WORDS, fill=255, font=face, stroke_width=stroke)
        masks.append(np.asarray(mask, np.float32)[:height, :width] / np.float32(255))
    return masks[0], masks[1]


def _drawn(patch: Pixels, ink: NDArray[np.float32], body: NDArray[np.float32]) -> Pixels:
    """White letters with a dark outline over the patch; opaque, so that drawing twice is the same as once."""
    colors = patch[..., :3].astype(np.float32)
    colors = colors * (1 - body[..., None]) + 40 * body[..., None]
    colors = colors * (1 - ink[..., None]) + 255 * ink[..., None]
    out = patch.copy()
    out[..., :3] = np.rint(colors).astype(np.uint8)
    if patch.shape[2] == 4:
        out[..., 3] = np.maximum(patch[..., 3], np.rint(255 * body).astype(np.uint8))
    return out


def _same(patch: Pixels, drawn: Pixels, body: NDArray[np.float32]) -> bool:
    """Whether drawing the words changed nothing that matters (a JPEG on the way may have)."""
    change = np.abs(patch.astype(np.float32) - drawn).mean(2)
    return bool((change * body).sum() / body.sum() < 12)


def _around(place: tuple[slice, slice]) -> tuple[slice, slice]:
    """A place with half its height around it: words want room."""
    more = (place[0].stop - place[0].start) // 2
    return slice(max(0, place[0].start - more), place[0].stop + more), slice(
        max(0, place[1].start - more), place[1].stop + more
    )


def _detail(patch: Pixels) -> float:
    """How much is going on in a patch: mean size of the grey gradient, transparent parts counting as empty."""
    colors = patch[..., :3].astype(np.float32)
    if patch.shape[2] == 4:
        colors *= patch[..., 3:].astype(np.float32) / 255
    gray = colors.mean(2)
    return float(np.hypot(cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)).mean())
