"""People whose face is not seen: from behind, far away, turned aside.

The body detector alone calls many things a body. What it finds is asked about again from places a little aside, larger,
smaller and turned: the points and the mask of a real body stay where they are, those of a thing wander. The figure net,
which knows nothing of bodies, must see somebody, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.vision.bodies import HIPS, NOSE, SHOULDERS, Body, Reading, grid_of, laid, read
from pipeline.vision.detection import Detector, Pixels, everywhere
from pipeline.vision.held import figure_mask
from pipeline.vision.networks import Floats, Network

LEVELS = (1, 2, 3, 5)  # tiles a side in which bodies are looked for
SIZES, BELOW = (
    (0.08, 0.13, 0.2, 0.32),
    (-0.3, 0.1, 0.5),
)  # of a body that is pointed at: the circle's radius in shares of the
# longer side, and the hips below the point in radii
TORSO = 2.6  # widths of the face from the shoulders to the hips
# moves of the hips' middle (in radii of the body's circle), of the circle's size, and turns (radians)
ASIDE = (
    (0.0, 0.0, 1.0, 0.0),
    (0.12, 0.0, 1.0, 0.0),
    (-0.12, 0.0, 1.0, 0.0),
    (0.0, 0.12, 1.0, 0.0),
    (0.0, -0.12, 1.0, 0.0),
    (0.0, 0.0, 1.2, 0.0),
    (0.0, 0.0, 0.83, 0.0),
    (0.0, 0.0, 1.0, 0.15),
    (0.0, 0.0, 1.0, -0.15),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a body: the detector's score; the mean presence; how far its points wander, in torsos; the share of
    its mask that stays; how far the figure net's mask is the same (intersection over union)."""

    score: float
    presence: float
    wandering: float
    staying: float
    figure: float

    def convincing(self, wanted: Mapping[str, float]) -> bool:
        return (
            self.score >= wanted["score"]
            and self.presence >= wanted["presence"]
            and self.wandering <= wanted["wandering"]
            and self.staying >= wanted["staying"]
            and self.figure >= wanted["figure"]
        )


def without_face(
    network: Network,
    detector: Detector,
    figure: Network,
    picture: Pixels,
    known: Sequence[Body],
    wanted: Mapping[str, float],
) -> list[Body]:
    """The bodies in a picture that are none of `known`, most convincing first."""
    found: list[Body] = []
    for one in everywhere(detector, picture, LEVELS, wanted["score"]):
        first = read(network, picture, one.points[0], one.points[1])
        if first.presence < 0.3:
            continue
        again = read(network, picture, first.centre, first.rim)
        if again.presence < 0.3 or _taken(again, [*known, *found], picture):
            continue
        body, evidence = _asked(network, figure, picture, again, one.score)
        if evidence.convincing(wanted) and not any(_same(body, other) for other in [*known, *found]):
            found.append(body)
    return sorted(found, key=lambda body: -body.quality)


def at_point(
    network: Network,
    figure: Network,
    picture: Pixels,
    point: Floats,
    taken: Floats,
    wanted: Mapping[str, float],
) -> Body | None:
    """The body under a point (2,) of the picture, in its pixels; None when there is none.

    Somebody says that somebody is there, so every size is tried and less is wanted than of what is found unasked.
    taken (h, w) at GRID: who is known already
    """
    longest = max(picture.shape[:2])
    height, width, scale = grid_of(picture)
    row, column = min(height - 1, int(point[1] * scale)), min(width - 1, int(point[0] * scale))
    best: tuple[float, Reading] | None = None
    for size in SIZES:
        radius = size * longest
        for below in BELOW:
            centre = np.asarray(point + np.array([0, below * radius]), np.float32)
            reading = read(network, picture, centre, centre - np.array([0, radius], np.float32))
            if reading.presence > 0.3:
                reading = read(network, picture, reading.centre, reading.rim)
            mask = laid(reading, height, width, scale)
            free = float((mask * (1 - taken)).sum()) / max(1.0, float(mask.sum()))
            worth = reading.presence * free * float(mask[row, column])
            if best is None or worth > best[0]:
                best = worth, reading
    if best is None or best[0] < wanted["worth"]:
        return None
    body, evidence = _asked(network, figure, picture, best[1], 1.0)
    return body if evidence.convincing(wanted) and body.mask[row, column] > 0.5 else None


