"""MDP: five ways to mix the photo's path into the target's."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from pipeline.diffusion.methods import Edit, EditError
from pipeline.diffusion.methods.mdp import MANIPULATIONS, METHOD, SCHEDULES, _weights
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return replace(Edit(image, "a cat", "a dog on the beach", steps=4, words=(("cat", "dog"),)), **changes)


def run(sd: StableDiffusion, seed: int = 0, **options: Any) -> torch.Tensor:
    return finish(METHOD.run(sd, edit(options=options, seed=seed))).image


def test_each_manipulation_does_something_of_its_own(tiny_sd: StableDiffusion) -> None:
    free = run(tiny_sd, weight=0.0)
    made = [run(tiny_sd, manipulate=name, weight=0.7, until=1.0) for name in MANIPULATIONS]
    for i, one in enumerate(made):
        assert not torch.allclose(one, free, atol=1e-4)
        assert not any(torch.allclose(one, other, atol=1e-4) for other in made[:i])


def test_the_photo_s_own_noise_all_the_way_is_the_photo(tiny_sd: StableDiffusion) -> None:
    photo = model.decode(tiny_sd, model.encode(tiny_sd, edit().image))
    torch.testing.assert_close(run(tiny_sd, start=0.0, until=1.0), photo, atol=2e-3, rtol=0)


def test_where_the_noise_is_the_photo_s_the_network_is_not_asked(tiny_sd: StableDiffusion) -> None:
    count = model.evaluations(tiny_sd)
    run(tiny_sd, start=0.0, until=0.5)
    assert count.forward == 4 + 2 * 2
    so_far = count.forward
    run(tiny_sd, start=0.0, until=0.5, weight=0.9)
    assert count.forward - so_far == 4 + 4 * 2


def test_the_code_s_fresh_noise_depends_on_the_seed(tiny_sd: StableDiffusion) -> None:
    one, again, other = (run(tiny_sd, seed, fresh_start=True) for seed in (1, 1, 2))
    assert one.equal(again)
    assert not torch.allclose(one, other, atol=1e-2)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_weights_lie_between_start_and_until(schedule: str) -> None:
    options = {**METHOD.options, "schedule": schedule, "start": 0.02, "until": 0.52}
    weights = _weights(options, 50, 1.0)
    assert (weights[0], weights[1]) == (0.0, 1.0)
    assert [bool(weight > 1e-9) for weight in weights[2:25]] == [True] * 23
    assert weights[26:] == [0.0] * 24
    assert weights[1:26] == sorted(weights[1:26], reverse=True)
    assert sum(_weights(options, 50, 2.0)) < sum(weights)  # a stronger edit lets go sooner


def test_wrong_options_are_errors(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"manipulate": "magic"}, {"schedule": "never"}):
        with pytest.raises(EditError):
            run(tiny_sd, **wrong)
