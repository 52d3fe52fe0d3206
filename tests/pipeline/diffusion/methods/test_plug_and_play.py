"""Plug-and-Play: the photo's features lead what is drawn."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from pipeline.diffusion.methods import METHODS, Edit, EditError
from pipeline.diffusion.methods.plug_and_play import METHOD
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.inversion import direct
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return replace(Edit(image, "a cat", "a dog on the beach", steps=4), **changes)


def run(sd: StableDiffusion, **options: Any) -> torch.Tensor:
    return finish(METHOD.run(sd, edit(options=options))).image


def test_with_nothing_held_it_is_plain_sampling_from_the_inversion(tiny_sd: StableDiffusion) -> None:
    free = run(tiny_sd, feature_until=0, attention_until=0)
    torch.testing.assert_close(free, finish(METHODS["ddib"].run(tiny_sd, edit())).image)
    for held in ({"attention_until": 0}, {"feature_until": 0}, {"attention_from": 0.8}, {"feature_at": 0.9}):
        assert not torch.allclose(free, run(tiny_sd, **held), atol=1e-4)


def test_features_of_the_inversion_cost_a_third_less_while_sampling(tiny_sd: StableDiffusion) -> None:
    count = model.evaluations(tiny_sd)
    run(tiny_sd)
    on_the_way, so_far = count.forward, count.forward
    run(tiny_sd, features="sampling")
    assert (on_the_way, count.forward - so_far) == (4 + 2 * 4, 4 + 3 * 4)


def test_the_paper_s_long_inversion_without_a_prompt(tiny_sd: StableDiffusion) -> None:
    """Its latents are met where sampling needs them; no inversion is handed on, since others need the prompt."""
    count = model.evaluations(tiny_sd)
    made = finish(METHOD.run(tiny_sd, edit(options={"inversion_steps": 30, "describe": False})))
    assert count.forward == 30 + 3 * 4
    assert made.inversion is None
    assert made.image.isfinite().all()


def test_an_inversion_made_earlier_serves_while_sampling(tiny_sd: StableDiffusion) -> None:
    kept = finish(direct(tiny_sd, edit().latents(tiny_sd), "a cat", steps=4))
    options = {"features": "sampling"}
    count = model.evaluations(tiny_sd)
    again = finish(METHOD.run(tiny_sd, edit(inversion=kept, options=options)))
    assert count.forward == 3 * 4
    torch.testing.assert_close(again.image, finish(METHOD.run(tiny_sd, edit(options=options))).image)


def test_what_the_picture_shall_not_be_makes_a_difference(tiny_sd: StableDiffusion) -> None:
    assert not torch.allclose(run(tiny_sd), run(tiny_sd, negative="a red cat"), atol=1e-3)


def test_wrong_options_are_errors(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"features": "nowhere"}, {"inversion_steps": 5000}):
        with pytest.raises(EditError):
            run(tiny_sd, **wrong)
