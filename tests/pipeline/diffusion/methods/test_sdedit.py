"""SDEdit: more noise, freer edit."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from pipeline.diffusion.methods import Edit, EditError
from pipeline.diffusion.methods.sdedit import METHOD
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return replace(Edit(image, "a cat", "a dog on the beach", steps=10), **changes)


def test_more_noise_goes_further_from_the_photo(tiny_sd: StableDiffusion) -> None:
    photo = model.decode(tiny_sd, model.encode(tiny_sd, edit().image))
    distances = []
    for depth in (0.1, 0.4, 0.9):
        result = finish(METHOD.run(tiny_sd, edit(options={"depth": depth})))
        distances.append(float((result.image - photo).pow(2).mean()))
        assert result.mask is None
    assert distances == sorted(distances)


@pytest.mark.parametrize(
    ("depth", "strength", "repeats", "steps"),
    [(0.8, 1.0, 1, 8), (0.5, 1.0, 3, 15), (0.8, 0.5, 1, 4), (0.8, 9.0, 1, 10), (0.0, 1.0, 1, 1)],
)
def test_depth_strength_and_repeats_say_how_many_steps(
    depth: float, strength: float, repeats: int, steps: int, tiny_sd: StableDiffusion
) -> None:
    count = model.evaluations(tiny_sd)
    seen = list(METHOD.run(tiny_sd, edit(strength=strength, options={"depth": depth, "repeats": repeats})))
    assert len(seen) == steps
    assert count.forward == 2 * steps


def test_the_paper_s_noisy_steps_depend_on_the_seed(tiny_sd: StableDiffusion) -> None:
    options = {"depth": 0.5, "eta": 1.0}
    one, again, other = (finish(METHOD.run(tiny_sd, edit(seed=seed, options=options))).image for seed in (1, 1, 2))
    assert one.equal(again)
    assert not torch.allclose(one, other, atol=1e-2)
    assert not torch.allclose(one, finish(METHOD.run(tiny_sd, edit(seed=1, options={"depth": 0.5}))).image, atol=1e-3)


def test_no_repeats_is_an_error(tiny_sd: StableDiffusion) -> None:
    with pytest.raises(EditError):
        finish(METHOD.run(tiny_sd, edit(options={"repeats": 0})))
