"""Parts of a photo as opacities: the things under taps, what was drawn by hand; and edits that keep to a part."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.compositing import things
from pipeline.compositing.pointed import Pointed
from pipeline.compositing.view import View
from pipeline.engine import Edited, EditOrder, Floats, OrderError, Pixels
from pipeline.imaging.filters import gaussian
from pipeline.imaging.geometry import laid, window
from pipeline.imaging.matting import matte
from storage import regions
from storage.regions import Region

SOFT = 1 / 900  # of the longer side: the edge of a drawn part, which lies inside of it
ILLEGIBLE = 0.3  # of a part's half width: a blur through which nothing in it can be read
# Operations that keep to a part that was drawn, and those that need somebody whole.
LOCAL = ("remove", "recolor", "mosaic", "adjust", "modify", "restyle", "restore", "upscale", "beautify", "cutout",
         "background")  # fmt: skip
OF_PEOPLE = ("replace", "move", "swap")
ALIKE = ("restyle", "restore", "upscale", "beautify")  # alike everywhere: a part of it is laid over the photo


def drawn(view: View, parts: Sequence[Region]) -> Floats:
    """Opacity (H, W) of what was drawn: nothing outside of it, its soft edge inside."""
    inside = regions.mask(parts, view.size)
    if not inside.any():
        raise OrderError("圈的地方太小了，请圈大一点，再说一遍。", "a region without a pixel")
    framed = np.pad(inside.astype(np.uint8), 1, mode="edge")
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.asarray((depth / max(1.0, SOFT * max(view.size))).clip(0, 1), np.float32)


def each(view: View, meant: Pointed) -> list[Floats]:
    """Opacities (H, W) of the things and of each of the parts that were pointed at, without the people."""
    found = [matte(view.photo, things.at(view, meant.taps))] if meant.taps else []
    return found + [drawn(view, [region]) for region in meant.drawn]


def opacity(view: View, meant: Pointed) -> Floats:
    """All of them as one; zeros for none."""
    found = each(view, meant)
    return np.asarray(np.maximum.reduce(found), np.float32) if found else np.zeros(view.size, np.float32)


def possible(order: EditOrder) -> None:
    """Raises OrderError, with what can be done, where an operation knows no part of a photo that was drawn."""
    if order.regions and order.step.operation not in (*LOCAL, *OF_PEOPLE):
        raise OrderError(
            "这个没法只对圈出来的地方做。圈出来的地方可以去掉、换颜色、打码、模糊、调亮调暗、换画风；"
            "想对整张照片做，就不圈，再说一遍。",
            f"{order.step.operation} in a region",
        )


def kept_within(view: View, edited: Edited, inside: Floats) -> Edited:
    """The edit where `inside` (H, W) is, the photo elsewhere, bit for bit."""
    if edited.image.shape != view.photo.shape:
        return edited
    mask = inside if edited.mask is None else np.minimum(edited.mask, inside)
    return Edited(laid(view.photo, edited.image, inside), np.asarray(mask, np.float32), edited.facts)


def blurred(photo: Pixels, inside: Floats, amount: float) -> Pixels:
    """The photo with what is inside so soft that nothing in it can be read, whatever its size."""
    depth = float(cv2.distanceTransform((inside > 0.5).astype(np.uint8), cv2.DIST_L2, 3).max())
    sigma = max(2.0, ILLEGIBLE * depth * amount)
    place = window(inside, round(3 * sigma), 0.0)
    if place is None:
        return photo
    part = photo[place]
    out = photo.copy()
    out[place] = gaussian(part, sigma).round().clip(0, 255).astype(np.uint8)
    return laid(photo, out, inside)
