"""`modify`: of attributes, expressions and weather only blur and grey of the background are within reach; the rest is said,
with the nearest thing that can be done."""

from pipeline.compositing import parts
from pipeline.compositing.background import blurred, grayed
from pipeline.compositing.cutout import subject
from pipeline.compositing.refusals import BLURRED, LIT, NEEDS
from pipeline.compositing.strength import amount
from pipeline.compositing.view import View
from pipeline.engine import Edited, Offer, OrderError, Progress, Work
from pipeline.imaging.adjust import adjust as adjusted

WORDS = {"blur": "blur", "bokeh": "blur", "虚化": "blur", "模糊": "blur", "gray": "grayscale", "black and white": "grayscale",
         "grayscale": "grayscale", "黑白": "grayscale", "亮": "brighter", "暗": "darker"}  # fmt: skip


def _simple(content: str | None, english: str) -> str | None:
    """What of a wish can be done to a part that was pointed at."""
    said = f"{content or ''} {english}".lower()
    return next((how for word, how in WORDS.items() if word in said), None)


def _of_part(view: View, how: str) -> Work[Edited]:
    """Blur, or light and colour, of what was pointed at."""
    yield Progress(4, 10, "正在调整圈出来的地方" if view.order.regions else "正在调整")
    inside = subject(view)
    if how == "blur":
        return Edited(parts.blurred(view.photo, inside, amount(view.order)), inside, {"method": "compositing"})
    return Edited(adjusted(view.photo, how, amount(view.order), inside), inside, {"method": "compositing"})


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
    if part is None and (view.order.regions or view.order.points) and (how := _simple(step.content, english)):
        return (yield from _of_part(view, how))
    if step.color is not None and part in ("clothes", "dress", "hair", "shirt", "coat"):
        offer = Offer("只换个颜色", {"operation": "recolor", "content": None}, {"content": None})
        raise OrderError(f"我只会用照片里已有的画面，画不出新的样子；{NEEDS}。", f"modify {step}", (offer,))
    raise OrderError(
        f"照片里没有{step.target or ''}{f'「{step.content}」' if step.content else '改过'}的样子，我画不出来；{NEEDS}。",
        f"modify {step}",
        (BLURRED, LIT),
    )
    yield  # a generator, like every operation
