"""Words onto the photo: large, outlined, where no face is."""

import numpy as np
from PIL import Image, ImageDraw

from lettering.font import drawable, font
from pipeline.compositing.hues import COLORS
from pipeline.compositing.view import View
from pipeline.engine import Edited, OrderError, Progress, Work

LONGEST, LINES = 14, 3  # characters of a line; lines
MARGIN = 0.04  # of the photo's height


def text(view: View) -> Work[Edited]:
    """`text`: the step's content, at its position, else above or below where no face is covered."""
    words = drawable(view.order.step.content or "")
    if not words:
        raise OrderError("要写什么字？比如可以说「在上面写：毕业快乐」。", "no words")
    if len(words) > LONGEST * LINES:
        raise OrderError(f"字太多了，照片上最多写{LONGEST * LINES}个字，删短一些再试。", f"{len(words)} characters")
    yield Progress(5, 10, "正在写字")
    height, width = view.size
    lines = [words[start : start + _width(words)] for start in range(0, len(words), _width(words))]
    size = max(14, round(min(0.86 * width / max(len(line) for line in lines), 0.1 * height)))
    face, color = font(size), COLORS.get(view.order.step.color or "white", COLORS["white"])
    rim = (24, 24, 26) if sum(color) > 380 else (255, 255, 255)
    tall = round(1.25 * size) * len(lines)
    picture = Image.fromarray(view.photo)
    draw = ImageDraw.Draw(picture)
    top = _top(view, tall)
    for number, line in enumerate(lines):
        x = {"left": 0.04 * width, "right": 0.96 * width}.get(view.order.step.position or "", width / 2)
        anchor = {"left": "la", "right": "ra"}.get(view.order.step.position or "", "ma")
        draw.text((x, top + number * round(1.25 * size)), line, font=face, fill=color, anchor=anchor,
                  stroke_width=max(2, size // 14), stroke_fill=rim)  # fmt: skip
    result = np.asarray(picture, np.uint8)
    mask = (result != view.photo).any(2).astype(np.float32)
    return Edited(result, mask, {"method": "compositing", "lines": len(lines)})


def _width(words: str) -> int:
    lines = -(-len(words) // LONGEST)
    return -(-len(words) // lines)


def _top(view: View, tall: int) -> float:
    height = view.size[0]
    above, below = MARGIN * height, height - MARGIN * height - tall
    position = view.order.step.position
    if position in ("top", "bottom", "center"):
        return {"top": above, "bottom": below, "center": (height - tall) / 2}[position]
    heads = [head for head in (view.head(index) for index in view.persons()) if head is not None]
    free = {
        place: min((abs(place + tall / 2 - head.y) / head.size for head in heads), default=9.0)
        for place in (above, below)
    }
    return below if free[below] >= 1.2 or free[below] >= free[above] else above
