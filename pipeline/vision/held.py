"""What people wear, hold or sit on: the figure net sees it as one with them, where it sees them large enough.

The landmark net knows bodies, and leaves out a helmet under an arm, a wide skirt or a drink. The figure net (selfie
segmentation) was trained to keep such things with the person. It is asked in windows about everybody and about each one,
plain and mirrored, and believed as far as it knows the bodies themselves.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pipeline.vision.detection import Pixels
from pipeline.vision.networks import Floats, Network

Window = tuple[slice, slice]

SELFIE = 256  # pixels of the figure net's input
AROUND = 0.25  # of the longer side of a window: how much it shows about what it is asked about
KNOWN = 0.75  # of a body that the figure net must see before it is believed about what is beside it
SURE = 0.75  # what it must say of what is held, on average
SHARED = 0.5  # of the longest touch: who touches a thing so much holds a part of it
SMALLEST, LARGEST = 0.002, 0.7  # areas of things beside who holds them
EDGE, EDGED = 6.0, 0.55  # difference (Lab) that is an edge; share of a thing's rim that is one
REACH, CLEAR, SHORT = 7, 40.0, 8  # pixels about a rim that are compared; the most (Lab) that counts; pixels of no rim
COLOURED = 2.0  # what colours count against the nets
BIN, RARE, WIDE = 8.0, 2e-5, 21  # width (Lab) of a colour; share of a rare one; pixels over which they are counted
FACING, PLAIN = 0.3, 7.0  # share of a piece's rim below which it lies within a body, if no edge (Lab) is between them
UNSURE, BAND = 0.35, 7  # of what the nets say, and pixels about the border, where the photo's edges decide
HOLD = 0.12  # share of a thing's rim that must lie at the body


def figure_mask(figure: Network, picture: Pixels) -> Floats:
    """The figure net's mask (h, w) of people near the camera in a picture."""
    small = cv2.resize(picture, (SELFIE, SELFIE), interpolation=cv2.INTER_AREA)
    (mask,) = figure(small.astype(np.float32) / 255)
    return np.asarray(cv2.resize(mask[..., 0], (picture.shape[1], picture.shape[0])), np.float32).clip(0, 1)


