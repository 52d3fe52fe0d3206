"""Whose body is where: the BlazePose landmark net, asked once for each face and of each possible body.

The net looks at a turned square about one body and answers with 33 points, a mask of that body and whether there is one.
It is told where to look by the middle of the hips and a point on the circle about the body. Several such guesses are
made for a face; what it answers is believed as far as its nose and eyes are the face's. Other people are taken out of
the game: their heads and chests, whose places their faces tell, are painted grey.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.vision.detection import Detection, Detector, Pixels, overlap
from pipeline.vision.mesh import warped, window
from pipeline.vision.networks import Floats, Network

SIDE = 256  # pixels of the net's input
REACH = 1.25  # its window over the circle about the body
GRID = 640  # pixels of the longer side at which masks are handled

NOSE, EYES = 0, [2, 5]
SHOULDERS, HIPS, KNEES = [11, 12], [23, 24], [25, 26]

SURE, DOUBTFUL = (
    0.8,
    0.6,
)  # quality at which no further guess is made; below which the net is asked on other pictures, too
LIKELY = 0.5  # quality from which what the net sees with everybody in the picture counts, too
ALIKE = 0.6  # of the best quality: answers that are averaged with the best one
GREY = (110, 110, 110)
NEAR = 9.0  # widths of the face within which somebody else may be taken for its body

# crops about a face in which the body detector is asked: side and room above, in widths of the face
CROPS = ((5.0, 1.5), (9.0, 2.2))
# guesses of the hips' middle below a face, in its widths
BELOW = ((0.0, 2.5),)
BELOW_HARD = ((0.0, 1.4), (0.0, 2.5), (-0.6, 2.5), (0.6, 2.5))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the net said of one window: points (33, 3) x, y in pixels and visibility; the angle between torso and thighs
    in space, in degrees; where it would look next (hips' middle, rim); whether there is a body; its mask (256, 256) and
    the map (2, 3) from the picture into it."""

    points: Floats
    bend: float
    centre: Floats
    rim: Floats
    presence: float
    mask: Floats
    into: Floats
    quality: float = 0.0


@dataclass(frozen=True, slots=True)
class Body:
    """One body.

    face     None when none is seen
    points   (33, 3): x, y in pixels, visibility in [0, 1]
    bend     degrees between torso and thighs: 180 upright, 90 seated
    mask     (h, w) in [0, 1] at GRID, of this body and hardly of others
    reach    the same, wider: it may hold some of others, too
    unit     width of the face in pixels, estimated where none is seen
    quality  in [0, 1]
    """

    face: Detection | None
    points: Floats
    bend: float
    mask: Floats
    reach: Floats
    unit: float
    quality: float


def grid_of(picture: Pixels) -> tuple[int, int, float]:
    """Height and width of the grid for masks, and its scale to the picture."""
    height, width = picture.shape[:2]
    scale = min(1.0, GRID / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale)), scale


def read(network: Network, picture: Pixels, centre: Floats, rim: Floats) -> Reading:
    """Ask the net about the body whose hips' middle and rim are given, in pixels."""
    away = np.asarray(rim, np.float64) - centre
    size = max(8.0, 2 * float(np.hypot(*away)) * REACH)
    into = window(centre, size, float(np.arctan2(away[1], away[0]) + np.pi / 2), SIDE)
    outputs = network(warped(picture, into, SIDE).astype(np.float32) / 255)
    by_size = {output.size: output for output in outputs}
    points = by_size[195].reshape(39, 5)
    back = cv2.invertAffineTransform(into)
    placed = (points[:, :2] @ back[:, :2].T + back[:, 2]).astype(np.float32)
    seen = _sigmoid(points[:33, 3:4])
    return Reading(
        points=np.concatenate([placed[:33], seen], 1),
        bend=_bend(by_size[117].reshape(39, 3), seen[:, 0]),
        centre=placed[33],
        rim=placed[34],
        presence=float(by_size[1].ravel()[0]),
        mask=_sigmoid(by_size[SIDE * SIDE].reshape(SIDE, SIDE)),
        into=into,
    )


