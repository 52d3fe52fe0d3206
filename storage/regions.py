"""Parts of a photo that were drawn by hand: a lasso's outline, a brush's strokes, an eraser's strokes over them.

Places are shares of the upright photo's width and height, radii shares of its longer side, so a region holds at every size
of the photo. As JSON a region is {"outline": [[x, y], …], "strokes": [{"points": [[x, y], …], "radius": r, "erases": bool}, …]}.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from storage.errors import HeyingError

Point = tuple[float, float]
Mask = NDArray[np.bool_]

MOST_REGIONS, MOST_STROKES, MOST_POINTS = 8, 60, 400  # of a photo, of a region, of a line
THINNEST, THICKEST = 0.002, 0.25  # radii
DIGITS = 4  # of a share: a photo of 4000 pixels is met within half a pixel
WITHIN = 0.8  # of a person that must lie in a lasso for the lasso to mean them
SAME = 0.5  # intersection over union from which a lasso and the outlines in it are the same
BETTER = 0.03  # by which one more person must raise that

READ_AGAIN = "圈的范围没有传完整，请在照片上重新圈一次。"
TOO_MUCH = "圈和涂的地方太多了，请撤掉几处，或者分两次改。"


class RegionError(HeyingError):
    """What was drawn cannot be read, or is too much."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line that a brush was drawn along, or an eraser."""

    points: tuple[Point, ...]
    radius: float
    erases: bool = False

    @classmethod
    def from_json(cls, data: Any) -> "Stroke":
        """Raises RegionError."""
        if not isinstance(data, Mapping) or not isinstance(data.get("erases", False), bool):
            raise RegionError(READ_AGAIN, "a stroke that is none")
        radius = _share(data.get("radius"))
        return cls(line(data.get("points")), min(THICKEST, max(THINNEST, radius)), bool(data.get("erases", False)))


@dataclass(frozen=True, slots=True)
class Region:
    """One part of a photo: inside of ``outline`` (of a lasso, closed by itself), and under ``strokes``, in their order."""

    outline: tuple[Point, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    @property
    def plain(self) -> bool:
        """A lasso alone, which may mean whoever is in it; what was painted or erased means itself."""
        return bool(self.outline) and not self.strokes

    @classmethod
    def from_json(cls, data: Any) -> "Region":
        """Raises RegionError."""
        if not isinstance(data, Mapping) or not set(data) <= {"outline", "strokes"}:
            raise RegionError(READ_AGAIN, "a region that is none")
        strokes = data.get("strokes", ())
        if not isinstance(strokes, list | tuple):
            raise RegionError(READ_AGAIN, "strokes that are none")
        if len(strokes) > MOST_STROKES:
            raise RegionError(TOO_MUCH, f"{len(strokes)} strokes")
        outline = line(data["outline"], least=3) if data.get("outline") else ()
        region = cls(outline, tuple(Stroke.from_json(stroke) for stroke in strokes))
        if not outline and not any(not stroke.erases for stroke in region.strokes):
            raise RegionError(READ_AGAIN, "an empty region")
        return region

    def to_json(self) -> dict[str, Any]:
        """The region as a dict of JSON values."""
        strokes = [
            {"points": [list(point) for point in one.points], "radius": one.radius, "erases": one.erases}
            for one in self.strokes
        ]
        return {"outline": [list(point) for point in self.outline], "strokes": strokes}


def from_json(data: Any) -> tuple[Region, ...]:
    """The regions of one photo. Raises RegionError."""
    if not isinstance(data, list | tuple):
        raise RegionError(READ_AGAIN, "regions that are none")
    if len(data) > MOST_REGIONS:
        raise RegionError(TOO_MUCH, f"{len(data)} regions")
    return tuple(Region.from_json(one) for one in data)


def line(data: Any, least: int = 1) -> tuple[Point, ...]:
    """Points in their order, within the photo. Raises RegionError."""
    if not isinstance(data, list | tuple) or len(data) < least:
        raise RegionError(READ_AGAIN, "a line that is none")
    if len(data) > MOST_POINTS:
        raise RegionError(TOO_MUCH, f"a line of {len(data)} points")
    return tuple(place(point) for point in data)


def place(data: Any) -> Point:
    """A point, within the photo. Raises RegionError."""
    if not isinstance(data, list | tuple) or len(data) != 2:
        raise RegionError(READ_AGAIN, "a point that is none")
    x, y = (round(min(1.0, max(0.0, _share(value))), DIGITS) for value in data)
    return x, y


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RegionError(READ_AGAIN, f"{value!r} is no share")
    return float(value)


# --- as masks ---------------------------------------------------------------------------------------------------------
def mask(regions: Sequence[Region], shape: tuple[int, int]) -> Mask:
    """Where regions are in a picture of ``shape`` (H, W)."""
    whole = np.zeros(shape, bool)
    for region in regions:
        whole |= _drawn(region, shape)
    return whole


def polygon(outline: Sequence[Point], shape: tuple[int, int]) -> Mask:
    """The inside of a polygon."""
    return _drawn(Region(tuple(outline)), shape) if len(outline) > 2 else np.zeros(shape, bool)


def _drawn(region: Region, shape: tuple[int, int]) -> Mask:
    height, width = shape
    picture = Image.new("L", (width, height))
    pen = ImageDraw.Draw(picture)
    if region.outline:
        pen.polygon([(x * width - 0.5, y * height - 0.5) for x, y in region.outline], fill=1)
    for stroke in region.strokes:
        points = [(x * width - 0.5, y * height - 0.5) for x, y in stroke.points]
        radius, ink = max(0.5, stroke.radius * max(shape)), int(not stroke.erases)
        if len(points) > 1:
            pen.line(points, fill=ink, width=max(1, round(2 * radius)))
        for x, y in points:  # round ends and corners
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return np.asarray(picture, bool)


def within(drawn: Mask, persons: Sequence[Mask]) -> tuple[int, ...]:
    """Which of some persons a lasso clearly means: those who lie in it and together fill it; () when it means itself."""
    inside = [n for n, one in enumerate(persons) if one.any() and (one & drawn).sum() >= WITHIN * one.sum()]
    inside.sort(key=lambda n: -int(persons[n].sum()))
    meant: list[int] = []
    together, best = np.zeros_like(drawn), 0.0
    for number in inside:
        more = together | persons[number]
        same = float((more & drawn).sum() / max(1, (more | drawn).sum()))
        if same > best + BETTER:
            meant, together, best = [*meant, number], more, same
    return tuple(sorted(meant)) if best >= SAME else ()
