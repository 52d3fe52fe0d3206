"""⑧ One method at work on one view of the photo: the request that it gets, the inversion that is kept for the next edit."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.diffusion.contract import Edit
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.presets import STEADY, SWAY, VARIED, Preset
from pipeline.diffusion.prompts import Prompts
from pipeline.diffusion.toolkit.inversion import Inversion, pack, unpack
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, encode
from pipeline.diffusion.toolkit.pseudo_tokens import word_vectors
from pipeline.diffusion.windows import model_view
from pipeline.engine import Cache, Work
from pipeline.imaging.composite import Crop, Floats, Pixels


@dataclass(frozen=True, slots=True)
class Settings:
    """How methods run in one step of a plan. `named`: the method that the user asked for; `inversion`: the name of one, or
    one made earlier, None for the method's default."""

    preset: Preset
    named: str | None
    strength: float
    seed: int
    inversion: str | Inversion | None
    steps: int
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A crop of the photo as the model sees it, (1, 3, S, S) in [-1, 1], and as its autoencoder encodes that, (1, C, h, w)."""

    crop: Crop
    image: Tensor
    z0: Tensor


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a method made of a view, (S, S, 3) in 0…255, and facts."""

    picture: Floats
    facts: dict[str, Any]


def view(sd: StableDiffusion, photo: Pixels, crop: Crop) -> View:
    """A crop, encoded once for all that is done with it."""
    image = model_view(sd, photo, crop)
    return View(crop, image, encode(sd, image))


def plain(sd: StableDiffusion, seen: View) -> Floats:
    """What the autoencoder alone makes of a view, (S, S, 3) in 0…255."""
    return picture(decode(sd, seen.z0))


def request(
    sd: StableDiffusion,
    seen: View,
    prompts: Prompts,
    allowed: Floats | None,
    settings: Settings,
    shape: Floats | None = None,
) -> Edit:
    """What a method is asked for. `allowed` (S, S): where it may draw, None for everywhere; `shape` (S, S): where the thing
    that it is about is seen."""
    region, there = (
        None if one is None else torch.from_numpy(one)[None, None].to(sd.device) for one in (allowed, shape)
    )
    # what is drawn afresh needs a place; an open world has none and edits the whole picture
    options = {
        name: value for name, value in settings.preset.options.items() if region is not None or "fresh" not in name
    }
    return Edit(
        image=seen.image,
        source=prompts.source,
        target=prompts.target,
        words=prompts.words,
        region=region,
        shape=there,
        strength=settings.strength,
        seed=settings.seed,
        steps=settings.steps,
        inversion=settings.inversion,
        options=options,
        z0=seen.z0,
    )


def run(
    sd: StableDiffusion,
    seen: View,
    prompts: Prompts,
    allowed: Floats | None,
    settings: Settings,
    shape: Floats | None = None,
) -> Work[Drawn]:
    """Run the method on one view, inside `allowed` only (see `request`); its inversion comes from the cache or goes there."""
    method = settings.preset.method
    asked = _varied(request(sd, seen, prompts, allowed, settings, shape), method)
    key = _key(sd, seen.image, prompts.source, settings)
    kept = settings.cache.get(key) if settings.cache is not None else None
    if kept:
        asked = replace(asked, inversion=unpack(kept, sd.device))
    made = yield from METHODS[method].run(sd, asked)
    if settings.cache is not None and not kept and made.inversion is not None:
        settings.cache[key] = pack(made.inversion)
    return Drawn(picture(made.image), {**made.facts, "inversion_kept": bool(kept)})


def _varied(asked: Edit, method: str) -> Edit:
    """A request for another picture than the first (再来一张) of a method that leaves little or nothing to chance."""
    if asked.seed and "fresh_noise" not in asked.options and method in VARIED:
        region = torch.ones_like(asked.image[:, :1]) if asked.region is None else asked.region
        asked = replace(asked, region=region, options={**asked.options, **VARIED[method]})
    sway = SWAY[asked.seed % len(SWAY)] if method in STEADY else 1.0
    return replace(asked, strength=asked.strength * sway)


def _key(sd: StableDiffusion, image: Tensor, source: str, settings: Settings) -> str:
    """What an inversion depends on, as a hexadecimal name; methods invert each in its own way. Guidance is the model's
    own. Worn words change their meaning with their vectors, so prompts that hold one name those too; so do worn weights."""
    digest = hashlib.sha256(image.cpu().numpy().tobytes())
    parts = [sd.name, str(sd.guidance), source, settings.preset.method, str(settings.inversion), str(settings.steps)]
    worn = [word for word in sd.worn if word in source]
    for word in worn:
        digest.update(word_vectors(sd, word).cpu().numpy().tobytes())
    for name, weight in sd.unet.named_parameters():
        if ".lora_" in name:
            digest.update(weight.detach().float().cpu().numpy().tobytes())
    digest.update("\0".join(parts).encode())
    return digest.hexdigest()


def picture(image: Tensor) -> Floats:
    """(1, 3, S, S) in [-1, 1] → (S, S, 3) in 0…255."""
    pixels = (image[0].permute(1, 2, 0).cpu().numpy() + 1) * 127.5
    return np.asarray(pixels, np.float32)
