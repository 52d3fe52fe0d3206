"""Stickers have the size, the alpha and the words that platforms and people ask for."""

import io

import numpy as np
import pytest
from PIL import Image

from miniature import sampling
from pipeline import marks, stickers

SCENE = sampling.sample([9, 3], count=1)
PICTURE, MASK = SCENE.image(), SCENE.mask(0).astype(np.float32)


@pytest.mark.parametrize("expression", [None, *stickers.SIGNS])
def test_size_and_alpha(expression: str | None) -> None:
    """512 × 512, corners transparent, the thing opaque with a white outline, nothing touching the upper border."""
    made = stickers.sticker(PICTURE, MASK, "打工人", expression)
    assert made.shape == (512, 512, 4)
    assert made[0].max() == 0
    assert (made[:8, :8, 3] == 0).all()
    opaque = (made[..., 3] > 250).mean()
    assert 0.1 < opaque < 0.9
    alpha = made[..., 3].astype(int)
    edge = (alpha > 200) & (np.roll(alpha, 3, 1) == 0)
    assert made[edge][:, :3].mean() > 200


def test_captions_are_written_and_differ() -> None:
    """Words below the thing; without words the thing is larger; emoji are left out."""
    plain, words, others = (stickers.sticker(PICTURE, MASK, text) for text in ("", "打工人", "加油鸭"))
    assert (words[420:] != others[420:]).any()
    assert (plain[..., 3] > 0).sum() > 0
    assert (stickers.sticker(PICTURE, MASK, "😀") == plain).all()
    dark = (words[400:, :, :3].max(2) < 60) & (words[400:, :, 3] > 200)
    assert dark.sum() > 500


@pytest.mark.parametrize("text", ["今天也要加油鸭，下班了一起去吃火锅", "字" * 60, "A", "OK fine, 真的吗？"])
def test_long_captions_stay_inside(text: str) -> None:
    """Whatever is written ends before the border."""
    made = stickers.sticker(PICTURE, MASK, text)
    assert made[:, :2, 3].max() == 0 or len(text) > 50
    assert (made[400:, :, 3] > 0).any()


@pytest.mark.parametrize("shape", [(40, 300), (300, 40), (64, 64)])
def test_any_shape_is_shown_whole(shape: tuple[int, int]) -> None:
    """A long thing is made smaller, not cut."""
    picture = np.full((*shape, 3), 90, np.uint8)
    mask = np.zeros(shape, np.float32)
    mask[4:-4, 4:-4] = 1
    made = stickers.sticker(picture, mask)
    rows, columns = np.nonzero(made[..., 3])
    ratio = (np.ptp(columns) - 20) / (np.ptp(rows) - 20)
    assert ratio == pytest.approx((shape[1] - 8) / (shape[0] - 8), rel=0.15)
    assert rows.min() > 0
    assert columns.min() > 0


def test_files_are_small_enough_and_marked() -> None:
    """Even noise fits into 512 KB, and both marks are there."""
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 4), dtype=np.uint8)
    noise[..., 3] = 255
    noise[:9, :9] = 0
    for image in (noise, stickers.sticker(PICTURE, MASK, "开心", "happy")):
        data = stickers.encode(image, "job-1")
        assert len(data) <= 512 * 1024
        assert marks.verify(data).marked
        with Image.open(io.BytesIO(data)) as back:
            assert back.size == (512, 512)
            assert back.mode == "RGBA"


def test_moods() -> None:
    """What was asked for comes first; the rest is filled up; nothing asked for is dropped."""
    assert stickers.moods(2, ["打工人"], []) == [("打工人", None), ("", None)]
    assert stickers.moods(3, [], ["angry"]) == [("生气", "angry"), ("开心", "happy"), ("难过", "sad")]
    assert len(stickers.moods(4, [], [])) == 4
    assert len({sign for _, sign in stickers.moods(4, [], [])}) == 4
    assert stickers.moods(1, ["甲", "乙"], ["sad", "love"]) == [("甲", "sad"), ("乙", "love")]
    assert len(stickers.moods(12, [], [])) == 12
