"""`modify`: of attributes, expressions and weather only blur and grey of the background are within reach; the rest is said,
with the nearest thing that can be done."""

from pipeline.compositing.background import blurred, grayed
from pipeline.compositing.refusals import BLURRED, LIT, NEEDS
from pipeline.compositing.view import View
from pipeline.engine import Edited, Offer, OrderError, Work


def modify(view: View) -> Work[Edited]:
    """`modify`: attributes, expressions, weather; only blur and light of the background are within reach."""
    step = view.order.step
    referent = view.order.referents.get("target")
    part = referent.part if referent is not None else None
    content = view.order.referents.get("content")
    english = (content.english if content is not None else None) or ""
    if part == "background" and ("blur" in english or "bokeh" in english or step.content in ("blur", "虚化", "模糊")):
        return (yield from blurred(view))
    if part == "background" and (
        "gray" in english or "black and white" in english or step.content in ("grayscale", "黑白")
    ):
        return (yield from grayed(view))
    if step.color is not None and part in ("clothes", "dress", "hair", "shirt", "coat"):
        offer = Offer("只换个颜色", {"operation": "recolor", "content": None}, {"content": None})
        raise OrderError(f"我只会用照片里已有的画面，画不出新的样子；{NEEDS}。", f"modify {step}", (offer,))
    raise OrderError(
        f"「{step.content or step.target or '这个改动'}」照片里没有现成的画面，我画不出来；{NEEDS}。",
        f"modify {step}",
        (BLURRED, LIT),
    )
    yield  # a generator, like every operation
