"""One method at work on one crop: the request that it gets, the inversion that is kept for the next edit, and what came of
it beside what the autoencoder alone makes of the crop."""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pipeline.diffusion.methods import METHODS, Edit, Edited
from pipeline.diffusion.presets import STEADY, SWAY, VARIED, Recipe
from pipeline.diffusion.prompts import Prompts
from pipeline.diffusion.toolkit.inversion import Inversion, pack, unpack
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, encode
from pipeline.diffusion.windows import model_view
from pipeline.engine import Cache, Progress
from pipeline.imaging.composite import Crop, Floats, Pixels


@dataclass(frozen=True, slots=True)
class Order:
    """What holds for every crop of one step. `named`: the method that the user asked for."""

    recipe: Recipe
    named: str | None
    strength: float
    seed: int
    inversion: str | None
    steps: int
    cache: Cache | None


def work_on(
    sd: StableDiffusion,
    image: Tensor,
    told: Prompts,
    allowed: Floats | None,
    order: Order,
    shape: Floats | None = None,
) -> Generator[Progress, None, Edited]:
    """Run the method on one crop, inside `allowed` (S, S) only; its inversion comes from the cache or goes there. `shape`
    (S, S): where the thing that it is about is seen."""
    recipe = order.recipe
    region = None if allowed is None else torch.from_numpy(allowed)[None, None].to(sd.device)
    # what is drawn afresh needs a place; an open world has none and edits the whole picture
    options = {name: value for name, value in recipe.options.items() if region is not None or "fresh" not in name}
    if order.seed and "fresh_noise" not in options and recipe.method in VARIED:
        options |= VARIED[recipe.method]
        region = torch.ones_like(image[:, :1]) if region is None else region
    key = _key(sd, image, told.source, order)
    kept = order.cache.get(key) if order.cache is not None else None
    inversion: str | Inversion | None = unpack(kept, sd.device) if kept else order.inversion
    request = Edit(
        image=image,
        source=told.source,
        target=told.target,
        words=told.words,
        region=region,
        shape=None if shape is None else torch.from_numpy(shape)[None, None].to(sd.device),
        strength=order.strength * (SWAY[order.seed % len(SWAY)] if recipe.method in STEADY else 1.0),
        seed=order.seed,
        steps=order.steps,
        inversion=inversion,
        options=options,
    )
    made = yield from METHODS[recipe.method].run(sd, request)
    if order.cache is not None and not kept and made.inversion is not None:
        order.cache[key] = pack(made.inversion)
    return replace(made, facts={**made.facts, "inversion_kept": bool(kept)})


def _key(sd: StableDiffusion, image: Tensor, source: str, order: Order) -> str:
    """What an inversion depends on, as a hexadecimal name; methods invert each in its own way. Guidance is the model's
    own. Worn words change their meaning with their vectors, so prompts that hold one name those too; so do worn weights."""
    digest = hashlib.sha256(image.cpu().numpy().tobytes())
    parts = [sd.name, str(sd.guidance), source, order.recipe.method, str(order.inversion), str(order.steps)]
    worn = [word for word in sd.worn if word in source]
    for word in worn:
        ids = torch.tensor([sd.worn[word]], device=sd.device)
        digest.update(sd.text_encoder.get_input_embeddings()(ids).detach().cpu().numpy().tobytes())
    for name, weight in sd.unet.named_parameters():
        if ".lora_" in name:
            digest.update(weight.detach().cpu().numpy().tobytes())
    digest.update("\0".join(parts).encode())
    return digest.hexdigest()


def views(sd: StableDiffusion, photo: Pixels, crop: Crop, made: Edited) -> tuple[Floats, Floats]:
    """What the autoencoder makes of the crop, and the edited crop: (S, S, 3) in 0…255."""
    plain = decode(sd, encode(sd, model_view(sd, photo, crop)))
    first, second = ((image[0].permute(1, 2, 0).cpu().numpy() + 1) * 127.5 for image in (plain, made.image))
    return first.astype(np.float32), second.astype(np.float32)
