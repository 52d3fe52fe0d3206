"""Where a newcomer stands, by geometry alone."""

import math

import pytest

from pipeline.compositing import placing
from pipeline.compositing.anatomy import head
from pipeline.compositing.stage import Place, Stage, Wish
from pipeline.compositing.stage import stage as staged
from tests.pipeline.compositing.scenes import HEIGHT, WIDTH, bust, person, scene


def stage(*people: object) -> Stage:
    shown = scene(*people)  # type: ignore[arg-type]
    heads = [found for one in shown.instances if (found := head(one, shown.size)) is not None]
    return staged(shown.size, heads, [one.mask for one in shown.instances], [None] * len(heads), False)


GROUP = (person(0.35), person(0.55), person(0.72))


def best(wish: Wish, reach: float = 8.0) -> Place:
    found = placing.places(stage(*GROUP), [bust(reach)], wish)
    assert found
    return found[0]


def test_left_is_left_of_everybody_and_right_is_right() -> None:
    assert best(Wish("left")).eyes[0] < 0.35 * WIDTH
    assert best(Wish("right")).eyes[0] > 0.72 * WIDTH


def test_center_is_between_two() -> None:
    assert 0.35 * WIDTH < best(Wish("center")).eyes[0] < 0.72 * WIDTH


def test_larger_and_smaller_than_the_neighbours() -> None:
    usual = best(Wish("left")).scale
    assert best(Wish("left", size=1.2)).scale > 1.1 * usual
    assert best(Wish("left", size=0.8)).scale < 0.9 * usual


def test_beside_is_next_to_whom_was_named() -> None:
    x = best(Wish("right", (2,))).eyes[0]
    assert 0.72 * WIDTH < x < 0.95 * WIDTH


def test_the_head_is_as_large_and_as_high_as_the_neighbours() -> None:
    place = best(Wish("left"))
    assert place.figure.head is not None
    neighbour = stage(*GROUP).heads[0]
    assert place.figure.head.size * place.scale == pytest.approx(neighbour.size, rel=0.08)
    assert abs(place.eyes[1] - neighbour.y) < 0.5 * neighbour.size


def test_behind_is_higher_than_those_before() -> None:
    place = best(Wish("behind"))
    assert place.eyes[1] < 0.3 * HEIGHT - 0.5 * 0.12 * HEIGHT


def test_a_bust_that_would_hang_in_the_air_is_lowered_trimmed_or_refused() -> None:
    """Where the frame of its own photo cut the body, nothing may be seen below it."""
    found = placing.places(stage(*GROUP), [bust(1.6)], Wish("left"))
    for place in found:
        end = place.y + place.figure.alpha.shape[0] * place.scale
        assert end >= HEIGHT - place.trim - 1
        assert place.trim <= placing.TRIM * HEIGHT + 1


def test_the_canvas_grows_only_where_there_is_no_room_and_not_far() -> None:
    roomy = placing.places(stage(person(0.6), person(0.8)), [bust(8.0)], Wish("left"))[0]
    assert roomy.grow == (0, 0, 0)
    tight = placing.places(stage(person(0.12), person(0.3)), [bust(8.0)], Wish("left"))[0]
    assert 0 < tight.grow[0] <= placing.GROW * WIDTH + 1


def test_no_place_hides_the_new_face() -> None:
    for place in placing.places(stage(*GROUP), [bust(8.0)], Wish()):
        for other in stage(*GROUP).heads:
            assert math.dist(place.eyes, (other.x, other.y)) > 0.9 * other.size


def test_a_small_child_at_the_edge_does_not_make_the_newcomer_small() -> None:
    shown = stage(person(0.3, size=0.14), person(0.5, size=0.14), person(0.75, y=0.7, size=0.09))
    place = placing.places(shown, [bust(8.0)], Wish("left"))[0]
    assert place.figure.head is not None
    assert place.figure.head.size * place.scale == pytest.approx(0.14 * HEIGHT, rel=0.1)


def test_places_are_distinct() -> None:
    found = placing.places(stage(*GROUP), [bust(8.0)], Wish())
    for number, one in enumerate(found):
        for other in found[:number]:
            assert math.dist(one.eyes, other.eyes) > 0.12 * HEIGHT


def test_a_photo_of_nobody_has_a_place() -> None:
    place = placing.places(stage(), [bust(3.0)], Wish("center"))[0]
    assert place.eyes[0] == pytest.approx(WIDTH / 2, abs=2)
    assert place.y + place.figure.alpha.shape[0] * place.scale == pytest.approx(HEIGHT, abs=1)
