"""Hostile bytes → a plain RGB picture, within bounds.

Nothing of the file but its pixels survives: no EXIF, no GPS, no colour profile, no text, no second frame.
"""

import contextlib
import io
import re
import struct
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from storage.errors import HeyingError
from storage.settings import Limits

# Pillow knows some forty formats; these are the ones that people send, and the only decoders a stranger may reach.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
PROFILE_BYTES = 4 << 20  # a larger colour profile is not one
# A progressive JPEG of a camera or a web service has about ten scans. Each costs a pass over the whole picture however
# few bytes it has, so that a small file can ask for minutes of work (libjpeg-turbo's report LJT-01-005 on such files).
MOST_SCANS = 100
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)  # not a stuffed byte, not a restart
_START_OF_SCAN, _END_OF_IMAGE, _ALONE = 0xDA, 0xD9, frozenset((0x01, 0xD8))


class PhotoError(HeyingError):
    """Not a usable picture, or not this user's."""


def decode(data: bytes, limits: Limits) -> Image.Image:
    """The picture in ``data``: RGB, upright, first frame, transparency over white, colours in sRGB.

    Raises PhotoError with what is wrong: empty, too many bytes, no picture, too many pixels, too small, too narrow,
    too many scans, damaged. For strangers' bytes use decode_pool, which does this in a process of its own.
    """
    return convert(read(data, limits))


def read(data: bytes, limits: Limits) -> Image.Image:
    """The first frame of the picture in ``data`` as its file has it, decoded. Raises PhotoError as decode does."""
    if not data:
        raise PhotoError("收到的图片是空的（0 字节），请重新发一次。", "0 bytes")
    if len(data) > limits.megabytes * 1e6:
        raise PhotoError(
            f"图片文件太大了（超过 {limits.megabytes:g} MB），请压缩一下再发。", f"{len(data)} bytes is too many"
        )
    if data.startswith(b"\xff\xd8") and (count := scans(data)) > MOST_SCANS:
        raise PhotoError("这张 JPEG 太复杂了，我解不开。请截个图，或另存为普通 JPG 再发。", f"{count} scans")
    try:
        image = Image.open(io.BytesIO(data), formats=_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(limits, str(error)) from None
    except UnidentifiedImageError:
        raise PhotoError("这不是我能看的图片，请发 JPG、PNG、WebP 或 HEIC 格式的照片。", "not a picture") from None
    except Exception as error:  # decoders meet hostile bytes with whatever error comes first
        raise _damaged(error) from None
    _check_size(image.size, limits)
    try:
        image.load()
    except MemoryError:
        raise _too_large(limits, "out of memory") from None
    except Exception as error:
        raise _damaged(error) from None
    return image


def convert(image: Image.Image) -> Image.Image:
    """A decoded picture as we keep it: upright, RGB, sRGB, its pixels and nothing else. Raises PhotoError."""
    try:
        return _plain(image)
    except MemoryError:
        raise PhotoError("这张图片太大，内存放不下，请缩小后再发。", "out of memory") from None
    except Exception as error:
        raise _damaged(error) from None


def scans(data: bytes) -> int:
    """How many scans a JPEG announces, counted by walking its markers (ITU-T T.81, B.1.1)."""
    count, place = 0, 2
    while found := _MARKER.search(data, place):
        marker, place = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            break
        if marker not in _ALONE:
            place += int.from_bytes(data[place : place + 2], "big")
        count += marker == _START_OF_SCAN
    return count


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """The formats that this machine can read. libheif is loaded when the first picture is."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    """Judge the size that the header announces, before a single pixel is decoded."""
    width, height = size
    if width * height > limits.megapixels * 1e6:
        raise _too_large(limits, f"{width}x{height}")
    short, long = sorted(size)
    if short < limits.shortest_side:
        raise PhotoError(
            f"图片太小了（{width}×{height}），短边至少要 {limits.shortest_side} 像素，请发大一点的。",
            f"{width}x{height} is too small",
        )
    if long > limits.aspect * short:
        raise PhotoError(
            f"图片太狭长了（{width}×{height}），长边请不要超过短边的 {limits.aspect:g} 倍，裁一下再发。",
            f"{width}x{height} is too narrow",
        )


def _plain(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    _turn_upright(image)
    rgb = _srgb(_opaque(_eight_bits(image)), profile)
    clean = Image.new("RGB", rgb.size)  # pixels are carried over, `info` is left behind
    clean.paste(rgb)
    return clean


def _turn_upright(image: Image.Image) -> None:
    """Turn the picture, in its place, as EXIF says; damaged EXIF says nothing."""
    damage = (ValueError, SyntaxError, TypeError, KeyError, IndexError, OSError, struct.error, OverflowError, Warning)
    with contextlib.suppress(*damage):
        ImageOps.exif_transpose(image, in_place=True)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and float greys scaled to 0–255, where Pillow's own convert() would clip them to white."""
    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return image
    values = np.asarray(image, dtype=np.float32)
    values = np.where(np.isfinite(values), values, 0.0)
    low, high = values.min(), values.max()
    if image.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    return Image.fromarray(np.uint8(np.round((values - low) * (255.0 / max(high - low, 1e-12)))))


def _opaque(image: Image.Image) -> Image.Image:
    """Transparency laid over white."""
    if not image.has_transparency_data:
        return image
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Pixels in sRGB: phones send Display P3, print shops CMYK with a profile. A damaged profile counts for nothing."""
    if profile and len(profile) <= PROFILE_BYTES and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        colours = image.convert("RGB") if image.mode == "RGBA" else image
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                target = ImageCms.createProfile("sRGB")
                turned = ImageCms.profileToProfile(colours, source, target, outputMode="RGB")
                return turned if turned is not None else colours.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image if image.mode == "RGB" else image.convert("RGB")


def _too_large(limits: Limits, log: str) -> PhotoError:
    return PhotoError(f"图片太大了，最多 {limits.megapixels:g} 百万像素，请缩小后再发。", f"too many pixels: {log}")


def _damaged(error: Exception) -> PhotoError:
    return PhotoError("图片不完整或已损坏，请重新发一次原图。", f"damaged picture: {type(error).__name__}: {error}")
