"""Draughtsmen's and printers' styles: sketch, comic, anime, pixels, cut paper. As in painting.py."""

import cv2
import numpy as np

from pipeline.imaging import Floats
from pipeline.imaging.brushes import (
    along,
    coloured,
    edges,
    flow,
    from_lab,
    gray,
    lines,
    noise,
    paper,
    soft,
    steps,
    to_lab,
)
from pipeline.imaging.filters import gaussian
from pipeline.imaging.painting import evened, stretched


def sketch(picture: Floats, unit: float) -> Floats:
    """素描: graphite on rough paper: outlines, and hatching that gets denser and crossed where it is dark."""
    shape = picture.shape[:2]
    light = stretched(gray(picture), 0.5, 98)
    outline = (light / (1 - gaussian(1 - light, 7 * unit) + 1e-3)).clip(0, 1) ** 1.6
    pen = edges(light, 1.1 * unit, 9.0, 0.008)
    tooth = paper(shape, 0.8 * unit, 2)
    smooth = gaussian(light, 2 * unit)
    shade = np.ones(shape, np.float32)
    for k, (angle, below) in enumerate(((0.9, 0.82), (0.7, 0.58), (2.2, 0.36))):
        stroke = hatching(shape, angle, 1.5 * unit, 14 * unit, 30 + k)
        amount = ((below - smooth) / 0.45).clip(0, 1)
        shade *= 1 - amount * (0.30 + 0.17 * stroke + 0.07 * tooth).clip(0, 0.8)
    graphite = outline * (0.35 + 0.65 * pen) * shade
    graphite = graphite + 0.035 * tooth * (1 - graphite).clip(0, 0.6)
    sheet = np.array([0.975, 0.968, 0.945], np.float32)
    lead = np.array([0.16, 0.16, 0.18], np.float32)
    return np.asarray((lead + (sheet - lead) * graphite.clip(0, 1)[..., None]).clip(0, 1), np.float32)


def hatching(shape: tuple[int, int], angle: float, grain: float, length: float, seed: int) -> Floats:
    """Parallel pencil strokes at an angle (radians), mean 0, standard deviation 1."""
    reach = max(1, round(length))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    dx, dy = round(np.cos(angle) * reach), round(-np.sin(angle) * reach)
    cv2.line(kernel, (reach - dx, reach - dy), (reach + dx, reach + dy), 1.0, 1, cv2.LINE_AA)
    stroke = np.asarray(cv2.filter2D(noise(shape, grain, seed), cv2.CV_32F, kernel / kernel.sum()), np.float32)
    return np.asarray(stroke / (stroke.std() + 1e-6), np.float32)


def comic(picture: Floats, unit: float) -> Floats:
    """漫画: flat bright colours in few tones, strong black lines, printer's dots in the shadows."""
    shape = picture.shape[:2]
    flat = soft(picture, 5 * unit, 0.09, 3)
    lab = to_lab(flat)
    lab[..., 0] = 100 * steps(evened(stretched(lab[..., 0] / 100, 0.5, 99.5), 0.6), 7, 5.0)
    lab[..., 1:] *= 1.45
    colour = from_lab(lab)
    light = evened(stretched(gray(soft(picture, 2.5 * unit, 0.06))), 0.55)
    pen = np.minimum(lines(light, 1.2 * unit, 20, 0.30, 7.0), edges(light, 1.3 * unit, 18, 0.014))
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    pitch = max(4.0, 6.5 * unit)
    u, v = (x + y) * (np.sqrt(0.5) / pitch), (x - y) * (np.sqrt(0.5) / pitch)
    wave = (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v)) / 4 + 0.5
    need = np.interp(gray(colour), [0.12, 0.5, 0.62], [0.45, 0.8, 1.05]).astype(np.float32)
    dots = 1 - 0.26 / (1 + np.exp(-(wave - need) * 14))
    return np.asarray((colour * (pen * dots)[..., None]).clip(0, 1), np.float32)


def anime(picture: Floats, unit: float) -> Floats:
    """动漫: light clear colours, two or three tones a surface, thin coloured lines, blue sky and green leaves made fresh."""
    flat = soft(picture, 6 * unit, 0.08, 3)
    lab = to_lab(flat)
    light = stretched(lab[..., 0] / 100, 0.5, 99.5)
    light = evened(light, 0.6)
    base = gaussian(light, 10 * unit)
    lab[..., 0] = 100 * (0.22 * base + 0.78 * steps(light, 6, 4.0)).clip(0, 1)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    fresh = 1.25 + 0.35 * _about(hue, 250, 45) + 0.3 * _about(hue, 130, 40)  # sky, leaves
    lab[..., 1:] *= (fresh * (1 - 0.25 * (chroma / 90).clip(0, 1)))[..., None]
    lab[..., 2] -= 4 * (1 - light)  # shadows are cool
    colour = from_lab(lab)
    glow = gaussian((colour - 0.72).clip(0, 1), 14 * unit)
    colour = (colour + 0.5 * glow).clip(0, 1)
    drawn = gray(soft(picture, 2.2 * unit, 0.05))
    pen = along(edges(drawn, 1.05 * unit, 17, 0.014), flow(picture, 2.5 * unit), 3 * unit, 2)
    line = colour * 0.25
    return np.asarray(line + (colour - line) * pen[..., None], np.float32)


