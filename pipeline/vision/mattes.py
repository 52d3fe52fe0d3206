"""An instance with its matte: worked out by `imaging.matting` when somebody needs it."""

from dataclasses import replace

import numpy as np

from pipeline.imaging.geometry import scaled
from pipeline.imaging.matting import foreground, matte
from pipeline.vision.detection import Pixels
from pipeline.vision.scene import WORKING, Instance, Scene


def with_matte(photo: Pixels, scene: Scene, index: int) -> Instance:
    """Instance `index` of the scene with its opacity (h, w) at the scene's working size, hair included.

    Hair and clothes of the others about are not taken for its own.
    """
    one = scene.instances[index]
    if one.matte is not None:
        return one
    picture = scaled(photo, WORKING)
    others = [other.mask for number, other in enumerate(scene.instances) if number != index]
    found = matte(
        picture,
        one.mask,
        face=one.face.box if one.face is not None else None,
        others=np.maximum.reduce(others) if others else None,
    )
    return replace(one, matte=found)


def cut_out(photo: Pixels, one: Instance) -> Pixels:
    """An instance that has a matte, cut out: uint8 (h, w, 4) RGBA at the scene's working size, cropped to it."""
    if one.matte is None:
        raise ValueError("the instance has no matte")
    picture = scaled(photo, WORKING)
    rows, columns = np.flatnonzero((one.matte > 0.02).any(1)), np.flatnonzero((one.matte > 0.02).any(0))
    if not len(rows):
        return np.zeros((1, 1, 4), np.uint8)
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    colours = foreground(picture, one.matte)[part]
    return np.dstack([colours, np.rint(one.matte[part] * 255).astype(np.uint8)])