def _bend(space: Floats, seen: Floats) -> float:
    """The angle between torso and thighs in degrees: 180 upright, 90 seated. space (39, 3) in metres."""
    torso = space[SHOULDERS].mean(0) - space[HIPS].mean(0)
    total, weights = 0.0, 1e-6
    for hip, knee in zip(HIPS, KNEES, strict=True):
        thigh = space[knee] - space[hip]
        cosine = float(torso @ thigh) / (float(np.linalg.norm(torso) * np.linalg.norm(thigh)) + 1e-6)
        total += float(seen[knee]) * float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
        weights += float(seen[knee])
    return total / weights


def with_face(
    network: Network, detector: Detector, picture: Pixels, face: Detection, others: Sequence[Detection]
) -> Body:
    """The body of a face. A low quality says that there is none, and that the face is hardly one."""
    near = [other for other in others if np.hypot(*(other.centre - face.centre)) < NEAR * max(face.width, other.width)]
    plain: list[Reading] = []
    _ask(network, detector, picture, face, BELOW, plain)
    if not near:
        return _body(plain, picture, face, plain)
    alone: list[Reading] = []
    _ask(network, detector, _without(picture, face, near, chests=True), face, BELOW_HARD, alone)
    if max(one.quality for one in alone) < DOUBTFUL:
        _ask(network, detector, _without(picture, face, near, chests=False), face, BELOW_HARD, alone)
        alone += plain
    return _body(alone, picture, face, plain)


def _body(readings: Sequence[Reading], picture: Pixels, face: Detection, plain: Sequence[Reading]) -> Body:
    best = max(readings, key=lambda one: one.quality)
    alike = [one for one in readings if one.quality > ALIKE * best.quality] or [best]
    mask = _fused(alike, picture)
    whole = [one for one in plain if one.quality > max(LIKELY, ALIKE * best.quality)]
    reach = np.maximum(mask, _fused(whole, picture)) if whole else mask
    return Body(face, best.points, best.bend, mask, reach, face.width, best.quality)


def _ask(
    network: Network,
    detector: Detector,
    picture: Pixels,
    face: Detection,
    below: Sequence[tuple[float, float]],
    readings: list[Reading],
) -> None:
    """Add what the net says of every guess for a face, until it is sure."""
    for centre, rim in _guesses(detector, picture, face, below):
        first = _judged(read(network, picture, centre, rim), face)
        readings.append(first)
        if first.quality > 0.05:
            readings.append(_judged(read(network, picture, first.centre, first.rim), face))
        if len(readings) > 2 and max(one.quality for one in readings) > SURE:
            return


def _guesses(
    detector: Detector, picture: Pixels, face: Detection, below: Sequence[tuple[float, float]]
) -> Iterator[tuple[Floats, Floats]]:
    """Where the hips' middle and the rim of a face's body may be: as the body detector says, then by proportion."""
    found = []
    for side, above in CROPS:
        x, y = (face.centre - np.array([side / 2, above], np.float32) * face.width).round().astype(int)
        crop = _crop(picture, int(x), int(y), round(side * face.width))
        for one in detector(crop, 0.3):
            moved = one.moved(float(x), float(y))
            same = overlap(moved.box, face.box)
            if same > 0.25:
                found.append((one.score * same, moved))
    found.sort(key=lambda pair: -pair[0])
    for _, one in found[:1]:
        yield one.points[0], one.points[1]
    for x_away, y_away in below:
        yield (
            face.centre + np.array([x_away, y_away], np.float32) * face.width,
            face.centre - np.array([0, 1.3], np.float32) * face.width,
        )


