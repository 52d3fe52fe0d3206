"""Put somebody who was taught into the photo, with their own pixels, as if they had been there."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.compositing import canvas, gates, harmony, layers, placing, recall, who
from pipeline.compositing.anatomy import Head, ground
from pipeline.compositing.figure import Figure
from pipeline.compositing.memory import Memory
from pipeline.compositing.stage import Place, Stage, Wish, stage
from pipeline.compositing.view import View
from pipeline.engine import Edited, Floats, Offer, OrderError, Pixels, Progress, Work
from storage.plans import Referent

ATTEMPTS = 4  # places or references that are carried out before it is said that it does not work
REFUSED = 6.5  # cost from which a place is not worth a try: everybody would notice
STAGE = "正在把人放进照片"
SIZED = 0.4  # 大一点 is 1.4 as much, and that is 1.14 times as tall


def add(view: View) -> Work[Edited]:
    """`insert`: the step's concept comes in where the step says, or where it suits best."""
    started = time.perf_counter()
    name, memory = yield from recall.newcomer(view)
    here = [one for one in view.scene.persons if one.identity == name]
    if here:
        where = who.words_for(view.scene, [view.scene.instances.index(one) for one in here])
        raise OrderError(
            f"{name}已经在这张照片里了，不用再加一次。",
            f"{name} is at {where}",
            tuple(
                Offer(
                    f"把{name}挪到{words}",
                    {"operation": "move", "target": name, "concept": None, "content": None, "position": side},
                    {"target": Referent(name, name=name), "content": None, "beside": None},
                )
                for side, words in (("left", "左边"), ("right", "右边"))
            ),
        )
    people = [index for index in who.group(view.scene) if view.head(index) is not None]
    wish = wished(view, people)
    scene = staged(view, people)
    yield Progress(2, 10, "正在找合适的位置")
    found = placing.places(scene, memory.figures, wish)
    found = chosen(found, view.order.seed)
    tried: list[str] = []
    for number, place in enumerate(found[:ATTEMPTS]):
        if place.cost > REFUSED:
            break
        yield Progress(min(8, 3 + 2 * number), 10, STAGE)
        edited, verdict = carried_out(view, people, place, memory)
        tried.append(
            f"{place.figure.photo}@{place.eyes[0]:.0f},{place.eyes[1]:.0f}: {', '.join(verdict.wrong) or 'good'}"
        )
        if verdict:
            facts = {
                "reference": place.figure.photo + 1,
                "place": {key: round(value, 2) for key, value in place.terms.items() if abs(value) > 0.005},
                "cost": round(place.cost, 2),
                "gates": verdict.figures,
                "tried": tried,
                "persons": len(view.persons()),
                "seconds": round(time.perf_counter() - started, 2),
            }
            yield Progress(10, 10, "放好了")
            return replace(edited, facts=edited.facts | facts)
    raise unfitting(name, memory, found, wish, tried)


def wished(view: View, people: list[int]) -> Wish:
    """The place that the step asks for, among some people (indices of instances)."""
    step, referents = view.order.step, view.order.referents
    size = view.order.amount**SIZED
    if "beside" in referents:
        meant = who.meant(view.order, view.scene, view.small, "beside", several=True)
        beside = tuple(people.index(index) for index in meant.indices if index in people)
        if beside:
            return Wish(step.position if step.position in ("left", "right", "behind", "front") else None, beside, size)
    return Wish(step.position, size=size)


def staged(view: View, people: list[int]) -> Stage:
    """The photo as placement sees it, with some of its people."""
    heads = [view.head(index) for index in people]
    seen = [view.scene.instances[index] for index in people]
    seated = sum(one.posture == "seated" for one in seen) > len(seen) / 2
    return stage(
        view.size,
        [head for head in heads if head is not None],
        [one.mask for one in seen],
        [ground(one, view.size) if one.posture != "bust" else None for one in seen],
        seated,
        view.backdrop(),
    )


def chosen(found: list[Place], seed: int) -> list[Place]:
    """The places in the order in which they are tried: for another candidate (再来一张) another one comes first."""
    if not found or seed <= 0:
        return found
    good = [place for place in found if place.cost <= min(REFUSED, found[0].cost + 2.5)]
    # another reference first, then another place
    by_photo: list[Place] = []
    for place in good:
        if all(place.figure.photo != other.figure.photo for other in by_photo):
            by_photo.append(place)
    good = by_photo + [place for place in good if all(place is not other for other in by_photo)]
    turn = seed % len(good)
    return [*good[turn:], *good[:turn]]


