"""Drawn pictures of which everything is known: grounds, and a figure with hair and its true opacity."""

import cv2
import numpy as np

from pipeline.imaging import Box, Floats, Pixels

FACE: Box = (0.39, 0.245, 0.61, 0.515)


def ground(kind: str, height: int = 360, width: int = 360, seed: int = 0) -> Pixels:
    """A textured picture: "bricks" (periodic), "stripes", "gravel" (random) or "slope" (smooth with grain)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == "bricks":
        row = (y // 18).astype(int)
        joint = (y % 18 < 3) | ((x + 18 * (row % 2)) % 36 < 3)
        out = np.where(joint[..., None], (190.0, 185.0, 175.0), (150.0, 72.0, 58.0))
    elif kind == "stripes":
        out = np.where(((x + y) % 24 < 12)[..., None], (60.0, 90.0, 150.0), (210.0, 200.0, 180.0))
    elif kind == "gravel":
        speckle = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 2.0)
        out = 140 + 45 * (speckle / speckle.std())[..., None] * np.ones(3)
    else:
        out = np.dstack([80 + 120 * x / width, 120 + 60 * y / height, 170 - 50 * x / width])
    return np.asarray((out + rng.normal(0, 2, (height, width, 1))).clip(0, 255), np.uint8)


def figure(size: int = 480, seed: int = 0) -> tuple[Floats, Floats]:
    """Colours (size, size, 3) and true opacity of somebody with loose strands of hair; their face is FACE."""
    rng = np.random.default_rng(seed)
    double = 2 * size
    body, hair = np.zeros((double, double), np.uint8), np.zeros((double, double), np.uint8)
    middle = (size, round(0.76 * size))
    cv2.ellipse(body, middle, (round(0.22 * size), round(0.28 * size)), 0, 0, 360, 255, -1)
    shoulders = np.array([[0.45, 2], [0.55, 1.2], [0.85, 1.02], [1.15, 1.02], [1.45, 1.2], [1.55, 2]]) * size
    cv2.fillPoly(body, [shoulders.astype(np.int32)], 255)
    crown = (size, round(0.70 * size))
    cv2.ellipse(hair, crown, (round(0.25 * size), round(0.27 * size)), 0, 150, 390, 255, -1)
    for _ in range(150):
        angle = rng.uniform(-np.pi, 0)
        place = np.array(crown) + np.array([np.cos(angle), np.sin(angle)]) * (0.23 * size, 0.25 * size)
        way = np.array([np.cos(angle), np.sin(angle) + rng.uniform(-0.2, 0.7)])
        points = [place]
        for _ in range(12):
            way = way + rng.normal(0, 0.12, 2)
            way /= np.linalg.norm(way)
            place = place + way * rng.uniform(0.004, 0.012) * size
            points.append(place)
        cv2.polylines(hair, [np.array(points).astype(np.int32)], False, 255, 2, cv2.LINE_AA)
    small = size, size
    alpha = cv2.resize(np.maximum(body, hair), small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    near_hair = cv2.dilate(cv2.resize(hair, small, interpolation=cv2.INTER_AREA), np.ones((5, 5), np.uint8)) > 0
    skin = np.zeros(small, np.uint8)
    cv2.ellipse(skin, (size // 2, round(0.4 * size)), (round(0.095 * size), round(0.13 * size)), 0, 0, 360, 1, -1)
    colours = np.zeros((size, size, 3), np.float32) + np.array([60, 90, 165], np.float32)
    colours[: round(0.51 * size)] = (215, 170, 140)
    colours[near_hair & (skin == 0)] = (45, 30, 22)
    return colours + rng.normal(0, 3, colours.shape).astype(np.float32), alpha


def pasted(colours: Floats, alpha: Floats, behind: Pixels) -> Pixels:
    """The figure before a picture of its size."""
    share = alpha[..., None]
    return np.asarray((colours * share + behind * (1 - share)).round().clip(0, 255), np.uint8)


def rough(alpha: Floats, seed: int = 0) -> Floats:
    """What a small network makes of an opacity: coarse, displaced, hard."""
    rng = np.random.default_rng(seed)
    height, width = alpha.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    off = [cv2.resize(rng.normal(0, 0.005 * width, (10, 10)).astype(np.float32), (width, height)) for _ in range(2)]
    moved = cv2.remap(
        cv2.GaussianBlur(alpha, (0, 0), width / 300),
        x + off[0],
        y + off[1],
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    coarse = cv2.resize(moved, (128, 128), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(coarse, (width, height)) > 0.5, np.float32)


def band(alpha: Floats) -> np.ndarray:
    """The pixels about the edge of an opacity."""
    hard = (alpha > 0.5).astype(np.uint8)
    around = np.ones((17, 17), np.uint8)
    return (cv2.dilate(hard, around) != cv2.erode(hard, around)) | ((alpha > 0.02) & (alpha < 0.98))


def psnr(first: np.ndarray, second: np.ndarray, where: np.ndarray) -> float:
    """Peak signal-to-noise ratio (dB) inside a mask."""
    error = ((first.astype(np.float64) - second)[where] ** 2).mean()
    return float(10 * np.log10(255**2 / max(1e-9, error)))


def passer_by(height: int, width: int, x: float = 0.5, tall: float = 0.45) -> Floats:
    """The mask (H, W) of somebody walking."""
    mask = np.zeros((height, width), np.uint8)
    t, cx, foot = tall * height, round(x * width), round(0.8 * height)
    cv2.ellipse(mask, (cx, round(foot - 0.9 * t)), (round(0.07 * t), round(0.09 * t)), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, (cx, round(foot - 0.58 * t)), (round(0.13 * t), round(0.26 * t)), 0, 0, 360, 1, -1)
    for side in (-1, 1):
        hip, sole = (round(cx + side * 0.05 * t), round(foot - 0.4 * t)), (round(cx + side * 0.10 * t), foot)
        cv2.line(mask, hip, sole, 1, max(1, round(0.09 * t)))
    return mask.astype(np.float32)
