"""Imagic: interpolation, and eta that is found."""

from collections.abc import Generator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pipeline.diffusion.methods import EditError
from pipeline.diffusion.methods.imagic import FIXED, _sure, search
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import Progress, finish
from tests.pipeline.diffusion.methods.learning import drawn, edit_for, run

SHORT = {"fit_steps": 2, "tune_steps": 2, "tune": "lora", "rank": 2}


def test_at_eta_1_with_untouched_weights_it_is_the_target(tiny_sd: StableDiffusion) -> None:
    made = run("imagic", tiny_sd, **{**SHORT, "tune_steps": 0, "eta": 1.0})
    torch.testing.assert_close(made.image, drawn(tiny_sd, edit_for(tiny_sd).target), atol=1e-4, rtol=1e-4)
    assert made.facts["eta"] == 1.0


@pytest.mark.parametrize("tune", ["lora", "full"])
def test_eta_and_weights_both_move_the_picture(tune: str, tiny_sd: StableDiffusion) -> None:
    told = {**SHORT, "tune": tune, "rate": 0.5}
    pictures = [
        run("imagic", tiny_sd, **{**told, "eta": eta, "tune_rate": rate}).image
        for eta, rate in ((0.0, 0.0), (1.0, 0.0), (1.0, 5e-2))
    ]
    for i, one in enumerate(pictures):
        assert all(not torch.allclose(one, other, atol=1e-3) for other in pictures[i + 1 :])


def test_strength_leads_nearer_to_the_prompt(tiny_sd: StableDiffusion) -> None:
    found = {s: run("imagic", tiny_sd, edit_for(tiny_sd, strength=s), **SHORT, tries=2).facts for s in (0.5, 1.0, 9.0)}
    assert found[0.5]["eta"] == round(found[1.0]["eta"] * 0.5, 3)
    assert found[9.0]["eta"] == 1.0
    assert found[0.5]["unet_forward"] > found[1.0]["unet_forward"]  # drawn once more


def test_without_a_judge_eta_is_fixed(tiny_sd: StableDiffusion) -> None:
    assert run("imagic", replace(tiny_sd, clip=None), **SHORT).facts["eta"] == FIXED


@pytest.mark.parametrize("turn", [0.05, 0.3, 0.62, 0.97])
def test_the_search_finds_where_the_picture_turns(turn: float, tiny_sd: StableDiffusion) -> None:
    """Pictures that turn at some eta from one that the judge takes for the source into one that it takes for the target;
    which is which, the judge itself says."""
    clip, edit = tiny_sd.clip, edit_for(tiny_sd)
    assert clip is not None
    random = torch.Generator().manual_seed(7)
    offers = [torch.rand(1, 3, 128, 128, generator=random) * 2 - 1 + shift for shift in (-1, -0.5, 0, 0.5, 1)]
    offers = sorted((offer.clamp(-1, 1) for offer in offers), key=lambda offer: _sure(clip, edit, offer))
    lowest, highest = _sure(clip, edit, offers[0]), _sure(clip, edit, offers[-1])
    asked: list[float] = []

    def draw(eta: float, k: int) -> Generator[Progress, None, Tensor]:
        asked.append(eta)
        yield Progress(k + 1, 5, "改图")
        return offers[-1] if eta >= turn else offers[0]

    eta, picture = finish(search(clip, edit, draw, 5, (lowest / highest + 1) / 2))
    assert len(asked) == 5
    assert turn <= eta < turn + 1 / 8 + 1 / 16  # three halvings, and half of the last one back
    assert picture is offers[-1]


def test_options_that_cannot_be_are_refused(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"tune": "some"}, {"start": "nowhere"}, {"fit_steps": 0}):
        with pytest.raises(EditError):
            run("imagic", tiny_sd, **wrong)
