"""Learn somebody or something from 3–5 photos: cut-outs and a mean embedding, or a vector of a style. Seconds."""

import time

import numpy as np

from pipeline.compositing import memory as memories
from pipeline.compositing.figure import Figure
from pipeline.compositing.memory import Memory
from pipeline.compositing.view import cut_out
from pipeline.engine import Floats, Learned, LearnOrder, OrderError, Progress, Work
from pipeline.imaging.matting import matte
from pipeline.vision.looking import Vision
from pipeline.vision.scene import Instance, Scene


def learn(order: LearnOrder, vision: Vision) -> Work[Learned]:
    """What the photos of an order teach. Raises OrderError when they show nothing that could be learnt."""
    started = time.perf_counter()
    scenes: list[Scene] = []
    for number, photo in enumerate(order.photos):
        yield Progress(number, 2 * len(order.photos), f"正在看第{number + 1}张照片")
        scenes.append((yield from quietly(vision.look(photo))))
    who, mean = shared(scenes)
    figures: list[Figure] = []
    for number, index in who.items():
        yield Progress(len(order.photos) + number, 2 * len(order.photos), f"正在抠出第{number + 1}张里的{order.name}")
        figures.append(figure(order, scenes[number], number, index))
    memory = Memory(order.kind, tuple(figures), mean)
    facts = {"method": "compositing", "figures": len(figures), "seconds": round(time.perf_counter() - started, 2)}
    return Learned(memories.packed(memory), tuple(who), (), facts)


def quietly(work: Work[Scene]) -> Work[Scene]:
    """A look whose own progress is not shown."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        yield from ()


def figure(order: LearnOrder, scene: Scene, number: int, index: int) -> Figure:
    one: Instance = scene.instances[index]
    others = [other.mask for place, other in enumerate(scene.instances) if place != index]
    alpha = matte(
        order.photos[number], one.mask,
        face=one.face.box if one.face is not None else None, others=np.maximum.reduce(others) if others else None,
    )  # fmt: skip
    return cut_out(order.photos[number], alpha, one, number)


def shared(scenes: list[Scene]) -> tuple[dict[int, int], Floats | None]:
    faces = [
        (number, index, one.face.embedding)
        for number, scene in enumerate(scenes)
        for index, one in enumerate(scene.instances)
        if one.face is not None and one.face.embedding is not None
    ]
    if not faces:
        raise OrderError("这些照片里没有看到清楚的脸，请换几张正脸、清晰的照片。", "no face")
    best: dict[int, tuple[float, int]] = {}
    for _, _, anchor in faces:
        found: dict[int, tuple[float, int]] = {}
        for number, index, embedding in faces:
            distance = float(np.linalg.norm(embedding - anchor))
            if distance < 0.55 and distance < found.get(number, (9.0, 0))[0]:
                found[number] = distance, index
        if len(found) > len(best) or (
            len(found) == len(best) and sum(d for d, _ in found.values()) < sum(d for d, _ in best.values())
        ):
            best = found
    who = {number: index for number, (_, index) in sorted(best.items())}
    embeddings = [scenes[number].instances[index].face for number, index in who.items()]
    mean = np.mean([face.embedding for face in embeddings if face is not None and face.embedding is not None], axis=0)
    return who, np.asarray(mean, np.float32)