def foreground(figure: Network, picture: Pixels, given: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """How much the figure net thinks of each pixel (h, w) that it is of a person or theirs, and where it is believed.

    given (n, h, w): the bodies' masks
    """
    height, width = picture.shape[:2]
    total, asked = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for place, seen, body in _looks(figure, picture, given):
        inside = body[place] > 0.8
        if inside.any() and float(seen[inside].mean()) > KNOWN:
            total[place] += seen
            asked[place] += 1
    return np.asarray(total / np.maximum(asked, 1), np.float32), asked > 0


def _looks(figure: Network, picture: Pixels, given: Floats) -> Iterator[tuple[Window, Floats, Floats]]:
    """What the figure net says about each body, and about everybody where they are several: window, mask there, of whom."""
    height, width = given.shape[1:]
    for body in [*given, *([given.max(0)] if len(given) > 1 else [])]:
        rows, columns = np.flatnonzero((body > 0.5).any(1)), np.flatnonzero((body > 0.5).any(0))
        if len(rows) < 8 or len(columns) < 8:
            continue
        more = int(AROUND * max(rows[-1] - rows[0], columns[-1] - columns[0]))
        top, bottom = max(0, rows[0] - more), min(height, rows[-1] + more)
        left, right = max(0, columns[0] - more), min(width, columns[-1] + more)
        place = slice(top, bottom), slice(left, right)
        part = np.ascontiguousarray(picture[place])
        yield place, _either_way(figure, part), body


def _either_way(figure: Network, picture: Pixels) -> Floats:
    """The mean of what the net says of a picture and of its mirror image."""
    mirrored = figure_mask(figure, np.ascontiguousarray(picture[:, ::-1]))[:, ::-1]
    return np.asarray((figure_mask(figure, picture) + mirrored) / 2, np.float32)


def with_held(picture: Pixels, masks: Sequence[Floats], front: Floats) -> list[Floats]:
    """The bodies' masks (h, w) with what each one holds: what the figure net sees (front) and no mask has.

    A thing is held by whom most of its rim touches, if that is enough of it; where it touches another as much (two helmets
    side by side), each holds what is nearer. The rest of its rim is an edge of the photo: where the net goes beyond a
    shoulder into the wall behind, there is none.
    """
    out = [mask.copy() for mask in masks]
    taken = np.maximum.reduce([mask > 0.5 for mask in masks])
    lab = _lab(picture)
    beside = _opened((front > 0.5) & ~taken, 3)
    count, pieces, facts, _ = cv2.connectedComponentsWithStats(beside.astype(np.uint8))
    areas = [float((mask > 0.5).sum()) for mask in masks]
    for piece in range(1, count):
        place = _about(facts[piece], taken.shape)
        inside = pieces[place] == piece
        area = facts[piece, cv2.CC_STAT_AREA]
        rim = _grown(inside, 5) & ~inside
        touching = [float((mask[place][rim] > 0.5).sum()) for mask in masks]
        owners = [index for index, share in enumerate(touching) if share and share >= SHARED * max(touching)]
        theirs = sum(areas[owner] for owner in owners)
        if (
            SMALLEST * theirs < area < LARGEST * theirs
            and sum(touching) > HOLD * rim.sum()
            and float(front[place][inside].mean()) > SURE
            and edged(lab[place], inside, ~inside & ~taken[place])[0] > EDGED
        ):
            for owner, part in _divided(inside, [masks[owner][place] for owner in owners], owners):
                out[owner][place][part] = 1
    return [_closed(mask, one) for mask, one in zip(out, masks, strict=True)]


def _divided(
    inside: NDArray[np.bool_], bodies: Sequence[Floats], owners: Sequence[int]
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """A piece (h, w) among who holds it: to each what is nearer to them than to the others."""
    away = np.stack([cv2.distanceTransform((body <= 0.5).astype(np.uint8), cv2.DIST_L2, 5) for body in bodies])
    nearest = away.argmin(0)
    yield from ((owner, inside & (nearest == at)) for at, owner in enumerate(owners))


def edged(lab: Floats, inside: NDArray[np.bool_], ground: NDArray[np.bool_]) -> tuple[float, float]:
    """How much of a piece's rim towards the ground is an edge, where both sides have other colours: the share of it, and
    how strong it is (Lab, at most CLEAR)."""
    rim = _grown(ground, 3) & inside
    if rim.sum() < SHORT:
        return 1.0, CLEAR  # enclosed by bodies and the photo's border
    sides = []
    for side in (inside, ground):
        weight = cv2.blur(side.astype(np.float32), (REACH, REACH))
        colours = cv2.blur(lab * side[..., None].astype(np.float32), (REACH, REACH))
        sides.append(colours / (weight[..., None] + 1e-6))
    apart = np.linalg.norm(sides[0] - sides[1], axis=2)[rim]
    return float((apart > EDGE).mean()), float(apart.clip(0, CLEAR).mean())


def on_edges(picture: Pixels, masks: Sequence[Floats], nets: Floats) -> list[Floats]:
    """The masks (h, w) whose outer border, where the nets are unsure (nets (h, w) about one half), is moved to the photo's
    strongest edge: a watershed from what is sure on both sides (Meyer 1992).

    What the watershed gives up stays where its own rim is the stronger edge; what nets and colours together doubt goes
    where it is not.
    """
    union = np.maximum.reduce([mask > 0.5 for mask in masks]).astype(np.uint8)
    band = cv2.morphologyEx(union, cv2.MORPH_GRADIENT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BAND, BAND))) > 0
    unsure = band | (np.abs(nets - 0.5) < UNSURE) | ((union > 0) != (nets > 0.5))
    marks = np.where(unsure, 0, np.where(union > 0, 1, 2)).astype(np.int32)
    if not (marks == 1).any() or not (marks == 2).any():
        return list(masks)
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    cv2.watershed(np.ascontiguousarray(smooth), marks)
    seam = (marks == -1) & _grown(marks == 1, 3)  # the watershed's own line, and the photo's border
    moved = cv2.medianBlur(((marks == 1) | seam).astype(np.uint8), 5) > 0
    lab = _lab(picture)
    moved |= _edged_pieces(lab, (union > 0) & ~moved, moved)
    vote = nets + COLOURED * (_likely(lab, (union > 0) & ~unsure, (union == 0) & ~unsure) - 0.5)
    doubted = _opened(moved & unsure & ~band & (vote < 0.5), 5)
    moved &= ~doubted | _edged_pieces(lab, doubted, moved & ~doubted)
    moved |= _enclosed(~moved & (union > 0), nets)
    away = np.stack([cv2.distanceTransform((mask < 0.5).astype(np.uint8), cv2.DIST_L2, 5) for mask in masks])
    nearest = away.argmin(0)
    return [np.asarray(np.where(moved & (nearest == index), 1, 0), np.float32) for index in range(len(masks))]


