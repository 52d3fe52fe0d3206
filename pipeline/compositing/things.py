"""Things that nobody can name: found by where the user tapped, or by standing out."""

from collections.abc import Sequence

import numpy as np

from pipeline.compositing.view import View
from pipeline.engine import Floats, OrderError
from pipeline.vision import things
from pipeline.vision.scene import Box, Instance


def at(view: View, points: Sequence[tuple[float, float]]) -> Floats:
    """A mask (h, w) at the working size of whom or what is under taps (shares of the photo); two taps are opposite
    corners of a box about one."""
    places: list[tuple[float, float] | tuple[float, float, float, float]] = list(points)
    if len(points) == 2:
        (xa, ya), (xb, yb) = points
        places = [(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))]
    found = [_at(view, place) for place in places]
    masks = [one.mask for one in found if one is not None]
    if not masks:
        raise OrderError(
            "点的地方没有认出轮廓清楚的东西，请点在它的正中间，或者点它的左上角和右下角。", f"nothing at {places}"
        )
    return np.asarray(np.maximum.reduce(masks), np.float32)


def _at(view: View, place: tuple[float, float] | Box) -> Instance | None:
    """Somebody whom nobody saw before, else the thing with an outline."""
    if len(place) == 2 and (somebody := view.vision.pointed(view.photo, view.scene, place)) is not None:
        return somebody
    return things.at(view.vision, view.photo, place)


def salient(view: View) -> Floats | None:
    """A mask (h, w) of what stands out in a photo without people; None when nothing does."""
    found = things.salient(view.vision, view.photo, view.scene)
    return found.mask if found is not None else None
