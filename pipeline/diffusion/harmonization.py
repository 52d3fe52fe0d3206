"""The second stage of an order: a gentle pass of the model over a picture that was put together of real pixels.

SDEdit (Meng et al. 2022) with little noise: seam, light and shadow about who came in are drawn anew, their clothes follow
half. Every face, and everybody who was there before, keeps every bit.
"""

import cv2
import numpy as np
import torch

from pipeline.diffusion import captioner
from pipeline.diffusion.contract import Edit, EditError
from pipeline.diffusion.in_place import within_outline
from pipeline.diffusion.method_runner import picture, plain, view
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.prompts import Outline
from pipeline.diffusion.sight import Sight, sized
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import Box, Edited, Floats, HarmonizeOrder, Work
from pipeline.imaging import composite
from pipeline.imaging.segmentation import tight_box

DEPTH = 0.25  # part of the way up to noise: colours and soft edges change, what is seen does not
INTERIOR = 0.5  # how far the newcomer's own surface follows
SEAM = 0.03  # of the newcomer's longer side: how far on both sides of the outline is seam, and ground for a shadow
FACE = 1.25  # of the face's box, that is held
CAPTION = "a photo of people, natural light"


def harmonize(sd: StableDiffusion, order: HarmonizeOrder, sight: Sight, steps: int) -> Work[Edited]:
    """The picture with its newcomer's seam, light and shadow redrawn. Raises EditError without a mask or anybody in it."""
    made = order.made
    if made.mask is None or not (made.mask > 0.5).any():
        raise EditError("这张图没有可以修整的接缝。", "harmonize without a mask")
    seen = yield from sight.seen(sd, made.image, {})
    if seen.scene is None:
        raise EditError("看照片的小模型没有装好，请运行 make setup 再试。", "harmonize without vision")
    shape = (made.mask > 0.5).astype(np.float32)
    persons = seen.scene.persons
    masks = [sized(one.mask, made.image) for one in persons]
    shared = [float((mask * shape).sum()) / max(1.0, float(mask.sum())) for mask in masks]
    held = [mask for mask, share in zip(masks, shared, strict=True) if share < 0.5]
    held += [_oval(one.face.box, shape.shape) for one in persons if one.face is not None]
    stays = np.maximum.reduce([np.zeros_like(shape), *held])

    box = tight_box(shape)
    reach = SEAM * max((box[2] - box[0]) * shape.shape[1], (box[3] - box[1]) * shape.shape[0])
    outside = cv2.distanceTransform((shape < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    inside = cv2.distanceTransform((shape > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    seam = np.clip(2 - (outside + inside) / reach, 0, 1)
    weight = np.asarray(np.maximum(seam, INTERIOR * shape) * (1 - stays), np.float32)
    outline = Outline(np.asarray((weight > 0).astype(np.float32)), np.asarray(stays, np.float32), shape)

    height, width = shape.shape
    crop = composite.around(tight_box(outline.area), height, width, sd.size)
    there = view(sd, made.image, crop)
    caption = captioner.describe(there.image, sd.name) or CAPTION
    allowed = composite.take(weight, crop, sd.size)
    asked = Edit(
        image=there.image,
        source=caption,
        target=caption,
        region=torch.from_numpy(allowed)[None, None].to(sd.device),
        seed=order.seed,
        steps=steps,
        options={"depth": DEPTH},
        z0=there.z0,
    )
    drawn = yield from METHODS["sdedit"].run(sd, asked)
    where = (allowed > 0).astype(np.float32)
    image, mask = composite.put(made.image, crop, plain(sd, there), picture(drawn.image), where)
    image, mask = within_outline(made.image, image, mask, outline, crop)
    return Edited(image, np.maximum(made.mask, mask), made.facts | {"depth": DEPTH})


def _oval(box: Box, shape: tuple[int, ...]) -> Floats:
    """A face as a mask (H, W)."""
    height, width = shape
    drawn = np.zeros((height, width), np.float32)
    center = round((box[0] + box[2]) / 2 * width), round((box[1] + box[3]) / 2 * height)
    axes = round(FACE * (box[2] - box[0]) / 2 * width), round(FACE * (box[3] - box[1]) / 2 * height)
    cv2.ellipse(drawn, center, axes, 0, 0, 360, 1.0, -1)
    return drawn
