"""The words can be seen, the item can be read back, and neither is there twice."""

import io
import json
import subprocess
import zlib
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from PIL import Image

from lettering import marks

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


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_a_seal_says_who_and_whether_it_was_changed(file_format: str) -> None:
    """Ours to the pixel; ours but changed since; said to be ours by somebody else."""
    ours, others = marks.Maker(secret=b"house"), marks.Maker(secret=b"elsewhere")
    image = marks.stamp(picture(90, 70))
    data = marks.encode(image, "42", file_format, ours)
    verdict = marks.verify(data, ours)
    assert (verdict.marked, verdict.ours, verdict.intact) == (True, True, True)
    assert "没有改动过" in verdict.sentence
    for somebody in (others, marks.UNSEALED):
        verdict = marks.verify(data, somebody)
        assert (verdict.marked, verdict.ours) == (True, False)
        assert "是在这里做的" not in verdict.sentence
    small = marks.smaller(data, 48)
    verdict = marks.verify(small, ours)
    assert (verdict.marked, verdict.ours, verdict.intact) == (True, True, False)
    assert "变过" in verdict.sentence
    assert small.count(b"AIGC") == 1
    with Image.open(io.BytesIO(small)) as back:
        assert max(back.size) == 48
    forged = data.replace(b'"42"', b'"43"')
    assert not forged.startswith(b"\x89PNG") or marks.verify(forged, ours).item is None  # the chunk's CRC is wrong
    assert not marks.verify(forged, ours).ours


def test_a_picture_without_a_mark_is_made_smaller_without_one() -> None:
    """A user's own photo is not called ours."""
    plain = io.BytesIO()
    Image.fromarray(picture(90, 70)).save(plain, "PNG")
    assert not marks.verify(marks.smaller(plain.getvalue(), 30)).marked


def test_a_screenshot_cannot_be_told() -> None:
    """Re-encoded without metadata: the words are seen, who made it is not; scaled as well: nothing is."""
    ours = marks.Maker(secret=b"house")
    with Image.open(io.BytesIO(marks.encode(marks.stamp(picture(200, 300)), "42", "PNG", ours))) as made:
        shots = []
        for size in (made.size, (177, 123)):
            out = io.BytesIO()
            made.convert("RGB").resize(size).save(out, "JPEG", quality=85)
            shots.append(marks.verify(out.getvalue(), ours))
    assert not any(shot.marked or shot.ours for shot in shots)
    assert "看不出是谁做的" in shots[0].sentence
    assert "看不出来" in shots[1].sentence


def by_exiftool(paths: list[Path]) -> list[dict[str, str]]:
    """The items of these files as another program reads them."""
    command = ["exiftool", "-json", "-AIGC", "-UserComment", *map(str, paths)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    texts = [told.get("AIGC") or told.get("Aigc") or told["UserComment"] for told in found]
    read = [text if isinstance(text, dict) else json.loads(text) for text in texts]
    return [one.get("AIGC", one) for one in read]


def test_exiftool_reads_the_item(tmp_path: Path) -> None:
    """Another program finds the same item in every format, once."""
    if which("exiftool") is None:
        pytest.skip("EXIFTOOL IS MISSING (apt-get install libimage-exiftool-perl): marks were read back by Pillow only")
    image = np.dstack([picture(64, 64), np.full((64, 64), 200, np.uint8)])
    paths = [tmp_path / f"a.{file_format.lower()}" for file_format in ("PNG", "JPEG", "WEBP")]
    for path in paths:
        path.write_bytes(marks.encode(image, "42", path.suffix[1:].upper(), marks.Maker("合影", b"house")))
    for path, read in zip(paths, by_exiftool(paths), strict=True):
        assert read == marks.verify(path.read_bytes()).item
        assert read["ProduceID"] == "42"
        assert read["ContentProducer"] == "合影"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_another_format_keeps_the_number(file_format: str) -> None:
    """Sealed anew; what was transparent is white where there is no transparency; a stranger's file stays as it is."""
    ours = marks.Maker(secret=b"house")
    image = np.zeros((40, 50, 4), np.uint8)
    image[10:20, 10:30] = (200, 30, 30, 255)
    data = marks.recode(marks.encode(image, "42", "WEBP", ours), file_format, ours)
    verdict = marks.verify(data, ours)
    assert (verdict.intact, verdict.item and verdict.item["ProduceID"]) == (True, "42")
    with Image.open(io.BytesIO(data)) as back:
        assert back.format == file_format
        if file_format == "JPEG":
            assert min(back.getpixel((2, 2))) > 240
    plain = io.BytesIO()
    Image.fromarray(picture(20, 20)).save(plain, "PNG")
    assert marks.recode(plain.getvalue(), file_format, ours) == plain.getvalue()
