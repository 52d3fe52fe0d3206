"""Another background behind people who have a matte: a colour, a sky, a second photo, a blur, black and white."""

import cv2
import numpy as np

from pipeline.imaging import Color, Floats, Pixels
from pipeline.imaging.brushes import cloud, noise
from pipeline.imaging.color import grain, lab, light_wrap, rgb, statistics
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import resized, scaled
from pipeline.imaging.matting import foreground

WRAP = 0.006  # how deep the background's light spills over a figure, as a share of the photo's longer side
LIGHT, TINT = 0.3, 0.35  # share of the way that figures are moved to a second photo's light and tint
FARTHEST = (7.0, 6.0, 6.0)  # of it, in Lab
HOLE = 0.02  # opacity under which a pixel is background alone

SKIES: dict[str, tuple[Color, ...]] = {
    "day": ((70, 138, 214), (148, 195, 235), (214, 232, 243)),
    "sunset": ((62, 66, 122), (196, 104, 116), (248, 178, 108), (253, 226, 172)),
    "dawn": ((122, 150, 198), (214, 190, 208), (250, 220, 196)),
    "night": ((9, 13, 36), (22, 32, 74), (52, 66, 116)),
    "studio": ((206, 210, 214), (234, 236, 238), (188, 192, 197)),
}


def composed(photo: Pixels, alpha: Floats, behind: Pixels, wrap: float = 0.25) -> Pixels:
    """Who is opaque by `alpha` before `behind` (H, W, 3): their own colours at the rim, a little of the new light on it."""
    alpha = resized(alpha, *photo.shape[:2])
    figure = foreground(photo, alpha)
    if wrap:
        figure = light_wrap(figure, alpha, behind, max(1.0, WRAP * max(photo.shape[:2])), wrap)
    out = np.where((alpha >= 1)[..., None], figure, behind)
    rim = (alpha > 0) & (alpha < 1)
    under, over = behind[rim].astype(np.float32), figure[rim].astype(np.float32)
    out[rim] = np.rint(under + (over - under) * alpha[rim][:, None]).clip(0, 255).astype(np.uint8)
    return np.asarray(out, np.uint8)


def plain(photo: Pixels, alpha: Floats, color: Color) -> Pixels:
    """One colour behind."""
    return composed(photo, alpha, np.broadcast_to(np.asarray(color, np.uint8), photo.shape), 0.0)


def sky(height: int, width: int, kind: str, seed: int = 0) -> Pixels:
    """A drawn sky (H, W, 3): a gradient of SKIES, with soft clouds by day and evening, stars by night, no horizon."""
    colours = np.asarray(SKIES[kind], np.float32)
    y = np.linspace(0, 1, height, dtype=np.float32)
    rows = np.stack([np.interp(y, np.linspace(0, 1, len(colours)), colours[:, k]) for k in range(3)], 1)
    out = np.asarray(np.repeat(rows[:, None], width, 1), np.float32)
    share = min(1.0, 700 / max(height, width))
    small = max(8, round(height * share)), max(8, round(width * share))
    if kind in ("day", "sunset", "dawn"):
        veil = cloud((small[0] * 2, small[1]), 0.22 * small[1], seed + 7, 5)[::2]  # flattened, as clouds are
        shade = np.linspace(1, 0.35, small[0], dtype=np.float32)[:, None]
        thick = ((veil - 0.35) * 0.8).clip(0, 1) ** 1.2 * shade
        tint = np.array([255, 252, 248] if kind == "day" else [255, 214, 186], np.float32)
        over = resized(gaussian(thick, 1.5), height, width)[..., None]
        out = out + (tint - out) * 0.8 * over
    if kind == "night":
        stars = (noise((height, width), 1.0, seed + 9) > 3.6).astype(np.float32)
        out = out + 900 * gaussian(stars, max(0.7, max(height, width) / 1500))[..., None]
    out = out + 0.8 * noise((height, width), 1.0, seed + 3)[..., None]  # no banding
    return np.asarray(np.rint(out).clip(0, 255), np.uint8)


def covering(picture: Pixels, height: int, width: int) -> Pixels:
    """A picture cut and scaled so that it covers (H, W)."""
    share = max(height / picture.shape[0], width / picture.shape[1])
    h, w = min(picture.shape[0], round(height / share)), min(picture.shape[1], round(width / share))
    y, x = (picture.shape[0] - h) // 2, (picture.shape[1] - w) // 2
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture[y : y + h, x : x + w], (width, height), interpolation=way), np.uint8)


def place(photo: Pixels, alpha: Floats, picture: Pixels) -> Pixels:
    """The people before a second photo, moved a little towards its light and its tint; a sharper photo is softened to it."""
    height, width = photo.shape[:2]
    behind = covering(picture, height, width)
    small = scaled(photo, 512)
    inside = resized(alpha, *small.shape[:2])
    own, _ = statistics(small, inside)
    theirs, _ = statistics(behind)
    shift = np.array([LIGHT, TINT, TINT], np.float32) * (theirs - own)
    shift = np.clip(shift, -np.asarray(FARTHEST), FARTHEST)
    colours = lab(photo)
    middle = np.interp(colours[..., 0], [0, 25, 80, 100], [0.3, 1, 1, 0.4]).astype(np.float32)
    lit = rgb(colours + shift * middle[..., None])
    missing = grain(photo) ** 2 - grain(behind) ** 2
    if missing > 1:
        speckle = noise((height, width), 1.0, 5) * min(4.0, float(np.sqrt(missing)))
        behind = np.rint(behind + speckle[..., None]).clip(0, 255).astype(np.uint8)
    return composed(lit, alpha, behind)


def blurred(photo: Pixels, alpha: Floats, amount: float = 1.0) -> Pixels:
    """What is behind out of focus, as a wide lens shows it: a disc's blur in linear light, without the people in it."""
    height, width = photo.shape[:2]
    alpha = resized(alpha, height, width)
    share = min(1.0, 900 / max(height, width))
    size = max(16, round(width * share)), max(16, round(height * share))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    clear = 1 - resized(alpha, size[1], size[0])
    clear = np.where(clear > 1 - HOLE, clear, clear**2).astype(np.float32)
    radius = max(2, round(0.014 * max(size) * amount))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    kernel = (1.0 - (np.hypot(x, y) - radius)).clip(0, 1).astype(np.float32)
    kernel /= kernel.sum()
    linear = small**2.2
    linear = linear * (1 + 1.5 * (linear.max(2, keepdims=True) - 0.75).clip(0, 1))  # lights open to discs
    weighed = cv2.filter2D(linear * clear[..., None], -1, kernel, borderType=cv2.BORDER_REFLECT)
    weight = cv2.filter2D(clear, -1, kernel, borderType=cv2.BORDER_REFLECT)
    far = gaussian(linear * clear[..., None], 4 * radius) / (gaussian(clear, 4 * radius)[..., None] + 1e-4)
    mixed = (weighed + 0.02 * far) / (weight[..., None] + 0.02)
    out = np.asarray(mixed.clip(0, 1) ** (1 / 2.2), np.float32)
    large = cv2.resize((out * 255).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    large = large + min(3.0, grain(photo)) * noise((height, width), 1.0, 5)[..., None]  # the photo's own grain
    behind = np.rint(large).clip(0, 255).astype(np.uint8)
    return composed(photo, alpha, behind, 0.0)


def colourless(photo: Pixels, alpha: Floats) -> Pixels:
    """Black and white behind people in colour."""
    gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    return composed(photo, alpha, np.repeat(gray[..., None], 3, 2), 0.0)
