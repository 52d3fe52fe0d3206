"""Are reference photos usable? Said before learning: what is too small, blurred, there twice, or of somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from personalization.subject import features, mean_view, portraits
from pipeline.diffusion.perception import sentence_features, vocabulary_of
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.imaging.composite import Pixels
from storage.errors import HeyingError

LEAST, MOST = 3, 10  # photos
SMALL = 0.5  # shorter side, as a share of the model's size
BLURRED = 0.013  # width of the edges, as a share of the photo's side: sharp drawings have 0.006 and less
WORK = 128  # pixels of the shorter side on which blur is measured
SAME = 4.0  # mean difference of two thumbnails (of 255) below which they are one photo
PAIR, ALIKE = 0.6, 0.7  # cosine of two views of one subject; of one view with the mean of the others


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
            size = f"{image.shape[1]}×{image.shape[0]}"
            found[i] = Finding(i, "small", f"第 {i + 1} 张太小了，只有 {size} 像素，最好换一张大一点的。")
        elif edge_width(image) > BLURRED:
            found[i] = Finding(i, "blurred", f"第 {i + 1} 张太模糊了，最好换一张清楚的。")
    thumbnails = [cv2.resize(image, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32) for image in images]
    for i, thumbnail in enumerate(thumbnails):
        twins = [j for j in range(i) if j not in found and np.abs(thumbnails[j] - thumbnail).mean() < SAME]
        if i not in found and twins:
            say = f"第 {i + 1} 张和第 {twins[0] + 1} 张几乎一样，最好换一张背景或角度不同的。"
            found[i] = Finding(i, "duplicate", say)
    left = [i for i in range(len(images)) if i not in found]
    mixed = False
    if len(left) > 1 and kind != "style" and sd.clip is not None and not vocabulary_of(sd.name).open:
        others, mixed = _strangers(images, left, sd, kind)
        found |= others
    findings = [found[i] for i in sorted(found)]
    if mixed:
        findings.append(Finding(None, "mixed", "这几张看起来不是同一个，我分不清要学哪个。请只发同一个主角的照片。"))
    elif len(images) - len(found) < LEAST:
        findings.append(Finding(None, "few", _too_few(len(images), len(images) - len(found))))
    return findings


def usable(images: Sequence[Pixels], findings: Sequence[Finding]) -> list[int]:
    """Indices of the photos that can be learnt from. Raises ReferencesError with what to do when they cannot."""
    of_all = [finding for finding in findings if finding.index is None]
    if of_all:
        details = "".join(finding.sentence for finding in findings if finding.index is not None)
        raise ReferencesError(details + of_all[0].sentence, of_all[0].problem)
    wrong = {finding.index for finding in findings}
    return [i for i in range(len(images)) if i not in wrong]


def edge_width(image: Pixels) -> float:
    """How wide the edges of a photo are, as a share of its shorter side; 1 if there are none at all.

    Blur of deviation s leaves an edge's Laplacian a variance that goes with s⁻³. So the variances after two more
    blurs, a and b, tell s whatever the contrast: their ratio is ((s² + a²) / (s² + b²))^(3/2).
    """
    height, width = image.shape[:2]
    scale = min(1.0, WORK / min(height, width))
    size = round(width * scale), round(height * scale)
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.float32)
    a, b = 1.2, 2.4
    fine, coarse = (float(cv2.Laplacian(cv2.GaussianBlur(gray, (0, 0), s), cv2.CV_32F, ksize=3).var()) for s in (a, b))
    if fine < 1e-3:
        return 1.0
    ratio = min((coarse / fine) ** (2 / 3), 0.999)
    return float(np.sqrt(max(ratio * b * b - a * a, 0.0) / (1 - ratio)) / min(gray.shape))


def _strangers(
    images: Sequence[Pixels], left: Sequence[int], sd: StableDiffusion, kind: str
) -> tuple[dict[int, Finding], bool]:
    """What is wrong with the photos that do not show what most show; and whether there is no such thing at all."""
    shown = portraits(sd, [images[i] for i in left], kind)
    found = {
        i: Finding(i, "absent", f"第 {i + 1} 张里没有看到要学的主角，最好换一张主角清楚、占画面大一些的。")
        for i, one in zip(left, shown, strict=True)
        if one.index is None
    }
    seen = [i for i in left if i not in found]
    if len(seen) < 2:
        return found, False
    views = _without_setting(sd, features(sd, [one for one in shown if one.index is not None]))
    likeness = views @ views.T
    center = int(likeness.clamp(min=PAIR).sum(1).argmax())
    group = likeness[center] >= PAIR
    if int(group.sum()) * 2 <= len(seen):
        return found, True
    for place, i in enumerate(seen):
        others = group.clone()
        others[place] = False
        if not bool(group[place]) or float(views[place] @ mean_view(views[others])) < ALIKE:
            say = f"第 {i + 1} 张看起来不是同一个，和其他几张不像，最好换掉它。"
            found[i] = Finding(i, "stranger", say)
    return found, False


def _without_setting(sd: StableDiffusion, views: Tensor) -> Tensor:
    """The judge's views (N, D) without the directions in which captions of different settings differ: the background
    in a subject's crop must not count."""
    assert sd.clip is not None
    vocabulary = vocabulary_of(sd.name)
    subjects = ("nothing", *(f"a {kind}" for kind in vocabulary.things))
    sentences = [
        f"{style} {subject} {setting}"
        for setting in vocabulary.settings.values()
        for style in vocabulary.styles.values()
        for subject in subjects
    ]
    if len(vocabulary.settings) < 2:
        return views
    means = sentence_features(sd.clip, sentences).view(len(vocabulary.settings), -1, views.shape[1]).mean(1)
    basis = torch.linalg.svd(means - means.mean(0), full_matrices=False).Vh[: len(means) - 1]  # (settings - 1, D)
    return normalize(views - views @ basis.T @ basis, dim=-1)


def _too_few(sent: int, usable: int) -> str:
    if sent <= 1:
        return f"只有一张照片学不会，请发 {LEAST} 到 {MOST} 张：同一个主角，不同的背景或角度。"
    if usable == sent:
        return f"只有 {sent} 张照片，还不够。请再发 {LEAST - sent} 张，最少 {LEAST} 张、最多 {MOST} 张。"
    return f"能用的照片只有 {usable} 张，最少要 {LEAST} 张，请再补 {LEAST - usable} 张。"
