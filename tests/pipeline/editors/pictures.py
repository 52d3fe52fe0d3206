"""Photos for tests: drawn by numbers, with detail everywhere, so that a shift can be seen anywhere."""

import cv2
import numpy as np

from pipeline.engine import Floats, Pixels


def photo(height: int, width: int, seed: int = 0) -> Pixels:
    """Clouds of three sizes, lines and discs."""
    random = np.random.default_rng(seed)
    scene = np.zeros((height, width, 3), np.float32)
    for spread, strength in ((width / 10, 120), (width / 40, 60), (width / 160, 30)):
        noise = random.normal(0, 1, (height // 4 + 1, width // 4 + 1, 3)).astype(np.float32)
        noise = cv2.GaussianBlur(noise, (0, 0), max(spread / 4, 0.5))
        scene += strength * cv2.resize(noise / noise.std(), (width, height)) / 4
    scene += 128
    for _ in range(40):
        x, y = int(random.integers(width)), int(random.integers(height))
        color = tuple(int(value) for value in random.integers(30, 225, 3))
        if random.random() < 0.5:
            cv2.circle(scene, (x, y), int(random.integers(width // 60 + 1, width // 12)), color, -1, cv2.LINE_AA)
        else:
            end = int(random.integers(width)), int(random.integers(height))
            cv2.line(scene, (x, y), end, color, int(random.integers(1, 6)), cv2.LINE_AA)
    return np.clip(scene, 0, 255).astype(np.uint8)


def moved(picture: Pixels, dx: float, dy: float, zoom: float) -> tuple[Pixels, Floats]:
    """A picture as an editor returns it, shifted (pixels) and zoomed about its middle, and the warp that does it."""
    height, width = picture.shape[:2]
    matrix = np.array([[zoom, 0, (1 - zoom) * width / 2 + dx], [0, zoom, (1 - zoom) * height / 2 + dy]], np.float32)
    warped = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(warped, np.uint8), matrix


def beautified(picture: Pixels, seed: int = 0) -> Pixels:
    """Softer, brighter, warmer, unevenly lit, and with a little noise."""
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.7)
    slope = np.linspace(-8, 8, picture.shape[1], dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(seed).normal(0, 2, picture.shape)
    return np.clip((soft - 128) * 1.08 + 128 + np.array([6, 2, -5]) + slope + noise, 0, 255).astype(np.uint8)
