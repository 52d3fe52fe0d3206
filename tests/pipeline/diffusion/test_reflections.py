"""Images on water and in a mirror are found where the world's painter put them, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from miniature import draw, wording
from miniature.draw import SIZE
from miniature.scenes import Scene, Thing
from pipeline.diffusion.foreground import besides, cut_out
from pipeline.diffusion.rearrange import Going, set_down
from pipeline.diffusion.reflections import Image, echoed, images, on_water
from pipeline.diffusion.vocabulary import Seen, parse
from pipeline.diffusion.vocabulary import Thing as SeenThing
from pipeline.imaging.composite import Floats

WORLD = parse(wording.world())
LAKE = Scene("lake", "photo", (Thing("dog", "red", position="left", x=0.25, foot=0.7, height=0.4),), 5)
ROOM = Scene("room", "photo", (Thing("dog", "red", position="left", x=0.25, foot=0.9, height=0.5),), 5, mirror="right")


def seen_in(scene: Scene, lower: float = 0.0) -> tuple[Seen, Floats]:
    """What a look finds, the thing's box so much too low, and the thing's own shape (H, W)."""
    ys, xs = np.nonzero(draw.mask(scene, 0))
    box = xs.min() / SIZE, ys.min() / SIZE, (xs.max() + 1) / SIZE, (ys.max() + 1) / SIZE + lower
    around = ("mirror",) if scene.mirror else ()
    seen = Seen(scene.setting, "photo", (SeenThing("dog", {"color": "red"}, "left", box),), "", around=around)
    return seen, besides(draw.paint(scene), (), *cut_out(draw.paint(scene), seen.things[:1]))[1]


def true_images(scene: Scene) -> np.ndarray:
    return draw.mask(scene, 0, reflected=True) & ~draw.mask(scene, 0)


def overlap(found: np.ndarray, true: np.ndarray) -> float:
    """Intersection over union."""
    return float((found & true).sum() / (found | true).sum())


@pytest.mark.parametrize(("scene", "lower"), [(LAKE, 0.0), (LAKE, 0.1), (ROOM, 0.0)])
def test_the_image_is_found(scene: Scene, lower: float) -> None:
    seen, shape = seen_in(scene, lower)
    (image,) = images(draw.paint(scene), seen, 0, shape, WORLD)
    assert image.upside == (scene is LAKE)
    both = echoed(shape, seen.things[0].box, [image]) > 0.5
    assert overlap(both & ~draw.mask(scene, 0), true_images(scene)) > 0.6
    assert (both >= (shape > 0.5)).all()


def test_a_large_photo_has_its_image_at_the_same_place() -> None:
    """As shares of the photo, and without looking at every one of its pixels."""
    seen, shape = seen_in(LAKE)
    large = np.ascontiguousarray(np.kron(draw.paint(LAKE), np.ones((6, 6, 1), np.uint8)))
    (small_image,) = images(draw.paint(LAKE), seen, 0, shape, WORLD)
    (large_image,) = images(large, seen, 0, np.kron(shape, np.ones((6, 6), np.float32)), WORLD)
    assert large_image.box == pytest.approx(small_image.box, abs=0.02)


def test_on_dry_ground_there_is_none() -> None:
    seen, shape = seen_in(replace(LAKE, setting="grass"))
    assert images(draw.paint(LAKE), seen, 0, shape, WORLD) == ()


def test_who_is_cut_off_below_has_none() -> None:
    thing = replace(LAKE.things[0], foot=1.2, height=0.9)
    seen, _ = seen_in(replace(LAKE, things=(thing,)))
    assert on_water(draw.paint(replace(LAKE, things=(thing,))), seen, 0, WORLD) == ()


def test_a_mirror_that_shows_somebody_else_shows_no_image() -> None:
    """The reader says that there is a mirror; what it shows is nothing like the thing."""
    seen, shape = seen_in(ROOM)
    empty = draw.paint(replace(ROOM, mirror=""))
    assert images(empty, seen, 0, shape, WORLD) == ()


def test_the_image_goes_where_the_thing_goes() -> None:
    seen, _ = seen_in(LAKE)
    photo, empty = draw.paint(LAKE), draw.paint(replace(LAKE, things=()))
    doubles = {0: on_water(photo, seen, 0, WORLD)}
    image, where = set_down(photo, empty, cut_out(photo, seen.things), (Going(0, 0.75),), doubles)
    moved = np.roll(true_images(LAKE), SIZE // 2, 1)
    assert (where[moved] > 0.5).mean() > 0.8
    truth = draw.paint(replace(LAKE, things=(replace(LAKE.things[0], x=0.75),)))
    below = slice(round(0.72 * SIZE), SIZE)
    off = np.abs(image[below].astype(int) - truth[below])
    assert off[moved[below]].mean() < 12
    alone, _ = set_down(photo, empty, cut_out(photo, seen.things), (Going(0, 0.75),), {})
    assert np.abs(alone[below].astype(int) - truth[below])[moved[below]].mean() > 20


def test_an_image_beyond_the_photo_is_cut_off() -> None:
    shape = np.zeros((100, 100), np.float32)
    shape[40:80, 20:40] = 1
    both = echoed(shape, (0.2, 0.4, 0.4, 0.8), [Image((0.2, 0.8, 0.4, 1.0), True)])
    assert both[80:100, 20:40].all()
    assert both.sum() == shape.sum() + 20 * 20
