"""A shifted, zoomed and beautified answer is brought back to half a pixel; what shows something else is not believed."""

import cv2
import numpy as np
import pytest

from pipeline.editors.registration import register
from pipeline.engine import Pixels
from tests.pipeline.editors.pictures import beautified, moved, photo

SIDE = 1024
GIVEN = photo(SIDE, SIDE, 3)


def edited(picture: Pixels, seed: int = 0) -> tuple[Pixels, np.ndarray]:
    """The picture with something else in a ninth of it, and where that is."""
    height, width = picture.shape[:2]
    y, x = height // 3, width // 4
    new = picture.copy()
    new[y : y + height // 3, x : x + width // 3] = photo(height // 3, width // 3, 100 + seed)
    where = np.zeros((height, width), bool)
    where[y : y + height // 3, x : x + width // 3] = True
    return new, where


def farthest(found: np.ndarray, truth: np.ndarray, side: int = SIDE) -> float:
    """Pixels by which the worst corner is off."""
    corners = np.array([[0, 0, 1], [side - 1, 0, 1], [0, side - 1, 1], [side - 1, side - 1, 1]], np.float64)
    return float(np.hypot(*(corners @ (found - truth).T.astype(np.float64)).T).max())


@pytest.mark.parametrize(
    ("dx", "dy", "zoom"), [(12, -12, 1.02), (-12, 12, 0.98), (-12, -12, 1.02), (7.3, 4.6, 1.01), (0, 0, 1)]
)
def test_an_answer_off_by_12_pixels_and_2_percent_is_registered_to_half_a_pixel(
    dx: float, dy: float, zoom: float
) -> None:
    new, where = edited(GIVEN)
    answer, truth = moved(new, dx, dy, zoom)
    found = register(beautified(answer).astype(np.float32), GIVEN.astype(np.float32))
    assert farthest(found.matrix, truth) <= 0.5
    assert found.likeness > 0.9
    assert found.zoom == pytest.approx(1 / zoom, abs=0.002)
    inside = found.seen & ~where
    inside[:20] = inside[-20:] = inside[:, :20] = inside[:, -20:] = False
    # the colours, too; what is left is the softness and the noise
    before = np.abs(beautified(answer).astype(np.float32) - GIVEN).mean(2)[inside].mean()
    after = np.abs(found.picture - GIVEN).mean(2)[inside].mean()
    assert after < 4.0
    assert after < before / 2


def test_where_the_edit_may_be_is_not_looked_at() -> None:
    new, where = edited(GIVEN)
    answer, truth = moved(new, 10, -8, 1.015)
    found = register(answer.astype(np.float32), GIVEN.astype(np.float32), where)
    assert farthest(found.matrix, truth) <= 0.3


def test_an_answer_of_another_size_is_scaled_first() -> None:
    small = cv2.resize(HALF, (384, 384), interpolation=cv2.INTER_AREA).astype(np.float32)
    found = register(small, HALF.astype(np.float32))
    assert farthest(found.matrix, np.eye(2, 3), SIDE // 2) <= 0.5
    wide = cv2.resize(HALF, (700, 512)).astype(np.float32)  # another shape: its middle is taken
    assert register(wide, HALF.astype(np.float32)).picture.shape == HALF.shape


HALF = photo(SIDE // 2, SIDE // 2, 3)
OTHERS = {
    "another photo": photo(SIDE // 2, SIDE // 2, 77),
    "noise": np.random.default_rng(0).integers(0, 255, HALF.shape, dtype=np.uint8),
    "mirrored": np.ascontiguousarray(HALF[:, ::-1]),
    "upside down": np.ascontiguousarray(HALF[::-1]),
    "gray": np.full_like(HALF, 128),
    "shifted by a third": np.roll(HALF, SIDE // 6, 1),
    "zoomed by a half": moved(HALF, 0, 0, 1.5)[0],
}


@pytest.mark.parametrize("case", sorted(OTHERS))
def test_another_picture_is_not_believed(case: str) -> None:
    found = register(OTHERS[case].astype(np.float32), HALF.astype(np.float32), stays=0.5)
    assert found.likeness < 0.45


def test_half_of_the_picture_may_be_new() -> None:
    new = GIVEN.copy()
    new[:, : SIDE // 2] = photo(SIDE, SIDE // 2, 55)
    answer, truth = moved(new, 6, -5, 1.01)
    found = register(beautified(answer).astype(np.float32), GIVEN.astype(np.float32), stays=0.5)
    assert found.likeness > 0.8
    right = np.array([[SIDE * 0.75, 100, 1], [SIDE * 0.75, 900, 1]])
    assert np.abs(right @ (found.matrix - truth).T).max() <= 0.5
