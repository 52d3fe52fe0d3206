"""Photographers' styles: film, old photo, black and white, neon night. As in painting.py."""

import cv2
import numpy as np

from pipeline.imaging import Floats
from pipeline.imaging.brushes import cloud, from_lab, gray, noise, to_lab
from pipeline.imaging.filters import gaussian
from pipeline.imaging.painting import evened, stretched


def film(picture: Floats, unit: float) -> Floats:
    """胶片: lifted blacks, rolled-off whites, warm lights and green-blue shadows, red about highlights, grain."""
    light = gray(picture)[..., None]
    curve = np.interp(picture, [0, 0.08, 0.25, 0.5, 0.75, 0.92, 1], [0.045, 0.085, 0.235, 0.52, 0.785, 0.915, 0.955])
    tint = np.array([0.020, 0.004, -0.030]) * light + np.array([-0.022, 0.004, 0.022]) * (1 - light)
    lab = to_lab(curve + tint)
    lab[..., 1:] *= 0.92
    out = from_lab(lab)
    out = out + gaussian((gray(picture) - 0.78).clip(0, 1), 12 * unit)[..., None] * np.array([0.9, 0.35, 0.12])
    grain = gaussian(noise(picture.shape[:2], 1.2 * unit, 51), 0.5 * unit)
    grain = grain / (grain.std() + 1e-6)
    out = out + 0.030 * grain[..., None] * (0.35 + 0.65 * 4 * light * (1 - light))
    return np.asarray((out * vignette(picture.shape[:2], 0.22)[..., None]).clip(0, 1), np.float32)


def vintage(picture: Floats, unit: float) -> Floats:
    """老照片: faded sepia, soft, stained and scratched a little, with a paper border."""
    shape = picture.shape[:2]
    light = evened(stretched(gaussian(gray(picture), 0.8 * unit)), 0.5)
    light = np.interp(light, [0, 0.25, 0.5, 0.8, 1], [0.06, 0.26, 0.53, 0.82, 0.93]).astype(np.float32)
    light = light + 0.028 * noise(shape, 1.4 * unit, 61) + 0.025 * cloud(shape, 220 * unit, 63, 3)
    light = light * vignette(shape, 0.34) + 0.05 * (1 - vignette(shape, 0.34))
    light = light + _scratches(shape, unit) * 0.22
    tone = light.clip(0, 1)[..., None]
    out = np.array([0.165, 0.115, 0.075]) * (1 - tone) + np.array([0.985, 0.925, 0.80]) * tone
    margin = max(2, round(0.03 * max(shape)))
    sheet = np.array([0.93, 0.895, 0.815]) * (1 + 0.02 * cloud(shape, 40 * unit, 71))[..., None]
    inner = np.zeros(shape, np.float32)
    inner[margin:-margin, margin:-margin] = 1
    edge = gaussian(inner, 0.8 * unit)[..., None]
    return np.asarray((sheet + (out - sheet) * edge).clip(0, 1), np.float32)


def _scratches(shape: tuple[int, int], unit: float) -> Floats:
    rng = np.random.default_rng(73)
    out = np.zeros(shape, np.float32)
    height, width = shape
    for _ in range(9):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        length = rng.uniform(0.05, 0.4) * height
        cv2.line(out, (int(x), int(y)), (int(x + rng.normal(0, 4 * unit)), int(y + length)), 1.0, 1, cv2.LINE_AA)
    for _ in range(40):
        centre = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        cv2.circle(
            out, centre, max(1, round(rng.uniform(0.5, 1.6) * unit)), float(rng.uniform(0.3, 1)), -1, cv2.LINE_AA
        )
    return gaussian(out, 0.6 * unit)


def grayscale(picture: Floats, unit: float) -> Floats:
    """黑白: full tones from black to white, skin a little lighter, as with an orange filter, fine grain."""
    light = picture @ np.array([0.42, 0.46, 0.12], np.float32)
    light = stretched(np.asarray(light, np.float32), 0.4, 99.6)
    light = light ** float(np.clip(np.log(0.5) / np.log(np.median(light).clip(0.12, 0.8)), 0.75, 1.2))
    base = gaussian(light, 18 * unit)
    light = light + 0.22 * (light - base)
    grain = noise(picture.shape[:2], 1.2 * unit, 81) * 0.012
    return np.asarray(np.repeat((light + grain).clip(0, 1)[..., None], 3, 2), np.float32)


def cyberpunk(picture: Floats, unit: float) -> Floats:
    """赛博朋克: night; magenta from one side and cyan from the other, glowing lights, rows of a screen."""
    height, width = picture.shape[:2]
    light = evened(stretched(gray(picture)), 0.5)
    dark = light**1.35
    x = np.linspace(0, 1, width, dtype=np.float32)[None]
    side = x + 0.05 * gaussian(noise((height, width), 150 * unit, 91), 30 * unit)
    side = (side * 1.5 - 0.25).clip(0, 1)[..., None]
    neon = np.array([1.0, 0.18, 0.68]) * (1 - side) + np.array([0.05, 0.85, 1.0]) * side
    night = np.array([0.055, 0.02, 0.19])
    tone = dark[..., None]
    lit = night * (1 - tone) + neon * tone * 0.6 + tone**2.2 * np.array([0.95, 0.80, 0.98]) * 0.75
    own = to_lab(picture)
    own[..., 0] = 100 * dark
    own[..., 1:] *= 1.1
    out = 0.66 * lit + 0.34 * from_lab(own)
    glow = gaussian((out - 0.5).clip(0, 1), 16 * unit) * 0.75 + gaussian((out - 0.62).clip(0, 1), 5 * unit) * 0.5
    out = out + glow * (0.4 + 0.6 * neon)
    shift = max(1, round(1.3 * unit))
    out[..., 0], out[..., 2] = np.roll(out[..., 0], shift, 1), np.roll(out[..., 2], -shift, 1)
    rows = 1 - 0.05 * (0.5 + 0.5 * np.sin(np.arange(height, dtype=np.float32) * (2 * np.pi / max(3.0, 4 * unit))))
    return np.asarray((out * rows[:, None, None] * vignette((height, width), 0.3)[..., None]).clip(0, 1), np.float32)


def further(picture: Floats, painted: Floats, amount: float) -> Floats:
    """On from the photo (H, W, 3) past what is painted, in the same direction."""
    return np.asarray((picture + (painted - picture) * (0.5 + 0.5 * amount)).clip(0, 1), np.float32)


def harder(picture: Floats, painted: Floats, amount: float) -> Floats:
    """As on harder paper: what is painted (H, W, 3), its dark and light farther apart about its own middle."""
    middle = float(np.median(painted).clip(0.3, 0.7))
    steep = 1 + 0.8 * (amount - 1)
    low = middle * (painted / middle).clip(0, 1) ** steep
    high = 1 - (1 - middle) * ((1 - painted) / (1 - middle)).clip(0, 1) ** steep
    return np.where(painted < middle, low, high).astype(np.float32)


def vignette(shape: tuple[int, int], depth: float) -> Floats:
    """1 in the middle, darker by `depth` at the corners."""
    height, width = shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    return np.asarray(1 - depth * ((x * x + y * y) / 2) ** 1.4, np.float32)
