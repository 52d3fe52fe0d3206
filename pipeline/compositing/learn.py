"""Learn somebody or something from 3–5 photos: cut-outs and a mean embedding, or a vector of a style. Seconds."""

import time

import numpy as np

from pipeline.compositing import memory as memories
from pipeline.compositing.figure import Figure, backdrop
from pipeline.compositing.memory import Memory
from pipeline.compositing.taught import style_net
from pipeline.compositing.view import cut_out, near_mask
from pipeline.engine import Learned, LearnOrder, OrderError, Pixels, Progress, Work
from pipeline.imaging.geometry import scaled
from pipeline.vision.looking import Vision
from pipeline.vision.references import Gathered, Reference, gather
from pipeline.vision.scene import WORKING


def learn(order: LearnOrder, vision: Vision) -> Work[Learned]:
    """What the photos of an order teach. Raises OrderError when they show nothing that could be learnt."""
    started = time.perf_counter()
    if order.kind == "style":
        return (yield from _style(order, started))
    gathered = yield from gather(vision, order.photos, order.kind)
    findings = tuple(finding.sentence for finding in gathered.findings)
    if not gathered.references:
        raise OrderError(_nothing(order, findings), f"no reference among {len(order.photos)}: {gathered.findings}")
    yield Progress(len(order.photos), len(order.photos) + 1, f"正在记住{order.name}的样子")
    figures = [_figure(order.photos[one.index], one) for one in gathered.references]
    memory = Memory(order.kind, tuple(_best_first(figures)), gathered.embedding)
    facts = {
        "method": "compositing",
        "references": [one.index + 1 for one in gathered.references],
        "sharpness": [round(one.sharpness, 3) for one in gathered.references],
        "apart": _apart(gathered),
        "seconds": round(time.perf_counter() - started, 2),
    }
    return Learned(memories.packed(memory), tuple(one.index for one in gathered.references), findings, facts)


def _figure(photo: Pixels, reference: Reference) -> Figure:
    picture = scaled(photo, WORKING)
    people = [one.mask for one in reference.scene.instances]
    behind = backdrop(picture, np.maximum.reduce(people))
    matte = reference.instance.matte
    if matte is None:
        raise ValueError("a reference has a matte")
    return cut_out(picture, near_mask(matte, reference.instance), reference.instance, reference.index, behind)


def _best_first(figures: list[Figure]) -> list[Figure]:
    """Whole figures before cut ones, large before small."""

    def worth(figure: Figure) -> float:
        size = figure.head.size if figure.head is not None else 0.3 * max(figure.alpha.shape)
        return float(np.log(max(1.0, size))) - 0.4 * len(figure.cut) - 2 * (1 - figure.visible) - 0.3 * abs(figure.yaw)

    return sorted(figures, key=worth, reverse=True)


def _apart(gathered: Gathered) -> list[float]:
    """How far each reference's face is from their mean."""
    if gathered.embedding is None:
        return []
    faces = [one.instance.face for one in gathered.references]
    return [
        round(float(np.linalg.norm(face.embedding - gathered.embedding)), 2)
        for face in faces
        if face is not None and face.embedding is not None
    ]


def _nothing(order: LearnOrder, findings: tuple[str, ...]) -> str:
    what = "清楚的正脸" if order.kind == "person" else "主体"
    return f"这些照片里没有能用的{what}，还没记住{order.name}。" + "".join(findings[:3])


def _style(order: LearnOrder, started: float) -> Work[Learned]:
    yield Progress(0, 1, "正在看这是什么画风")
    vector = style_net().style_vector(order.photos)
    facts = {"method": "compositing", "seconds": round(time.perf_counter() - started, 2)}
    memory = Memory("style", style=np.asarray(vector, np.float32))
    return Learned(memories.packed(memory), tuple(range(len(order.photos))), (), facts)
