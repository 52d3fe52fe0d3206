"""Light and colour, sharpness, size, repairs, skin: what a laboratory does."""

import time
from collections.abc import Sequence

import numpy as np

from pipeline.compositing import who
from pipeline.compositing.cutout import subject
from pipeline.compositing.refusals import LIT
from pipeline.compositing.strength import amount
from pipeline.compositing.view import View, remembered
from pipeline.engine import Edited, Floats, Offer, OrderError, Progress, Work
from pipeline.imaging import retouch
from pipeline.imaging.adjust import ADJUSTMENTS
from pipeline.imaging.adjust import adjust as adjusted
from pipeline.vision.scene import Box

SIMILAR = {"colorize": "sepia"}  # what needs a model, and the nearest thing that does not
# What beautify can do, by the English of what is asked; the rest changes somebody's shape, which is not done.
SKIN = {"skin", "smooth", "blemish", "acne", "whiten", "white", "磨皮", "祛痘", "美白", "祛斑"}
EYES = {"red eye", "red-eye", "红眼"}
SHAPE = {"slim", "thin", "big eyes", "瘦脸", "瘦身", "大眼", "长腿", "瘦"}


def adjust(view: View) -> Work[Edited]:
    """`adjust`: one of imaging's adjustments, of the photo or of one thing in it."""
    started = time.perf_counter()
    step = view.order.step
    what = step.content or "auto"
    if what == "colorize":
        raise OrderError(
            "黑白照片原来是什么颜色，从照片里看不出来，上色要接上会画画的模型。",
            "colorize without a model", (Offer("加一层暖色调", {"content": "warmer"}, {"content": None}),),
        )  # fmt: skip
    if what not in ADJUSTMENTS:
        raise OrderError(
            "想怎么调？可以说「亮一点」「对比强一点」「暖一点」「清晰一点」或「自动调好」。", f"adjust {what!r}"
        )
    yield Progress(5, 10, "正在调整")
    mask = part(view)
    result = adjusted(view.photo, what, amount(view.order), mask, faces(view))
    remembered(view, result)
    facts = {"method": "compositing", "adjust": what, "seconds": round(time.perf_counter() - started, 2)}
    return Edited(result, mask if mask is not None else np.ones(view.size, np.float32), facts)


def part(view: View) -> Floats | None:
    """The opacity (H, W) of the thing that is named; None for the whole photo."""
    referent = view.order.referents.get("target")
    aimed = bool(view.order.points or view.order.regions)
    if referent is None and not aimed:
        return None
    if referent is not None and referent.part == "background":
        return 1 - subject(view)
    if referent is not None and not aimed and not (set(referent.kinds) & who.PERSONS or referent.name):
        return None
    alpha = subject(view)
    if referent is not None and referent.part == "face":
        keep = np.zeros(view.size, np.float32)
        for box in faces(view):
            height, width = view.size
            rows = slice(max(0, int(box[1] * height)), int(box[3] * height) + 1)
            keep[rows, max(0, int(box[0] * width)) : int(box[2] * width) + 1] = 1
        return alpha * keep
    return alpha


def faces(view: View, indices: Sequence[int] | None = None) -> tuple[Box, ...]:
    """The boxes of the faces of some persons, of all by default."""
    chosen = view.persons() if indices is None else indices
    return tuple(one.face.box for one in (view.scene.instances[i] for i in chosen) if one.face is not None)


def upscale(view: View) -> Work[Edited]:
    """`upscale`: twice as large and sharper."""
    yield Progress(5, 10, "正在放大")
    if view.order.regions:  # a part cannot grow
        return Edited(adjusted(view.photo, "sharper", amount(view.order), None, faces(view)))
    result = retouch.enlarge(view.photo, 2.0)
    if result.shape == view.photo.shape:
        result = adjusted(view.photo, "sharper", amount(view.order), None, faces(view))
        return Edited(result, np.ones(view.size, np.float32), {"method": "compositing", "factor": 1})
    return Edited(result, None, {"method": "compositing", "factor": round(result.shape[1] / view.size[1], 2)})


def restore(view: View) -> Work[Edited]:
    """`restore`: an old photo without yellowing, fading and scratches."""
    yield Progress(4, 10, "正在修复")
    result = retouch.restore(view.photo, amount(view.order), faces(view))
    remembered(view, result)
    return Edited(result, np.ones(view.size, np.float32), {"method": "compositing"})


def beautify(view: View) -> Work[Edited]:
    """`beautify`: calmer skin, no red pupils. Nobody's shape is changed."""
    order = view.order
    content = order.referents.get("content")
    said = f"{order.step.content or ''} {content.english or '' if content is not None else ''}".lower()
    if any(word in said for word in SHAPE):
        raise OrderError(
            "瘦脸、大眼会把人变样，我不做。", f"beautify {said!r}",
            (Offer("轻轻磨皮", {"content": "磨皮"}, {"content": None}), LIT),
        )  # fmt: skip
    people = [index for index in view.persons() if view.scene.instances[index].face is not None]
    if not people:
        raise OrderError("没有看到脸，换一张脸清楚的照片试试。", "no face")
    if order.points and ("target" in order.referents or len(people) > 1):
        people = [index for index in who.pointed_at(order, view.scene).indices if index in people] or people
    elif "target" in order.referents and not order.regions and len(people) > 1:
        people = list(who.meant(order, view.scene, view.small, several=True).indices)
    yield Progress(5, 10, "正在修饰")
    if any(word in said for word in EYES):
        result = view.photo
        for index in people:
            face = view.scene.instances[index].face
            if face is not None:
                eyes = [(float(x), float(y)) for x, y in face.points[:2]]
                result = retouch.red_eye(result, eyes, 0.12 * (face.box[2] - face.box[0]))
    else:
        result = retouch.smooth_skin(view.photo, faces(view, people), 0.7 * amount(order))
    mask = (result != view.photo).any(2).astype(np.float32)
    remembered(view, result)
    return Edited(result, mask, {"method": "compositing", "faces": len(people)})
