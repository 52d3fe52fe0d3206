"""LEDITS++: exact return to the photo, and guidance where the masks allow it."""

from dataclasses import replace

import pytest
import torch

from pipeline.diffusion.methods import EditError
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, encode
from tests.pipeline.diffusion.methods.learning import edit_for, run


@pytest.mark.parametrize("told", [{}, {"source_guidance": 1.0, "concepts": "prompts"}])
def test_without_guidance_the_photo_comes_back(told: dict[str, object], every_sd: StableDiffusion) -> None:
    edit = edit_for(every_sd)
    made = run("ledits", every_sd, edit, edit_guidance=0.0, **told)
    torch.testing.assert_close(made.image, decode(every_sd, encode(every_sd, edit.image)), atol=2e-3, rtol=1e-2)


def test_only_what_is_masked_changes_at_first(tiny_sd: StableDiffusion) -> None:
    """One step from the end: what the masks leave out is still the photo's."""
    masks = {
        kind: run("ledits", tiny_sd, masks=kind, quantile=0.75, skip=0.9).mask
        for kind in ("none", "estimate", "attention", "both")
    }
    share = {kind: float((mask > 0.5).float().mean()) for kind, mask in masks.items() if mask is not None}
    assert share["none"] == 1
    assert 0 < share["both"] <= share["attention"] < 0.6
    assert 0 < share["estimate"] < 0.6  # two words, a quarter of the picture each


def test_prompts_cost_less_than_words(tiny_sd: StableDiffusion) -> None:
    words = run("ledits", tiny_sd).facts
    prompts = run("ledits", tiny_sd, concepts="prompts", source_guidance=1.0).facts
    assert (words["concepts"], prompts["concepts"]) == (2, 1)
    assert words["unet_forward"] == 3 * 2 + 3 * 4
    assert prompts["unet_forward"] == 3 * 1 + 3 * 2


def test_options_that_cannot_be_are_refused(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"masks": "some"}, {"concepts": "few"}, {"quantile": 1.0}):
        with pytest.raises(EditError):
            run("ledits", tiny_sd, **wrong)


def test_few_step_weights_bring_their_own_guidance(tiny_sd: StableDiffusion) -> None:
    few = replace(tiny_sd, inversion="fixed_point", guidance=1.5)
    own = run("ledits", few).image
    assert own.equal(run("ledits", few, source_guidance=9.0).image)
    assert not own.equal(run("ledits", replace(few, guidance=1.0)).image)
