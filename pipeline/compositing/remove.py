"""Take somebody or something out of the photo: what was behind is made of the rest of the background."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.compositing import gates, things, who
from pipeline.compositing.anatomy import resized
from pipeline.compositing.layers import SOLID
from pipeline.compositing.parts import drawn
from pipeline.compositing.pointed import Nothing, Pointed
from pipeline.compositing.view import View
from pipeline.engine import Edited, Floats, OrderError, Pixels, Progress, Work
from pipeline.imaging.geometry import disc, laid, window
from pipeline.imaging.inpainting import fill
from pipeline.imaging.shadows import shadow_mask
from storage.regions import Region

AROUND = 0.13  # heads about somebody that go with them: hair, the soft edge, what the lens spread
APART = 0.1  # heads about everybody from which nothing is taken to fill a hole
SEAM = 0.008  # of the photo's longer side: what is closed between two parts of a hole
RADII = (3, 5, 7)  # of the patches that fill a hole, the first first
LARGEST = 0.68  # share of the photo that may be filled


@dataclass(frozen=True, slots=True)
class Cleared:
    """A photo without some of its instances; `hole` (H, W) is what was filled, soft at its edge."""

    photo: Pixels
    hole: Floats


def remove(view: View) -> Work[Edited]:
    """`remove`: who or what the target means; passers-by; what was tapped."""
    started = time.perf_counter()
    aimed = Pointed()
    try:
        indices: Sequence[int] = who.meant(view.order, view.scene, view.small, several=True).indices
    except Nothing:
        aimed = who.pointed_at(view.order, view.scene)
        indices = aimed.indices
    extra = things.at(view, aimed.taps) if aimed.taps else None
    everybody = view.persons()
    of_people = any(view.scene.instances[index].face is not None for index in everybody)  # not a street from behind
    if of_people and len(everybody) > 1 and set(everybody) <= set(indices):
        raise OrderError("这样照片里就一个人也不剩了。想留下谁？比如可以说「只去掉右边的」。", "everybody would go")
    yield Progress(3, 10, "正在补上后面的背景")
    cleared = _without(view, indices, extra, aimed.drawn)
    yield Progress(8, 10, "正在检查补得干不干净")
    clones = gates.clones(view, cleared.photo, cleared.hole)
    seed = 1
    while clones and seed < len(RADII):
        cleared = _without(view, indices, extra, aimed.drawn, seed)
        clones, seed = gates.clones(view, cleared.photo, cleared.hole), seed + 1
    if clones:
        raise OrderError(
            "补出来的背景里又冒出一张脸，就没有发给你。换一个人去掉，或者先裁一下照片再试。",
            f"{clones} faces in the hole",
        )
    stay = [index for index in view.persons() if index not in indices and touches(view, index, cleared.hole)]
    kept = (
        [view.matte(index) for index in stay] if not aimed.drawn else []
    )  # who draws on somebody means that part of them
    facts = {
        "method": "compositing",
        "removed": len(indices) or 1,
        "share": round(float((cleared.hole > 0.5).mean()), 3),
        "others' pixels changed": gates.untouched(view.photo, cleared.photo, kept),
        "seconds": round(time.perf_counter() - started, 2),
    }
    return Edited(cleared.photo, cleared.hole, facts)


def _without(
    view: View, indices: Sequence[int], extra: Floats | None, parts: Sequence[Region], seed: int = 0
) -> Cleared:
    """The photo without people, things (h, w) and parts that were drawn."""
    cleared = Cleared(view.photo, np.zeros(view.size, np.float32))
    if indices or extra is not None:
        cleared = clear(view, indices, extra, seed)
    return _painted_out(view, cleared, drawn(view, parts), seed) if parts else cleared


def _painted_out(view: View, before: Cleared, part: Floats, seed: int) -> Cleared:
    """The picture without a part (H, W): what lies on somebody is filled from them, the rest from what nobody is in."""
    hole = (resized(part, view.small.shape[:2]) > 0.02).astype(np.float32)
    if hole.mean() > LARGEST:
        raise OrderError("圈的地方太大了，剩下的背景不够用来补。请圈小一点，再说一遍。", f"hole of {hole.mean():.2f}")
    people = view.mask(view.persons())
    on_people = float((people * hole).sum()) > 0.5 * float(hole.sum())
    barred = None if on_people else np.maximum(people, hole)
    filled = fill(before.photo, hole, barred=barred, radius=RADII[seed % len(RADII)])
    return Cleared(laid(before.photo, filled, part), np.maximum(before.hole, part))


def clear(view: View, indices: Sequence[int], extra: Floats | None = None, seed: int = 0) -> Cleared:
    """The photo without some instances, their shadows, and what `extra` (h, w) marks; others stay before the hole."""
    shape = view.small.shape[:2]
    gone = np.zeros(shape, np.float32) if extra is None else resized(extra, shape).copy()
    unit = 0.06 * max(shape)
    for index in indices:
        head = view.head(index)
        unit = head.size * shape[0] / view.size[0] if head is not None else unit
        own = view.scene.instances[index].mask
        soft = resized(view.matte(index), shape)
        grown = cv2.dilate((np.maximum(own, soft) > 0.08).astype(np.uint8), disc(max(2.0, AROUND * unit)))
        gone = np.maximum(gone, grown.astype(np.float32))
        apart = view.others(index)
        gone = np.maximum(gone, shadow_mask(view.small, grown.astype(np.float32), others=apart))
    if extra is not None:
        gone = np.maximum(gone, cv2.dilate((gone > 0.5).astype(np.uint8), disc(4)).astype(np.float32))
    gone = np.asarray(
        cv2.morphologyEx(gone, cv2.MORPH_CLOSE, disc(SEAM * max(shape))), np.float32
    )  # no seam between somebody and their shadow
    others = [index for index in view.persons() if index not in indices]
    keep = view.mask(others) if others else np.zeros(shape, np.float32)
    hole = ((gone > 0.5) & (keep < 0.5)).astype(np.float32)
    if hole.mean() > LARGEST:
        raise OrderError(
            "要去掉的部分太大了，剩下的背景不够用来补。换一张拍得远一些的照片吧。", f"hole of {hole.mean():.2f}"
        )
    if not hole.any():
        raise OrderError("没有看到要去掉的东西，请在照片上点一下它。", "an empty hole")
    barred = cv2.dilate((np.maximum(keep, gone) > 0.3).astype(np.uint8), disc(max(2.0, APART * unit))).astype(
        np.float32
    )
    filled = fill(view.photo, hole, barred=barred, radius=RADII[seed % len(RADII)])
    return laid_back(view, filled, resized(hole, view.size), others)


def laid_back(view: View, filled: Pixels, hole: Floats, others: Sequence[int]) -> Cleared:
    """The filled picture inside the hole, the people who stay over it with their own colours, the photo elsewhere."""
    reach = max(4, round(max(view.size) / 200))
    mask = np.zeros(view.size, np.float32)
    place = window(hole, reach, 0.02)
    if place is None:
        return Cleared(view.photo, mask)
    gone, photo = hole[place], view.photo[place]
    soft = cv2.GaussianBlur(gone, (0, 0), max(0.8, max(view.size) / 1600))
    soft = np.where(gone > 0.5, np.maximum(soft, gone), soft).clip(0, 1)
    soft = np.where(soft < 0.02, 0, soft)
    over, colors = np.zeros(gone.shape, np.float32), None
    near = [index for index in others if touches(view, index, hole)]
    if near:
        together, whole = view.before(near)
        if together is not None and whole is not None:
            over, colors = together[place], whole[place]
    # Near a hole a person's edge shows what was behind it: their own colours over the new background, as opaque as they are.
    edge = cv2.dilate((gone > 0.5).astype(np.uint8), disc(max(2.0, max(view.size) / 300))) > 0
    change = np.where(edge & (over > 0), 1 - over, soft).astype(np.float32)
    change = np.where(over >= SOLID, 0, change)
    behind = photo + (filled[place].astype(np.float32) - photo) * soft[..., None]
    if colors is not None:
        mixed = behind + (colors.astype(np.float32) - behind) * over[..., None]
        behind = np.where((edge & (over > 0))[..., None], mixed, behind)
    result = view.photo.copy()
    result[place] = np.where(change[..., None] > 0, behind.round().clip(0, 255).astype(np.uint8), photo)
    mask[place] = change
    return Cleared(result, mask)


def touches(view: View, index: int, hole: Floats) -> bool:
    """Whether somebody stands at a hole (H, W)."""
    x0, y0, x1, y1 = view.scene.instances[index].box
    height, width = view.size
    part = hole[max(0, int(y0 * height) - 8) : int(y1 * height) + 8, max(0, int(x0 * width) - 8) : int(x1 * width) + 8]
    return bool(part.size and part.max() > 0.5)
