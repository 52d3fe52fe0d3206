"""Moving stickers: what moves and what stands still, the files and their marks."""

import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from lettering import marks, stickers
from lettering.moving import BY_EXPRESSION, LIMIT, MOVES, WECHAT_LIMIT, animate, frames_of, gif, sticker, webm, webp
from lettering.stamp import stamped
from tests.pipeline.imaging.truths import figure

MAKER = marks.Maker(secret=b"house")


@pytest.fixture(scope="module")
def cut_out() -> np.ndarray:
    colours, alpha = figure(360)
    return np.dstack([colours, alpha * 255]).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("move", list(MOVES))
def test_a_figure_moves_within_its_frame_above_the_caption(move: str, cut_out: np.ndarray) -> None:
    frames = animate(cut_out, move, 12, 256)
    assert len(frames) == 12
    stack = np.array(frames)
    assert stack.shape == (12, 256, 256, 4)
    assert np.abs(np.diff(stack.astype(int), axis=0)).max() > 40
    assert stack[:, 230:, :, 3].max() < 30
    assert stack[:, :, [0, -1], 3].max() == 0
    solid = (stack[..., 3] > 200).mean((1, 2))
    assert solid[0] > 0.9 * np.median(solid)  # the first frame stands for all
    assert solid.min() > 0.03


def test_files_of_moving_stickers(cut_out: np.ndarray) -> None:
    av = pytest.importorskip("av")
    frames = animate(cut_out, "bounce", 12)
    data = webm(frames, rate=12)
    assert len(data) <= LIMIT
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("vp9", 512, 512)
        assert stream.metadata["alpha_mode"] == "1"
        assert sum(1 for _ in container.decode(video=0)) == 12


def test_animated_pictures(cut_out: np.ndarray) -> None:
    frames = animate(cut_out, "sway", 12)
    with Image.open(io.BytesIO(webp(frames))) as moving:
        assert (moving.format, moving.n_frames, moving.size) == ("WEBP", 12, (512, 512))
        assert np.asarray(moving.convert("RGBA"))[0, 0, 3] == 0
    small = gif(frames)
    assert len(small) <= WECHAT_LIMIT
    with Image.open(io.BytesIO(small)) as moving:
        assert (moving.format, moving.n_frames, moving.size) == ("GIF", 12, (240, 240))
        moving.seek(5)
        shown = np.asarray(moving.convert("RGBA"))
    assert shown[0, 0, 3] == 0
    truth = cv2.resize(frames[5], (240, 240), interpolation=cv2.INTER_AREA)
    solid = truth[..., 3] > 250
    assert np.abs(shown[solid][:, :3].astype(int) - truth[solid][:, :3]).mean() < 12


def test_what_cannot_be_small_enough_is_said(cut_out: np.ndarray) -> None:
    frames = animate(cut_out, "sway", 4)
    with pytest.raises(ValueError, match="allowed"):
        webp(frames, limit=500)
    with pytest.raises(ValueError, match="frames"):
        animate(cut_out, "sway", 1)


@pytest.mark.parametrize("expression", [None, *BY_EXPRESSION])
def test_words_and_mark_stand_still_and_the_figure_moves(cut_out: np.ndarray, expression: str | None) -> None:
    frames = np.array(sticker(stickers.footed(cut_out), "收到", expression)).astype(int)
    assert 12 <= len(frames) <= 24
    assert all(stamped(frame.astype(np.uint8)) for frame in frames)
    change = np.abs(np.diff(frames, axis=0)).max(axis=(0, 3))
    assert (change > 60).mean() > 0.02
    assert change[470:].max() <= 60  # the lower half of the words: the feet stand behind the upper half
    assert frames[:, [0, -1], :, 3].max() < 60


def test_every_file_says_that_it_was_made_by_ai_and_by_whom(cut_out: np.ndarray) -> None:
    frames = sticker(stickers.footed(cut_out), "收到", "happy")
    for data in (webp(frames, "7-1", MAKER), gif(frames, "7-1", MAKER)):
        verdict = marks.verify(data, MAKER)
        assert verdict.marked
        assert verdict.ours
        assert verdict.intact
        assert verdict.item is not None
        assert verdict.item["ProduceID"] == "7-1"
        with Image.open(io.BytesIO(data)) as moving:
            assert moving.n_frames > 1
        assert len(frames_of(data)) == len(frames)
    av = pytest.importorskip("av")
    told = json.dumps(marks.item("7-1", MAKER))
    with av.open(io.BytesIO(webm(frames, told))) as container:
        assert json.loads(container.metadata["AIGC"])["ProduceID"] == "7-1"
