"""How opaque every pixel of a person is, hair included, and of what colour.

A mask says roughly who is where. About its edge, and wider where hair is, closed-form matting (Levin, Lischinski & Weiss
2008) finds the opacity that the photo's colours ask for. Two soft priors hold it: the mask, the more the farther from its
edge, and the colours on both sides of the edge. The person's own colours come from blurred fusion (Forte 2021).
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg as conjugate_gradients

from pipeline.imaging import Box, Floats, Pixels
from pipeline.imaging.filters import guided_upsampling, symmetric_solve
from pipeline.imaging.geometry import cropped, pixels_of, resized, scaled, window

WORK = 512  # pixels of the longer side of the figure's window, in which the equations are solved
BAND = 0.07  # half the width of the uncertain band, in widths of the face
BODY = 0.6  # the same width for who has no face: this part of the square root of the figure's area is called a face's
HAIR = 0.25  # how far out hair is looked for, in widths of the face
KNOWN = 100.0  # weight of what is certain
NEAR = 0.005  # weight of the mask at its edge
FAR, LOOSE = 0.15, 0.05  # and more at the end of the uncertain band: of the body, of the hair
COLOUR = 0.5  # weight of what the colours on both sides let expect
REACHES = (1.0, 3.0)  # how far colours are looked for, in half widths of the band
SAMPLES = 0.02  # share of a neighbourhood that must lie on one side for its colours to count
NOISE = 0.012  # of a colour, as a share of white
TELLING = 15.0  # squared standard deviations between the sides at which colours count by half
SCRAP = 0.08  # opacity over which loose pieces are looked for
EPSILON = 1e-5  # variance below which a window of 3×3 pixels counts as flat
FUSED = 1600  # pixels of the longer side of a figure at which its colours are worked out
ROUNDS, CLOSE = 120, 1e-3  # of the conjugate gradients


def matte(
    photo: Pixels, mask: Floats, *, face: Box | None = None, others: Floats | None = None, hair: float = HAIR
) -> Floats:
    """The opacity (H, W) of who is in `mask`, in [0, 1].

    mask    what belongs to them, nearly hard or soft, of any size
    face    box of their face: hair is looked for about and above it
    others  a mask of those who are surely somebody else, of the size of `mask`
    hair    how far from the mask, in widths of the face; less where the mask itself ends with the hair
    """
    height, width = photo.shape[:2]
    out = np.zeros((height, width), np.float32)
    area = float((mask > 0.5).sum())
    if not area:
        return out
    share = mask.shape[0] / height
    wide = (face[2] - face[0]) * width if face is not None else BODY * np.sqrt(area) / share / 2
    band = BAND * min(wide, BODY * np.sqrt(area) / share)
    place = window(mask, 0, 0.5)
    assert place is not None
    margin = int(2 * band + (hair * wide if face is not None else 0)) + 4
    rows, columns = (
        slice(max(0, int(s.start / share) - margin), min(side, int(np.ceil(s.stop / share)) + margin))
        for s, side in zip(place, (height, width), strict=True)
    )
    guide = np.multiply(photo[rows, columns], np.float32(1 / 255), dtype=np.float32)
    tall, broad = guide.shape[:2]
    scale = min(1.0, WORK / max(tall, broad))
    size = max(8, round(tall * scale)), max(8, round(broad * scale))
    small = np.asarray(cv2.resize(guide, size[::-1], interpolation=cv2.INTER_AREA), np.float32)
    rough = cropped(mask, (rows, columns), (height, width), size)
    apart = None if others is None else cropped(others, (rows, columns), (height, width), size)
    near = None
    if face is not None:
        x0, y0, x1, y1 = pixels_of(face, height, width)
        near = (
            (x0 - columns.start) / broad,
            (y0 - rows.start) / tall,
            (x1 - columns.start) / broad,
            (y1 - rows.start) / tall,
        )

    known, trust = trimap(rough, band * scale, near, apart, hair)
    aim, weight = priors(small, rough, trust, band * scale, apart)
    alpha = attached(solve(small, known, aim, weight), known)
    if scale < 1:
        sure = np.asarray(cv2.resize(known, (broad, tall), interpolation=cv2.INTER_LINEAR), np.float32)
        fine = guided_upsampling(small, alpha, guide, 2, 1e-4)
        alpha = np.where(sure > 0.999, 1, np.where(sure < 0.001, 0, fine)).astype(np.float32)
    out[rows, columns] = ((alpha - 0.02) / 0.96).clip(0, 1)
    return out


def trimap(
    mask: Floats, band: float, face: Box | None = None, others: Floats | None = None, reach: float = HAIR
) -> tuple[Floats, Floats]:
    """What is certain (h, w): 1 the person, 0 the rest, ½ unknown, about the mask's edge and where hair is.

    `band` is half the band's width in pixels. The second plane (h, w) is the weight that the mask deserves: it grows from
    its edge to the end of the band.
    """
    height, width = mask.shape
    inside = (mask > 0.5).astype(np.uint8)
    framed = np.pad(inside, 1, mode="edge")  # a figure cut by the border has no edge there
    within = np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 5), np.float32)[1:-1, 1:-1]
    beyond = np.asarray(cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5), np.float32)
    inner, outer = np.full(mask.shape, band, np.float32), np.full(mask.shape, band, np.float32)
    skin, hair = np.zeros(mask.shape, bool), np.zeros(mask.shape, np.float32)
    if face is not None:
        x0, y0, x1, y1 = pixels_of(face, height, width)
        wide, tall = x1 - x0, y1 - y0
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        x, y = x - (x0 + x1) / 2, y - (y0 + y1) / 2
        hair = (5 - 4 * np.hypot(x / (1.25 * wide), (y + 0.1 * wide) / (1.35 * wide))).clip(0, 1)
        inner, outer = inner + hair * reach * 0.3 * wide, outer + hair * reach * wide
        skin = np.hypot(x / (0.42 * wide), y / (0.5 * tall)) < 1
    known = np.full(mask.shape, 0.5, np.float32)
    known[(inside > 0) & ((within > inner) | skin)] = 1
    known[(inside == 0) & (beyond > outer)] = 0
    if others is not None:
        known[(others > 0.5) & (inside == 0)] = 0
    depth = np.where(inside > 0, within / inner, beyond / outer).clip(0, 1)
    return known, np.asarray(NEAR + (FAR + (LOOSE - FAR) * hair) * depth**2, np.float32)


def priors(
    photo: Floats, mask: Floats, trust: Floats, band: float, others: Floats | None = None
) -> tuple[Floats, Floats]:
    """The opacity to expect before the equations are solved, and its weight: two planes (h, w).

    The mask says it, weighted by `trust`; so do the colours of both sides, within several reaches.
    """
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, band / 2)), np.float32)
    core, rest = (soft > 0.9).astype(np.float32), (soft < 0.1).astype(np.float32)
    if others is not None:
        core, rest, soft = core * (1 - others), np.maximum(rest, others), soft * (1 - others)
    aim, weight = trust * soft, trust
    for reach in REACHES:
        colour, sure = discriminant(photo, core, rest, reach * band)
        sure = sure * (COLOUR / len(REACHES))
        aim, weight = aim + sure * colour, weight + sure
    return np.asarray(aim / weight, np.float32), np.asarray(weight, np.float32)


def discriminant(photo: Floats, core: Floats, rest: Floats, radius: float) -> tuple[Floats, Floats]:
    """Where each pixel's colour lies between those of `rest` (0) and `core` (1) about it, and how sure that is.

    photo (h, w, 3) and the two masks (h, w) in [0, 1]. The colours of both within `radius` pixels give two distributions;
    a colour is placed between their means along Fisher's linear discriminant (1936).
    """
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    step = max(1, int(radius / 6))  # statistics of a wide neighbourhood need no fine grid
    height, width = photo.shape[:2]
    size = max(1, width // step), max(1, height // step)

    def mean(plane: Floats) -> Floats:  # OpenCV averages at most four channels at a time
        parts = [
            cv2.resize(plane[..., k : k + 3], size, interpolation=cv2.INTER_AREA) for k in range(0, plane.shape[2], 3)
        ]
        plane = np.dstack(parts)
        blurred = cv2.GaussianBlur(plane, (0, 0), radius / 2 / step, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred, np.float32).reshape(plane.shape)

    products = np.dstack([photo[..., i] * photo[..., j] for i, j in pairs])
    held, means = [], []
    spread = np.zeros((size[1], size[0], 6), np.float32)
    for side in (core, rest):
        amount = mean(side[..., None]) + 1e-6
        centre = mean(photo * side[..., None]) / amount
        around = mean(products * side[..., None]) / amount
        spread = spread + (around - np.dstack([centre[..., i] * centre[..., j] for i, j in pairs])) / 2
        means.append(centre)
        held.append((amount[..., 0] / SAMPLES).clip(0, 1))
    front, behind = means
    apart = front - behind
    spread = spread + np.array([NOISE**2 if i == j else 0 for i, j in pairs], np.float32)
    axis = symmetric_solve(spread, apart)
    distance = (axis * apart).sum(2)  # squared, in standard deviations
    sure = distance / (distance + TELLING) * held[0] * held[1]
    model = np.dstack([axis, (axis * behind).sum(2), distance, sure]).astype(np.float32)
    model = np.dstack([cv2.resize(model[..., k : k + 3], (width, height)) for k in (0, 3)])
    place = ((model[..., :3] * photo).sum(2) - model[..., 3]) / (model[..., 4] + 1e-6)
    return np.asarray(place.clip(0, 1), np.float32), np.asarray(model[..., 5], np.float32)


def laplacian(photo: Floats, where: NDArray[np.bool_]) -> tuple[sparse.csr_matrix, NDArray[np.intp]]:
    """The matting Laplacian (Levin et al. 2008, equation 12) of the windows of 3×3 pixels that touch `where`.

    photo (h, w, 3) in [0, 1]. Returns the matrix (n, n) and the flat places of its n pixels in the photo.
    """
    height, width = where.shape
    middle = np.asarray(cv2.dilate(where.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)
    middle[[0, -1]] = 0
    middle[:, [0, -1]] = 0
    centres = np.flatnonzero(middle)
    around = np.array([y * width + x for y in (-1, 0, 1) for x in (-1, 0, 1)])
    pixels = centres[:, None] + around  # (windows, 9)
    colours = photo.reshape(-1, 3)[pixels]  # (windows, 9, 3)
    colours = colours - colours.mean(1, keepdims=True)
    spread = np.einsum("nki,nkj->nij", colours, colours) / 9 + np.eye(3) * (EPSILON / 9)
    half = colours @ np.linalg.inv(spread).astype(np.float32)
    affinity = (1 + half @ colours.transpose(0, 2, 1)) / 9  # (windows, 9, 9)

    used = np.zeros(height * width, bool)
    used[pixels.ravel()] = True
    places = np.flatnonzero(used)
    number = np.zeros(height * width, np.int32)
    number[places] = np.arange(len(places), dtype=np.int32)
    index = number[pixels]
    rows, columns = np.repeat(index, 9, 1).ravel(), np.tile(index, (1, 9)).ravel()
    between = sparse.coo_matrix((affinity.ravel(), (rows, columns)), (len(places), len(places))).tocsr()
    touched = np.bincount(index.ravel(), minlength=len(places)).astype(np.float32)
    return sparse.csr_matrix(sparse.diags(touched) - between), places


def solve(photo: Floats, known: Floats, aim: Floats, weight: Floats) -> Floats:
    """The opacity (h, w) that the colours ask for where `known` is ½, drawn to `aim` by `weight`, held elsewhere."""
    unknown = (known > 0) & (known < 1)
    if not unknown.any():
        return known.copy()
    matrix, places = laplacian(photo, unknown)
    free = unknown.ravel()[places]
    start = np.where(free, aim.ravel()[places], known.ravel()[places])
    hold = np.where(free, weight.ravel()[places], KNOWN).astype(np.float32)
    matrix = sparse.csr_matrix(matrix + sparse.diags(hold))
    scale = sparse.diags(1 / matrix.diagonal())
    alpha, _ = conjugate_gradients(matrix, hold * start, x0=start, rtol=CLOSE, maxiter=ROUNDS, M=scale)
    out = known.copy().ravel()
    out[places] = np.where(free, alpha, start)
    return np.asarray(out.reshape(known.shape).clip(0, 1), np.float32)


def attached(alpha: Floats, known: Floats) -> Floats:
    """`alpha` without what hangs together with nothing that is certain."""
    _, pieces = cv2.connectedComponents((alpha > SCRAP).astype(np.uint8))
    held = np.zeros(int(pieces.max()) + 1, bool)
    held[np.unique(pieces[known == 1])] = True
    held[0] = True
    return np.asarray(np.where(held[pieces], alpha, 0), np.float32)


def foreground(photo: Pixels, alpha: Floats) -> Pixels:
    """The colours (H, W, 3) of who is opaque by `alpha`, without what shines through: blurred fusion (Forte 2021), twice.

    Where alpha is 1 they are the photo's own bits. Just outside they go on, so that the figure can be resampled.
    """
    out = photo.copy()
    place = window(alpha, 8, 0.0)
    if place is None:
        return out
    part, share = photo[place], alpha[place]
    small = scaled(part, FUSED)
    own, weight = small.astype(np.float32), resized(share, *small.shape[:2])[..., None]
    side = max(small.shape[:2])
    front, behind = own, own
    for radius in (side // 18, side // 200):
        front, behind = _fused(own, front, behind, weight, 2 * max(1, radius) + 1)
    open_ = share < 1
    if small.shape == part.shape:
        found = front[open_]
    else:  # what shines through is smooth: it is taken out at the small size
        found = cv2.resize(front - own, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)[open_] + part[open_]
    out[place][open_] = np.rint(found).clip(0, 255).astype(np.uint8)
    return out


def _fused(part: Floats, front: Floats, behind: Floats, share: Floats, side: int) -> tuple[Floats, Floats]:
    def mean(plane: Floats) -> Floats:
        return np.asarray(cv2.blur(plane, (side, side)), np.float32)

    level = mean(share)[..., None]
    front = mean(front * share) / (level + 1e-5)
    behind = mean(behind * (1 - share)) / (1 - level + 1e-5)
    front = (front + share * (part - share * front - (1 - share) * behind)).clip(0, 255)
    return front, behind
