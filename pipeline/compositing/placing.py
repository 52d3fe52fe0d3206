"""Where somebody new stands in a photo: every place, size and reference is weighed on a small picture.

A place is good when the face is free, where the reference's frame cut the body is hidden (by the photo's own frame or
by those who stand before), the head is as large and as high as the neighbours', and the body touches theirs without
disappearing behind it. The weights are in one currency: 1 is what a viewer just notices.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.compositing.anatomy import Head
from pipeline.compositing.board import GROW, Board
from pipeline.compositing.figure import Figure
from pipeline.compositing.sizing import Model, models, native, nearer
from pipeline.compositing.stage import Place, Stage, Wish

STEPS_X = 0.28  # heads between two places that are tried
SIZES = (1.0, 0.94, 1.07, 1.15, 1.28)  # times the neighbours' head
LOWER = (0.0, 0.3, -0.3, 0.6, 0.95, 1.4, -0.7, -1.1)  # heads below the neighbours' eyes


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
        board = Board(scene, figure, old.size)
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
    board = Board(scene, figure, unit)
    shown, depth = native(scene, figure), nearer(scene)
    columns = list(_columns(scene, wish, unit))
    if shown is not None:
        depth = 0.0, 0.0
        at = shown[1] + figure.head.x * shown[0]
        columns += [(at, there) for x, there in columns if abs(x - at) < STEPS_X * unit][:1]
        columns = [(x, there + 0.25 * abs(x - at) / unit) for x, there in columns]
    for x, there in columns:
        best: Place | None = None
        trials = []
        for model in models(scene, figure, x, wish):
            for factor in SIZES:
                for lower in LOWER:
                    trials.append(_trial(scene, figure, wish, model, factor, lower, depth))
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
    scene: Stage,
    figure: Figure,
    wish: Wish,
    model: Model,
    factor: float,
    lower: float,
    depth: tuple[float, float],
) -> tuple[float, float, float, dict[str, float]]:
    """Size of the neighbours' heads, row of the eyes, scale, and what differing from the model costs."""
    assert figure.head is not None
    eyes, off, size = model.row + lower * model.size, lower, model.size
    slope, spread = depth
    if slope:  # in a group of several rows another row is nothing strange, and its size follows
        size, off = size * math.exp(slope * lower * size), lower / (1 + spread)
    scale = size * factor * wish.size / figure.head.size
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
    return size, eyes, scale, terms


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
