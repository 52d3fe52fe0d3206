"""How somebody stands, how much of them is seen, and who is before whom."""

from collections.abc import Sequence

import numpy as np

from pipeline.vision.bodies import HIPS, KNEES, SHOULDERS, Body
from pipeline.vision.masks import silhouette
from pipeline.vision.networks import Floats

UPRIGHT = 106.0  # degrees between torso and thighs from which somebody stands
SEEN = 0.55  # visibility of a knee that is seen
INSIDE = 0.97  # share of the picture's height below which a point counts as cut off
SQUEEZED = 0.6  # lengths of the torso from hips to knees under which somebody upright shows no knees: the net guesses
# those that it does not see too high


def posture(body: Body, mask: Floats) -> str:
    """ "standing", "seated" or "bust": cut off above the knees, by the picture's edge or by something before it.

    mask (h, w) of the body, in whose pixels its points are.
    """
    height = mask.shape[0]
    hips, knees, shoulders = (body.points[which, :2].mean(0) for which in (HIPS, KNEES, SHOULDERS))
    rows = np.flatnonzero((mask > 0.5).any(1))
    lowest = float(rows[-1]) if len(rows) else 0.0
    if body.points[KNEES, 1].min() > INSIDE * height or body.points[KNEES, 2].max() < SEEN:
        return "bust"
    if lowest < body.points[KNEES, 1].min() - 0.3 * body.unit:
        return "bust"
    if body.bend < UPRIGHT:
        return "seated"
    torso = float(np.hypot(*(hips - shoulders)))
    return "standing" if knees[1] - hips[1] > SQUEEZED * torso else "bust"


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
