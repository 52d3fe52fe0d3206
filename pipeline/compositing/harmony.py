"""A newcomer in the scene's light: colour, contrast, side light, sharpness and grain, measured on faces.

The means of the faces' skin in CIE Lab are brought nearer to each other (Reinhard et al. 2001, on skin alone), not onto
each other: how dark somebody's skin is belongs to them, so lightness follows the skin only in part and within a cap,
while the tint of the light, which all skin shares, follows further.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.compositing import hues
from pipeline.compositing.anatomy import Head, ellipse
from pipeline.engine import Floats, Pixels

LIGHTER, TINT = 0.55, 0.75  # share of the way to the neighbours' lightness and tint
LIGHTEST, TINTED = 20.0, 17.0  # L and a/b at most
SIDE, SIDEWAYS = 0.6, 9.0  # the same for light from one side: share, and Lab at most
SHARPEST = 1.1  # unsharp masking at most
BLURS = (0.0, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.5, 1.9, 2.4, 3.0)  # pixels


@dataclass(frozen=True, slots=True)
class Look:
    """What light and lens made of a face: mean skin (Lab), spread of its L, change from its left to its right half
    (Lab), fine detail and grain (gray levels of 255)."""

    skin: Floats
    spread: float
    across: Floats
    detail: float
    grain: float


def look(pixels: Pixels, head: Head) -> Look | None:
    """The Look of a face in a picture (h, w, 3); None when less than half of it lies in the picture."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = head.box
    rows = slice(max(0, round(y0)), min(height, round(y1)))
    columns = slice(max(0, round(x0)), min(width, round(x1)))
    inside = (rows.stop - rows.start) * (columns.stop - columns.start)
    if inside < 0.5 * (x1 - x0) * (y1 - y0) or inside < 64:
        return None
    crop = pixels[rows, columns]
    moved = Head(head.x, head.y, head.size, (x0 - columns.start, y0 - rows.start, x1 - columns.start, y1 - rows.start))
    within = ellipse(crop.shape[:2], moved, 0.74)
    colors = hues.lab(crop)
    light = colors[..., 0][within]
    if light.size < 32:
        return None
    low, high = np.percentile(light, (18, 90))
    skin = within & (colors[..., 0] >= low) & (colors[..., 0] <= high)
    middle = (moved.box[0] + moved.box[2]) / 2
    columns_of = np.arange(crop.shape[1])[None, :].repeat(crop.shape[0], 0)
    halves = [colors[skin & side] for side in (columns_of < middle, columns_of >= middle)]
    across = halves[1].mean(0) - halves[0].mean(0) if all(len(half) > 16 for half in halves) else np.zeros(3)
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = cv2.Laplacian(gray, cv2.CV_32F)[within]
    rough = (gray - cv2.medianBlur(gray.astype(np.uint8), 3))[within]
    return Look(
        np.asarray(colors[skin].mean(0), np.float32),
        float(colors[..., 0][skin].std()),
        np.asarray(across, np.float32),
        float(np.sqrt((fine**2).mean())),
        float(1.48 * np.median(np.abs(rough - np.median(rough)))),
    )


def mean(looks: Sequence[Look], weights: Sequence[float]) -> Look:
    """The weighted mean of some looks."""
    share = np.asarray(weights, np.float32) / sum(weights)
    return Look(
        np.asarray(sum(w * one.skin for w, one in zip(share, looks, strict=True)), np.float32),
        float(sum(w * one.spread for w, one in zip(share, looks, strict=True))),
        np.asarray(sum(w * one.across for w, one in zip(share, looks, strict=True)), np.float32),
        float(np.exp(sum(w * np.log(one.detail + 0.1) for w, one in zip(share, looks, strict=True)))),
        float(sum(w * one.grain for w, one in zip(share, looks, strict=True))),
    )


