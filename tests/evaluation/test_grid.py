"""Contact sheets: which cases are shown, and that they can be saved."""

import math
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image

from evaluation.cases import cases
from evaluation.grid import Sample, sheet, spread
from evaluation.results import Figures

PLAIN = Figures(True, 30, 30, 0.9, 20, 80, 0.5, 1, 10, 0, "")


def samples(successes: list[bool], truths: list[float]) -> list[Sample]:
    """Cases of which the method "m" made something this good."""
    some = cases("recolor", 1000, len(truths))
    return [
        Sample(case, {"m": torch.zeros(1, 3, 128, 128)}, {"m": replace(PLAIN, success=ok, psnr_truth=near)})
        for case, ok, near in zip(some, successes, truths, strict=True)
    ]


def test_from_worst_to_best_with_the_median_between() -> None:
    """Failures before successes, each by the distance from the truth, evenly spread."""
    truths = [float(v) for v in range(9)]
    some = samples([v >= 3 for v in range(9)], [truths[(4 * v) % 9] if v >= 3 else truths[v] for v in range(9)])
    shown = spread(some, "m", 3)
    order = sorted((s.figures["m"].success, s.figures["m"].psnr_truth) for s in some)
    assert [(s.figures["m"].success, s.figures["m"].psnr_truth) for s in shown] == [order[0], order[4], order[8]]
    assert len(spread(some, "m", 20)) == 9


def test_without_a_truth_the_clip_score_orders() -> None:
    """As with drawn concepts."""
    some = samples([True, True], [math.nan, math.nan])
    some[0] = replace(some[0], figures={"m": replace(PLAIN, psnr_truth=math.nan, clip_score=90)})
    assert spread(some, "m")[-1] is some[0]


def test_a_sheet_has_a_row_for_each_case_and_a_column_for_each_picture(tmp_path: Path) -> None:
    """Source and true answer beside what was made; pixels are those of the pictures."""
    some = samples([True, False], [20.0, 10.0])
    sheet(some, ["m"], tmp_path / "new" / "sheet.png")
    with Image.open(tmp_path / "new" / "sheet.png") as image:
        assert image.width >= 3 * 128
        assert image.height >= 2 * 128
        assert image.width < 3 * 128 + 60
        assert image.getpixel((6 + 134 + 64, 26 + 64)) == (128, 128, 128)
