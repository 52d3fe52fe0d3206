"""A small edit, and the end of a method that learns first, for the tests of such methods."""

from dataclasses import replace

import torch

from pipeline.diffusion.methods import METHODS, Edit, Edited
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish

STEPS = 3


def edit_for(sd: StableDiffusion, **changes: object) -> Edit:
    image = torch.rand(1, 3, sd.size, sd.size, generator=torch.Generator().manual_seed(3)) * 2 - 1
    source, target = "a photo of a cat on the beach", "a photo of a dog on the beach"
    return replace(Edit(image, source, target, words=(("cat", "dog"),), steps=STEPS), **changes)  # type: ignore[arg-type]


def run(name: str, sd: StableDiffusion, edit: Edit | None = None, **options: object) -> Edited:
    return finish(METHODS[name].run(sd, replace(edit or edit_for(sd), options=options)))


def drawn(sd: StableDiffusion, prompt: str, seed: int = 0) -> torch.Tensor:
    """What the model draws from noise under a prompt: (1, 3, S, S)."""
    from pipeline.diffusion.toolkit.ddim import sample
    from pipeline.diffusion.toolkit.model import decode, noise

    side = sd.size // sd.factor
    start = noise(sd, (1, sd.unet.config.in_channels, side, side), seed)
    return decode(sd, finish(sample(sd, start, [prompt], steps=STEPS)))
