"""The styles, applied to a finished picture (SIZE, SIZE, 3) uint8; a photo is left as it is."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from miniature.pen import SIZE, Array


def ink_wash(image: Array, rng: np.random.Generator) -> Array:
    """Grey washes on warm paper, dark contours, a hint of the colours (设色)."""
    soft = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.float32)
    grey = soft.mean(2, keepdims=True)
    tone = np.clip(grey + 0.42 * (soft - grey), 0, 255) / 255
    edge = cv2.morphologyEx(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
    edge = cv2.GaussianBlur(edge.astype(np.float32), (0, 0), 0.7)[..., None]
    paper = np.array([248, 241, 226], np.float32)
    washed = paper * (0.10 + 0.90 * np.minimum(1.0, tone * 1.25)) - 1.3 * edge
    return np.asarray(np.clip(washed, 0, 255), np.uint8)


def impressionist(image: Array, rng: np.random.Generator) -> Array:
    """Dabs of broken colour laid over a soft underpainting."""
    out = cv2.GaussianBlur(image, (0, 0), 1.2)
    step = 5
    ys, xs = np.mgrid[2:SIZE:step, 2:SIZE:step].reshape(2, -1)
    order = rng.permutation(len(xs))
    jitter = rng.integers(-2, 3, (2, len(xs)))
    xs, ys = np.clip(xs + jitter[0], 0, SIZE - 1), np.clip(ys + jitter[1], 0, SIZE - 1)
    colors = np.clip(out[ys, xs].astype(np.float32) * rng.uniform(0.88, 1.12, (len(xs), 1)) + (10, 4, -6), 0, 255)
    tilt = 60 * np.sin(ys / 34.0) + 15
    for i in order:
        cv2.ellipse(out, (int(xs[i]), int(ys[i])), (4, 1), float(tilt[i]), 0, 360, colors[i].tolist(), -1, cv2.LINE_AA)
    return out


def comic(image: Array, rng: np.random.Generator) -> Array:
    """Flat saturated inks; the heavy contour is drawn by the pen."""
    grey = image.mean(2, keepdims=True)
    vivid = np.clip(grey + 1.5 * (image - grey), 0, 255)
    return np.asarray(np.round(vivid / 51) * 51, np.uint8)


def pixel(image: Array, rng: np.random.Generator) -> Array:
    small = cv2.resize(image, (SIZE // 4, SIZE // 4), interpolation=cv2.INTER_AREA)
    small = (np.round(small / 36.4) * 36.4).clip(0, 255).astype(np.uint8)
    return cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST)


def sketch(image: Array, rng: np.random.Generator) -> Array:
    """Coloured pencils on white paper: soft dark contours, pale tints."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    edge = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)).astype(np.float32)
    line = np.clip(2.4 * edge - 12, 0, 200)[..., None]
    soft = cv2.GaussianBlur(image, (0, 0), 1.5).astype(np.float32)
    bright = soft.max(2, keepdims=True)  # paper where there is no colour, grey where it is dark
    tint = 255 - 0.75 * (bright - soft) - 0.9 * np.clip(150 - bright, 0, None)
    return np.asarray(np.clip(tint - line, 20, 255), np.uint8)


def abstract(image: Array, rng: np.random.Generator) -> Array:
    """Facets: triangles of a jittered lattice, each in the one bright colour found at its middle."""
    step, count = 8, SIZE // 8 + 1
    nodes = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1) * step
    nodes = nodes + rng.integers(-2, 3, nodes.shape) * ((nodes > 0) & (nodes < SIZE))
    soft = cv2.blur(image, (5, 5)).astype(np.float32)
    grey = soft.mean(2, keepdims=True)
    vivid = np.clip(grey + 1.6 * (soft - grey), 0, 255)
    out = np.empty_like(image)
    for y in range(count - 1):
        for x in range(count - 1):
            a, b, c, d = nodes[y, x], nodes[y, x + 1], nodes[y + 1, x + 1], nodes[y + 1, x]
            first, second = ((a, b, c), (a, c, d)) if (x + y) % 2 else ((a, b, d), (b, c, d))
            for triangle, light in ((first, 1.06), (second, 0.94)):
                u, v = np.clip(np.mean(triangle, axis=0).astype(int), 0, SIZE - 1)
                color = np.clip(vivid[v, u] * light, 0, 255)
                cv2.fillConvexPoly(out, np.array(triangle), color.tolist())
    return out


def papercut(image: Array, rng: np.random.Generator) -> Array:
    """Chinese paper-cut: red paper, bright where the picture is bright, contours left standing. Held out."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 0.8).astype(np.float32)
    edge = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    share = 1 / (1 + np.exp(-(grey - 1.2 * edge - 120) / 14))[..., None]
    return (np.array([204, 30, 38]) * (1 - share) + np.array([252, 238, 214]) * share).astype(np.uint8)


def neon(image: Array, rng: np.random.Generator) -> Array:
    """Glowing contours in the dark. Held out."""
    strength = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(2).astype(np.float32)
    soft = cv2.blur(image, (3, 3)).astype(np.float32)
    hue = soft / soft.max(2, keepdims=True).clip(1)
    hue = np.clip(hue + 2.2 * (hue - hue.mean(2, keepdims=True)), 0.1, 1)
    line = np.clip(strength * 2.2, 0, 255)
    glow = cv2.GaussianBlur(line, (0, 0), 2.5)
    light = np.clip(0.75 * line + 0.8 * glow, 0, 255)[..., None]
    return np.asarray(np.clip(np.array([14, 12, 34]) + light * hue, 0, 255), np.uint8)


RENDERINGS: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "ink wash": ink_wash, "impressionist": impressionist, "comic": comic, "pixel": pixel, "sketch": sketch,
    "abstract": abstract, "papercut": papercut, "neon": neon,
}  # fmt: skip
