"""The engine `compositing`: real photos edited with their own pixels, on any machine, in seconds.

What is in the photo is seen by `pipeline.vision`, the pixels are handled by `pipeline.imaging`; every operation of the
command schema is a function of a View in a file of its own, found in one table (`operations`).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.compositing import figures as figure_work
from pipeline.compositing import glance as glances
from pipeline.compositing import learn as learning
from pipeline.compositing import outlines, parts
from pipeline.compositing.bounds import BOUNDS
from pipeline.compositing.cutout import subject
from pipeline.compositing.memory import ENGINE
from pipeline.compositing.offers import with_what_works
from pipeline.compositing.operations import OPERATIONS, operation
from pipeline.compositing.strength import readings, tunable
from pipeline.compositing.view import View, viewed
from pipeline.compositing.who import pointed_at
from pipeline.engine import (
    Capabilities,
    Check,
    Edited,
    EditOrder,
    FigureOrder,
    Figures,
    GenerateOrder,
    Learned,
    LearnOrder,
    LookOrder,
    OrderError,
    Pixels,
    Work,
)
from pipeline.vision.looking import Vision
from pipeline.vision.safety import unsafe
from storage.model_files import COMMAND, missing
from storage.plans import Step

METHOD = {"name": ENGINE, "title": "原图合成", "operations": tuple(OPERATIONS), "needs": ()}


class Compositing:
    """The engine over a folder of vision's models (`models/vision`). They are loaded with the first order."""

    name = ENGINE
    kind = ENGINE

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._vision: Vision | None = None

    @property
    def vision(self) -> Vision:
        """What sees. Raises EngineError, with the command that helps, where a model file is missing."""
        if self._vision is None:
            self._vision = Vision(self.folder)
        return self._vision

    def capabilities(self) -> Capabilities:
        return Capabilities(
            tuple(OPERATIONS),
            ("edit", "learn", "stickers", "look"),
            (METHOD,),
            bounds=BOUNDS,
            regions=(*parts.LOCAL, *parts.OF_PEOPLE),
        )

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        """Every photo: what is in it is found by nets that were trained on real ones."""
        return True

    def edit(self, order: EditOrder) -> Work[Edited]:
        """One step on one photo. Raises OrderError with what helps."""
        if order.step.operation not in OPERATIONS:
            raise OrderError("这个我还不会。发「帮助」看看我会什么。", f"operation {order.step.operation}")
        refuse(order.photo, *order.references)
        parts.possible(order)
        view = yield from viewed(order, self.vision)
        try:
            edited = yield from operation(order.step.operation)(view)
            edited = _about_what_was_pointed_at(view, edited)
        except OrderError as error:
            raise (yield from with_what_works(view, error)) from error
        if edited.image is not order.photo:
            refuse(edited.image)
        seen = outlines.persons(view.scene)
        facts = {"persons": seen, "still": outlines.still(order.step.operation, order.photo, edited.image)}
        if (count := readings(order)) is not None:
            facts["readings"] = count
        facts["tunable"] = tunable(order)
        return replace(edited, facts={**edited.facts, **facts})

    def learn(self, order: LearnOrder) -> Work[Learned]:
        refuse(*order.photos)
        return (yield from learning.learn(order, self.vision))

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        raise OrderError(
            "我只会用你的照片来合成，不会凭空画图。要画图，请在设置里接上一个会画画的模型；也可以发一张照片，我来改。",
            "generate without a painting model",
        )
        yield

    def figures(self, order: FigureOrder) -> Work[Figures]:
        if order.photo is not None:
            refuse(order.photo)
        return (yield from figure_work.figures(order, self.vision))

    def glance(self, order: LookOrder) -> Work[dict[str, Any]]:
        """Who is in a photo, and what might be done to it; nothing of a photo that is not worked on."""
        if unsafe(order.photo):
            return {}
        seen = EditOrder(order.photo, Step("modify"), concepts=order.concepts, cache=order.cache)
        view = yield from viewed(seen, self.vision)
        return glances.facts(view)

    def check(self) -> Sequence[Check]:
        """Whether the models that see are there."""
        absent = missing(self.folder)
        if absent:
            sentence = f"缺少看照片的模型文件（{len(absent)} 个），真实照片暂时改不了。运行 {COMMAND} 取来。"
            return (Check("vision models", False, sentence),)
        return (Check("vision models", True, f"看照片的模型文件齐全（{self.folder}）。"),)


def _about_what_was_pointed_at(view: View, edited: Edited) -> Edited:
    """What is done alike everywhere, only to what was pointed at; nothing outside of what was drawn, where that is all."""
    order = view.order
    if not order.points and not order.regions:
        return edited
    if order.step.operation in parts.ALIKE:
        return parts.kept_within(view, edited, subject(view))
    aimed = pointed_at(order, view.scene)
    if aimed.drawn and not aimed.taps and not aimed.indices and order.step.operation not in ("cutout", "background"):
        return parts.kept_within(view, edited, parts.drawn(view, aimed.drawn))
    return edited


def refuse(*photos: Pixels) -> None:
    """Raises OrderError when one of some photos shows nudity. Nothing of it is kept."""
    for photo in photos:
        if unsafe(photo):
            raise OrderError("这张照片我不能处理：里面像是有裸露的画面。换一张照片吧，这张没有保存。", "unsafe photo")
