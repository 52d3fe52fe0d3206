"""Which colour word a patch of pixels answers to: the colours of the command schema, told apart in CIE LCh."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine import Floats, Pixels

# Hue in degrees of CIE Lab: the chromatic words in order, each up to the angle named (from 345° of pink's end).
HUES = ((10.0, "pink"), (45.0, "red"), (70.0, "orange"), (108.0, "yellow"), (170.0, "green"), (230.0, "cyan"),
        (295.0, "blue"), (330.0, "purple"), (360.0, "pink"))  # fmt: skip
GRAY = 11.0  # chroma below which a pixel has no hue that anybody would name
BLACK, WHITE = 24.0, 76.0  # lightness
PALE = 58.0  # lightness above which a red is called pink
DARK = 46.0  # lightness below which an orange or a yellow is called brown
NEAR = {"gold": ("yellow", "orange", "brown"), "silver": ("gray", "white"), "cyan": ("green", "blue"),
        "orange": ("red", "brown"), "pink": ("red", "purple"), "purple": ("pink", "blue"), "gray": ("black", "white"),
        "brown": ("orange", "red", "black"), "blue": ("cyan",), "white": ("gray",), "black": ("gray",),
        "red": ("pink", "orange"), "yellow": ("orange",), "green": ("cyan",)}  # fmt: skip
# What a word looks like as cloth, paint or letters.
COLORS = {"red": (226, 40, 48), "orange": (246, 140, 30), "yellow": (250, 212, 40), "green": (40, 160, 80),
          "blue": (36, 96, 214), "purple": (130, 60, 180), "pink": (244, 110, 160), "black": (24, 24, 26),
          "white": (255, 255, 255), "gray": (128, 128, 132), "brown": (126, 78, 44), "gold": (214, 168, 60),
          "silver": (196, 200, 206), "cyan": (30, 176, 186)}  # fmt: skip


def lab(pixels: NDArray[np.uint8]) -> Floats:
    """CIE Lab (…, 3) of RGB pixels (h, w, 3): L 0…100, a and b about -110…110."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def rgb(colors: Floats) -> Floats:
    """RGB (h, w, 3), 0…255 as floats, of CIE Lab."""
    return np.asarray(cv2.cvtColor(colors, cv2.COLOR_LAB2RGB).clip(0, 1) * 255, np.float32)


def named(pixels: Pixels, where: NDArray[np.bool_]) -> dict[str, float]:
    """The share of the pixels in `where` (h, w) that each colour word fits; {} where there are none."""
    chosen = lab(pixels[where][None])[0] if where.any() else np.zeros((0, 3), np.float32)
    if not len(chosen):
        return {}
    light, chroma = chosen[:, 0], np.hypot(chosen[:, 1], chosen[:, 2])
    hue = np.degrees(np.arctan2(chosen[:, 2], chosen[:, 1])) % 360
    words = np.full(len(chosen), "gray   ", dtype="<U7")
    words[:] = "gray"
    plain = chroma < np.where(light < 35, GRAY + 4, GRAY)
    words[plain & (light < BLACK + 6)] = "black"
    words[plain & (light > WHITE)] = "white"
    start = 0.0
    for end, word in HUES:
        words[~plain & (hue >= start) & (hue < end)] = word
        start = end
    words[(words == "red") & (light > PALE) & (chroma < 45)] = "pink"
    words[(words == "pink") & (light < 42)] = "red"
    words[((words == "orange") | (words == "yellow")) & (light < DARK)] = "brown"
    words[~plain & (light < 14)] = "black"
    found, counts = np.unique(words, return_counts=True)
    return {str(word): float(count) / len(chosen) for word, count in zip(found, counts, strict=True)}


def fit(shares: dict[str, float], word: str) -> float:
    """How well a colour word fits, 0…1: its own share, and at half the weight that of its neighbours."""
    return shares.get(word, 0.0) + 0.5 * sum(shares.get(other, 0.0) for other in NEAR.get(word, ()))
