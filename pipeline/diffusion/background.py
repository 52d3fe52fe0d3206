"""The setting is exchanged: drawn with nobody in it, and who stands in front is set into it with their own pixels.

Told of somebody who cannot be seen yet, the model would draw them, too, larger or beside themselves.
"""

from dataclasses import replace

import numpy as np

from pipeline.diffusion.context import Context
from pipeline.diffusion.foreground import opacity, standing
from pipeline.diffusion.prompts import Prompts
from pipeline.engine import Edited, Work
from pipeline.imaging import composite
from pipeline.imaging.segmentation import without_rim


def fits(context: Context, prompts: Prompts) -> bool:
    """Whether somebody stands in front of what is exchanged, in a photo of one window."""
    one_window = len(composite.windows(context.height, context.width)) == 1
    return context.asked.step.operation == "background" and one_window and bool(context.seen.things)


def exchange(context: Context, prompts: Prompts) -> Work[Edited]:
    """The photo's things in another setting."""
    photo, size = context.photo, context.sd.size
    nobody = replace(context.seen, things=(), scene=None)
    if context.vocabulary.open:  # a caption of the whole photo speaks of who stands in front
        nobody = replace(nobody, prompt="")
    alone = replace(context, seen=nobody).prompts()
    stays = opacity(photo, context.seen.scene) if context.seen.scene else standing(context.seen.things)
    view = context.view(context.whole)
    made = yield from context.draw(view, alone, np.ones((size, size), np.float32))
    new, _ = composite.put(photo, view.crop, context.plain(view), made.picture, None)
    own = without_rim(photo, stays)
    image = np.rint(new + stays[..., None] * (own - new)).astype(np.uint8)
    touched = np.maximum(1 - stays, (own != photo).any(2))
    return Edited(image, touched, {"source": alone.source, "target": alone.target} | made.facts)
