"""What only a painting model can do: said in a sentence, with the nearest thing that can be done."""

from pipeline.compositing.view import View
from pipeline.engine import Edited, Offer, OrderError, Work
from storage.plans import Referent

NEEDS = "要在设置里接上一个会画画的模型（比如 Stable Diffusion）才行"
NOTHING_THERE = (
    "我只能用真实照片里的样子来合成，手边没有「{content}」。请发一张{content}的照片，或者先教我认识，再说一遍。"
)
BLURRED = Offer(
    "虚化背景",
    {"operation": "modify", "target": "背景", "content": "虚化", "color": None},
    {"target": Referent("背景", part="background"), "content": None},
)
LIT = Offer(
    "自动调好光线",
    {"operation": "adjust", "target": None, "content": "auto", "color": None},
    {"target": None, "content": None},
)


def face_swap(view: View) -> Work[Edited]:
    """`face_swap`: a face on somebody else's body is not made; the whole person can be exchanged."""
    step = view.order.step
    changes = {"operation": "replace", "target": step.target, "concept": step.concept, "content": step.content}
    raise OrderError(
        f"只换一张脸、身子留着，我做不自然；{NEEDS}。",
        f"face_swap {step}",
        (Offer("整个人换过来", changes),),
    )
    yield
