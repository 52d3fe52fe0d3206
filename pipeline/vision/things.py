"""Things that nobody has a net for: pets, objects, food. What stands out in a photo, and what somebody points at.

What stands out is far from the photo's border by colour: every way there crosses edges (geodesic saliency, Wei et al.
2012). What is pointed at is near by colour to the point and far from the border. GrabCut (Rother et al. 2004) then finds
the outline.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from pipeline.imaging.geometry import scaled
from pipeline.vision.detection import Pixels
from pipeline.vision.held import figure_mask
from pipeline.vision.looking import Vision, box_of, enlarged
from pipeline.vision.networks import Floats
from pipeline.vision.scene import WORKING, Box, Instance, Scene

COARSE, FINE = 112, 480  # pixels of the longer side at which ways and outlines are looked for
ROUNDS = 3  # of GrabCut
FIGURE = 0.9  # what the figure net's mask counts against ways: it knows pets as well as people
STEP = 0.15  # what a way costs for a pixel at COARSE, beside the colours (in Lab units): ways are short
FAINT = 2.0  # a difference of colour (in Lab units) below which two neighbours count as alike; in a photo that is all
ROUGH = 2.0  # texture, this many times its median difference
EDGES = 6.0  # what (in Lab units) the edges on the way to the farthest place must cost
SMALLEST, LARGEST = 0.01, 0.95  # shares of the photo that a thing may take up
STANDS_OUT = 0.35  # how much farther from the border than the photo's farthest place a thing must be on average
TAP = 0.02  # of the longer side: what is surely hit by a tap
REACH = 0.4  # of the longer side: how far a thing reaches from the tap


def salient(vision: Vision, photo: Pixels, scene: Scene | None = None) -> Instance | None:
    """What stands out in a photo, uint8 (H, W, 3) of any size; None where nothing does.

    Persons of `scene` do not count.
    """
    picture = scaled(photo, WORKING)
    small = scaled(picture, FINE)
    barred = _persons(scene, small.shape[:2])
    height, width = small.shape[:2]
    coarse = scaled(small, COARSE)
    border = np.zeros(coarse.shape[:2], bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    # a thing may reach over one edge of the photo: a part of the border that differs from the rest is not ground
    away = _ways(coarse, border & ~_unlike_the_rest(coarse, border))
    farthest = float(np.percentile(away, 99))
    straight = STEP * min(coarse.shape[:2]) / 2
    away /= max(1e-6, farthest)
    y, x = np.mgrid[0 : coarse.shape[0], 0 : coarse.shape[1]].astype(np.float32)
    central = np.exp(
        -2 * ((x / (coarse.shape[1] - 1) - 0.5) ** 2 + (y / (coarse.shape[0] - 1) - 0.5) ** 2) / 0.5,
    )
    seen = cv2.resize(figure_mask(vision.networks.figure, small), coarse.shape[1::-1], interpolation=cv2.INTER_AREA)
    if farthest - straight < EDGES and float((seen > 0.5).mean()) < SMALLEST:
        return None  # the same texture everywhere
    score = np.asarray(np.maximum(away.clip(0, 1) * central, FIGURE * seen), np.float32)
    score = np.asarray(cv2.resize(score, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    score[barred] = 0
    level, _ = cv2.threshold((score * 255).clip(0, 255).astype(np.uint8), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    split = max(0.1, level / 255)
    hints = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    hints[score > split] = cv2.GC_PR_FGD
    hints[score > split + 0.6 * (score.max() - split)] = cv2.GC_FGD
    hints[score < 0.35 * split] = cv2.GC_BGD
    hints[barred] = cv2.GC_BGD
    mask = _largest(_cut(small, hints))
    share = float(mask.mean())
    if not SMALLEST < share < LARGEST:
        return None
    contrast = float(score[mask > 0].mean() - score[mask == 0].mean()) / max(1e-6, float(score.max()))
    if contrast < STANDS_OUT:
        return None
    return _thing(mask, picture, contrast)


def at(vision: Vision, photo: Pixels, where: tuple[float, float] | Box, scene: Scene | None = None) -> Instance | None:
    """What somebody points at: a tap (x, y) or a box (x0, y0, x1, y1), in shares of the photo.

    A person of `scene` who is there; else the thing, cut out by its colours; None where there is nothing with an outline.
    """
    if scene is not None and (person := _person_at(scene, where)) is not None:
        return person
    picture = scaled(photo, WORKING)
    small = scaled(picture, FINE)
    height, width = small.shape[:2]
    barred = _persons(scene, (height, width))
    coarse = scaled(small, COARSE)
    h, w = coarse.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) + 0.5
    if len(where) == 2:
        away = np.hypot(x - where[0] * w, y - where[1] * h) / max(h, w)
        hit, outside = away <= max(TAP, 0.8 / max(h, w)), away > REACH
    else:
        inside = (x > where[0] * w) & (x < where[2] * w) & (y > where[1] * h) & (y < where[3] * h)
        middle = [where[i] + share * (where[j] - where[i]) for i, j, share in ((0, 2, 0.3), (1, 3, 0.3))]
        end = [where[i] + share * (where[j] - where[i]) for i, j, share in ((0, 2, 0.7), (1, 3, 0.7))]
        hit = (x > middle[0] * w) & (x < end[0] * w) & (y > middle[1] * h) & (y < end[1] * h)
        outside = ~inside
    if not hit.any():
        hit[min(h - 1, int(where[1] * h)), min(w - 1, int(where[0] * w))] = True
    ground = outside.copy()
    ground[[0, -1]] = ground[:, [0, -1]] = True
    ground &= ~hit
    to_hit, to_ground = _ways(coarse, hit), _ways(coarse, ground)
    belongs = to_ground / (to_hit + to_ground + 1e-6)
    belongs = np.asarray(cv2.resize(belongs, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    hints = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    hints[belongs > 0.5] = cv2.GC_PR_FGD
    hints[_grown(hit, (height, width))] = cv2.GC_FGD if len(where) == 2 else cv2.GC_PR_FGD
    hints[belongs > 0.93] = cv2.GC_FGD
    hints[_grown(outside, (height, width)) | barred] = cv2.GC_BGD
    mask = _cut(small, hints)
    touched = np.array(
        [[where[0], where[1]]] if len(where) == 2 else [[(where[0] + where[2]) / 2, (where[1] + where[3]) / 2]]
    )
    mask = _piece(mask, touched[0])
    if not 0.0004 < float(mask.mean()) < LARGEST:
        return None
    return _thing(mask, picture, float(belongs[mask > 0].mean()))


def _person_at(scene: Scene, where: Sequence[float]) -> Instance | None:
    """The foremost person whose mask is under a tap, or who fills most of a box."""
    best: Instance | None = None
    for one in scene.persons:
        height, width = one.mask.shape
        if len(where) == 2:
            row, column = min(height - 1, int(where[1] * height)), min(width - 1, int(where[0] * width))
            there = float(one.mask[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].mean()) > 0.5
        else:
            rows = slice(int(where[1] * height), max(int(where[1] * height) + 1, int(where[3] * height)))
            columns = slice(int(where[0] * width), max(int(where[0] * width) + 1, int(where[2] * width)))
            part = float((one.mask[rows, columns] > 0.5).sum())
            there = part > 0.5 * float((one.mask > 0.5).sum())
        if there and (best is None or one.rank < best.rank):
            best = one
    return best


def _persons(scene: Scene | None, shape: tuple[int, int]) -> NDArray[np.bool_]:
    barred = np.zeros(shape, bool)
    for one in scene.persons if scene is not None else ():
        barred |= cv2.resize(one.mask, shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    return barred


def _ways(picture: Pixels, start: NDArray[np.bool_]) -> Floats:
    """The cost (h, w) of the cheapest way from `start` to every pixel, by the changes of colour that it crosses."""
    lab = cv2.cvtColor(np.asarray(cv2.bilateralFilter(picture, 5, 25, 3), np.float32) / 255, cv2.COLOR_RGB2LAB)
    height, width = start.shape
    number = np.arange(height * width).reshape(height, width)
    ends, costs = [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one = (slice(0, height - dy), slice(max(0, -dx), width - max(0, dx)))
        other = (slice(dy, height), slice(max(0, dx), width + min(0, dx)))
        apart = np.linalg.norm(lab[one] - lab[other], axis=2)
        faint = max(FAINT, ROUGH * float(np.median(apart)))
        costs.append((np.maximum(0, apart - faint) + STEP * np.hypot(dx, dy)).ravel())
        ends.append((number[one].ravel(), number[other].ravel()))
    rows = np.concatenate([pair[0] for pair in ends])
    columns = np.concatenate([pair[1] for pair in ends])
    # one more node that costs nothing to reach from every start
    source = height * width
    starts = np.flatnonzero(start.ravel())
    if not len(starts):
        return np.zeros((height, width), np.float32)
    rows = np.concatenate([rows, np.full(len(starts), source)])
    columns = np.concatenate([columns, starts])
    values = np.concatenate([*costs, np.full(len(starts), 1e-4)])
    graph = coo_matrix((values, (rows, columns)), (source + 1, source + 1)).tocsr()
    found = dijkstra(graph, directed=False, indices=source)
    return np.asarray(found[:source].reshape(height, width), np.float32)


def _unlike_the_rest(picture: Pixels, border: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the border has colours that are rare on it: something reaches over the edge there."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    colours = lab[border]
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    alike = (apart < 15).mean(1)
    rare = np.zeros(border.shape, bool)
    rare[border] = alike < 0.4 * np.median(alike)
    return rare


def _cut(picture: Pixels, hints: Pixels) -> Pixels:
    """GrabCut from `hints`: 1 where the thing is, at the picture's size."""
    if not (hints == cv2.GC_BGD).any() or not ((hints == cv2.GC_FGD) | (hints == cv2.GC_PR_FGD)).any():
        return np.zeros(hints.shape, np.uint8)
    cut = hints.copy()
    cv2.setRNGSeed(1)
    model = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(picture[..., ::-1]), cut, (0, 0, 1, 1), *model, ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = ((cut == cv2.GC_FGD) | (cut == cv2.GC_PR_FGD)).astype(np.uint8)
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, round_), np.uint8)
    return np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, round_), np.uint8)


