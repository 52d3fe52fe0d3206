"""Photos for documents: size, ground, where the head is and how large."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.imaging import Box, Color, Floats, Pixels
from pipeline.imaging.geometry import pixels_of, resized
from pipeline.imaging.matting import foreground


@dataclass(frozen=True, slots=True)
class Size:
    """A document's photo: pixels at 300 dpi, height of the head (hair to chin) and room above it as shares of the height."""

    width: int
    height: int
    head: float = 0.62
    above: float = 0.09


SIZES: dict[str, Size] = {
    "one_inch": Size(295, 413),  # 25 × 35 mm
    "two_inch": Size(413, 579),  # 35 × 49 mm
    "small_one_inch": Size(260, 378),  # 22 × 32 mm, driving licence
    "small_two_inch": Size(413, 531),  # 35 × 45 mm
    "large_one_inch": Size(390, 567),  # 33 × 48 mm, passport
    "visa": Size(600, 600, 0.58, 0.12),  # 51 × 51 mm
}
GROUNDS: dict[str, Color] = {
    "white": (255, 255, 255),
    "blue": (67, 142, 219),
    "red": (217, 31, 38),
    "gray": (217, 221, 226),
}
STRAIGHTENED = 12.0  # degrees of a tilted head that are turned back
CHIN = 0.04  # below a face's box, as a share of its height


class NoRoom(ValueError):
    """The photo ends too near to the head: `sides` of it ("left", "right", "bottom") would stay empty."""

    def __init__(self, sides: tuple[str, ...]) -> None:
        super().__init__(f"the photo ends at {', '.join(sides)}")
        self.sides = sides


def id_photo(
    photo: Pixels,
    alpha: Floats,
    face: Box,
    size: Size,
    ground: Color = GROUNDS["blue"],
    eyes: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> Pixels:
    """The person of `alpha` (H, W) and `face` (box) on one colour, at a document's size, head centred and upright.

    eyes  both eyes (x, y) in shares: a head tilted by up to STRAIGHTENED degrees is turned back
    Raises NoRoom when the shoulders would end inside the picture.
    """
    height, width = photo.shape[:2]
    alpha = resized(alpha, height, width)
    x0, y0, x1, y1 = pixels_of(face, height, width)
    wide, tall = x1 - x0, y1 - y0
    middle = (x0 + x1) / 2
    columns = slice(max(0, int(middle - 0.45 * wide)), min(width, int(middle + 0.45 * wide) + 1))
    above = np.flatnonzero(alpha[: int(y1), columns].max(1) > 0.5)
    top = float(above[0]) if len(above) else y0 - 0.3 * tall
    top = min(max(top, y0 - 0.75 * tall), y0)  # hair, no hat and no neighbour behind
    chin = y1 + CHIN * tall
    scale = size.head * size.height / max(1.0, chin - top)
    angle = 0.0
    if eyes is not None:
        (ax, ay), (bx, by) = sorted(eyes)
        angle = float(np.degrees(np.arctan2((by - ay) * height, (bx - ax) * width)))
        angle = angle if abs(angle) <= STRAIGHTENED else 0.0
    matrix = cv2.getRotationMatrix2D((middle, (top + chin) / 2), angle, scale)
    matrix[0, 2] += size.width / 2 - middle
    matrix[1, 2] += (size.above + size.head / 2) * size.height - (top + chin) / 2

    figure = foreground(photo, alpha)
    _check_room(alpha, matrix, size)
    shrink = min(1.0, 2 * scale)  # first averaged, so that nothing flickers
    if shrink < 0.9:
        small = max(1, round(width * shrink)), max(1, round(height * shrink))
        figure = np.asarray(cv2.resize(figure, small, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = resized(alpha, small[1], small[0])
        matrix = matrix @ np.diag([width / small[0], height / small[1], 1.0])
    target = size.width, size.height
    layer = cv2.warpAffine(figure, matrix, target, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(alpha, matrix, target, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    under = np.broadcast_to(np.asarray(ground, np.float32), (size.height, size.width, 3))
    mixed = under + (layer.astype(np.float32) - under) * share[..., None]
    return np.asarray(np.rint(mixed).clip(0, 255), np.uint8)


def _check_room(alpha: Floats, matrix: np.ndarray, size: Size) -> None:
    """Raises NoRoom when a figure cut by the photo's border would show that cut in the picture."""
    height, width = alpha.shape
    back = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0], [size.width, 0], [0, size.height], [size.width, size.height]], np.float64)
    seen = corners @ back[:, :2].T + back[:, 2]
    sides = []
    if seen[:, 1].max() > height + 2 and (alpha[-1] > 0.5).any():
        sides.append("bottom")
    rows = slice(0, int(min(height, max(1, seen[2:, 1].mean()))))
    if seen[:, 0].min() < -2 and (alpha[rows, 0] > 0.5).any():
        sides.append("left")
    if seen[:, 0].max() > width + 2 and (alpha[rows, -1] > 0.5).any():
        sides.append("right")
    if sides:
        raise NoRoom(tuple(sides))
