"""Where things go, and how their own pixels get there."""

import numpy as np
import pytest

from miniature import wording
from pipeline.diffusion.foreground import cut_out
from pipeline.diffusion.grounding import Ambiguous, PromptError
from pipeline.diffusion.rearrange import SLIGHTLY, Going, set_down, touching
from pipeline.diffusion.vocabulary import Seen, Thing, Vocabulary, parse
from storage.plans import Step
from tests.pipeline.diffusion.asking import goings

WORLD = parse(wording.world())
GROUND, RED, BLUE = (200, 180, 120), (220, 40, 40), (40, 60, 200)
CAT = Thing("cat", {"color": "red"}, "left", (0.1, 0.5, 0.32, 0.92))
BALL = Thing("ball", {"color": "blue"}, "right", (0.66, 0.62, 0.92, 0.92))


def seen(*things: Thing) -> Seen:
    return Seen("beach", "photo", things, "")


def where(step: Step, *things: Thing) -> list[tuple[int, float]]:
    return [(one.index, round(one.x or 0, 2)) for one in goings(step, seen(*things), WORLD, {}, None)[0]]


def scene(*blocks: tuple[Thing, tuple[int, int, int]]) -> np.ndarray:
    """Blocks of colour on even ground, a little smaller than their boxes."""
    image = np.full((128, 128, 3), GROUND, np.uint8)
    for thing, color in blocks:
        x0, y0, x1, y1 = (round(side * 128) for side in thing.box)
        image[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2] = color
    return image


def middle_of(image: np.ndarray, color: tuple[int, int, int]) -> float:
    """Where a colour stands from left to right."""
    return float(np.nonzero((abs(image.astype(int) - color).max(-1) < 30).any(0))[0].mean() / 128)


def test_a_thing_goes_to_a_place() -> None:
    assert where(Step("move", "猫", position="center"), CAT, BALL) == [(0, 0.5)]
    assert where(Step("move", "球", position="left"), BALL) == [(0, 0.23)]


def test_a_little_to_the_side_is_not_all_the_way() -> None:
    assert where(Step("move", "球", position="left", strength="slight"), BALL) == [(0, round(0.79 - SLIGHTLY, 2))]


def test_two_things_change_places() -> None:
    going, told = goings(Step("swap", "猫", "球"), seen(CAT, BALL), WORLD, {}, None)
    assert [(one.index, round(one.x or 0, 2)) for one in going] == [(0, 0.79), (1, 0.21)]
    assert told == "把左边红色的猫和右边蓝色的球换个位置"


@pytest.mark.parametrize(
    ("step", "things", "says"),
    [
        (Step("move", "猫"), (CAT, BALL), "左边"),
        (Step("move", "猫", position="left"), (CAT, BALL), "已经在那里"),
        (Step("move", "猫", position="right"), (CAT, BALL), "换个位置"),
        (Step("move", "猫", position="top"), (CAT,), "左边"),
        (Step("swap", "猫", "猫"), (CAT, BALL), "猫"),
        (Step("swap", "猫", "狗"), (CAT, BALL), "狗"),
    ],
)
def test_what_cannot_go_is_said(step: Step, things: tuple[Thing, ...], says: str) -> None:
    with pytest.raises(PromptError) as refused:
        goings(step, seen(*things), WORLD, {}, None)
    assert says in refused.value.sentence


def test_an_open_world_has_no_places() -> None:
    with pytest.raises(PromptError):
        goings(Step("move", "cat", position="left"), seen(CAT), Vocabulary(), {}, None)


def test_which_of_two_is_asked() -> None:
    with pytest.raises(Ambiguous):
        goings(
            Step("move", "猫", position="center"), seen(CAT, Thing("cat", {"color": "blue"}, "right")), WORLD, {}, None
        )


def test_two_of_a_kind_change_places() -> None:
    other = Thing("cat", {"color": "blue"}, "right", (0.6, 0.5, 0.9, 0.9))
    assert where(Step("move", "猫", "猫", position="right"), CAT, other) == [(1, 0.21), (0, 0.75)]


def test_pixels_change_places_and_nothing_else_does() -> None:
    photo, empty = scene((CAT, RED), (BALL, BLUE)), scene()
    image, mask = set_down(photo, empty, cut_out(photo, (CAT, BALL)), (Going(0, 0.79), Going(1, 0.21)), {})
    assert middle_of(image, RED) == pytest.approx(0.79, abs=0.02)
    assert middle_of(image, BLUE) == pytest.approx(0.21, abs=0.02)
    rows = [np.nonzero((abs(one.astype(int) - RED).max(-1) < 30).any(1))[0] for one in (photo, image)]
    assert abs(rows[0][[0, -1]] - rows[1][[0, -1]]).max() <= 1  # as tall as before, feet where they were
    assert (image[mask == 0] == empty[mask == 0]).all()


def test_what_touches_is_lifted_too_and_comes_back_where_it_was() -> None:
    near = Thing("ball", {"color": "blue"}, "middle", (0.3, 0.5, 0.55, 0.92))
    assert touching(seen(CAT, near, BALL), (Going(0, 0.9),)) == (Going(1, None),)
    photo = scene((CAT, RED), (near, BLUE))
    image, _ = set_down(photo, scene(), cut_out(photo, (CAT, near)), (Going(1, None), Going(0, 0.8)), {})
    assert middle_of(image, BLUE) == pytest.approx(middle_of(photo, BLUE), abs=0.02)
    assert middle_of(image, RED) == pytest.approx(0.8, abs=0.03)


def test_nothing_is_pushed_out_of_the_photo() -> None:
    image, _ = set_down(scene((CAT, RED)), scene(), cut_out(scene((CAT, RED)), (CAT,)), (Going(0, 0.02),), {})
    columns = np.nonzero((abs(image.astype(int) - RED).max(-1) < 30).any(0))[0]
    assert len(columns) == pytest.approx(0.22 * 128 - 4, abs=2)
    assert columns[0] >= 1
