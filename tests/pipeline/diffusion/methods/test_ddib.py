"""DDIB: up with one prompt, down with the other."""

from dataclasses import replace
from typing import Any

import torch

from pipeline.diffusion.methods import Edit
from pipeline.diffusion.methods.ddib import METHOD
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return replace(Edit(image, "a cat", "a dog on the beach", steps=16), **changes)


def distance(sd: StableDiffusion, **changes: Any) -> float:
    made = finish(METHOD.run(sd, edit(**changes)))
    return float((made.image - model.decode(sd, model.encode(sd, edit().image))).square().mean())


def test_without_guidance_there_and_back_is_the_same_place(tiny_sd: StableDiffusion) -> None:
    """Cycle consistency: a target that is the source brings the photo back, and guidance drifts away from it."""
    back = distance(tiny_sd, target="a cat", options={"guided": False})
    assert back < distance(tiny_sd, target="a cat")


def test_turning_back_sooner_leaves_more_of_the_photo(tiny_sd: StableDiffusion) -> None:
    assert distance(tiny_sd, options={"depth": 0.3}) < distance(tiny_sd)
    count = model.evaluations(tiny_sd)
    seen = list(METHOD.run(tiny_sd, edit(options={"depth": 0.5}, steps=8, strength=0.5)))
    assert len(seen) == 8 + 2
    assert count.forward == 8 + 2 * 2
