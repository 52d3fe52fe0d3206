"""DiffusionCLIP: learnt once for a pair of words, then used on any photo."""

import pytest
import torch

from pipeline.diffusion.methods import EditError, diffusion_clip
from pipeline.diffusion.toolkit.model import StableDiffusion
from tests.pipeline.diffusion.methods.learning import edit_for, run

SMALL = {"pictures": 1, "draw_steps": 2, "invert_steps": 2, "train_steps": 2, "epochs": 1, "tune": "lora", "rank": 2}


@pytest.fixture(autouse=True)
def forgotten() -> None:
    diffusion_clip._learnt.clear()


def test_words_are_learnt_once(tiny_sd: StableDiffusion) -> None:
    told = {**SMALL, "rate": 1e-2, "reuse": True}
    first = run("diffusion_clip", tiny_sd, **told)
    again = run("diffusion_clip", tiny_sd, **told)
    assert (first.facts["learnt"], again.facts["learnt"]) == (True, False)
    assert again.facts["unet_backward"] == 0 < first.facts["unet_backward"]
    assert again.image.equal(first.image)
    other_photo = run("diffusion_clip", tiny_sd, edit_for(tiny_sd, image=torch.zeros(1, 3, 128, 128)), **told)
    assert not other_photo.facts["learnt"]
    other_words = run("diffusion_clip", tiny_sd, edit_for(tiny_sd, words=(("cat", "ball"),)), **told)
    assert other_words.facts["learnt"]


def test_what_is_learnt_changes_the_photo_and_nothing_else_does(tiny_sd: StableDiffusion) -> None:
    still = run("diffusion_clip", tiny_sd, **SMALL, rate=0.0).image
    moved = run("diffusion_clip", tiny_sd, **SMALL, rate=1e-2).image
    assert not torch.allclose(moved, still, atol=1e-3)


def test_learnt_from_the_photo_alone(tiny_sd: StableDiffusion) -> None:
    """No picture is drawn, CLIP looks at the region, and nothing is kept for another photo."""
    region = torch.zeros(1, 1, 128, 128)
    region[..., 32:64, 64:112] = 1
    assert diffusion_clip._window(region) == (slice(24, 72), slice(64, 112))
    told = {**SMALL, "domain": "photo", "rate": 1e-2, "reuse": True}
    first = run("diffusion_clip", tiny_sd, edit_for(tiny_sd, region=region), **told)
    again = run("diffusion_clip", tiny_sd, edit_for(tiny_sd, region=region), **told)
    assert first.facts["learnt"]
    assert again.facts["learnt"]
    assert again.image.equal(first.image)
    drawn = run("diffusion_clip", tiny_sd, edit_for(tiny_sd, region=region), **SMALL, rate=1e-2)
    assert first.facts["unet_forward"] < drawn.facts["unet_forward"]
    assert not first.image.equal(drawn.image)


def test_only_so_many_words_are_kept(tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusion_clip, "MOST", 2)
    for word in ("ball", "car", "house"):
        run("diffusion_clip", tiny_sd, edit_for(tiny_sd, words=(("cat", word),)), **SMALL, reuse=True)
    assert [key[3] for key in diffusion_clip._learnt] == ["car", "house"]


def test_options_that_cannot_be_are_refused(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"tune": "some"}, {"prompt": "any"}, {"domain": "all"}, {"pictures": 0}):
        with pytest.raises(EditError):
            run("diffusion_clip", tiny_sd, **wrong)
