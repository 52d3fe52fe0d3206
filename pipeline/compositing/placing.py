"""Where somebody new stands in a photo: every place, size and reference is weighed on a small picture.

A place is good when the face is free, where the reference's frame cut the body is hidden (by the photo's own frame or
by those who stand before), the head is as large and as high as the neighbours', and the body touches theirs without
disappearing behind it. The weights below are in one currency: 1 is what a viewer just notices.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from pipeline.compositing.anatomy import Head, resized
from pipeline.compositing.figure import Figure
from pipeline.engine import Floats

GRID = 224  # pixels of the photo's longer side on the small picture
GROW = 0.15  # share of the photo's side by which the canvas may grow
TRIM = 0.16  # share of the photo's height that may be cut off below
BODY = 2.5  # heads below a cut in which the body that was cut off would be seen
FACE = 0.9  # share of the new face that must be visible
STEPS_X = 0.28  # heads between two places that are tried
SIZES = (1.0, 0.94, 1.07, 1.15, 1.28)  # times the neighbours' head
LOWER = (0.0, 0.3, -0.3, 0.6, 0.95, 1.4, -0.7, -1.1)  # heads below the neighbours' eyes
CELLS = 40  # of a backdrop's 576 that must be seen in both photos to tell them apart
SCENERY = 7.0  # spread of L from which a backdrop can be told from others
BEHIND, BEFORE = -1.15, 1.5  # heads: eyes of who stands in a row behind or before


@dataclass(frozen=True, slots=True)
class Stage:
    """A photo as placement sees it. Sizes in pixels of the photo.

    size    (H, W)
    heads   of the people that it is of, from left to right
    masks   theirs (h, w), at GRID
    ground  the row their feet stand on, each; None where none is in the picture
    seated  whether most of them sit
    backdrop  the scene without anybody, very small (see figure.backdrop)
    """

    size: tuple[int, int]
    heads: tuple[Head, ...]
    masks: tuple[Floats, ...]
    ground: tuple[float | None, ...]
    seated: bool = False
    backdrop: Floats | None = None

    @property
    def share(self) -> float:
        """Grid pixels per photo pixel."""
        return GRID / max(self.size)


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the newcomer shall be: `position` of the schema or None; `beside`: indices of the stage's people."""

    position: str | None = None
    beside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a figure. Photo pixels, before the canvas grows.

    scale   photo pixels per pixel of the cut-out
    x, y    where the cut-out's upper left corner comes
    before  indices of the stage's people who stand before the newcomer
    grow    pixels by which the canvas grows (left, top, right)
    trim    rows cut off the photo below
    cost    what a viewer notices, summed; `terms` by name
    """

    figure: Figure
    scale: float
    x: float
    y: float
    before: tuple[int, ...]
    grow: tuple[int, int, int] = (0, 0, 0)
    trim: int = 0
    cost: float = 0.0
    terms: dict[str, float] = field(default_factory=dict)

    @property
    def eyes(self) -> tuple[float, float]:
        """Where the eyes (or a thing's middle) come, in photo pixels."""
        if self.figure.head is None:
            height, width = self.figure.alpha.shape
            return self.x + width * self.scale / 2, self.y + height * self.scale / 2
        return self.x + self.figure.head.x * self.scale, self.y + self.figure.head.y * self.scale


def stage(
    size: tuple[int, int],
    heads: Sequence[Head],
    masks: Sequence[Floats],
    ground: Sequence[float | None],
    seated: bool,
    backdrop: Floats | None = None,
) -> Stage:
    """A Stage with its masks brought to the grid."""
    share = GRID / max(size)
    shape = max(2, round(size[0] * share)), max(2, round(size[1] * share))
    return Stage(size, tuple(heads), tuple(resized(mask, shape) for mask in masks), tuple(ground), seated, backdrop)


def places(scene: Stage, figures: Sequence[Figure], wish: Wish) -> list[Place]:
    """All places that nothing forbids, the best first, each clearly another one than those before it."""
    found = [place for figure in figures for place in _tried(scene, figure, wish)]
    found.sort(key=lambda place: place.cost)
    distinct: list[Place] = []
    for place in found:
        if all(_another(place, other, scene) for other in distinct):
            distinct.append(place)
        if len(distinct) == 12:
            break
    return distinct


def instead(scene: Stage, figures: Sequence[Figure], old: Head) -> list[Place]:
    """Places for figures where somebody was: behind everybody who is left, with the head about where theirs was."""
    found = []
    for figure in figures:
        if figure.head is None:
            continue
        board = _Board(scene, figure, old.size)
        for factor in SIZES:
            scale = old.size * factor / figure.head.size
            for aside in (0.0, -0.35, 0.35):
                for lower in (0.0, 0.3, -0.2, 0.6):
                    eyes = old.y + lower * old.size
                    place = board.weighed(old.x + aside * old.size, eyes, scale, old.size, front=False)
                    if place is None or any(place.grow):
                        continue
                    terms = {key: value for key, value in place.terms.items() if key not in ("gap", "crowded", "gaze")}
                    terms |= {"size": 6.0 * abs(math.log(factor)), "off": 1.5 * lower**2 + 0.3 * abs(aside)}
                    found.append(replace(place, terms=terms, cost=sum(terms.values())))
    found.sort(key=lambda place: place.cost)
    return found


def _another(one: Place, other: Place, scene: Stage) -> bool:
    if one.figure is not other.figure:
        return True
    unit = one.figure.head.size * one.scale if one.figure.head is not None else 0.1 * scene.size[0]
    return math.dist(one.eyes, other.eyes) > 1.2 * unit


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

    Who stands level with somebody is as large as they are; the median of all steadies what one person's head says. A
    figure from a photo of the very same scene knows its size and row itself.
    """
    if figure.head is not None and (shown := native(scene, figure)) is not None:
        scale = shown[0]
        return [Model(figure.head.size * scale, shown[2] + figure.head.y * scale, None)]
    away = [abs(head.x - x) for head in scene.heads]
    sizes = [head.size for head in scene.heads]
    usual, largest = float(np.median(sizes)), max(sizes)
    left = [i for i, head in enumerate(scene.heads) if head.x <= x]
    right = [i for i, head in enumerate(scene.heads) if head.x > x]
    near = [min(side, key=lambda i: away[i]) for side in (left, right) if side]
    found = []
    for index in near:
        size = math.exp(0.7 * math.log(sizes[index]) + 0.3 * math.log(usual))
        rarer = 1.2 * (1 - sizes[index] / largest) + 0.12 * max(0.0, away[index] / usual - 3)
        found.append(Model(size, scene.heads[index].y, scene.ground[index], rarer))
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


def _columns(scene: Stage, wish: Wish, unit: float) -> Iterator[tuple[float, float]]:
    """Columns for the eyes, each with what its being there costs."""
    xs = sorted(head.x for head in scene.heads)
    width = scene.size[1]
    left, right = xs[0], xs[-1]
    step = STEPS_X * unit
    if wish.beside:
        beside = [scene.heads[index].x for index in wish.beside]
        middle = sum(beside) / len(beside)
        reach = 3.2 * unit + (max(beside) - min(beside)) / 2
        for x in np.arange(middle - reach, middle + reach, step):
            if len(beside) > 1:  # between the two
                yield float(x), 0.8 * abs(x - middle) / unit
            elif abs(x - middle) > 0.9 * unit and (
                wish.position not in ("left", "right") or (x < middle) == (wish.position == "left")
            ):
                between = sum(1 for other in xs if min(x, middle) < other < max(x, middle))
                yield float(x), 1.5 * between
        return
    low, high = -GROW * width, (1 + GROW) * width
    for x in np.arange(low, high, step):
        if wish.position == "left":
            if x < left - 0.8 * unit:
                yield float(x), 0.0
        elif wish.position == "right":
            if x > right + 0.8 * unit:
                yield float(x), 0.0
        elif wish.position == "center":
            if left < x < right or len(xs) == 1:
                yield float(x), 0.5 * abs(x - (left + right) / 2) / unit
        elif wish.position in ("behind", "front", "top", "bottom"):
            if left - 1.5 * unit < x < right + 1.5 * unit:
                yield float(x), 0.1 * abs(x - (left + right) / 2) / unit
        else:
            yield float(x), 0.0


def _tried(scene: Stage, figure: Figure, wish: Wish) -> Iterator[Place]:
    """The best place of a figure in every column."""
    if not scene.heads or figure.head is None:
        yield from _alone(scene, figure, wish)
        return
    unit = float(np.median([head.size for head in scene.heads]))
    board = _Board(scene, figure, unit)
    shown = native(scene, figure)
    columns = list(_columns(scene, wish, unit))
    if shown is not None:
        at = shown[1] + figure.head.x * shown[0]
        columns += [(at, there) for x, there in columns if abs(x - at) < STEPS_X * unit][:1]
        columns = [(x, there + 0.25 * abs(x - at) / unit) for x, there in columns]
    for x, there in columns:
        best: Place | None = None
        trials = []
        for model in models(scene, figure, x, wish):
            for factor in SIZES:
                for lower in LOWER:
                    trials.append(_trial(scene, figure, wish, model, factor, lower))
        trials.sort(key=lambda trial: sum(trial[3].values()))
        for size, eyes, scale, terms in trials:
            partial = there + sum(terms.values())
            if best is not None and partial >= best.cost:
                break  # the terms that are still to come only add
            place = board.weighed(x, eyes, scale, size, front=wish.position == "front")
            if place is None:
                continue
            terms = place.terms | terms | {"there": there}
            place = replace(place, terms=terms, cost=float(sum(terms.values())))
            if best is None or place.cost < best.cost:
                best = place
        if best is not None:
            yield best


def _trial(
    scene: Stage, figure: Figure, wish: Wish, model: Model, factor: float, lower: float
) -> tuple[float, float, float, dict[str, float]]:
    """Size of the neighbours' heads, row of the eyes, scale, and what differing from the model costs."""
    assert figure.head is not None
    scale = model.size * factor / figure.head.size
    eyes, off = model.row + lower * model.size, lower
    feet = figure.feet
    if feet is not None and model.ground is not None:
        # both stand on the same floor: the feet decide, the eyes only say how tall
        eyes = model.ground + 0.3 * lower * model.size - (feet - figure.head.y) * scale
        off = (eyes - model.row) / model.size * 0.5
    elif feet is not None and scene.seated and wish.position is None:
        eyes -= 0.7 * model.size
    terms = {
        "size": 6.0 * abs(math.log(factor)) + 20 * math.log(factor) ** 2,
        "height": 1.1 * off**2 + 0.25 * abs(off),
        "model": model.cost,
    }
    return model.size, eyes, scale, terms


class _Board:
    """The small picture on which one figure is tried: margins about the photo as wide as the canvas may grow."""

    def __init__(self, scene: Stage, figure: Figure, unit: float) -> None:
        assert figure.head is not None
        self.scene, self.figure, self.head = scene, figure, figure.head
        self.share = scene.share
        h, w = round(scene.size[0] * self.share), round(scene.size[1] * self.share)
        self.pad = round(GROW * max(h, w)) + 2
        self.h, self.w = h, w
        self.masks = [np.pad(mask, self.pad) for mask in scene.masks]
        # the cut-out about as small as it will be needed, so that warping it does not alias
        reduce = min(1.0, 1.3 * unit * self.share / figure.head.size)
        self.small = np.asarray(
            cv2.resize(figure.alpha, None, fx=reduce, fy=reduce, interpolation=cv2.INTER_AREA), np.float32
        )
        self.reduce = self.small.shape[0] / figure.alpha.shape[0]
        self.rows, self.columns = np.mgrid[0 : h + 2 * self.pad, 0 : w + 2 * self.pad].astype(np.float32)

    def weighed(self, x: float, eyes: float, scale: float, size: float, front: bool) -> Place | None:
        """The figure with its eyes at (x, eyes); None where that is impossible. Photo pixels."""
        share, pad, head, figure = self.share, self.pad, self.head, self.figure
        unit = head.size * scale * share
        gx, gy = x * share + pad, eyes * share + pad
        step = scale * share / self.reduce
        ox, oy = gx - head.x * scale * share, gy - head.y * scale * share
        matrix = np.array([[step, 0, ox + step / 2 - 0.5], [0, step, oy + step / 2 - 0.5]])
        alpha = cv2.warpAffine(self.small, matrix, (self.w + 2 * pad, self.h + 2 * pad), flags=cv2.INTER_LINEAR)
        total = float(self.small.sum()) * step * step
        before = [] if front else [
            index for index, other in enumerate(self.scene.heads) if other.size > 0.72 * size
        ]  # fmt: skip
        over = np.zeros_like(alpha)
        for index in before:
            over = np.maximum(over, self.masks[index])
        terms: dict[str, float] = {}

        # the canvas: grown where head or shoulders leave it, trimmed where the cut would hang in the air
        top_hair, half = gy - 1.05 * unit, 0.95 * unit
        grow_left = max(0.0, pad - (gx - half))
        grow_right = max(0.0, gx + half - (pad + self.w))
        grow_top = max(0.0, pad - top_hair)
        if max(grow_left, grow_right) > GROW * self.w or grow_top > GROW * self.h:
            return None
        bottom = pad + self.h
        cut_row = oy + figure.alpha.shape[0] * scale * share
        trim = 0.0
        low = int(np.clip(cut_row - 2, 0, alpha.shape[0] - 1))
        if "bottom" in figure.cut and cut_row < bottom - 0.5:
            line = (alpha[low] > 0.4) & (over[low] < 0.5)
            inside = slice(int(pad - grow_left), int(pad + self.w + grow_right))
            exposed = float(line[inside].sum()) / unit
            # below the cut the body would go on: there, too, somebody must hide it
            below = slice(low, min(int(bottom), low + int(BODY * unit)))
            columns = alpha[low] > 0.4
            columns[: inside.start], columns[inside.stop :] = False, False
            missing = float((over[below][:, columns] < 0.5).sum()) / unit**2
            terms["cut bottom"] = 4.0 * exposed + 1.5 * missing
            if exposed > 0.12 or missing > 0.5:
                terms["cut bottom"] = 0.0
                trim = bottom - cut_row
                if trim > TRIM * self.h:
                    return None
        frame = np.zeros_like(alpha)
        frame[int(pad - grow_top) : int(bottom - trim), int(pad - grow_left) : int(pad + self.w + grow_right)] = 1
        seen = alpha * (1 - over) * frame

        cx, cy = (head.box[0] + head.box[2]) / 2, (head.box[1] + head.box[3]) / 2
        fx, fy = ox + cx * scale * share, oy + cy * scale * share
        round_face = ((self.columns - fx) / (0.5 * unit)) ** 2 + ((self.rows - fy) / (0.58 * unit)) ** 2 < 1
        free = float((seen * round_face).sum()) / max(1.0, float((alpha * round_face).sum()))
        if free < FACE + 0.02:
            return None
        crown = ((self.columns - fx) / (0.85 * unit)) ** 2 + ((self.rows - fy + 0.2 * unit) / unit) ** 2 < 1
        hair = float((seen * crown).sum()) / max(1.0, float((alpha * crown).sum()))
        terms["hair"] = 5.0 * (1 - hair)
        chest = (
            (np.abs(self.columns - fx) < 1.25 * unit) & (self.rows > fy + 0.6 * unit) & (self.rows < fy + 1.7 * unit)
        )
        chest = alpha * chest * (self.rows < bottom - trim)
        terms["shoulders"] = 2.2 * max(0.0, 0.75 - float((seen * chest).sum()) / max(1.0, float((alpha * chest).sum())))
        if front:
            for other in self.scene.heads:
                hx, hy, hu = other.x * share + pad, other.y * share + pad, other.size * share
                face = ((self.columns - hx) / (0.6 * hu)) ** 2 + ((self.rows - hy - 0.1 * hu) / (0.75 * hu)) ** 2 < 1
                if float((alpha * face).sum()) > 0.04 * float(face.sum()):
                    return None
        for side, column in (("left", ox), ("right", ox + figure.alpha.shape[1] * scale * share)):
            if side in figure.cut:
                at = round(column + (2 if side == "left" else -3))
                if pad - grow_left + 1 < at < pad + self.w + grow_right - 1:
                    line = (alpha[:, at] > 0.4) & (over[:, at] < 0.5) & (frame[:, at] > 0)
                    terms[f"cut {side}"] = 6.0 * float(line.sum()) / unit
        if "top" in figure.cut:
            terms["cut top"] = 4.0
        visible = float(seen.sum()) / max(1.0, total)
        reach = float((alpha * frame).sum())
        hidden = 1 - float(seen.sum()) / max(1.0, reach)
        terms["hidden"] = 5.0 * max(0.0, hidden - 0.3) + 10 * max(0.0, hidden - 0.6)
        inside_columns = alpha[:, int(pad - grow_left) : int(pad + self.w + grow_right)]
        terms["aside"] = 2.5 * max(0.0, 0.85 - float(inside_columns.sum()) / max(1.0, float(alpha.sum())))
        terms["outside"] = 1.2 * max(0.0, 0.35 - visible)
        everybody = np.maximum.reduce([np.zeros_like(alpha), *self.masks])
        touching = cv2.dilate((alpha > 0.4).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        if self.masks and not (touching & (everybody > 0.5)).any():
            away = cv2.distanceTransform((everybody <= 0.5).astype(np.uint8), cv2.DIST_L2, 3)
            gap = float(away[touching & (frame > 0)].min()) / unit if (touching & (frame > 0)).any() else 9.0
            terms["gap"] = 0.9 * max(0.0, gap - 0.25)
        away_from = [
            math.hypot(other.x * share + pad - gx, (other.y * share + pad - gy) * 0.8) for other in self.scene.heads
        ]
        nearest = min(away_from, default=9 * unit) / unit
        terms["crowded"] = 3.0 * max(0.0, 1.45 - nearest) ** 2
        grown = (grow_left + grow_right) / self.w, grow_top / self.h
        terms["canvas"] = 9.0 * sum(grown) + (0.3 if sum(grown) > 0 else 0)
        terms["trimmed"] = 12.0 * trim / self.h
        middle = sum(other.x for other in self.scene.heads) / len(self.scene.heads) if self.scene.heads else x
        inward = np.sign(middle - x)
        terms["gaze"] = 0.5 * max(0.0, -inward * figure.yaw - 0.15)
        terms["enlarged"] = 1.5 * max(0.0, math.log2(max(scale, 1e-6) / 1.15))
        terms["torn"] = 6.0 * max(0.0, 0.97 - figure.visible)
        pixels = tuple(math.ceil(value / share) if value > 0 else 0 for value in (grow_left, grow_top, grow_right))
        return Place(
            figure, scale, ox / share - pad / share, oy / share - pad / share, tuple(before),
            (pixels[0], pixels[1], pixels[2]), math.ceil(trim / share) if trim > 0 else 0, 0.0, terms,
        )  # fmt: skip


def _alone(scene: Stage, figure: Figure, wish: Wish) -> Iterator[Place]:
    """Places in a photo of nobody, or for a thing: by the photo's own proportions."""
    height, width = scene.size
    h, w = figure.alpha.shape
    columns: tuple[float, ...] = {"left": (0.22,), "right": (0.78,), "center": (0.5,)}.get(
        wish.position or "", (0.5, 0.3, 0.7)
    )
    if scene.heads:
        unit = float(np.median([head.size for head in scene.heads]))
        tall = 2.6 * unit  # a pet or a thing beside people: knee to hip high
        feet = [g for g in scene.ground if g is not None]
        floor = max(feet) if feet else 0.985 * height
        xs = [head.x / width for head in scene.heads]
        columns = {"left": (max(0.08, min(xs) - 0.16),), "right": (min(0.92, max(xs) + 0.16),)}.get(
            wish.position or "", (0.5,)
        )
    else:
        tall, floor = (
            (0.62 if figure.feet is not None else 0.7) * height,
            (0.95 if figure.feet is not None else 1.0) * height,
        )
    scale = min(tall / h, 0.6 * width / w)
    if scene.heads and wish.beside:
        columns = tuple(
            min(0.92, max(0.08, (scene.heads[i].x + 1.8 * scene.heads[i].size) / width)) for i in wish.beside
        )
    if "bottom" in figure.cut:
        floor = float(height)
    for number, column in enumerate(columns):
        x = column * width - w * scale / 2
        x = min(max(x, -0.1 * w * scale), width - 0.9 * w * scale)
        if "left" in figure.cut:
            x = 0.0
        elif "right" in figure.cut:
            x = width - w * scale
        terms = {
            "order": 0.1 * number,
            "enlarged": 1.5 * max(0.0, math.log2(scale / 1.15)),
            "torn": 6 * max(0.0, 0.97 - figure.visible),
        }
        yield Place(figure, scale, x, floor - h * scale, (), cost=sum(terms.values()), terms=terms)
