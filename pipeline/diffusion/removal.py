"""Somebody goes: what they covered is filled, and nobody else is spoken of."""

from collections.abc import Sequence
from typing import Any

from pipeline.diffusion.context import Context
from pipeline.diffusion.foreground import besides
from pipeline.diffusion.prompts import Prompts, emptied
from pipeline.diffusion.reflections import echoed, images, on_water
from pipeline.diffusion.windows import survey, within
from pipeline.engine import Edited, Pixels, Work
from pipeline.imaging import composite
from pipeline.imaging.composite import Floats
from pipeline.imaging.judging import TAKEN


def fits(context: Context, prompts: Prompts) -> bool:
    """Whether a thing goes altogether."""
    return prompts.gone and prompts.index is not None


def remove(context: Context, prompts: Prompts) -> Work[Edited]:
    """The photo without the thing that the step is about, and without its images. In doubt where as many things are read in
    the result as in the photo: what fills the place looks like somebody still."""
    assert prompts.index is not None
    image, touched, facts = yield from empty(context, [prompts.index], mirrors=True)
    left = () if context.vocabulary.open else survey(context.sd, image, context.vocabulary).things
    if len(left) >= len(context.seen.things):
        facts["doubt"] = TAKEN
    return Edited(image, touched, facts)


def empty(context: Context, gone: Sequence[int], mirrors: bool = False) -> Work[tuple[Pixels, Floats, dict[str, Any]]]:
    """The photo without these things and their images on water (with `mirrors` in a mirror, too), where that touched it
    (H, W), and facts."""
    sd, photo, seen, vocabulary = context.sd, context.photo, context.seen, context.vocabulary
    height, width = context.height, context.width
    others = [thing for i, thing in enumerate(seen.things) if i not in gone]
    stays, shape = besides(photo, others, *(seen.things[i] for i in gone))
    places = [seen.things[i].box for i in gone]
    for i in gone:
        doubles = images(photo, seen, i, shape, vocabulary) if mirrors else on_water(photo, seen, i, vocabulary)
        shape = echoed(shape, seen.things[i].box, doubles)
        places += [double.box for double in doubles]
    crop = composite.around(composite.hull(places), height, width, sd.size)
    there, going = seen, list(gone)
    if crop != context.whole:
        there, _ = within(seen, crop, None, height, width, vocabulary)
        inside = (within(seen, crop, i, height, width, vocabulary)[1] for i in gone)
        going = [i for i in inside if i is not None]
    said = emptied(there, going, vocabulary, context.fits)
    boxes = [composite.box_in(crop, place, height, width) for place in places]
    region = composite.regions(boxes, sd.size, context.settings.preset.grow)
    region = region * (1 - composite.take(stays, crop, sd.size))
    view = context.view(crop)
    made = yield from context.draw(view, said, region)
    plain, stood = context.plain(view), composite.about(composite.take(shape, crop, sd.size))
    new = composite.changed(plain, made.picture, region) * stood
    image, touched = composite.put(photo, crop, plain, made.picture, new, gone=stood)
    return image, touched, {"source": said.source, "target": said.target, "words": said.words} | made.facts
