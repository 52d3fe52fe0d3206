"""The two marks that generated pictures carry in China: words that can be seen, and one metadata item `AIGC`.

人工智能生成合成内容标识办法 (in force since 2025-09-01) and GB 45438-2025: the words name AI *and* 生成 or 合成,
stand at an edge or corner and are at least 5 % of the shorter side high; the file carries exactly one item `AIGC` with
a JSON object. PNG keeps it in a `tEXt` chunk, JPEG and WebP in EXIF UserComment.

`python -m pipeline.marks FILE…` says of each file whether it carries the item.
"""

import io
import json
import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, PngImagePlugin

from pipeline.lettering import font

WORDS = "AI生成"
PRODUCER = "Heying"
SHARE = 0.055  # of the shorter side; the rule asks for 0.05, rounding must not fall below it
LEGIBLE = 11  # pixels: Chinese in smaller type cannot be read, whatever the share
FIELDS = ("Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2")
EXIF_FOLDER, USER_COMMENT = 0x8769, 0x9286
ASCII = b"ASCII\0\0\0"  # EXIF's eight bytes that name the encoding of a UserComment
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found in a file: the item `AIGC` as a dict (None: none that is valid) and a Chinese sentence."""

    item: dict[str, str] | None
    sentence: str

    @property
    def marked(self) -> bool:
        """Whether the file says of itself that AI made it."""
        return self.item is not None


def stamp(image: Pixels) -> Pixels:
    """A copy of the picture (H, W, 3 or 4; uint8) with `AI生成` in the corner that holds the least detail.

    A picture that already bears the words is returned unchanged, so that a second edit does not add a second mark.
    """
    height, width = image.shape[:2]
    ink, body = _words(height, width)
    h, w = body.shape
    margin = max(1, round(0.015 * min(height, width)))
    margin_y, margin_x = min(margin, height - h), min(margin, width - w)
    corners = [
        (y, x) for y in (height - h - margin_y, margin_y) for x in (width - w - margin_x, margin_x)
    ]  # bottom right first: where readers look for it
    drawn = [_drawn(image[y : y + h, x : x + w], ink, body) for y, x in corners]
    for (y, x), patch in zip(corners, drawn, strict=True):
        if _same(image[y : y + h, x : x + w], patch, body):
            return image.copy()
    detail = [_detail(image[y : y + h, x : x + w]) for y, x in corners]
    best = int(np.argmin(detail))
    y, x = corners[best]
    marked = image.copy()
    marked[y : y + h, x : x + w] = drawn[best]
    return marked


def item(produce_id: str, producer: str = PRODUCER, label: str = "1") -> dict[str, str]:
    """The metadata item. `label`: 1 = is generated, 2 = may be, 3 = suspected; `produce_id` finds our job again."""
    return dict(zip(FIELDS, (label, producer, produce_id, "", producer, produce_id, ""), strict=True))


def encode(
    image: Pixels, produce_id: str, file_format: str = "PNG", producer: str = PRODUCER, quality: int = 95
) -> bytes:
    """The picture (H, W, 3 or 4; uint8) as a file (`PNG`, `JPEG` or `WEBP`) that carries the item `AIGC` once."""
    picture = Image.fromarray(image)
    text = json.dumps(item(produce_id, producer), separators=(",", ":"))  # ASCII, as tEXt and UserComment want it
    out = io.BytesIO()
    if file_format == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("AIGC", text)
        picture.save(out, "PNG", pnginfo=chunks)
        return out.getvalue()
    exif = Image.Exif()
    exif.get_ifd(EXIF_FOLDER)[USER_COMMENT] = ASCII + f'{{"AIGC":{text}}}'.encode("ascii")
    if file_format == "JPEG":
        picture.convert("RGB").save(out, "JPEG", quality=quality, exif=exif)
    elif file_format == "WEBP":
        picture.save(out, "WEBP", quality=quality, exif=exif)
    else:
        raise ValueError(f"no place for the metadata item is known in a file of format {file_format!r}")
    return out.getvalue()


def verify(data: bytes) -> Verdict:
    """Whether a file carries the item `AIGC`, exactly once and complete. Never raises: any bytes may come."""
    try:
        texts = _items(data)
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        return Verdict(None, "这不是能读的图片文件，请换一张 PNG、JPEG 或 WebP。")
    if not texts:
        return Verdict(None, "这张图里没有 AI 生成标识。可能不是我做的，也可能在转发时被去掉了。")
    if len(texts) > 1:
        return Verdict(None, f"这张图里有 {len(texts)} 条 AI 生成标识，按规定只能有一条，不能当作有效标识。")
    try:
        found: Any = json.loads(texts[0])
        found = found.get("AIGC", found)
        fields = {name: str(found[name]) for name in FIELDS}
    except (ValueError, KeyError, AttributeError, TypeError):
        return Verdict(None, "这张图里的 AI 生成标识不完整，不能当作有效标识。")
    kind = {"1": "由 AI 生成", "2": "可能由 AI 生成", "3": "疑似由 AI 生成"}.get(fields["Label"])
    if kind is None:
        return Verdict(None, "这张图里的 AI 生成标识写法不对，不能当作有效标识。")
    return Verdict(fields, f"这张图带有标识：{kind}，制作者 {fields['ContentProducer']}，编号 {fields['ProduceID']}。")


def _words(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The words as two masks in [0, 1] (h, w): the letters, and the letters with their outline."""
    sketch = ImageDraw.Draw(Image.new("L", (1, 1)))
    _, top, _, bottom = sketch.textbbox((0, 0), WORDS, font=font(200))
    pixels = max(LEGIBLE, int(np.ceil(SHARE * min(height, width) * 200 / (bottom - top))))
    while True:
        face, outline = font(pixels), max(1, round(pixels / 12))
        box = sketch.textbbox((0, 0), WORDS, font=face, stroke_width=outline)
        left, top, right, bottom = (int(side) for side in box)
        w, h = right - left, bottom - top
        if (w <= width and h <= height) or pixels == 4:
            break
        pixels -= 1  # a very small or narrow picture
    masks = []
    for stroke in (0, outline):
        mask = Image.new("L", (w, h), 0)
        ImageDraw.Draw(mask).text((-left, -top), WORDS, fill=255, font=face, stroke_width=stroke)
        masks.append(np.asarray(mask, np.float32)[:height, :width] / np.float32(255))
    return masks[0], masks[1]


