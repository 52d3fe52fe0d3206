"""Whose body is before whose."""

import numpy as np

from pipeline.vision.bodies import HIPS, KNEES, SHOULDERS, Body
from pipeline.vision.detection import Detection
from pipeline.vision.masks import before

SIZE = 400, 300  # height and width of the picture


def standing(x: float, y: float, unit: float) -> Body:
    """Somebody whose face is at (x, y) and `unit` pixels wide, with the proportions of an adult."""
    points = np.tile(np.array([x, y, 1], np.float32), (33, 1))
    for which, wide, down in ((SHOULDERS, 1.0, 1.1), (HIPS, 0.6, 3.6), (KNEES, 0.6, 5.5)):
        points[which] = [(x + wide * unit, y + down * unit, 1), (x - wide * unit, y + down * unit, 1)]
    points[27:] = points[KNEES].mean(0) + np.array([0, 2 * unit, 0], np.float32)
    box = np.array([x - unit / 2, y - unit / 2, x + unit / 2, y + unit / 2], np.float32)
    nothing = np.zeros(SIZE, np.float32)
    return Body(Detection(1.0, box, np.zeros((6, 2), np.float32)), points, 180.0, nothing, nothing, unit, 1.0)


def test_a_face_over_a_body_is_before_it() -> None:
    adult, child = standing(150, 80, 50), standing(155, 200, 40)
    assert before([adult, child], *SIZE).tolist() == [[False, False], [True, False]]


def test_beside_one_another_nobody_is_before_the_other() -> None:
    assert not before([standing(80, 80, 40), standing(220, 120, 40)], *SIZE).any()


def test_a_face_of_less_than_half_the_size_is_farther_away() -> None:
    assert not before([standing(150, 80, 50), standing(155, 200, 20)], *SIZE).any()


def test_who_has_no_face_is_before_nobody() -> None:
    adult, child = standing(150, 80, 50), standing(155, 200, 40)
    turned = Body(None, child.points, child.bend, child.mask, child.reach, child.unit, child.quality)
    assert not before([adult, turned], *SIZE).any()
