"""Neural style transfer: the statistics become the style's, the places stay like each other."""

from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.diffusion.methods import METHODS, Edit, EditError
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations
from pipeline.diffusion.toolkit.style_statistics import look
from pipeline.engine import finish


def photo(seed: int = 3) -> Tensor:
    """Large patches of colour: something that has a shape."""
    small = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(seed)) * 1.6 - 0.8
    return torch.nn.functional.interpolate(small, size=(128, 128), mode="nearest")


def made(sd: StableDiffusion, strength: float = 1.0, seed: int = 0, **options: Any) -> Tensor:
    edit = Edit(photo(), "a cat", "a sketch of a cat", strength=strength, seed=seed, steps=2, options=options)
    return finish(METHODS["style_transfer"].run(sd, edit)).image


def test_the_picture_comes_nearer_to_the_style(tiny_sd: StableDiffusion) -> None:
    """What is painted, that is, before it goes through the autoencoder."""
    style = look(tiny_sd, photo(8) * 0.3 + 0.4)
    encoded: list[Tensor] = []
    hook = tiny_sd.vae.encoder.register_forward_pre_hook(lambda _, inputs: encoded.append(inputs[0]))
    made(tiny_sd, look=style.tolist(), fit_steps=20)
    hook.remove()
    (painted,) = encoded
    assert (look(tiny_sd, painted) - style).norm() < 0.3 * (look(tiny_sd, photo()) - style).norm()


def test_without_a_look_the_model_draws_the_style(tiny_sd: StableDiffusion) -> None:
    """Two pictures of the target in two steps, twice each with guidance."""
    edit = Edit(photo(), "a cat", "a sketch of a cat", steps=2, options={"pictures": 2, "fit_steps": 3})
    count, stages = evaluations(tiny_sd), [one.stage for one in METHODS["style_transfer"].run(tiny_sd, edit)]
    assert count.forward == 2 * 2 * 2
    assert len(stages) == 2 + 3
    assert stages[-1] == "换画法"


def test_what_was_seen_by_another_encoder_is_refused(tiny_sd: StableDiffusion) -> None:
    with pytest.raises(EditError, match="7 numbers") as told:
        made(tiny_sd, look=[0.0] * 7)
    assert "重新教" in told.value.sentence


@pytest.mark.parametrize("wrong", [{"fit_steps": 0}, {"pictures": 0}, {"shift": 0}])
def test_options_that_make_no_sense(wrong: dict[str, int], tiny_sd: StableDiffusion) -> None:
    with pytest.raises(EditError, match=next(iter(wrong))):
        made(tiny_sd, **wrong)
