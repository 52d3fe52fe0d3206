"""The two marks that generated pictures carry in China: words that can be seen, and one metadata item `AIGC`.

人工智能生成合成内容标识办法 (in force since 2025-09-01) and GB 45438-2025: the words name AI *and* 生成 or 合成,
stand at an edge or corner and are at least 5 % of the shorter side high; the file carries exactly one item `AIGC` with
a JSON object. PNG keeps it in a `tEXt` chunk, JPEG and WebP in EXIF UserComment. The first reserved field is the
producer's own for guarding the content: ours holds a seal over number and pixels that only this data folder can make.
"""

import hashlib
import hmac
import io
import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, PngImagePlugin

from lettering.font import font

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
class Maker:
    """Who makes pictures here: the name that the item gives, and the secret that the seal is made with (empty: none)."""

    name: str = PRODUCER
    secret: bytes = field(default=b"", repr=False)

    def seal(self, produce_id: str, pixels: Pixels | None = None) -> str:
        """What only this maker can write beside that number: of the number alone, or with these pixels."""
        if not self.secret:
            return ""
        content = b"" if pixels is None else f"{pixels.shape}".encode() + np.ascontiguousarray(pixels).tobytes()
        return hmac.new(self.secret, produce_id.encode() + b"\0" + content, hashlib.sha256).hexdigest()[:24]


UNSEALED = Maker()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found in a file: the item `AIGC` as a dict (None: none that is valid), a Chinese sentence, whether
    the number in it is one of `ours`, and whether the picture is still `intact`, to the pixel."""

    item: dict[str, str] | None
    sentence: str
    ours: bool = False
    intact: bool = False

    @property
    def marked(self) -> bool:
        """Whether the file says of itself that AI made it."""
        return self.item is not None


def stamp(image: Pixels) -> Pixels:
    """A copy of the picture (H, W, 3 or 4; uint8) with `AI生成` in the corner that holds the least detail.

    A picture that already bears the words is returned unchanged, so that a second edit does not add a second mark.
    """
    corners = _corners(image)
    if any(_same(image[place], words, body) for place, words, body in corners):
        return image.copy()
    place, words, _ = min(corners, key=lambda corner: _detail(image[_around(corner[0])]))
    marked = image.copy()
    marked[place] = words
    return marked


def stamp_below(image: Pixels) -> Pixels:
    """The same, at the lower right whatever is there."""
    place, words, _ = _corners(image)[0]
    marked = image.copy()
    marked[place] = words
    return marked


def stamped(image: Pixels) -> bool:
    """Whether the words stand where `stamp` writes them; lossy compression does not matter, another size does."""
    return any(_same(image[place], words, body) for place, words, body in _corners(image))


def item(produce_id: str, maker: Maker = UNSEALED, label: str = "1", pixels: Pixels | None = None) -> dict[str, str]:
    """The metadata item. `label`: 1 = is generated, 2 = may be, 3 = suspected; `produce_id` finds our job again."""
    seal = "-".join(filter(None, (maker.seal(produce_id), maker.seal(produce_id, pixels))))
    return dict(zip(FIELDS, (label, maker.name, produce_id, seal, maker.name, produce_id, ""), strict=True))


def encode(
    image: Pixels, produce_id: str, file_format: str = "PNG", maker: Maker = UNSEALED, quality: int = 95
) -> bytes:
    """The picture (H, W, 3 or 4; uint8) as a file (`PNG`, `JPEG` or `WEBP`) that carries the item `AIGC` once."""
    seen = image if file_format == "PNG" or not maker.secret else _pixels(_file(image, "", file_format, quality))
    text = json.dumps(item(produce_id, maker, pixels=seen), separators=(",", ":"))
    return _file(image, text, file_format, quality)


def recode(data: bytes, file_format: str, maker: Maker = UNSEALED) -> bytes:
    """A marked file in another format, with the same number; where JPEG has no transparency, on white. A file without a
    valid item comes back as it is."""
    verdict = verify(data)
    if verdict.item is None:
        return data
    pixels = _pixels(data)
    if file_format == "JPEG" and pixels.shape[2] == 4:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        pixels = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return encode(pixels, verdict.item["ProduceID"], file_format, maker)


def smaller(data: bytes, side: int, file_format: str = "WEBP", quality: int = 88) -> bytes:
    """A copy no larger than `side` × `side` pixels that carries the same item as the file `data`, if it carries one."""
    texts = _items(data)
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((side, side))
        return _file(np.asarray(_plain(picture)), texts[0] if texts else "", file_format, quality)


def verify(data: bytes, maker: Maker = UNSEALED) -> Verdict:
    """Whether a file carries the item `AIGC`, exactly once and complete, and whether `maker` made it. Never raises: any
    bytes may come."""
    try:
        texts = _items(data)
        pixels = _pixels(data)
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        return Verdict(None, "这不是能读的图片文件，请换一张 PNG、JPEG 或 WebP。")
    if not texts and stamped(pixels):
        return Verdict(
            None, "画面角上有「AI生成」字样，但文件里的标识已经没有了（多半是截图或转发时丢的），看不出是谁做的。"
        )
    if not texts:
        return Verdict(None, "看不出来：这张图里没有 AI 生成标识。可能不是 AI 做的，也可能标识在截图或转发时被去掉了。")
    if len(texts) > 1:
        return Verdict(None, f"这张图里有 {len(texts)} 条 AI 生成标识，按规定只能有一条，不能当作有效标识。")
    try:
        found: Any = json.loads(texts[0])
        fields = {name: str(found[name]) for name in FIELDS}
    except (ValueError, KeyError, AttributeError, TypeError):
        return Verdict(None, "这张图里的 AI 生成标识不完整，不能当作有效标识。")
    kind = {"1": "由 AI 生成", "2": "可能由 AI 生成", "3": "疑似由 AI 生成"}.get(fields["Label"])
    if kind is None:
        return Verdict(None, "这张图里的 AI 生成标识写法不对，不能当作有效标识。")
    number, _, content = fields["ReservedCode1"].partition("-")
    ours = bool(maker.secret) and hmac.compare_digest(number.encode(), maker.seal(fields["ProduceID"]).encode())
    intact = ours and hmac.compare_digest(content.encode(), maker.seal(fields["ProduceID"], pixels).encode())
    told = f"这张图带有标识：{kind}，制作者 {fields['ContentProducer']}，编号 {fields['ProduceID']}。"
    if ours:
        told += "是在这里做的，" + ("之后没有改动过。" if intact else "但画面后来变过（缩小、压缩或修改）。")
    return Verdict(fields, told, ours, intact)


def _file(image: Pixels, text: str, file_format: str, quality: int) -> bytes:
    """A picture as a file, with `text` (ASCII, as tEXt and UserComment want it) as its item `AIGC`, or without any."""
    picture, out = Image.fromarray(image), io.BytesIO()
    if file_format == "PNG":
        chunks = PngImagePlugin.PngInfo()
        if text:
            chunks.add_text("AIGC", text)
        picture.save(out, "PNG", pnginfo=chunks)
        return out.getvalue()
    exif = Image.Exif()
    if text:
        exif.get_ifd(EXIF_FOLDER)[USER_COMMENT] = ASCII + f'{{"AIGC":{text}}}'.encode("ascii")
    if file_format == "JPEG":
        picture.convert("RGB").save(out, "JPEG", quality=quality, exif=exif)
    elif file_format == "WEBP":
        picture.save(out, "WEBP", quality=quality, exif=exif)
    else:
        raise ValueError(f"no place for the metadata item is known in a file of format {file_format!r}")
    return out.getvalue()


def _pixels(data: bytes) -> Pixels:
    """What a file shows, (H, W, 3 or 4)."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(_plain(picture))


