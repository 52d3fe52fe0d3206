"""Text2LIVE: a layer over the photo, where it may be, and what its losses do to it."""

import pytest
import torch

from pipeline.diffusion.methods import EditError
from pipeline.diffusion.methods.text2live import _relevance, _scales, _views
from pipeline.diffusion.toolkit.clip import text_features
from pipeline.diffusion.toolkit.model import StableDiffusion
from tests.pipeline.diffusion.methods.learning import edit_for, run

SMALL = {"layer_steps": 6, "channels": 8, "scales": 2, "views": 2}
OFF = {"composite": 0.0, "direction": 0.0, "screen": 0.0, "structure": 0.0, "sparsity": 0.0, "bootstrap": 0.0}


def test_the_photo_shines_through_where_the_layer_is_clear(tiny_sd: StableDiffusion) -> None:
    edit = edit_for(tiny_sd)
    made = run("text2live", tiny_sd, edit, **SMALL)
    assert made.mask is not None
    clear = 1 - made.mask
    layer = (made.image - clear * edit.image) / made.mask.clamp(min=1e-3)
    assert float(layer.abs().max()) <= 1 + 1e-3
    assert made.facts["unet_forward"] == 0


def test_sparsity_alone_makes_it_clear(tiny_sd: StableDiffusion) -> None:
    before = run("text2live", tiny_sd, **{**SMALL, **OFF, "layer_steps": 1, "rate": 0.0}).facts["alpha"]
    after = run("text2live", tiny_sd, **{**SMALL, **OFF, "sparsity": 1.0, "layer_steps": 12, "rate": 2e-2}).facts[
        "alpha"
    ]
    assert after < before / 2


def test_bootstrap_lays_it_where_the_source_text_is_seen(tiny_sd: StableDiffusion) -> None:
    edit = edit_for(tiny_sd)
    assert tiny_sd.clip is not None
    relevant = _relevance(tiny_sd.clip, edit.image, text_features(tiny_sd.clip, [edit.source]))
    assert relevant.shape == (1, 1, 128, 128)
    assert 0 <= float(relevant.min()) <= float(relevant.max()) <= 1
    made = run("text2live", tiny_sd, edit, **{**SMALL, **OFF, "bootstrap": 10.0, "layer_steps": 60, "rate": 2e-2})
    assert made.mask is not None
    likeness = torch.corrcoef(torch.stack([made.mask.flatten(), relevant.flatten()]))[0, 1]
    assert likeness > 0.3


def test_views_lie_within_the_picture() -> None:
    views = _views(20, 0.5, 100, torch.Generator().manual_seed(0))
    assert views[0] == (0, 0, 100)
    assert all(50 <= side <= 100 and min(x, y) >= 0 and max(x, y) + side <= 100 for x, y, side in views)
    assert [_scales(side, 7) for side in (8, 128, 1024)] == [1, 5, 7]


def test_options_that_cannot_be_are_refused(tiny_sd: StableDiffusion) -> None:
    for wrong in ({"layer_steps": 0}, {"views": 0}):
        with pytest.raises(EditError):
            run("text2live", tiny_sd, **wrong)
