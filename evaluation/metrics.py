"""Figures for pictures. Pictures are (1, 3, H, W) RGB in [-1, 1]; features are CLIP's unit vectors (1, D)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import conv2d, cosine_similarity


def psnr(picture: Tensor, reference: Tensor, where: Tensor | None = None) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(peak² / MSE) with the peak that the range [-1, 1] has, 2.

    `where` (H, W) bool: the pixels that count, None: all. Equal pictures give infinity; no pixels at all give nan.
    """
    error = (picture.clamp(-1, 1) - reference.clamp(-1, 1)).square().mean(dim=(0, 1))  # (H, W)
    error = error if where is None else error[where]
    if not error.numel():
        return math.nan
    mse = float(error.double().mean())
    return math.inf if mse == 0 else 10 * math.log10(4 / mse)


def ssim(picture: Tensor, reference: Tensor, where: Tensor | None = None) -> float:
    """Structural similarity (Wang et al. 2004, eq. 13): Gaussian window of 11 pixels, σ = 1.5, K = (.01, .03).

    A mean over the colour channels and over the pixels in `where` (H, W) at which the window fits into the picture; nan
    if there are none. At most 1, which only equal pictures reach.
    """
    x, y = (value.clamp(-1, 1).double() / 2 + 0.5 for value in (picture, reference))  # intensities are not negative
    offsets = torch.arange(-5, 6, dtype=torch.float64)
    window = torch.exp(-offsets.square() / (2 * 1.5**2))
    window = (window / window.sum()).view(1, 1, 11, 1)
    maps = torch.cat([x, y, x * x, y * y, x * y]).flatten(0, 1)[:, None]  # (15, 1, H, W)
    maps = conv2d(conv2d(maps, window), window.transpose(2, 3))  # the window is a product of two
    mu_x, mu_y, xx, yy, xy = maps.view(5, 1, 3, *maps.shape[-2:])
    c1, c2 = 0.01**2, 0.03**2
    var_x, var_y, cov = xx - mu_x**2, yy - mu_y**2, xy - mu_x * mu_y
    score = (2 * mu_x * mu_y + c1) * (2 * cov + c2) / ((mu_x**2 + mu_y**2 + c1) * (var_x + var_y + c2))
    score = score.mean(dim=(0, 1))  # (H - 10, W - 10)
    score = score if where is None else score[where[5:-5, 5:-5]]
    return float(score.mean()) if score.numel() else math.nan


def clip_score(picture: Tensor, text: Tensor) -> float:
    """How well a caption says what is in a picture: max(100 cos, 0) (Hessel et al. 2021, scaled as torchmetrics does;
    the paper's own scale is 2.5 instead of 100)."""
    return max(100 * float(cosine_similarity(picture, text)), 0.0)


def clip_direction(before: Tensor, after: Tensor, source: Tensor, target: Tensor) -> float:
    """Whether the picture changed the way the caption did: the cosine of the two changes (Gal et al. 2022,
    StyleGAN-NADA: their directional loss is 1 minus this). `before`, `after`: pictures; `source`, `target`: captions.

    A picture that did not change at all scores 0; a caption that did not gives nan.
    """
    change, asked = after - before, target - source
    if not asked.any():
        return math.nan
    return float(cosine_similarity(change, asked)) if change.any() else 0.0


def clip_score_8(picture: Tensor, text: Tensor) -> float:
    """The Spanish study's equation 8, max(cos(E_I, E_C), 0), in [0, 1]: a hundredth of `clip_score`."""
    return clip_score(picture, text) / 100


def self_similarity(tokens: Tensor) -> Tensor:
    """Cosines between all pairs of a picture's patch features (N, D): (N, N) (Tumanyan et al. 2022, Splice, eq. 1).
    It says which places look alike, not how they look: the structure of a picture."""
    unit = torch.nn.functional.normalize(tokens, dim=-1)
    return unit @ unit.T


def structure_distance(picture: Tensor, reference: Tensor) -> float:
    """Mean squared difference of two self-similarities (N, N), 0 for the same structure. PIE-Bench reports it of the
    keys of DINO's last layer, times 1000."""
    return float((picture - reference).square().mean())


def ciede2000(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Colour difference ΔE00 of CIE L*a*b* colours (…, 3), (…) (Sharma, Wu & Dalal 2005, equations 2–22)."""
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(np.asarray(lab, np.float64), -1, 0) for lab in (first, second))
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    gray = c1 * c2 == 0
    turn = np.where(gray, 0, (h2 - h1 + 180) % 360 - 180)
    turn = np.where((turn == -180) & (h2 > h1), 180, turn)
    dl, dc, dh = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    far = abs(h1 - h2) > 180
    hm = np.where(gray, h1 + h2, (h1 + h2) / 2 + np.where(far, np.where(h1 + h2 < 360, 180, -180), 0))
    t = (
        1
        - 0.17 * np.cos(np.radians(hm - 30))
        + 0.24 * np.cos(np.radians(2 * hm))
        + 0.32 * np.cos(np.radians(3 * hm + 6))
        - 0.20 * np.cos(np.radians(4 * hm - 63))
    )
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    rotation = -2 * np.sqrt(cm**7 / (cm**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2))))
    return np.asarray(np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh)))


def mean_interval(values: Sequence[float], level: float = 0.95, draws: int = 2000) -> tuple[float, float]:
    """Bootstrap interval of a mean (Efron 1979, percentile method); the same for the same values. Empty: (nan, nan)."""
    if not values:
        return math.nan, math.nan
    known = np.asarray(values, float)
    chosen = np.random.default_rng(0).integers(len(known), size=(draws, len(known)))
    low, high = np.quantile(known[chosen].mean(axis=1), ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def interval(successes: Sequence[bool], level: float = 0.95, draws: int = 4000) -> tuple[float, float]:
    """Bootstrap interval of the share of successes (Efron 1979, percentile method); the same for the same successes.

    Among n all-equal outcomes every resample is equal too, which says nothing: then the rule of three (a share of up to
    3/n would seldom have shown in n) takes its place. No outcomes: (0, 1).
    """
    n = len(successes)
    if n == 0:
        return 0.0, 1.0
    share = sum(successes) / n
    if share in (0.0, 1.0):
        width = min(1.0, 3 / n)
        return (0.0, width) if share == 0 else (1 - width, 1.0)
    shares = np.random.default_rng(0).binomial(n, share, draws) / n  # what resampling yes/no outcomes amounts to
    low, high = np.quantile(shares, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
