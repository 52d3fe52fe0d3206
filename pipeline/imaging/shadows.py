"""The shadow that somebody casts on the ground: found, so that it goes with them; drawn, so that somebody new stands."""

import cv2
import numpy as np

from pipeline.imaging import Floats, Pixels
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import disc, resized, window

WORK = 400  # pixels of the longer side at which shadows are looked for
DARKER = (0.08, 0.80)  # brightness of a shadow as a share of the ground's that is lit
HUE = 9.0  # how far a shadow's colour (a, b of Lab) may be from the lit ground's
FEET = 0.12  # share of a figure's height, from below, where its shadow begins
LARGE = 1.0  # a shadow larger than this share of who casts it is taken for the ground itself
SMALL = 0.03  # a smaller one is a stain
COMMON = 0.06  # share of the rest of the ground that is as dark: planks and paving are
ROUGH = 2.5  # standard deviations of the ground's own brightness below which it is dark
SURE = 0.72  # median brightness of a whole shadow, at most


def shadow_mask(photo: Pixels, hole: Floats, *, others: Floats | None = None) -> Floats:
    """The cast shadow of who is in `hole`, as a soft mask (H, W); all 0 where none is certain.

    A shadow begins at the feet, is darker than the ground about it and of nearly its hue. What is darker in a way that
    reaches far or begins nowhere near the feet is the ground's own.
    """
    height, width = photo.shape[:2]
    none = np.zeros((height, width), np.float32)
    scale = min(1.0, WORK / max(height, width))
    h, w = max(8, round(height * scale)), max(8, round(width * scale))
    small = np.asarray(cv2.resize(photo, (w, h), interpolation=cv2.INTER_AREA), np.float32) / 255
    figure = resized(hole, h, w) > 0.3
    place = window(figure.astype(np.float32), 0, 0.5)
    if place is None:
        return none
    top, bottom = place[0].start, place[0].stop
    tall, area = bottom - top, float(figure.sum())
    lab = np.asarray(cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), max(1.0, tall / 100)), cv2.COLOR_RGB2LAB), np.float32)
    taken = cv2.dilate(figure.astype(np.uint8), disc(2)) > 0
    if others is not None:
        taken |= resized(others, h, w) > 0.3
    ground = ~taken
    ground[: bottom - int(0.35 * tall)] = False  # a shadow on the ground lies about the feet
    left, right = place[1].start - tall, place[1].stop + tall
    ground[:, : max(0, left)] = False
    ground[:, max(0, right) :] = False
    if ground.sum() < 50:
        return none

    # the lit ground about each pixel: the brighter half of what is near
    light = lab[..., 0]
    floor = float(np.percentile(light[ground], 40))
    lit = (ground & (light >= floor)).astype(np.float32)
    reach = max(4.0, tall / 3)
    amount = gaussian(lit, reach)[..., None] + 1e-4
    level = gaussian(lab * lit[..., None], reach) / amount
    ratio = _luminance(light) / (_luminance(level[..., 0]) + 1e-3)
    hue = np.hypot(lab[..., 1] - level[..., 1], lab[..., 2] - level[..., 2])
    spread = float(np.median(np.abs(ratio[ground] - np.median(ratio[ground])))) * 1.48  # of a normal distribution
    dark = ground & (ratio > DARKER[0]) & (ratio < min(DARKER[1], 1 - ROUGH * min(spread, 0.15))) & (hue < HUE)
    dark = np.asarray(cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), bool)

    feet = figure.copy()
    feet[: bottom - max(2, int(FEET * tall))] = False
    touch = cv2.dilate(feet.astype(np.uint8), disc(4)) > 0
    _, pieces = cv2.connectedComponents((dark | (taken & touch)).astype(np.uint8), connectivity=4)
    begun = np.unique(pieces[touch & (pieces > 0)])
    found = np.isin(pieces, begun) & dark
    if not SMALL * area < found.sum() < LARGE * area or np.median(ratio[found]) > SURE:
        return none
    rest = ground & ~cv2.dilate(found.astype(np.uint8), disc(3)).astype(bool)
    if (dark & rest).sum() > COMMON * max(1, int(rest.sum())):
        return none
    whole = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, disc(3))
    whole = np.asarray(cv2.dilate(whole, disc(3)), np.float32) * ~(taken & ~figure)
    return resized(gaussian(whole, 1.0), height, width)


def _luminance(light: Floats) -> Floats:
    """Relative luminance of L* (CIE 1976)."""
    return np.asarray(np.where(light > 8, ((light + 16) / 116) ** 3, light / 903.3), np.float32)


def contact_shadow(photo: Pixels, alpha: Floats, strength: float = 0.45) -> Pixels:
    """The photo, darkened on the ground where the figure of `alpha` (H, W), laid over it afterwards, touches it.

    Two soft ellipses: a narrow dark one under the feet, a wide faint one about them. Nothing where the figure is cut by
    the lower border, since it stands outside the photo then.
    """
    height, width = photo.shape[:2]
    place = window(alpha, 0, 0.5)
    if place is None or place[0].stop >= height - 2:
        return photo.copy()
    bottom, tall = place[0].stop, place[0].stop - place[0].start
    soles = alpha[bottom - max(2, int(0.04 * tall)) : bottom].max(0)
    shade = np.zeros((height, width), np.float32)
    for share, wide, flat in ((0.65, 0.035, 0.010), (0.35, 0.12, 0.035)):
        line = gaussian(np.tile(soles, (3, 1)), wide * tall)[1]
        y = (np.arange(height, dtype=np.float32) - bottom + 0.5 * flat * tall) / (flat * tall)
        shade += share * np.exp(-0.5 * y**2)[:, None] * line[None]
    keep = 1 - (strength * shade / max(1e-6, float(shade.max()))).clip(0, 1)
    out = photo.copy()
    rows = window(1 - keep, 0, 0.004)
    if rows is not None:
        linear = (photo[rows].astype(np.float32) / 255) ** 2.2 * keep[rows][..., None] ** 2.2
        out[rows] = np.where(
            keep[rows][..., None] < 0.996, np.rint(255 * linear ** (1 / 2.2)).astype(np.uint8), photo[rows]
        )
    return out
