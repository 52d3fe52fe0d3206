"""The words can be seen, the item can be read back, and neither is there twice."""

import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import marks

SIZES = [(32, 32), (33, 130), (128, 128), (301, 200), (64, 256), (900, 700)]


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Noise everywhere but in the lower right quarter, which is plain."""
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image[height // 2 :, width // 2 :] = (90, 140, 200)
    return image


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_words_are_high_enough_and_in_a_corner(height: int, width: int) -> None:
    """At least 5 % of the shorter side, in the plain corner, everything else untouched."""
    image = picture(height, width)
    marked = marks.stamp(image)
    rows, columns = np.nonzero((marked != image).any(2))
    letters = np.nonzero((marked.min(2) > 130) & (marked != image).any(2))[0]
    assert letters.max() + 1 - letters.min() >= 0.05 * min(height, width)
    assert rows.max() >= 0.85 * height
    assert columns.max() >= 0.85 * width
    if min(height, width) >= 100:
        assert columns.min() > width / 2


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_marking_twice_is_marking_once(file_format: str) -> None:
    """A delivered picture that comes back, even through a JPEG, gets no second mark."""
    marked = marks.stamp(picture(200, 300))
    assert (marks.stamp(marked) == marked).all()
    with Image.open(io.BytesIO(marks.encode(marked, "job-7", file_format))) as back:
        pixels = np.asarray(back.convert("RGB"))
    assert (marks.stamp(pixels) == pixels).all()


def test_words_show_on_a_sticker() -> None:
    """On a transparent corner the words bring their own opacity."""
    sticker = np.zeros((512, 512, 4), np.uint8)
    marked = marks.stamp(sticker)
    assert marked[..., 3].max() == 255
    assert (marked[..., 3] > 0).mean() < 0.05


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_the_item_survives_in_every_format(file_format: str) -> None:
    """Written once, read back with all seven fields."""
    data = marks.encode(picture(64, 64), "job-42", file_format)
    verdict = marks.verify(data)
    assert verdict.marked
    assert verdict.item is not None
    assert verdict.item["ProduceID"] == "job-42"
    assert verdict.item["Label"] == "1"
    assert set(verdict.item) == set(marks.FIELDS)
    assert data.count(b"AIGC") == 1
    assert "job-42" in verdict.sentence


def test_png_pixels_survive() -> None:
    """The metadata costs no pixel, and alpha is kept."""
    image = np.dstack([picture(40, 50), np.full((40, 50), 77, np.uint8)])
    with Image.open(io.BytesIO(marks.encode(image, "x"))) as back:
        assert (np.asarray(back) == image).all()


def chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def test_two_items_are_not_valid() -> None:
    """The rule says exactly one; Pillow alone would not notice the other."""
    data = marks.encode(picture(20, 20), "a")
    second = chunk(b"tEXt", b"AIGC\0" + json.dumps(marks.item("b")).encode())
    verdict = marks.verify(data[:33] + second + data[33:])  # behind IHDR
    assert not verdict.marked
    assert "2 条" in verdict.sentence


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        marks.PNG_SIGNATURE,
        marks.PNG_SIGNATURE + b"\0\0\0\4tEXtAIGC\0\0\0\0",
        b"\xff\xd8\xff\xe1\0\4ab",
    ],
)
def test_any_bytes_get_an_answer(data: bytes) -> None:
    """Hostile bytes are not marked and raise nothing."""
    verdict = marks.verify(data)
    assert not verdict.marked
    assert verdict.sentence.endswith("。")


@pytest.mark.parametrize(
    "body", [b"{}", b"[1]", b"not json", b'{"Label":"9"}', json.dumps(marks.item("a", label="7")).encode()]
)
def test_a_broken_item_is_not_valid(body: bytes) -> None:
    """An item without its fields, or with an unknown label, is called invalid."""
    plain = io.BytesIO()
    Image.fromarray(picture(20, 20)).save(plain, "PNG")
    data = plain.getvalue()
    assert not marks.verify(data[:33] + chunk(b"tEXt", b"AIGC\0" + body) + data[33:]).marked


def test_unmarked_pictures_are_told_apart() -> None:
    """A plain JPEG is readable but carries nothing."""
    plain = io.BytesIO()
    Image.fromarray(picture(20, 20)).save(plain, "JPEG")
    assert "没有 AI 生成标识" in marks.verify(plain.getvalue()).sentence


def test_command_line(tmp_path: Path) -> None:
    """`python -m pipeline.marks FILE…` prints a line for each file."""
    (tmp_path / "a.png").write_bytes(marks.encode(picture(30, 30), "job-1"))
    (tmp_path / "b.png").write_bytes(b"")
    command = [sys.executable, "-m", "pipeline.marks", str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "job-1" in lines[0]
    assert "换一张" in lines[1]
