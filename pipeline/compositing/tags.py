"""Small pictures on which people are numbered, so that a question back can be answered by one tap."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from lettering.font import font
from pipeline.engine import Pixels
from pipeline.vision.scene import Instance

LONGEST = 800  # pixels
LEAST = 26  # pixels of a tag's height
INK, GROUND = (255, 255, 255), (232, 62, 84)


def numbered(photo: Pixels, instances: Sequence[Instance]) -> Pixels:
    """`photo` at no more than 800 pixels with a numbered round tag above each face and a thin frame about it."""
    picture = Image.fromarray(photo)
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    side = max(LEAST, round(max(width, height) / 22))
    face = font(round(side * 0.68))
    taken: list[tuple[float, float]] = []
    for number, one in enumerate(instances, start=1):
        box = one.face.box if one.face is not None else one.box
        x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        draw.rounded_rectangle((x0, y0, x1, y1), radius=side / 3, outline=GROUND, width=max(2, side // 12))
        x, y = (
            min(max((x0 + x1) / 2, side / 2 + 1), width - side / 2 - 1),
            min(max(y0, side / 2 + 1), height - side / 2 - 1),
        )
        while any(abs(x - a) < side and abs(y - b) < side for a, b in taken) and y < height - side:
            y += side / 2
        taken.append((x, y))
        draw.ellipse((x - side / 2, y - side / 2, x + side / 2, y + side / 2), fill=GROUND, outline=INK, width=2)
        draw.text((x, y), str(number), fill=INK, font=face, anchor="mm")
    return np.asarray(picture, np.uint8)
