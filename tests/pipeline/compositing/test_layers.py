"""Layers: bit for bit where nothing comes, in front of whom they must be."""

import numpy as np

from pipeline.compositing.layers import Layer, composed


def photo() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 255, (120, 160, 3)).astype(np.uint8)


def layer() -> Layer:
    alpha = np.zeros((60, 40), np.float32)
    alpha[5:, 5:35] = 1
    return Layer(np.full((60, 40, 3), 200, np.uint8), alpha, (70, 60), 12.0)


def test_outside_the_mask_every_bit_is_the_photos() -> None:
    before = photo()
    after, mask = composed(before, layer(), None, None)
    assert (after == before)[mask == 0].all()
    assert (after != before).any()
    assert 0 < float((mask > 0).mean()) < 0.6


def test_who_stands_before_keeps_every_bit() -> None:
    before = photo()
    opaque = np.zeros((120, 160), np.float32)
    opaque[80:, 60:90] = 1
    after, mask = composed(before, layer(), opaque, before)
    assert (after == before)[opaque == 1].all()
    assert (mask[opaque == 1] == 0).all()


def test_a_half_opaque_edge_shows_their_own_colour_over_the_newcomer() -> None:
    before = np.full((120, 160, 3), 250, np.uint8)  # a bright background shines through the hair
    hair = np.zeros((120, 160), np.float32)
    hair[90:100, 85:95] = 0.5
    own = np.zeros_like(before)  # the hair itself is black
    after, _ = composed(
        before, Layer(np.full((60, 40, 3), 100, np.uint8), np.ones((60, 40), np.float32), (70, 60), 12.0), hair, own
    )
    assert after[94:96, 89:91].mean() < 75  # half black, half of the newcomer; nothing of the old background


def test_a_newcomer_beyond_the_photo_changes_nothing() -> None:
    before = photo()
    away = Layer(layer().rgb, layer().alpha, (500, 500), 12.0)
    after, mask = composed(before, away, None, None)
    assert (after == before).all()
    assert not mask.any()


def test_standing_feet_darken_the_ground_below_them() -> None:
    before = np.full((120, 160, 3), 180, np.uint8)
    standing = Layer(layer().rgb, layer().alpha, (70, 30), 12.0, feet=60.0)
    after, _ = composed(before, standing, None, None)
    assert after[91:93, 85:90].mean() < 170
    assert after[91:93, 85:90].mean() < after[100:102, 85:90].mean() <= 180
    assert (after[:20] == before[:20]).all()
