"""One case and one method's picture → figures; the figures of many cases → a row of the table.

PSNR is reported up to 100 dB, which stands for equal. Means leave out figures that a case does not have; a figure that
no case has is None.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from evaluation.cases import Case
from evaluation.judge import Judge
from evaluation.methods import Attempt, Studio, as_tensor, through_autoencoder
from evaluation.metrics import clip_direction, clip_score, interval, psnr, ssim

EQUAL = 100.0  # dB
NEAR = 0.7  # dB below the autoencoder that a reconstruction may be


@dataclass(frozen=True, slots=True)
class Figures:
    """What is said of one picture; nan where it does not apply.

    psnr_outside        outside the true mask, against the autoencoder's picture of the photo
    psnr_outside_photo  the same against the photo itself;  ssim_outside: against the autoencoder's picture
    psnr_truth          the whole picture against the true answer
    clip_score          100 cos(picture, true caption);  clip_direction: change of picture against change of caption
    refused             why the method made no picture, for the log; empty if it made one
    """

    success: bool
    psnr_outside: float
    psnr_outside_photo: float
    ssim_outside: float
    psnr_truth: float
    clip_score: float
    clip_direction: float
    seconds: float
    unet_forward: int
    unet_backward: int
    refused: str


class Measure:
    """Takes the measure of attempts at cases; what depends on the case alone is worked out once for all methods."""

    def __init__(self, studio: Studio, judge: Judge) -> None:
        self.studio, self.judge = studio, judge
        self._case: Case | None = None

    def figures(self, case: Case, attempt: Attempt) -> Figures:
        """All figures of one attempt."""
        self._look(case)
        picture, judge, concept = attempt.picture, self.judge, case.suite == "concept"
        seen = judge.see(picture)
        source, target = judge.read([case.before.caption(), case.after.caption()]).split(1)
        truth = _decibels(psnr(picture, self._answer))
        plain = self._plain
        return Figures(
            success=self._success(case, attempt, truth),
            psnr_outside=math.nan if plain is None else _decibels(psnr(picture, plain, self._outside)),
            psnr_outside_photo=_decibels(psnr(picture, self._photo, self._outside)),
            ssim_outside=math.nan if plain is None else ssim(picture, plain, self._outside),
            psnr_truth=math.nan if concept else truth,
            clip_score=clip_score(seen, target),
            clip_direction=math.nan if concept else clip_direction(self._seen, seen, source, target),
            seconds=attempt.cost.seconds,
            unet_forward=attempt.cost.forward,
            unet_backward=attempt.cost.backward,
            refused=attempt.refused,
        )

    def _look(self, case: Case) -> None:
        if case is self._case:
            return
        self._case, sd = case, self.studio.sd
        self._photo, self._answer = as_tensor(case.before.image()), as_tensor(case.after.image())
        self._plain: Tensor | None = None if sd is None else through_autoencoder(sd, case.before)
        self._outside = ~torch.from_numpy(case.inside())
        self._seen = self.judge.see(self._photo)

    def _success(self, case: Case, attempt: Attempt, truth: float) -> bool:
        """The judge's verdict; a reconstruction succeeds when it is about as near to the photo as the autoencoder."""
        if attempt.refused:
            return False
        if case.suite != "reconstruct":
            return self.judge.success(case, attempt.picture)
        return self._plain is not None and truth >= psnr(self._plain, self._photo) - NEAR


def row(suite: str, method: str, seed: int, figures: Sequence[Figures]) -> dict[str, Any]:
    """The means of a method's figures, JSON ready; `low` and `high` bound its success (95 % bootstrap)."""
    low, high = interval([one.success for one in figures])
    return {
        "suite": suite,
        "method": method,
        "cases": len(figures),
        "seed": seed,
        "success": _mean([one.success for one in figures], 3),
        "psnr_outside": _mean([one.psnr_outside for one in figures], 2),
        "psnr_truth": _mean([one.psnr_truth for one in figures], 2),
        "clip_score": _mean([one.clip_score for one in figures], 2),
        "clip_direction": _mean([one.clip_direction for one in figures], 3),
        "seconds": _mean([one.seconds for one in figures], 2),
        "unet_forward": _mean([one.unet_forward for one in figures], 1),
        "unet_backward": _mean([one.unet_backward for one in figures], 1),
        "low": round(low, 3),
        "high": round(high, 3),
        "psnr_outside_photo": _mean([one.psnr_outside_photo for one in figures], 2),
        "ssim_outside": _mean([one.ssim_outside for one in figures], 3),
        "refused": sum(bool(one.refused) for one in figures),
    }


def _mean(values: Sequence[float], digits: int) -> float | None:
    known = [value for value in values if not math.isnan(value)]
    return round(sum(known) / len(known), digits) if known else None


def _decibels(value: float) -> float:
    return min(value, EQUAL)
