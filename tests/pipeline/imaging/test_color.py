"""Colours reached, folds kept, every bit outside kept."""

import numpy as np
import pytest

from pipeline.imaging.adjust import ADJUSTMENTS, adjust
from pipeline.imaging.color import grain, lab, light_wrap, match_skin, recolor, statistics, transfer, white_balance
from tests.pipeline.imaging.truths import ground


@pytest.fixture
def cloth() -> tuple[np.ndarray, np.ndarray]:
    """Red cloth with folds and a white print on a gray wall; its mask."""
    photo = ground("slope", 200, 240)
    photo[:] = (128, 128, 128)
    x = np.arange(160)
    folds = (170 + 45 * np.sin(x / 9))[None, :, None] * np.array([0.95, 0.18, 0.16])
    photo[20:180, 40:200] = folds.clip(0, 255).astype(np.uint8)
    photo[80:100, 90:130] = (240, 240, 235)
    mask = np.zeros((200, 240), np.float32)
    mask[20:180, 40:200] = 1
    return photo, mask


@pytest.mark.parametrize("color", [(30, 60, 170), (30, 130, 60), (245, 245, 245), (28, 28, 30), (240, 200, 40)])
def test_clothes_take_the_colour_and_keep_their_folds(
    cloth: tuple[np.ndarray, np.ndarray], color: tuple[int, int, int]
) -> None:
    photo, mask = cloth
    out = recolor(photo, mask, color)
    assert (out[mask == 0] == photo[mask == 0]).all()
    inside = np.median(lab(out[110:170, 45:195]).reshape(-1, 3), 0)
    target = lab(np.array(color, np.uint8).reshape(1, 1, 3))[0, 0]
    assert np.linalg.norm(inside - target) < 16
    before, after = photo[150, 45:195, 0].astype(float), lab(out)[150, 45:195, 0]
    assert np.corrcoef(before, after)[0, 1] > 0.85
    print_, around = lab(out)[90, 110], lab(out)[130, 110]
    assert np.linalg.norm(print_ - around) > 10 or color[0] > 240  # the print is still seen


def test_half_the_amount_is_half_the_way(cloth: tuple[np.ndarray, np.ndarray]) -> None:
    photo, mask = cloth
    full, half = recolor(photo, mask, (30, 60, 170)), recolor(photo, mask, (30, 60, 170), 0.5)
    assert np.abs(half.astype(int) - (photo.astype(int) + full) / 2).max() <= 1.5


@pytest.mark.parametrize("color", [(24, 24, 26), (255, 255, 255), (128, 128, 132)])
def test_more_black_is_blacker_and_takes_no_tint(
    cloth: tuple[np.ndarray, np.ndarray], color: tuple[int, int, int]
) -> None:
    photo, mask = cloth
    once, more = (lab(recolor(photo, mask, color, amount)[110:170, 45:195]).reshape(-1, 3) for amount in (1.0, 1.8))
    assert np.hypot(*np.median(more, 0)[1:]) < np.hypot(*np.median(once, 0)[1:]) + 2
    if color[0] == 128:
        return  # between black and white there is no further
    assert more[:, 0].std() < once[:, 0].std()
    assert abs(np.median(more[:, 0]) - 50) > abs(np.median(once[:, 0]) - 50) + 2


def test_white_balance_takes_a_tint_out() -> None:
    rng = np.random.default_rng(0)
    gray = (rng.uniform(60, 200, (30, 40, 1)) * np.ones(3)).repeat(6, 0).repeat(6, 1)
    tinted = ((gray / 255) ** 2.2 * np.array([1.0, 0.8, 0.5])) ** (1 / 2.2) * 255
    out = white_balance(tinted.astype(np.uint8)).reshape(-1, 3).mean(0)
    assert np.ptp(out) < 0.35 * np.ptp(tinted.reshape(-1, 3).mean(0))