def _plain(picture: Image.Image) -> Image.Image:
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _corners(image: Pixels) -> list[tuple[tuple[slice, slice], Pixels, NDArray[np.float32]]]:
    """The four places for the words: where, the patch with the words on it, and what of it they cover. Bottom right
    first: where readers look for it."""
    height, width = image.shape[:2]
    ink, body = _words(height, width)
    h, w = body.shape
    margin = max(1, round(0.015 * min(height, width)))
    margin_y, margin_x = min(margin, height - h), min(margin, width - w)
    places = [
        (slice(y, y + h), slice(x, x + w))
        for y in (height - h - margin_y, margin_y)
        for x in (width - w - margin_x, margin_x)
    ]
    return [(place, _drawn(image[place], ink, body), body) for place in places]


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


def _around(place: tuple[slice, slice]) -> tuple[slice, slice]:
    """A place with half its height around it: words want room."""
    more = (place[0].stop - place[0].start) // 2
    return slice(max(0, place[0].start - more), place[0].stop + more), slice(
        max(0, place[1].start - more), place[1].stop + more
    )


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
    return [_inner(text)] * ('"AIGC"' in text)


def _inner(text: str) -> str:
    """The item in `{"AIGC": item}`; what is not that stays as it is, for verify to judge."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    wrapped = isinstance(found, dict) and "AIGC" in found
    return json.dumps(found["AIGC"], separators=(",", ":")) if wrapped else text


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
