"""What of the picture belongs to whom: the nets' masks, the skeletons and the colours together.

The masks of people who touch overlap, and are soft. Each pixel goes to whom the net gives it, as far as a walk that keeps
to its colour leads to that person's face or chest; GrabCut (Rother et al. 2004) then finds the edge by colour where the
nets are unsure.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pipeline.vision.bodies import HIPS, KNEES, SHOULDERS, Body, core
from pipeline.vision.detection import Pixels
from pipeline.vision.held import foreground, on_edges, with_held
from pipeline.vision.networks import Floats, Network
from pipeline.vision.walker import owners

BONES = (
    *((11, 12), (23, 24), (11, 23), (12, 24), (11, 24), (12, 23)),  # the torso
    *((11, 13), (13, 15), (15, 19), (12, 14), (14, 16), (16, 20)),  # arms
    *((23, 25), (25, 27), (27, 31), (24, 26), (26, 28), (28, 32)),  # legs
)
SEEN = 0.4  # visibility above which a point is drawn
BELOW, WIDE, TALL = 1.25, 0.35, 0.5  # the chest: its middle below the face's, and half axes, in widths of the face
OVER = 0.8  # what a body before another takes of the other's claims
LOWER = 0.5  # how far below the other's face a nearer one is at least, in widths of the other's
SMALLEST = 0.5  # … and how large
STRONGER = 2.2  # how much stronger a claim must be to settle it
ROUNDS = 3  # of GrabCut
CLAIM = 0.15  # what the weakest claim counts against colours, where several took the same
PIECE, ENCLOSED = 0.15, 0.6  # of the largest piece: a small one; share of its rim in a larger person's mask
SMOOTH = 25  # pixels over which it is decided to whom they go
FIGURE = 0.6  # what the figure net's word counts against the landmark net's, where it is believed
COLOUR = 0.4  # what the edge by colour counts against both


def separated(figure: Network, picture: Pixels, bodies: Sequence[Body]) -> list[Floats]:
    """A mask (h, w) of each body at GRID, nearly hard. They do not overlap much.

    picture (h, w, 3) is at GRID, too; the bodies' points and boxes are in its pixels.
    """
    if not bodies:
        return []
    height, width = picture.shape[:2]
    given = _given(bodies)
    away = np.stack([skeleton_distance(body, height, width) for body in bodies])
    nearer = before(bodies, height, width)
    claims = given * _reached(picture, bodies, given, nearer)
    for i, j in zip(*np.nonzero(nearer), strict=True):
        claims[j] *= 1 - OVER * given[i]
    owner = claims.argmax(0)
    front, looked = foreground(figure, picture, given)
    believed = np.where(looked, FIGURE, 0).astype(np.float32)
    anybody = np.where(looked, 0.65 * given.max(0) + 0.35 * front, 0.8 * given.max(0))
    nobody = (given.max(0) < 0.08) & (front < 0.25)
    masks = []
    for index, body in enumerate(bodies):
        others = np.delete(claims, index, 0).max(0) if len(bodies) > 1 else np.zeros((height, width), np.float32)
        own = owner == index
        hints = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
        hints[(given[index] > 0.5) & own] = cv2.GC_PR_FGD
        hints[(given[index] > 0.85) & (claims[index] > STRONGER * others) & (anybody > 0.6)] = cv2.GC_FGD
        bone = (away[index] < 0.02) & (given[index] > 0.2)  # where the net does not see it, it is a guess
        hints[bone & (claims[index] >= 0.7 * others)] = cv2.GC_FGD
        hints[face_ellipse(body, height, width, 0.9)] = cv2.GC_FGD
        hints[(given[index] < 0.12) & (away[index] > 0.25)] = cv2.GC_BGD
        hints[(others > STRONGER * claims[index]) & (others > 0.3) & (away[index] > 0.1)] = cv2.GC_BGD
        hints[nobody] = cv2.GC_BGD
        for other in bodies:
            if other is not body:
                hints[face_ellipse(other, height, width, 0.9)] = cv2.GC_BGD
        nets = np.asarray(given[index] + believed * (front - given[index]), np.float32)
        hints[(hints == cv2.GC_PR_FGD) & (nets < 0.5)] = cv2.GC_PR_BGD
        masks.append(_cut(picture, hints, nets, own, away[index]))
    apart = _enclosed(_shared_out(picture, np.stack(masks), claims), bodies)
    whole = with_held(picture, apart, front)
    added = np.maximum.reduce(whole) - np.maximum.reduce(apart)
    nets = np.where(added > 0.5, 1, given.max(0) + believed * (front - given.max(0)))
    return on_edges(picture, whole, np.asarray(nets, np.float32))


def _shared_out(picture: Pixels, masks: Floats, claims: Floats) -> list[Floats]:
    """The masks (n, h, w) without overlap: what several took goes to whose other clothes and skin have its colours, and
    whose claim is stronger."""
    several = (masks > 0.5).sum(0) > 1
    if not several.any():
        return list(masks)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.intp)
    colour = (lab[..., 0] // 32 * 16 + lab[..., 1] // 16) * 16 + lab[..., 2] // 16
    likely = np.empty_like(masks)
    for index, mask in enumerate(masks):
        alone = colour[(mask > 0.5) & ~several]
        counts = np.bincount(alone, minlength=8 * 16 * 16).reshape(8, 16, 16).astype(np.float32)
        shares = gaussian_filter(counts, 0.7).ravel() / max(1, len(alone))
        likely[index] = shares[colour] + 1e-4
    score = likely / likely.sum(0) * (claims / (claims.sum(0) + 1e-6) + CLAIM)
    score = np.where(masks > 0.5, score, 0)
    score = np.stack([cv2.blur(plane, (SMOOTH, SMOOTH)) for plane in score])
    score = np.where(masks > 0.5, score, -1)
    winner = score.argmax(0)
    return [np.asarray(np.where(several & (winner != index), 0, mask), np.float32) for index, mask in enumerate(masks)]


def _enclosed(masks: list[Floats], bodies: Sequence[Body]) -> list[Floats]:
    """The masks after small pieces went to whom they lie in: a hand before somebody behind is not theirs."""
    out = [mask.copy() for mask in masks]
    round_ = np.ones((5, 5), np.uint8)
    for index, mask in enumerate(masks):
        count, pieces, facts, _ = cv2.connectedComponentsWithStats((mask > 0.5).astype(np.uint8))
        largest = int(facts[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0
        for piece in range(1, count):
            if facts[piece, cv2.CC_STAT_AREA] >= PIECE * largest:
                continue
            inside = pieces == piece
            rim = (cv2.dilate(inside.astype(np.uint8), round_) > 0) & ~inside
            about = [float((other[rim] > 0.5).mean()) for other in masks]
            owner = int(np.argmax(about))
            if owner != index and about[owner] > ENCLOSED and bodies[owner].unit > bodies[index].unit:
                out[index][inside], out[owner][inside] = 0, 1
    return out


def before(bodies: Sequence[Body], height: int, width: int) -> NDArray[np.bool_]:
    """[i, j]: whether body i stands before body j. A face that is seen where another's body must be is before that body; one
    of less than half its size is farther away, and seen past it."""
    nearer = np.zeros((len(bodies), len(bodies)), bool)
    for j, back in enumerate(bodies):
        shape = silhouette(back, height, width)
        for i, one in enumerate(bodies):
            if i == j or one.face is None:
                continue
            lower = float(middle(one)[1] - middle(back)[1]) > LOWER * back.unit
            near = lower and one.unit > SMALLEST * back.unit
            nearer[i, j] = near and float(shape[face_ellipse(one, height, width, 0.9)].mean()) > 0.5
    return nearer


def _reached(picture: Pixels, bodies: Sequence[Body], given: Floats, nearer: NDArray[np.bool_]) -> Floats:
    """How far each pixel (n, h, w) hangs together with each body's face and chest, among the bodies.

    nearer [i, j]: i stands before j, and hides j's chest where its own head and chest are
    """
    if len(bodies) == 1:
        return np.ones_like(given)
    height, width = given.shape[1:]
    heads = np.zeros(given.shape, np.uint8)
    cores = np.zeros(given.shape, np.uint8)
    for head, whole, body in zip(heads, cores, bodies, strict=True):
        if body.face is not None:
            core(head, body.face, False, 1)
            core(whole, body.face, True, 1)
    faces = [face_ellipse(body, height, width, 0.9).astype(np.float32) for body in bodies]
    chests = []
    for index, body in enumerate(bodies):
        chest = np.zeros((height, width), np.uint8)
        x, y = int(middle(body)[0]), int(middle(body)[1] + BELOW * body.unit)
        cv2.ellipse(chest, (x, y), (max(1, int(WIDE * body.unit)), max(1, int(TALL * body.unit))), 0, 0, 360, 1, -1)
        hidden = (np.delete(heads, index, 0).max(0) > 0) | cores[nearer[:, index]].any(0)
        chests.append(np.asarray((chest > 0) & (given[index] > 0.5) & ~hidden, np.float32))
    found = owners(picture, given, faces, chests)
    return np.asarray(found / (found.sum(0) + 1e-6), np.float32)


def _given(bodies: Sequence[Body]) -> Floats:
    """The nets' masks (n, h, w); what a body reaches counts where nobody else is."""
    masks = np.stack([body.mask for body in bodies])
    if len(bodies) == 1:
        return np.asarray(bodies[0].reach[None], np.float32)
    reach = [
        np.maximum(body.mask, body.reach * (1 - np.delete(masks, index, 0).max(0))) for index, body in enumerate(bodies)
    ]
    return np.asarray(np.stack(reach), np.float32)


