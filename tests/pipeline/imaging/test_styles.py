"""Every style at every size, faces kept, amounts obeyed; what makes a style is seen in docs/styles.jpg."""

import cv2
import numpy as np
import pytest

from pipeline.imaging.color import lab
from pipeline.imaging.style_net import NoNetworks, StyleNet, packaged
from pipeline.imaging.styles import STYLES, stylize
from tests.pipeline.imaging.truths import FACE, figure, ground, pasted


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    colours, alpha = figure(400)
    photo = pasted(colours, alpha, ground("slope", 400, 400))
    for x in (180, 220):  # eyes
        cv2.circle(photo, (x, 150), 7, (245, 245, 245), -1)
        cv2.circle(photo, (x, 150), 4, (30, 20, 20), -1)
    cv2.ellipse(photo, (200, 188), (14, 5), 0, 0, 360, (150, 50, 60), -1)
    return photo


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    part = slice(130, 205), slice(160, 240)
    return float(np.corrcoef(lab(first)[part][..., 0].ravel(), lab(second)[part][..., 0].ravel())[0, 1])


@pytest.mark.parametrize("style", list(STYLES))
def test_a_style_changes_the_photo_and_keeps_the_face(style: str, portrait: np.ndarray) -> None:
    given = portrait.copy()
    out = stylize(portrait, style, 1.0, [FACE])
    assert (portrait == given).all()
    assert out.shape == portrait.shape
    assert out.dtype == np.uint8
    assert np.abs(out.astype(int) - portrait).mean() > 4
    assert likeness(out, portrait) > 0.55
    assert (stylize(portrait, style, 1.0, [FACE]) == out).all()


@pytest.mark.parametrize("style", list(STYLES))
def test_less_of_a_style_is_nearer_to_the_photo_and_nothing_is_the_photo(style: str, portrait: np.ndarray) -> None:
    small = cv2.resize(portrait, (120, 90), interpolation=cv2.INTER_AREA)
    full, half = stylize(small, style), stylize(small, style, 0.5)
    away = [np.abs(picture.astype(int) - small).mean() for picture in (half, full)]
    assert 0.3 * away[1] < away[0] < 0.7 * away[1]
    assert np.abs(stylize(small, style, 0.0).astype(int) - small).max() <= 1


def test_pixels_are_squares_of_few_colours(portrait: np.ndarray) -> None:
    out = stylize(portrait, "pixel")
    assert len(np.unique(out.reshape(-1, 3), axis=0)) <= 28


def test_paper_is_red_and_cream(portrait: np.ndarray) -> None:
    out = stylize(portrait, "papercut").reshape(-1, 3).astype(int)
    red = (out[:, 0] - out[:, 1] > 90).mean()
    cream = (out.min(1) > 120).mean()
    assert red > 0.1
    assert cream > 0.1
    assert red + cream > 0.85


def test_a_large_photo_keeps_its_size() -> None:
    photo = cv2.resize(ground("bricks"), (2400, 1500))
    assert stylize(photo, "film").shape == (1500, 2400, 3)


@pytest.fixture(scope="module")
def network() -> StyleNet:
    return StyleNet(packaged())


def test_a_taught_style_brings_its_colours(network: StyleNet, portrait: np.ndarray) -> None:
    blue = np.asarray(ground("stripes", 256, 256) * np.array([0.25, 0.5, 1.0]), np.uint8)
    red = np.asarray(ground("stripes", 256, 256) * np.array([1.0, 0.35, 0.2]), np.uint8)
    vectors = [network.style_vector([picture]) for picture in (blue, red)]
    assert vectors[0].shape == (100,)
    cold, warm = (network.stylize(portrait, vector, 1.0, [FACE]) for vector in vectors)
    assert cold.shape == portrait.shape
    assert lab(warm)[..., 1:].sum(2).mean() > lab(cold)[..., 1:].sum(2).mean() + 10
    assert likeness(cold, portrait) > 0.6
    both = network.style_vector([blue, red])
    assert np.allclose(both, (vectors[0] + vectors[1]) / 2, atol=1e-5)


def test_a_taught_style_at_an_odd_size(network: StyleNet) -> None:
    photo = ground("gravel", 301, 517)
    assert network.stylize(photo, network.style_vector([ground("bricks")])).shape == (301, 517, 3)


def test_a_folder_without_networks_is_named(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(NoNetworks, match="arbitrary_predict"):
        StyleNet(Path(str(tmp_path)))
