"""The photo's canvas: grown a little where somebody would have no room, trimmed where a cut would hang in the air."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.compositing.stage import Place
from pipeline.compositing.view import View, at_size
from pipeline.engine import Floats, Pixels
from pipeline.imaging.inpainting import grow_canvas

APART = 0.02  # share of the photo's longer side about people from which nothing is taken either


@dataclass(frozen=True, slots=True)
class Base:
    """The photo on its new canvas; pixels added at the left, above, at the right, and rows cut off below."""

    photo: Pixels
    left: int = 0
    top: int = 0
    right: int = 0
    trim: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.left or self.top or self.right or self.trim)

    def fitted(self, mask: Floats | None) -> Floats | None:
        """A mask (H, W) of the photo on the new canvas, 0 where it has grown."""
        if mask is None or not self.changed:
            return mask
        grown = np.pad(mask, ((self.top, 0), (self.left, self.right)))
        return grown[: grown.shape[0] - self.trim] if self.trim else grown

    def fitted_pixels(self, pixels: Pixels | None) -> Pixels | None:
        """A picture (H, W, 3) of the photo's size on the new canvas."""
        if pixels is None or not self.changed:
            return pixels
        grown = np.pad(pixels, ((self.top, 0), (self.left, self.right), (0, 0)))
        return grown[: grown.shape[0] - self.trim] if self.trim else grown


def grown(view: View, place: Place, photo: Pixels) -> Base:
    """`photo` (the view's, or without somebody) on the canvas that a place asks for. What is added is made of the background, never of people."""
    left, top, right = place.grow
    if left or top or right:
        photo = extended(view, photo, left, top, right)
    if place.trim:
        photo = np.ascontiguousarray(photo[: photo.shape[0] - place.trim])
    return Base(photo, left, top, right, place.trim)


def extended(view: View, photo: Pixels, left: int, top: int, right: int, bottom: int = 0) -> Pixels:
    """`photo` with a margin on each side, in pixels. People are neither copied nor mirrored into it."""
    people = at_size(view.mask(view.persons()), view)
    apart = max(3, round(APART * max(view.size)) | 1)
    barred = cv2.dilate((people > 0.2).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (apart, apart)))
    return grow_canvas(photo, left, right, top, bottom, barred=barred.astype(np.float32))
