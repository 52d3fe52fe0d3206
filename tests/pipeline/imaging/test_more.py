"""再明显一点 is seen beside the picture before it, and several pictures to choose from can be told apart."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from bot import samples
from bot.history import MORE
from pipeline.compositing.strength import CANDIDATES, amount, readings, tunable
from pipeline.engine import EditOrder
from pipeline.imaging import Pixels
from pipeline.imaging.adjust import ADJUSTMENTS, adjust
from pipeline.imaging.color import recolor
from pipeline.imaging.judging import alike, difference, no_more
from pipeline.imaging.styles import STYLES, stylize
from storage.plans import Step

SEEN = 1.0  # mean CIELAB distance of two pictures side by side
DETAIL = ("sharper", "denoise")  # what changes edges and grain alone has a small mean
WAYS: dict[str, Callable[[Pixels, float], Pixels]] = {
    **{what: lambda photo, by, what=what: adjust(photo, what, by) for what in ADJUSTMENTS},  # type: ignore[misc]
    **{style: lambda photo, by, style=style: stylize(photo, style, by) for style in STYLES},  # type: ignore[misc]
    "red": lambda photo, by: recolor(photo, np.ones(photo.shape[:2], np.float32), (200, 30, 40), by),
}


@pytest.fixture(scope="module")
def photo() -> Pixels:
    with Image.open(samples.FOLDER / "photos" / "temple.jpg") as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("what", WAYS)
def test_more_of_it_is_seen(what: str, photo: Pixels) -> None:
    said = Step("adjust", strength="slight" if what in ADJUSTMENTS else "normal")  # 调亮一点; 改成胶片
    first, second = (WAYS[what](photo, amount(EditOrder(photo, said, amount=by))) for by in (1.0, MORE))
    assert not no_more(photo, first, second)
    assert what in DETAIL or float(difference(first, second).mean()) > SEEN


@pytest.mark.parametrize("what", [what for what in WAYS if what != "denoise"])  # there is no noise in this photo
def test_the_four_to_choose_from_can_be_told_apart(what: str, photo: Pixels) -> None:
    made = [WAYS[what](photo, amount(EditOrder(photo, Step("adjust"), seed=seed))) for seed in range(4)]
    different = [one for number, one in enumerate(made) if not any(alike(one, other) for other in made[:number])]
    assert len(different) >= 3


def test_how_many_pictures_an_order_has(photo: Pixels) -> None:
    assert readings(EditOrder(photo, Step("adjust", content="brighter"))) == len(CANDIDATES) == len(set(CANDIDATES))
    assert readings(EditOrder(photo, Step("crop", content="square"))) == 1
    assert readings(EditOrder(photo, Step("background", color="white"))) == 1
    assert readings(EditOrder(photo, Step("insert", concept="小明", position="left"))) is None


def test_what_there_can_be_more_or_less_of(photo: Pixels) -> None:
    for step in (
        Step("adjust", content="brighter"),
        Step("background", content="虚化"),
        Step("recolor", "衣服", color="red"),
    ):
        assert tunable(EditOrder(photo, step)) == "strength"
    assert tunable(EditOrder(photo, Step("insert", concept="小明"))) == "size"
    for step in (Step("remove", "路人"), Step("background", color="white")):
        assert tunable(EditOrder(photo, step)) == ""
