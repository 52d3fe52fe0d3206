"""Figures of single cases, rows of many, and what a refusal means."""

import json
import math

import pytest
import torch

from evaluation.attempt import Attempt, Cost, Studio, as_tensor
from evaluation.cases import Case, cases
from evaluation.judge import Judge
from evaluation.measure import EQUAL, Measure, row
from evaluation.results import Figures
from miniature import draw
from pipeline.diffusion.toolkit.model import StableDiffusion


@pytest.fixture(scope="module")
def measure(small_sd: StableDiffusion) -> Measure:
    """With autoencoder and judge of the tiny model."""
    assert small_sd.clip is not None
    return Measure(Studio(small_sd, 2), Judge(small_sd.clip))


def made(picture: torch.Tensor, refused: str = "") -> Attempt:
    """An attempt that cost something."""
    return Attempt(picture, Cost(1.5, 40, 20), refused)


@pytest.fixture(scope="module")
def case() -> Case:
    """A replacement."""
    return next(cases("replace", 1000, 1))


def test_the_true_answer_is_equal_to_itself(measure: Measure, case: Case) -> None:
    """100 dB from the truth, and from the photo outside the mask; the cost is passed on."""
    figures = measure.figures(case, made(as_tensor(draw.paint(case.after))))
    assert figures.psnr_truth == figures.psnr_outside_photo == EQUAL
    assert figures.psnr_outside < EQUAL  # the autoencoder's picture of the photo is another
    assert (figures.seconds, figures.unet_forward, figures.unet_backward) == (1.5, 40, 20)


def test_nothing_done_has_no_direction(measure: Measure, case: Case) -> None:
    """The photo as it was: equal outside, not inside; CLIP sees no change."""
    figures = measure.figures(case, made(as_tensor(draw.paint(case.before))))
    assert figures.psnr_outside_photo == EQUAL
    assert figures.psnr_truth < 40
    assert figures.clip_direction == 0


def test_what_changes_outside_is_seen(measure: Measure, case: Case) -> None:
    """One grey corner costs outside, and nothing is said of the inside."""
    picture = as_tensor(draw.paint(case.before))
    picture[..., :6, :6] = 0
    assert not case.inside()[:6, :6].any()
    assert measure.figures(case, made(picture)).psnr_outside_photo < 45


def test_a_refusal_is_no_success(measure: Measure, case: Case) -> None:
    """Even if the picture were right."""
    figures = measure.figures(case, made(as_tensor(draw.paint(case.after)), "refused"))
    assert not figures.success
    assert figures.refused == "refused"


def test_without_a_model_nothing_is_said_of_the_autoencoder(small_sd: StableDiffusion, case: Case) -> None:
    """Truth and unchanged can be judged by CLIP alone."""
    assert small_sd.clip is not None
    figures = Measure(Studio(None), Judge(small_sd.clip)).figures(case, made(as_tensor(draw.paint(case.after))))
    assert math.isnan(figures.psnr_outside)
    assert figures.psnr_truth == EQUAL


def test_a_reconstruction_is_measured_against_the_autoencoder(measure: Measure, small_sd: StableDiffusion) -> None:
    """Its own picture succeeds, one 0.7 dB worse does not; all of it counts as outside."""
    case = next(cases("reconstruct", 1000, 1))
    photo = as_tensor(draw.paint(case.before))
    from evaluation.attempt import through_autoencoder

    plain = through_autoencoder(small_sd, case.before)
    figures = measure.figures(case, made(plain))
    assert figures.success
    assert figures.psnr_outside == EQUAL
    assert math.isnan(figures.clip_direction)
    worse = photo + (plain - photo) * 10 ** (0.9 / 20)
    assert not measure.figures(case, made(worse)).success


def test_restyling_has_no_outside(measure: Measure) -> None:
    """All of the picture may change."""
    case = next(cases("restyle", 1000, 1))
    assert math.isnan(measure.figures(case, made(as_tensor(draw.paint(case.after)))).psnr_outside)


def figures(success: bool, **changes: float) -> Figures:
    """Made-up figures."""
    values = {"psnr_outside": 30.0, "psnr_outside_photo": 29.0, "ssim_outside": 0.9, "psnr_truth": 25.0}
    more = {"clip_score": 80.0, "clip_direction": 0.5, "seconds": 2.0, "unet_forward": 60, "unet_backward": 0}
    return Figures(success=success, refused="", **{**values, **more, **changes})  # type: ignore[arg-type]


def test_a_row_holds_means_and_says_what_is_missing() -> None:
    """The keys asked for come first; nan is left out of means and is null where there is nothing else; JSON is strict."""
    some = [figures(True), figures(True, psnr_truth=27.0), figures(False, psnr_outside=math.nan), figures(True)]
    one = row("replace", "sdedit", 1000, some)
    assert list(one)[:12] == [
        "suite", "method", "cases", "seed", "success", "psnr_outside", "psnr_truth", "clip_score", "clip_direction",
        "seconds", "unet_forward", "unet_backward",
    ]  # fmt: skip
    assert one["success"] == 0.75
    assert one["psnr_outside"] == 30
    assert one["psnr_truth"] == 25.5
    assert one["low"] < 0.75 < one["high"]
    empty = row("restyle", "sdedit", 1000, [figures(True, psnr_outside=math.nan)])
    assert empty["psnr_outside"] is None
    assert json.loads(json.dumps([one, empty], allow_nan=False)) == [one, empty]


def test_few_values_have_no_interval() -> None:
    """A bootstrap of one value would be certain of it."""
    assert row("replace", "sdedit", 1000, [figures(True)] * 4)["intervals"] == {}
    assert row("replace", "sdedit", 1000, [figures(True)] * 5)["intervals"]["seconds"] == [2.0, 2.0]
