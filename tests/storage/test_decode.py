"""Every kind of picture that people send, and the bytes that are none."""

import contextlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image, ImageCms

from storage.decode import PhotoError, decode
from storage.settings import Limits

LIMITS = Limits()
# Two halves of different colours, wider than high: shows turning, mirroring and channel order.
HALVES = Image.new("RGB", (64, 48), (250, 10, 20))
HALVES.paste((10, 20, 250), (32, 0, 64, 48))


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def sentence(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(PhotoError) as caught:
        decode(data, limits)
    return caught.value.sentence


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes whose header announces any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_lossless_formats_come_through_exactly(format: str) -> None:
    image = decode(saved(HALVES, format, **({"lossless": True} if format == "WEBP" else {})), LIMITS)
    assert (image.mode, image.size) == ("RGB", (64, 48))
    assert np.array_equal(np.asarray(image), np.asarray(HALVES))


@pytest.mark.parametrize("format", ["JPEG", "MPO", "AVIF"])
def test_lossy_formats_come_through_closely(format: str) -> None:
    second = {"save_all": True, "append_images": [Image.new("RGB", (64, 48))]} if format == "MPO" else {}
    image = decode(saved(HALVES, format, quality=95, **second), LIMITS)
    assert np.abs(np.asarray(image, int) - np.asarray(HALVES, int)).mean() < 6


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (64, 48)), (2, (64, 48)), (3, (64, 48)), (6, (48, 64)), (8, (48, 64))]
)
def test_orientation_is_applied(orientation: int, size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(saved(HALVES, "PNG", exif=exif), LIMITS)
    assert image.size == size
    red = {1: (5, 5), 2: (60, 5), 3: (60, 40), 6: (5, 5), 8: (5, 60)}[orientation]
    assert image.getpixel(red) == (250, 10, 20)


def test_nothing_but_pixels_survives() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Secret Camera", {1: "N", 2: (31.0, 14.0, 0.0)}
    image = decode(saved(HALVES, "JPEG", exif=exif, comment=b"Secret words", icc_profile=b"Secret profile"), LIMITS)
    assert image.info == {}
    assert dict(image.getexif()) == {}
    assert b"Secret" not in saved(image)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_says_nothing() -> None:
    image = decode(saved(HALVES, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff rubbish"), LIMITS)
    assert image.size == (64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB", "HSV", "LA", "RGBA"])
def test_colour_modes_become_rgb(mode: str) -> None:
    format = "TIFF" if mode in ("CMYK", "YCbCr", "LAB") else "PNG"
    source = Image.new("RGB", (40, 40), (255, 255, 255))
    converted = source if mode == "HSV" else ImageCms.profileToProfile(
        source, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    ) if mode == "LAB" else source.convert(mode)  # fmt: skip
    assert converted is not None
    pixel = decode(saved(converted, format), LIMITS).getpixel((20, 20))
    assert isinstance(pixel, tuple)
    assert min(pixel) >= 250


def test_adobe_cmyk_is_not_inverted() -> None:
    image = decode(saved(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", quality=95), LIMITS)
    red, green, blue = image.getpixel((20, 20))  # type: ignore[misc]
    assert (red > 240, green < 15, blue < 15) == (True, True, True)


def test_transparency_lies_on_white() -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    image.paste((255, 0, 0, 128), (20, 0, 40, 40))
    plain = decode(saved(image), LIMITS)
    assert plain.getpixel((5, 5)) == (255, 255, 255)
    assert plain.getpixel((30, 5)) == (255, 127, 127)
    palette = Image.new("P", (40, 40), 3)
    palette.putpalette([9] * 768)
    assert decode(saved(palette, "PNG", transparency=3), LIMITS).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(format: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (40, 1))
    values = np.asarray(decode(saved(Image.fromarray(ramp), format), LIMITS))[0, :, 0]
    assert np.abs(values - np.linspace(0, 255, 64)).max() <= 1


def test_float_greys_are_scaled() -> None:
    ramp = np.tile(np.linspace(-1, 1, 64, dtype=np.float32), (40, 1))
    ramp[0, 0] = np.nan
    values = np.asarray(decode(saved(Image.fromarray(ramp), "TIFF"), LIMITS))[5, :, 0]
    assert (values[0], values[-1]) == (0, 255)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame(format: str) -> None:
    frames = [Image.new("RGB", (40, 40), color) for color in ("#ff0000", "#00ff00", "#0000ff")]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    image = decode(saved(frames[0], format, **options, **({"lossless": True} if format == "WEBP" else {})), LIMITS)
    assert image.getpixel((20, 20)) == (255, 0, 0)


def display_p3() -> bytes:
    """A colour profile with the primaries of Apple's Display P3 and a gamma of 2.2 (ICC.1:2001-04, matrix/TRC)."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    name = b"Display P3\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 79,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.5151, 0.2412, -0.0011),
        b"gXYZ": xyz(0.2919, 0.6922, 0.0419),
        b"bXYZ": xyz(0.1572, 0.0666, 0.7841),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
        b"cprt": b"text\0\0\0\0CC0\0",
    }
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data
    size = struct.pack(">I", start + len(body))
    head = size + b"\0\0\0\0\2\x40\0\0mntrRGB XYZ " + b"\0" * 12 + b"acsp" + b"\0" * 28
    return (
        (head + struct.pack(">3i", 63190, 65536, 54061)).ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
    )


def test_a_wide_gamut_profile_is_turned_into_srgb() -> None:
    leaf = Image.new("RGB", (40, 40), (60, 200, 80))
    pixel = decode(saved(leaf, "PNG", icc_profile=display_p3()), LIMITS).getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert pixel[0] < 40 < 200 < pixel[1]  # P3 green is more green than sRGB's with the same numbers
    grey = Image.new("RGBA", (40, 40), (120, 120, 120, 255))
    neutral = np.asarray(decode(saved(grey, "PNG", icc_profile=display_p3()), LIMITS), int)
    assert np.abs(neutral - 120).max() <= 3


def test_an_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = decode(saved(HALVES, "PNG", icc_profile=profile), LIMITS)
    assert np.array_equal(np.asarray(image), np.asarray(HALVES))


def test_nothing_is_said_to_be_empty() -> None:
    assert "0 字节" in sentence(b"")


@pytest.mark.parametrize("data", [b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\0" * 5000])
def test_what_is_no_picture_is_said_so(data: bytes) -> None:
    assert "不是我能看的图片" in sentence(data)


def test_formats_that_nobody_sends_are_not_even_tried() -> None:
    for format in ("PPM", "ICO", "TGA", "EPS"):
        assert "不是我能看的图片" in sentence(saved(HALVES, format))


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_heic_of_phones(mode: str) -> None:
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decode(saved(HALVES.convert(mode), "HEIF", quality=-1, exif=exif.tobytes()), LIMITS)
    assert (image.mode, image.size) == ("RGB", (48, 64))
    assert image.info == {}
    assert np.abs(np.asarray(image, int)[5, 5] - [250, 10, 20]).max() < 12


def test_heic_within_bounds() -> None:
    pillow_heif.register_heif_opener()
    small = saved(Image.new("L", (16, 640)), "HEIF")
    assert "太小" in sentence(small)
    assert "太大" in sentence(small, Limits(megapixels=0.01))
    told = sentence(small[:200])
    assert "损坏" in told or "HEIC" in told


def test_heic_is_told_apart() -> None:
    assert "HEIC" in sentence(b"\0\0\0\x18ftypheic" + b"\0" * 100)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_truncated_picture_is_said_to_be_damaged(format: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    data = saved(noise, format)
    said = sentence(data[: len(data) // 2])
    assert "不完整" in said or "不是我能看的图片" in said


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1), (7_200, 7_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert "50 百万像素" in sentence(bomb(*size))


def test_a_real_bomb_of_many_pixels_is_refused_without_decoding(tmp_path: Path) -> None:
    data = saved(Image.new("1", (10_000, 8_000)))
    assert len(data) < 20_000
    assert "50 百万像素" in sentence(data)


def test_limits_are_those_of_the_settings() -> None:
    data = saved(HALVES)
    assert "0.001 百万像素" in sentence(data, Limits(megapixels=0.001))
    assert "压缩" in sentence(data, Limits(megabytes=0.0001))
    assert "至少要 49 像素" in sentence(data, Limits(shortest_side=49))
    assert "狭长" in sentence(saved(Image.new("RGB", (32, 641))))
    assert decode(saved(Image.new("RGB", (32, 640))), LIMITS).size == (32, 640)
    assert "太小了（31×40）" in sentence(saved(Image.new("RGB", (31, 40))))


def test_too_little_memory_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("storage.decode._plain", refuse)
    assert "太大" in sentence(saved(HALVES))


@pytest.mark.filterwarnings("ignore")  # what Pillow thinks of the bytes
@given(some.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]), some.data())
def test_flipped_bytes_give_a_picture_or_a_sentence(format: str, data: some.DataObject) -> None:
    hostile = bytearray(saved(HALVES, format))
    for _ in range(data.draw(some.integers(1, 8))):
        hostile[data.draw(some.integers(0, len(hostile) - 1))] = data.draw(some.integers(0, 255))
    with contextlib.suppress(PhotoError):
        assert decode(bytes(hostile), LIMITS).mode == "RGB"
