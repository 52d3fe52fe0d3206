"""Which engine gets which order: one table, read from left to right; and which orders have a second stage.

A photo of a drawn world goes to the model that knows this world. For every other photo the operation says which kinds of
engine come first: those who keep the photo's own pixels where that is what makes an edit good, those who paint where
something has to be drawn that nobody photographed. What an engine cannot do is tried by the next one; a question back is
an answer, and ends the search. An engine that sends photos to another computer is passed over unless `leave` allows it.

Engines do not know each other. Where two of them make one picture, the first one's goes to the second from here: who comes
into a photo is set in with their own pixels, and a painting model, where there is one, goes gently over the seam.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeline.engine import (
    Ambiguous,
    Edited,
    EditOrder,
    Engine,
    EngineError,
    FigureOrder,
    Figures,
    GenerateOrder,
    HarmonizeOrder,
    Harmonizer,
    LearnOrder,
    Leaving,
    OrderError,
    T,
    Unfamiliar,
    Work,
)
from pipeline.imaging.judging import judged

KEEPS = ("compositing", "editor", "server", "diffusion")  # the user's own pixels first
PAINTS = ("editor", "server", "diffusion", "compositing")  # a painting model first
TABLE: Mapping[str, tuple[str, ...]] = {
    "insert": KEEPS,
    "remove": KEEPS,
    "move": KEEPS,
    "swap": KEEPS,
    "background": KEEPS,
    "recolor": KEEPS,
    "restyle": KEEPS,
    "replace": KEEPS,
    "modify": PAINTS,
    "extend": PAINTS,
    "face_swap": PAINTS,
}  # what is not here (light, crop, 证件照, …): KEEPS

TWO_STAGES: Mapping[str, str] = {
    "insert": "compositing",
    "replace": "compositing",
}  # operation → kind of the first engine


IN_REGION = (
    "这个现在没法只对圈出来的地方做。圈出来的地方可以去掉、换颜色、打码、模糊、调亮调暗；"
    "想对整张照片做，就不圈，再说一遍。"
)
Leave = Callable[[Engine], bool | None]  # whether what an order holds may be sent to an engine; None: nobody was asked


def here(engine: Engine) -> bool:
    """Nothing leaves this machine."""
    return False


def candidates(engines: Sequence[Engine], order: EditOrder) -> list[Engine]:
    """The engines that may carry out an order, the best first. Raises EngineError when none can."""
    operation = order.step.operation
    if order.method is not None:
        named = [one for one in engines if order.method in [m["name"] for m in one.capabilities().methods]]
        if not named:
            raise EngineError(
                f"没有叫 {order.method} 的方法，换一个，或者不指定，让我来选。", f"no method {order.method}"
            )
        able = [one for one in named if not order.regions or operation in one.capabilities().regions]
        if not able:
            raise EngineError(IN_REGION, f"{order.method} knows no region")
        return able
    able = [one for one in engines if operation in one.capabilities().operations]
    if not able:
        raise EngineError("这件事现在还做不了，换个说法试试？", f"no engine for {operation}")
    if order.regions:
        able = [one for one in able if operation in one.capabilities().regions]
        if not able:
            raise EngineError(IN_REGION, f"no engine for {operation} in a region")
    place = TABLE.get(operation, KEEPS)
    own = [one for one in able if one.capabilities().photos == "own"]
    others = sorted((one for one in able if one not in own), key=lambda one: place.index(one.kind))
    return [*own, *others]


def edit(engines: Sequence[Engine], order: EditOrder, leave: Leave = here) -> Work[Edited]:
    """The order, by the first engine that can, with its second stage where it has one, and judged. Raises Leaving where the user
    must be asked first."""
    able = candidates(engines, order)
    return judged(order, (yield from _first(able, order, lambda engine: _carried_out(engines, engine, order), leave)))


def within_reach(engines: Sequence[Engine], order: EditOrder) -> None:
    """Raises OrderError where every engine that serves an order has a bound that it does not keep: what was asked before any
    worker had said what it can do is refused before work on it starts, as the chat refuses it once it knows."""
    target = order.referents.get("target")
    if order.references or (target is not None and target.part not in (None, "background")):
        return
    bounds = [
        one.capabilities().bounds.get(order.step.operation) for one in candidates(engines, order) if one.serves(order)
    ]
    known = [bound for bound in bounds if bound is not None]
    if not known or len(known) < len(bounds):
        return
    if any(bound.keeps(order.step, order.referents.get("content")) for bound in known):
        return
    words = order.step.content or order.step.concept or order.step.style or "这个"
    instead = f"现在可以说{'、'.join(f'「{one}」' for one in known[0].instead)}。" if known[0].instead else ""
    raise OrderError(known[0].sentence.format(content=words) + instead, f"no engine keeps within {order.step}")


def _carried_out(engines: Sequence[Engine], engine: Engine, order: EditOrder) -> Work[Edited]:
    """An engine's picture; of somebody who came in, harmonized by an engine that can. Who names a method gets that alone."""
    made = yield from engine.edit(order)
    named = order.method is not None or TWO_STAGES.get(order.step.operation) != engine.kind
    if named or order.step.concept is None or made.mask is None:
        return made
    for other in engines:
        if "harmonize" in other.capabilities().jobs and isinstance(other, Harmonizer):
            try:
                return (yield from other.harmonize(HarmonizeOrder(order.photo, made, order.seed)))
            except OrderError as error:  # the first picture is good as it is
                return replace(made, facts=made.facts | {"not harmonized": str(error)})
    return made


