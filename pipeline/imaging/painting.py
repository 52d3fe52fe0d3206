"""Painters' styles: ink wash, oil, impressionist, watercolour, clay, abstract.

Each takes a picture (h, w, 3) in [0, 1], `unit` (the size of a fine brush in pixels) and gives the painted picture. What
makes a style is said in its docstring, since that is what it is judged by.
"""

import cv2
import numpy as np
from scipy.spatial import Delaunay

from pipeline.imaging import Floats
from pipeline.imaging.brushes import (
    along,
    cloud,
    coloured,
    edges,
    flow,
    from_lab,
    gray,
    kuwahara,
    lines,
    noise,
    paper,
    relief,
    soft,
    steps,
    to_lab,
)
from pipeline.imaging.filters import Plane, gaussian


def stretched(light: Plane, low: float = 1.0, high: float = 99.0) -> Floats:
    """Tones from black to white, whatever the exposure was."""
    floor, ceiling = np.percentile(light[::4, ::4], (low, high))
    return np.asarray(((light - floor) / max(0.2, ceiling - floor)).clip(0, 1), np.float32)


def evened(light: Plane, middle: float) -> Floats:
    """Tones with their median brought near to `middle`, so that a dark photo is not painted black."""
    power = np.log(middle) / np.log(float(np.median(light[::4, ::4]).clip(0.05, 0.95)))
    return np.asarray(light ** np.clip(power, 0.4, 1.4), np.float32)


def ink_wash(picture: Floats, unit: float) -> Floats:
    """水墨: a few grades of ink on rice paper, wet edges, a brush's lines, much left white, hardly any colour."""
    shape = picture.shape[:2]
    light = stretched(gray(picture))
    light = evened(light, 0.64)
    wobble = cloud(shape, 60 * unit, 3)
    calm = gray(kuwahara(np.repeat(gaussian(light, 1.2 * unit)[..., None], 3, 2), max(2, round(6 * unit))))
    wash = steps((calm + 0.025 * wobble).clip(0, 1), 5, 3.0)
    tone = np.interp(wash, [0, 0.15, 0.35, 0.55, 0.75, 0.9, 1], [0.10, 0.27, 0.55, 0.79, 0.94, 0.995, 1]).astype(
        np.float32
    )
    pooled = gaussian(tone, 2 * unit) - gaussian(tone, 7 * unit)  # ink gathers at the rim of a wash
    tone += 0.55 * pooled.clip(-0.3, 0.05)
    pen = np.minimum(lines(gaussian(light, 0.5 * unit), 1.4 * unit, 14, 0.50, 4.0), edges(light, 1.2 * unit, 9, 0.012))
    pen = along(pen, flow(picture, 3 * unit), 3 * unit, 3)
    pressed = (0.75 + 0.25 * noise(shape, 40 * unit, 9)).clip(0.25, 1)
    ink = tone * (1 - (1 - pen) * pressed * 0.85)
    dry = (noise(shape, 1.3 * unit, 5) * 0.5 + paper(shape, unit, 6)) * (1 - ink)
    ink = ink + 0.035 * dry + 0.02 * wobble * (1 - ink)
    ink = 1 - (1 - ink) * _border(shape, 0.055, 17, unit, 2.2)  # the painting ends before the paper does
    hue = to_lab(gaussian(picture, 3 * unit))
    sheet = np.array([0.965, 0.945, 0.898], np.float32) * (1 + 0.012 * paper(shape, unit, 8))[..., None]
    tint = from_lab(np.dstack([np.full(shape, 75, np.float32), hue[..., 1] * 0.5, hue[..., 2] * 0.45])) / 0.72
    mixed = ink.clip(0, 1)[..., None] * (0.82 + 0.18 * tint.clip(0.6, 1.25)) * sheet
    return np.asarray(mixed.clip(0, 1), np.float32)


def oil(picture: Floats, unit: float) -> Floats:
    """油画: thick strokes along the forms, each of one colour, with light on their ridges."""
    direction = flow(picture, 5 * unit)
    body = kuwahara(picture, max(2, round(5 * unit)))
    body = along(body, direction, 7 * unit, 4)
    body = kuwahara(body, max(2, round(3 * unit)))
    body = coloured(body, 1.3, 1.1)
    bristle = along(noise(picture.shape[:2], 1.7 * unit, 4), direction, 16 * unit, 8)
    bristle = bristle / (bristle.std() + 1e-6)
    load = gray(body) + 0.035 * bristle
    lit = relief(gaussian(load, 0.6), 0.5) * (1 + 0.014 * bristle)
    weave = relief(gaussian(noise(picture.shape[:2], 2 * unit, 7), 0.5), 0.01)
    return np.asarray((body * (lit * weave)[..., None]).clip(0, 1), np.float32)