def _judged(reading: Reading, face: Detection) -> Reading:
    """The reading with its quality: presence × agreement of nose and eyes with the face's × mask over the face."""
    nose, eyes = reading.points[NOSE, :2], reading.points[EYES, :2].mean(0)
    away = np.hypot(*(nose - face.points[2])) + np.hypot(*(eyes - face.points[:2].mean(0)))
    grid = np.linspace(-0.4, 0.4, 7, dtype=np.float32)
    places = face.centre + np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2) * (face.box[2:] - face.box[:2])
    over = _sampled(reading, places)
    agreement = float(np.exp(-1.5 * away / face.width))
    return Reading(
        reading.points,
        reading.bend,
        reading.centre,
        reading.rim,
        reading.presence,
        reading.mask,
        reading.into,
        reading.presence * agreement * float(over.mean()),
    )


def _sampled(reading: Reading, places: Floats) -> Floats:
    """The mask at places (n, 2) of the picture; 0 outside of the window."""
    at = (places @ reading.into[:, :2].T + reading.into[:, 2]).astype(np.float32)
    return np.asarray(cv2.remap(reading.mask, at[:, 0], at[:, 1], cv2.INTER_LINEAR), np.float32).ravel()


def _without(picture: Pixels, face: Detection, others: Sequence[Detection], chests: bool) -> Pixels:
    """The picture with the other heads (and the chests below them) painted grey, but for the face's own head and chest."""
    height, width = picture.shape[:2]
    hidden = np.zeros((height, width), np.uint8)
    for other in others:
        core(hidden, other, chests, 1)
    core(hidden, face, chests, 0)
    painted = picture.copy()
    painted[hidden > 0] = GREY
    return painted


def core(drawn: Pixels, face: Detection, chest: bool, value: int) -> None:
    """Draw where, by its face, somebody's head surely is, and their chest, if they are upright."""
    half = (face.box[2:] - face.box[:2]) / 2
    up = face.points[:2].mean(0) - face.points[3]  # from the mouth to the eyes
    up = up / max(1e-6, float(np.hypot(*up)))
    forehead = np.asarray(face.centre + up * half[1] * 0.3, np.float32)
    _ellipse(drawn, forehead, np.asarray(half * (1.25, 1.6), np.float32), value)
    if chest:
        middle = face.centre + np.array([0, 1.9], np.float32) * face.width
        _ellipse(drawn, middle, np.array([0.75, 1.1], np.float32) * np.float32(face.width), value)


def _ellipse(drawn: Pixels, centre: Floats, half: Floats, value: int) -> None:
    cv2.ellipse(drawn, (int(centre[0]), int(centre[1])), (int(half[0]), int(half[1])), 0, 0, 360, value, -1)


def _fused(readings: Sequence[Reading], picture: Pixels) -> Floats:
    """The mean mask of some readings at GRID, weighted by quality."""
    height, width, scale = grid_of(picture)
    weights = np.array([one.quality for one in readings]) + 1e-6
    total = np.zeros((height, width), np.float32)
    for one, weight in zip(readings, weights / weights.sum(), strict=True):
        total += weight * laid(one, height, width, scale)
    return total.clip(0, 1)


def laid(reading: Reading, height: int, width: int, scale: float) -> Floats:
    """The mask of a reading, laid where it belongs on a grid whose pixels are 1/scale of the picture's."""
    back = cv2.invertAffineTransform(reading.into) * scale
    return np.asarray(cv2.warpAffine(reading.mask, back, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def _crop(picture: Pixels, x: int, y: int, side: int) -> Pixels:
    """A square of the picture that may reach over its edges (black there)."""
    height, width = picture.shape[:2]
    part = picture[max(0, y) : max(0, min(height, y + side)), max(0, x) : max(0, min(width, x + side))]
    out = np.zeros((side, side, 3), np.uint8)
    top, left = max(0, -y), max(0, -x)
    out[top : top + part.shape[0], left : left + part.shape[1]] = part
    return out


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values.clip(-60, 60))), np.float32)
