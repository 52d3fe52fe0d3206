"""What CLIP learns from: crops as the judge will cut them, and wrong captions that are really wrong."""

import numpy as np

from miniature.judge import SIDE, changed, changed_scene, crop
from miniature.sampling import sample
from miniature.scenes import COLORS, KINDS, Scene, Thing


def test_a_crop_is_the_square_about_a_box() -> None:
    """A box of half the width and a quarter of the height: a square of half the width about its middle."""
    picture = np.zeros((128, 128, 3), np.uint8)
    picture[32:96, 32:96] = 200
    view = crop(picture, (0.25, 0.375, 0.75, 0.625))
    assert view.shape == (SIDE, SIDE, 3)
    assert (view[2:-2, 2:-2] == 200).all()


def test_beyond_the_border_the_edge_is_repeated() -> None:
    """No black bars."""
    picture = np.full((128, 128, 3), 90, np.uint8)
    assert (crop(picture, (-0.5, -0.2, 0.3, 0.6)) == 90).all()


def test_hard_negatives_differ_in_words() -> None:
    """A thing, or a scene, with one thing changed has another caption, else it would be no wrong answer."""
    rng = np.random.default_rng(0)
    for seed in range(300):
        scene = sample([31, seed], count=1 + seed % 2, names=seed % 3 == 0)
        assert changed_scene(scene, rng).caption() != scene.caption()
        thing = scene.things[0]
        assert changed(thing, rng).phrase() != thing.phrase()


def test_hard_negatives_change_every_kind_of_word() -> None:
    """Kind and colour, and for people hair, hats and patterns."""
    rng = np.random.default_rng(0)
    girl = Thing("girl", "red", hair="long", hair_color="black")
    others = [changed(girl, rng) for _ in range(1500)]
    assert {other.kind for other in others} == set(KINDS)
    assert {other.color for other in others if other.kind == "girl"} == set(COLORS)
    assert {other.accessory for other in others} >= {"", "glasses", "hat"}
    assert {other.pattern for other in others} >= {"", "striped"}


def test_an_empty_scene_gets_another_setting() -> None:
    """There is nothing else to change."""
    empty = Scene("beach", "photo", ())
    assert changed_scene(empty, np.random.default_rng(0)).setting != "beach"
