"""From a photo of any size to the square that the model sees, and back: outside the edit every pixel stays.

The model answers with two pictures of one crop: `plain`, what its autoencoder makes of the untouched crop, and
`edited`. Only their difference is news. So the photo gets

    photo + mask · (new − photo),    new = edited + drift + keep · (photo − plain)

where `keep` is 1 where the model changed nothing (there the photo keeps the detail and colour that the autoencoder
lost) and 0 where it drew something new, and `drift` evens out a colour cast of the edited crop, measured where it
should be unchanged. At the border of the mask nothing is new, so `new` is the photo and no seam is seen.

Pixels are uint8 (H, W, 3); model pictures are float32 (S, S, 3) in 0…255; masks are float32 in [0, 1].
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

SQUEEZE = 2.0  # a whole photo up to this ratio is squeezed into the model's square, a longer one is cut in windows
OVERLAP = 0.3  # of a window with the next
CONTEXT = 2.2  # a crop is this many times as large as the thing in it: the model knows things in surroundings
CHANGED = (10.0, 28.0)  # mean difference of colour (of 255) below which nothing is new, above which all is


@dataclass(frozen=True, slots=True)
class Crop:
    """A window of a photo, in whole pixels of the photo; the model sees it squeezed into its square."""

    x: int
    y: int
    width: int
    height: int

    def __contains__(self, point: tuple[float, float]) -> bool:
        """Whether (x, y) lies in the window."""
        return self.x <= point[0] < self.x + self.width and self.y <= point[1] < self.y + self.height


Box = tuple[float, float, float, float]  # x0, y0, x1, y1 as shares of a picture's width and height


def windows(height: int, width: int) -> tuple[Crop, ...]:
    """The crops that together show the whole photo: one up to a ratio of 2, else overlapping squares along it."""
    long, short = max(height, width), min(height, width)
    if long <= SQUEEZE * short:
        return (Crop(0, 0, width, height),)
    count = int(np.ceil((long - OVERLAP * short) / ((1 - OVERLAP) * short)))
    starts = np.linspace(0, long - short, count).round().astype(int)
    return tuple(Crop(int(s), 0, short, short) if width > height else Crop(0, int(s), short, short) for s in starts)


def around(box: Box, height: int, width: int, size: int) -> Crop:
    """The square crop for an edit within `box`: with surroundings, not below the model's `size`, inside the photo.

    When the box is longer than the photo's shorter side, the crop is as long as the box and no longer square.
    """
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    extent = max(x1 - x0, y1 - y0)
    side = min(max(CONTEXT * extent, size), min(height, width))
    if side > min(height, width) / 1.5:
        side = min(height, width)  # hardly smaller than the photo: better show it all
    w, h = (min(max(side, least), most) for least, most in ((x1 - x0, width), (y1 - y0, height)))
    x = min(max((x0 + x1 - w) / 2, 0), width - w)
    y = min(max((y0 + y1 - h) / 2, 0), height - h)
    left, top = int(x), int(y)
    return Crop(left, top, min(int(np.ceil(w)), width - left), min(int(np.ceil(h)), height - top))


def square(box: Box, height: int, width: int, grow: float = 1.15) -> Box:
    """The square (in pixels) about a box in shares of the photo, `grow` times its longer side; it may reach beyond."""
    half = grow * max((box[2] - box[0]) * width, (box[3] - box[1]) * height) / 2
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return x - half / width, y - half / height, x + half / width, y + half / height


def box_in(crop: Crop, box: Box, height: int, width: int) -> Box:
    """A box given in shares of the photo, in shares of the crop (cut off at its sides)."""
    x0, x1 = ((side * width - crop.x) / crop.width for side in (box[0], box[2]))
    y0, y1 = ((side * height - crop.y) / crop.height for side in (box[1], box[3]))
    return max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0)


def box_out(crop: Crop, box: Box, height: int, width: int) -> Box:
    """The inverse of `box_in`."""
    x0, x1 = ((crop.x + side * crop.width) / width for side in (box[0], box[2]))
    y0, y1 = ((crop.y + side * crop.height) / height for side in (box[1], box[3]))
    return x0, y0, x1, y1


def take(photo: Pixels | Floats, crop: Crop, size: int) -> Floats:
    """The crop of a photo (or of a mask) as the model sees it: float32 (size, size, 3) in 0…255."""
    piece = photo[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
    if (crop.height, crop.width) == (size, size):
        return piece.astype(np.float32)
    shrinks = crop.height * crop.width > size * size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized = cv2.resize(piece.astype(np.float32), (size, size), interpolation=method)
    return np.asarray(np.clip(resized, 0, 255), np.float32)


def region(box: Box, size: int, grow: float = 0.0) -> Floats:
    """A box in shares of the crop as a mask (size, size), 1 inside; `grow` adds that share of the crop on every
    side."""
    mask = np.zeros((size, size), np.float32)
    x0, y0, x1, y1 = (round(side * size) for side in (box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow))
    mask[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = 1
    return mask


def regions(boxes: Sequence[Box], size: int, grow: float = 0.0) -> Floats:
    """Several boxes in one mask (see `region`)."""
    return np.asarray(np.maximum.reduce([region(box, size, grow) for box in boxes]), np.float32)


def hull(boxes: Sequence[Box]) -> Box:
    """The box about several boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def changed(plain: Floats, edited: Floats, allowed: Floats | None = None, least: float = CHANGED[0]) -> Floats:
    """Where the edit drew something new: a closed, slightly widened mask (S, S) of 0 and 1.

    `allowed` (S, S): where the edit may be; what changed elsewhere is an accident of the model. Specks are left out.
    """
    size = plain.shape[0]
    difference = _difference(plain, edited)
    new = difference > least
    if allowed is not None:
        new &= allowed > 0.5
    reach = max(3, size // 24 | 1)
    mask = cv2.morphologyEx(new.astype(np.uint8), cv2.MORPH_CLOSE, _disc(2 * reach + 1))
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for label in range(1, count):
        if facts[label, cv2.CC_STAT_AREA] < size * size / 500:
            mask[labels == label] = 0
    return cv2.dilate(mask, _disc(reach)).astype(np.float32)


def about(shape: Floats) -> Floats:
    """A thing's shape (S, S) and a good rim about it, for what its cutout misses and for its shadow: a mask of 0 and 1."""
    return np.asarray(cv2.dilate((shape > 0.25).astype(np.uint8), _disc(max(3, shape.shape[0] // 8 | 1))), np.float32)


def put(
    photo: Pixels,
    crop: Crop,
    plain: Floats,
    edited: Floats,
    mask: Floats | None,
    carry: Callable[[Floats, Floats, Floats], tuple[Floats, Floats]] | None = None,
    gone: Floats | None = None,
) -> tuple[Pixels, Floats]:
    """The photo with the edit in it, and the soft mask (H, W) at the photo's size: where it is 0, no bit differs.

    `mask` (S, S): where the edit is (see `changed`); None: the whole crop is new, as after a change of style. `carry`:
    makes the new picture of the photo's own pixels where it can (see color_transfer.py). `gone` (S, S): where something stood of
    which nothing is kept; its outlines would else be seen as fine lines.
    """
    height, width = photo.shape[:2]
    soft = np.zeros((height, width), np.float32)
    inside = (slice(crop.y, crop.y + crop.height), slice(crop.x, crop.x + crop.width))
    shape = (crop.width, crop.height)
    own = photo[inside].astype(np.float32)
    if mask is None:
        new, alpha = _resize(edited, shape), np.ones(own.shape[:2], np.float32)
    else:
        alpha = _feathered(mask, shape)
        difference = _difference(plain, edited)
        keep = 1 - np.clip((difference - CHANGED[0]) / (CHANGED[1] - CHANGED[0]), 0, 1)
        if gone is not None:
            keep = keep * (1 - np.clip(gone, 0, 1))
        drift = _drift(plain, edited, mask)
        detail = own - _resize(plain, shape)  # what the autoencoder and the model's size have lost
        new = _resize(edited + drift, shape) + detail * _resize(keep, shape)[..., None]
        if carry is not None:
            own_new, trust = carry(own, plain, edited + drift)
            new = new + trust[..., None] * (own_new - new)
    soft[inside] = alpha * _fade(crop, height, width)
    soft[soft < 1 / 255] = 0
    out = photo.copy()
    blend = own + soft[inside][..., None] * (new - own)
    touched = soft[inside] > 0
    out[inside][touched] = np.clip(np.rint(blend), 0, 255).astype(np.uint8)[touched]
    return out, soft


def stitch(photo: Pixels, crops: tuple[Crop, ...], pictures: tuple[Floats, ...]) -> Pixels:
    """A photo put together from edited windows (each (S, S, 3)) that cover it, mixed linearly where they overlap."""
    height, width = photo.shape[:2]
    total, weight = np.zeros(photo.shape, np.float32), np.zeros((height, width, 1), np.float32)
    for crop, picture in zip(crops, pictures, strict=True):
        inside = (slice(crop.y, crop.y + crop.height), slice(crop.x, crop.x + crop.width))
        ramp = _fade(crop, height, width, share=OVERLAP)[..., None] + 1e-4
        total[inside] += ramp * _resize(picture, (crop.width, crop.height))
        weight[inside] += ramp
    whole: Pixels = np.clip(np.rint(total / weight), 0, 255).astype(np.uint8)
    return whole


def _resize(picture: Floats, shape: tuple[int, int]) -> Floats:
    """A model-size picture at the crop's (width, height): cubic when it grows, by areas when it shrinks."""
    if picture.shape[:2] == shape[::-1]:
        return picture
    method = cv2.INTER_CUBIC if shape[0] * shape[1] > picture.shape[0] * picture.shape[1] else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, shape, interpolation=method), np.float32)


def _difference(plain: Floats, edited: Floats) -> Floats:
    """Difference of colour (S, S), averaged over a few pixels so that noise does not count."""
    size = plain.shape[0]
    return np.asarray(cv2.GaussianBlur(np.abs(plain - edited).max(2), (0, 0), max(1.0, size / 128)), np.float32)


def _drift(plain: Floats, edited: Floats, mask: Floats) -> Floats:
    """The slow colour cast of the edited crop (S, S, 3), seen where it is unchanged and carried into the mask."""
    size = plain.shape[0]
    unchanged = (1 - mask) * (_difference(plain, edited) < CHANGED[1])
    if unchanged.mean() < 0.02:
        return np.zeros_like(plain)
    spread = size / 8
    weight = cv2.GaussianBlur(unchanged, (0, 0), spread)[..., None] + 1e-3
    cast = cv2.GaussianBlur((plain - edited) * unchanged[..., None], (0, 0), spread) / weight
    return np.asarray(np.clip(cast, -CHANGED[1], CHANGED[1]), np.float32)


def _feathered(mask: Floats, shape: tuple[int, int]) -> Floats:
    """The mask at the crop's size with a soft border that lies outside of it, so that what is new is shown whole."""
    size = mask.shape[0]
    border = max(2.0, size / 48)
    wide = cv2.dilate(mask, _disc(int(2 * border) | 1))
    soft = cv2.GaussianBlur(wide, (0, 0), border / 1.5)
    soft = np.clip((soft - 0.02) / 0.96, 0, 1)
    large = cv2.resize(soft, shape, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large * large * (3 - 2 * large), np.float32)  # smooth at both ends


def _fade(crop: Crop, height: int, width: int, share: float = 0.04) -> Floats:
    """A ramp (h, w) to 0 at those sides of the crop that are not sides of the photo, `share` of the crop wide."""

    def ramp(length: int, first: bool, last: bool) -> Floats:
        border = max(1.0, share * length)
        rising = np.minimum((np.arange(length, dtype=np.float32) + 0.5) / border, 1)
        one = np.ones(length, np.float32)
        return (rising if first else one) * (rising[::-1] if last else one)

    across = ramp(crop.width, crop.x > 0, crop.x + crop.width < width)
    down = ramp(crop.height, crop.y > 0, crop.y + crop.height < height)
    return np.outer(down, across).astype(np.float32)


def _disc(diameter: int) -> NDArray[np.uint8]:
    """A round structuring element."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter)), np.uint8)
