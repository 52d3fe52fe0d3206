"""The painter's opinion: right on true pictures, and not talked into anything by wrong ones."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from evaluation import painter
from evaluation.attempt import as_tensor
from evaluation.cases import case_of
from evaluation.judge import square, subjects
from miniature import draw
from miniature.sampling import sample
from miniature.scenes import COLORS, EXPRESSIONS, PEOPLE, fitted

SCENES = [sample((5001, i), count=1 + i % 2, style="photo", near=False, plain=True) for i in range(12)]


def test_pixels_come_back_from_tensors() -> None:
    """What the benchmark hands on is the picture that was drawn."""
    image = draw.paint(SCENES[0])
    assert np.array_equal(painter.pixels(as_tensor(image)), image)


def test_colours_by_the_pixels_that_carry_them() -> None:
    """Of every thing, also a little moved and blurred; a recoloured thing has its new colour."""
    for i, scene in enumerate(SCENES):
        index = i % len(scene.things)
        color = COLORS[i % len(COLORS)]
        image = draw.paint(scene.recolor(index, color))
        assert painter.color(scene, index, image) == color
        soft = torch.nn.functional.avg_pool2d(as_tensor(np.roll(image, 2, axis=1)), 3, 1, 1)
        assert painter.color(scene, index, painter.pixels(soft)) == color


def test_kinds_by_their_outlines() -> None:
    """Nine of ten at least, without looking at the colour."""
    right = [painter.kind(draw.paint(scene), square(draw.mask(scene, 0))) == scene.things[0].kind for scene in SCENES]
    gray = [np.repeat(draw.paint(scene).mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8) for scene in SCENES]
    still = [
        painter.kind(g, square(draw.mask(scene, 0))) == scene.things[0].kind
        for g, scene in zip(gray, SCENES, strict=True)
    ]
    assert sum(right) >= 11
    assert sum(still) >= 10


def test_things_are_found_where_a_caption_lets_them_be() -> None:
    """The same words, another place and size: both kinds are right again, and the place is nearer than the one told."""
    right, nearer = 0, 0
    for i, scene in enumerate(SCENES):
        rng = np.random.default_rng(i)
        foot = float(rng.uniform(0.66, 0.86)) if scene.setting == "lake" else None
        elsewhere = replace(
            scene, things=tuple(fitted(t, t.position, len(scene.things), rng, foot) for t in scene.things)
        )
        image, truth = draw.paint(elsewhere), elsewhere.things[0]
        found = painter.find(scene, 0, image)
        right += painter.kind(image, painter.box(scene, 0, found)) == truth.kind
        off = [abs(t.x - truth.x) + abs(t.foot - truth.foot) for t in (found.things[0], scene.things[0])]
        nearer += off[0] <= off[1]
    assert right >= 11
    assert nearer >= 9


def test_settings_by_the_whole_picture() -> None:
    """Whatever stands in front."""
    assert sum(painter.setting(draw.paint(scene)) == scene.setting for scene in SCENES) >= 11


def test_faces_by_the_pixels_that_make_them() -> None:
    """Of close-ups, also a little moved and blurred."""
    for i, face in enumerate(EXPRESSIONS):
        scene = sample((5003, i), count=1, style="photo", kinds=PEOPLE, near=True).express(0, face)
        assert painter.expression(scene, 0, draw.paint(scene)) == face
        soft = torch.nn.functional.avg_pool2d(as_tensor(np.roll(draw.paint(scene), 2, axis=0)), 3, 1, 1)
        assert painter.expression(scene, 0, painter.pixels(soft)) == face


@pytest.mark.parametrize("number", [0, 6])
def test_characters_by_their_parameters(number: int) -> None:
    """Recognised among thirty, also moved, resized and mirrored; somebody else in their place is somebody else."""
    case = case_of("concept", 1000, number)
    thing = case.after.things[0]
    stands = replace(thing, x=thing.x + 0.02, height=0.95 * thing.height, mirrored=not thing.mirrored)
    assert painter.character(case.after, 0, draw.paint(replace(case.after, things=(stands,)))) == case.character
    name, somebody = list(subjects().items())[12 + number]
    else_ = case.after.replace(0, replace(somebody, name=""))
    assert painter.character(case.after, 0, draw.paint(else_)) == name