def _drawn(patch: Pixels, ink: NDArray[np.float32], body: NDArray[np.float32]) -> Pixels:
    """White letters with a dark outline over the patch; opaque, so that drawing twice is the same as once."""
    colors = patch[..., :3].astype(np.float32)
    colors = colors * (1 - body[..., None]) + 40 * body[..., None]
    colors = colors * (1 - ink[..., None]) + 255 * ink[..., None]
    out = patch.copy()
    out[..., :3] = np.rint(colors).astype(np.uint8)
    if patch.shape[2] == 4:
        out[..., 3] = np.maximum(patch[..., 3], np.rint(255 * body).astype(np.uint8))
    return out


def _same(patch: Pixels, drawn: Pixels, body: NDArray[np.float32]) -> bool:
    """Whether drawing the words changed nothing that matters (a JPEG on the way may have)."""
    change = np.abs(patch.astype(np.float32) - drawn).mean(2)
    return bool((change * body).sum() / body.sum() < 12)


def _detail(patch: Pixels) -> float:
    """How much is going on in a patch: mean size of the grey gradient, transparent parts counting as empty."""
    colors = patch[..., :3].astype(np.float32)
    if patch.shape[2] == 4:
        colors *= patch[..., 3:].astype(np.float32) / 255
    gray = colors.mean(2)
    return float(np.hypot(cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)).mean())


def _items(data: bytes) -> list[str]:
    """The texts of all items `AIGC` in a file. Raises what damaged files make Pillow and struct raise."""
    if data.startswith(PNG_SIGNATURE):
        return _png_items(data)
    with Image.open(io.BytesIO(data)) as picture:
        comment = picture.getexif().get_ifd(EXIF_FOLDER).get(USER_COMMENT, b"")
    text = comment.removeprefix(ASCII).decode("ascii", "replace") if isinstance(comment, bytes) else str(comment)
    return [text] * ('"AIGC"' in text)


def _png_items(data: bytes) -> list[str]:
    """The `tEXt` items AIGC of a PNG, read chunk by chunk: Pillow would keep only the last of several."""
    found, at = [], len(PNG_SIGNATURE)
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] != zlib.crc32(name + body):
            raise ValueError("damaged PNG chunk")
        if name == b"tEXt" and body.startswith(b"AIGC\0"):
            found.append(body[5:].decode("latin-1"))
        at += 12 + length
    return found


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, verify(Path(name).read_bytes()).sentence)
