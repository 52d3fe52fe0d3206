"""Where everybody is, as a chat is told it."""

import json

import cv2
import numpy as np

from pipeline.compositing import outlines
from pipeline.compositing.cutout import together
from pipeline.compositing.view import View
from pipeline.engine import EditOrder
from storage.plans import Step
from tests.pipeline.compositing.scenes import person, scene
from tests.pipeline.compositing.scenes import photo as picture


def test_everybody_has_a_name_and_an_outline_that_covers_them() -> None:
    shown = scene(person(0.2), person(0.5), person(0.8, identity="阿紫"))
    told = outlines.persons(shown)
    assert [one["words"] for one in told] == ["最左边那个", "中间那个", "阿紫"]
    for one, seen in zip(told, shown.instances, strict=True):
        h, w = seen.mask.shape
        drawn = np.zeros((h, w), np.uint8)
        polygons = [np.round(np.array(polygon) * (w, h)).astype(np.int32) for polygon in one["outline"]]
        cv2.fillPoly(drawn, polygons, 1)
        both, either = ((drawn > 0) & (seen.mask > 0.5)).sum(), ((drawn > 0) | (seen.mask > 0.5)).sum()
        assert both / either > 0.95
        x, y = one["at"]
        assert seen.mask[int(y * h), int(x * w)] > 0.5
    assert len(json.dumps(told)) < 4000


def test_a_result_in_which_everybody_stays_is_known_too() -> None:
    photo, wider = np.zeros((40, 60, 3), np.uint8), np.zeros((40, 90, 3), np.uint8)
    assert outlines.still("restyle", photo, photo)
    assert outlines.still("upscale", photo, np.zeros((80, 120, 3), np.uint8))
    assert not outlines.still("restyle", photo, wider)
    assert not outlines.still("remove", photo, photo)


def test_between_two_who_touch_nothing_shines_through() -> None:
    shown = scene(person(0.4), person(0.6))
    photo = picture(shown, [(200, 60, 50), (40, 70, 190)])
    view = View(photo, shown, EditOrder(photo, Step("background")), None)  # type: ignore[arg-type]
    both = np.maximum(shown.instances[0].mask, shown.instances[1].mask)
    inside = cv2.erode(both, np.ones((31, 31), np.uint8), borderValue=1) > 0.5
    seam = inside & (np.abs(np.arange(both.shape[1]) / both.shape[1] - 0.5) < 0.05)
    assert seam.sum() > 1000
    assert together(view, (0, 1))[seam].min() > 0.99
