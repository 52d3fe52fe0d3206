"""Repairs: old photos, scratches, red eyes, skin, and twice the size."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.imaging import Box, Floats, Pixels
from pipeline.imaging.adjust import denoise
from pipeline.imaging.color import grain, lab, rgb, white_balance
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import disc, ellipses, laid, pixels_of, resized, scaled

SCRATCHES = 1600  # pixels of the longer side at which scratches are looked for
THIN = 3.2  # widest scratch in pixels there
CONTRAST = 4.0  # a scratch against its surroundings, in standard deviations of the photo's noise
LONG = 0.035  # shortest scratch as a share of the longer side
SPOT = 0.006  # largest spot as a share of the longer side
CROWDED = 0.14  # share of such pixels about a line from which on it is texture
LARGEST = 4096  # pixels of the longer side beyond which nothing is enlarged


def restore(photo: Pixels, amount: float = 1.0, faces: Sequence[Box] = ()) -> Pixels:
    """An old photo without yellowing, fading, scratches and spots, as far as that goes without inventing anything."""
    mended = mend(photo, faces)
    balanced = white_balance(mended, 0.85 * min(amount, 1.0))
    colours = lab(balanced)
    small = lab(scaled(balanced, 512))
    chroma = small[..., 1:].reshape(-1, 2)
    if np.hypot(*chroma.std(0)) < 7.5:  # a black-and-white print: whatever tint is left is yellowing
        colours[..., 1:] -= np.median(chroma, 0) * min(amount, 1.0)
        colours[..., 1:] *= 1 - 0.75 * min(amount, 1.0)
    light = colours[..., 0]
    low, high = np.percentile(small[..., 0], (0.6, 99.4))
    stretched = ((light - low) / max(25.0, high - low)).clip(0, 1) * 97 + 1.5
    colours[..., 0] = light + (stretched - light) * min(amount, 1.0)
    if np.hypot(*chroma.std(0)) >= 7.5:
        colours[..., 1:] *= 1 + 0.22 * amount
    out = rgb(colours)
    return denoise(out, 0.5 * amount, ()) if grain(out) > 4 else out


def mend(photo: Pixels, faces: Sequence[Box] = ()) -> Pixels:
    """The photo with scratches and spots filled from beside them; every bit elsewhere stays."""
    flaws = scratches(photo, faces)
    if not flaws.any():
        return photo.copy()
    small = scaled(photo, SCRATCHES)
    mask = (resized(flaws, *small.shape[:2]) > 0.4).astype(np.uint8)
    filled = np.asarray(cv2.inpaint(small, mask, 3, cv2.INPAINT_TELEA), np.uint8)
    if small.shape != photo.shape:
        filled = np.asarray(cv2.resize(filled, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    return laid(photo, filled, flaws)


def scratches(photo: Pixels, faces: Sequence[Box] = ()) -> Floats:
    """Where scratches and spots are (H, W), in [0, 1]: thin long lines, and dots, clearly lighter or darker than both sides.

    Lines that belong to what is in the photo are straight edges between two sides; a scratch has the same on both. In
    faces only what is nearly white is taken for a scratch.
    """
    small = scaled(photo, SCRATCHES)
    height, width = small.shape[:2]
    longest = max(height, width)
    light = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    noise = max(1.2, grain(small))
    found = np.zeros((height, width), np.uint8)
    side = 2 * round(THIN) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    near_faces = ellipses(list(faces), height, width, 1.1) > 0.3 if faces else np.zeros((height, width), bool)
    busy = gaussian(np.abs(light - gaussian(light.astype(np.float32), 4.0)), 12.0)
    for lighter in (True, False):
        operation = cv2.MORPH_TOPHAT if lighter else cv2.MORPH_BLACKHAT
        outstanding = np.asarray(cv2.morphologyEx(light, operation, kernel), np.float32)
        # a scratch stands out among what is about it: texture is full of lines
        strong = outstanding > np.maximum(CONTRAST * noise + 8, 3.2 * busy + 6)
        strong &= ~(near_faces & (light < 225)) if lighter else ~near_faces
        joined = cv2.morphologyEx(strong.astype(np.uint8), cv2.MORPH_CLOSE, disc(1))
        _, pieces, facts, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8), connectivity=8)
        wide, tall, area = (facts[:, k] for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
        length = np.hypot(wide, tall)
        line = (length > LONG * longest) & (area / np.maximum(length, 1) < THIN)
        spot = (length < max(6.0, SPOT * longest)) & (area > 0.45 * wide * tall) & (area > 4)
        crowd = gaussian(np.asarray(strong, np.float32), 10.0)
        crowded = np.bincount(pieces.ravel(), crowd.ravel(), len(area)) / np.maximum(area, 1) > CROWDED
        line, spot = line & ~crowded, spot & ~crowded
        wanted = line | (spot & lighter)
        wanted[0] = False
        found |= wanted[pieces].astype(np.uint8)
    mask = gaussian(np.asarray(cv2.dilate(found, disc(1.5)), np.float32), 0.6)
    return resized((mask * 1.6).clip(0, 1).astype(np.float32), *photo.shape[:2])


def red_eye(photo: Pixels, eyes: Sequence[tuple[float, float]], reach: float) -> Pixels:
    """The photo without red pupils. `eyes` are places (x, y), `reach` the radius to look in, all in shares of the width
    and height (`reach` of the width)."""
    height, width = photo.shape[:2]
    out = photo.copy()
    radius = max(3, round(reach * width))
    for x, y in eyes:
        cx, cy = round(x * width), round(y * height)
        rows = slice(max(0, cy - radius), min(height, cy + radius + 1))
        columns = slice(max(0, cx - radius), min(width, cx + radius + 1))
        part = out[rows, columns].astype(np.float32)
        if not part.size:
            continue
        other = np.maximum(part[..., 1], part[..., 2])
        red = ((part[..., 0] - 1.5 * other - 12) / 30).clip(0, 1)
        red = gaussian(np.asarray(cv2.morphologyEx(red, cv2.MORPH_CLOSE, disc(1)), np.float32), max(0.5, radius / 14))
        if red.max() < 0.3:
            continue
        dark = other[..., None] * np.array([0.72, 0.74, 0.78])
        share = (red * 1.3).clip(0, 1)[..., None]
        out[rows, columns] = np.rint(part + (dark - part) * share).clip(0, 255).astype(np.uint8)
    return out


def smooth_skin(photo: Pixels, faces: Sequence[Box], amount: float = 1.0) -> Pixels:
    """Faces with calmer skin: blemishes and blotches softened, pores, eyes, brows, lips and hair kept. Outside the faces
    every bit stays."""
    out = photo.copy()
    height, width = photo.shape[:2]
    for box in faces:
        x0, y0, x1, y1 = pixels_of(box, height, width)
        wide, tall = x1 - x0, y1 - y0
        rows = slice(max(0, int(y0 - 0.45 * tall)), min(height, int(y1 + 0.25 * tall)))
        columns = slice(max(0, int(x0 - 0.2 * wide)), min(width, int(x1 + 0.2 * wide)))
        part = out[rows, columns]
        if min(part.shape[:2]) < 16:
            continue
        h, w = part.shape[:2]
        own = (
            (x0 - columns.start) / w,
            (y0 - rows.start - 0.12 * tall) / h,
            (x1 - columns.start) / w,
            (y1 - rows.start) / h,
        )
        colours = lab(part)
        size = min(1.0, 320 / max(h, w))
        small = lab(scaled(part, 320)) if size < 1 else colours.copy()
        inner = ellipses([own], small.shape[0], small.shape[1], 0.6) > 0.9
        if inner.sum() < 20:
            continue
        low, high = np.percentile(small[..., 0][inner], (25, 92))
        sample = small[inner & (small[..., 0] > low) & (small[..., 0] < high)]
        middle, spread = np.median(sample, 0), np.maximum(sample.std(0), (4, 2.5, 2.5))
        away = ((colours[..., 1:] - middle[1:]) / (2.6 * spread[1:])) ** 2
        likely = np.exp(-away.sum(2)) * (1 / (1 + np.exp(-(colours[..., 0] - (middle[0] - 2.6 * spread[0])) / 3)))
        mask = gaussian(likely, 0.012 * wide) * ellipses([own], h, w, 0.9)
        light = colours[..., 0]
        fine = light - gaussian(light, 0.008 * wide)
        blotch = gaussian(light, 0.008 * wide) - gaussian(light, 0.055 * wide)
        calm = np.tanh(blotch / 5) * 5
        strength = (min(amount, 1.6) * mask * np.exp(-((blotch / 9) ** 2))).clip(0, 1)  # strong ones are features
        colours[..., 0] = light - strength * (0.75 * calm + 0.35 * np.tanh(fine / 3) * 3)
        for channel in (1, 2):
            tint = colours[..., channel]
            difference = tint - gaussian(tint, 0.06 * wide)
            colours[..., channel] = tint - strength * 0.6 * np.tanh(difference / 5) * 5
        share = strength[..., None]
        out[rows, columns] = np.where(share > 0.004, rgb(colours), part)
    return out


def enlarge(photo: Pixels, factor: float = 2.0) -> Pixels:
    """The photo at `factor` times the size, at most LARGEST: Lanczos, then edges made steeper without overshooting.

    It invents nothing. No network is used: OpenCV's super-resolution brings no weights, and no package that carries small
    ones under a licence that allows every use was found.
    """
    height, width = photo.shape[:2]
    factor = min(factor, LARGEST / max(height, width))
    if factor <= 1.0:
        return photo.copy()
    size = round(width * factor), round(height * factor)
    large = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    colours = lab(large)
    light = colours[..., 0]
    noise = grain(photo) / 2.55
    detail = light - gaussian(light, 0.55 * factor)
    detail = np.sign(detail) * (np.abs(detail) - 0.8 * noise).clip(0, None)
    kernel = disc(round(0.75 * factor))
    floor, ceiling = cv2.erode(light, kernel), cv2.dilate(light, kernel)  # no halo: not beyond what is about it
    colours[..., 0] = np.clip(light + 1.6 * detail, floor, ceiling)
    return rgb(colours)
