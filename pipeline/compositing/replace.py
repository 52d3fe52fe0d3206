"""Somebody in the photo becomes somebody who was taught: in the old one's place, at their size, behind whom they were."""

import time
from dataclasses import replace as changed

from pipeline.compositing import add, placing, recall, who
from pipeline.compositing.memory import Memory
from pipeline.compositing.refusals import NEEDS
from pipeline.compositing.remove import clear
from pipeline.compositing.stage import Place
from pipeline.compositing.view import View
from pipeline.engine import Edited, Offer, OrderError, Progress, Work

REFUSED = 6.5  # cost from which a place is not worth a try
ATTEMPTS = 3


def replace(view: View) -> Work[Edited]:
    """`replace`: the target goes, the step's concept stands there."""
    started = time.perf_counter()
    step, referent = view.order.step, view.order.referents.get("target")
    if referent is not None and referent.part not in (None, "background"):
        changes = {"operation": "recolor", "content": None}
        offers = (Offer("只换个颜色", changes, {"content": None}),) if step.color is not None else ()
        raise OrderError(
            f"把{referent.text or '它'}换成别的款式，照片里没有现成的画面，我画不出来；{NEEDS}。"
            + ("" if offers else "换颜色可以，比如「把衣服改成红色」。"),
            f"replace a part {referent}", offers,
        )  # fmt: skip
    name, memory = yield from recall.newcomer(view)
    index = who.meant(view.order, view.scene, view.small).indices[0]
    old = view.head(index)
    if old is None:
        raise OrderError("要换掉的人看不清头在哪里，换不准。换一张正面一些的照片试试。", "no head")
    yield Progress(3, 10, "正在补上后面的背景")
    cleared = clear(view, [index])
    people = [other for other in view.persons() if other != index and view.head(other) is not None]
    scene = add.staged(view, people)
    found = placing.instead(scene, memory.figures, old)
    tried: list[str] = []
    for number, place in enumerate(_one_each(found, view.order.seed)[:ATTEMPTS]):
        if place.cost > REFUSED:
            break
        yield Progress(5 + number, 10, add.STAGE)
        edited, verdict = add.carried_out(view, [*people, index], place, memory, cleared.photo, (index,))
        tried.append(f"{place.figure.photo}: {', '.join(verdict.wrong) or 'good'}")
        if verdict:
            mask = None if edited.mask is None else edited.mask.clip(cleared.hole, None)
            facts = {"reference": place.figure.photo + 1, "cost": round(place.cost, 2), "gates": verdict.figures,
                     "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
            return changed(edited, mask=mask, facts=edited.facts | facts)
    raise _unfitting(name, memory, tried)


def _one_each(found: list[Place], seed: int) -> list[Place]:
    """The best place of each reference, the best first; another one first for another candidate."""
    best: list[Place] = []
    for place in found:
        if all(place.figure.photo != other.figure.photo for other in best):
            best.append(place)
    good = [place for place in best if place.cost <= REFUSED]
    turn = seed % len(good) if good else 0
    return [*good[turn:], *good[:turn]]


def _unfitting(name: str, memory: Memory, tried: list[str]) -> OrderError:
    if memory.figures and all("bottom" in figure.cut for figure in memory.figures):
        return OrderError(
            f"{name}的照片都只拍到上半身，替过去身子会悬空。请再教我一张{name}的全身照。",
            f"tried {tried}",
            (
                Offer(
                    f"把{name}加到后面",
                    {"operation": "insert", "position": "behind", "target": None},
                    {"target": None, "beside": None},
                ),
            ),
        )
    return OrderError(f"{name}现有的照片替过去都不自然，就没有发给你。再教我一张姿势相近的照片试试。", f"tried {tried}")
