"""What is said about reference photos before learning; strangers are told by the judge that is shipped."""

import re
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from miniature import draw
from miniature.sampling import sample
from miniature.scenes import STYLES
from personalization.references import BLURRED, MOST, ReferencesError, check, edge_width, usable
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.imaging.composite import Pixels
from tests.personalization.conftest import photos

CHINESE = re.compile(r"[\u4e00-\u9fff].*[。]$")


def problems(images: list[Pixels], sd: Any, kind: str = "person") -> list[tuple[int | None, str]]:
    findings = check(images, sd, kind)
    assert all(CHINESE.search(finding.sentence) for finding in findings)
    return [(finding.index, finding.problem) for finding in findings]


def blurred(image: Pixels, share: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), share * image.shape[0]))


@pytest.mark.parametrize("style", STYLES)
def test_blur_is_told_in_every_style_and_size(style: str) -> None:
    """Flat drawings have few edges and photos many: the width of an edge is the same measure for both."""
    for seed in range(3):
        image = draw.paint(replace(sample([60, seed]), style=style))
        for size in (96, 128, 400):
            resized = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if size < 128 else cv2.INTER_CUBIC)
            assert edge_width(resized) < BLURRED
            assert edge_width(blurred(resized, 0.025)) > BLURRED


def test_blur_does_not_depend_on_contrast_or_grain() -> None:
    image = photos("阿紫", 1)[0]
    faint = (image // 4 + 90).astype(np.uint8)
    assert edge_width(faint) < BLURRED < edge_width(blurred(faint, 0.03))
    grain = np.random.default_rng(0).normal(0, 5, image.shape)
    assert edge_width(np.clip(blurred(image, 0.03) + grain, 0, 255).astype(np.uint8)) > BLURRED
    assert edge_width(np.full((64, 64, 3), 200, np.uint8)) == 1.0


def test_each_photo_gets_its_own_finding(open_like: StableDiffusion) -> None:
    """Small, blurred, and there twice (smaller and as a JPEG); the others can be learnt from."""
    good = photos("阿紫", 3)
    _, data = cv2.imencode(".jpg", cv2.resize(good[1], (100, 100), interpolation=cv2.INTER_AREA))
    again = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    images = [good[0], good[1][:40], blurred(good[2], 0.03), good[1], again, good[2]]
    findings = check(images, open_like, "person")
    assert [(finding.index, finding.problem) for finding in findings] == [
        (1, "small"),
        (2, "blurred"),
        (4, "duplicate"),
    ]
    for finding, words in zip(
        findings, ("第 2 张太小了，只有 128×40", "第 3 张太模糊", "第 5 张和第 4 张"), strict=True
    ):
        assert finding.sentence.startswith(words)
    assert usable(images, findings) == [0, 3, 5]


@pytest.mark.parametrize(
    ("count", "problem", "says"), [(0, "few", "一张"), (1, "few", "一张"), (2, "few", "再发 1 张"), (30, "many", "30")]
)
def test_too_few_and_too_many_have_their_sentence(
    open_like: StableDiffusion, count: int, problem: str, says: str
) -> None:
    images = (photos("阿紫", 2) * 15)[:count]
    findings = check(images, open_like, "person")
    assert [(finding.index, finding.problem) for finding in findings] == [(None, problem)]
    assert says in findings[0].sentence
    with pytest.raises(ReferencesError) as refused:
        usable(images, findings)
    assert refused.value.sentence == findings[0].sentence
    assert str(MOST) in findings[0].sentence


def test_a_refusal_says_what_was_wrong_with_each(open_like: StableDiffusion) -> None:
    images = [photos("阿紫", 1)[0]] * 3
    findings = check(images, open_like, "person")
    with pytest.raises(ReferencesError) as refused:
        usable(images, findings)
    assert "第 2 张和第 1 张" in refused.value.sentence
    assert refused.value.sentence.endswith("能用的照片只有 1 张，最少要 3 张，请再补 2 张。")


def test_photos_of_one_character_are_all_right(judge: Any) -> None:
    assert problems(photos("绿豆"), judge, "pet") == []


def test_a_stranger_is_found_wherever_it_is(judge: Any) -> None:
    her, him = photos("阿紫"), photos("大白")
    assert problems([her[0], her[1], him[2], her[3]], judge) == [(2, "stranger")]
    assert problems([him[0], her[1], her[2]], judge)[0] == (0, "stranger")


def test_nobody_in_common_is_one_finding(judge: Any) -> None:
    images = [photos(name)[i] for i, name in enumerate(("阿紫", "大白", "桃子", "阿龙"))]
    assert problems(images, judge) == [(None, "mixed")]


def test_a_style_may_show_anything(judge: Any) -> None:
    images = [draw.paint(replace(sample([61, seed]), style="comic")) for seed in range(3)]
    assert problems(images, judge, "style") == []


@pytest.fixture(scope="module")
def open_like(tiny_sd: StableDiffusion) -> StableDiffusion:
    """A model whose judge knows no world: only what a photo is by itself can be found."""
    return tiny_sd