def carried_out(
    view: View,
    people: list[int],
    place: Place,
    memory: Memory,
    photo: Pixels | None = None,
    gone: Sequence[int] = (),
    native: bool = False,
) -> tuple[Edited, gates.Verdict]:
    """The photo with a figure at its place, and what the gates say of it.

    people  indices of the instances that the place's stage was made of
    photo   what it comes into, when somebody was taken out before (`gone`: their indices)
    native  the figure is of this photo, in its light already
    """
    base = canvas.grown(view, place, view.photo if photo is None else photo)
    figure, light = lit(view, people, place, native)
    shift = np.array([base.left, base.top])
    corner = (round(place.x + shift[0]), round(place.y + shift[1]))
    before, colors = view.before([people[index] for index in place.before if near(view, people[index], place)])
    before, colors = base.fitted(before), base.fitted_pixels(colors)
    unit = figure.head.size if figure.head is not None else 0.1 * view.size[0]
    layer = layers.Layer(figure.rgb, figure.alpha, corner, unit, figure.feet)
    result, mask = layers.composed(base.photo, layer, before, colors, light.get("side", 0.0))
    if figure.head is None:
        return Edited(result, mask if not base.changed else None, {"method": "compositing", **light}), gates.Verdict()
    at = moved(figure.head, corner)
    free = freedom(figure, at, before, result.shape[:2])
    verdict = gates.newcomer(view, result, at, free, memory.embedding, gone)
    kept = [base.fitted(view.matte(people[index])) for index in place.before]
    changed = gates.untouched(base.photo, result, [one for one in kept if one is not None])
    wrong = verdict.wrong if changed == 0 else (*verdict.wrong, "others")
    verdict = gates.Verdict(verdict.figures | {"others' pixels changed": changed}, wrong)
    facts: dict[str, Any] = {"method": "compositing", **light, "canvas": [base.left, base.top, base.right, base.trim]}
    facts["face"] = [round(float(v), 1) for v in at.box]
    return Edited(result, None if base.changed else mask, facts), verdict


def near(view: View, index: int, place: Place) -> bool:
    """Whether somebody's box comes near the figure's."""
    x0, y0, x1, y1 = view.scene.instances[index].box
    height, width = view.size
    h, w = (side * place.scale for side in place.figure.alpha.shape)
    pad = 0.05 * max(width, height)
    across = x0 * width < place.x + w + pad and place.x - pad < x1 * width
    return across and y0 * height < place.y + h + pad and place.y - pad < y1 * height


def lit(view: View, people: list[int], place: Place, native: bool) -> tuple[Figure, dict[str, Any]]:
    """The figure at its size in the light of those next to whom it comes."""
    figure = place.figure.scaled(place.scale)
    facts: dict[str, Any] = {"scale": round(place.scale, 3)}
    if native:
        return figure, facts
    own = harmony.look(figure.rgb, figure.head) if figure.head is not None else None
    looks, weights = [], []
    for index in people:
        head = view.head(index)
        seen = harmony.look(view.photo, head) if head is not None else None
        if seen is not None and head is not None:
            looks.append(seen)
            weights.append(math.exp(-((math.dist((head.x, head.y), place.eyes) / (3 * head.size)) ** 2)) + 0.05)
    if own is None or figure.head is None or not looks:
        return figure, facts
    wanted = harmony.mean(looks, weights)
    rgb, shift = harmony.recolored(figure.rgb, figure.head, own, wanted, (figure.frame, harmony.exposure(view.photo)))
    rgb, focus = harmony.focused(rgb, figure.head, wanted, view.order.seed)
    facts |= {"shift": [round(float(v), 1) for v in shift], "focus": focus}
    facts["side"] = round(float(np.clip(wanted.across[0] / 20, -1, 1)), 2)
    return replace(figure, rgb=rgb), facts


def moved(head: Head, by: tuple[int, int]) -> Head:
    x0, y0, x1, y1 = head.box
    return Head(head.x + by[0], head.y + by[1], head.size, (x0 + by[0], y0 + by[1], x1 + by[0], y1 + by[1]))


def freedom(figure: Figure, at: Head, before: Floats | None, shape: tuple[int, int]) -> float:
    """Share of a face that lies in the picture and that nobody hides."""
    x0, y0, x1, y1 = (round(v) for v in at.box)
    inside = (slice(max(0, y0), min(shape[0], y1)), slice(max(0, x0), min(shape[1], x1)))
    if inside[0].stop <= inside[0].start or inside[1].stop <= inside[1].start:
        return 0.0
    yy, xx = np.mgrid[y0:y1, x0:x1]
    round_face = ((xx - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + ((yy - (y0 + y1) / 2) / ((y1 - y0) / 2)) ** 2 < 1
    seen = (yy >= 0) & (yy < shape[0]) & (xx >= 0) & (xx < shape[1])
    hidden = np.zeros(yy.shape, np.float32)
    if before is not None:
        hidden = before[yy.clip(0, shape[0] - 1), xx.clip(0, shape[1] - 1)]
    return float((round_face * seen * (1 - hidden)).sum() / max(1, round_face.sum()))


def unfitting(name: str, memory: Memory, found: list[Place], wish: Wish, tried: list[str]) -> OrderError:
    """Why nothing fits, and what would help."""
    log = f"{len(found)} places, cheapest {found[0].cost if found else None}, tried {tried}"
    offers = []
    if wish.position is not None or wish.beside:
        offers.append(Offer(f"让我选位置放{name}", {"position": None}, {"beside": None}))
    if wish.position != "behind" or wish.beside:
        offers.append(Offer(f"把{name}加到后面", {"position": "behind"}, {"beside": None}))
    if any("person" in one or "face" in one for one in tried):
        sentence = f"放进去以后看着不像{name}本人，就没有发给你。换一张{name}更清楚的正脸照片再教我一次吧。"
    elif memory.figures and all("bottom" in figure.cut for figure in memory.figures):
        sentence = f"{name}的照片都只拍到上半身，放在这里身子会悬空。再教我一张{name}的全身照，我就能放了。"
    else:
        sentence = f"这里没有放得下{name}的地方。换一张周围空一些的照片试试。"
    return OrderError(sentence, log, offers)
