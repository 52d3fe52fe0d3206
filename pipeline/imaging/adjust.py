"""Light and colour of a photo: what people ask for in a word, by any amount, of the whole photo or of a part."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from pipeline.imaging import Box, Floats, Pixels
from pipeline.imaging.color import grain, lab, rgb, white_balance
from pipeline.imaging.filters import Plane, gaussian
from pipeline.imaging.geometry import ellipses, laid, resized, scaled
from pipeline.imaging.toning import harder

SLOW = 4_000_000  # pixels from which on patches are smaller
LARGE = 1600  # pixels of the longer side above which masks of light are found on a smaller picture


def adjust(
    photo: Pixels, what: str, amount: float = 1.0, mask: Floats | None = None, faces: Sequence[Box] = ()
) -> Pixels:
    """The photo, `what` by `amount` (1 is what people expect of the bare word).

    what  one of ADJUSTMENTS
    mask  where (H, W); every bit outside stays
    faces boxes of faces, which light is made to suit
    """
    changed = ADJUSTMENTS[what](photo, float(np.clip(amount, 0, 3)), tuple(faces))
    return changed if mask is None else laid(photo, changed, resized(mask, *photo.shape[:2]))


def _curve(photo: Pixels, curve: Callable[[Floats], Plane]) -> Pixels:
    """A tone curve on lightness (L / 100), chroma following so that colours keep their saturation."""
    colours = lab(photo)
    light = np.asarray(colours[..., 0] / 100, np.float32)
    moved = curve(light).clip(0, 1)
    ratio = ((moved + 0.1) / (light + 0.1)).clip(0.6, 1.5)
    colours[..., 0] = moved * 100
    colours[..., 1:] *= (0.4 + 0.6 * ratio)[..., None]
    return rgb(colours)


def brighter(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """Dark and middle tones raised, whites kept from burning out."""
    power = 0.74**amount
    return _curve(photo, lambda light: light**power)


def darker(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    power = 1.34**amount
    return _curve(photo, lambda light: light**power)


def contrast(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """An S-shaped curve about the photo's own middle."""
    middle = float(np.clip(np.median(lab(scaled(photo, 256))[..., 0]) / 100, 0.3, 0.7))
    steep = 1 + 0.42 * amount

    def curve(light: Floats) -> Floats:
        low = middle * (light / middle).clip(0, 1) ** steep
        high = 1 - (1 - middle) * ((1 - light) / (1 - middle)).clip(0, 1) ** steep
        return np.asarray(np.where(light < middle, low, high), np.float32)

    return _curve(photo, curve)


