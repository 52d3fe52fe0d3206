"""What somebody has pointed at in a photo and not yet spoken of: steps of a hand, in their order, and what they amount to.

A step is {"tool": "tap", "points": [[x, y]]}, {"tool": "lasso", "points": […]}, or a line of the brush or the eraser with its
{"radius": r}; shares as in storage.regions. They wait in the database like the photos of the tray, so that a refresh and a
second tab show them too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from storage import Storage, chats, photos, regions
from storage.regions import Mask, Point, Region, RegionError, Stroke

MOST_STEPS = 60  # of a hand, for one sentence
GRID = 480  # pixels of the longer side at which lines meet, and outlines are drawn
PLAIN = 0.0015  # how far a drawn outline may leave the edge, in shares of the longer side
LEAST = 12  # pixels of the grid: less is a slip of the finger
TOOLS = ("tap", "lasso", "brush", "erase")
Outline = tuple[tuple[Point, ...], ...]
Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that is pointed at: a tap, or a region; ``steps`` are the numbers of the steps that made it."""

    steps: tuple[int, ...]
    tap: Point | None = None
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Pointed:
    """The photo that was pointed into ("" for none), what the hand did, and the grid of the photo (h, w)."""

    photo: str = ""
    steps: tuple[Step, ...] = field(default=())
    shape: tuple[int, int] = (GRID, GRID)

    @property
    def points(self) -> tuple[Point, ...]:
        """Taps."""
        return tuple(mark.tap for mark in self.marks if mark.tap is not None)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Parts that were drawn."""
        return tuple(mark.region for mark in self.marks if mark.region is not None)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What the steps amount to, in the order of their beginnings."""
        return marks(self.steps, self.shape)


def of_message(store: Storage, photo: str, data: Mapping[str, Any]) -> Pointed:
    """What was pointed at in a message of the log."""
    taps: list[Step] = [{"tool": "tap", "points": [point]} for point in data.get("points", ())]
    drawn: list[Step] = []
    for region in regions.from_json(data.get("regions", [])):
        if region.outline:
            drawn.append({"tool": "lasso", "points": region.outline})
        for stroke in region.strokes:
            tool = "erase" if stroke.erases else "brush"
            drawn.append({"tool": tool, "points": stroke.points, "radius": stroke.radius})
    return Pointed(photo, tuple(taps + drawn), grid(store, photo))


def read(step: Any) -> Step:
    """A step as the browser tells it, or as it was kept. Raises RegionError."""
    tool = step.get("tool") if isinstance(step, Mapping) else None
    if tool not in TOOLS:
        raise RegionError(regions.READ_AGAIN, f"tool {tool!r}")
    assert isinstance(step, Mapping)
    if tool in ("tap", "lasso"):
        line = regions.line(step.get("points"), 3 if tool == "lasso" else 1)
        return {"tool": tool, "points": [list(point) for point in (line if tool == "lasso" else line[:1])]}
    stroke = Stroke.from_json({"points": step.get("points"), "radius": step.get("radius")})
    return {"tool": tool, "points": [list(point) for point in stroke.points], "radius": round(stroke.radius, 4)}


def pointed(store: Storage, user: str) -> Pointed:
    """What somebody has pointed at and not yet spoken of."""
    stored = chats.preference(store, user, "points") or {}
    taps = [{"tool": "tap", "points": [point]} for point in stored.get("points", ())]  # as it was kept before
    h, w = stored.get("shape", (GRID, GRID))
    return Pointed(stored.get("photo", ""), tuple(stored.get("steps", taps)), (h, w))


def keep(store: Storage, user: str, pointed_at: Pointed) -> None:
    """Remember it; no steps are nothing."""
    kept = {"photo": pointed_at.photo, "steps": list(pointed_at.steps), "shape": list(pointed_at.shape)}
    chats.prefer(store, user, "points", kept if pointed_at.steps else None)


def grid(store: Storage, photo: str) -> tuple[int, int]:
    """The grid of a photo (h, w), on which lines meet."""
    width, height = photos.size(store, photo)
    share = GRID / max(width, height)
    return max(8, round(height * share)), max(8, round(width * share))


