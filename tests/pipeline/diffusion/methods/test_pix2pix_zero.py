"""pix2pix-zero: directions from banks, noise that looks like noise, maps kept by gradients."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from pipeline.diffusion.methods import Edit, EditError
from pipeline.diffusion.methods.pix2pix_zero import METHOD, _regularised, autocorrelation, divergence
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish


def edit(**changes: Any) -> Edit:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return replace(Edit(image, "a cat", "a dog", steps=4, words=(("cat", "dog"),)), **changes)


def run(sd: StableDiffusion, **options: Any) -> torch.Tensor:
    return finish(METHOD.run(sd, edit(options=options))).image


def test_options_make_a_difference(tiny_sd: StableDiffusion) -> None:
    plain = run(tiny_sd)
    banks = {"sources": ("a red cat", "the cat"), "targets": ("a red dog", "the dog")}
    for options in ({"amount": 0.5}, {"guidance_by_maps": 5.0}, {"bank": "world"}, {"regularise": True}, banks):
        assert not torch.allclose(plain, run(tiny_sd, **options), atol=1e-4)


def test_guidance_by_maps_is_counted(tiny_sd: StableDiffusion) -> None:
    count = model.evaluations(tiny_sd)
    run(tiny_sd, guide_until=0.5)
    assert (count.forward, count.backward) == (4 + 4 * 2 + 2 * 2, 2)


def test_noise_with_structure_is_made_to_look_like_noise() -> None:
    random = torch.Generator().manual_seed(0)
    plain = torch.randn(1, 4, 16, 16, generator=random)
    smooth = torch.nn.functional.avg_pool2d(plain, 3, 1, 1) + 0.3
    assert autocorrelation(smooth, torch.Generator().manual_seed(1)) > autocorrelation(
        plain, torch.Generator().manual_seed(1)
    )
    assert divergence(plain) < 0.05 < divergence(smooth)
    better = _regularised(smooth, {**METHOD.options, "correlation": 5.0, "divergence": 5.0}, random)
    assert divergence(better) < divergence(smooth)


def test_wrong_options_are_errors(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"bank": "river"}, {"sources": ("a cat",)}):
        with pytest.raises(EditError):
            run(tiny_sd, **wrong)


def test_the_authors_way_guides_away_from_the_source(tiny_sd: StableDiffusion) -> None:
    """Without moving and without maps their way is the source's own reconstruction, whatever the guidance: prompt and
    negative prompt are the same."""
    still = {"faithful": True, "amount": 0.0, "guidance_by_maps": 0.0}
    strong, weak = (finish(METHOD.run(tiny_sd, edit(options=still, guidance=w))).image for w in (7.5, 2.0))
    torch.testing.assert_close(strong, weak, atol=1e-3, rtol=1e-3)
    pulled = finish(METHOD.run(tiny_sd, edit(options={**still, "guidance_by_maps": 50.0}))).image
    torch.testing.assert_close(pulled, weak, atol=1e-2, rtol=1e-2)  # nothing to pull: the maps are the wanted ones
    assert not torch.allclose(run(tiny_sd), run(tiny_sd, faithful=True), atol=1e-4)


def test_the_authors_way_counts_both_halves(tiny_sd: StableDiffusion) -> None:
    count = model.evaluations(tiny_sd)
    run(tiny_sd, faithful=True, guide_until=0.5)
    assert (count.forward, count.backward) == (4 + 4 * (2 + 2) + 2 * 2, 2 * 2)
