"""What a result must stand up to before anybody sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.compositing.anatomy import Head
from pipeline.compositing.view import View
from pipeline.engine import Floats, Pixels
from pipeline.imaging.geometry import scaled
from pipeline.vision.looking import Vision
from pipeline.vision.scene import WORKING

VISIBLE = 0.9  # share of a new face that must be seen
AROUND = 2.2  # heads about a face in which it is looked for again
SIZED = 0.3  # share by which a face that is found again may differ in size


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a result may be sent: figures for the log, and what is wrong, in a word each ("face", "twice" …)."""

    figures: dict[str, float] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.wrong


def faces_in(
    vision: Vision, photo: Pixels, area: tuple[float, float, float, float]
) -> list[tuple[Head, Floats | None]]:
    """The faces inside an area (x0, y0, x1, y1; pixels) of a photo, each with its embedding."""
    height, width = photo.shape[:2]
    x0, y0 = max(0, int(area[0])), max(0, int(area[1]))
    x1, y1 = min(width, int(area[2]) + 1), min(height, int(area[3]) + 1)
    if x1 - x0 < 24 or y1 - y0 < 24:
        return []
    crop = np.ascontiguousarray(photo[y0:y1, x0:x1])
    picture = scaled(crop, WORKING // 2)
    share = crop.shape[0] / picture.shape[0]
    found = []
    for detection, mesh in vision.faces(picture):
        bx = [float(value) * share for value in detection.box]
        eyes = detection.points[:2].mean(0) * share
        head = Head(
            float(eyes[0]) + x0, float(eyes[1]) + y0, bx[3] - bx[1], (bx[0] + x0, bx[1] + y0, bx[2] + x0, bx[3] + y0)
        )
        found.append((head, vision.identity.embedding(picture, mesh)))
    return found


def newcomer(
    view: View, result: Pixels, at: Head, free: float, known: Floats | None, gone: Sequence[int] = ()
) -> Verdict:
    """Whether the one who came in is there, whole, themselves, and only once.

    at     where their head must be, in pixels of the result
    free   share of the face that nobody hides
    known  their mean embedding
    gone   indices of instances that are no longer in the picture
    """
    figures = {"face visible": round(free, 3)}
    wrong = [] if free >= VISIBLE else ["hidden"]
    area = (at.x - AROUND * at.size, at.y - AROUND * at.size, at.x + AROUND * at.size, at.y + AROUND * at.size)
    seen = faces_in(view.vision, result, area)
    here = [(one, embedding) for one, embedding in seen if abs(one.x - at.x) + abs(one.y - at.y) < 0.6 * at.size]
    if not here:
        return Verdict(figures, (*wrong, "face"))
    found, embedding = here[0]
    figures["face height"] = round((found.box[3] - found.box[1]) / (at.box[3] - at.box[1]), 3)
    if abs(figures["face height"] - 1) > SIZED:
        wrong.append("size")
    limits = view.vision.identity.thresholds
    if known is not None:
        if embedding is None:
            figures["distance"] = -1.0
        else:
            figures["distance"] = round(float(np.linalg.norm(embedding - known)), 3)
            if figures["distance"] > limits["unsure"]:
                wrong.append("person")
        twice = [
            one for index, one in enumerate(view.scene.instances)
            if index not in gone and one.face is not None and one.face.embedding is not None
            and float(np.linalg.norm(one.face.embedding - known)) <= limits["same"]
        ]  # fmt: skip
        figures["same elsewhere"] = float(len(twice))
        if twice:
            wrong.append("twice")
    return Verdict(figures, tuple(wrong))


def untouched(before: Pixels, after: Pixels, masks: Sequence[Floats]) -> int:
    """How many pixels that wholly belong to somebody (opacities (H, W) of 1) have changed."""
    changed = (before != after).any(2)
    return int(sum((changed & (mask >= 0.999)).sum() for mask in masks))


def clones(view: View, result: Pixels, hole: Floats) -> int:
    """How many faces there are inside a filled hole (H, W) where there must be none."""
    rows, columns = np.flatnonzero(hole.max(1) > 0.5), np.flatnonzero(hole.max(0) > 0.5)
    if not len(rows):
        return 0
    pad = 0.05 * max(hole.shape)
    area = (columns[0] - pad, rows[0] - pad, columns[-1] + pad, rows[-1] + pad)
    count = 0
    for face, _ in faces_in(view.vision, result, area):
        y, x = int(np.clip(face.y, 0, hole.shape[0] - 1)), int(np.clip(face.x, 0, hole.shape[1] - 1))
        count += bool(hole[y, x] > 0.5)
    return count
