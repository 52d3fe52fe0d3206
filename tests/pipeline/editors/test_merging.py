"""What an editor drew is set into photos of all sizes; outside of it every pixel stays, and no seam is seen."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.editors.frame import Window, about, frame, whole
from pipeline.editors.merging import merge, renew
from pipeline.editors.registration import register
from pipeline.editors.rows import ROWS, fitting
from pipeline.engine import Floats, Pixels
from tests.pipeline.editors.pictures import beautified, moved, photo

ROW = replace(ROWS["QwenImageEditPlusPipeline"], side=512)


def disc(picture: Pixels, x: float, y: float, radius: float) -> Pixels:
    new = picture.copy()
    height, width = new.shape[:2]
    cv2.circle(new, (int(x * width), int(y * height)), int(radius * min(height, width)), (220, 20, 30), -1, cv2.LINE_AA)
    return new


@pytest.mark.parametrize("size", [(700, 1050), (1051, 703), (333, 333), (97, 431), (1200, 400)])
def test_only_what_is_new_changes(size: tuple[int, int]) -> None:
    own = photo(*size, seed=1)
    window = whole(own)
    given = frame(own, window, fitting(ROW, window.width / window.height))
    answer, _ = moved(disc(given.picture, 0.5, 0.5, 0.15), 5, -4, 1.01)
    laid = register(beautified(answer).astype(np.float32), given.picture.astype(np.float32))
    merged = merge(own, given, laid)
    assert np.array_equal(merged.image[merged.mask == 0], own[merged.mask == 0])
    drawn = (np.abs(merged.image.astype(int) - [220, 20, 30]) < 60).all(2)
    truth = disc(own, 0.5, 0.5, 0.15)
    inside = (truth == [220, 20, 30]).all(2)
    assert drawn[inside].mean() > 0.9
    assert (merged.mask > 0).mean() < 4 * inside.mean() + 0.02


def test_nothing_new_is_nothing_changed() -> None:
    own = photo(600, 800)
    given = frame(own, whole(own), fitting(ROW, 4 / 3))
    answer, _ = moved(beautified(given.picture), 6, 3, 0.99)
    merged = merge(own, given, register(answer.astype(np.float32), given.picture.astype(np.float32)))
    assert merged.share == 0
    assert np.array_equal(merged.image, own)


def test_a_window_of_a_large_photo_is_edited_at_its_own_size() -> None:
    own = photo(1600, 2400)
    window = about((0.6, 0.4, 0.68, 0.52), own, 512)
    assert window.width == window.height == 512
    given = frame(own, window, fitting(ROW, 1.0))
    assert np.array_equal(given.picture, own[window.slices])  # one to one
    laid = register(disc(given.picture, 0.5, 0.5, 0.1).astype(np.float32), given.picture.astype(np.float32))
    merged = merge(own, given, laid)
    changed = (merged.image != own).any(2)
    assert changed.any()
    outside = np.ones(own.shape[:2], bool)
    outside[window.slices] = False
    assert not changed[outside].any()


def test_what_is_spared_stays_unless_something_stands_before_it() -> None:
    own = photo(512, 512)
    given = frame(own, whole(own), (512, 512))
    face = np.zeros((512, 512), np.float32)
    face[180:240, 180:240] = 1
    picture = given.picture.astype(np.float32)
    # a face slightly redrawn at the rim of an edit
    answer = disc(given.picture, 0.5, 0.6, 0.12)
    answer[180:240, 180:240] = np.clip(answer[180:240, 180:240].astype(int) + 24, 0, 255)
    laid = register(answer.astype(np.float32), picture)
    spared = merge(own, given, laid, spared=[given.down(face)])
    assert np.array_equal(spared.image[190:230, 190:230], own[190:230, 190:230])
    # somebody stands before it
    laid = register(disc(given.picture, 0.41, 0.41, 0.2).astype(np.float32), picture)
    covered = merge(own, given, laid, spared=[given.down(face)])
    assert (np.abs(covered.image[190:230, 190:230].astype(int) - [220, 20, 30]) < 40).mean() > 0.95


def test_an_edit_stays_where_it_is_allowed() -> None:
    own = photo(512, 512)
    given = frame(own, whole(own), (512, 512))
    allowed = np.zeros((512, 512), np.float32)
    allowed[:, 256:] = 1
    laid = register(disc(given.picture, 0.5, 0.5, 0.2).astype(np.float32), given.picture.astype(np.float32))
    merged = merge(own, given, laid, given.down(allowed))
    assert np.array_equal(merged.image[:, :256], own[:, :256])
    assert (merged.image[:, 260:] != own[:, 260:]).any()


def test_a_new_background_keeps_who_stands_before_it() -> None:
    own = photo(400, 600)
    given = frame(own, whole(own), fitting(ROW, 1.5))
    person = np.zeros((200, 300), np.float32)
    person[50:, 120:180] = 1  # at another size than the photo
    laid = register(photo(*given.picture.shape[:2], seed=9).astype(np.float32), given.picture.astype(np.float32))
    merged = renew(own, given, laid, given.down(person))
    assert np.array_equal(merged.image[120:, 260:340], own[120:, 260:340])
    assert (merged.image[:80] != own[:80]).any(2).mean() > 0.95


def test_masks_find_their_place() -> None:
    own = photo(300, 500)
    window = Window(120, 60, 200, 200)
    given = frame(own, window, (256, 256))
    mask = np.zeros((300, 500), np.float32)
    mask[100:140, 200:260] = 1
    down: Floats = given.down(mask)
    up = given.up(down)
    assert up.shape == (200, 200)
    assert np.abs(up - mask[window.slices]).mean() < 0.01
    assert given.reach.min() == 1
    padded = frame(own, whole(own), (512, 512))
    assert padded.reach.sum() == padded.inner.width * padded.inner.height
    back = padded.up(padded.picture.astype(np.float32))
    assert np.abs(back - own).mean() < 6
