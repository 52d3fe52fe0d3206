"""Holes against what truly stood there, shadows, canvases."""

import cv2
import numpy as np
import pytest

from pipeline.imaging.inpainting import fill, grow_canvas
from pipeline.imaging.membrane import membrane
from pipeline.imaging.shadows import contact_shadow, shadow_mask
from tests.pipeline.imaging.truths import ground, passer_by, psnr


@pytest.mark.parametrize("kind", ["bricks", "stripes"])
def test_better_than_smearing_on_textured_grounds(kind: str) -> None:
    truth = ground(kind)
    mask = passer_by(*truth.shape[:2])
    where = mask > 0
    photo = truth.copy()
    photo[where] = (60, 40, 120)
    hole = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    filled = fill(photo, hole)
    smeared = cv2.inpaint(photo, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    gained = psnr(filled, truth, where)
    assert gained >= psnr(smeared, truth, where) + 3
    assert gained >= psnr(photo, truth, where) + 8
    assert (filled[hole == 0] == photo[hole == 0]).all()


def test_what_is_barred_is_not_copied() -> None:
    photo = ground("slope")
    photo[200:340, 230:330] = (250, 20, 20)
    hole, barred = np.zeros((360, 360), np.float32), np.zeros((360, 360), np.float32)
    hole[200:340, 60:220] = 1
    barred[195:345, 225:335] = 1
    filled = fill(photo, hole, barred=barred)
    red = (filled[..., 0].astype(int) - filled[..., 1] > 120) & (hole > 0)
    assert not red.any()


def test_a_large_hole_gets_the_photo_s_own_detail() -> None:
    truth = ground("gravel", 1400, 1400)
    hole = np.zeros((350, 350), np.float32)
    hole[100:250, 100:250] = 1  # of another size than the photo
    filled = fill(truth, hole)
    inside, outside = filled[480:920, 480:920], truth[:300]
    fine = [cv2.Laplacian(part[..., 0], cv2.CV_32F).std() for part in (inside, outside)]
    assert fine[0] > 0.7 * fine[1]


def test_no_hole_and_no_source() -> None:
    photo = ground("bricks", 80, 90)
    assert (fill(photo, np.zeros((80, 90), np.float32)) == photo).all()
    assert fill(photo, np.ones((80, 90), np.float32)).shape == photo.shape


def test_the_same_hole_is_filled_the_same_way() -> None:
    photo = ground("gravel", 200, 200)
    hole = passer_by(200, 200)
    assert (fill(photo, hole) == fill(photo, hole)).all()


def test_a_grown_canvas_keeps_the_photo() -> None:
    photo = ground("bricks", 240, 300)
    large = grow_canvas(photo, left=40, top=10, right=30)
    assert large.shape == (250, 370, 3)
    assert (large[10:, 40:340] == photo).all()
    assert large[10:, :40].std() > 20  # bricks, not a smear


def test_a_membrane_goes_on_with_a_slope_and_ends_freely_at_the_edge() -> None:
    columns = np.mgrid[0:60, 0:80][1]
    slope = np.repeat((2 * columns + 20).astype(np.uint8)[..., None], 3, axis=2)
    hole = np.zeros((60, 80), bool)
    hole[20:40, 20:60] = True
    hidden = slope.copy()
    hidden[hole] = 255
    assert np.abs(membrane(hidden, hole)[hole] - slope[hole]).max() < 1
    left = columns < 30
    assert np.allclose(membrane(slope, left)[left], 80, atol=1)
    assert (membrane(slope, left)[~left] == slope[~left]).all()


def test_a_hole_is_not_tinted_by_who_stands_at_it() -> None:
    photo = np.full((200, 300, 3), 180, np.uint8)
    photo[40:200, 160:220] = (10, 10, 120)  # somebody, who is barred
    hole, barred = np.zeros((200, 300), np.float32), np.zeros((200, 300), np.float32)
    hole[60:200, 80:160] = 1
    barred[35:200, 155:225] = 1
    filled = fill(photo, hole, barred=barred)
    assert np.abs(filled[hole > 0].astype(int) - 180).max() <= 3


def test_a_floor_of_dark_and_light_planks_is_no_shadow() -> None:
    plain = np.full((480, 640, 3), (170, 120, 80), np.uint8)
    plain[240:, np.arange(640) % 40 < 12] = (85, 60, 40)
    mask = passer_by(480, 640)
    photo = plain.copy()
    photo[mask > 0] = (40, 40, 90)
    assert shadow_mask(photo, mask).max() == 0


def shadowed() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    plain = ground("slope", 480, 640)
    mask = passer_by(480, 640)
    foot = 0.8 * 480
    lying = np.array([[1, -0.9, 0.9 * foot], [0, -0.25, 1.25 * foot]], np.float32)
    shade = cv2.GaussianBlur(cv2.warpAffine(mask, lying, (640, 480)), (0, 0), 2)
    photo = (plain * (1 - 0.5 * shade[..., None])).astype(np.uint8)
    photo[mask > 0] = (40, 40, 90)
    return photo, plain, mask, shade


def test_a_cast_shadow_is_found_and_none_where_there_is_none() -> None:
    photo, plain, mask, shade = shadowed()
    found = shadow_mask(photo, mask)
    truth = (shade > 0.4) & (mask == 0)
    assert (found[truth] > 0.3).mean() > 0.85
    assert found[:250].max() == 0  # nothing on what stands behind
    assert not shadow_mask(np.where(mask[..., None] > 0, photo, plain), mask).any()


def test_a_contact_shadow_darkens_the_ground_at_the_feet_alone() -> None:
    photo = ground("slope", 400, 400)
    alpha = passer_by(400, 400)
    shaded = contact_shadow(photo, alpha)
    assert (shaded[:250] == photo[:250]).all()
    about = slice(300, 350), slice(150, 250)
    assert (shaded[about] / photo[about]).mean(2).min() < 0.75
    cut = np.zeros((400, 400), np.float32)
    cut[100:] = 1
    assert (contact_shadow(photo, cut) == photo).all()
