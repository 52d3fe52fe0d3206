"""The taught concept, or the picture sent along, that an order brings in."""

from pipeline.compositing import learn
from pipeline.compositing.memory import ENGINE, FORMAT, Memory, unpacked
from pipeline.compositing.refusals import NOTHING_THERE
from pipeline.compositing.view import View
from pipeline.engine import Concept, LearnOrder, OrderError, Work


def concept_of(view: View) -> Concept | None:
    """The taught concept that the step brings in."""
    step = view.order.step
    referent = view.order.referents.get("content")
    name = step.concept or (referent.name if referent is not None else None)
    return view.order.concepts.get(name) if name is not None else None


def recalled(view: View, concept: Concept) -> Work[Memory]:
    """What this engine knows of a concept; learnt now from its references when it was taught to another engine."""
    artefact = concept.artefacts.get(ENGINE)
    if artefact is not None and artefact.format == FORMAT:
        return unpacked(artefact)
    if not concept.references:
        raise OrderError(
            f"还没见过{concept.name}的照片。先发 3–5 张{concept.name}的照片教我吧。", f"{concept.name}: no references"
        )
    learned = yield from learn.learn(LearnOrder(concept.name, concept.kind, tuple(concept.references)), view.vision)
    return unpacked(learned.artefact)


def newcomer(view: View) -> Work[tuple[str, Memory]]:
    """Name and figures of who comes in: a taught concept, else the main thing of a picture that came along."""
    concept = concept_of(view)
    if concept is not None:
        memory = yield from recalled(view, concept)
        if memory.kind == "style":
            raise OrderError(
                f"「{concept.name}」是一种画风，不能放进照片；可以说「改成{concept.name}的风格」。", "a style comes in"
            )
        return concept.name, memory
    words = view.order.step.content or view.order.step.concept or "它"
    if view.order.references:
        learned = yield from learn.learn(LearnOrder(words, "object", view.order.references[:1]), view.vision)
        return words, unpacked(learned.artefact)
    raise OrderError(
        NOTHING_THERE.format(content=words),
        f"nothing to bring in for {view.order.step}",
    )