def test_transfer_moves_towards_the_other_photo_within_caps() -> None:
    warm, cold = ground("bricks", 100, 100), ground("stripes", 100, 100)
    own, theirs = statistics(warm), statistics(cold)
    moved = statistics(transfer(warm, own, theirs))[0]
    assert np.linalg.norm(moved - theirs[0]) < np.linalg.norm(own[0] - theirs[0])
    assert (np.abs(moved - own[0]) <= (16, 12, 12)).all()


def test_skin_goes_only_part_of_the_way() -> None:
    photo = np.full((60, 60, 3), (180, 130, 105), np.uint8)
    own, theirs = lab(photo)[0, 0], lab(np.full((1, 1, 3), (225, 180, 160), np.uint8))[0, 0]
    moved = lab(match_skin(photo, own, theirs))[0, 0]
    assert 0.3 < (moved[0] - own[0]) / (theirs[0] - own[0]) < 0.65


def test_light_wraps_the_rim_alone() -> None:
    figure, behind = np.full((80, 80, 3), 60, np.uint8), np.full((80, 80, 3), 250, np.uint8)
    alpha = np.zeros((80, 80), np.float32)
    alpha[:, :40] = 1
    out = light_wrap(figure, alpha, behind, 3.0)
    assert out[40, 38, 0] > 75
    assert (out[:, :20] == figure[:, :20]).all()


def test_grain_is_measured() -> None:
    rng = np.random.default_rng(1)
    for sigma in (3.0, 9.0):
        noisy = (128 + rng.normal(0, sigma, (200, 200, 1)) * np.ones(3)).clip(0, 255).astype(np.uint8)
        assert grain(noisy) == pytest.approx(sigma, rel=0.2)


def light(photo: np.ndarray) -> float:
    return float(lab(photo)[..., 0].mean())


def chroma(photo: np.ndarray) -> float:
    return float(np.hypot(*np.moveaxis(lab(photo)[..., 1:], 2, 0)).mean())


@pytest.mark.parametrize("what", list(ADJUSTMENTS))
def test_outside_a_mask_every_bit_stays_and_the_input_too(what: str) -> None:
    photo = ground("bricks", 120, 160)
    given = photo.copy()
    mask = np.zeros((120, 160), np.float32)
    mask[30:90, 40:120] = 1
    out = adjust(photo, what, 1.0, mask)
    assert (photo == given).all()
    assert (out[mask == 0] == photo[mask == 0]).all()
    assert (out[mask == 1] != photo[mask == 1]).any()


def test_words_do_what_they_say_and_more_by_amount() -> None:
    photo = ground("bricks", 120, 160)
    assert light(photo) + 3 < light(adjust(photo, "brighter")) < light(adjust(photo, "brighter", 2))
    assert light(photo) - 3 > light(adjust(photo, "darker")) > light(adjust(photo, "darker", 2))
    assert lab(adjust(photo, "contrast"))[..., 0].std() > 1.1 * lab(photo)[..., 0].std()
    assert lab(adjust(photo, "warmer"))[..., 2].mean() > lab(photo)[..., 2].mean() + 2
    assert lab(adjust(photo, "cooler"))[..., 2].mean() < lab(photo)[..., 2].mean() - 2
    assert chroma(adjust(photo, "vivid")) > 1.05 * chroma(photo)
    assert chroma(adjust(photo, "muted")) < 0.8 * chroma(photo)
    assert chroma(adjust(photo, "grayscale")) < 0.5


def test_denoise_comes_nearer_to_the_clean_photo_and_sharper_has_more_detail() -> None:
    clean = ground("bricks", 160, 160)
    noisy = (clean + np.random.default_rng(0).normal(0, 14, clean.shape)).clip(0, 255).astype(np.uint8)
    error = [((picture.astype(float) - clean) ** 2).mean() for picture in (noisy, adjust(noisy, "denoise"))]
    assert error[1] < 0.6 * error[0]
    assert adjust(clean, "sharper").astype(float).std() > clean.astype(float).std()


def test_a_dark_photo_is_opened_automatically() -> None:
    dark = (ground("slope", 120, 160) * 0.3).astype(np.uint8)
    assert light(adjust(dark, "auto")) > light(dark) + 10
