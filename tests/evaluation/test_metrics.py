"""Every figure against values worked out by hand."""

import math

import numpy as np
import pytest
import torch

from evaluation.metrics import (
    ciede2000,
    clip_direction,
    clip_score,
    clip_score_8,
    interval,
    mean_interval,
    psnr,
    self_similarity,
    ssim,
    structure_distance,
)


def flat(value: float, size: int = 16) -> torch.Tensor:
    """A picture of one grey."""
    return torch.full((1, 3, size, size), value)


def test_psnr_of_a_known_error() -> None:
    """A shift of 0.02 in a range of 2 is 1 % of it: 40 dB; ten times as much is 20 dB less."""
    assert psnr(flat(0.02), flat(0.0)) == pytest.approx(40, abs=1e-4)
    assert psnr(flat(0.2), flat(0.0)) == pytest.approx(20, abs=1e-4)
    assert psnr(flat(0.3), flat(0.3)) == math.inf


def test_psnr_counts_only_the_pixels_asked_for() -> None:
    """The error inside a mask does not reach the figure outside, and no pixels give no figure."""
    picture, where = flat(0.0), torch.ones(16, 16, dtype=torch.bool)
    picture[..., :8] = 0.9
    where[:, :8] = False
    picture[..., 8:] = 0.02
    assert psnr(picture, flat(0.0), where) == pytest.approx(40, abs=1e-4)
    assert math.isnan(psnr(picture, flat(0.0), torch.zeros(16, 16, dtype=torch.bool)))


def test_psnr_is_that_of_bytes() -> None:
    """The usual definition on 0…255 gives the same."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 256, (2, 8, 8, 3)).astype(np.float64)
    expected = 10 * np.log10(255**2 / np.mean((a - b) ** 2))
    x, y = (torch.from_numpy(v / 127.5 - 1).permute(2, 0, 1)[None] for v in (a, b))
    assert psnr(x, y) == pytest.approx(expected)


def test_ssim_of_flat_pictures_is_the_luminance_term() -> None:
    """Without any structure only (2ab + C1) / (a² + b² + C1) is left."""
    a, b, c1 = 0.4, 0.6, 0.0001
    assert ssim(flat(2 * a - 1), flat(2 * b - 1)) == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1), rel=1e-5)


def test_ssim_of_equal_and_of_inverted_noise() -> None:
    """1 for the picture itself, about -1 for its negative."""
    noise = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    noise = noise - noise.mean()
    assert ssim(noise, noise) == pytest.approx(1)
    assert ssim(noise, -noise) < -0.5


def test_ssim_at_one_pixel_is_the_formula() -> None:
    """Weighted means, variances and covariance of one 11 × 11 window, written out."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 1, (2, 11, 11))
    axis = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    w = np.outer(axis, axis) / axis.sum() ** 2
    mx, my = (w * x).sum(), (w * y).sum()
    vx, vy, cov = (w * (x - mx) ** 2).sum(), (w * (y - my) ** 2).sum(), (w * (x - mx) * (y - my)).sum()
    expected = (2 * mx * my + 1e-4) * (2 * cov + 9e-4) / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4))
    pictures = [torch.from_numpy(2 * v - 1).expand(1, 3, 11, 11) for v in (x, y)]
    assert ssim(*pictures) == pytest.approx(expected)


def test_ssim_counts_only_the_pixels_asked_for() -> None:
    """Far from a change nothing changes."""
    a = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    b = a.clone()
    b[..., :16] = 0
    where = torch.zeros(64, 64, dtype=torch.bool)
    where[:, 32:] = True
    assert ssim(a, b, where) == pytest.approx(1)
    assert ssim(a, b) < 0.95


def test_clip_score_is_a_percentage_and_never_negative() -> None:
    """Cosines of 0.6, -0.6 and 1."""
    x, y = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.6, 0.8]])
    assert clip_score(x, y) == pytest.approx(60, abs=1e-4)
    assert clip_score(x, -y) == 0
    assert clip_score(y, y) == pytest.approx(100, abs=1e-4)


def test_clip_direction_compares_changes_not_places() -> None:
    """The same change is 1 wherever it starts, the opposite -1, one across 0."""
    source, target = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    before = torch.tensor([[0.3, 0.1, 0.9]])
    after = before + 0.2 * (target - source)
    assert clip_direction(before, after, source, target) == pytest.approx(1, abs=1e-5)
    assert clip_direction(after, before, source, target) == pytest.approx(-1, abs=1e-5)
    assert clip_direction(before, before + torch.tensor([[0.0, 0.0, 1.0]]), source, target) == pytest.approx(0)
    assert clip_direction(before, before, source, target) == 0
    assert math.isnan(clip_direction(before, after, source, source))


def test_interval_of_known_shares() -> None:
    """30 of 40: about 0.75 ± 1.96 · sqrt(0.75 · 0.25 / 40); narrower with more cases; the same every time."""
    low, high = interval([True] * 30 + [False] * 10)
    assert low == pytest.approx(0.75 - 0.134, abs=0.03)
    assert high == pytest.approx(0.75 + 0.134, abs=0.03)
    wide, narrow = interval([True, False] * 10), interval([True, False] * 200)
    assert narrow[1] - narrow[0] < 0.4 * (wide[1] - wide[0])
    assert interval([True, False] * 10) == wide


def test_interval_where_all_agree_is_not_a_point() -> None:
    """40 of 40 do not prove 100 %."""
    assert interval([True] * 40) == (pytest.approx(0.925), 1.0)
    assert interval([False] * 40) == (0.0, pytest.approx(0.075))
    assert interval([]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [  # of the published test data of Sharma, Wu & Dalal 2005, table 1
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_colour_differences_are_the_published_ones(
    first: tuple[float, ...], second: tuple[float, ...], difference: float
) -> None:
    """To the four digits that are printed, and the same both ways."""
    one, two = np.array(first), np.array(second)
    assert ciede2000(one, two) == pytest.approx(difference, abs=5e-5)
    assert ciede2000(two, one) == pytest.approx(difference, abs=5e-5)
    assert ciede2000(one, one) == 0


def test_the_studys_own_formulas() -> None:
    """Equation 8 is a hundredth of ours; of equation 9, which is printed as a loss, we report the similarity 1 - (9)."""
    before, after = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    source, target = torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    assert clip_score_8(after, target) == pytest.approx(1)
    assert clip_score_8(-after, target) == 0
    assert clip_direction(before, after, source, target) == pytest.approx(0.5)


def test_structure_is_what_looks_like_what() -> None:
    """Not how it looks: turning all features leaves it, a place that changes alone does not."""
    tokens = torch.randn(16, 8, generator=torch.Generator().manual_seed(1))
    turned = tokens @ torch.linalg.qr(torch.randn(8, 8, generator=torch.Generator().manual_seed(2)))[0]
    assert structure_distance(self_similarity(turned), self_similarity(tokens)) == pytest.approx(0, abs=1e-10)
    other = tokens.clone()
    other[3] = -other[3]
    assert structure_distance(self_similarity(other), self_similarity(tokens)) > 1e-3


def test_the_interval_of_a_mean() -> None:
    """About two standard errors on each side; always the same."""
    values = np.random.default_rng(5).normal(10, 2, 100).tolist()
    low, high = mean_interval(values)
    assert low < np.mean(values) < high
    assert high - low == pytest.approx(2 * 1.96 * np.std(values) / 10, rel=0.15)
    assert mean_interval(values) == (low, high)
    assert math.isnan(mean_interval([])[0])