def _warmth(photo: Pixels, amount: float) -> Pixels:
    gain = np.array([1.0 + 0.10 * amount, 1.0 + 0.012 * amount, 1.0 - 0.13 * amount]).clip(0.5, 1.6)
    gain = gain / (gain @ np.array([0.2126, 0.7152, 0.0722]))
    table = np.arange(256, dtype=np.float32) / 255
    curves = ((table[:, None] ** 2.2 * gain).clip(0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)
    return np.dstack([cv2.LUT(np.ascontiguousarray(photo[..., k]), curves[:, k]) for k in range(3)])


def warmer(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    return _warmth(photo, 1.3 * amount)


def cooler(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    return _warmth(photo, -1.3 * amount)


def vivid(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """More chroma where there is little of it, less more on skin: vibrance, not saturation."""
    colours = lab(photo)
    chroma = np.hypot(colours[..., 1], colours[..., 2])
    hue = np.degrees(np.arctan2(colours[..., 2], colours[..., 1])) % 360
    skin = (1 - np.abs(hue - 50) / 30).clip(0, 1) * (chroma > 8)
    gain = 1 + 0.5 * amount * (1 - (chroma / 90).clip(0, 0.9)) * (1 - 0.55 * skin)
    colours[..., 1:] *= gain[..., None]
    return rgb(colours)


def muted(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    colours = lab(photo)
    colours[..., 1:] *= 0.62**amount
    return rgb(colours)


def sharper(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """Detail of two sizes strengthened, noise and strong edges less."""
    colours = lab(photo)
    light = colours[..., 0]
    size = max(photo.shape[:2]) / 1600
    noise = grain(scaled(photo, LARGE)) / 2.55
    added = np.zeros_like(light)
    for sigma, strength in ((0.9, 0.9), (2.4, 0.45)):
        detail = light - gaussian(light, max(0.7, sigma * size))
        cored = np.sign(detail) * (np.abs(detail) - 1.2 * noise).clip(0, None)
        added += strength * np.tanh(cored / 9) * 9
    colours[..., 0] = (light + amount * added).clip(0, 100)
    return rgb(colours)


def denoise(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """Noise averaged away among patches that look alike: non-local means (Buades et al. 2005), by the photo's own noise,
    stronger on colour, which in a large photo is found at half the size."""
    noise = float(np.clip(grain(photo), 0.8, 25.0))
    ycc = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2YCrCb), np.uint8)
    patch, search = (5, 13) if photo.size < 3 * SLOW else (3, 9)
    out = np.empty_like(ycc)
    light = np.ascontiguousarray(ycc[..., 0])
    out[..., 0] = cv2.fastNlMeansDenoising(light, None, 1.1 * noise * amount, patch, search)
    height, width = light.shape
    step = 2 if photo.size >= 3 * LARGE * LARGE / 2 else 1
    half = max(1, width // step), max(1, height // step)
    for channel in (1, 2):
        small = cv2.resize(ycc[..., channel], half, interpolation=cv2.INTER_AREA)
        small = cv2.fastNlMeansDenoising(small, None, 1.2 * noise * amount, patch, search)
        out[..., channel] = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_YCrCb2RGB), np.uint8)


def auto(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """What a good laboratory would do: tint out, tones over the whole range, shadows opened, faces well lit."""
    balanced = white_balance(photo, 0.45 * min(amount, 1.5))
    colours = lab(balanced)
    light = np.asarray(colours[..., 0] / 100, np.float32)
    h, w = scaled(photo, 512).shape[:2]
    small = resized(light, h, w)
    low, high = np.percentile(small, (0.5, 99.6))
    high = max(float(high), 0.45)
    low = min(float(low), 0.22, 0.35 * high)
    level = np.asarray((light - low) / (high - low), np.float32)
    wanted = 0.52
    middle = float(np.median(((small - low) / (high - low)).clip(0, 1)))
    if faces:
        mask = ellipses(list(faces), small.shape[0], small.shape[1], 0.7)
        if mask.sum() > 4:
            middle = float((((small - low) / (high - low)).clip(0, 1) * mask).sum() / mask.sum())
            wanted = float(np.clip(middle, 0.5, 0.68))
    power = float(np.clip(np.log(wanted) / np.log(np.clip(middle, 0.08, 0.92)), 0.5, 1.3))
    level = np.asarray(level.clip(0, 1) ** (1 + (power - 1) * 0.75), np.float32)
    base = _base(level)
    opened = base + 0.16 * (0.55 - base).clip(0, None) * (base / 0.08).clip(0, 1)
    wanted_light = opened + (level - base) * 1.18
    moved = light + (wanted_light - light) * min(amount, 1.5)
    ratio = ((moved + 0.1) / (light + 0.1)).clip(0.7, 1.5)
    colours[..., 0] = (moved * 100).clip(0, 100)
    colours[..., 1:] *= ((0.5 + 0.5 * ratio) * (1 + 0.08 * amount))[..., None]
    return rgb(colours)


def _base(light: Floats) -> Floats:
    """The large-scale light (H, W), following edges: a guided filter found on a smaller picture."""
    share = min(1.0, 480 / max(light.shape))
    size = max(8, round(light.shape[1] * share)), max(8, round(light.shape[0] * share))
    small = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)
    side = (25, 25)
    centre = cv2.blur(small, side)
    spread = cv2.blur(small * small, side) - centre * centre
    share_of = spread / (spread + 0.01)
    model = np.dstack([cv2.blur(share_of, side), cv2.blur((1 - share_of) * centre, side)])
    model = np.asarray(cv2.resize(model, light.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return model[..., 0] * light + model[..., 1]


def relight(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """Light added where the photo is dark and where faces are, as a reflector would; bright parts stay."""
    colours = lab(photo)
    light = np.asarray(colours[..., 0] / 100, np.float32)
    base = _base(light)
    lift = (0.62 - base).clip(0, None) * 0.6 * (base / 0.15).clip(0.3, 1)  # black hair and clothes stay dark
    if faces:
        near = ellipses(list(faces), photo.shape[0], photo.shape[1], 3.0)
        lift = lift * (0.7 + 0.3 * near)
    moved = (base + amount * lift).clip(0, 1) * (light / (base + 1e-3)).clip(0, 2.5) ** 0.92
    ratio = ((moved + 0.1) / (light + 0.1)).clip(0.7, 2)
    colours[..., 0] = (moved * 100).clip(0, 100)
    colours[..., 1:] *= (0.45 + 0.55 * ratio)[..., None]
    return rgb(colours)


def grayscale(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    share = min(amount, 1.0)
    if amount > 1:  # there is no less colour than none: as on harder paper
        flat = np.asarray(gray, np.float32) / np.float32(255)
        gray = np.asarray(np.rint(harder(flat, flat, amount) * 255), np.uint8)
    full = np.asarray(np.repeat(gray[..., None], 3, 2), np.uint8)
    return full if share == 1 else np.asarray(cv2.addWeighted(photo, 1 - share, full, share, 0), np.uint8)


def sepia(photo: Pixels, amount: float, faces: tuple[Box, ...]) -> Pixels:
    """A hand-toned print: one warm tint over all, deeper with more than the usual amount. Real colours cannot be known from a
    black-and-white photo."""
    light = lab(photo)[..., 0]
    share = min(amount, 1.0)
    warmth = np.interp(light, [0, 30, 70, 100], [2, 10, 13, 3]) * max(amount, 1.0)
    toned = rgb(np.dstack([light, warmth * 0.5, warmth * 1.4]).astype(np.float32))
    return toned if share == 1 else np.asarray(cv2.addWeighted(photo, 1 - share, toned, share, 0), np.uint8)


ADJUSTMENTS: dict[str, Callable[[Pixels, float, tuple[Box, ...]], Pixels]] = {
    "brighter": brighter, "darker": darker, "contrast": contrast, "warmer": warmer, "cooler": cooler, "vivid": vivid,
    "muted": muted, "sharper": sharper, "denoise": denoise, "auto": auto, "relight": relight, "grayscale": grayscale,
    "sepia": sepia,
}  # fmt: skip
