"""Outside the soft mask no bit differs; inside no seam is seen."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.imaging import composite
from pipeline.imaging.composite import Crop

SIZE = 32


def noise(height: int, width: int, seed: int) -> np.ndarray:
    """A random photo."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height: int, width: int, seed: int) -> np.ndarray:
    """A photo without edges, in which a seam would be seen."""
    small = np.random.default_rng(seed).uniform(60, 200, (4, 4, 3)).astype(np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(17, 140),
    width=st.integers(17, 140),
    left=st.floats(0, 0.9),
    top=st.floats(0, 0.9),
    extent=st.floats(0.05, 0.5),
    seed=st.integers(0, 99),
)
def test_outside_the_soft_mask_every_bit_stays(
    height: int, width: int, left: float, top: float, extent: float, seed: int
) -> None:
    """Random photos, odd sizes, any ratio, boxes that reach over the border."""
    photo = noise(height, width, seed)
    box = (left, top, min(left + extent, 1.0), min(top + extent, 1.0))
    crop = composite.around(box, height, width, SIZE)
    assert 0 <= crop.x <= crop.x + crop.width <= width
    assert 0 <= crop.y <= crop.y + crop.height <= height
    plain = composite.take(photo, crop, SIZE)
    mask = composite.region(composite.box_in(crop, box, height, width), SIZE)
    out, soft = composite.put(photo, crop, plain, 255 - plain, mask)
    assert out.shape == photo.shape
    assert (out[soft == 0] == photo[soft == 0]).all()
    if mask.any() and mask.mean() < 0.3 and crop.width > 4 * SIZE / 5 <= crop.height:
        assert (soft == 0).any()
        assert (out != photo).any()


@pytest.mark.parametrize(("height", "width"), [(40, 160), (160, 40), (64, 64), (50, 99), (31, 200), (200, 31)])
def test_windows_show_the_whole_photo(height: int, width: int) -> None:
    """Every pixel is in a window, windows of long photos are squares that overlap."""
    crops = composite.windows(height, width)
    seen = np.zeros((height, width), int)
    for crop in crops:
        seen[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width] += 1
    assert seen.min() >= 1
    if max(height, width) > 2 * min(height, width):
        assert all(crop.width == crop.height for crop in crops)
        assert seen.max() >= 2
    else:
        assert crops == (Crop(0, 0, width, height),)


def test_a_long_photo_is_put_together_without_change() -> None:
    """Windows that come back as they went in give the photo, seams included."""
    photo = smooth(40, 160, 1)
    crops = composite.windows(40, 160)
    back = composite.stitch(photo, crops, tuple(composite.take(photo, crop, 40) for crop in crops))
    assert np.abs(back.astype(int) - photo).max() <= 1


def test_boxes_go_in_and_out() -> None:
    """Shares of the photo ↔ shares of the crop."""
    crop = Crop(20, 10, 50, 50)
    box = (0.3, 0.2, 0.5, 0.4)
    assert composite.box_out(crop, composite.box_in(crop, box, 100, 120), 100, 120) == pytest.approx(box)
    assert (30, 30) in crop
    assert (5, 30) not in crop


def test_a_crop_holds_its_box_with_surroundings() -> None:
    """A small thing in a large photo is shown larger than in the whole photo, and in its middle."""
    crop = composite.around((0.70, 0.60, 0.76, 0.68), 1200, 1600, 128)
    assert crop.width == crop.height < 600
    assert crop.x <= 0.70 * 1600
    assert crop.x + crop.width >= 0.76 * 1600
    wide = composite.around((0.05, 0.1, 0.95, 0.9), 100, 400, 128)
    assert wide.width >= 360
    assert wide.height == 100
    assert composite.around((0.4, 0.4, 0.6, 0.6), 128, 128, 128) == Crop(0, 0, 128, 128)


def thing(size: int) -> np.ndarray:
    """A mask (size, size) of a disc in the middle."""
    y, x = np.mgrid[:size, :size]
    return (np.hypot(x - size / 2, y - size / 2) < size / 5).astype(np.float32)


@pytest.mark.parametrize("scale", [1, 3])
def test_no_seam_and_no_cast(scale: int) -> None:
    """A darker autoencoder that loses detail, a model with a cast: around the new thing the photo is itself."""
    size = 64
    photo = smooth(size * scale, size * scale, 3)
    photo = np.clip(photo.astype(int) + np.random.default_rng(0).integers(-6, 7, photo.shape), 0, 255).astype(np.uint8)
    crop = Crop(0, 0, size * scale, size * scale)
    plain = cv2.GaussianBlur(composite.take(photo, crop, size), (0, 0), 1.5) - 8
    disc = thing(size)
    edited = plain + np.array([7, -5, 6], np.float32)
    edited = np.where(disc[..., None] > 0, np.float32((220, 30, 30)), edited).astype(np.float32)
    mask = composite.changed(plain, edited)
    out, soft = composite.put(photo, crop, plain, edited, mask)
    large = cv2.resize(disc, photo.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    near = (cv2.dilate(large, np.ones((9 * scale, 9 * scale))) == 0) & (soft > 0)
    assert near.any()
    assert np.abs(out.astype(int) - photo)[near].mean() < 3
    assert np.abs(out[large > 0].astype(int) - (220, 30, 30)).mean() < 12  # the new thing is shown as drawn


def test_specks_and_accidents_are_left_out() -> None:
    """A changed pixel here and there is no edit, nor is a change where none was allowed."""
    plain = composite.take(smooth(64, 64, 5), Crop(0, 0, 64, 64), 64)
    edited = plain.copy()
    edited[3, 3] += 100
    assert not composite.changed(plain, edited).any()
    edited[20:40, 40:60] += 60
    assert composite.changed(plain, edited)[30, 50] == 1
    left = composite.region((0, 0, 0.5, 1), 64)
    assert not composite.changed(plain, edited, left).any()


def test_a_whole_new_picture_replaces_the_crop() -> None:
    """Without a mask the crop is new, at the photo's size; an inner crop fades at its border."""
    photo = noise(90, 120, 2)
    edited = np.full((SIZE, SIZE, 3), 128, np.float32)
    out, soft = composite.put(photo, Crop(0, 0, 120, 90), edited, edited, None)
    assert (out == 128).all()
    assert (soft == 1).all()
    out, soft = composite.put(photo, Crop(20, 20, 50, 50), edited, edited, None)
    assert (out[soft == 0] == photo[soft == 0]).all()
    assert (soft[:20] == 0).all()
    assert 0 < soft[20, 40] < soft[45, 45] == 1


def test_of_what_is_gone_no_outline_stays() -> None:
    """Its fine lines, which the model's picture has lost, count as the photo's detail anywhere else."""
    photo = np.full((128, 128, 3), 150, np.uint8)
    photo[60:62, 40:90] = 190
    plain = np.full((128, 128, 3), 150, np.float32)  # the autoencoder has lost the line
    stood, crop = np.zeros((128, 128), np.float32), Crop(0, 0, 128, 128)
    stood[40:90, 30:100] = 1
    kept, _ = composite.put(photo, crop, plain, plain, stood)
    gone, _ = composite.put(photo, crop, plain, plain, stood, gone=stood)
    assert (kept[60, 50:80] == 190).all()
    assert (gone[60, 50:80] == 150).all()