def impressionist(picture: Floats, unit: float) -> Floats:
    """印象派: short separate touches of bright colour laid over each other along the forms (Litwinowicz 1997; Hertzmann 1998)."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng(11)
    vivid = coloured(picture, 1.45, 1.05, 3)
    direction = flow(picture, 6 * unit)
    canvas = (gaussian(vivid, 12 * unit) * 255).clip(0, 255).astype(np.uint8)
    canvas = np.ascontiguousarray(canvas)
    for wide, density, least in ((11.0, 0.9, 0.0), (6.0, 1.0, 0.045), (3.2, 1.0, 0.055)):
        step = max(2.0, wide * unit * 0.62 / density)
        source = gaussian(vivid, wide * unit * 0.35)
        off = gaussian(np.abs(source - canvas.astype(np.float32) / 255).sum(2), step / 2)
        ys, xs = np.mgrid[0 : height + step : step, 0 : width + step : step]
        ys = (ys + rng.uniform(-0.6, 0.6, ys.shape) * step).ravel()
        xs = (xs + rng.uniform(-0.6, 0.6, xs.shape) * step).ravel()
        inside = (ys >= 0) & (ys < height - 1) & (xs >= 0) & (xs < width - 1)
        ys, xs = ys[inside], xs[inside]
        iy, ix = ys.astype(int), xs.astype(int)
        wanted = off[iy, ix] > least * 1.7
        ys, xs, iy, ix = ys[wanted], xs[wanted], iy[wanted], ix[wanted]
        order = rng.permutation(len(ys))
        colours = to_lab(source[iy, ix][None])[0]
        colours += rng.normal(0, 1, colours.shape) * np.array([4.0, 6.0, 7.0])
        rgb = (from_lab(colours[None])[0] * 255).astype(np.uint8)
        angle = np.arctan2(direction[iy, ix, 1], direction[iy, ix, 0]) + rng.normal(0, 0.25, len(iy))
        length = wide * unit * rng.uniform(0.7, 1.5, len(iy))
        dx, dy = np.cos(angle) * length, np.sin(angle) * length
        start = np.stack([xs - dx, ys - dy], 1) * 16
        end = np.stack([xs + dx, ys + dy], 1) * 16
        thick = max(1, round(wide * unit * 0.75))
        tips = np.concatenate([start, end], 1).astype(int)
        for k in order:
            x0, y0, x1, y1 = tips[k].tolist()
            cv2.line(canvas, (x0, y0), (x1, y1), rgb[k].tolist(), thick, cv2.LINE_AA, 4)
    painted = canvas.astype(np.float32) / 255
    return np.asarray((painted * relief(gaussian(gray(painted), 0.7), 0.16)[..., None]).clip(0, 1), np.float32)


def watercolor(picture: Floats, unit: float) -> Floats:
    """水彩: thin transparent washes, darker at their rims, uneven pigment, soft pencil under them, paper at the border."""
    shape = picture.shape[:2]
    wobble = np.dstack([cloud(shape, 16 * unit, 21, 3), cloud(shape, 16 * unit, 25, 3)]) * (1.6 * unit)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    loose = np.asarray(
        cv2.remap(picture, x + wobble[..., 0], y + wobble[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT),
        np.float32,
    )
    flat = kuwahara(soft(loose, 7 * unit, 0.10, 2), max(2, round(5 * unit)))
    flat = coloured(flat, 1.35, 0.92)
    lab = to_lab(flat)
    lab[..., 0] = 100 * steps((lab[..., 0] / 100) ** 0.78, 9, 2.2)
    flat = from_lab(lab)
    rim = edges(gray(gaussian(flat, unit)), 1.6 * unit, 3.0, 0.004)
    rim = np.minimum(rim, 1 - 0.8 * (np.abs(gaussian(gray(flat), unit) - gaussian(gray(flat), 3 * unit))).clip(0, 0.3))
    density = (
        1 + 0.13 * cloud(shape, 90 * unit, 31, 3) + 0.06 * cloud(shape, 8 * unit, 35, 3) + 0.05 * paper(shape, unit)
    )
    density = density + 0.55 * (1 - rim)
    # a thinner or thicker wash of the same pigment (Bousseau et al. 2006)
    wash = flat.clip(0.02, 1) ** density.clip(0.3, 1.9)[..., None]
    pencil = 0.35 * edges(gray(picture), 1.0 * unit, 7.0, 0.012) + 0.65
    fade = _border(shape, 0.035, 23, unit)
    sheet = np.array([0.985, 0.98, 0.962], np.float32) * (1 + 0.012 * paper(shape, unit, 4))[..., None]
    return np.asarray((sheet * (1 - fade[..., None] * (1 - wash * pencil[..., None]))).clip(0, 1), np.float32)


def _border(shape: tuple[int, int], share: float, seed: int, unit: float, hard: float = 4.0) -> Floats:
    """1 in the picture, 0 at its border, with the ragged edge that a brush leaves."""
    height, width = shape
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    margin = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / (share * max(shape))
    rough = cloud(shape, 30 * unit, seed, 4)
    rising = ((margin - 0.55 + 0.16 * rough) * hard).clip(0, 1)
    return np.asarray(rising, np.float32)


def clay(picture: Floats, unit: float) -> Floats:
    """黏土: rounded shapes of few plain colours, soft light on their edges, a modeller's prints on the surface."""
    shape = picture.shape[:2]
    flat = kuwahara(kuwahara(soft(picture, 8 * unit, 0.14, 2), max(2, round(7 * unit))), max(2, round(5 * unit)))
    flat = coloured(flat, 1.35, 1.0, 4)
    lab = to_lab(flat)
    lab[..., 0] = 100 * steps(evened(stretched(lab[..., 0] / 100), 0.58), 7, 2.2)
    flat = gaussian(from_lab(lab), unit)
    rounded = gaussian(gray(flat), 2.5 * unit)
    prints = along(noise(shape, 3.2 * unit, 41), flow(picture, 14 * unit), 6 * unit, 4)
    prints = gaussian(prints / (prints.std() + 1e-6), 0.8 * unit)
    lit = relief(rounded, 1.1 * unit) * relief(gaussian(rounded, 5 * unit), 0.8 * unit) * relief(prints, 0.011 * unit)
    shine = (lit - 1.08).clip(0, 1)[..., None] * 1.2
    groove = 1 - 0.5 * (gaussian(gray(flat), 4 * unit) - gaussian(gray(flat), 1.2 * unit)).clip(0, 0.4)
    return np.asarray((flat * (lit * groove)[..., None] + shine).clip(0, 1), np.float32)


