"""Somebody or something by themselves, on nothing that anybody sees: white, and the opacity in the facts."""

import numpy as np

from pipeline.compositing import parts, things, who
from pipeline.compositing.pointed import Nothing
from pipeline.compositing.view import View, at_size
from pipeline.engine import Edited, Floats, OrderError, Progress, Work
from pipeline.imaging.matting import foreground, matte

FAINT, SURE = 0.16, 0.9  # opacities that count as none and as all before a new background


def cutout(view: View) -> Work[Edited]:
    """`cutout`: the target, or everybody whom the photo is of, on white. `facts["alpha"]` is its opacity (H, W), uint8,
    from which a picture without a ground is made."""
    yield Progress(4, 10, "正在抠图")
    alpha = subject(view)
    if alpha.max() < 0.5:
        raise OrderError("没有看到能抠的人或东西，请在照片上点一下要抠的，再说一遍。", "nothing to cut out")
    colors = foreground(view.photo, alpha).astype(np.float32)
    result = (colors * alpha[..., None] + 255 * (1 - alpha[..., None])).round().clip(0, 255).astype(np.uint8)
    facts = {"method": "compositing", "alpha": (alpha * 255).round().astype(np.uint8)}
    return Edited(result, 1 - alpha, facts)


def subject(view: View) -> Floats:
    """Opacity (H, W) of who or what an order is about: the target, what was tapped, else everybody, else what stands
    out."""
    order = view.order
    referent = order.referents.get("target")
    if (
        order.points
        or order.regions
        or (referent is not None and referent.part != "background" and order.step.operation != "background")
    ):
        try:
            indices = who.meant(order, view.scene, view.small, several=True).indices
        except Nothing:
            aimed = who.pointed_at(order, view.scene)
            return np.maximum(firm(parts.opacity(view, aimed)), together(view, aimed.indices))
        return together(view, indices)
    people = who.group(view.scene) or tuple(view.persons())
    if people:
        return together(view, people)
    salient = things.salient(view)
    return (
        matte(view.photo, salient) if salient is not None else at_size(np.zeros(view.small.shape[:2], np.float32), view)
    )


def together(view: View, indices: tuple[int, ...]) -> Floats:
    """Opacity (H, W) of some instances together."""
    return firm(view.company(indices)) if indices else np.zeros(view.size, np.float32)


def firm(alpha: Floats) -> Floats:
    """An opacity without its faintest part: what is barely there is the old background, which a new one would show."""
    return np.asarray(((alpha - FAINT) / (SURE - FAINT)).clip(0, 1), np.float32)