def exposure(pixels: Pixels) -> tuple[float, float]:
    """The L below and above which 2 % of a photo's pixels lie."""
    step = max(1, max(pixels.shape[:2]) // 256)
    low, high = np.percentile(hues.lab(np.ascontiguousarray(pixels[::step, ::step]))[..., 0], (2, 98))
    return float(low), float(high)


def recolored(
    pixels: Pixels, head: Head, own: Look, wanted: Look, frames: tuple[tuple[float, float], tuple[float, float]]
) -> tuple[Pixels, Floats]:
    """A figure's pixels in the light of `wanted`; `frames`: exposures of the photo it came from and of the scene.
    Also the shift of its skin (Lab)."""
    colors = hues.lab(pixels)
    shift = wanted.skin - own.skin
    brighter = (frames[1][1] - frames[0][1]) * 0.12
    shift = np.array(
        [
            np.clip(LIGHTER * shift[0] + brighter, -LIGHTEST, LIGHTEST),
            np.clip(TINT * shift[1], -TINTED, TINTED),
            np.clip(TINT * shift[2], -TINTED, TINTED),
        ],
        np.float32,
    )
    light = colors[..., 0]
    # A power curve moves the skin and keeps black black and white white.
    now = float(np.clip(own.skin[0], 5, 95))
    power = float(np.clip(np.log(np.clip(now + shift[0], 4, 97) / 100) / np.log(now / 100), 0.4, 2.5))
    moved = 100 * (light.clip(0, 100) / 100) ** power
    contrast = float(np.clip(wanted.spread / max(own.spread, 1.0), 0.72, 1.3)) ** 0.4
    level = now + float(shift[0])
    moved = level + (moved - level) * (1 + (contrast - 1) * np.exp(-(((moved - level) / 35) ** 2)))
    lift = float(np.clip(0.6 * (frames[1][0] - frames[0][0]), 0, 9))  # haze: nothing is blacker than the scene's black
    moved = lift + moved * (1 - lift / 100)
    tinted = np.interp(light, (0, 45, 80, 100), (0.15, 1, 1, 0.45)).astype(np.float32)
    side = (SIDE * (wanted.across - own.across)).clip(-SIDEWAYS, SIDEWAYS)
    along = ((np.arange(pixels.shape[1], dtype=np.float32) - head.x) / head.size).clip(-0.6, 0.6)[None, :]
    colors[..., 0] = (moved + side[0] * along * tinted).clip(0, 100)
    colors[..., 1] += (shift[1] + side[1] * along) * tinted
    colors[..., 2] += (shift[2] + side[2] * along) * tinted
    return hues.rgb(colors).round().astype(np.uint8), shift


def focused(pixels: Pixels, head: Head, wanted: Look, seed: int) -> tuple[Pixels, dict[str, float]]:
    """A figure's pixels as sharp and as grainy as `wanted`, and what was done."""
    own = look(pixels, head)
    if own is None:
        return pixels, {}
    facts: dict[str, float] = {"detail": round(own.detail, 2), "wanted": round(wanted.detail, 2)}
    out = pixels
    if own.detail > 1.15 * wanted.detail:
        x0, y0, x1, y1 = (max(0, round(v)) for v in head.box)
        face = np.ascontiguousarray(pixels[y0 : y1 + 1, x0 : x1 + 1])
        moved = Head(head.x - x0, head.y - y0, head.size, (0, 0, x1 - x0, y1 - y0))
        for sigma in BLURS[1:]:
            blurred = look(np.asarray(cv2.GaussianBlur(face, (0, 0), sigma), np.uint8), moved)
            facts["blur"] = sigma
            if blurred is None or blurred.detail <= 1.08 * wanted.detail:
                break
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), facts["blur"]), np.uint8)
    elif own.detail < 0.8 * wanted.detail:
        amount = min(SHARPEST, 0.6 * (wanted.detail / own.detail - 1))
        soft = cv2.GaussianBlur(out, (0, 0), 1.3)
        out = np.asarray(cv2.addWeighted(out, 1 + amount, soft, -amount, 0), np.uint8)
        facts["sharpen"] = round(amount, 2)
    after = look(out, head)
    missing = wanted.grain**2 - (after.grain if after else 0) ** 2
    if missing > 0.3:
        noise = np.random.default_rng(seed).normal(0, 1, out.shape[:2]).astype(np.float32)
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6), np.float32)
        strength = min(4.0, float(np.sqrt(missing)))
        out = (out + (noise / noise.std() * strength)[..., None]).round().clip(0, 255).astype(np.uint8)
        facts["grain"] = round(strength, 2)
    return out, facts
