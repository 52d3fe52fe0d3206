"""What the editor gets to see: a window of the photo, scaled evenly, at exactly the size that the editor draws.

Editors draw at fixed areas and sides of multiples of 32. A photo that is squeezed to such a size comes back squeezed
and off by pixels, so the window is scaled by one factor for both directions and what is missing is filled up with its
own mirror image. Pixels are uint8 (H, W, 3); a Window is in whole pixels of the photo.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine import Box, Floats, Pixels

CONTEXT = 2.0  # a window is this many times as large as what it is about: editors know things in their surroundings
NEARLY_ALL = 0.8  # a window that takes this share of the photo's shorter side takes all of it


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the photo: left, top, width, height in whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the photo."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def holds(self, box: Box, photo: Pixels, share: float = 0.2) -> bool:
        """Whether at least `share` of a box (in shares of the photo) lies in the window."""
        height, width = photo.shape[:2]
        x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        across = min(x1, self.x + self.width) - max(x0, self.x)
        down = min(y1, self.y + self.height) - max(y0, self.y)
        return bool(max(across, 0.0) * max(down, 0.0) >= share * max((x1 - x0) * (y1 - y0), 1e-9))


def whole(photo: Pixels) -> Window:
    """All of the photo."""
    return Window(0, 0, photo.shape[1], photo.shape[0])


def about(box: Box, photo: Pixels, side: int) -> Window:
    """The square window about a box (in shares of the photo), with surroundings and not below `side` pixels.

    The whole photo when no square within it holds the box.
    """
    height, width = photo.shape[:2]
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    extent, short = max(x1 - x0, y1 - y0), min(height, width)
    edge = round(max(CONTEXT * extent, side))
    if edge > NEARLY_ALL * short:
        edge = short
    if extent > edge:
        return whole(photo)
    x = round(min(max((x0 + x1 - edge) / 2, 0), width - edge))
    y = round(min(max((y0 + y1 - edge) / 2, 0), height - edge))
    return Window(x, y, edge, edge)


@dataclass(frozen=True, slots=True)
class Frame:
    """A window as the editor sees it: `picture` (h, w, 3), in which `inner` is the photo; the rest mirrors it."""

    window: Window
    picture: Pixels
    inner: Window
    photo_size: tuple[int, int]  # width, height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.picture.shape[1], self.picture.shape[0]

    def down(self, mask: Floats) -> Floats:
        """A mask of the whole photo, at any size, as the editor would see it (h, w); 0 where the photo does not reach."""
        across, along = mask.shape[1] / self.photo_size[0], mask.shape[0] / self.photo_size[1]
        inner, window = self.inner, self.window
        scale_x, scale_y = window.width * across / inner.width, window.height * along / inner.height
        # pixel centres lie at half numbers
        matrix = np.array(
            [
                [scale_x, 0, window.x * across + (0.5 - inner.x) * scale_x - 0.5],
                [0, scale_y, window.y * along + (0.5 - inner.y) * scale_y - 0.5],
            ],
            np.float32,
        )
        seen = cv2.warpAffine(
            np.asarray(mask, np.float32),
            matrix,
            self.size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        framed = np.zeros(self.picture.shape[:2], np.float32)
        framed[inner.slices] = seen[inner.slices]
        return framed

    @property
    def reach(self) -> Floats:
        """Where the picture is the photo and not its mirror image: a mask (h, w) of 0 and 1."""
        return self.down(np.ones((1, 1), np.float32))

    def up(self, layer: Floats) -> Floats:
        """What the editor drew, or a mask of it, (h, w) or (h, w, C), at the window's own size."""
        return resized(layer[self.inner.slices], (self.window.width, self.window.height))


def frame(photo: Pixels, window: Window, size: tuple[int, int]) -> Frame:
    """The window of the photo inside a picture of that `size` (width, height), as large as fits, in the middle."""
    width, height = size
    scale = min(width / window.width, height / window.height)
    w, h = max(round(window.width * scale), 1), max(round(window.height * scale), 1)
    small = resized(photo[window.slices].astype(np.float32), (w, h))
    x, y = (width - w) // 2, (height - h) // 2
    # mirrored by index, since a strip may need more than one copy of a narrow photo
    rows, columns = _mirrored(h, y, height), _mirrored(w, x, width)
    picture = np.clip(np.rint(small[rows][:, columns]), 0, 255).astype(np.uint8)
    return Frame(window, picture, Window(x, y, w, h), (photo.shape[1], photo.shape[0]))


def resized(layer: Floats, shape: tuple[int, int]) -> Floats:
    """A layer (H, W) or (H, W, C) at (width, height): by areas when it shrinks, cubic when it grows."""
    height, width = layer.shape[:2]
    if (width, height) == shape:
        return layer
    way = cv2.INTER_AREA if shape[0] * shape[1] < width * height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(layer, shape, interpolation=way), np.float32)


def _mirrored(length: int, before: int, total: int) -> NDArray[np.intp]:
    """Indices into `length` rows, `before` of them mirrored in front, `total` in all."""
    if length == 1:
        return np.zeros(total, np.intp)
    period = 2 * (length - 1)
    place = np.abs(np.arange(total) - before) % period
    return np.where(place < length, place, period - place).astype(np.intp)
