"""Things that nobody can name: found by where the user tapped, or by standing out."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.compositing.view import View
from pipeline.engine import Floats, OrderError, Pixels

SIDE = 480  # pixels of the window about a tap in which the thing is looked for
REACH = 0.17  # of the photo's longer side: how far a thing reaches from the tap
ROUNDS = 4


def at(view: View, points: Sequence[tuple[float, float]]) -> Floats:
    """A mask (h, w) at the working size of the thing under taps (shares of the photo); two taps are opposite corners
    of a box about it."""
    small = view.small
    height, width = small.shape[:2]
    people = view.mask(view.persons()) > 0.5 if view.persons() else np.zeros((height, width), bool)
    if len(points) == 2:
        (xa, ya), (xb, yb) = points
        box = (min(xa, xb) * width, min(ya, yb) * height, max(xa, xb) * width, max(ya, yb) * height)
        return cut(small, box, people, None)
    found = np.zeros((height, width), np.float32)
    for x, y in points:
        reach = REACH * max(height, width)
        box = (x * width - reach, y * height - reach, x * width + reach, y * height + reach)
        found = np.maximum(found, cut(small, box, people, (x * width, y * height)))
    return found


def cut(
    small: Pixels, box: tuple[float, float, float, float], barred: np.ndarray, tap: tuple[float, float] | None
) -> Floats:
    """What stands out in a box (pixels), about a tap if there is one (GrabCut, Rother et al. 2004)."""
    height, width = small.shape[:2]
    wide, tall = box[2] - box[0], box[3] - box[1]
    x0, y0 = max(0, int(box[0] - 0.35 * wide)), max(0, int(box[1] - 0.35 * tall))
    x1, y1 = min(width, int(box[2] + 0.35 * wide) + 1), min(height, int(box[3] + 0.35 * tall) + 1)
    if wide < 6 or tall < 6 or x1 - x0 < 12 or y1 - y0 < 12:
        raise OrderError("圈得太小了，请在照片上把它圈大一点，再说一遍。", f"box {box}")
    part = small[y0:y1, x0:x1]
    scale = min(1.0, SIDE / max(part.shape[:2]))
    piece = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    h, w = piece.shape[:2]
    rows, columns = np.mgrid[0:h, 0:w]
    marks = np.full((h, w), cv2.GC_BGD, np.uint8)
    inner = [(box[0] - x0) * scale, (box[1] - y0) * scale, (box[2] - x0) * scale, (box[3] - y0) * scale]
    inside = (columns >= inner[0]) & (columns < inner[2]) & (rows >= inner[1]) & (rows < inner[3])
    if tap is None:
        marks[inside] = cv2.GC_PR_FGD
        middle = (columns > inner[0] + 0.35 * (inner[2] - inner[0])) & (
            columns < inner[2] - 0.35 * (inner[2] - inner[0])
        )
        middle &= (rows > inner[1] + 0.35 * (inner[3] - inner[1])) & (rows < inner[3] - 0.35 * (inner[3] - inner[1]))
        marks[middle] = cv2.GC_FGD
    else:
        tx, ty = (tap[0] - x0) * scale, (tap[1] - y0) * scale
        away = np.hypot(columns - tx, rows - ty)
        lab = cv2.cvtColor(piece.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        near = lab[away < max(3.0, 0.03 * max(h, w))]
        alike = np.linalg.norm(lab - np.median(near, 0), axis=2)
        marks[inside] = cv2.GC_PR_BGD
        marks[inside & (alike < 18) & (away < 0.4 * max(h, w))] = cv2.GC_PR_FGD
        marks[away < max(3.0, 0.03 * max(h, w))] = cv2.GC_FGD
    gone = cv2.resize(barred[y0:y1, x0:x1].astype(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST) > 0
    marks[gone] = cv2.GC_BGD
    if not (marks == cv2.GC_FGD).any() or not (marks == cv2.GC_BGD).any():
        return _boxed(small, box, barred)
    cv2.setRNGSeed(1)
    cv2.grabCut(
        np.ascontiguousarray(piece[..., ::-1]),
        marks,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        ROUNDS,
        cv2.GC_INIT_WITH_MASK,
    )
    cut_out = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    cut_out = cv2.morphologyEx(cut_out, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(cut_out)
    if count < 2:
        return _boxed(small, box, barred)
    keep = (
        parts[int(np.clip((tap[1] - y0) * scale, 0, h - 1)), int(np.clip((tap[0] - x0) * scale, 0, w - 1))]
        if tap
        else 0
    )
    keep = int(keep) or 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    chosen = (parts == keep).astype(np.float32)
    if tap is None and chosen.sum() < 0.12 * inside.sum():
        return _boxed(small, box, barred)
    whole = np.zeros((height, width), np.float32)
    whole[y0:y1, x0:x1] = cv2.resize(chosen, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return whole


def _boxed(small: Pixels, box: tuple[float, float, float, float], barred: np.ndarray) -> Floats:
    whole = np.zeros(small.shape[:2], np.float32)
    x0, y0, x1, y1 = (max(0, round(value)) for value in box)
    whole[y0:y1, x0:x1] = 1
    whole[barred] = 0
    return whole


def salient(view: View) -> Floats | None:
    """A mask (h, w) of what stands out in a photo without people; None when nothing does."""
    found = [one for one in view.scene.instances if one.label != "person"]
    if found:
        return np.asarray(np.maximum.reduce([one.mask for one in found]), np.float32)
    height, width = view.small.shape[:2]
    box = (0.12 * width, 0.1 * height, 0.88 * width, 0.94 * height)
    mask = cut(view.small, box, np.zeros((height, width), bool), None)
    share = float((mask > 0.5).mean())
    return mask if 0.02 < share < 0.6 else None
