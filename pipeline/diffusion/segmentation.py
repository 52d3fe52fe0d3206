"""Things drawn by themselves and cut out: a sticker's figure, or somebody who comes into a photo.

Alone a thing is drawn as large as its picture, with all that the model knows of it; in a group it would have to do with
the few latents of its place.
"""

from collections.abc import Generator, Sequence

import numpy as np

from pipeline.diffusion.perception import to_pixels, vocabulary_of
from pipeline.diffusion.toolkit.align import positions
from pipeline.diffusion.toolkit.attention import AttentionStore, attention, token_map
from pipeline.diffusion.toolkit.ddim import sample
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, noise
from pipeline.diffusion.windows import survey
from pipeline.engine import Progress, part
from pipeline.imaging.composite import Box, Floats, Pixels
from pipeline.imaging.segmentation import cutout, whole

BATCH = 4  # pictures drawn at once
BORDER = 0.012  # what comes nearer to the edge of its picture, in shares of it, is taken to be cut off
FULL = 0.3  # of a room's sides covered by what was cut out of it: then the background was cut out too
Drawn = tuple[Pixels, Floats | None]


def draw(
    sd: StableDiffusion, prompts: Sequence[str], word: str, seed: int, steps: int
) -> Generator[Progress, None, list[Drawn]]:
    """Pictures of prompts at the model's size, and of each where attention saw `word` while it was drawn (None: nowhere in
    the prompt)."""
    side = sd.size // sd.factor
    done: list[Drawn] = []
    for first in range(0, len(prompts), BATCH):
        some = list(prompts[first : first + BATCH])
        start = noise(sd, (len(some), sd.unet.config.in_channels, side, side), seed + first)
        store, work = AttentionStore(len(some), side**2), sample(sd, start, some, steps=steps)
        with attention(sd.unet, *([store] if word else [])):
            z = yield from part(work, first // BATCH * steps, -(-len(prompts) // BATCH) * steps)
        for i, prompt in enumerate(some):
            where = positions(sd, prompt, word) if word else []
            heat = token_map(store, where, i, side)[0, 0].cpu().numpy() if where else None
            done.append((to_pixels(decode(sd, z[i : i + 1])), heat))
    return done


def shape_in(sd: StableDiffusion, image: Pixels, heat: Floats | None = None) -> tuple[Floats, float]:
    """Where the largest thing of a picture is, (H, W) in [0, 1], and how good that is (see `shape`)."""
    seen = survey(sd, image, vocabulary_of(sd.name))
    return shape(image, [thing.box for thing in seen.things], heat)


def shape(image: Pixels, boxes: Sequence[Box], heat: Floats | None = None) -> tuple[Floats, float]:
    """Where the largest thing of a picture is, (H, W) in [0, 1], and how good that is in [0, 1]: whole, and neither a scrap
    nor the whole picture. `boxes`: where things were seen; `heat`: where attention saw this one."""
    box = max(boxes or [(0.1, 0.1, 0.9, 0.95)], key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    cuts = [(cutout(image, room, heat), room) for room in (whole(image, box), _grown(box), box)]
    filled = [_filled(mask, room) for mask, room in cuts]
    best = next((i for i, share in enumerate(filled) if share < FULL), int(np.argmin(filled)))
    mask = cuts[best][0]
    return mask, quality(mask)


def quality(mask: Floats) -> float:
    """How good a cut-out is: 1 for a whole thing of a fair size, less the more of its outline lies on the border of the
    picture, and for a scrap or nearly everything."""
    height, width = mask.shape
    edge = max(1, round(BORDER * max(height, width)))
    # feet may stand on the lower border: a caption hides that
    touched = np.concatenate([mask[:edge].max(0), mask[:, :edge].max(1), mask[:, -edge:].max(1)])
    share = float(mask.mean())
    size = min(1.0, share / 0.12) * min(1.0, (1 - share) / 0.35)
    return float((1 - touched.mean()) * size)


def _grown(box: Box, by: float = 0.03) -> Box:
    return max(0.0, box[0] - by), max(0.0, box[1] - by), min(1.0, box[2] + by), min(1.0, box[3] + by)


def _filled(mask: Floats, room: Box) -> float:
    """How much of the upper three sides of its room a mask lies on: where the background was taken for the thing, or the
    thing was cut off, it does."""
    height, width = mask.shape
    x0, y0 = min(int(room[0] * width), width - 2), min(int(room[1] * height), height - 2)
    inside = mask[y0 : max(round(room[3] * height), y0 + 2), x0 : max(round(room[2] * width), x0 + 2)] > 0.5
    return float(np.concatenate([inside[:, :2].any(1), inside[:, -2:].any(1), inside[:2].any(0)]).mean())
