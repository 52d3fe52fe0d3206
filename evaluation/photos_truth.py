"""Truths about real photos that nobody has to label: what was pasted in, what was taken out, what a film shows.

A cut-out pasted into another photo has a known opacity, and its removal has a known result. Somebody who is taken out
of a group and put in again has a known place, size and face. The median of a film's frames is the street without
anybody.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pipeline.compositing.figure import Figure
from pipeline.engine import Floats, Pixels

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
FRAMES = "frames"  # the folder, beside photos, that holds frames of a film of a fixed camera


@dataclass(frozen=True, slots=True)
class Labels:
    """What somebody saw in a photo: how many faces are visible."""

    faces: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos of one face each, and whether it is one person's."""

    one: Path
    other: Path
    same: bool


@dataclass(frozen=True, slots=True)
class Pasted:
    """A photo with a figure pasted into it, the figure's true opacity (H, W), and the photo without it; the figure's scale,
    and where its upper left corner came."""

    photo: Pixels
    alpha: Floats
    truth: Pixels
    scale: float = 1.0
    corner: tuple[int, int] = (0, 0)


def photos(folders: Sequence[Path]) -> Iterator[tuple[Path, Pixels]]:
    """Every photo of some folders and their subfolders, frames excepted, upright, in the order of their names."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and FRAMES not in path.parts:
                read = cv2.imread(str(path), cv2.IMREAD_COLOR)  # turned by EXIF
                if read is not None:
                    yield path, np.ascontiguousarray(read[..., ::-1], np.uint8)


def labels(folders: Sequence[Path]) -> dict[Path, Labels]:
    """The labels.json of folders: {"file": {"faces": 3}}, by path."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("labels.json")):
            for name, label in json.loads(path.read_text("utf-8")).items():
                found[path.parent / name] = Labels(int(label["faces"]))
    return found


def pairs(folders: Sequence[Path]) -> list[Pair]:
    """The pairs.csv of folders: a heading, then two files and Yes (one person) or No in each line."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("pairs.csv")):
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.reader(lines))[1:]
            found += [
                Pair(path.parent / one, path.parent / other, same.lower() in ("yes", "1")) for one, other, same in rows
            ]
    return found


def frames(folders: Sequence[Path]) -> list[Pixels]:
    """The frames of the films in the folders called `frames`, in order."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob(f"{FRAMES}/*")):
            read = cv2.imread(str(path)) if path.suffix.lower() in SUFFIXES else None
            if read is not None:
                found.append(np.ascontiguousarray(read[..., ::-1], np.uint8))
    return found


def street(film: Sequence[Pixels]) -> Pixels:
    """What a fixed camera saw when nobody passed: the median of the frames."""
    return np.asarray(np.median(np.stack(film), axis=0), np.uint8)


def pasted(photo: Pixels, figure: Figure, height: float, x: float, people: Floats | None = None) -> Pasted:
    """A figure pasted into a photo, `height` of the photo high, its middle at `x` (share of the width), standing on the
    photo's lower edge or, when it has feet, a little above; behind `people` (H, W)."""
    rows, columns = photo.shape[:2]
    scale = height * rows / figure.alpha.shape[0]
    scaled = figure.scaled(scale)
    h, w = scaled.alpha.shape
    top = rows - h if "bottom" in figure.cut else round(0.94 * rows) - h
    left = round(x * columns - w / 2)
    alpha, colors = np.zeros((rows, columns), np.float32), np.zeros_like(photo)
    y0, y1, x0, x1 = max(0, top), min(rows, top + h), max(0, left), min(columns, left + w)
    alpha[y0:y1, x0:x1] = scaled.alpha[y0 - top : y1 - top, x0 - left : x1 - left]
    colors[y0:y1, x0:x1] = scaled.rgb[y0 - top : y1 - top, x0 - left : x1 - left]
    if people is not None:
        alpha = alpha * (1 - people)
    mixed = photo * (1 - alpha[..., None]) + colors * alpha[..., None]
    return Pasted(mixed.round().astype(np.uint8), alpha, photo, scale, (left, top))


def band(alpha: Floats, width: int) -> np.ndarray:
    """Where a cut-out's edge is uncertain: `width` pixels about where its opacity is neither 0 nor 1, (H, W)."""
    soft = ((alpha > 0.02) & (alpha < 0.98)).astype(np.uint8)
    return cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))) > 0


def rough(alpha: Floats, seed: int) -> Floats:
    """What a small network makes of an opacity: coarse, displaced by half a hundredth of the picture, hard."""
    rng = np.random.default_rng(seed)
    height, width = alpha.shape
    side = max(height, width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    off = [cv2.resize(rng.normal(0, 0.005 * side, (10, 10)).astype(np.float32), (width, height)) for _ in range(2)]
    soft = cv2.GaussianBlur(alpha, (0, 0), side / 300)
    moved = cv2.remap(soft, x + off[0], y + off[1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    coarse = cv2.resize(moved, None, fx=128 / side, fy=128 / side, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(coarse, (width, height)) > 0.5, np.float32)


def grabcut(photo: Pixels, alpha: Floats, mask: Floats | None = None) -> Floats:
    """The mask (H, W) that OpenCV's GrabCut finds in the true figure's box, or about the edge of a rough mask (H, W): the
    yardstick of a matte."""
    share = min(1.0, 640 / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    box, how = (0, 0, 1, 1), cv2.GC_INIT_WITH_MASK
    if mask is None:
        rows, columns = np.flatnonzero(alpha.max(1) > 0.5), np.flatnonzero(alpha.max(0) > 0.5)
        corners = (columns[0], rows[0], columns[-1] - columns[0], rows[-1] - rows[0])
        box, how = (*(round(value * share) for value in corners),), cv2.GC_INIT_WITH_RECT
        marks = np.zeros(small.shape[:2], np.uint8)
    else:
        hard = (cv2.resize(mask, small.shape[1::-1]) > 0.5).astype(np.uint8)
        reach = np.ones((2 * (max(small.shape[:2]) // 60) + 1,) * 2, np.uint8)
        marks = np.where(hard > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        marks[cv2.erode(hard, reach) > 0], marks[cv2.dilate(hard, reach) == 0] = cv2.GC_FGD, cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(np.ascontiguousarray(small[..., ::-1]), marks, box, *models, 5, how)
    found = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return np.asarray(cv2.resize(found, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def psnr(one: Pixels, other: Pixels, where: np.ndarray) -> float:
    """dB between two pictures inside `where` (H, W)."""
    error = float(((one[where].astype(np.float64) - other[where]) ** 2).mean())
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
