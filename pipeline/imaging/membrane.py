"""A membrane over a hole: colours that change as little as they can between those at its rim (Laplace's equation)."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import spsolve

from pipeline.imaging import Floats, Pixels

SLACK = 1e-6  # pull towards the mean colour: a hole without any rim of background has an answer, too


def membrane(photo: Pixels, hole: NDArray[np.bool_]) -> Floats:
    """The photo (h, w, 3) with a membrane in `hole`, which ends freely at the picture's edge."""
    height, width = hole.shape
    number = np.full((height, width), -1)
    rows, columns = np.nonzero(hole)
    count = len(rows)
    number[rows, columns] = np.arange(count)
    known = photo[~hole].astype(np.float64)
    mean = known.mean(0) if len(known) else np.full(3, 128.0)
    ties, pull = np.full(count, SLACK), np.tile(SLACK * mean, (count, 1))
    ends: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        y, x = rows + down, columns + right
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        one = np.flatnonzero(inside)
        other = number[y[one], x[one]]
        ties[one] += 1
        ends.append((one[other >= 0], other[other >= 0]))
        rim = one[other < 0]
        pull[rim] += photo[y[rim], x[rim]]
    first, second = (np.concatenate(side) for side in zip(*ends, strict=True))
    matrix = diags(ties) - coo_matrix((np.ones(len(first)), (first, second)), (count, count))
    out = photo.astype(np.float32)
    if count:
        out[rows, columns] = spsolve(matrix.tocsc(), pull).reshape(count, 3)
    return out
