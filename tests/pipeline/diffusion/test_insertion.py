"""Who comes in is drawn alone: as large as the neighbours say, on their ground, and nothing else of the photo changes."""

import numpy as np
import pytest

from miniature import wording
from pipeline.diffusion import insertion
from pipeline.diffusion.insertion import Place
from pipeline.diffusion.vocabulary import Seen, Thing, parse
from storage.plans import Step
from tests.pipeline.diffusion.asking import natural

WORLD = parse(wording.world())
GIRL = Thing("girl", {"hair": "long", "hair_color": "black", "color": "red"}, "left", (0.1, 0.2, 0.4, 0.9))
CAT = Thing("cat", {"color": "blue"})


def test_nobody_is_set_in_where_things_are_seen_twice() -> None:
    """A reflection has to be drawn; a bust says nothing of anybody's size."""
    assert insertion.arrives(Seen("beach", "photo", (), ""), CAT, None, WORLD)
    assert not insertion.arrives(Seen("lake", "photo", (), ""), CAT, None, WORLD)
    assert not insertion.arrives(Seen("room", "photo", (), "", around=("mirror",)), CAT, None, WORLD)
    bust = Thing("girl", {"distance": "up close"}, box=(0.1, 0.1, 0.9, 0.95))
    assert not insertion.arrives(Seen("beach", "photo", (bust,), ""), CAT, bust, WORLD)
    assert not insertion.arrives(Seen("beach", "photo", (), ""), Thing("dragon"), None, WORLD)
    assert not insertion.arrives(Seen("beach", "photo", (), ""), None, None, WORLD)


def test_a_newcomer_is_drawn_in_the_photo_s_style_and_in_several_settings() -> None:
    told = insertion.alone(Seen("night", "comic", (GIRL,), ""), CAT, WORLD)
    assert told[0] == "a comic of a blue cat in the night city"
    assert len(told) == len(set(told)) == insertion.PICTURES
    assert all(one.startswith("a comic of a blue cat ") for one in told)
    assert not any("lake" in one for one in told)


def test_a_newcomer_is_as_tall_as_its_kind_beside_the_others() -> None:
    """A cat beside a girl, a cat in place of a girl, a cat by itself, and one beside somebody cut off by the photo."""
    girl, cat = WORLD.heights["girl"], WORLD.heights["cat"]
    room = (0.54, 0.1, 1.0, 1.0)
    assert insertion.place_for(CAT, None, [GIRL], room, WORLD, 1.0).height == pytest.approx(0.7 / girl * cat)
    assert insertion.place_for(CAT, GIRL, [], room, WORLD, 1.0).height == pytest.approx(0.7 / girl * cat)
    assert insertion.place_for(CAT, None, [], room, WORLD, 0.5).height == pytest.approx(0.5 * cat)
    cut = Thing("girl", box=(0.1, 0.2, 0.4, 1.0))
    assert insertion.place_for(CAT, None, [cut], room, WORLD, 1.0).height == pytest.approx(cat)


def test_a_newcomer_stands_on_its_neighbours_ground_in_the_gap_between_them() -> None:
    right = Thing("boy", box=(0.7, 0.2, 0.95, 0.94))
    place = insertion.place_for(CAT, None, [GIRL, right], (0.3, 0.1, 0.75, 1.0), WORLD, 1.0)
    assert place.gap == (0.4, 0.7)
    assert place.foot == pytest.approx(0.92)
    assert insertion.place_for(CAT, GIRL, [right], (0, 0, 1, 1), WORLD, 1.0).foot == GIRL.box[3]


def figure() -> tuple[np.ndarray, np.ndarray]:
    """A red thing on white, and its shape."""
    picture, shape = np.full((64, 64, 3), 255, np.uint8), np.zeros((64, 64), np.float32)
    shape[16:56, 20:44] = 1
    picture[shape > 0] = (220, 20, 20)
    return picture, shape


def test_a_figure_is_set_in_where_it_shall_be_and_nothing_else_changes() -> None:
    photo = np.full((120, 200, 3), (40, 160, 60), np.uint8)
    place = Place(0.75, (0.5, 0.99), 0.9, 0.5, 0.9)
    image, there = insertion.set_in(photo, *figure(), place, np.zeros((120, 200), np.float32))
    assert (image[there == 0] == photo[there == 0]).all()
    rows, columns = np.nonzero(there > 0.5)
    assert abs(rows.max() + 1 - 108) <= 2
    assert abs(rows.max() + 1 - rows.min() - 60) <= 3
    assert abs((columns.min() + columns.max() + 1) / 2 - 150) <= 2
    inside = image[there > 0.99].astype(int)
    assert abs(inside - (220, 20, 20)).max() <= 12, "the white around it does not shine through"


@pytest.mark.parametrize("place", [Place(0.0, (0.01, 0.99), 0.9, 0.5, 0.9), Place(0.9, (0.01, 0.99), 0.9, 3.0, 0.4)])
def test_a_figure_stays_within_the_photo_and_its_width(place: Place) -> None:
    photo = np.zeros((120, 200, 3), np.uint8)
    _, there = insertion.set_in(photo, *figure(), place, np.zeros((120, 200), np.float32))
    columns = np.nonzero((there > 0.5).any(0))[0]
    assert columns.min() >= 1
    assert columns.max() <= 198
    assert columns.max() - columns.min() <= 0.41 * 200


def test_a_figure_stands_behind_others_unless_they_hide_it() -> None:
    photo = np.zeros((120, 200, 3), np.uint8)
    place = Place(0.5, (0.01, 0.99), 0.9, 0.5, 0.9)
    front = np.zeros((120, 200), np.float32)
    front[:, :95] = 1
    image, _ = insertion.set_in(photo, *figure(), place, front)
    assert not image[:, :95].any()
    assert image[:, 100:].any()
    front[:, :] = 1
    image, _ = insertion.set_in(photo, *figure(), place, front)
    assert image.any()


def test_only_whole_figures_are_taken() -> None:
    _, shape = figure()
    assert insertion.whole(shape, 1.0)
    assert not insertion.whole(shape, 0.1)
    shape[50:] = 1
    assert not insertion.whole(shape, 1.0)


def test_who_comes_in_has_its_own_colour_unless_one_is_said() -> None:
    """A dog in the place of a girl is not as red as her dress; a cat lends its colour."""
    dog = Thing("dog", {"color": "red"})
    order = Step("replace", "女孩", "狗")
    assert natural(dog, GIRL, order).color == "yellow"
    assert natural(dog, None, Step("insert", content="狗")).color == "yellow"
    assert natural(dog, CAT, Step("replace", "猫", "狗")).color == "red"
    assert natural(dog, GIRL, Step("replace", "女孩", "狗", color="red")).color == "red"
    assert natural(dog, GIRL, Step("replace", "女孩", "红色的狗")).color == "red"
    assert natural(Thing("boy", {"color": "red"}), GIRL, Step("replace", "女孩", "男孩")).color == "red"
    assert natural(Thing("chair", {"color": "red"}), GIRL, Step("replace", "女孩", "椅子")).color == "red"
