"""The shadow that somebody casts on the ground, found by what a shadow does: it darkens and keeps the colour."""

import cv2
import numpy as np

from pipeline.compositing.anatomy import ANKLES, SURE, TOES
from pipeline.engine import Floats, Pixels
from pipeline.vision.scene import Instance

DARKER, DARKEST = 0.9, 0.35  # luminance of a shadow over that of the ground about it
HUE = 0.045  # how far its chromaticity may differ from the ground's
REACH = 4.0  # heads from the feet
LARGEST = 0.5  # of the person's own area


def cast(photo: Pixels, one: Instance, unit: float) -> Floats:
    """Where the shadow of somebody lies (h, w; 1 or 0), at the size of `photo` (h, w, 3); `unit`: pixels of a head.
    Zeros where no foot is seen, or nothing beside the feet is like a shadow."""
    height, width = photo.shape[:2]
    none = np.zeros((height, width), np.float32)
    if one.keypoints is None or one.mask.shape != (height, width):
        return none
    feet = one.keypoints[[*ANKLES, *TOES]]
    seen = feet[(feet[:, 2] > SURE) & (feet[:, 1] < 0.995)]
    if len(seen) < 2:
        return none
    middle, row = float(seen[:, 0].mean() * width), float(seen[:, 1].max() * height)
    x0, x1 = max(0, int(middle - REACH * unit)), min(width, int(middle + REACH * unit))
    y0, y1 = max(0, int(row - 1.6 * unit)), min(height, int(row + 1.2 * unit))
    if x1 - x0 < 16 or y1 - y0 < 8:
        return none
    part = photo[y0:y1, x0:x1].astype(np.float32)
    body = cv2.dilate((one.mask[y0:y1, x0:x1] > 0.3).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    light = part.mean(2)
    chroma = part / (part.sum(2, keepdims=True) + 8)
    ground = ~body
    if ground.sum() < 200:
        return none
    usual = np.zeros(light.shape, np.float32)
    for y in range(light.shape[0]):  # the ground's light changes with depth, hence row by row
        rows = slice(max(0, y - 6), y + 7)
        values = light[rows][ground[rows]]
        usual[y] = np.percentile(values, 70) if len(values) else light.mean()
    color = np.median(chroma[ground], axis=0)
    dark = (light < DARKER * usual) & (light > DARKEST * usual) & (np.abs(chroma - color).max(2) < HUE) & ground
    dark = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    touching = cv2.dilate(body.astype(np.uint8), np.ones((9, 9), np.uint8))
    touching[: max(0, int(row - 0.7 * unit - y0))] = 0
    _, parts, stats, _ = cv2.connectedComponentsWithStats(dark)
    found = np.zeros(light.shape, np.uint8)
    for number in np.unique(parts[(touching > 0) & (dark > 0)]):
        if number and stats[number, cv2.CC_STAT_AREA] < LARGEST * float((one.mask > 0.5).sum()):
            found |= (parts == number).astype(np.uint8)
    none[y0:y1, x0:x1] = cv2.dilate(found, np.ones((7, 7), np.uint8))
    return none
