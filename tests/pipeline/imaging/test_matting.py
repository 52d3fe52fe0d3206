"""Opacity against drawn truths, and what must hold of every matte."""

import cv2
import numpy as np
import pytest

from pipeline.imaging.matting import foreground, laplacian, matte
from tests.pipeline.imaging.truths import FACE, band, figure, ground, pasted, rough


def grabcut(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    kernel = np.ones((17, 17), np.uint8)
    hard = (mask > 0.5).astype(np.uint8)
    guess = np.where(hard > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    guess[cv2.erode(hard, kernel) > 0], guess[cv2.dilate(hard, kernel) == 0] = cv2.GC_FGD, cv2.GC_BGD
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(photo[..., ::-1]), guess, (0, 0, 1, 1), *models, 4, cv2.GC_INIT_WITH_MASK)
    return np.isin(guess, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def test_nearer_to_the_truth_than_grabcut_on_figures_with_strands() -> None:
    ours, theirs = [], []
    for seed, kind in enumerate(("stripes", "slope", "gravel")):
        colours, truth = figure(480, seed)
        photo = pasted(colours, truth, ground(kind, 480, 480, seed))
        mask, near = rough(truth, seed), band(truth)
        ours.append(np.abs(matte(photo, mask, face=FACE) - truth)[near].mean())
        theirs.append(np.abs(grabcut(photo, mask) - truth)[near].mean())
    assert np.mean(ours) <= 0.65 * np.mean(theirs), (ours, theirs)


def test_far_from_the_edge_nothing_is_uncertain() -> None:
    colours, truth = figure(480)
    alpha = matte(pasted(colours, truth, ground("slope", 480, 480)), rough(truth), face=FACE)
    assert alpha.dtype == np.float32
    assert alpha.shape == (480, 480)
    assert 0 <= alpha.min() <= alpha.max() <= 1
    far = cv2.distanceTransform((truth < 0.5).astype(np.uint8), cv2.DIST_L2, 5) > 120
    deep = cv2.distanceTransform((truth > 0.5).astype(np.uint8), cv2.DIST_L2, 5) > 60
    assert (alpha[far] == 0).all()
    assert (alpha[deep] == 1).all()


def test_a_mask_of_another_size_and_a_large_photo() -> None:
    colours, truth = figure(480)
    small = pasted(colours, truth, ground("slope", 480, 480))
    large = cv2.resize(small, (1920, 1920), interpolation=cv2.INTER_CUBIC)
    alpha = matte(large, rough(truth), face=FACE)
    assert alpha.shape == (1920, 1920)
    there = cv2.resize(alpha, (480, 480), interpolation=cv2.INTER_AREA)
    assert np.abs(there - truth)[band(truth)].mean() < 0.09


def test_somebody_else_is_no_part_of_the_matte() -> None:
    colours, truth = figure(480)
    photo = pasted(colours, truth, ground("slope", 480, 480))
    others = np.zeros((480, 480), np.float32)
    others[:, :130] = 1
    mask = np.where(others > 0, 0, rough(truth)).astype(np.float32)
    alpha = matte(photo, mask, face=FACE, others=others)
    assert alpha[:, :120].max() < 0.05


def test_an_empty_mask_is_an_empty_matte() -> None:
    photo = ground("slope", 90, 120)
    assert not matte(photo, np.zeros((90, 120), np.float32)).any()
    assert (foreground(photo, np.zeros((90, 120), np.float32)) == photo).all()


def test_the_same_input_gives_the_same_matte() -> None:
    colours, truth = figure(300)
    photo = pasted(colours, truth, ground("gravel", 300, 300))
    assert (matte(photo, rough(truth), face=FACE) == matte(photo, rough(truth), face=FACE)).all()


def test_the_laplacian_is_zero_on_colour_lines() -> None:
    """An opacity that is linear in the colours of every window costs nothing (Levin et al., theorem 1)."""
    rng = np.random.default_rng(0)
    photo = rng.uniform(0, 1, (12, 14, 3)).astype(np.float32)
    where = np.zeros((12, 14), bool)
    where[4:8, 4:9] = True
    matrix, places = laplacian(photo, where)
    linear = (photo @ np.array([0.2, 0.5, -0.1], np.float32) + 0.3).ravel()[places]
    other = rng.uniform(0, 1, len(places))
    assert float(linear @ (matrix @ linear)) == pytest.approx(0, abs=1e-2)
    assert float(other @ (matrix @ other)) > 1


def test_foreground_takes_the_background_out_of_the_rim() -> None:
    colours, truth = figure(480)
    photo = pasted(colours, truth, np.full((480, 480, 3), (40, 220, 60), np.uint8))
    front = foreground(photo, truth)
    rim = (truth > 0.3) & (truth < 0.8)
    before, after = (np.abs(picture.astype(float) - colours)[rim].mean() for picture in (photo, front))
    assert after < 0.6 * before
    assert (front[truth == 1] == photo[truth == 1]).all()
