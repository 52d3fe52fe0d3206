"""Scenes drawn by hand: people as ellipses for heads and boxes for bodies, so that what is where is known exactly."""

import numpy as np

from pipeline.compositing.anatomy import Head
from pipeline.compositing.figure import Figure
from pipeline.vision.scene import Face, Floats, Instance, Scene

HEIGHT, WIDTH = 400, 600


def person(
    x: float,
    y: float = 0.3,
    size: float = 0.12,
    posture: str = "bust",
    identity: str | None = None,
    face: bool = True,
    embedding: Floats | None = None,
) -> Instance:
    """Somebody whose eyes are at (x, y) in shares, with a face `size` of the photo's height, down to its lower edge."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    unit, cx, cy = size * HEIGHT, x * WIDTH, y * HEIGHT
    head = ((columns - cx) / (0.5 * unit)) ** 2 + ((rows - cy) / (0.7 * unit)) ** 2 < 1
    body = (np.abs(columns - cx) < 1.1 * unit) & (rows > cy + 0.8 * unit)
    neck = (np.abs(columns - cx) < 0.3 * unit) & (rows > cy) & (rows < cy + 0.9 * unit)
    mask = (head | body | neck).astype(np.float32)
    across = unit / WIDTH
    box = (x - across / 2, y - 0.45 * size, x + across / 2, y + 0.55 * size)
    points = np.array(
        [
            [x - 0.23 * across, y], [x + 0.23 * across, y], [x, y + 0.22 * size],
            [x, y + 0.44 * size], [x - 0.45 * across, y + 0.05 * size], [x + 0.45 * across, y + 0.05 * size],
        ],
        np.float32,
    )  # fmt: skip
    seen = Face(box, 0.9, points, embedding) if face else None
    columns_of, rows_of = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    outer = (columns_of[0] / WIDTH, rows_of[0] / HEIGHT, (columns_of[-1] + 1) / WIDTH, 1.0)
    keypoints = np.zeros((33, 3), np.float32)
    keypoints[:, :2] = (x, y)
    return Instance("person", outer, mask, 0.9, face=seen, keypoints=keypoints, posture=posture, identity=identity)


def scene(*people: Instance) -> Scene:
    return Scene((HEIGHT, WIDTH), people)


def photo(shown: Scene, colors: list[tuple[int, int, int]]) -> np.ndarray:
    """A gray picture in which each person has a colour below the chin."""
    picture = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    for one, color in zip(shown.instances, colors, strict=True):
        picture[one.mask > 0.5] = color
        if one.face is not None:
            picture[: int(one.face.box[3] * HEIGHT)][one.mask[: int(one.face.box[3] * HEIGHT)] > 0.5] = (205, 160, 135)
    return picture


def bust(reach: float = 2.6, unit: float = 80.0) -> Figure:
    """A cut-out of head and shoulders, `reach` heads from the eyes down, where the frame of its photo cut it."""
    width, above = int(2.6 * unit), int(1.2 * unit)
    height = above + int(reach * unit)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    cx, cy = width / 2, float(above)
    head = ((columns - cx) / (0.5 * unit)) ** 2 + ((rows - cy) / (0.75 * unit)) ** 2 < 1
    body = (np.abs(columns - cx) < 1.15 * unit) & (rows > cy + 0.8 * unit)
    neck = (np.abs(columns - cx) < 0.3 * unit) & (rows > cy) & (rows < cy + 0.9 * unit)
    alpha = (head | body | neck).astype(np.float32)
    box = (cx - unit / 2, cy - 0.45 * unit, cx + unit / 2, cy + 0.55 * unit)
    rgb = np.full((height, width, 3), (200, 150, 130), np.uint8)
    return Figure(rgb, alpha, Head(cx, cy, unit, box), posture="bust", cut=frozenset({"bottom"}))
