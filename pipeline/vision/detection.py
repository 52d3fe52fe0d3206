"""Where faces and bodies are: the BlazeFace and BlazePose detectors on a picture and on its tiles.

Bazarevsky et al., "BlazeFace" (2019) and "BlazePose" (2020). Both are single-shot detectors: a grid of anchors, for each
a score, a box and points. Everything here is in pixels of the picture that is looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.vision.networks import Floats, Network

Pixels = NDArray[np.uint8]
Tile = tuple[int, int, int, int]  # x0, y0, x1, y1

OVERLAP = 1.3  # a tile's side over its share of the picture


@dataclass(frozen=True, slots=True)
class Detection:
    """`box` (4,) x0, y0, x1, y1 and `points` (n, 2), in pixels."""

    score: float
    box: Floats
    points: Floats

    @property
    def width(self) -> float:
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    @property
    def centre(self) -> Floats:
        return np.asarray((self.box[:2] + self.box[2:]) / 2, np.float32)

    def moved(self, x: float, y: float) -> "Detection":
        return Detection(
            self.score, self.box + np.array([x, y, x, y], np.float32), self.points + np.array([x, y], np.float32)
        )


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector: its network, the side of its input, and of each map of anchors the stride and how many a cell has."""

    network: Network
    side: int
    maps: tuple[tuple[int, int], ...]

    def __call__(self, picture: Pixels, score: float) -> list[Detection]:
        """What scores at least `score` in the picture, unmerged."""
        square, scale, left, top = _letterboxed(picture, self.side)
        outputs = self.network(square.astype(np.float32) / 127.5 - 1)
        places, scores = sorted(outputs, key=lambda output: -output.shape[-1])
        scores = 1 / (1 + np.exp(-scores[:, 0].clip(-60, 60)))
        anchors = _anchors(self.side, self.maps)
        found = []
        for index in np.flatnonzero(scores >= score):
            place = places[index].reshape(-1, 2)
            points = np.concatenate([place[:1], place[2:]]) + anchors[index]  # the middle of the box, then its points
            half = place[1] / 2
            points = (points - np.array([left, top], np.float32)) / scale
            half = half / scale
            box = np.concatenate([points[0] - half, points[0] + half])
            found.append(Detection(float(scores[index]), box.astype(np.float32), points[1:].astype(np.float32)))
        return found


def far_faces(network: Network) -> Detector:
    """Faces down to a twentieth of the picture."""
    return Detector(network, 192, ((4, 1),))


def near_faces(network: Network) -> Detector:
    """Faces that fill much of the picture."""
    return Detector(network, 128, ((8, 2), (16, 6)))


def bodies(network: Network) -> Detector:
    """Bodies: the box is the head's; the points are the middle of the hips and one on the circle about the body, then
    the middle of the shoulders and one on the circle about the upper body."""
    return Detector(network, 224, ((8, 2), (16, 2), (32, 6)))


@lru_cache(maxsize=4)
def _anchors(side: int, maps: tuple[tuple[int, int], ...]) -> Floats:
    """The middles of all anchors (n, 2), in pixels of the network's input."""
    found = []
    for stride, each in maps:
        cells = side // stride
        middles = (np.arange(cells, dtype=np.float32) + 0.5) * side / cells
        x, y = np.meshgrid(middles, middles)
        found.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), each, 0))
    return np.concatenate(found)


def _letterboxed(picture: Pixels, side: int) -> tuple[Pixels, float, int, int]:
    """The picture in the middle of a black square, the scale, and how far it was moved right and down."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.zeros((side, side, 3), np.uint8)
    top, left = (side - h) // 2, (side - w) // 2
    square[top : top + h, left : left + w] = cv2.resize(picture, (w, h), interpolation=way)
    return square, scale, left, top


def overlap(one: Floats, other: Floats) -> float:
    """Intersection over union of two boxes."""
    shared = _shared(one, other)
    return shared / (_area(one) + _area(other) - shared) if shared else 0.0


def covered(one: Floats, other: Floats) -> float:
    """Intersection over the smaller of two boxes."""
    shared = _shared(one, other)
    return shared / min(_area(one), _area(other)) if shared else 0.0


def _area(box: Floats) -> float:
    return float(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]))


def _shared(one: Floats, other: Floats) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return float(width * height) if width > 0 and height > 0 else 0.0


def merged(found: Iterable[Detection], alike: float = 0.3, within: float = 0.7) -> list[Detection]:
    """One detection for each thing, best first: boxes that overlap (`alike`) are averaged by score, boxes that lie in a
    better one (`within`) go."""
    left = sorted(found, key=lambda one: -one.score)
    kept = []
    while left:
        best = left[0]
        same = [one for one in left if overlap(best.box, one.box) > alike]
        left = [one for one in left[1:] if overlap(best.box, one.box) <= alike and covered(best.box, one.box) <= within]
        weights = np.array([one.score for one in same], np.float32)
        weights /= weights.sum()
        box = np.tensordot(weights, np.stack([one.box for one in same]), 1)
        points = np.tensordot(weights, np.stack([one.points for one in same]), 1)
        kept.append(replace(best, box=np.asarray(box, np.float32), points=np.asarray(points, np.float32)))
    return kept


def tiles(height: int, width: int, number: int) -> list[Tile]:
    """number × number overlapping tiles of a picture (the whole picture for 1)."""
    h, w = (max(1, min(side, round(side / number * OVERLAP))) for side in (height, width))
    tops = np.linspace(0, height - h, number).astype(int) if h < height else [0]
    lefts = np.linspace(0, width - w, number).astype(int) if w < width else [0]
    return [(int(x), int(y), int(x + w), int(y + h)) for y in tops for x in lefts]


def everywhere(detector: Detector, picture: Pixels, levels: Sequence[int], score: float) -> list[Detection]:
    """What the detector sees in the tiles of every level, merged; what a tile's inner edge cuts is left to its neighbour."""
    height, width = picture.shape[:2]
    found = []
    for number in levels:
        for x0, y0, x1, y1 in tiles(height, width, number):
            for one in merged(detector(picture[y0:y1, x0:x1], score)):
                left, top, right, bottom = one.box + np.array([x0, y0, x0, y0], np.float32)
                cut = (x0 > 0 and left < x0 + 2) or (y0 > 0 and top < y0 + 2)
                cut = cut or (x1 < width and right > x1 - 2) or (y1 < height and bottom > y1 - 2)
                if not cut:
                    found.append(one.moved(x0, y0))
    return merged(found)