def with_step(before: Pointed, told: Any) -> Pointed:
    """One more step. Raises RegionError where it cannot be read or is too much; what changes nothing is left out."""
    step = read(told)
    if len(before.steps) >= MOST_STEPS:
        raise RegionError(regions.TOO_MUCH, f"{len(before.steps)} steps")
    after = replace(before, steps=(*before.steps, step))
    if len(after.marks) > regions.MOST_REGIONS:
        raise RegionError(regions.TOO_MUCH, f"{len(after.marks)} marks")
    return before if before.marks == after.marks else after


def without(before: Pointed, *gone: Mark) -> Pointed:
    """The same without the steps that made some marks."""
    numbers = {number for mark in gone for number in mark.steps}
    return replace(before, steps=tuple(step for number, step in enumerate(before.steps) if number not in numbers))


def marks(steps: Sequence[Step], shape: tuple[int, int]) -> tuple[Mark, ...]:
    """What steps amount to: a stroke that meets what was painted goes on with it, an eraser takes from what it meets, and what
    was wholly erased is no mark."""
    found: list[Mark] = []
    for number, step in enumerate(steps):
        line = tuple((float(x), float(y)) for x, y in step["points"])
        if step["tool"] == "tap":
            found.append(Mark((number,), tap=line[0]))
        elif step["tool"] == "lasso":
            found += _large([Mark((number,), region=Region(line))], shape)
        else:
            found = _painted(found, number, Stroke(line, float(step["radius"]), step["tool"] == "erase"), shape)
    return tuple(found)


def _painted(found: list[Mark], number: int, stroke: Stroke, shape: tuple[int, int]) -> list[Mark]:
    """The marks after a stroke of the brush or of the eraser."""
    alone = Region((), (replace(stroke, erases=False),))
    under = _mask(alone, shape)
    if not stroke.erases:
        for place, mark in enumerate(found):
            if mark.region is not None and not mark.region.outline and (_mask(mark.region, shape) & under).any():
                more = Region((), (*mark.region.strokes, stroke))
                return [*found[:place], Mark((*mark.steps, number), region=more), *found[place + 1 :]]
        return [*found, *_large([Mark((number,), region=alone)], shape)]
    kept = []
    for mark in found:
        if mark.region is None or not (_mask(mark.region, shape) & under).any():
            kept.append(mark)
            continue
        less = Region(mark.region.outline, (*mark.region.strokes, stroke))
        kept += _large([replace(mark, region=less)], shape)
    return kept


def _large(found: list[Mark], shape: tuple[int, int]) -> list[Mark]:
    """Those of some regions of which something is left."""
    return [mark for mark in found if mark.region is not None and int(_mask(mark.region, shape).sum()) >= LEAST]


def _mask(region: Region, shape: tuple[int, int]) -> Mask:
    return regions.mask([region], shape)


def outline(region: Region, shape: tuple[int, int]) -> Outline:
    """The edge of a region as polygons, holes as well."""
    drawn = _mask(region, shape).astype(np.uint8)
    contours, _ = cv2.findContours(drawn, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    plain = (cv2.approxPolyDP(one, PLAIN * max(shape), True).reshape(-1, 2) for one in contours)
    h, w = shape
    return tuple(
        tuple((round((float(x) + 0.5) / w, 4), round((float(y) + 0.5) / h, 4)) for x, y in one)
        for one in plain
        if len(one) > 2
    )


def middle(region: Region, shape: tuple[int, int]) -> Point:
    """A place well inside of a region, for its number."""
    h, w = shape
    depth = cv2.distanceTransform(np.pad(_mask(region, shape).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = divmod(int(depth.argmax()), w)
    return round((column + 0.5) / w, 4), round((row + 0.5) / h, 4)


def within(region: Region, outlines: Sequence[Outline], shape: tuple[int, int]) -> tuple[int, ...]:
    """Which of some people (outlines) a region means, as the engine will see it; () where it means itself."""
    if not region.plain:
        return ()
    masks = [np.logical_or.reduce([regions.polygon(one, shape) for one in outline]) for outline in outlines if outline]
    return regions.within(_mask(region, shape), masks) if len(masks) == len(outlines) and masks else ()
