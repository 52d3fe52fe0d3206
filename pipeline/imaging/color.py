"""Colour: white balance, one picture's colours brought nearer to another's, clothes and things in another colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging import Box, Color, Floats, Pixels
from pipeline.imaging.filters import Plane, gaussian
from pipeline.imaging.geometry import pixels_of, resized, scaled, window

STATISTICS = 512  # pixels of the longer side at which colours are counted
FARTHEST = np.array([14.0, 10.0, 10.0], np.float32)  # how far L, a and b may be moved
STRETCH = (0.75, 1.35)  # how far a spread may be changed
SKIN_WAY = np.array([0.5, 0.7, 0.7], np.float32)  # share of the way that skin is moved in L, a, b


def lab(pixels: Pixels | Floats) -> Floats:
    """CIE Lab (…, 3) of RGB pixels (uint8, or float in [0, 255]): L 0…100, a and b about -110…110."""
    return np.asarray(cv2.cvtColor(np.asarray(pixels, np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def rgb(colours: Plane) -> Pixels:
    """RGB pixels (uint8) of CIE Lab."""
    out = cv2.cvtColor(np.asarray(colours, np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.rint(out * 255).clip(0, 255), np.uint8)


def statistics(photo: Pixels, mask: Floats | None = None) -> tuple[Floats, Floats]:
    """Mean and standard deviation in Lab of what is in `mask` (over ½; the whole photo without one)."""
    small = scaled(photo, STATISTICS)
    colours = lab(small).reshape(-1, 3)
    if mask is not None:
        inside = resized(mask, *small.shape[:2]).ravel() > 0.5
        colours = colours[inside] if inside.sum() > 20 else colours
    return np.asarray(colours.mean(0), np.float32), np.asarray(colours.std(0), np.float32)


def transfer(photo: Pixels, own: tuple[Floats, Floats], theirs: tuple[Floats, Floats], amount: float = 1.0) -> Pixels:
    """The photo with its colours' mean and spread moved from `own` towards `theirs` (Reinhard et al. 2001), within caps."""
    shift = (amount * (theirs[0] - own[0])).clip(-FARTHEST, FARTHEST)
    stretch = ((theirs[1] + 1) / (own[1] + 1)).clip(*STRETCH) ** amount
    colours = lab(photo)
    return rgb((colours - own[0]) * stretch + own[0] + shift)


def skin(photo: Pixels, face: Box) -> Floats | None:
    """The mean colour (Lab) of a face's skin: the middle of its box without its darkest and brightest parts."""
    height, width = photo.shape[:2]
    x0, y0, x1, y1 = pixels_of(face, height, width)
    cx, cy, dx, dy = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) * 0.3, (y1 - y0) * 0.32
    part = photo[max(0, int(cy - dy)) : int(cy + dy) + 1, max(0, int(cx - dx)) : int(cx + dx) + 1]
    if part.size < 48:
        return None
    colours = lab(scaled(part, 128)).reshape(-1, 3)
    low, high = np.percentile(colours[:, 0], (20, 90))
    return np.asarray(colours[(colours[:, 0] >= low) & (colours[:, 0] <= high)].mean(0), np.float32)


def match_skin(photo: Pixels, own: Floats, theirs: Floats, amount: float = 1.0) -> Pixels:
    """The photo moved so that skin of mean `own` (Lab) comes nearer to `theirs`: never all the way, since how dark
    somebody's skin is belongs to them, and within caps."""
    shift = (amount * SKIN_WAY * (theirs - own)).clip(-FARTHEST, FARTHEST)
    colours = lab(photo)
    middle = np.interp(colours[..., 0], [0, 25, 80, 100], [0.2, 1, 1, 0.35]).astype(np.float32)  # black and white stay
    return rgb(colours + shift * middle[..., None])


