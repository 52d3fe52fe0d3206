"""What painters' and printers' styles are made of: the direction of forms, strokes along it, flat patches, lines, paper.

Pictures here are float32 (h, w, 3) or (h, w) in [0, 1]. `unit` is the size of a fine brush in pixels: a thousandth of the
picture's longer side, less on a face.
"""

import cv2
import numpy as np

from pipeline.imaging import Floats
from pipeline.imaging.filters import Plane, gaussian


def gray(picture: Plane) -> Floats:
    """Luma (h, w) of RGB (h, w, 3)."""
    return np.asarray(picture @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def to_lab(picture: Plane) -> Floats:
    """CIE Lab (h, w, 3) of RGB in [0, 1]: L 0…100."""
    return np.asarray(cv2.cvtColor(np.asarray(picture, np.float32).clip(0, 1), cv2.COLOR_RGB2LAB), np.float32)


def from_lab(lab: Plane) -> Floats:
    """RGB in [0, 1] of CIE Lab."""
    return np.asarray(cv2.cvtColor(np.asarray(lab, np.float32), cv2.COLOR_LAB2RGB), np.float32).clip(0, 1)


def coloured(picture: Plane, chroma: float = 1.0, contrast: float = 1.0, lighter: float = 0.0) -> Floats:
    """Chroma times `chroma`, lightness stretched about its middle and raised by `lighter` (of 100)."""
    lab = to_lab(picture)
    lab[..., 0] = (50 + (lab[..., 0] - 50) * contrast + lighter).clip(0, 100)
    lab[..., 1:] *= chroma
    return from_lab(lab)


def soft(picture: Plane, sigma_space: float, sigma_colour: float, rounds: int = 1) -> Floats:
    """Flat patches with kept edges: the bilateral filter (Tomasi & Manduchi 1998), worked out at a size where a
    neighbourhood has a radius of a few pixels."""
    picture = np.asarray(picture, np.float32)
    height, width = picture.shape[:2]
    share = min(1.0, 3.0 / sigma_space)
    size = max(8, round(width * share)), max(8, round(height * share))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    for _ in range(rounds):
        small = np.asarray(cv2.bilateralFilter(small, 9, sigma_colour, sigma_space * share), np.float32)
    return small if share == 1 else joint(small, picture)


def joint(small: Floats, picture: Floats) -> Floats:
    """A filtered small picture at the size of the unfiltered one: what the filter changed, enlarged along its edges."""
    height, width = picture.shape[:2]
    reduced = cv2.resize(picture, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    radius = 2
    centre = cv2.blur(reduced, (2 * radius + 1, 2 * radius + 1))
    spread = cv2.blur(reduced * reduced, (2 * radius + 1, 2 * radius + 1)) - centre * centre
    level = cv2.blur(small, (2 * radius + 1, 2 * radius + 1))
    both = cv2.blur(reduced * small, (2 * radius + 1, 2 * radius + 1)) - centre * level
    slope = (both / (spread + 2e-3)).clip(0, 1.5)
    offset = level - slope * centre
    wide, shift = (cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in (slope, offset))
    return np.asarray(wide * picture + shift, np.float32).clip(0, 1)


def kuwahara(picture: Floats, radius: int) -> Floats:
    """Patches of paint: each pixel takes the mean of the calmest of eight sectors about it, softly (Papari et al. 2007,
    with square sectors)."""
    side = radius + 1
    total, weight = np.zeros_like(picture), np.zeros(picture.shape[:2], np.float32)
    squares = picture * picture
    means = cv2.blur(picture, (side, side))
    spread = (cv2.blur(squares, (side, side)) - means * means).sum(2).clip(0, None)
    packed = np.dstack([means, spread])
    half = radius / 2
    near = radius * 0.7
    for dx, dy in (
        (-half, -half), (half, -half), (-half, half), (half, half), (near, 0), (-near, 0), (0, near), (0, -near)
    ):  # fmt: skip
        moved = cv2.warpAffine(
            packed, np.array([[1, 0, dx], [0, 1, dy]], np.float32), picture.shape[1::-1], flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )  # fmt: skip
        share = 1 / (1e-6 + moved[..., 3].clip(0, None)) ** 2.5
        total += moved[..., :3] * share[..., None]
        weight += share
    return np.asarray(total / weight[..., None], np.float32)


def flow(picture: Plane, sigma: float) -> Floats:
    """The direction along forms (h, w, 2), of length 1: the minor axis of the smoothed structure tensor (Kyprianidis 2009)."""
    light = gaussian(gray(picture), 1.0)
    dx, dy = cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3)
    products = np.dstack([dx * dx, dx * dy, dy * dy])
    # where nothing happens near by, what happens farther off decides
    tensor = gaussian(products, sigma) + 0.2 * gaussian(products, 5 * sigma) + np.array([1e-7, 0, 0], np.float32)
    angle = 0.5 * np.arctan2(2 * tensor[..., 1], tensor[..., 0] - tensor[..., 2]) + np.pi / 2
    return np.dstack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def along(plane: Plane, direction: Floats, length: float, steps: int = 6) -> Floats:
    """`plane` averaged over `length` pixels both ways along `direction`: line integral convolution (Cabral & Leedom 1993)."""
    plane = np.asarray(plane, np.float32)
    height, width = plane.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    total = plane.copy()
    step = np.float32(length / steps)
    for sign in (1, -1):
        px, py = x.copy(), y.copy()
        last = direction * sign
        for _ in range(steps):
            px += step * last[..., 0]
            py += step * last[..., 1]
            there = cv2.remap(direction, px, py, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            here = np.asarray(there, np.float32)
            same = here[..., 0] * last[..., 0] + here[..., 1] * last[..., 1]
            last = here * np.copysign(np.float32(1), same)[..., None]
            total += cv2.remap(plane, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(total / (2 * steps + 1), np.float32)


def lines(light: Plane, sigma: float, sharp: float = 18.0, level: float = 0.75, hardness: float = 10.0) -> Floats:
    """A pen's lines, 0 black to 1 paper: extended difference of Gaussians (Winnemöller 2011)."""
    fine, coarse = gaussian(light, sigma), gaussian(light, 1.6 * sigma)
    edge = (1 + sharp) * fine - sharp * coarse
    return np.asarray(np.where(edge >= level, 1, 1 + np.tanh(hardness * (edge - level))).clip(0, 1), np.float32)


def edges(light: Plane, sigma: float, strength: float = 14.0, floor: float = 0.01) -> Floats:
    """Outlines alone, 0 line to 1 paper, without filling dark surfaces: how far a pixel is darker than what is about it."""
    fine, coarse = gaussian(light, sigma), gaussian(light, 2.2 * sigma)
    return np.asarray(1 - (strength * (coarse - fine - floor)).clip(0, 1), np.float32)


def noise(shape: tuple[int, int], grain: float, seed: int) -> Floats:
    """Random grain of `grain` pixels, mean 0, standard deviation 1."""
    rng = np.random.default_rng(seed)
    height, width = shape
    size = max(2, int(height / max(1.0, grain))), max(2, int(width / max(1.0, grain)))
    small = rng.standard_normal(size, np.float32)
    out = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) if grain > 1 else small
    return np.asarray((out - out.mean()) / (out.std() + 1e-6), np.float32)


def cloud(shape: tuple[int, int], grain: float, seed: int, octaves: int = 4) -> Floats:
    """Noise of several sizes, from `grain` pixels down by halves, mean 0, standard deviation 1."""
    out = np.zeros(shape, np.float32)
    for k in range(octaves):
        out += noise(shape, grain / 2**k, seed + k) / 1.6**k
    return np.asarray(out / out.std(), np.float32)


def paper(shape: tuple[int, int], unit: float, seed: int = 1) -> Floats:
    """The relief of laid paper, mean 0, standard deviation 1: grain and long fibres."""
    grain = noise(shape, 1.6 * unit, seed) + 0.6 * noise(shape, 5 * unit, seed + 1)
    fibre = cv2.blur(noise(shape, 1.2 * unit, seed + 2), (max(1, round(9 * unit)), 1))
    out = grain + 1.2 * fibre / (fibre.std() + 1e-6)
    return np.asarray(out / out.std(), np.float32)


def steps(light: Plane, count: int, hardness: float) -> Floats:
    """Tones in `count` steps with edges softened by `hardness` (Winnemöller et al. 2006)."""
    scaled = np.asarray(light, np.float32) * count
    middle = np.floor(scaled) + 0.5
    return np.asarray(
        (middle + 0.5 * np.tanh(hardness * (scaled - middle)) / np.tanh(hardness / 2)) / count, np.float32
    )


def relief(height_map: Plane, depth: float) -> Floats:
    """Light from the upper left on a surface, about 1: how much brighter or darker each pixel becomes."""
    dx, dy = cv2.Sobel(height_map, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(height_map, cv2.CV_32F, 0, 1, ksize=3)
    return np.asarray(1 + (depth * (dx + dy)).clip(-0.35, 0.35), np.float32)
