"""Where everybody is, small enough to be told with a result: a chat can light up who is under a finger."""

from typing import Any

import cv2
import numpy as np

from pipeline.compositing.who import words_for
from pipeline.engine import Floats, Pixels
from pipeline.vision.scene import Scene

# Operations after which everybody is where they were
STILL = frozenset({"restyle", "recolor", "adjust", "beautify", "modify", "background", "mosaic", "text", "upscale",
                   "restore"})  # fmt: skip
PLAIN = 0.0025  # how far an outline may leave the mask's edge, in shares of the longer side
LEAST = 0.05  # the smallest part that has an outline, in shares of the largest
MOST = 12  # persons of one photo


def persons(scene: Scene) -> list[dict[str, Any]]:
    """`box`, `words` (左边第二个, or a name), `at` (a place well inside) and `outline` of the persons from left to right; the
    outline is polygons of (x, y). All in shares of the photo, rounded to thousandths."""
    indices = [index for index, one in enumerate(scene.instances) if one.label == "person"][:MOST]
    called = words_for(scene, indices)
    if len(indices) == 1 and scene.instances[indices[0]].identity is None:
        called = ["这个人"]
    found = []
    for index, words in zip(indices, called, strict=True):
        one = scene.instances[index]
        box = [round(float(value), 3) for value in one.box]
        found.append({"box": box, "words": words, "at": inside(one.mask), "outline": outline(one.mask)})
    return found


def outline(mask: Floats) -> list[list[list[float]]]:
    """The edge of a mask (h, w) as polygons."""
    h, w = mask.shape
    contours, _ = cv2.findContours((mask > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(contour) for contour in contours]
    kept = [contour for contour, area in zip(contours, areas, strict=True) if area >= LEAST * max(areas) and area > 0]
    plain = (cv2.approxPolyDP(contour, PLAIN * max(h, w), True).reshape(-1, 2) for contour in kept)
    return [np.round(polygon / (w, h), 3).tolist() for polygon in plain if len(polygon) > 2]


def inside(mask: Floats) -> list[float]:
    """The place of a mask (h, w) that is farthest from its edge."""
    h, w = mask.shape
    framed = np.pad((mask > 0.5).astype(np.uint8), 1)  # the photo's edge is an edge
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = divmod(int(depth.argmax()), w)
    return [round((column + 0.5) / w, 3), round((row + 0.5) / h, 3)]


def still(operation: str, before: Pixels, after: Pixels) -> bool:
    """Whether everybody stands in a result where they stood: what is known of the photo is known of it, too."""
    (h, w), (h2, w2) = before.shape[:2], after.shape[:2]
    return operation in STILL and abs(h * w2 - h2 * w) <= max(h, w, h2, w2)