def white_balance(photo: Pixels, amount: float = 1.0) -> Pixels:
    """The photo with the tint of its light taken out: what is nearly gray becomes gray (gray-edge and gray-world, mixed;
    van de Weijer et al. 2007), in linear light."""
    small = (scaled(photo, STATISTICS).astype(np.float32) / 255) ** 2.2
    bright = small.max(2)
    usable = (bright > 0.02) & (bright < 0.95)
    if usable.sum() < 100:
        return photo.copy()
    chroma = (small.max(2) - small.min(2)) / (small.max(2) + 1e-3)
    gray = np.exp(-((chroma / 0.35) ** 2)) * usable
    world = (small * gray[..., None]).sum((0, 1)) / (gray.sum() + 1e-6)
    blurred = gaussian(small, 1.5)
    edge = np.abs(cv2.Sobel(blurred, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(blurred, cv2.CV_32F, 0, 1))
    edges = (edge[usable] ** 5).mean(0) ** 0.2
    light = (world / world.mean()) ** 0.6 * (edges / edges.mean()) ** 0.4
    gain = (1 / light).clip(0.6, 1.7)
    gain = gain / (gain @ np.array([0.2126, 0.7152, 0.0722]))
    table = np.arange(256, dtype=np.float32) / 255
    curves = ((table[:, None] ** 2.2 * gain**amount).clip(0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)
    return np.dstack([cv2.LUT(np.ascontiguousarray(photo[..., k]), curves[:, k]) for k in range(3)])


def recolor(photo: Pixels, mask: Floats, color: Color, amount: float = 1.0) -> Pixels:
    """What is in `mask` (H, W) in another colour, its folds, shine and prints kept; every bit outside stays.

    Its main colour is moved onto the new one. Light and dark keep their differences, larger on a light cloth and smaller on
    a dark one. What differs in hue from the main colour (a print, buttons) keeps its distance from it in part. `amount` below 1
    leaves so much of the photo, above 1 goes past the colour, on from what it was; near black and white, where nothing lies
    beyond, the folds flatten, and prints keep less of their own.
    """
    out = photo.copy()
    alpha = resized(mask, *photo.shape[:2])
    place = window(alpha, 0, 0.004)
    if place is None:
        return out
    part, share = photo[place], alpha[place]
    colours = lab(part)
    sure = share > 0.6
    if not sure.any():
        sure = share > 0.5 * share.max()
    main = np.median(colours[sure], 0)
    target = lab(np.asarray(color, np.uint8).reshape(1, 1, 3))[0, 0]
    beyond = float(np.clip(amount - 1, 0, 1))
    flatter = 1 - 0.6 * beyond * abs(float(target[0]) - 50) / 50
    coloured = min(
        1.0, float(np.hypot(*target[1:])) / 30
    )  # past black, white and gray lies a tint that nobody asked for
    target = target + 0.6 * beyond * (target - main) * (1, coloured, coloured)
    light = float(np.clip(target[0], 10 - 7 * beyond, 93 + 5 * beyond))
    difference = colours[..., 0] - main[0]
    # reflectance: shading is a factor in linear light, so it shrinks on dark cloth and grows on light one
    scale = flatter * float(np.clip((light + 18) / (main[0] + 18), 0.45, 1.5))
    moved = light + difference * scale
    if light > 85:  # white cloth shows its folds below white
        moved = light - 3 + (difference * scale).clip(None, 8)
    strength = np.interp(moved, [0, 18, light, 95, 100], [0.35, 0.8, 1.0, 0.55, 0.2])
    own = colours[..., 1:] - main[1:]
    apart = np.hypot(own[..., 0], own[..., 1])
    print_ = (1 - 0.6 * beyond) * np.clip((apart - 12) / 22, 0, 1)[..., None]  # how surely a pixel belongs to a print
    hue = target[1:] * strength[..., None] + own * (0.15 * (1 - beyond) + 0.6 * print_)
    hue = hue * (1 - print_) + (0.35 * target[1:] + colours[..., 1:] * 0.65) * print_
    moved = moved * (1 - 0.7 * print_[..., 0]) + colours[..., 0] * 0.7 * print_[..., 0]
    layer = rgb(np.dstack([moved.clip(0, 100), hue[..., 0], hue[..., 1]]))
    weight = (share * float(np.clip(amount, 0, 1)))[..., None]
    mixed = np.rint(part + (layer.astype(np.float32) - part) * weight).clip(0, 255).astype(np.uint8)
    out[place] = np.where(weight > 0, mixed, part)
    return out


def light_wrap(figure: Pixels, alpha: Floats, background: Pixels, width: float, amount: float = 0.3) -> Pixels:
    """The figure with the background's light spilling over its rim, `width` pixels deep, brighter than itself only."""
    rim = gaussian(1 - alpha, width) * alpha
    lit = rim > 0.004
    spill, own = gaussian(background, 2 * width)[lit], figure[lit].astype(np.float32)
    out = figure.copy()
    out[lit] = np.rint(own + amount * rim[lit][:, None] * (spill - own).clip(-20, None)).clip(0, 255).astype(np.uint8)
    return out


def grain(photo: Pixels, mask: NDArray[np.bool_] | None = None) -> float:
    """The standard deviation of a photo's noise in gray levels (Immerkær 1996, by the median)."""
    gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rough = np.abs(cv2.filter2D(gray, cv2.CV_32F, kernel))
    values = rough[mask] if mask is not None and mask.any() else rough
    return float(np.median(values)) / 6 * 1.4826
