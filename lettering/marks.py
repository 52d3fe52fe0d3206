"""The two marks that generated pictures carry in China: words that can be seen, and one metadata item `AIGC`.

人工智能生成合成内容标识办法 (in force since 2025-09-01) and GB 45438-2025: the words name AI *and* 生成 or 合成,
stand at an edge or corner and are at least 5 % of the shorter side high (stamp.py); the file carries exactly one item
`AIGC` with a JSON object (carriers.py: where in the file). The first reserved field is the producer's own for guarding
the content: ours holds a seal over number and pixels that only this data folder can make.
"""

import hashlib
import hmac
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from lettering import producer
from lettering.carriers import items, write, write_moving
from lettering.stamp import Pixels, stamp, stamp_below, stamped

__all__ = [
    "FIELDS",
    "UNSEALED",
    "Maker",
    "Verdict",
    "encode",
    "encode_moving",
    "item",
    "item_in",
    "recode",
    "smaller",
    "stamp",
    "stamp_below",
    "stamped",
    "transparent",
    "verify",
]

PRODUCER = "Heying"
FIELDS = ("Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2")


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes pictures here: the name that the item gives, and the secret that the seal is made with (empty: none).
    Raises ValueError for a name that the item must not hold (GB 45438-2025, annex E j)."""

    name: str = PRODUCER
    secret: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not producer.printable(self.name):
            raise ValueError(f"producer {self.name!r} is not single-byte printable characters without spaces")

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


def item(produce_id: str, maker: Maker = UNSEALED, label: str = "1", pixels: Pixels | None = None) -> dict[str, str]:
    """The metadata item. `label`: 1 = is generated, 2 = may be, 3 = suspected; `produce_id` finds our job again."""
    seal = "-".join(filter(None, (maker.seal(produce_id), maker.seal(produce_id, pixels))))
    return dict(zip(FIELDS, (label, maker.name, produce_id, seal, maker.name, produce_id, ""), strict=True))


def encode(
    image: Pixels, produce_id: str, file_format: str = "PNG", maker: Maker = UNSEALED, quality: int = 95
) -> bytes:
    """The picture (H, W, 3 or 4; uint8) as a file (`PNG`, `JPEG` or `WEBP`) that carries the item `AIGC` once. Raises
    ValueError for another format."""
    seen = image if file_format == "PNG" or not maker.secret else _pixels(write(image, "", file_format, quality))
    text = json.dumps(item(produce_id, maker, pixels=seen), separators=(",", ":"))
    return write(image, text, file_format, quality)


def encode_moving(
    frames: Sequence[Pixels | Image.Image],
    produce_id: str,
    file_format: str,
    milliseconds: int,
    maker: Maker = UNSEALED,
    **more: Any,
) -> bytes:
    """Frames as a moving file (`WEBP` or `GIF`) that carries the item once; sealed with the first one."""
    seen = _pixels(write_moving(frames, "", file_format, milliseconds, **more)) if maker.secret else None
    text = json.dumps(item(produce_id, maker, pixels=seen), separators=(",", ":"))
    return write_moving(frames, text, file_format, milliseconds, **more)


def recode(data: bytes, file_format: str, maker: Maker = UNSEALED, quality: int = 95) -> bytes:
    """A marked file in another format, with the same number; where JPEG has no transparency, on white. A file without a
    valid item comes back as it is."""
    verdict = verify(data)
    if verdict.item is None:
        return data
    pixels = _pixels(data)
    if file_format == "JPEG" and pixels.shape[2] == 4:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        pixels = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return encode(pixels, verdict.item["ProduceID"], file_format, maker, quality)


def smaller(data: bytes, side: int, file_format: str = "WEBP", quality: int = 88) -> bytes:
    """A copy no larger than `side` × `side` pixels that carries the same item as the file `data`, if it carries one."""
    texts = items(data)
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((side, side))
        return write(np.asarray(_plain(picture)), texts[0] if texts else "", file_format, quality)


def verify(data: bytes, maker: Maker = UNSEALED) -> Verdict:
    """Whether a file carries the item `AIGC`, exactly once and complete, and whether `maker` made it. Never raises: any
    bytes may come."""
    try:
        texts = items(data)
        pixels = _pixels(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Verdict(None, "这不是能读的图片文件，请换一张 PNG、JPEG 或 WebP。")
    if not texts and stamped(pixels):
        return Verdict(
            None, "画面角上有「AI生成」字样，但文件里的标识已经没有了（多半是截图或转发时丢的），看不出是谁做的。"
        )
    if not texts:
        return Verdict(None, "看不出来：这张图里没有 AI 生成标识。可能不是 AI 做的，也可能标识在截图或转发时被去掉了。")
    if len(texts) > 1:
        return Verdict(None, f"这张图里有 {len(texts)} 条 AI 生成标识，按规定只能有一条，不能当作有效标识。")
    fields = _fields(texts[0])
    if fields is None:
        return Verdict(None, "这张图里的 AI 生成标识不完整，不能当作有效标识。")
    kind = {"1": "由 AI 生成", "2": "可能由 AI 生成", "3": "疑似由 AI 生成"}.get(fields["Label"])
    if kind is None:
        return Verdict(None, "这张图里的 AI 生成标识写法不对，不能当作有效标识。")
    number, _, content = fields["ReservedCode1"].partition("-")
    ours = bool(maker.secret) and hmac.compare_digest(number.encode(), maker.seal(fields["ProduceID"]).encode())
    intact = ours and hmac.compare_digest(content.encode(), maker.seal(fields["ProduceID"], pixels).encode())
    text = f"这张图带有标识：{kind}，制作者 {fields['ContentProducer']}，编号 {fields['ProduceID']}。"
    if ours:
        text += "是在这里做的，" + ("之后没有改动过。" if intact else "但画面后来变过（缩小、压缩或修改）。")
    return Verdict(fields, text, ours, intact)


def item_in(data: bytes) -> dict[str, str] | None:
    """The first complete item in a file, None without one; nothing is said of its validity. Never raises."""
    try:
        return next((fields for text in items(data) if (fields := _fields(text)) is not None), None)
    except ValueError:
        return None


def transparent(data: bytes) -> bool:
    """Whether a file shows anything through."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.has_transparency_data


def _fields(text: str) -> dict[str, str] | None:
    """The seven fields of an item as its JSON text gives them; None when it does not."""
    try:
        found: Any = json.loads(text)
        return {name: str(found[name]) for name in FIELDS}
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _pixels(data: bytes) -> Pixels:
    """What a file shows, (H, W, 3 or 4)."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(_plain(picture))


def _plain(picture: Image.Image) -> Image.Image:
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
