"""How somebody stands, how much of them is seen, and who is before whom."""

from collections.abc import Sequence

import numpy as np

from pipeline.vision.bodies import ANKLES, HIPS, KNEES, SHOULDERS, Body
from pipeline.vision.masks import silhouette
from pipeline.vision.networks import Floats

SEATED = 0.6  # of the thigh's length: how far the knees of somebody seated are below the hips at most
INSIDE = 0.97  # share of the picture's height below which a point counts as cut off


def posture(body: Body, mask: Floats) -> str:
    """ "standing", "seated" or "bust": cut off above the knees, by the picture's edge or by something before it.

    mask (h, w) of the body, in whose pixels its points are.
    """
    height = mask.shape[0]
    hips, knees, ankles = (body.points[which, :2].mean(0) for which in (HIPS, KNEES, ANKLES))
    shoulders = body.points[SHOULDERS, :2].mean(0)
    rows = np.flatnonzero((mask > 0.5).any(1))
    lowest = float(rows[-1]) if len(rows) else 0.0
    seen = body.points[KNEES, 2].max()
    if min(body.points[KNEES, 1]) > INSIDE * height or seen < 0.5 or lowest < knees[1] - 0.3 * body.unit:
        return "bust"
    torso = float(np.hypot(*(hips - shoulders)))
    if knees[1] - hips[1] < SEATED * torso or (ankles[1] - hips[1]) < 0.9 * torso:
        return "seated"
    return "standing"


def visible(bodies: Sequence[Body], masks: Sequence[Floats]) -> tuple[list[float], list[int | None], list[int]]:
    """Of every body the share that nobody hides, who hides most of it, and its rank from front (0) to back.

    The limbs that the net sees or guesses are what would be seen of a body that stood alone; what of them lies in
    somebody else's mask is hidden by them.
    """
    count = len(bodies)
    hidden = np.zeros((count, count))  # [i, j]: share of i that lies in the mask of j
    for i, body in enumerate(bodies):
        shape = silhouette(body, *masks[i].shape)
        total = max(1, int(shape.sum()))
        for j in range(count):
            if j != i:
                hidden[i, j] = float((shape & (masks[j] > 0.5) & (masks[i] < 0.5)).sum()) / total
    shares = [float(max(0.0, 1 - hidden[i].sum())) for i in range(count)]
    by = [int(hidden[i].argmax()) if count > 1 and hidden[i].max() > 0.03 else None for i in range(count)]
    # before: who covers more of the other than is covered by them; by and large the lower face is nearer
    before = hidden.T - hidden
    lower = np.array([body.face.box[3] if body.face is not None else body.points[0, 1] for body in bodies])
    units = np.array([body.unit for body in bodies])
    wins = before.sum(1) + 0.05 * (lower - lower.mean()) / max(1.0, float(units.mean())) if count else np.zeros(0)
    ranks = np.empty(count, int)
    ranks[np.argsort(-wins, kind="stable")] = np.arange(count)
    return shares, by, [int(rank) for rank in ranks]
