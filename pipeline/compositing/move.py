"""People change places: one goes elsewhere (`move`), two exchange theirs (`swap`)."""

import time
from dataclasses import replace

import numpy as np

from pipeline.compositing import add, gates, placing, who
from pipeline.compositing.figure import Figure
from pipeline.compositing.memory import Memory
from pipeline.compositing.remove import clear
from pipeline.compositing.stage import Place
from pipeline.compositing.view import View
from pipeline.engine import Edited, OrderError, Progress, Work

RESIZED = 1.3  # at most, when somebody comes to where another head's size is right


def move(view: View) -> Work[Edited]:
    """`move`: the target goes to the step's position, or beside somebody."""
    started = time.perf_counter()
    index = who.meant(view.order, view.scene, view.small).indices[0]
    others = [other for other in who.group(view.scene) if other != index and view.head(other) is not None]
    if view.order.step.position is None and "beside" not in view.order.referents:
        raise OrderError("挪到哪里去？说一下位置，比如「挪到最左边」或「挪到小红旁边」。", "move without a place")
    yield Progress(3, 10, "正在补上原来的位置")
    figure = view.figure(index)
    cleared = clear(view, [index])
    memory = Memory("person", (figure,), figure.embedding)
    found = placing.places(add.staged(view, others), memory.figures, add.wished(view, others))
    tried: list[str] = []
    for number, place in enumerate(found[: add.ATTEMPTS]):
        if place.cost > add.REFUSED:
            break
        yield Progress(5 + number, 10, "正在放到新位置")
        edited, verdict = add.carried_out(view, others, place, memory, cleared.photo, (index,), native=True)
        tried.append(", ".join(verdict.wrong) or "good")
        if verdict:
            mask = None if edited.mask is None else np.maximum(edited.mask, cleared.hole)
            facts = {
                "gates": verdict.figures,
                "cost": round(place.cost, 2),
                "seconds": round(time.perf_counter() - started, 2),
            }
            return replace(edited, mask=mask, facts=edited.facts | facts)
    raise OrderError("挪过去不自然：那边没有空，或者身子会断开。换个位置试试。", f"{len(found)} places, tried {tried}")


def swap(view: View) -> Work[Edited]:
    """`swap`: two exchange their places; with two people in the photo, those two."""
    started = time.perf_counter()
    pair = _pair(view)
    yield Progress(3, 10, "正在补上原来的位置")
    figures = [view.figure(index) for index in pair]
    cleared = clear(view, pair)
    others = [other for other in view.persons() if other not in pair and view.head(other) is not None]
    # who stands farther back is laid first
    order = sorted((0, 1), key=lambda place: -view.scene.instances[pair[1 - place]].rank)
    edited = Edited(cleared.photo, cleared.hole)
    mask = cleared.hole
    figures_seen: dict[str, float] = {}
    for number, which in enumerate(order):
        yield Progress(5 + 2 * number, 10, "正在换位置")
        place = _exchanged(view, figures[which], pair[1 - which])
        memory = Memory("person", (figures[which],), figures[which].embedding)
        behind_all = replace(place, before=tuple(range(len(others))))
        edited, verdict = add.carried_out(view, others, behind_all, memory, edited.image, pair, native=True)
        if not verdict:
            raise OrderError("这两个人换过去会被挡住或者认不出来，就没有发给你。换别的两个人试试。", f"swap: {verdict}")
        figures_seen |= {f"{number} {key}": value for key, value in verdict.figures.items()}
        if edited.mask is not None:
            mask = np.maximum(mask, edited.mask)
    kept = [view.matte(index) for index in others]
    facts = {"method": "compositing", "gates": figures_seen,
             "others' pixels changed": gates.untouched(view.photo, edited.image, kept),
             "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
    return Edited(edited.image, mask, facts)


def _pair(view: View) -> list[int]:
    step = view.order.step
    people = [index for index in view.persons() if view.head(index) is not None]
    if len(people) < 2:
        raise OrderError("照片里要有两个人才能换位置。", f"{len(people)} persons")
    if step.target is None and step.content is None and len(people) == 2:
        return people
    pair = list(who.meant(view.order, view.scene, view.small, several=True).indices)
    if len(pair) == 1 and (step.content is not None or "content" in view.order.referents):
        pair += who.meant(view.order, view.scene, view.small, "content").indices
    if len(pair) == 1 and len(people) == 2:
        pair = people
    if len(pair) != 2 or pair[0] == pair[1]:
        raise OrderError("要换位置的是哪两个人？比如可以说「左边第一个和最右边的换个位置」。", f"pair {pair}")
    return pair


def _exchanged(view: View, figure: Figure, where: int) -> Place:
    """A figure with its head where another's is, at the size that is right there."""
    target = view.head(where)
    if figure.head is None or target is None:
        raise OrderError("要换位置的人看不清头在哪里，换不准。", "no head")
    scale = float(np.clip(target.size / figure.head.size, 1 / RESIZED, RESIZED))
    y = target.y - figure.head.y * scale
    bottom = y + figure.alpha.shape[0] * scale
    if "bottom" in figure.cut and bottom < view.size[0]:  # the frame cut the body here: it must go down to the frame
        y += min(view.size[0] - bottom, 0.9 * target.size)
        short = view.size[0] - (y + figure.alpha.shape[0] * scale)
        if short > 0:
            scale *= min(1.2, 1 + short / (figure.alpha.shape[0] * scale))
    return Place(figure, scale, target.x - figure.head.x * scale, y, ())
