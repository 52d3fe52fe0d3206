"""Are reference photos usable? Said before learning: what is too small, blurred, there twice, or of somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from personalization.subject import features, portraits
from pipeline.compose import Pixels
from pipeline.toolkit.model import StableDiffusion
from storage.errors import HeyingError

LEAST, MOST = 3, 10  # photos
SMALL = 0.5  # shorter side, as a share of the model's size
BLURRED = 0.02  # width of the edges, as a share of the photo's side
SAME = 4.0  # mean difference of two thumbnails (of 255) below which they are one photo
ALIKE = 0.75  # cosine of the judge's views of one subject


class ReferencesError(HeyingError):
    """These photos cannot be learnt from."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with photo `index` (None: with all of them together), and the Chinese sentence about it.

    problem: "few", "many", "mixed" (about all); "small", "blurred", "duplicate", "absent", "stranger" (about one)
    """

    index: int | None
    problem: str
    sentence: str


def check(images: Sequence[Pixels], sd: StableDiffusion, kind: str) -> list[Finding]:
    """What is wrong with reference photos (H, W, 3) uint8, in their order; what concerns all of them last."""
    if len(images) > MOST:
        return [
            Finding(None, "many", f"一次发来了 {len(images)} 张，太多了。请挑 {LEAST} 到 {MOST} 张最清楚的再教我。")
        ]
    found: dict[int, Finding] = {}
    for i, image in enumerate(images):
        if min(image.shape[:2]) < SMALL * sd.size:
            say = f"第 {i + 1} 张太小了，只有 {image.shape[1]}×{image.shape[0]} 像素，请换一张大一点的。"
            found[i] = Finding(i, "small", say)
        elif edge_width(image, sd.size) > BLURRED:
            found[i] = Finding(i, "blurred", f"第 {i + 1} 张太模糊了，请换一张清楚的。")
    thumbnails = [_thumbnail(image) for image in images]
    for i in range(len(images)):
        twin = next((j for j in range(i) if j not in found and _differ(thumbnails[i], thumbnails[j]) < SAME), None)
        if i not in found and twin is not None:
            say = f"第 {i + 1} 张和第 {twin + 1} 张几乎一样，请换一张不同角度或不同背景的。"
            found[i] = Finding(i, "duplicate", say)
    left = [i for i in range(len(images)) if i not in found]
    if len(left) >= 2 and kind != "style" and sd.clip is not None:
        found |= _strangers(images, left, sd, kind)
    findings = [found[i] for i in sorted(found) if i >= 0]
    if -1 in found:
        findings.append(found[-1])
    usable = len(images) - len(findings)
    if usable < LEAST and -1 not in found:
        findings.append(Finding(None, "few", _too_few(len(images), usable)))
    return findings


def usable(images: Sequence[Pixels], findings: Sequence[Finding]) -> list[int]:
    """Indices of the photos that can be learnt from. Raises ReferencesError with what to do when they cannot."""
    of_all = [finding for finding in findings if finding.index is None]
    if of_all:
        details = "".join(finding.sentence for finding in findings if finding.index is not None)
        raise ReferencesError(details + of_all[0].sentence, of_all[0].problem)
    wrong = {finding.index for finding in findings}
    return [i for i in range(len(images)) if i not in wrong]


def edge_width(image: Pixels, size: int) -> float:
    """How wide the edges of a photo are, as a share of its shorter side.

    An edge blurred with deviation s has a Laplacian whose variance goes with s⁻³. So the variances after two known
    blurs tell s, whatever the contrast: ((s² + a²) / (s² + b²))^(3/2) is their ratio. Measured at the model's size.
    """
    height, width = image.shape[:2]
    scale = min(1.0, size / min(height, width))
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    gray = cv2.resize(gray, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    a, b = 0.8, 1.6
    variances = [float(cv2.Laplacian(cv2.GaussianBlur(gray, (0, 0), s), cv2.CV_32F, ksize=3).var()) for s in (a, b)]
    if variances[0] < 1e-3:
        return 1.0  # nothing to be seen at all
    ratio = min((variances[1] / variances[0]) ** (2 / 3), 0.999)
    squared = (ratio * b * b - a * a) / (1 - ratio)
    return float(np.sqrt(max(squared, 0.0))) / min(gray.shape)


def _strangers(images: Sequence[Pixels], left: Sequence[int], sd: StableDiffusion, kind: str) -> dict[int, Finding]:
    """The photos that do not show what most show; under -1 the finding that there is no such thing."""
    shown = portraits(sd, [images[i] for i in left], kind)
    views = features(sd, shown)
    alike = (views @ views.T).cpu() >= ALIKE
    center = int(alike.sum(1).argmax())
    group = torch.nonzero(alike[center]).flatten().tolist()
    if len(group) * 2 <= len(left):
        say = "这几张看起来不是同一个，我分不清要学哪个。请只发同一个主角的照片。"
        return {-1: Finding(None, "mixed", say)}
    return {
        i: Finding(i, "stranger", f"第 {i + 1} 张看起来不是同一个，和其他几张不像，请换掉它。")
        for place, i in enumerate(left)
        if place not in group
    }


def _too_few(sent: int, usable: int) -> str:
    if sent <= 1:
        return f"只有一张照片学不会，请发 {LEAST} 到 {MOST} 张：同一个主角，不同的背景或角度。"
    if usable == sent:
        return f"只有 {sent} 张照片，还不够。请再发 {LEAST - sent} 张，最少 {LEAST} 张、最多 {MOST} 张。"
    return f"能用的照片只有 {usable} 张，最少要 {LEAST} 张，请再补 {LEAST - usable} 张。"


def _thumbnail(image: Pixels) -> np.ndarray:
    return cv2.resize(image, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)


def _differ(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())
