"""Whether an edit did what was asked, as far as pixels can tell: is anything to be seen of it, is it where somebody pointed,
did anything else change?
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.engine import Edited, EditOrder, Pixels
from pipeline.imaging import Floats
from pipeline.imaging.color import lab

SIDE = 640  # pixels of the longer side at which two pictures are compared
NOTICED, PLAIN = 2.3, 6.0  # CIELAB distances: one that is just noticed (Mahy et al. 1994), and one that nobody misses
SHARE = 0.01  # of the region: less of it just noticed is nothing to be seen
SPOT = 12  # pixels that nobody misses are enough, however large the region
AROUND = 0.02  # of the longer side about a tap, where something must have changed
POINTED = frozenset(
    {"remove", "replace", "recolor"}
)  # what is done to what was tapped; 打码 covers a face, wherever the tap was
MORE = 0.04  # of what an edit changed: 再明显一点 that changes less than that has changed nothing
FAINT, ELSEWHERE, NO_MORE = "faint", "elsewhere", "no more"
TAKEN = "taken"  # what was to go has left something like it


def judged(order: EditOrder, edited: Edited) -> Edited:
    """The edit with `facts["doubt"]` where it did not do what was asked: FAINT, ELSEWHERE. What changed outside its mask is
    the photo's again (`facts["restored"]` pixels)."""
    photo, image = order.photo, edited.image
    if image.shape != photo.shape:
        return edited  # cropped, turned, grown
    facts = dict(edited.facts)
    if edited.mask is not None and edited.mask.shape == photo.shape[:2]:
        strayed = (edited.mask <= 0) & (photo != image).any(2)
        if strayed.any():
            image = np.where(strayed[..., None], photo, image)
            facts["restored"] = int(strayed.sum())
    change = difference(photo, image)
    if faint(change, edited.mask):
        facts["doubt"] = FAINT
    elif order.step.operation in POINTED and not order.concepts and elsewhere(change, order.points):
        facts["doubt"] = ELSEWHERE
    elif order.step.operation == "recolor" and edited.mask is not None and same_colour(change, edited.mask):
        facts["doubt"] = FAINT
    return Edited(image, edited.mask, facts)


def no_more(photo: Pixels, before: Pixels, after: Pixels) -> bool:
    """Whether an edit that was to be stronger, or weaker, than `before` looks as that one does. What is painted anew differs a
    little everywhere, so it is compared with what the edit itself changed of `photo`."""
    if not photo.shape == before.shape == after.shape:
        return False
    return float(difference(before, after).mean()) < MORE * float(difference(photo, before).mean())


def alike(one: Pixels, other: Pixels) -> bool:
    """Whether nobody could tell two pictures apart."""
    return one.shape == other.shape and faint(difference(one, other), None)


def difference(before: Pixels, after: Pixels) -> Floats:
    """How different two pictures of one shape look, place by place: CIELAB distance (h, w) at SIDE, without grain."""
    height, width = before.shape[:2]
    share = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * share)), max(1, round(height * share))
    first, second = (
        lab(np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.uint8)) for one in (before, after)
    )
    distance = np.linalg.norm(first - second, axis=2).astype(np.float32)
    return np.asarray(cv2.blur(distance, (3, 3)), np.float32)


def faint(change: Floats, mask: Floats | None) -> bool:
    """Whether next to nothing is to be seen in the region of an edit (everywhere without a mask)."""
    change = _inside(change, mask)
    return float((change > NOTICED).mean()) < SHARE and int((change > PLAIN).sum()) < SPOT


def same_colour(change: Floats, mask: Floats) -> bool:
    """Whether most of what was to have another colour looks as it did: it had that colour already, or is not what was meant."""
    return float(np.median(_inside(change, mask))) < PLAIN


def _inside(change: Floats, mask: Floats | None) -> Floats:
    """What changed in the region of an edit; everywhere without one."""
    if mask is None:
        return change
    inside = cv2.resize(mask, change.shape[::-1], interpolation=cv2.INTER_AREA) > 0.25
    return change[inside] if inside.any() else change


def elsewhere(change: Floats, points: Sequence[tuple[float, float]]) -> bool:
    """Whether nothing changed about any of the places that were tapped."""
    height, width = change.shape
    reach = max(2, round(AROUND * max(height, width)))
    for x, y in points:
        column, row = int(x * width), int(y * height)
        near = change[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
        if near.size and near.max() > NOTICED:
            return False
    return bool(points)