def _asked(network: Network, figure: Network, picture: Pixels, reading: Reading, score: float) -> tuple[Body, Evidence]:
    """Ask from aside; the mean of the answers is the body."""
    away = reading.rim - reading.centre
    radius = float(np.hypot(*away))
    readings = []
    for right, down, size, turn in ASIDE:
        cosine, sine = np.cos(turn), np.sin(turn)
        arm = np.array([cosine * away[0] - sine * away[1], sine * away[0] + cosine * away[1]], np.float32) * size
        centre = reading.centre + np.array([right, down], np.float32) * radius
        readings.append(read(network, picture, centre, centre + arm))
    points = np.stack([one.points for one in readings])
    mean = np.asarray(points.mean(0), np.float32)
    torso = float(np.hypot(*(mean[SHOULDERS, :2].mean(0) - mean[HIPS, :2].mean(0)))) + 1e-3
    spread = points[:, [NOSE, *SHOULDERS, *HIPS], :2].std(0)
    height, width, scale = grid_of(picture)
    masks = np.stack([laid(one, height, width, scale) for one in readings])
    mask = np.asarray(masks.mean(0), np.float32)
    presence = float(np.mean([one.presence for one in readings]))
    evidence = Evidence(
        score,
        presence,
        float(np.hypot(spread[:, 0], spread[:, 1]).mean()) / torso,
        float((masks.min(0) > 0.5).sum()) / max(1.0, float((masks.max(0) > 0.5).sum())),
        _figure_agrees(figure, picture, mask),
    )
    return Body(
        None, mean, float(np.mean([one.bend for one in readings])), mask, mask, torso / TORSO, score * presence
    ), evidence


def _figure_agrees(figure: Network, picture: Pixels, mask: Floats) -> float:
    """Intersection over union of a body's mask (at GRID) and the figure net's, on the body's surroundings."""
    height, width = mask.shape
    rows, columns = np.flatnonzero((mask > 0.3).any(1)), np.flatnonzero((mask > 0.3).any(0))
    if len(rows) < 4 or len(columns) < 4:
        return 0.0
    margin = int(0.2 * max(len(rows), len(columns)))
    part = (
        slice(max(0, rows[0] - margin), min(height, rows[-1] + margin)),
        slice(max(0, columns[0] - margin), min(width, columns[-1] + margin)),
    )
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    seen = figure_mask(figure, np.ascontiguousarray(small[part]))
    given = mask[part]
    return float(np.minimum(seen, given).sum() / max(1.0, float(np.maximum(seen, given).sum())))


def _taken(reading: Reading, known: Sequence[Body], picture: Pixels) -> bool:
    """Whether the reading is of somebody who is known already: the head is theirs, or the mask lies in theirs."""
    nose = reading.points[NOSE, :2]
    for body in known:
        head = body.face.centre if body.face is not None else body.points[NOSE, :2]
        if np.hypot(*(nose - head)) < 0.9 * body.unit:
            return True
    height, width, scale = grid_of(picture)
    mask = laid(reading, height, width, scale) > 0.5
    taken = np.zeros((height, width), bool)
    for body in known:
        taken |= body.mask > 0.5
    return bool((mask & taken).sum() > 0.4 * max(1, int(mask.sum())))


def _same(one: Body, other: Body) -> bool:
    shared = float(np.minimum(one.mask, other.mask).sum())
    return shared > 0.4 * min(float(one.mask.sum()), float(other.mask.sum()))
