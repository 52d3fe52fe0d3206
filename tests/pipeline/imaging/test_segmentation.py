"""Things of the drawn world are cut out along their true outline."""

import numpy as np
import pytest

from miniature import draw, sampling
from pipeline.imaging.segmentation import cutout, tight_box


def box_of(mask: np.ndarray) -> tuple[float, float, float, float]:
    """The box of a true mask, a little too large, as a look would give it."""
    rows, columns = np.nonzero(mask)
    size = mask.shape[0]
    return columns.min() / size - 0.03, rows.min() / size - 0.03, columns.max() / size + 0.03, rows.max() / size + 0.03


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union."""
    return float(((found > 0.5) & truth).sum() / ((found > 0.5) | truth).sum())


def test_things_are_cut_out() -> None:
    """Twelve photos: three quarters of the mask right on average, none lost."""
    shared = []
    for seed in range(12):
        scene = sampling.sample([31, seed], style="photo")
        truth = draw.mask(scene, 0)
        shared.append(overlap(cutout(draw.paint(scene), box_of(truth)), truth))
    assert np.mean(shared) > 0.75
    assert min(shared) > 0.3


def test_heat_tells_the_thing_from_its_neighbour() -> None:
    """With a box over both, attention decides."""
    image = np.full((90, 140, 3), 220, np.uint8)
    image[30:60, 20:50], image[30:60, 90:120] = (200, 30, 30), (30, 30, 200)
    heat = np.zeros((9, 14), np.float32)
    heat[3:6, 9:12] = 1
    mask = cutout(image, (0.05, 0.2, 0.95, 0.8), heat)
    assert mask[45, 105] > 0.9
    assert mask[45, 35] < 0.1
    assert mask[5, 5] == 0


@pytest.mark.parametrize(
    "box", [(0.2, 0.2, 0.8, 0.8), (0.0, 0.0, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (-1.0, -1.0, 2.0, 2.0)]
)
def test_a_plain_picture_gives_a_mask_all_the_same(box: tuple[float, float, float, float]) -> None:
    """Nothing to tell apart, odd boxes: still a mask inside the picture."""
    mask = cutout(np.full((61, 47, 3), 128, np.uint8), box)
    assert mask.shape == (61, 47)
    assert mask.max() > 0.5
    assert 0 <= tight_box(mask)[0] < tight_box(mask)[2] <= 1


def test_an_empty_mask_has_the_whole_picture_for_a_box() -> None:
    """So that nothing is divided by zero."""
    assert tight_box(np.zeros((5, 5), np.float32)) == (0.0, 0.0, 1.0, 1.0)