def _edged_pieces(lab: Floats, pieces: NDArray[np.bool_], taken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of the pieces (h, w) beside what is `taken` whose rim is an edge of the photo: the end of a plait, a bow."""
    count, numbered, facts, _ = cv2.connectedComponentsWithStats(_opened(pieces, 3).astype(np.uint8))
    kept = np.zeros(pieces.shape, bool)
    for piece in range(1, count):
        place = _about(facts[piece], pieces.shape)
        inside, body = numbered[place] == piece, taken[place]
        share, strong = edged(lab[place], inside, ~inside & ~body)
        _, within = edged(lab[place], inside, body)
        rim = _grown(inside, 3) & ~inside
        facing = float((rim & ~body).sum()) / max(1, int(rim.sum()))
        if within < PLAIN if facing < FACING else (share > EDGED and strong > within):
            kept[place] |= inside
    return kept


def _enclosed(holes: NDArray[np.bool_], nets: Floats) -> NDArray[np.bool_]:
    """Those of the holes (h, w) away from the photo's border that the nets take for the body: a badge, not a gap at an arm."""
    height, width = holes.shape
    count, numbered, facts, _ = cv2.connectedComponentsWithStats(holes.astype(np.uint8))
    kept = np.zeros(holes.shape, bool)
    for hole in range(1, count):
        left, top, wide, tall = (int(facts[hole, k]) for k in range(4))
        place = slice(top, top + tall), slice(left, left + wide)
        inside = numbered[place] == hole
        if (
            left > 0
            and top > 0
            and left + wide < width
            and top + tall < height
            and float(nets[place][inside].mean()) > 0.5
        ):
            kept[place] |= inside
    return kept


def _likely(lab: Floats, figures: NDArray[np.bool_], ground: NDArray[np.bool_]) -> Floats:
    """How much more often each pixel's colour (h, w) is the figures' than the ground's, in [0, 1]; ½: no telling."""
    bins = np.rint(lab / BIN).astype(np.intp) + 16
    index = (bins[..., 0] * 48 + bins[..., 1]) * 48 + bins[..., 2]
    shares = []
    for side in (figures, ground):
        counts = np.bincount(index[side], minlength=48**3).reshape(48, 48, 48).astype(np.float32)
        shares.append(gaussian_filter(counts, 0.8).ravel()[index] / max(1, int(side.sum())))
    found = (shares[0] + RARE) / (shares[0] + shares[1] + 2 * RARE)
    return np.asarray(cv2.blur(found.astype(np.float32), (WIDE, WIDE)), np.float32)


def _about(facts: NDArray[np.int32], shape: tuple[int, ...]) -> Window:
    """The window of a piece by its facts, wide enough to compare what is about its rim."""
    left, top, wide, tall = (int(facts[k]) for k in range(4))
    more = REACH + 1
    return (
        slice(max(0, top - more), min(shape[0], top + tall + more)),
        slice(max(0, left - more), min(shape[1], left + wide + more)),
    )


def _grown(piece: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(piece.astype(np.uint8), np.ones((side, side), np.uint8)) > 0, bool)


def _opened(pieces: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    opened = cv2.morphologyEx(pieces.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return np.asarray(opened > 0, bool)


def _lab(picture: Pixels) -> Floats:
    lab = cv2.cvtColor((picture / np.float32(255)).astype(np.float32), cv2.COLOR_RGB2LAB)
    return np.asarray(lab, np.float32)


def _closed(mask: Floats, before: Floats) -> Floats:
    """A mask without the slit between a body and what was put to it."""
    if (mask == before).all():
        return mask
    closed = cv2.morphologyEx((mask > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(np.maximum(mask, closed), np.float32)
