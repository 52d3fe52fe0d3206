"""One case and one method's picture → figures; the figures of many cases → a row of the table.

PSNR is reported up to 100 dB, which stands for equal. Means leave out figures that a case does not have; a figure that
no case has is None.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from evaluation import painter
from evaluation.attempt import Attempt, Studio, as_tensor, through_autoencoder
from evaluation.cases import Case
from evaluation.judge import Judge
from evaluation.metrics import (
    clip_direction,
    clip_score,
    interval,
    mean_interval,
    psnr,
    self_similarity,
    ssim,
    structure_distance,
)
from evaluation.perceptual import Dino, Lpips
from evaluation.results import Figures
from miniature import draw

EQUAL = 100.0  # dB
NEAR = 0.7  # dB below the autoencoder that a reconstruction may be


class Measure:
    """Takes the measure of attempts at cases; what depends on the case alone is worked out once for all methods."""

    def __init__(self, studio: Studio, judge: Judge, lpips: Lpips | None = None, dino: Dino | None = None) -> None:
        self.studio, self.judge, self.lpips, self.dino = studio, judge, lpips, dino
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
            structure=math.nan if concept else 1000 * structure_distance(self._structure(picture), self._shape),
            lpips_outside=self._lpips(picture),
            memory=attempt.cost.memory,
        )

    def _structure(self, picture: Tensor) -> Tensor:
        """Self-similarity of a picture, as DINO sees it or, without its weights, the judge."""
        return self.dino(picture) if self.dino else self_similarity(self.judge.tokens(picture))

    def _lpips(self, picture: Tensor) -> float:
        if self.lpips is None or self._plain is None or not self._outside.any():
            return math.nan
        return self.lpips(picture, self._plain, self._outside)

    def _look(self, case: Case) -> None:
        if case is self._case:
            return
        self._case, sd = case, self.studio.sd
        self._photo, self._answer = as_tensor(draw.paint(case.before)), as_tensor(draw.paint(case.after))
        self._plain: Tensor | None = None if sd is None else through_autoencoder(sd, case.before)
        self._outside = ~torch.from_numpy(case.inside())
        self._seen, self._shape = self.judge.see(self._photo), self._structure(self._photo)

    def _success(self, case: Case, attempt: Attempt, truth: float) -> bool:
        """The judge's verdict; a reconstruction succeeds when it is about as near to the photo as the autoencoder."""
        if case.asks:
            return attempt.asked
        if attempt.refused:
            return False
        if case.suite == "expression":  # CLIP reads true faces rightly in seven of ten, the painter in all
            assert case.new is not None
            face = painter.expression(case.after, case.new, painter.pixels(attempt.picture))
            return face == case.after.things[case.new].expression
        if case.suite != "reconstruct":
            return self.judge.success(case, attempt.picture)
        return self._plain is not None and truth >= psnr(self._plain, self._photo) - NEAR


FEWEST = 5  # values of which a bootstrap can say anything; resampling one value gives that value for certain
MEANS = {  # figure → digits
    "psnr_outside": 2, "psnr_truth": 2, "clip_score": 2, "clip_direction": 3, "seconds": 2, "unet_forward": 1,
    "unet_backward": 1, "psnr_outside_photo": 2, "ssim_outside": 3, "lpips_outside": 4, "structure": 2, "memory": 0,
}  # fmt: skip


def row(suite: str, method: str, seed: int, figures: Sequence[Figures]) -> dict[str, Any]:
    """The means of a method's figures, JSON ready; `low` and `high` bound its success, `intervals` the means (95 %
    bootstrap)."""
    low, high = interval([one.success for one in figures])
    means, intervals = {}, {}
    for name, digits in MEANS.items():
        known = [value for one in figures if not math.isnan(value := getattr(one, name))]
        means[name] = round(sum(known) / len(known), digits) if known else None
        if len(known) >= FEWEST and name not in ("unet_forward", "unet_backward", "memory"):
            intervals[name] = [round(bound, digits) for bound in mean_interval(known)]
    return {
        "suite": suite,
        "method": method,
        "cases": len(figures),
        "seed": seed,
        "success": round(sum(one.success for one in figures) / len(figures), 3),
        **means,
        "low": round(low, 3),
        "high": round(high, 3),
        "refused": sum(bool(one.refused) for one in figures),
        "intervals": intervals,
    }


def _decibels(value: float) -> float:
    return min(value, EQUAL)
