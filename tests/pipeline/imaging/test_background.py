"""Backgrounds and document photos."""

import cv2
import numpy as np
import pytest

from pipeline.imaging.background import SKIES, blurred, colourless, covering, place, plain, sky
from pipeline.imaging.id_photo import GROUNDS, SIZES, NoRoom, id_photo
from tests.pipeline.imaging.truths import FACE, figure, ground, pasted


@pytest.fixture(scope="module")
def person() -> tuple[np.ndarray, np.ndarray]:
    colours, alpha = figure(480)
    return pasted(colours, alpha, ground("stripes", 480, 480)), alpha


def test_the_person_stays_bit_for_bit_and_the_ground_is_the_colour(person: tuple[np.ndarray, np.ndarray]) -> None:
    photo, alpha = person
    out = plain(photo, alpha, (255, 255, 255))
    assert (out[alpha == 1] == photo[alpha == 1]).all()
    assert (out[alpha == 0] == 255).all()
    for changed in (blurred(photo, alpha), colourless(photo, alpha)):
        assert (changed[alpha == 1] == photo[alpha == 1]).all()
    gray = colourless(photo, alpha)[alpha == 0]
    assert (gray == gray[:, :1]).all()


def test_a_blur_is_a_blur_and_takes_no_colour_from_the_person(person: tuple[np.ndarray, np.ndarray]) -> None:
    photo, alpha = person
    out = blurred(photo, alpha)
    far = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((31, 31), np.uint8)) == 0
    assert out[far].std() < 0.75 * photo[far].std()
    beside = (cv2.dilate((alpha > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & (alpha == 0)
    beside[:260] = False  # the body's sides: blue cloth before brown and blue stripes
    assert np.abs(out[beside].mean(0) - photo[far].mean(0)).max() < 25


def test_a_second_photo_covers_and_moves_the_light_a_little(person: tuple[np.ndarray, np.ndarray]) -> None:
    photo, alpha = person
    other = ground("bricks", 200, 500)
    out = place(photo, alpha, other)
    assert out.shape == photo.shape
    moved = np.abs(out[alpha == 1].astype(int) - photo[alpha == 1]).mean()
    assert 0 < moved < 20
    assert covering(other, 480, 480).shape == (480, 480, 3)


@pytest.mark.parametrize("kind", list(SKIES))
def test_skies_are_smooth_gradients(kind: str) -> None:
    out = sky(120, 200, kind)
    assert out.shape == (120, 200, 3)
    rows = out.reshape(120, -1, 3).mean(1)
    assert np.abs(np.diff(rows, axis=0)).max() < 14


@pytest.mark.parametrize("name", list(SIZES))
def test_a_document_s_photo_has_its_size_its_ground_and_the_head_in_the_middle(
    name: str, person: tuple[np.ndarray, np.ndarray]
) -> None:
    photo, alpha = person
    size = SIZES[name]
    out = id_photo(photo, alpha, FACE, size, GROUNDS["blue"])
    assert out.shape == (size.height, size.width, 3)
    assert np.abs(out[2, 2].astype(int) - GROUNDS["blue"]).max() <= 1
    skin = (out[..., 0] > 180) & (out[..., 2] < 180) & (out[..., 1] > 130)
    assert abs(np.flatnonzero(skin.any(0)).mean() - size.width / 2) < 0.04 * size.width
    person_rows = np.flatnonzero((np.abs(out.astype(int) - GROUNDS["blue"]).sum(2) > 60)[:, size.width // 2])
    assert abs(person_rows[0] / size.height - size.above) < 0.05


def test_a_head_cut_by_the_border_is_refused(person: tuple[np.ndarray, np.ndarray]) -> None:
    photo, alpha = person
    low = slice(0, 260)
    face = FACE[0], FACE[1] * 480 / 260, FACE[2], FACE[3] * 480 / 260
    with pytest.raises(NoRoom) as refused:
        id_photo(np.ascontiguousarray(photo[low]), np.ascontiguousarray(alpha[low]), face, SIZES["one_inch"])
    assert "bottom" in refused.value.sides
