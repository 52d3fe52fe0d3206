"""Measures of people in pixels: where the head is, how large, the torso, the ground.

Everything that compares two people is in *heads*: one head is the height of the face from the brows to the chin as the
detector boxes it, evened out by the distances between eyes and mouth, so that a turned or tilted face counts alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.vision.scene import Face, Floats, Instance

NOSE, EARS, SHOULDERS, HIPS, KNEES, ANKLES, TOES = 0, (7, 8), (11, 12), (23, 24), (25, 26), (27, 28), (31, 32)
SURE = 0.5  # visibility of a keypoint that is relied on
# Mean proportions of a detected box's height over frontal adult faces: the eyes' distance, and from eyes to mouth.
EYES, DOWN = 0.46, 0.44


@dataclass(frozen=True, slots=True)
class Head:
    """A head: middle of the eyes (x, y) in pixels, size of one head in pixels, the face's box in pixels."""

    x: float
    y: float
    size: float
    box: tuple[float, float, float, float]


def head(one: Instance, size: tuple[int, int]) -> Head | None:
    """The head of a person in a picture of a size (H, W): by the face, else by the keypoints, else None."""
    if one.face is not None:
        return head_of(one.face, size)
    if one.keypoints is None:
        return None
    height, width = size
    points = one.keypoints[:, :2] * (width, height)
    ears, shoulders = points[list(EARS)], points[list(SHOULDERS)]
    unit = max(float(np.linalg.norm(shoulders[0] - shoulders[1])) / 1.9, float(np.linalg.norm(ears[0] - ears[1])))
    if unit <= 0:
        return None
    x, y = points[NOSE]
    return Head(float(x), float(y) - 0.2 * unit, unit, (x - unit / 2, y - 0.65 * unit, x + unit / 2, y + 0.5 * unit))


def head_of(face: Face, size: tuple[int, int]) -> Head:
    """The head of a detected face in a picture of a size (H, W)."""
    height, width = size
    points = face.points * (width, height)
    eyes = points[:2].mean(0)
    across, down = float(np.linalg.norm(points[0] - points[1])), float(np.linalg.norm(eyes - points[3]))
    box = (face.box[0] * width, face.box[1] * height, face.box[2] * width, face.box[3] * height)
    measured = max(across / EYES, down / DOWN)  # turning shortens the one, nodding the other
    return Head(float(eyes[0]), float(eyes[1]), 0.5 * (box[3] - box[1]) + 0.5 * measured, box)


def ellipse(shape: tuple[int, int], face: Head, share: float = 1.0) -> NDArray[np.bool_]:
    """The face as an ellipse (h, w); `share` of its box."""
    drawn = np.zeros(shape, np.uint8)
    x0, y0, x1, y1 = face.box
    axes = (max(1, round((x1 - x0) / 2 * share)), max(1, round((y1 - y0) / 2 * share)))
    cv2.ellipse(drawn, (round((x0 + x1) / 2), round((y0 + y1) / 2)), axes, 0, 0, 360, 1, -1)
    return drawn > 0


def torso(one: Instance, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Where somebody's upper clothes surely are (h, w): inside of shoulders and hips, else below the chin; only of
    their own mask."""
    height, width = shape
    drawn = np.zeros(shape, np.uint8)
    if one.keypoints is not None and one.keypoints[list(SHOULDERS), 2].min() > SURE:
        corners = one.keypoints[[*SHOULDERS, HIPS[1], HIPS[0]], :2] * (width, height)
        middle = corners.mean(0)
        cv2.fillConvexPoly(drawn, ((corners - middle) * 0.7 + middle).astype(np.int32), 1)
    elif (seen := head(one, shape)) is not None:
        x0, y0 = round(seen.x - 0.8 * seen.size), round(seen.box[3] + 0.6 * seen.size)
        cv2.rectangle(drawn, (x0, y0), (round(seen.x + 0.8 * seen.size), round(y0 + 2 * seen.size)), 1, -1)
    return (drawn > 0) & (resized(one.mask, shape) > 0.5)


def ground(one: Instance, size: tuple[int, int]) -> float | None:
    """Where somebody's feet stand, in pixels from the top; None when no foot is in the picture."""
    if one.keypoints is None:
        return None
    feet = one.keypoints[[*ANKLES, *TOES]]
    seen = feet[(feet[:, 2] > SURE) & (feet[:, 1] < 0.99)]
    return float(seen[:, 1].max() * size[0]) if len(seen) else None


def resized(mask: Floats, shape: tuple[int, int]) -> Floats:
    """A mask (h, w) at another size."""
    if mask.shape == shape:
        return mask
    smaller = shape[0] < mask.shape[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask, (shape[1], shape[0]), interpolation=way), np.float32)
