"""Whose pixel is it: random walks with priors (Grady 2005), from every pixel to somebody's face and chest.

The landmark net's masks of people who overlap are soft, and where one stands before another the net draws the hidden one's
body through the front one's. A walk that hardly crosses edges of colour stays in one body: what hangs together with a face
and the chest below it is that person's.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from pipeline.vision.detection import Pixels
from pipeline.vision.networks import Floats

SIDE = 200  # pixels of the longer side on which people walk
EDGE, NOISE = (
    8.0,
    20.0,
)  # squared colour difference (CIE Lab) that stops a walk: times the picture's median, and at least
PRIOR = 0.02  # how often a walk ends by the net's word
FACE, CHEST = 5.0, 0.3  # … on a face, on the chest below it


def owners(picture: Pixels, given: Floats, faces: Sequence[Floats], chests: Sequence[Floats]) -> Floats:
    """The probability (n, h, w) that a walk from each pixel of the picture (h, w, 3) ends with each of n bodies, whose
    masks `given` (n, h, w) say where the net sees them, and of whom face and chest (h, w) are certain. It may end with the
    background, too."""
    height, width = picture.shape[:2]
    scale = SIDE / max(height, width)
    size = max(2, round(width * scale)), max(2, round(height * scale))

    def small(plane: Floats) -> Floats:
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32).clip(0, 1)

    seen = np.stack([small(plane) for plane in given])
    ends = PRIOR * np.concatenate([seen, 1 - seen.max(0, keepdims=True)]) ** 1.5
    for index, (face, chest) in enumerate(zip(faces, chests, strict=True)):
        ends[index] += FACE * small(face) + CHEST * small(chest)
    calm = cv2.resize(cv2.bilateralFilter(picture, 5, 25, 3), size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(calm.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    matrix = _steps(np.asarray(lab, np.float32)) + sparse.diags(ends.sum(0).ravel() + 1e-6)
    solver = splu(
        sparse.csc_matrix(matrix),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    found = solver.solve(ends.reshape(len(ends), -1).T.astype(np.float64)).T.reshape(ends.shape)
    return np.stack([cv2.resize(np.asarray(plane, np.float32), (width, height)) for plane in found[:-1]])


def _steps(lab: Floats) -> sparse.csr_matrix:
    """The Laplacian of the grid of a picture's pixels (h, w, 3), neighbours bound by how alike their colours are."""
    height, width = lab.shape[:2]
    number = np.arange(height * width).reshape(height, width)
    ends, apart, lengths = [], [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one = (slice(0, height - dy), slice(max(0, -dx), width - max(0, dx)))
        other = (slice(dy, height), slice(max(0, dx), width + min(0, dx)))
        difference = ((lab[one] - lab[other]) ** 2).sum(2).ravel()
        apart.append(difference)
        lengths.append(np.full(len(difference), np.hypot(dx, dy)))
        ends.append((number[one].ravel(), number[other].ravel()))
    rows, columns = (np.concatenate([pair[side] for pair in ends]) for side in (0, 1))
    straight = np.concatenate(apart[:2])
    limit = EDGE * float(np.median(straight)) + NOISE
    bound = np.exp(-np.concatenate(apart) / limit) / np.concatenate(lengths) + 1e-3
    both = np.concatenate([bound, bound]), (np.concatenate([rows, columns]), np.concatenate([columns, rows]))
    weights = sparse.coo_matrix(both, (height * width, height * width)).tocsr()
    return sparse.csr_matrix(sparse.diags(np.asarray(weights.sum(1)).ravel()) - weights)