def abstract(picture: Floats, unit: float) -> Floats:
    """抽象: facets of one colour each, small where much happens, large where nothing does."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng(5)
    light = gaussian(gray(picture), 2 * unit)
    edge = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    chance = gaussian(edge, 2 * unit)
    chance = (chance / chance.max()) ** 0.7 + 0.02
    count = int(2600 / max(0.5, unit * 1000 / max(height, width)) ** 2)
    flat = np.cumsum(chance.ravel().astype(np.float64))
    picked = np.searchsorted(flat, rng.uniform(0, flat[-1], count))
    points = np.stack([picked % width, picked // width], 1).astype(np.float64)
    rim = np.linspace(0, 1, 9)
    frame = [(x * (width - 1), y) for x in rim for y in (0, height - 1)] + [
        (x, y * (height - 1)) for y in rim for x in (0, width - 1)
    ]
    points = np.unique(np.concatenate([points, np.array(frame)]).round(), axis=0)
    facets = points[Delaunay(points).simplices]  # (n, 3, 2)
    vivid = coloured(soft(picture, 5 * unit, 0.1), 1.4, 1.12)
    middle = facets.mean(1).round().astype(int)
    samples = [vivid[middle[:, 1], middle[:, 0]]]
    for corner in range(3):
        inner = (0.6 * facets[:, corner] + 0.4 * facets.mean(1)).round().astype(int)
        samples.append(vivid[inner[:, 1].clip(0, height - 1), inner[:, 0].clip(0, width - 1)])
    colours = (
        (np.mean(np.asarray(samples), 0) * (1 + rng.normal(0, 0.035, (len(facets), 1))) * 255).clip(0, 255).astype(int)
    )
    out = np.zeros((height, width, 3), np.uint8)
    for corners, colour in zip((facets * 16).astype(np.int32), colours.tolist(), strict=True):
        cv2.fillConvexPoly(out, corners, colour, cv2.LINE_8, 4)
        cv2.polylines(out, [corners], True, colour, 1, cv2.LINE_AA, 4)
    return np.asarray(out, np.float32) / np.float32(255)
