"""Blended latent diffusion: a region drawn anew, the rest the photo's."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from pipeline.diffusion.methods import Edit, EditError
from pipeline.diffusion.methods.blended import METHOD
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    region = torch.zeros(1, 1, 128, 128)
    region[..., :64] = 1
    return replace(Edit(image, "a cat", "a dog on the beach", region=region, steps=4), **changes)


def run(sd: StableDiffusion, **options: Any) -> torch.Tensor:
    return finish(METHOD.run(sd, edit(options=options))).image


def test_options_make_a_difference(tiny_sd: StableDiffusion) -> None:
    plain = run(tiny_sd)
    for options in ({"fresh_from": "photo"}, {"depth": 0.5}, {"negative": "source"}, {"shrink": 3}):
        assert not torch.allclose(plain, run(tiny_sd, **options), atol=1e-3)


def test_background_reconstruction_brings_the_photo_nearer_and_leaves_the_decoder_alone(
    tiny_sd: StableDiffusion,
) -> None:
    before = {name: value.clone() for name, value in tiny_sd.vae.state_dict().items()}
    plain, fitted = run(tiny_sd), run(tiny_sd, reconstruct=20, reconstruct_rate=2e-3)
    photo = edit().image
    outside = [float((image - photo)[..., 72:].square().mean()) for image in (plain, fitted)]
    assert outside[1] < 0.9 * outside[0]
    assert all(value.equal(before[name]) for name, value in tiny_sd.vae.state_dict().items())
    assert not any(parameter.requires_grad for parameter in tiny_sd.vae.parameters())


def test_clip_takes_one_of_several(tiny_sd: StableDiffusion) -> None:
    made = finish(METHOD.run(tiny_sd, edit(options={"samples": 3})))
    assert made.image.shape == (1, 3, 128, 128)
    assert made.facts["sample"] in (0, 1, 2)
    with pytest.raises(EditError):
        finish(METHOD.run(replace(tiny_sd, clip=None), edit(options={"samples": 3})))


def test_wrong_options_are_errors(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"samples": 0}, {"fresh_from": "above"}):
        with pytest.raises(EditError):
            run(tiny_sd, **wrong)
