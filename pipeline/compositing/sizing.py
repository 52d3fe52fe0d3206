"""How large a newcomer is, and how high their eyes are: as the neighbours are, or as a photo of the very same scene says."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.compositing.figure import Figure
from pipeline.compositing.stage import Stage, Wish

CELLS = 40  # of a backdrop's 576 that must be seen in both photos to tell them apart
SCENERY = 7.0  # spread of L from which a backdrop can be told from others
ROWS, ALIKE = (
    0.5,
    0.7,
)  # spread of the eyes' rows, in heads, and correlation with the sizes, from which depth is told by the row
BEHIND, BEFORE = -1.15, 1.5  # heads: eyes of who stands in a row behind or before


@dataclass(frozen=True, slots=True)
class Model:
    """What one neighbour (or several) suggests for a newcomer: size of the head, row of the eyes, row of the ground, in
    photo pixels, and what following this neighbour costs."""

    size: float
    row: float
    ground: float | None
    cost: float = 0.0


def models(scene: Stage, figure: Figure, x: float, wish: Wish) -> list[Model]:
    """Whom a newcomer in column x may take after: the nearest on either side, or both.

    Who stands level with somebody is as large as they are; the median of all steadies what one person's head says. Whom
    the order names as a neighbour counts alone. A figure from a photo of the very same scene knows its size and row itself.
    """
    if figure.head is not None and (shown := native(scene, figure)) is not None:
        scale = shown[0]
        return [Model(figure.head.size * scale, shown[2] + figure.head.y * scale, None)]
    away = [abs(head.x - x) for head in scene.heads]
    sizes = [head.size for head in scene.heads]
    usual, largest = float(np.median(sizes)), max(sizes)
    like = wish.beside or range(len(scene.heads))  # who is to stand beside somebody stands as far away as they do
    left = [i for i in like if scene.heads[i].x <= x]
    right = [i for i in like if scene.heads[i].x > x]
    near = [min(side, key=lambda i: away[i]) for side in (left, right) if side]
    found = []
    for index in near:
        size = math.exp(0.7 * math.log(sizes[index]) + 0.3 * math.log(usual))
        rarer = 1.2 * (1 - sizes[index] / largest) + 0.12 * max(0.0, away[index] / usual - 3)
        found.append(Model(size, scene.heads[index].y, scene.ground[index], 0.0 if wish.beside else rarer))
    if len(near) == 2:
        one, other = found
        share = away[near[1]] / max(1.0, away[near[0]] + away[near[1]])
        between = math.exp(share * math.log(one.size) + (1 - share) * math.log(other.size))
        both = one.ground is not None and other.ground is not None
        ground = share * (one.ground or 0) + (1 - share) * (other.ground or 0) if both else None
        found.append(Model(between, share * one.row + (1 - share) * other.row, ground, 0.5 * (one.cost + other.cost)))
    if wish.position == "behind":
        top = min(model.row for model in found)
        return [Model(0.95 * model.size, top + BEHIND * model.size, None, model.cost) for model in found[-1:]]
    if wish.position == "front":
        return [Model(1.08 * model.size, model.row + BEFORE * model.size, None, model.cost) for model in found[-1:]]
    return found


def nearer(scene: Stage) -> tuple[float, float]:
    """How heads grow towards the photo's lower edge, and how far the rows lie apart: the change of log size for each pixel
    of the eyes' row, and the spread of the rows in heads; (0, 0) where the group stands in one row or at random.

    A camera that looks down on people sees the nearer ones lower and larger.
    """
    rows, sizes = np.array([head.y for head in scene.heads]), np.log([head.size for head in scene.heads])
    if len(rows) < 3 or sizes.std() < 0.02:
        return 0.0, 0.0
    spread = float(rows.std() / np.exp(np.median(sizes)))
    if spread < ROWS or float(np.corrcoef(rows, sizes)[0, 1]) < ALIKE:
        return 0.0, 0.0
    return float(np.polyfit(rows, sizes, 1)[0]), spread


def native(scene: Stage, figure: Figure) -> tuple[float, float, float] | None:
    """Scale and corner (x, y) of a figure whose photo shows this very scene (taken by somebody who then changed places
    with one of the group, say); None when it does not."""
    if figure.origin is None or figure.backdrop is None or scene.backdrop is None:
        return None
    x, y, width, height = figure.origin
    if abs(math.log(width / height) - math.log(scene.size[1] / scene.size[0])) > 0.02:
        return None
    here = (figure.backdrop[..., 3] > 0.5) & (scene.backdrop[..., 3] > 0.5)
    if here.sum() < CELLS:
        return None
    one, other = figure.backdrop[..., :3][here], scene.backdrop[..., :3][here]
    if min(one[:, 0].std(), other[:, 0].std()) < SCENERY:
        return None
    alike = float(np.corrcoef(one[:, 0], other[:, 0])[0, 1])
    apart = float(np.abs((one - one.mean(0)) - (other - other.mean(0))).mean())
    if alike < 0.9 or apart > 5.0:
        return None
    scale = scene.size[1] / width
    return scale, x * scale, y * scale