def _largest(mask: Pixels) -> Pixels:
    """The largest piece and those of at least a fifth of its size, with their holes filled."""
    count, pieces, facts, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return mask
    areas = facts[1:, cv2.CC_STAT_AREA]
    kept = np.isin(pieces, 1 + np.flatnonzero(areas >= 0.2 * areas.max())).astype(np.uint8)
    return _filled(kept)


def _piece(mask: Pixels, point: Floats) -> Pixels:
    """The piece under a point (shares), or the largest one."""
    height, width = mask.shape
    _, pieces, _, _ = cv2.connectedComponentsWithStats(mask)
    here = pieces[min(height - 1, int(point[1] * height)), min(width - 1, int(point[0] * width))]
    return _filled((pieces == here).astype(np.uint8)) if here else _largest(mask)


def _filled(mask: Pixels) -> Pixels:
    """Small holes closed: a hole of more than a twentieth of the thing is one that is meant (the handle of a cup)."""
    count, pieces, facts, _ = cv2.connectedComponentsWithStats(1 - mask)
    out = mask.copy()
    for piece in range(1, count):
        if facts[piece, cv2.CC_STAT_AREA] < 0.05 * mask.sum():
            left, top, wide, tall = facts[piece, :4]
            inner = left > 0 and top > 0 and left + wide < mask.shape[1] and top + tall < mask.shape[0]
            if inner:
                out[pieces == piece] = 1
    return out


def _grown(mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(cv2.resize(mask.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST)) > 0


def _thing(mask: Pixels, picture: Pixels, score: float) -> Instance:
    large = enlarged(mask.astype(np.float32), *picture.shape[:2])
    return Instance("thing", box_of(large), large, min(1.0, score))
