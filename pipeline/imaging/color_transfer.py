"""A change of colours seen at the model's size, carried over to the photo's own pixels.

The model's picture of a thing in another colour is as soft as its autoencoder and as small as its world. But what it did
to colours is simple: about any point, the new colour is an affine function of the old one (a guided filter whose guide is
the picture before; He, Sun & Tang 2013). That function is found between the autoencoder's picture and the edited one, and
applied to the photo, whose outlines and textures are as sharp as ever.
"""

import cv2
import numpy as np

from pipeline.imaging.composite import Floats

REACH = 24  # a window's half side is this part of the picture's side
NOISE = 6.0  # differences of colour (of 255) that tell nothing
TRUST = (24.0, 60.0)  # how far off the function may be (of 255): below the one it is trusted, above the other it is not


def carried(own: Floats, plain: Floats, edited: Floats) -> tuple[Floats, Floats]:
    """The photo's crop `own` (h, w, 3) with the colours of `edited` (S, S, 3) where `plain` (S, S, 3) has its old ones,
    and how far that can be trusted (h, w) in [0, 1]. Colours in 0…255."""
    size = plain.shape[0]
    side = 2 * max(2, size // REACH) + 1

    def mean(image: Floats) -> Floats:
        flat = image.reshape(size, size, -1)
        parts = [cv2.boxFilter(np.ascontiguousarray(flat[..., i]), -1, (side, side)) for i in range(flat.shape[2])]
        return np.asarray(np.stack(parts, -1).reshape(image.shape), np.float32)

    before, after = mean(plain), mean(edited)
    spread = mean(plain[..., :, None] * plain[..., None, :]) - before[..., :, None] * before[..., None, :]
    joint = mean(plain[..., :, None] * edited[..., None, :]) - before[..., :, None] * after[..., None, :]
    slope = np.linalg.solve(spread + NOISE**2 * np.eye(3, dtype=np.float32), joint).astype(np.float32)  # (S, S, 3, 3)
    offset = after - np.einsum("hwi,hwij->hwj", before, slope)
    slope, offset = mean(slope), mean(offset)  # every pixel lies in many windows
    off = np.abs(np.einsum("hwi,hwij->hwj", plain, slope) + offset - edited).max(2)
    off = cv2.GaussianBlur(off, (0, 0), max(1.0, size / 128))
    trust = np.clip((TRUST[1] - off) / (TRUST[1] - TRUST[0]), 0, 1)

    shape = (own.shape[1], own.shape[0])
    large = cv2.resize(slope.reshape(size, size, 9), shape, interpolation=cv2.INTER_LINEAR).reshape(*own.shape, 3)
    new = np.einsum("hwi,hwij->hwj", own, large) + cv2.resize(offset, shape, interpolation=cv2.INTER_LINEAR)
    return (
        np.asarray(np.clip(new, 0, 255), np.float32),
        np.asarray(cv2.resize(trust, shape, interpolation=cv2.INTER_LINEAR), np.float32),
    )
