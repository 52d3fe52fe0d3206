"""The shipped model carries out every kind of order on photos that it has never seen, judged on the picture."""

import math

import pytest
import torch

from evaluation.attempt import Studio, attempt, open_studio
from evaluation.cases import case_of
from evaluation.judge import load_judge
from evaluation.measure import Measure
from miniature import WEIGHTS

SEED, CASES = 8000, 2  # nothing was trained, tuned or measured on it
OUTSIDE = 18.0  # dB to the photo outside the edit; moving things, which fills two places, comes to 20 and more


@pytest.fixture(scope="module")
def studio() -> Studio:
    torch.set_num_threads(1)
    return open_studio(str(WEIGHTS), None, ("chain",), "cpu")


@pytest.fixture(scope="module")
def measure(studio: Studio) -> Measure:
    return Measure(studio, load_judge(str(WEIGHTS), WEIGHTS, "cpu"))


@pytest.mark.parametrize(
    "suite", ["insert", "replace", "remove", "recolor", "expression", "restyle", "background", "move"]
)
def test_quality(suite: str, studio: Studio, measure: Measure) -> None:
    """The whole chain, from sentence and photo: what was asked for is seen, and the rest is still there."""
    figures = []
    for number in range(CASES):
        case = case_of(suite, SEED, number)
        made = attempt(studio, case, "chain")
        assert not made.refused, f"{case.sentence}: {made.refused}"
        figures.append(measure.figures(case, made))
    assert any(one.success for one in figures)
    assert all(math.isnan(one.psnr_outside_photo) or one.psnr_outside_photo > OUTSIDE for one in figures)
