"""Contact sheets: a row for each case, from worst to best; source, what every method made of it, the true answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from evaluation.cases import Case
from evaluation.results import Figures
from miniature import draw

FONT = Path(__file__).parents[1] / "assets" / "fonts" / "NotoSansSC-Bold.otf"
ROWS = 8
GAP, HEAD, FOOT = 6, 26, 20
PAPER, INK, GOOD, BAD = (255, 255, 255), (40, 40, 46), (24, 138, 74), (204, 52, 52)


@dataclass(frozen=True, slots=True)
class Sample:
    """A case with the pictures (1, 3, 128, 128) that the methods made of it, and their figures."""

    case: Case
    pictures: Mapping[str, Tensor]
    figures: Mapping[str, Figures]


def spread(samples: Sequence[Sample], method: str, count: int = ROWS) -> list[Sample]:
    """`count` samples evenly from the worst to the best by what `method` made of them: failures first, then by the
    distance from the true answer (by CLIP score where there is none). So the middle one is the median."""

    def goodness(sample: Sample) -> tuple[bool, float]:
        figures = sample.figures[method]
        near = figures.psnr_truth
        return figures.success, figures.clip_score if np.isnan(near) else near

    ordered = sorted(samples, key=goodness)
    if len(ordered) <= count:
        return ordered
    return [ordered[round(i * (len(ordered) - 1) / (count - 1))] for i in range(count)]


def sheet(samples: Sequence[Sample], methods: Sequence[str], path: Path) -> None:
    """Save the sheet of one suite; a green mark where the judge was content, a red one where not."""
    large, small = (ImageFont.truetype(str(FONT), size) for size in (13, 11))
    columns = ["photo", *methods, "true answer"]
    side = draw.paint(samples[0].case.before).shape[0]
    width = GAP + len(columns) * (side + GAP)
    out = Image.new("RGB", (width, HEAD + len(samples) * (side + FOOT + GAP)), PAPER)
    pen = ImageDraw.Draw(out)
    for column, title in enumerate(columns):
        _text(pen, GAP + column * (side + GAP), 5, title, large, INK, side)
    for row, sample in enumerate(samples):
        top = HEAD + row * (side + FOOT + GAP)
        case = sample.case
        pictures: list[Any] = [_photo(case), *(_pixels(sample.pictures[m]) for m in methods), draw.paint(case.after)]
        for column, pixels in enumerate(pictures):
            out.paste(Image.fromarray(pixels), (GAP + column * (side + GAP), top))
        _text(pen, GAP, top + side + 2, case.sentence or case.character, small, INK, side)
        for column, method in enumerate(methods, 1):
            figures = sample.figures[method]
            near = "" if np.isnan(figures.psnr_truth) else f" {figures.psnr_truth:.1f} dB"
            mark, color = ("✓", GOOD) if figures.success else ("×", BAD)
            mark = "–" if figures.refused else mark
            _text(pen, GAP + column * (side + GAP), top + side + 2, mark + near, small, color, side)
    path.parent.mkdir(parents=True, exist_ok=True)
    out.save(path)


def _photo(case: Case) -> Any:
    """The photo; for a taught character the pictures it was taught from, four in one."""
    if not case.taught:
        return draw.paint(case.before)
    small = [draw.paint(scene)[::2, ::2] for scene in case.taught]
    return np.vstack([np.hstack(small[:2]), np.hstack(small[2:4])])


def _pixels(picture: Tensor) -> Any:
    return picture[0].clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()


def _text(
    pen: ImageDraw.ImageDraw, x: int, y: int, text: str, font: ImageFont.FreeTypeFont, color: Any, room: int
) -> None:
    """Text at (x, y), cut to `room` pixels."""
    while text and pen.textlength(text, font) > room:
        text = text[:-1]
    pen.text((x, y), text, color, font)