def _cut(picture: Pixels, hints: Pixels, given: Floats, own: NDArray[np.bool_], away: Floats) -> Floats:
    """GrabCut within `hints`; the edge that it finds and the net's own count about half each."""
    rows, columns = np.nonzero(hints != cv2.GC_BGD)
    if not len(rows) or not (hints == cv2.GC_FGD).any():
        return np.asarray((given > 0.5) & own, np.float32)
    part = (
        slice(max(0, rows.min() - 20), rows.max() + 21),
        slice(max(0, columns.min() - 20), columns.max() + 21),
    )
    cut = hints[part].copy()
    if (cut == cv2.GC_BGD).any():
        cv2.setRNGSeed(1)
        cv2.grabCut(
            np.ascontiguousarray(picture[part][..., ::-1]),
            cut,
            (0, 0, 1, 1),  # not looked at, since there are hints
            np.zeros((1, 65)),
            np.zeros((1, 65)),
            ROUNDS,
            cv2.GC_INIT_WITH_MASK,
        )
    coloured = ((cut == cv2.GC_FGD) | (cut == cv2.GC_PR_FGD)).astype(np.float32)
    mixed = COLOUR * cv2.GaussianBlur(coloured, (0, 0), 1.2) + (1 - COLOUR) * given[part] * own[part]
    hard = np.zeros(given.shape, np.uint8)
    hard[part] = mixed > 0.5
    opened = cv2.morphologyEx(hard, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    return _tidied(np.asarray(closed, np.uint8), given, away)


def _tidied(hard: Pixels, given: Floats, away: Floats) -> Floats:
    """The pieces that touch the skeleton, without small holes that the net calls body."""
    count, pieces, facts, _ = cv2.connectedComponentsWithStats(hard)
    total = max(1, int(hard.sum()))
    kept = np.zeros_like(hard)
    for piece in range(1, count):
        inside = pieces == piece
        if facts[piece, cv2.CC_STAT_AREA] > 0.01 * total and (away[inside] < 0.01).any():
            kept[inside] = 1
    count, pieces, facts, _ = cv2.connectedComponentsWithStats(1 - kept)
    for piece in range(1, count):
        inside = pieces == piece
        if facts[piece, cv2.CC_STAT_AREA] < 0.006 * total and given[inside].mean() > 0.5:
            kept[inside] = 1
    return kept.astype(np.float32)


def middle(body: Body) -> Floats:
    """The middle of the face, or of the head where no face is seen."""
    return body.face.centre if body.face is not None else np.asarray(body.points[:11, :2].mean(0), np.float32)


def face_ellipse(body: Body, height: int, width: int, share: float) -> NDArray[np.bool_]:
    """The face (h, w), or where it must be, as an ellipse of `share` times the box."""
    drawn = np.zeros((height, width), np.uint8)
    half = (
        (body.face.box[2:] - body.face.box[:2]) / 2
        if body.face is not None
        else np.array([0.5, 0.5], np.float32) * body.unit
    )
    axes = (max(1, int(half[0] * share)), max(1, int(half[1] * share * 1.15)))
    cv2.ellipse(drawn, tuple(int(v) for v in middle(body)), axes, 0, 0, 360, 1, -1)
    return drawn > 0


def skeleton_distance(body: Body, height: int, width: int) -> Floats:
    """How far each pixel (h, w) is from the body's skeleton and face, in widths of the face."""
    drawn = np.full((height, width), 255, np.uint8)
    points = body.points
    for one, other in BONES:
        if min(points[one, 2], points[other, 2]) >= SEEN:
            _line(drawn, points[one, :2], points[other, :2], 0.12 * body.unit)
    drawn[face_ellipse(body, height, width, 0.9)] = 0
    _line(drawn, middle(body), points[SHOULDERS, :2].mean(0), 0.35 * body.unit)
    away = cv2.distanceTransform(drawn, cv2.DIST_L2, 5)
    return np.asarray(away / max(1.0, body.unit), np.float32)


def silhouette(body: Body, height: int, width: int) -> NDArray[np.bool_]:
    """Roughly what of the picture (h, w) the body covers where nobody stands before it: its limbs with their thickness.

    Points outside of the picture count; those that the net guesses without seeing them do, too: that is what is hidden.
    """
    drawn = np.zeros((height, width), np.uint8)
    points = body.points[:, :2]
    for one, other in BONES[6:]:
        wide = 0.45 if one in (*HIPS, *KNEES) else 0.3
        _line(drawn, points[one], points[other], wide * body.unit, 1)
    corners = points[[SHOULDERS[0], SHOULDERS[1], HIPS[1], HIPS[0]]]
    cv2.fillConvexPoly(drawn, cv2.convexHull(corners.astype(np.int32)), 1)
    _line(drawn, middle(body), points[SHOULDERS].mean(0), 0.5 * body.unit, 1)
    drawn[face_ellipse(body, height, width, 1.1)] = 1
    return drawn > 0


def _line(drawn: Pixels, start: Floats, end: Floats, thick: float, value: int = 0) -> None:
    limit = 4 * max(drawn.shape)
    ends = [tuple(int(v) for v in np.clip(point, -limit, limit)) for point in (start, end)]
    cv2.line(drawn, ends[0], ends[1], value, max(1, int(thick)))
