"""What stood behind something that was taken away, invented from the rest of the photo.

PatchMatch (Barnes et al. 2009; the completion of Wexler, Shechtman & Irani 2007) copies patches into the hole, in a window
about it of moderate size. Where people are barred as a source, nobody is cloned. What is copied is plausible and not what
was there; a share of a membrane, stretched over the hole from the background at its rim, takes it nearer to that without
a visible blur. What the photo's own size has in detail beyond that is taken from the places that the patches resemble.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from patchmatch import patch_match
from scipy.spatial import cKDTree

from pipeline.imaging import Floats, Pixels
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import Window, disc, resized, window
from pipeline.imaging.membrane import membrane

WORK = 320  # pixels of the longer side of the window in which patches are copied: larger ones lose what goes on through the hole
AROUND = 1.0  # how much of a hole's longer side the window reaches beyond it
RADIUS = 3  # of a patch, in pixels
SEED = 3
WORDS = 10  # numbers that a patch is reduced to when its like is looked for
FEATURE = 2  # radius of such a patch
CALM = 0.4  # share of the membrane in what is copied
FAR, NEARLY = (
    60.0,
    0.02,
)  # levels (RGB) between both from which it would be seen as a haze; their blur, in window's sides
STRETCHED = 128  # pixels of the longer side at which the membrane is found


def fill(photo: Pixels, hole: Floats, *, barred: Floats | None = None, radius: int = RADIUS) -> Pixels:
    """The photo with what is in `hole` (over ½) invented anew; every bit outside stays.

    barred  what must not be copied from: the people, for instance. Of any size
    radius  of the patches; 5 keeps paving and meadows better, 3 small things
    """
    height, width = photo.shape[:2]
    gone = resized(hole, height, width) > 0.5
    place = _around(gone.astype(np.float32), height, width)
    if place is None:
        return photo.copy()
    part, empty = photo[place], gone[place]
    kept_out = np.zeros(empty.shape, bool) if barred is None else (resized(barred, height, width)[place] > 0.3) & ~empty
    if (empty | kept_out).all():  # nothing is left to copy from in this window
        return _smooth(photo, gone)
    scale = min(1.0, WORK / max(empty.shape))
    size = max(16, round(empty.shape[1] * scale)), max(16, round(empty.shape[0] * scale))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    empty_small, kept_small = _shrunk(empty, size), _shrunk(kept_out, size)
    kept_small &= ~empty_small
    patch_match.set_random_seed(SEED)
    copied = patch_match.inpaint(
        small, empty_small, global_mask=kept_small if kept_small.any() else None, patch_size=radius
    )
    stretched = _membrane(small, empty_small, kept_small)
    apart = np.linalg.norm(gaussian(stretched - copied, NEARLY * max(size)), axis=2, keepdims=True)
    calm = copied + CALM / (1 + (apart / FAR) ** 2) * (stretched - copied)
    fine = calm if size == empty.shape[::-1] else _detailed(part, small, copied, calm, empty_small, kept_small)
    out = photo.copy()
    out[place] = np.where(empty[..., None], np.rint(fine).clip(0, 255).astype(np.uint8), part)
    return out


def _around(gone: Floats, height: int, width: int) -> Window | None:
    """The hole's window and what is about it, wide enough to find the like of what is missing."""
    place = window(gone, 0, 0.5)
    if place is None:
        return None
    side = max(place[0].stop - place[0].start, place[1].stop - place[1].start)
    return window(gone, max(48, round(AROUND * side)), 0.5)


def _shrunk(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """A mask at a smaller size: every pixel that has a part of it."""
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 1e-3)


def _smooth(photo: Pixels, gone: NDArray[np.bool_]) -> Pixels:
    out = cv2.inpaint(photo, gone.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return np.asarray(np.where(gone[..., None], out, photo), np.uint8)


def _membrane(small: Pixels, empty: NDArray[np.bool_], kept_out: NDArray[np.bool_]) -> Floats:
    """The membrane over the hole of the window (h, w, 3), worked out on a smaller one: it has no detail."""
    h, w = empty.shape
    scale = min(1.0, STRETCHED / max(h, w))
    size = max(8, round(w * scale)), max(8, round(h * scale))
    small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)
    low = membrane(small, _shrunk(empty | kept_out, size))
    return np.asarray(cv2.resize(low, (w, h), interpolation=cv2.INTER_CUBIC), np.float32)


def _detailed(
    part: Pixels, small: Pixels, copied: Pixels, calm: Floats, empty: NDArray[np.bool_], kept_out: NDArray[np.bool_]
) -> Floats:
    """`calm` (h, w) at the size of `part` (H, W), with the fine detail of the places that the patches of `copied` are
    like."""
    height, width = part.shape[:2]
    h, w = copied.shape[:2]

    def enlarged(pixels: Pixels | Floats) -> Floats:
        return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)

    near = np.asarray(cv2.dilate((empty | kept_out).astype(np.uint8), disc(FEATURE)), bool)
    near[:FEATURE], near[-FEATURE:], near[:, :FEATURE], near[:, -FEATURE:] = True, True, True, True
    sources, targets = np.argwhere(~near), np.argwhere(empty)
    smooth = enlarged(calm.astype(np.float32))
    if len(sources) < 100:
        return smooth
    words = _patches(copied)
    known = words[sources[:, 0], sources[:, 1]]
    centre = known.mean(0)
    _, axes = np.linalg.eigh(np.cov((known - centre)[:: max(1, len(known) // 5000)].T))
    axes = axes[:, ::-1][:, :WORDS].astype(np.float32)
    _, like = cKDTree(known @ axes).query(words[targets[:, 0], targets[:, 1]] @ axes, eps=0.5)
    shift = np.zeros((h, w, 2), np.float32)
    shift[targets[:, 0], targets[:, 1]] = sources[like] - targets

    wide = cv2.resize(shift, (width, height), interpolation=cv2.INTER_NEAREST)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    fine = part.astype(np.float32) - enlarged(small)
    moved = cv2.remap(
        fine,
        x + wide[..., 1] * (width / w),
        y + wide[..., 0] * (height / h),
        cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_REFLECT,
    )
    return smooth + np.asarray(moved, np.float32)


def _patches(pixels: Pixels) -> Floats:
    """The colours about each pixel as one long row (h, w, n)."""
    framed = np.pad(pixels.astype(np.float32), ((FEATURE, FEATURE), (FEATURE, FEATURE), (0, 0)), mode="reflect")
    h, w = pixels.shape[:2]
    side = range(2 * FEATURE + 1)
    return np.concatenate([framed[y : y + h, x : x + w] for y in side for x in side], axis=2)


def grow_canvas(
    photo: Pixels, left: int = 0, right: int = 0, top: int = 0, bottom: int = 0, *, barred: Floats | None = None
) -> Pixels:
    """The photo with so many pixels more at its sides, invented from it; its own pixels stay bit for bit.

    barred  what must not be copied from, in the old photo. Of any size
    """
    height, width = photo.shape[:2]
    frame = ((top, bottom), (left, right))
    large = np.pad(photo, (*frame, (0, 0)), mode="edge")
    new = np.pad(np.zeros((height, width), np.float32), frame, constant_values=1.0)
    closed = None if barred is None else np.pad(resized(barred, height, width), frame)
    return fill(large, new, barred=closed)
