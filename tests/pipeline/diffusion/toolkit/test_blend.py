"""Masks from attention maps, and painting over."""

import torch
from torch import Tensor

from pipeline.diffusion.toolkit import blend
from pipeline.diffusion.toolkit.attention import AttentionStore, Place


def store_with(fine: Tensor) -> AttentionStore:
    """One place at 16 x 16 with these maps (2, 256, 8), and a coarse one that looks everywhere."""
    store = AttentionStore(batch=2, pixels=256)
    store.totals = {Place("up", "up", True): fine, Place("mid", "mid", True): torch.ones(2, 16, 8)}
    return store


def test_a_mask_is_where_either_prompt_looks_at_its_word() -> None:
    maps = torch.zeros(2, 256, 8)
    maps[0, 3 * 16 + 3, 2] = 1.0  # the source looks at its token 2 here
    maps[1, 12 * 16 + 12, 4] = 0.1  # the target at its token 4 there; each map is measured by its own maximum
    mask = blend.local_mask(store_with(maps), ([2], [4]), 16)
    expected = torch.zeros(16, 16)
    expected[2:5, 2:5] = 1  # widened by one
    expected[11:14, 11:14] = 1
    assert mask[0, 0].equal(expected)
    assert blend.local_mask(store_with(maps), ([2], []), 16)[0, 0, 11:].sum() == 0
    assert blend.local_mask(store_with(maps), ([], []), 16).sum() == 0


def test_a_mask_comes_at_the_size_of_the_latents() -> None:
    maps = torch.zeros(2, 256, 8)
    maps[0, :128, 2] = 1.0
    mask = blend.local_mask(store_with(maps), ([2], []), 64)
    assert mask.shape == (1, 1, 64, 64)
    assert mask[0, 0, :32].all()
    assert not mask[0, 0, 40:].any()
    assert set(mask.unique().tolist()) == {0.0, 1.0}


def test_resolutions_may_be_chosen() -> None:
    maps = torch.zeros(2, 256, 8)
    maps[0, 0, 2] = 1.0
    assert blend.local_mask(store_with(maps), ([2], []), 16, sides=(4,)).all()  # the coarse map looks everywhere


def test_the_side_of_maps_is_a_part_of_the_latents() -> None:
    assert blend.map_side(64) == 16  # Stable Diffusion at 512 pixels, as in the paper's code
    assert blend.map_side(96) == 24
    assert blend.map_side(16) == 16


def test_a_region_becomes_shares_of_latents() -> None:
    region = torch.zeros(1, 1, 128, 128)
    region[..., :12, :8] = 1
    small = blend.latent_region(region, 16)
    assert small.shape == (1, 1, 16, 16)
    assert small[0, 0, 0, 0] == 1
    assert small[0, 0, 1, 0] == 0.5
    assert float(small.sum()) == 1.5


def test_painting_over_keeps_the_rest_and_continues_it() -> None:
    z = torch.linspace(0, 1, 16).view(1, 1, 1, 16).expand(1, 2, 16, 16).clone()
    region = torch.zeros(1, 1, 16, 16)
    region[..., 5:11, 5:11] = 1
    spoiled = z + region * 100
    filled = blend.fill(spoiled, region)
    outside = region.expand_as(z) == 0
    torch.testing.assert_close(filled[outside], z[outside])
    assert float((filled - z)[~outside].abs().max()) < 0.35
    assert blend.fill(z, torch.ones_like(region)).equal(torch.zeros_like(z))


def test_a_shape_takes_its_rim_along() -> None:
    """Latents that a thing covers in good part, and all their neighbours; none that it only touches by itself."""
    shape = torch.zeros(1, 1, 128, 128)
    shape[..., 64:72, 64:72] = 1  # one latent
    shape[..., 0:2, 0:2] = 1  # a sixteenth of another
    mask = blend.latent_shape(shape, 16)[0, 0]
    expected = torch.zeros(16, 16)
    expected[7:10, 7:10] = 1
    assert mask.equal(expected)


def test_the_authors_masks_are_blocks_and_may_stay_unwidened() -> None:
    """Nearest: each latent has the value of its own map's pixel; not pooled: the pixel alone."""
    maps = torch.zeros(2, 256, 8)
    maps[0, 3 * 16 + 3, 2] = 1.0
    block = blend.local_mask(store_with(maps), ([2], []), 64, smooth=False)[0, 0]
    expected = torch.zeros(64, 64)
    expected[8:20, 8:20] = 1
    assert block.equal(expected)
    alone = blend.local_mask(store_with(maps), ([2], []), 64, pooled=False, smooth=False)[0, 0]
    assert float(alone.sum()) == 16
    assert alone[12:16, 12:16].all()
