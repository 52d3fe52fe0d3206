"""What stands out, and what somebody points at."""

import numpy as np

from pipeline.engine import finish
from pipeline.vision.detection import Pixels
from pipeline.vision.looking import Vision
from pipeline.vision.mattes import with_matte
from pipeline.vision.things import at, salient


def test_the_cup_stands_out(vision: Vision, coffee: Pixels) -> None:
    cup = salient(vision, coffee)
    assert cup is not None
    assert cup.label == "thing"
    assert cup.mask[160, 290] > 0.9  # the coffee
    assert cup.mask[40, 60] < 0.1  # the table
    assert 0.05 < cup.mask.mean() < 0.5


def test_nothing_stands_out_of_one_texture(vision: Vision) -> None:
    noise = np.random.default_rng(0).integers(60, 200, (300, 400, 3), np.uint8)
    assert salient(vision, noise) is None
    assert salient(vision, np.full((300, 400, 3), 77, np.uint8)) is None


def test_a_tap_takes_the_thing_under_it(vision: Vision, coffee: Pixels) -> None:
    saucer = at(vision, coffee, (0.25, 0.75))
    assert saucer is not None
    assert saucer.mask[300, 150] > 0.9
    assert saucer.mask[180, 290] < 0.1  # not the coffee
    assert saucer.mask[30, 560] < 0.1


def test_a_box_takes_what_is_in_it(vision: Vision, coffee: Pixels) -> None:
    cup = at(vision, coffee, (0.25, 0.02, 0.7, 0.85))
    assert cup is not None
    assert cup.mask[160, 290] > 0.9
    outside = cup.mask.copy()
    outside[:345, 145:425] = 0
    assert outside.max() < 0.5


def test_a_tap_on_a_person_is_that_person(vision: Vision, astronaut: Pixels) -> None:
    scene = finish(vision.look(astronaut))
    assert at(vision, astronaut, (0.4, 0.7), scene) is scene.persons[0]
    beside = at(vision, astronaut, (0.1, 0.4), scene)
    assert beside is None or beside.label == "thing"


def test_a_matte_is_worked_out_when_it_is_needed(vision: Vision, astronaut: Pixels) -> None:
    scene = finish(vision.look(astronaut))
    assert scene.persons[0].matte is None
    one = with_matte(astronaut, scene, 0)
    assert one.matte is not None
    assert one.matte.shape == one.mask.shape
    assert one.matte[330, 200] > 0.95
    assert one.matte[60, 40] == 0
    assert ((one.matte > 0.05) & (one.matte < 0.95)).any()  # hair is neither
