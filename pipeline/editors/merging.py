"""Setting what an editor drew into the photo: outside of it every pixel stays the user's, bit for bit.

Editors draw the whole picture anew, so somewhere everything is a little different. What was edited is told from that by
hysteresis, as in Canny's edge detector: a place counts where the difference is clear, and reaches as far as it is
noticeable. Inside, the photo keeps its own detail wherever the editor changed nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.editors.frame import Frame
from pipeline.editors.registration import Registered
from pipeline.engine import Floats, Pixels

NOTICEABLE, CLEAR = 10.0, 28.0  # differences of colour, of 255, in a picture without noise
NOISES = 3.0, 7.0  # the same as multiples of the typical difference, where that is more
HALF_PIXEL = 0.5  # pixels: how exactly answers are registered
COVERED = 0.5  # correlation of somebody's face with itself, below which somebody stands before it
LEAST = 1 / 3000  # share of the picture: smaller specks are accidents
REACH = 1 / 64  # of the picture's side: how far beyond what is noticeable the mask goes
FADE = 0.03  # of a window that is not the whole photo: the ramp at its border


@dataclass(frozen=True, slots=True)
class Merged:
    """The photo with the edit in it, the soft mask (H, W) outside which no bit differs, and the share that is new."""

    image: Pixels
    mask: Floats
    share: float


def merge(
    photo: Pixels,
    frame: Frame,
    answer: Registered,
    allowed: Floats | None = None,
    spared: Sequence[Floats] = (),
) -> Merged:
    """The edit in the photo. `allowed` (h, w): how far it may go; None: wherever something is new.

    `spared` are masks (h, w) of what was not to change (somebody else's face): none of it does, unless it shows
    something else now, because a newcomer stands before it. A share of 0 means that nothing was edited.
    """
    given = frame.picture.astype(np.float32)
    difference = _difference(given, answer.picture)
    low, high = (max(least, many * answer.noise) for least, many in zip((NOTICEABLE, CLEAR), NOISES, strict=True))
    limits = np.ones(difference.shape, np.float32) if allowed is None else np.clip(allowed, 0, 1)
    limits = limits * answer.seen * frame.reach
    for thing in spared:
        if _alike(given, answer.picture, thing > 0.5) > COVERED:
            limits = limits * (1 - np.clip(thing, 0, 1))
    new = _changed(difference, low, high, limits > 0.5)
    soft = _feathered(new, limits)
    keep = 1 - np.clip((difference - low / 2) / (high - low / 2), 0, 1)
    alpha = np.clip(frame.up(soft), 0, 1) * _ramp(frame, photo)
    own = photo[frame.window.slices].astype(np.float32)
    lost = own - frame.up(given)  # what the editor's size could not show
    drawn = frame.up(answer.picture) + np.clip(frame.up(keep), 0, 1)[..., None] * lost
    return _set_in(photo, frame, drawn, alpha, float(new.mean()))


def renew(photo: Pixels, frame: Frame, answer: Registered, kept: Floats | None = None) -> Merged:
    """The whole window new, but for what is `kept` (h, w): a change of style, of the background, of the light. Colours
    stay as they were drawn."""
    alpha = frame.up(1 - np.clip(kept, 0, 1)) if kept is not None else np.ones(photo[frame.window.slices].shape[:2])
    alpha = np.clip(alpha, 0, 1).astype(np.float32)
    return _set_in(photo, frame, frame.up(answer.drawn), alpha, float(alpha.mean()))


def _set_in(photo: Pixels, frame: Frame, drawn: Floats, alpha: Floats, share: float) -> Merged:
    alpha = np.where(alpha < 1 / 255, 0, alpha).astype(np.float32)
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[frame.window.slices] = alpha
    image = photo.copy()
    inside, touched = image[frame.window.slices], alpha > 0
    own = inside.astype(np.float32)
    blended = own + alpha[..., None] * (drawn - own)
    inside[touched] = np.clip(np.rint(blended), 0, 255).astype(np.uint8)[touched]
    return Merged(image, mask, share)


def _difference(given: Floats, picture: Floats) -> Floats:
    """Difference of colour (h, w), averaged over a few pixels so that grain does not count, without what a shift by
    HALF_PIXEL or as much softness makes of the picture's own edges."""
    spread = max(1.0, max(given.shape[:2]) / 512)
    difference = cv2.GaussianBlur(np.abs(given - picture), (0, 0), spread).max(2)
    across, down = (cv2.Sobel(given, cv2.CV_32F, x, 1 - x, ksize=3) / 8 for x in (1, 0))
    steep = cv2.GaussianBlur(cv2.dilate(np.hypot(across, down).max(2), _disc(3)), (0, 0), spread)
    return np.asarray(np.maximum(difference - HALF_PIXEL * steep, 0), np.float32)


def _alike(given: Floats, picture: Floats, where: NDArray[np.bool_]) -> float:
    """Correlation (Pearson's) of two pictures over a mask; 1 where there is nothing to compare."""
    if where.sum() < 16:
        return 1.0
    one, two = given.mean(2)[where], picture.mean(2)[where]
    spread = float(one.std() * two.std())
    return float(((one - one.mean()) * (two - two.mean())).mean()) / spread if spread > 1e-3 else 0.0


def _changed(difference: Floats, low: float, high: float, limits: NDArray[np.bool_]) -> Floats:
    """Where something is new: a closed mask (h, w) of 0 and 1."""
    noticeable = ((difference > low) & limits).astype(np.uint8)
    size = max(difference.shape)
    gap = _disc(max(3, round(size * REACH / 2)))
    noticeable = np.asarray(cv2.morphologyEx(noticeable, cv2.MORPH_CLOSE, gap), np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(noticeable, connectivity=8)
    clear = np.bincount(labels[(difference > high) & limits], minlength=count) > 0
    large = facts[:, cv2.CC_STAT_AREA] >= LEAST * difference.size
    kept = clear & large
    kept[0] = False
    return np.asarray(_filled(kept[labels]), np.float32)


def _filled(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Without holes that are smaller than a twentieth of the mask: a new coat has buttons of the old colour."""
    holes = (~mask).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(holes, connectivity=4)
    small = facts[:, cv2.CC_STAT_AREA] < mask.sum() / 20
    small[0] = False
    return np.asarray(mask | (small[:count][labels] & (holes > 0)), np.uint8)


def _feathered(new: Floats, limits: Floats) -> Floats:
    """The mask with a soft border that lies outside of it, but within the limits."""
    border = max(2.0, max(new.shape) * REACH)
    wide = cv2.dilate(new, _disc(2 * round(border) + 1))
    soft = cv2.GaussianBlur(wide, (0, 0), border / 2)
    soft = np.clip((soft - 0.02) / 0.96, 0, 1)
    soft = soft * soft * (3 - 2 * soft)
    inward = cv2.GaussianBlur(np.asarray(limits, np.float32), (0, 0), 1.5)
    return np.asarray(np.minimum(soft, np.where(limits > 0, inward, 0)), np.float32)


def _ramp(frame: Frame, photo: Pixels) -> Floats:
    """A ramp (H', W') to 0 at those sides of the window that are not sides of the photo."""
    window, (height, width) = frame.window, photo.shape[:2]

    def along(length: int, first: bool, last: bool) -> Floats:
        rising = np.minimum((np.arange(length, dtype=np.float32) + 0.5) / max(1.0, FADE * length), 1)
        one = np.ones(length, np.float32)
        return np.asarray((rising if first else one) * (rising[::-1] if last else one), np.float32)

    across = along(window.width, window.x > 0, window.x + window.width < width)
    down = along(window.height, window.y > 0, window.y + window.height < height)
    return np.outer(down, across).astype(np.float32)


def _disc(diameter: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter | 1, diameter | 1)), np.uint8)