def figures(engines: Sequence[Engine], order: FigureOrder, leave: Leave = here) -> Work[Figures]:
    """Figures for stickers: of somebody taught by an engine that has learnt them, of a photo by one that knows it."""
    able = [one for one in engines if "stickers" in one.capabilities().jobs]
    if order.concept is not None:
        learnt = order.concept.artefacts
        able = [one for one in able if one.name in learnt]
    return (yield from _first(able, order, lambda engine: engine.figures(order), leave))


def generate(engines: Sequence[Engine], order: GenerateOrder, leave: Leave = here) -> Work[Edited]:
    """A picture from nothing, by the first engine that draws."""
    able = [one for one in engines if "generate" in one.capabilities().jobs]
    return (yield from _first(able, order, lambda engine: engine.generate(order), leave))


def learners(engines: Sequence[Engine], order: LearnOrder) -> list[Engine]:
    """The engines that shall learn a concept, the one first that is ready soonest."""
    able = [one for one in engines if "learn" in one.capabilities().jobs and one.serves(order)]
    own = [one for one in able if one.capabilities().photos == "own"]
    return own or sorted(able, key=lambda one: KEEPS.index(one.kind))


def _first(
    able: Sequence[Engine],
    order: EditOrder | FigureOrder | GenerateOrder,
    begin: Callable[[Engine], Work[T]],
    leave: Leave,
) -> Work[T]:
    """What the first engine makes that serves the order and does not refuse it; else the first refusal."""
    refusals: list[OrderError] = []
    kept = False
    for engine in able:
        if not isinstance(order, GenerateOrder) and not engine.serves(order):
            continue
        can = engine.capabilities()
        if can.leaves_machine and not (may := leave(engine)):
            if may is None:
                title = next((str(method["title"]) for method in can.methods), engine.name)
                raise Leaving(engine.name, title, can.host)
            kept = True
            continue
        try:
            return (yield from begin(engine))
        except Ambiguous:
            raise
        except OrderError as error:
            refusals.append(error)
    known = [error for error in refusals if not isinstance(error, Unfamiliar)]
    if known or refusals:
        raise (known or refusals)[0]
    if kept:
        raise EngineError(
            "这件事要发给外面的服务器才做得了，照片没有发出去，所以没有改。改主意了就说「照片可以发出去」再说一遍，"
            "或者换个说法试试。",
            "only an engine that may not be asked",
        )
    raise Unfamiliar(
        "这张照片我现在还改不了：负责真实照片的部分没有装好，请运行 make setup 再试。也可以先用样例照片玩一玩。",
        "no engine serves this photo",
    )
