"""Another ground behind the people: a colour, a photo, a taught place, a sky; or the same, blurred or gray."""

import time

from pipeline.compositing import hues, recall
from pipeline.compositing.cutout import subject
from pipeline.compositing.refusals import BLURRED, NEEDS
from pipeline.compositing.strength import amount
from pipeline.compositing.view import View
from pipeline.engine import Edited, Floats, Offer, OrderError, Pixels, Progress, Work
from pipeline.imaging import background as grounds
from pipeline.imaging.id_photo import GROUNDS

# Skies that can be drawn, by the lexicon's English for what is said.
SKIES = {"sunset": "sunset", "sunrise": "dawn", "dawn": "dawn", "dusk": "sunset", "evening glow": "sunset", "night": "night",
         "starry": "night", "sky": "day", "clear day": "day", "晚霞": "sunset", "夜空": "night", "蓝天": "day"}  # fmt: skip


def background(view: View) -> Work[Edited]:
    """`background`: the step's colour, the photo that came along, a taught place, or a drawn sky."""
    started = time.perf_counter()
    step = view.order.step
    wanted, how = yield from _ground(view)
    yield Progress(4, 10, "正在换背景")
    alpha = _foreground(view)
    if isinstance(wanted, tuple):
        result = grounds.plain(view.photo, alpha, wanted)
    else:
        result = grounds.place(view.photo, alpha, wanted)
    facts = {"method": "compositing", "ground": how, "content": step.content,
             "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
    return Edited(result, 1 - alpha, facts)


def blurred(view: View) -> Work[Edited]:
    """The background out of focus, as a large lens sees it."""
    yield Progress(4, 10, "正在虚化背景")
    alpha = _foreground(view)
    result = grounds.blurred(view.photo, alpha, amount(view.order))
    return Edited(result, 1 - alpha, {"method": "compositing", "ground": "blurred"})


def grayed(view: View) -> Work[Edited]:
    """The background without colours."""
    yield Progress(4, 10, "正在给背景去色")
    alpha = _foreground(view)
    return Edited(grounds.colourless(view.photo, alpha), 1 - alpha, {"method": "compositing", "ground": "gray"})


def _foreground(view: View) -> Floats:
    alpha = subject(view)
    if float((alpha > 0.5).mean()) < 0.002:
        raise OrderError("没看出照片里谁是主角，分不开前后。请点一下照片里的人或东西，再说一遍。", "no foreground")
    return alpha


def _ground(view: View) -> Work[tuple[Pixels | tuple[int, int, int], str]]:
    order, step = view.order, view.order.step
    concept = recall.concept_of(view)
    if concept is not None and concept.references:
        return concept.references[order.seed % len(concept.references)], "a taught place"
    if order.references:
        return order.references[order.seed % len(order.references)], "a photo"
    content = order.referents.get("content")
    setting = content.attributes.get("setting", "") if content is not None else ""
    said = f"{step.content or ''} {content.english or '' if content is not None else ''} {setting}".lower()
    for words, kind in SKIES.items():
        if words in said:
            return grounds.sky(*view.size, kind, order.seed), kind
    if step.color is not None:
        return GROUNDS.get(step.color, hues.COLORS[step.color]), "color"
    yield from ()
    raise OrderError(
        f"「{step.content or '新背景'}」我手边没有照片；{NEEDS}。发一张{step.content or '背景'}的照片给我，我就能把人换过去。",
        f"no ground {said!r}",
        (
            Offer("换成白色背景", {"content": "白色", "color": "white", "concept": None}, {"content": None}),
            BLURRED,
        ),
    )
