"""Clothes, hair and things in another colour, with their folds, shine and prints."""

import time

import numpy as np

from pipeline.compositing import clothes, hues, parts, who
from pipeline.compositing.anatomy import resized
from pipeline.compositing.pointed import Nothing
from pipeline.compositing.strength import amount
from pipeline.compositing.view import View, remembered
from pipeline.engine import Edited, Floats, OrderError, Progress, Work
from pipeline.imaging.color import recolor as recolored

LEAST = 0.002  # share of the photo that must change for anybody to see it
FLAT = 24.0  # spread of hair's own lightness beyond which a new colour looks like paint


def recolor(view: View) -> Work[Edited]:
    """`recolor`: the clothes or the hair of who is meant, the background, or what was tapped."""
    started = time.perf_counter()
    step, referent = view.order.step, view.order.referents.get("target")
    if step.color is None:
        raise OrderError("改成什么颜色？比如可以说「改成红色」。", "recolor without a colour")
    part = (referent.part if referent is not None else None) or "clothes"
    yield Progress(3, 10, "正在找要改颜色的地方")
    masks, what = where(view, part)
    mask = np.asarray(np.maximum.reduce(masks), np.float32)
    if float(mask.mean()) < LEAST and not view.order.regions:
        show = "请用圈选把要改的地方圈出来" if view.order.points else "请在照片上点一下它"
        raise OrderError(f"没分清要改颜色的地方，改了会很假，就没有动。{show}，再说一遍。", f"no {part}")
    yield Progress(7, 10, "正在换颜色")
    result = view.photo
    for one in masks:  # each has a main colour of its own
        result = recolored(result, one, hues.COLORS[step.color], amount(view.order))
    remembered(view, result)
    facts = {"method": "compositing", "part": what, "share": round(float(mask.mean()), 3),
             "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
    return Edited(result, mask, facts)


def where(view: View, part: str) -> tuple[list[Floats], str]:
    """The masks (H, W) of what changes its colour, and what that is."""
    if part == "background":
        from pipeline.compositing.cutout import subject

        return [1 - subject(view)], part
    try:
        indices, others = who.meant(view.order, view.scene, view.small, several=True).indices, []
    except Nothing:
        aimed = who.pointed_at(view.order, view.scene)
        indices, others = aimed.indices, parts.each(view, aimed)
    if not indices:
        return others, "thing"
    if part == "hair":
        mask = clothes.hair(view, indices[0])
        if mask is None:
            raise OrderError(
                "头发和周围分不清楚，染出来会像贴上去的，就没有动。换一张头发清楚、背景简单的照片试试。", "no hair mask"
            )
        sure = resized(mask, view.small.shape[:2]) > 0.7
        if sure.sum() < 50 or float(hues.lab(view.small)[..., 0][sure].std()) > FLAT:
            raise OrderError("头发明暗差别太大，染出来会很假，就没有动。换一张光线均匀的照片试试。", "uneven hair")
        return [mask], part
    referent = view.order.referents.get("target")
    now = referent.attributes.get("color") if referent is not None else None
    masks = [clothes.clothes(view, index, part, now) for index in indices]
    return masks + others, part
