"""Repairs against what was there before the damage."""

import cv2
import numpy as np

from pipeline.imaging.color import lab
from pipeline.imaging.retouch import LARGEST, enlarge, mend, red_eye, restore, scratches, smooth_skin
from tests.pipeline.imaging.truths import ground, psnr


def damaged() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    whole = cv2.GaussianBlur(ground("slope", 400, 500), (0, 0), 1.0)
    flaw = np.zeros((400, 500), np.uint8)
    for start, end in (((60, 30), (90, 330)), ((400, 50), (250, 380)), ((20, 380), (300, 350))):
        cv2.line(flaw, start, end, 1, 1)
    photo = whole.copy()
    photo[flaw > 0] = 245
    return photo, whole, flaw > 0


def test_scratches_are_found_and_mended() -> None:
    photo, whole, flaw = damaged()
    assert (scratches(photo)[flaw] > 0.5).mean() > 0.9
    mended = mend(photo)
    assert psnr(mended, whole, flaw) > psnr(photo, whole, flaw) + 12
    far = cv2.dilate(flaw.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    assert (mended[far] == photo[far]).mean() > 0.99


def test_a_yellowed_faded_print_gets_its_tones_back() -> None:
    gray = ground("gravel", 300, 300)
    old = (gray * 0.45 * np.array([1.0, 0.9, 0.7]) + np.array([85, 75, 45])).clip(0, 255).astype(np.uint8)
    new = restore(old)
    assert new.shape == old.shape
    assert np.hypot(*lab(new)[..., 1:].mean((0, 1))) < 0.35 * np.hypot(*lab(old)[..., 1:].mean((0, 1)))
    assert np.ptp(np.percentile(new, (2, 98))) > 1.4 * np.ptp(np.percentile(old, (2, 98)))


def test_a_red_pupil_goes_dark_and_lips_stay() -> None:
    photo = np.full((120, 200, 3), (205, 160, 135), np.uint8)
    cv2.circle(photo, (60, 50), 6, (210, 40, 45), -1)
    cv2.ellipse(photo, (100, 95), (25, 8), 0, 0, 360, (190, 70, 75), -1)
    out = red_eye(photo, [(0.3, 50 / 120)], 0.06)
    assert out[50, 60].max() < 90
    assert (out[80:] == photo[80:]).all()


def test_skin_is_calmer_and_features_stay() -> None:
    rng = np.random.default_rng(0)
    blotches = cv2.GaussianBlur(rng.normal(0, 1, (300, 300)).astype(np.float32), (0, 0), 5)
    photo = (np.array([205, 160, 138]) + 5 * (blotches / blotches.std())[..., None]).clip(0, 255).astype(np.uint8)
    for x in (120, 180):
        cv2.circle(photo, (x, 130), 9, (35, 25, 25), -1)
    box = (0.25, 0.2, 0.75, 0.8)
    out = smooth_skin(photo, [box])
    cheek = slice(165, 200), slice(110, 190)
    assert lab(out)[cheek][..., 0].std() < 0.8 * lab(photo)[cheek][..., 0].std()
    assert np.abs(out[130, 120].astype(int) - photo[130, 120]).max() < 12
    assert (out[:8] == photo[:8]).all()
    assert (smooth_skin(photo, []) == photo).all()


def test_twice_the_size_is_nearer_to_the_truth_than_pixels_repeated() -> None:
    large = cv2.GaussianBlur(ground("bricks", 320, 320), (0, 0), 0.8)
    small = cv2.resize(large, (160, 160), interpolation=cv2.INTER_AREA)
    out = enlarge(small)
    everywhere = np.ones((320, 320), bool)
    repeated = cv2.resize(small, (320, 320), interpolation=cv2.INTER_NEAREST)
    assert out.shape == (320, 320, 3)
    assert psnr(out, large, everywhere) > psnr(repeated, large, everywhere) + 1
    assert max(enlarge(np.zeros((10, 3000, 3), np.uint8)).shape) == LARGEST
