"""Where a thing is seen a second time: its image on water or in a mirror, which must change as the thing does.

On water the image lies below the foot, upside down. In a mirror it may be anywhere and smaller; it is the place that
looks most like the thing turned round.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.diffusion.foreground import besides
from pipeline.diffusion.vocabulary import Seen, Vocabulary
from pipeline.imaging.composite import Box, Floats, Pixels

CUT = 0.98  # a thing that ends lower has its image outside the photo
SCALES = np.linspace(0.4, 1.0, 25)  # how large an image in a mirror is beside its thing
LIKE = 0.6  # correlation of colours from which a place is taken for an image
MATCH = 0.55  # correlation of outlines from which a line is taken for the foot: true ones have .48 to .95
LOW = 0.4  # of a thing's box may be its image: what is found of a thing on water often holds some of it
LEAST = 0.06  # of the photo's height: a shorter image says nothing
WORK = 128  # pixels of the photo's longer side on which images are looked for


@dataclass(frozen=True, slots=True)
class Image:
    """A thing's image: where it is seen, in shares of the photo, and whether upside down (else turned round)."""

    box: Box
    upside: bool


def whole_place(photo: Pixels, seen: Seen, index: int, vocabulary: Vocabulary) -> tuple[Floats, Floats, list[Box]]:
    """All that belongs to thing `index`: where the others are, whose pixels stay, (H, W) in [0, 1]; where the thing and its
    images are, likewise; and their boxes, the thing's own first."""
    others = [thing for i, thing in enumerate(seen.things) if i != index]
    box = seen.things[index].box
    stays, shape = besides(photo, others, seen.things[index])
    doubles = images(photo, seen, index, shape, vocabulary)
    return stays, echoed(shape, box, doubles), [box, *(double.box for double in doubles)]


def images(photo: Pixels, seen: Seen, index: int, shape: Floats, vocabulary: Vocabulary) -> tuple[Image, ...]:
    """The images of thing `index`, whose own shape is (H, W) in [0, 1]."""
    found = on_water(photo, seen, index, vocabulary)
    if set(seen.around) & set(vocabulary.doubling):
        there = _in_mirror(photo, seen.things[index].box, shape)
        found += () if there is None else (Image(there, False),)
    return found


def on_water(photo: Pixels, seen: Seen, index: int, vocabulary: Vocabulary) -> tuple[Image, ...]:
    """The image of thing `index` on the water that it stands on, if there is any."""
    x0, y0, x1, _ = box = seen.things[index].box
    if seen.setting not in vocabulary.doubling or (foot := _foot(photo, box)) >= CUT:
        return ()
    return (Image((x0, foot, x1, min(1.0, 2 * foot - y0)), True),)


def echoed(shape: Floats, box: Box, doubles: Sequence[Image]) -> Floats:
    """A thing's shape (H, W) in `box`, and its images' shapes."""
    height, width = shape.shape
    left, top, right, bottom = _pixels(box, height, width)
    own, both = shape[top:bottom, left:right], shape.copy()
    for image in doubles:
        x0, y0, x1, y1 = _pixels(image.box, height, width)
        if image.upside:  # cut off where the photo ends
            turned = shape[top:y0, x0:x1][::-1][: y1 - y0]
        else:
            small = cv2.resize(own[:, ::-1], (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
            turned = np.asarray(small, np.float32)
        there = both[y0 : y0 + turned.shape[0], x0 : x0 + turned.shape[1]]
        np.maximum(there, turned, out=there)
    return both


def _foot(photo: Pixels, box: Box) -> float:
    """Where a thing ends and its image on the water begins: the line near its box's bottom at which the outlines above,
    turned over, are most like those below; the bottom itself if none are."""
    small = _small(photo)
    height, width = small.shape[:2]
    left, top, right, bottom = _pixels(box, height, width)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    edges = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    best, foot = MATCH, bottom
    for line in range(round(bottom - LOW * (bottom - top)), min(bottom + 2, round(CUT * height))):
        reach = min(line - top, height - line)
        if reach < LEAST * height:
            break
        above, below = (
            edges[line - reach : line, left:right][::-1].ravel(),
            edges[line : line + reach, left:right].ravel(),
        )
        with np.errstate(invalid="ignore"):  # even ground is like nothing
            like = float(np.corrcoef(above, below)[0, 1])
        if like > best:
            best, foot = like, line
    return float(foot / height)


def _in_mirror(photo: Pixels, box: Box, shape: Floats) -> Box | None:
    """The place beside a thing that looks most like it turned round, by normalised cross-correlation within its shape."""
    small, mask = _small(photo), _small(shape)
    height, width = mask.shape
    left, top, right, bottom = _pixels(box, height, width)
    thing, own = small[top:bottom, left:right][:, ::-1], mask[top:bottom, left:right][:, ::-1]
    best, where = LIKE, None
    for share in SCALES:
        size = max(4, round(share * (right - left))), max(4, round(share * (bottom - top)))
        template = cv2.resize(thing, size, interpolation=cv2.INTER_AREA)
        weight = cv2.resize(own, size, interpolation=cv2.INTER_AREA)
        like = cv2.matchTemplate(small, template, cv2.TM_CCOEFF_NORMED, mask=np.repeat(weight[..., None], 3, 2))
        like[~np.isfinite(like)] = -1
        like[:, max(0, left - size[0] + 1) : right] = -1  # an image stands beside its thing
        y, x = np.unravel_index(int(like.argmax()), like.shape)
        if like[y, x] > best:
            best, where = float(like[y, x]), (x / width, y / height, (x + size[0]) / width, (y + size[1]) / height)
    return where


def _small(image: Floats | Pixels) -> Floats:
    """A picture or mask no larger than images are looked for on."""
    scale = min(1.0, WORK / max(image.shape[:2]))
    small = cv2.resize(image.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _pixels(box: Box, height: int, width: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels of the photo."""
    x0, y0, x1, y1 = (round(side * many) for side, many in zip(box, (width, height, width, height), strict=True))
    return max(x0, 0), max(y0, 0), min(max(x1, x0 + 1), width), min(max(y1, y0 + 1), height)
