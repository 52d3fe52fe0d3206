"""One thing, or one place, changes: on the crop about it, and nothing beside it."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.diffusion.context import Context
from pipeline.diffusion.foreground import standing, within_shape
from pipeline.diffusion.grounding import middle
from pipeline.diffusion.method_runner import Settings
from pipeline.diffusion.presets import presets_of
from pipeline.diffusion.prompts import EVERYWHERE, Outline, Prompts
from pipeline.diffusion.reflections import whole_place
from pipeline.diffusion.windows import third, within
from pipeline.engine import Edited, Work
from pipeline.imaging import composite
from pipeline.imaging.color_transfer import carried
from pipeline.imaging.composite import Box, Crop, Floats, Pixels

RIM = 0.02  # of the crop: how far a soft border may reach beyond where a real photo may change
KEPT = 0.05  # opacity of what stays from which on a pixel keeps every bit


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a step draws: the crop; the boxes of the thing (or the place) and of its images, in shares of the photo; what
    stays as it is and, of a thing, where it is seen, (H, W) in [0, 1] each; how the method runs there; and where within the
    boxes it may draw, (H, W), None for all over them."""

    crop: Crop
    boxes: tuple[Box, ...]
    stays: Floats
    shape: Floats | None
    settings: Settings
    area: Floats | None = None

    def masks(self, context: Context) -> tuple[Floats, Floats | None]:
        """Where the method may draw, and where the thing is seen, in the crop at the model's size (S, S)."""
        size = context.sd.size
        if self.area is not None:
            shape = None if self.shape is None else composite.take(self.shape, self.crop, size)
            return composite.take(self.area, self.crop, size), shape
        boxes = [composite.box_in(self.crop, box, context.height, context.width) for box in self.boxes]
        allowed = composite.regions(boxes, size, self.settings.preset.grow)
        allowed = allowed * (1 - composite.take(self.stays, self.crop, size))
        return allowed, None if self.shape is None else composite.take(self.shape, self.crop, size)


def fits(context: Context, prompts: Prompts) -> bool:
    """Whether the step says where."""
    return prompts.outline is not None or prompts.box != EVERYWHERE


def spot(context: Context, prompts: Prompts) -> Spot:
    """Where a step draws, and what it leaves alone there."""
    if (outline := prompts.outline) is not None:
        crop = composite.around(prompts.box, context.height, context.width, context.sd.size)
        return Spot(crop, (prompts.box,), outline.stays, outline.shape, context.settings, outline.area)
    seen, settings, shape, boxes = context.seen, context.settings, None, [prompts.box]
    stays = np.zeros((context.height, context.width), np.float32)
    if prompts.index is not None:
        stays, shape, own = whole_place(context.photo, seen, prompts.index, context.vocabulary)
        boxes += own[1:]
        if len(own) > 1:  # its image in mirror or water changes, too
            settings = replace(settings, preset=presets_of(context.sd.name).seen_twice(settings.preset))
    elif seen.things:  # they stand in front and stay as they are
        stays = standing(seen.things, middle(prompts.box))
    crop = composite.around(composite.hull(boxes), context.height, context.width, context.sd.size)
    return Spot(crop, tuple(boxes), stays, shape, settings)


def edit(context: Context, prompts: Prompts) -> Work[Edited]:
    """The photo with the step carried out there."""
    where, photo, facts = spot(context, prompts), context.photo, {}
    view = context.view(where.crop)
    if prompts.outline is not None:
        prompts = context.told_of(view, prompts)
        facts = {"source": prompts.source, "target": prompts.target, "crop": _numbers(where.crop)}
    elif where.crop != context.whole:
        prompts = _told_there(context, prompts, where.crop)
        facts = {"source": prompts.source, "target": prompts.target, "crop": _numbers(where.crop)}
    preset = where.settings.preset
    allowed, shape = where.masks(context)
    made = yield from replace(context, settings=where.settings).draw(view, prompts, allowed, shape)
    plain = context.plain(view)
    new = composite.changed(plain, made.picture, allowed)
    carry = carried if preset.colors else None
    image, mask = composite.put(photo, where.crop, plain, made.picture, new, carry)
    if prompts.outline is not None:
        image, mask = within_outline(photo, image, mask, prompts.outline, where.crop)
    elif preset.colors and where.shape is not None:
        image, mask = within_shape(photo, image, mask, where.shape)
    return Edited(image, mask, facts | made.facts)


def _told_there(context: Context, prompts: Prompts, crop: Crop) -> Prompts:
    """The prompts for a crop: they speak of what is seen in it only, and places are places in it."""
    height, width, asked = context.height, context.width, context.asked
    view, inside = within(context.seen, crop, prompts.index, height, width, context.vocabulary)
    if prompts.index is None:
        place = third(middle(composite.box_in(crop, prompts.box, height, width)), context.vocabulary)
        asked = replace(asked, step=replace(asked.step, position={"middle": "center"}.get(place, place)))
    there = replace(context, seen=view, asked=asked, choice=inside).prompts()
    return replace(there, box=prompts.box, description=prompts.description)


def within_outline(photo: Pixels, image: Pixels, mask: Floats, outline: Outline, crop: Crop) -> tuple[Pixels, Floats]:
    """An edit without what its soft border brought beyond the outline's area, by more than a soft rim, or onto what stays."""
    inside = (slice(crop.y, crop.y + crop.height), slice(crop.x, crop.x + crop.width))
    rim = max(1.0, RIM * max(crop.width, crop.height))
    away = cv2.distanceTransform((outline.area[inside] < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    limit = np.clip(1 - away / rim, 0, 1) * (outline.stays[inside] < KEPT)
    mask = mask.copy()
    mask[inside] *= limit
    out = photo.copy()
    own = photo[inside].astype(np.float32)
    new = own + limit[..., None] * (image[inside] - own)
    touched = mask[inside] > 0
    out[inside][touched] = np.rint(new).astype(np.uint8)[touched]
    return out, mask


def _numbers(crop: Crop) -> tuple[int, int, int, int]:
    return crop.x, crop.y, crop.width, crop.height