def _about(hue: Floats, middle: float, wide: float) -> Floats:
    away = np.abs((hue - middle + 180) % 360 - 180)
    return np.asarray((1 - away / wide).clip(0, 1), np.float32)


def pixel(picture: Floats, unit: float) -> Floats:
    """像素: large squares in a palette of a couple of dozen colours, as on an old game machine."""
    height, width = picture.shape[:2]
    side = max(2, round(8.5 * unit))
    size = max(8, width // side), max(8, height // side)
    small = cv2.resize(soft(picture, 4 * unit, 0.12, 2), size, interpolation=cv2.INTER_AREA)
    sharp = (small + 0.7 * (small - cv2.GaussianBlur(small, (0, 0), 1.2))).clip(0, 1)
    lab = to_lab(coloured(sharp, 1.3, 1.1))
    points = lab.reshape(-1, 3)
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 15, 1.0)
    some = np.ascontiguousarray(points[:: max(1, len(points) // 6000)])
    labels = np.zeros((len(some), 1), np.int32)
    _, _, centres = cv2.kmeans(some, min(28, len(some)), labels, stop, 1, cv2.KMEANS_PP_CENTERS)
    palette = np.asarray(centres, np.float32)
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47
    pattern = np.tile(bayer, (size[1] // 4 + 1, size[0] // 4 + 1))[: size[1], : size[0]]
    lab[..., 0] += 5 * pattern
    distance = ((lab.reshape(-1, 1, 3) - palette[None]) ** 2).sum(2)
    drawn = from_lab(palette[distance.argmin(1)].reshape(lab.shape))
    return np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)


def papercut(picture: Floats, unit: float) -> Floats:
    """剪纸: red paper cut with scissors and laid on cream, its shadow beneath."""
    light = evened(stretched(gray(soft(picture, 5 * unit, 0.09, 2)), 2, 98), 0.55)
    smooth = gaussian(light, 2.0 * unit)
    dark = _below(smooth - 0.6 * gaussian(smooth, 55 * unit), 0.17)
    return _pasted(np.maximum(dark, 1 - lines(smooth, 2.0 * unit, 16, 0.35, 6)), unit)


def papercut_face(picture: Floats, unit: float) -> Floats:
    """A face in cut paper: brows, eyes, nostrils and mouth by what is darker than the skin about them, whatever its light."""
    light = gray(soft(picture, 3 * unit, 0.06, 2)) + 0.08
    smooth = gaussian(light, 1.2 * unit)
    skin = gaussian(smooth, 16 * unit)
    dark = _below(smooth / skin, 0.76)
    shade = _below(smooth / gaussian(smooth, 60 * unit), 0.50)
    return _pasted(np.maximum(dark, shade), unit)


def _below(plane: Floats, level: float) -> Floats:
    """1 well below a level, 0 well above it, ½ at it."""
    return np.asarray(0.5 - 0.5 * np.tanh((plane - level) * 20), np.float32)


def _pasted(fill: Floats, unit: float) -> Floats:
    """Red paper where `fill` is over a half, on cream paper, with its shadow."""
    shape = fill.shape
    cut = gaussian(fill, 1.4 * unit) > 0.5
    cut = _without_crumbs(cut, int(60 * unit * unit), int(40 * unit * unit))
    solid = cut.astype(np.float32)
    shift = np.array([[1, 0, 3 * unit], [0, 1, 4 * unit]], np.float32)
    moved = cv2.warpAffine(solid, shift, shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    shadow = gaussian(np.asarray(moved, np.float32), 2.5 * unit)
    edge = gaussian(solid, max(0.6, 0.7 * unit))[..., None]
    grain = (1 + 0.018 * paper(shape, unit, 3))[..., None]
    ground = np.array([0.985, 0.95, 0.87], np.float32) * (1 - 0.38 * shadow[..., None]) * grain
    red = np.array([0.79, 0.085, 0.10], np.float32) * (1 + 0.03 * paper(shape, unit, 5))[..., None]
    return np.asarray((ground + (red - ground) * edge).clip(0, 1), np.float32)


def _without_crumbs(cut: np.ndarray, least_paper: int, least_hole: int) -> np.ndarray:
    """No scrap of paper and no hole that scissors could not cut."""
    out = cut.astype(np.uint8)
    for value, least in ((1, least_paper), (0, least_hole)):
        _, pieces, facts, _ = cv2.connectedComponentsWithStats((out == value).astype(np.uint8), connectivity=4)
        small = facts[:, cv2.CC_STAT_AREA] < least
        small[0] = False
        out[small[pieces]] = 1 - value
    return np.asarray(out, bool)
