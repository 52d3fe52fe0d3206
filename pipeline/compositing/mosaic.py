"""Faces, or what was tapped, made unrecognisable: coarse squares, from which nothing can be read back."""

import cv2
import numpy as np

from pipeline.compositing import parts, things, who
from pipeline.compositing.anatomy import resized
from pipeline.compositing.pointed import Nothing
from pipeline.compositing.view import View
from pipeline.engine import Edited, Floats, OrderError, Progress, Work

SQUARES = 7  # across a face or a thing
ABOUT = 1.35  # of the face's box that is covered
JITTER = 6.0  # gray levels of noise, so that averaging several shots does not give the face back


def mosaic(view: View) -> Work[Edited]:
    """`mosaic`: the faces of who is meant (of everybody when nobody is named), or a thing that was tapped."""
    yield Progress(5, 10, "正在打码")
    height, width = view.size
    mask = np.zeros((height, width), np.float32)
    boxes: list[tuple[float, float, float, float]] = []
    referent = view.order.referents.get("target")
    persons = [index for index in view.persons() if view.head(index) is not None]
    try:
        named = referent is not None and (
            referent.position or referent.ordinal or referent.name or referent.attributes or referent.quantity != "one"
        )
        meant = named or view.order.points or view.order.regions or view.order.step.position or len(persons) == 1
        indices = who.meant(view.order, view.scene, view.small, several=True).indices if meant else tuple(persons)
    except Nothing:
        aimed = who.pointed_at(view.order, view.scene)
        indices = aimed.indices
        if aimed.taps:
            rows, columns = _box(resized(things.at(view, aimed.taps), view.size))
            boxes.append((columns.start, rows.start, columns.stop, rows.stop))
            mask[rows, columns] = 1
        for region in aimed.drawn:
            part = parts.drawn(view, [region])
            rows, columns = _box(part)
            boxes.append((columns.start, rows.start, columns.stop, rows.stop))
            mask = np.maximum(mask, part > 0).astype(np.float32)
    for index in indices:
        head = view.head(index)
        if head is None:
            continue
        x0, y0, x1, y1 = head.box
        cx, cy, rx, ry = (x0 + x1) / 2, (y0 + y1) / 2 - 0.05 * (y1 - y0), (x1 - x0) / 2 * ABOUT, (y1 - y0) / 2 * ABOUT
        cv2.ellipse(mask, (round(cx), round(cy)), (round(rx), round(ry)), 0, 0, 360, 1, -1)
        boxes.append((cx - rx, cy - ry, cx + rx, cy + ry))
    if not boxes:
        raise OrderError("没有看到要打码的脸。请在照片上点一下要遮住的地方，再说一遍。", "nothing to cover")
    out = view.photo.copy()
    for box in boxes:
        out = covered(out, mask, box, view.order.seed)
    return Edited(out, mask, {"method": "compositing", "covered": len(boxes)})


def _box(mask: Floats) -> tuple[slice, slice]:
    """Rows and columns about a mask (H, W) that is not empty."""
    rows, columns = np.flatnonzero(mask.max(1) > 0), np.flatnonzero(mask.max(0) > 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def covered(photo: np.ndarray, mask: Floats, box: tuple[float, float, float, float], seed: int) -> np.ndarray:
    """`photo` with coarse squares where `mask` is inside `box` (pixels)."""
    height, width = photo.shape[:2]
    x0, y0, x1, y1 = max(0, int(box[0])), max(0, int(box[1])), min(width, int(box[2]) + 1), min(height, int(box[3]) + 1)
    part = photo[y0:y1, x0:x1]
    if part.shape[0] < 2 or part.shape[1] < 2:
        return photo
    cells = (
        max(2, round(SQUARES * part.shape[1] / max(part.shape[:2]))),
        max(2, round(SQUARES * part.shape[0] / max(part.shape[:2]))),
    )
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA).astype(np.float32)
    small += np.random.default_rng(seed).uniform(-JITTER, JITTER, small.shape[:2])[..., None]
    large = cv2.resize(small.round().clip(0, 255).astype(np.uint8), (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST)
    out = photo.copy()
    out[y0:y1, x0:x1] = np.where(mask[y0:y1, x0:x1, None] > 0.5, large, part)
    return out
