"""HiPer: which tokens are learnt and which are the prompt's."""

import pytest
import torch

from pipeline.diffusion.methods import EditError
from pipeline.diffusion.toolkit.model import StableDiffusion
from tests.pipeline.diffusion.methods.learning import drawn, edit_for, run


def test_without_learning_it_draws_the_target(tiny_sd: StableDiffusion) -> None:
    """A rate of 0 and alpha 1 leave [e'_tgt, e_src's tail]; where the tails are the same that is the target itself."""
    edit = edit_for(tiny_sd, source="a photo of a dog on the beach", words=())
    made = run("hiper", tiny_sd, edit, fit_steps=1, rate=0.0, scale=1.0)
    torch.testing.assert_close(made.image, drawn(tiny_sd, edit.target), atol=1e-4, rtol=1e-4)


def test_what_is_learnt_changes_the_picture_as_far_as_alpha_lets_it(tiny_sd: StableDiffusion) -> None:
    learnt = {alpha: run("hiper", tiny_sd, fit_steps=4, rate=0.5, scale=alpha).image for alpha in (1.0, 0.2)}
    assert not torch.allclose(learnt[1.0], learnt[0.2], atol=1e-3)


def test_the_photo_may_be_where_it_starts(tiny_sd: StableDiffusion) -> None:
    shallow = run("hiper", tiny_sd, fit_steps=1, start="photo", depth=0.4)
    deep = run("hiper", tiny_sd, fit_steps=1)
    assert shallow.facts["unet_forward"] < deep.facts["unet_forward"]


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"start": "nowhere"}, {"fit_steps": 0}])
def test_options_that_cannot_be_are_refused(wrong: dict[str, object], tiny_sd: StableDiffusion) -> None:
    with pytest.raises(EditError):
        run("hiper", tiny_sd, **wrong)


def test_words_are_never_taken_away(tiny_sd: StableDiffusion) -> None:
    """A prompt that leaves two tokens has two learnt; one that leaves none is refused."""
    long = "a photo of a cat " + " ".join(["red"] * (tiny_sd.tokens - 9))
    made = [run("hiper", tiny_sd, edit_for(tiny_sd, source=long, target=long), fit_steps=1, tokens=n) for n in (2, 5)]
    assert made[0].image.equal(made[1].image)
    with pytest.raises(EditError, match="fill"):
        run("hiper", tiny_sd, edit_for(tiny_sd, target=f"{long} red red"))
