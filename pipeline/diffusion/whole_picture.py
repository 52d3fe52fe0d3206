"""All of the picture changes: a style, or what cannot be said of one place. A long photo changes window by window."""

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.diffusion.context import Context
from pipeline.diffusion.perception import look
from pipeline.diffusion.prompts import Prompts
from pipeline.engine import Edited, Work, one_of
from pipeline.imaging import composite
from pipeline.imaging.composite import Floats


def fits(context: Context, prompts: Prompts) -> bool:
    """Whether one window shows the whole photo."""
    return len(composite.windows(context.height, context.width)) == 1


def edit(context: Context, prompts: Prompts) -> Work[Edited]:
    """The photo, redrawn; where nothing is new, its own pixels stay, except in another style."""
    view = context.view(context.whole)
    made = yield from context.draw(view, prompts, None)
    plain = context.plain(view)
    new = None if context.settings.preset.whole else composite.changed(plain, made.picture)
    image, mask = composite.put(context.photo, view.crop, plain, made.picture, new)
    return Edited(image, mask, made.facts)


def in_windows(context: Context, prompts: Prompts) -> Work[Edited]:
    """A long photo, redrawn window by window, each by what is seen in it."""
    crops = composite.windows(context.height, context.width)
    pictures: list[Floats] = []
    facts: dict[str, Any] = {}
    for i, crop in enumerate(crops):
        view = context.view(crop)
        there = replace(context, seen=look(context.sd, view.image, context.vocabulary))
        made = yield from one_of(context.draw(view, there.prompts(), None), i, len(crops))
        pictures.append(made.picture)
        facts |= made.facts
    image = composite.stitch(context.photo, crops, tuple(pictures))
    return Edited(image, np.ones((context.height, context.width), np.float32), facts)
