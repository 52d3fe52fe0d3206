"""The whole picture in another style: painted, drawn, toned, or as a taught style does it."""

import time

from pipeline.compositing import recall
from pipeline.compositing.refusals import NEEDS
from pipeline.compositing.strength import amount
from pipeline.compositing.taught import style_net
from pipeline.compositing.view import View, remembered
from pipeline.engine import Edited, Offer, OrderError, Progress, Work
from pipeline.imaging.styles import STYLES, stylize

# What is said in words that are no style of the command schema, by the lexicon's English.
SPOKEN = {"film": "film", "black and white": "grayscale", "grayscale": "grayscale", "monochrome": "grayscale",
          "noir": "grayscale", "old photo": "vintage", "retro": "vintage", "cartoon": "comic", "neon": "cyberpunk",
          "pencil": "sketch", "mosaic": "pixel", "胶片": "film", "黑白": "grayscale"}  # fmt: skip


def restyle(view: View) -> Work[Edited]:
    """`restyle`: a style of the table, or one that was taught or that a picture sent along shows."""
    started = time.perf_counter()
    step = view.order.step
    yield Progress(3, 10, "正在换画风")
    faces = [one.face.box for one in view.scene.persons if one.face is not None]
    concept = recall.concept_of(view)
    if concept is not None:
        memory = yield from recall.recalled(view, concept)
        if memory.style is None:
            raise OrderError(
                f"「{concept.name}」不是画风。想学一种画风，可以发几张同一画风的图，说「记住这种画风」。", "not a style"
            )
        result = style_net().stylize(view.photo, memory.style, amount(view.order), faces)
        how = "a taught style"
    elif step.style is not None:
        result, how = stylize(view.photo, step.style, amount(view.order), faces), step.style
    elif (known := spoken(view)) is not None:
        result, how = stylize(view.photo, known, amount(view.order), faces), known
    elif view.order.references:
        net = style_net()
        result = net.stylize(view.photo, net.style_vector(view.order.references), amount(view.order), faces)
        how = "the style of pictures sent along"
    else:
        raise OrderError(
            f"「{step.content or '这种'}」画风我还没有；{NEEDS}。可以发一两张这种画风的图给我看，我照着来。",
            f"no style {step.content!r}",
            tuple(
                Offer(words, {"style": style, "content": None}, {"content": None})
                for words, style in (("改成水墨", "ink_wash"), ("改成油画", "oil"))
            ),
        )
    remembered(view, result)
    facts = {"method": "compositing", "style": how, "faces": len(faces), "strength": round(amount(view.order), 2),
             "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
    return Edited(result, None, facts)


def spoken(view: View) -> str | None:
    """The style that a phrase outside the schema's list means."""
    content = view.order.referents.get("content")
    meant = content.attributes.get("style") if content is not None else None
    if meant in STYLES:
        return meant
    said = f"{view.order.step.content or ''} {content.english or '' if content is not None else ''}".lower()
    return next((style for words, style in SPOKEN.items() if words in said and style in STYLES), None)
