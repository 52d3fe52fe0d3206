"""Whether an edit is to be seen, where it was asked for and nowhere else."""

import numpy as np
import pytest

from pipeline.engine import Edited, EditOrder, Pixels
from pipeline.imaging.adjust import ADJUSTMENTS, adjust
from pipeline.imaging.judging import ELSEWHERE, FAINT, judged, no_more
from pipeline.imaging.styles import STYLES, stylize
from storage.plans import Step
from tests.pipeline.imaging.truths import figure, ground, pasted


@pytest.fixture(scope="module")
def photo() -> Pixels:
    colours, alpha = figure(480)
    return pasted(colours, alpha, ground("stripes", 480, 480))


def doubt(
    photo: Pixels, image: Pixels, mask: np.ndarray | None = None, operation: str = "modify", **more: object
) -> object:
    order = EditOrder(photo, Step(operation), **more)  # type: ignore[arg-type]
    return judged(order, Edited(image, mask)).facts.get("doubt")


def test_nothing_and_next_to_nothing(photo: Pixels) -> None:
    assert doubt(photo, photo.copy()) == FAINT
    nearly = (photo.astype(int) + 1).clip(0, 255).astype(np.uint8)
    assert doubt(photo, nearly) == FAINT
    grain = np.random.default_rng(0).integers(-2, 3, photo.shape)
    assert doubt(photo, (photo + grain).clip(0, 255).astype(np.uint8)) == FAINT


@pytest.mark.parametrize("what", sorted(set(ADJUSTMENTS) - {"denoise"}))
def test_what_people_ask_for_in_a_word_is_seen(photo: Pixels, what: str) -> None:
    assert doubt(photo, adjust(photo, what), operation="adjust") is None


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_style_is_seen(photo: Pixels, style: str) -> None:
    assert doubt(photo, stylize(photo, style), operation="restyle") is None


def test_a_little_thing_is_seen_in_a_large_picture(photo: Pixels) -> None:
    """Words in a corner, a plate that is blurred: without a mask, too."""
    image = photo.copy()
    image[440:456, 400:430] = (250, 30, 30)
    assert doubt(photo, image) is None
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[440:456, 400:430] = 1
    assert doubt(photo, image, mask) is None


def test_a_new_colour_that_was_there_before_is_none(photo: Pixels) -> None:
    """A black cap that is taken for hair, and made black."""
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[100:200, 100:200] = 1
    black, blacker, red = photo.copy(), photo.copy(), photo.copy()
    black[100:200, 100:200], blacker[100:200, 100:200], red[100:200, 100:200] = (
        (30, 30, 30),
        (20, 20, 20),
        (200, 40, 40),
    )
    assert doubt(black, blacker, mask, "recolor") == FAINT
    assert doubt(black, red, mask, "recolor") is None


def test_what_strays_out_of_the_mask_is_the_photo_s_again(photo: Pixels) -> None:
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[100:200, 100:200] = 1
    image = 255 - photo
    done = judged(EditOrder(photo, Step("modify")), Edited(image, mask))
    assert (done.image[mask == 0] == photo[mask == 0]).all()
    assert (done.image[mask == 1] == image[mask == 1]).all()
    assert done.facts["restored"] == int((image != photo).any(2)[mask == 0].sum())


def test_what_was_tapped_must_change(photo: Pixels) -> None:
    image = photo.copy()
    image[100:200, 100:200] = 255 - image[100:200, 100:200]
    here, there = (150 / 480, 150 / 480), (400 / 480, 400 / 480)
    assert doubt(photo, image, operation="recolor", points=(here,)) is None
    assert doubt(photo, image, operation="recolor", points=(there,)) == ELSEWHERE
    assert doubt(photo, image, operation="recolor", points=(there, here)) is None
    assert doubt(photo, image, operation="background", points=(there,)) is None  # whoever was tapped stays


def test_a_face_is_covered_wherever_its_owner_was_tapped(photo: Pixels) -> None:
    image = photo.copy()
    image[:20, :20] = 255 - image[:20, :20]
    assert doubt(photo, image, operation="mosaic", points=((0.9, 0.9),)) is None
    assert doubt(photo, image, operation="recolor", points=((0.9, 0.9),)) == ELSEWHERE


def test_another_shape_is_another_picture(photo: Pixels) -> None:
    assert doubt(photo, photo[:200]) is None


def test_more_is_more_or_it_is_said(photo: Pixels) -> None:
    for what in ("brighter", "warmer", "vivid"):
        assert not no_more(photo, adjust(photo, what), adjust(photo, what, 1.4)), what
    gray = stylize(photo, "grayscale")
    assert no_more(photo, gray, stylize(photo, "grayscale", 1.4))
    grain = np.random.default_rng(0).integers(-1, 2, photo.shape)
    assert no_more(photo, gray, (gray + grain).clip(0, 255).astype(np.uint8))  # as what is painted anew differs
    assert not no_more(photo, gray, gray[:200])
