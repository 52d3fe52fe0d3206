"""A photo in another style, faces kept: one table of styles over painting.py, drawing.py and toning.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.imaging import Box, Floats, Pixels
from pipeline.imaging import drawing as draw
from pipeline.imaging import painting as paint
from pipeline.imaging import toning as tone
from pipeline.imaging.brushes import from_lab, to_lab
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import ellipses, pixels_of, scaled

WORK = 1_150_000  # pixels of the picture on which strokes are laid
ABOUT = 0.7  # of a face that its window reaches beyond it
FINEST = 0.45  # a brush on a face is at least this share of the one elsewhere


@dataclass(frozen=True, slots=True)
class Style:
    """How a style is painted.

    paint   (h, w, 3) in [0, 1] and the size of a fine brush in pixels → the painted picture
    face    a brush's size on a face, in thousandths of the face's width; 0: no brush
    likeness  share of the photo's own light and dark that comes back on faces, so that eyes stay eyes
    on_faces  another way to paint faces, where what makes the style would hide them
    grid    the pattern has one size everywhere (squares): faces choose it for the whole picture
    beyond  what more than the usual amount is where there is no brush: the photo, what is painted, the amount
    """

    paint: Callable[[Floats, float], Floats]
    face: float = 5.0
    likeness: float = 0.15
    grid: bool = False
    on_faces: Callable[[Floats, float], Floats] | None = None
    beyond: Callable[[Floats, Floats, float], Floats] | None = None


STYLES: dict[str, Style] = {
    "ink_wash": Style(paint.ink_wash, 4.5, 0.12),
    "impressionist": Style(paint.impressionist, 6.0, 0.3),
    "oil": Style(paint.oil, 5.0, 0.2),
    "watercolor": Style(paint.watercolor, 4.5, 0.15),
    "sketch": Style(draw.sketch, 4.5, 0.0),
    "comic": Style(draw.comic, 5.0, 0.12),
    "anime": Style(draw.anime, 5.0, 0.12),
    "pixel": Style(draw.pixel, 5.0, 0.0, grid=True),
    "abstract": Style(paint.abstract, 5.0, 0.25),
    "cyberpunk": Style(tone.cyberpunk, 0.0, 0.0, beyond=tone.further),
    "clay": Style(paint.clay, 4.5, 0.2),
    "vintage": Style(tone.vintage, 0.0, 0.0),
    "film": Style(tone.film, 0.0, 0.0, beyond=tone.further),
    "papercut": Style(draw.papercut, 8.0, 0.0, on_faces=draw.papercut_face),
    "grayscale": Style(tone.grayscale, 0.0, 0.0, beyond=tone.harder),
}


def stylize(photo: Pixels, style: str, amount: float = 1.0, faces: Sequence[Box] = ()) -> Pixels:
    """The photo in one of STYLES. `amount` below 1 leaves so much of the photo, above 1 uses a coarser brush.

    faces  boxes of faces, which are drawn with a finer brush and keep their light and dark
    """
    kind = STYLES[style]
    height, width = photo.shape[:2]
    small = scaled(photo, round(max(height, width) * min(1.0, WORK / (height * width)) ** 0.5))
    picture = np.asarray(small, np.float32) / np.float32(255)
    unit = max(small.shape[:2]) / 1000 * float(np.clip(amount, 1.0, 1.8)) ** 0.7
    sizes = [(box[2] - box[0]) * small.shape[1] * kind.face / 1000 for box in faces]
    if kind.grid and sizes:
        unit = float(np.clip(min(sizes), FINEST * unit, unit))
    painted = kind.paint(picture, unit)
    if kind.beyond and amount > 1:
        painted = kind.beyond(picture, painted, min(amount, 2.2))
    if faces and not kind.grid:
        painted = _with_faces(kind, picture, painted, unit, faces, sizes)
    share = float(np.clip(amount, 0, 1))
    if small.shape == photo.shape:
        mixed = picture + (painted - picture) * share
        return np.asarray(np.rint(mixed * 255).clip(0, 255), np.uint8)
    way = cv2.INTER_NEAREST if kind.grid else cv2.INTER_CUBIC
    large = cv2.resize((painted * 255).clip(0, 255).astype(np.uint8), (width, height), interpolation=way)
    if share == 1:
        return np.asarray(large, np.uint8)
    return np.asarray(cv2.addWeighted(photo, 1 - share, large, share, 0), np.uint8)


def _with_faces(
    kind: Style, picture: Floats, painted: Floats, unit: float, faces: Sequence[Box], sizes: Sequence[float]
) -> Floats:
    """Each face painted once more in a window of its own, with a brush that suits its size."""
    height, width = picture.shape[:2]
    out = painted.copy()
    for box, size in zip(faces, sizes, strict=True):
        x0, y0, x1, y1 = pixels_of(box, height, width)
        across, down = ABOUT * (x1 - x0), ABOUT * (y1 - y0)
        rows = slice(max(0, int(y0 - down)), min(height, int(y1 + down) + 1))
        columns = slice(max(0, int(x0 - across)), min(width, int(x1 + across) + 1))
        own, here = picture[rows, columns], out[rows, columns]
        h, w = own.shape[:2]
        if min(h, w) < 16:
            continue
        place = (x0 - columns.start) / w, (y0 - rows.start) / h, (x1 - columns.start) / w, (y1 - rows.start) / h
        mask = ellipses([place], h, w, 1.25)
        brush = float(np.clip(size, FINEST * unit, unit))
        near = max(1.0, (x1 - x0) / 5)
        fine = here
        if kind.on_faces:
            mask = np.asarray(mask > 0.3, np.float32)  # two ways of cutting do not mix
            fine = kind.on_faces(own, brush)
        elif kind.face and brush < 0.9 * unit:
            fine = kind.paint(own, brush)
            fine = fine + gaussian(here, 2 * near) - gaussian(fine, 2 * near)  # tones are the whole picture's
        here = here + (fine - here) * mask[..., None]
        if kind.likeness:
            drawn, real = to_lab(here), to_lab(own)
            lost = real[..., 0] - gaussian(real[..., 0], near) - (drawn[..., 0] - gaussian(drawn[..., 0], near))
            drawn[..., 0] = (drawn[..., 0] + 2 * kind.likeness * lost.clip(-25, 25) * mask).clip(0, 100)
            here = np.where(mask[..., None] > 0, from_lab(drawn), here)
        out[rows, columns] = here
    return np.asarray(out.clip(0, 1), np.float32)
