"""Several photos in one: beside each other, one below the other, or in a grid of nine."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.compositing.view import View
from pipeline.engine import Edited, OrderError, Pixels, Progress, Work

GAP = 0.012  # of the picture's side between two photos
CELL = 1080  # pixels of a grid's side
LARGEST = 4096  # pixels of the collage's longer side


def collage(view: View) -> Work[Edited]:
    """`collage`: the photo and those that came with the order."""
    photos = [view.photo, *view.order.references]
    content = view.order.step.content or "side_by_side"
    yield Progress(5, 10, "正在拼图")
    if content == "nine" and len(photos) == 1:
        return Edited(grid(nine(view.photo), 3), None, {"method": "compositing", "photos": 1})
    if len(photos) < 2:
        raise OrderError("拼图要至少两张照片。把要拼的照片一起发来，再说一遍。", "one photo")
    if content == "stack":
        result = rowed(photos, vertical=True)
    elif content == "nine" or len(photos) > 3:
        columns = 2 if len(photos) <= 4 else 3
        result = grid([squared(photo) for photo in photos[:9]], columns)
    else:
        result = rowed(photos, vertical=False)
    return Edited(result, None, {"method": "compositing", "photos": len(photos)})


def rowed(photos: Sequence[Pixels], vertical: bool) -> Pixels:
    """Photos in a row or, `vertical`, in a column, brought to one height or width, with white between them."""
    along = 0 if vertical else 1
    side = round(float(np.median([photo.shape[1 - along] for photo in photos])))
    whole = sum(photo.shape[along] * side / photo.shape[1 - along] for photo in photos)
    side = round(side * min(1.0, LARGEST / whole))
    scaled: list[Pixels] = []
    for photo in photos:
        share = side / photo.shape[1 - along]
        size = max(1, round(photo.shape[1] * share)), max(1, round(photo.shape[0] * share))
        size = (side, size[1]) if vertical else (size[0], side)
        way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
        scaled.append(np.asarray(cv2.resize(photo, size, interpolation=way), np.uint8))
    gap = max(2, round(GAP * side))
    shape = (gap, side, 3) if vertical else (side, gap, 3)
    parts: list[Pixels] = []
    for photo in scaled:
        parts += [photo, np.full(shape, 255, np.uint8)]
    return np.ascontiguousarray(np.concatenate(parts[:-1], axis=along), np.uint8)


def squared(photo: Pixels) -> Pixels:
    """The middle square of a photo, the upper one of a portrait (that is where faces are)."""
    height, width = photo.shape[:2]
    side = min(height, width)
    x, y = (width - side) // 2, (height - side) // 4
    return np.ascontiguousarray(photo[y : y + side, x : x + side])


def nine(photo: Pixels) -> list[Pixels]:
    """A photo's middle square in nine pieces, for a post of nine pictures."""
    square = squared(photo)
    third = square.shape[0] // 3
    return [square[r * third : (r + 1) * third, c * third : (c + 1) * third] for r in range(3) for c in range(3)]


def grid(photos: Sequence[Pixels], columns: int) -> Pixels:
    """Square photos in rows of `columns`, with white between them; missing ones stay white."""
    side = CELL * 2 // columns if columns > 1 else CELL
    gap = max(2, round(GAP * side))
    rows = -(-len(photos) // columns)
    out = np.full((rows * side + (rows - 1) * gap, columns * side + (columns - 1) * gap, 3), 255, np.uint8)
    for number, photo in enumerate(photos):
        y, x = (number // columns) * (side + gap), (number % columns) * (side + gap)
        way = cv2.INTER_AREA if photo.shape[0] > side else cv2.INTER_CUBIC
        out[y : y + side, x : x + side] = cv2.resize(photo, (side, side), interpolation=way)
    return out
