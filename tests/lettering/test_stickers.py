"""Stickers have the size, the alpha and the words that platforms and people ask for."""

import io

import numpy as np
import pytest
from PIL import Image

from lettering import marks, stickers
from lettering.signs import SIGNS


def blob(height: int = 90, width: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """A reddish thing of uneven outline on a green ground, and its mask."""
    y, x = np.mgrid[:128, :128]
    mask = ((y - 64) / (height / 2)) ** 2 + ((x - 64) / (width / 2)) ** 2 < 1 + 0.2 * np.sin(x / 5)
    image = np.where(mask[..., None], (200, 60, 50), (20, 180, 40)).astype(np.uint8)
    return image, mask.astype(np.float32)


FIGURE = stickers.figure(*blob())


@pytest.mark.parametrize("expression", [None, *SIGNS])
@pytest.mark.parametrize("caption", ["", "打工人"])
def test_size_and_alpha(expression: str | None, caption: str) -> None:
    """512 × 512, empty at the border, and whatever is there stands on white."""
    made = stickers.sticker(FIGURE, caption, expression)
    assert made.shape == (512, 512, 4)
    border = np.concatenate(
        [made[:2].reshape(-1, 4), made[-2:].reshape(-1, 4), made[:, :2].reshape(-1, 4), made[:, -2:].reshape(-1, 4)]
    )
    assert border[:, 3].max() < 30  # no more than the end of the shadow
    opaque = made[..., 3] > 250
    assert 0.1 < opaque.mean() < 0.9
    outermost = opaque & ~_eroded(opaque, 2)
    assert made[outermost][:, :3].mean() > 240


def _eroded(mask: np.ndarray, times: int) -> np.ndarray:
    for _ in range(times):
        mask = mask & np.roll(mask, 1, 0) & np.roll(mask, -1, 0) & np.roll(mask, 1, 1) & np.roll(mask, -1, 1)
    return mask


def test_no_halo_of_the_old_background() -> None:
    """Of the green around the thing nothing is left, not even at its edge."""
    thing = stickers.body(FIGURE)
    seen = thing[thing[..., 3] > 20].astype(int)
    assert len(seen) > 10_000
    assert ((seen[:, 1] - seen[:, 0]) > 0).sum() == 0
    made = stickers.sticker(FIGURE).astype(int)
    assert ((made[..., 1] - made[..., 0] > 12) & (made[..., 3] > 20)).sum() == 0


def test_a_figure_can_be_used_again() -> None:
    """Kept as a marked file, read back, and drawn with other words: as if it had just been cut out."""
    data = marks.encode(FIGURE, "7-1")
    assert marks.verify(data).marked
    back = stickers.decode(data)
    assert marks.stamped(back)
    assert (stickers.body(back) == stickers.body(FIGURE)).all()
    assert (stickers.sticker(back, "晚安", "sleepy") == stickers.sticker(FIGURE, "晚安", "sleepy")).all()


@pytest.mark.parametrize("shape", [(90, 60), (90, 90), (30, 120), (120, 12)])
def test_the_mark_of_a_figure_is_beside_the_thing(shape: tuple[int, int]) -> None:
    """In the strip below, all of it, so that it never shows on a sticker."""
    figured = stickers.figure(*blob(*shape))
    assert marks.stamped(figured)
    strip = figured[-stickers.FOOT :, :, 3]
    words = np.nonzero(strip.max(1))[0]
    assert words.min() > 0
    assert np.ptp(words) + 1 >= 0.05 * min(figured.shape[:2])
    assert not marks.stamped(stickers.sticker(figured))


def test_captions_are_written_and_differ() -> None:
    """Words below the thing; without words the thing is larger; emoji are left out."""
    plain, words, others = (stickers.sticker(FIGURE, text) for text in ("", "打工人", "加油鸭"))
    assert (words[400:] != others[400:]).any()
    assert (stickers.sticker(FIGURE, "😀") == plain).all()
    dark = (words[400:, :, :3].max(2) < 70) & (words[400:, :, 3] > 200)
    assert dark.sum() > 3000
    assert _height(plain) > 0
    reddish = [((made[..., 0] > 150) & (made[..., 1] < 100) & (made[..., 3] > 250)).sum() for made in (plain, words)]
    assert reddish[0] > reddish[1]


def _height(made: np.ndarray) -> int:
    return int(np.ptp(np.nonzero(made[..., 3].max(1) > 128)[0]))


@pytest.mark.parametrize("text", ["今天也要加油鸭，下班了一起去吃火锅", "字" * 30, "A", "OK fine, 真的吗？"])
def test_long_captions_stay_inside(text: str) -> None:
    """Whatever is written ends before the border."""
    made = stickers.sticker(FIGURE, text)
    assert made[:, :3, 3].max() < 60
    assert made[-2:, :, 3].max() < 30
    dark = (made[380:, :, :3].max(2) < 80) & (made[380:, :, 3] > 200)
    assert dark.sum() > 500


@pytest.mark.parametrize("shape", [(40, 300), (300, 40), (64, 64), (900, 700)])
def test_any_shape_is_shown_whole(shape: tuple[int, int]) -> None:
    """A long thing is made smaller, not cut; a large photo is reduced."""
    picture = np.full((*shape, 3), 90, np.uint8)
    mask = np.zeros(shape, np.float32)
    mask[4:-4, 4:-4] = 1
    made = stickers.sticker(stickers.figure(picture, mask))
    rows, columns = np.nonzero((made[..., :3].max(2) < 120) & (made[..., 3] > 250))
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx((shape[1] - 8) / (shape[0] - 8), rel=0.12)
    assert rows.min() > stickers.OUTLINE
    assert columns.min() > stickers.OUTLINE


def test_files_are_small_enough_and_marked() -> None:
    """Even noise fits into 512 KB; both marks are there, the one to be seen only where it was not agreed to be away."""
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 4), dtype=np.uint8)
    noise[..., 3] = 255
    noise[:9, :9] = 0
    for image in (noise, stickers.sticker(FIGURE, "开心", "happy")):
        data = stickers.encode(image, "job-1")
        assert len(data) <= 512 * 1024
        assert marks.verify(data).marked
        with Image.open(io.BytesIO(data)) as back:
            assert (back.format, back.size, back.mode) == ("WEBP", (512, 512), "RGBA")
            assert marks.stamped(np.asarray(back))
    data = stickers.encode(image, "job-1", visible=False)
    assert marks.verify(data).marked
    assert not marks.stamped(stickers.decode(data))


def test_the_words_of_the_mark_do_not_stand_on_the_caption() -> None:
    """The longest caption that goes on one line leaves a corner free."""
    made = stickers.sticker(FIGURE, "我太难了我太难了呀", "sad")
    marked = marks.stamp(made)
    changed = (made != marked).any(2)
    assert made[changed][:, 3].max() < 30
    letters = np.nonzero(changed.any(1))[0]
    assert np.ptp(letters) + 1 >= 0.05 * 512
