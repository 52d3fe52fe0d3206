"""Stickers that move: a figure with its outline, sign and words, made to bounce, wiggle, sway, pop or nod, and the files
that chats take. Each carries the marks, as a still one does.
"""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageSequence

from lettering import marks, stickers
from lettering.stamp import stamp_all
from lettering.stickers import SIDE, Floats, Pixels

FRAMES, RATE = 20, 10  # frames of a loop and frames a second: two seconds
CAPTION = 0.2  # share of the height that stays free for words, below
LIMIT = 256 * 1024  # bytes of Telegram's moving stickers
WECHAT_SIDE, WECHAT_LIMIT = 240, 500 * 1000  # KB as the shop counts them, the strict way


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a figure is in a frame, in shares of its size about the middle of its base: moved, scaled, turned (degrees),
    leaning (shear)."""

    x: float = 0.0
    y: float = 0.0
    wide: float = 1.0
    tall: float = 1.0
    turn: float = 0.0
    lean: float = 0.0


def _bounce(t: float) -> Pose:
    """Two jumps a loop, flattened where it lands."""
    height = abs(math.sin(2 * math.pi * t))
    press = max(0.0, 1 - height * 4) * 0.09
    return Pose(y=-0.13 * height, wide=1 + press, tall=1 - press)


def _wiggle(t: float) -> Pose:
    """Turned quickly to and fro."""
    return Pose(turn=6.5 * math.sin(4 * math.pi * t))


def _sway(t: float) -> Pose:
    """Leaning gently from side to side."""
    wave = math.sin(2 * math.pi * t)
    return Pose(x=0.02 * wave, lean=0.10 * wave)


def _pop(t: float) -> Pose:
    """Bursting out large and settling; the first frame, which chats show as a still, is a settled one."""
    t = (t + 0.5) % 1
    settled = 1 + 0.12 * math.exp(-7 * (t - 0.15)) * math.cos(22 * (t - 0.15))
    size = settled if t >= 0.15 else 0.55 + 0.57 * (t / 0.15)
    return Pose(wide=size, tall=size)


def _nod(t: float) -> Pose:
    """Pressed down twice, as somebody who agrees."""
    press = 0.07 * max(0.0, math.sin(4 * math.pi * t))
    return Pose(wide=1 + 0.4 * press, tall=1 - press)


def _shiver(t: float) -> Pose:
    """Trembling with cold or anger."""
    return Pose(x=0.014 * math.sin(10 * math.pi * 2 * t), turn=1.2 * math.sin(14 * math.pi * t))


MOVES: dict[str, Callable[[float], Pose]] = {
    "bounce": _bounce, "wiggle": _wiggle, "sway": _sway, "pop": _pop, "nod": _nod, "shiver": _shiver,
}  # fmt: skip


BY_EXPRESSION = {
    "happy": "bounce", "sad": "sway", "angry": "shiver", "surprised": "pop", "sleepy": "nod", "love": "sway",
    "speechless": "wiggle",
}  # fmt: skip


def sticker(figured: Pixels, caption: str = "", expression: str | None = None, visible: bool = True) -> list[Pixels]:
    """The frames (512, 512, 4) of a figure (stickers.figure) as a sticker that moves as its mood does; with the visible
    mark unless not ``visible``."""
    thing, words, bottom = stickers.layers(figured, caption, expression)
    seen = np.asarray(thing.crop(thing.getchannel("A").getbbox()))
    moved = animate(seen, BY_EXPRESSION.get(expression or "", "nod"), caption=1 - bottom / SIDE)
    frames = [np.asarray(Image.alpha_composite(Image.fromarray(frame), words)) for frame in moved]
    return stamp_all(frames) if visible else frames


def moves(data: bytes) -> bool:
    """Whether a picture's file moves."""
    with Image.open(io.BytesIO(data)) as image:
        return getattr(image, "n_frames", 1) > 1


def frames_of(data: bytes) -> list[Pixels]:
    """The frames (H, W, 4) of a moving picture's file, RATE a second; files keep alike ones as one that stays longer."""
    frames: list[Pixels] = []
    with Image.open(io.BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            pixels = np.asarray(frame.convert("RGBA")).copy()
            frames += [pixels] * max(1, round(frame.info.get("duration", 0) * RATE / 1000))
    return frames


def animate(
    figure: Pixels, move: str, frames: int = FRAMES, side: int = SIDE, caption: float = CAPTION
) -> list[Pixels]:
    """`figure` (H, W, 4 RGBA) in one of MOVES: so many frames (side, side, 4) of a loop that closes.

    caption  share of the height that stays free at the lower edge
    """
    if not 2 <= frames <= 60:
        raise ValueError(f"frames must be 2 to 60, got {frames}")
    height, width = figure.shape[:2]
    room = side * (1 - caption)
    scale = min(side * 0.80 / width, room * 0.82 / height)
    base = np.array([width / 2, height])
    foot = np.array([side / 2, room * 0.985])
    colours = figure[..., :3].astype(np.float32) * (figure[..., 3:].astype(np.float32) / 255)
    premultiplied = np.dstack([colours, figure[..., 3].astype(np.float32)])
    shrink = min(1.0, 1.6 * scale)
    if shrink < 1:
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        premultiplied = np.asarray(cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA), np.float32)
    out = []
    for k in range(frames):
        pose = MOVES[move](k / frames)
        angle = math.radians(pose.turn)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        shape = np.array([[pose.wide, -pose.lean], [0.0, pose.tall]])
        linear = turn @ shape * scale
        shift = foot + np.array([pose.x, pose.y]) * min(side, room) - linear @ base
        matrix = np.column_stack([linear / shrink, shift])
        moved = cv2.warpAffine(premultiplied, matrix, (side, side), flags=cv2.INTER_LINEAR)
        out.append(_straight(np.asarray(moved, np.float32)))
    return out


def _straight(premultiplied: Floats) -> Pixels:
    alpha = premultiplied[..., 3:]
    colours = premultiplied[..., :3] * 255 / np.maximum(alpha, 1)
    return np.asarray(np.rint(np.dstack([colours, alpha])).clip(0, 255), np.uint8)


def webm(frames: Sequence[Pixels], item: str = "", rate: int = RATE, limit: int = LIMIT) -> bytes:
    """WEBM, VP9 with transparency, as Telegram's video stickers are, in at most `limit` bytes; `item`: the JSON text of
    the metadata mark.

    Raises ValueError when even the coarsest quality is larger, ImportError without the package `av`.
    """
    import av

    height, width = frames[0].shape[:2]
    for quality in (24, 32, 40, 48, 56, 63):
        target = io.BytesIO()
        with av.open(target, "w", format="webm", options={"fflags": "+bitexact"}) as container:
            if item:
                container.metadata["AIGC"] = item
            stream = container.add_stream("libvpx-vp9", rate=rate)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuva420p"
            stream.options = {"crf": str(quality), "b": "0", "cpu-used": "5", "auto-alt-ref": "0", "row-mt": "0"}
            stream.thread_count = 1
            for pixels in frames:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgba")
                container.mux(stream.encode(frame.reformat(format="yuva420p")))
            container.mux(stream.encode())
        if target.tell() <= limit:
            return target.getvalue()
    raise ValueError(f"{target.tell()} bytes at the coarsest quality, {limit} allowed")


def webp(
    frames: Sequence[Pixels],
    produce_id: str = "",
    maker: marks.Maker = marks.UNSEALED,
    rate: int = RATE,
    limit: int = LIMIT,
) -> bytes:
    """An animated WEBP with transparency in at most `limit` bytes. Raises ValueError when that cannot be."""
    for quality in (80, 65, 50, 35, 20, 5):
        fields = {"quality": quality, "method": 3, "alpha_quality": min(90, quality + 20)}
        data = marks.encode_moving(frames, produce_id, "WEBP", round(1000 / rate), maker, **fields)
        if len(data) <= limit:
            return data
    raise ValueError(f"{len(data)} bytes at the lowest quality, {limit} allowed")


def gif(
    frames: Sequence[Pixels],
    produce_id: str = "",
    maker: marks.Maker = marks.UNSEALED,
    rate: int = RATE,
    side: int = WECHAT_SIDE,
    limit: int = WECHAT_LIMIT,
) -> bytes:
    """An animated GIF as WeChat takes it, in at most `limit` bytes: smaller and with fewer colours until it fits.

    GIF knows no half opacity: pixels are opaque from one half on. Raises ValueError when it cannot be small enough.
    """
    for share, colours in ((1.0, 255), (1.0, 128), (0.85, 128), (0.7, 64), (0.5, 48)):
        images = _of_palette(frames, max(16, round(side * share)), colours)
        fields = {"disposal": 2, "transparency": 255, "optimize": False}
        data = marks.encode_moving(images, produce_id, "GIF", round(1000 / rate), maker, **fields)
        if len(data) <= limit:
            return data
    raise ValueError(f"{len(data)} bytes at the smallest size, {limit} allowed")


def _of_palette(frames: Sequence[Pixels], size: int, colours: int) -> list[Image.Image]:
    """The frames, size × size, in one palette of so many colours; 255 is nothing."""
    small = [cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA) for pixels in frames]
    strip = Image.fromarray(np.ascontiguousarray(np.concatenate([pixels[..., :3] for pixels in small[::3]])))
    palette = strip.quantize(colours - 1, Image.Quantize.MEDIANCUT)
    images = []
    for pixels in small:
        plain = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
        flat = plain.quantize(palette=palette, dither=Image.Dither.NONE)
        numbers = np.asarray(flat).copy()
        numbers[pixels[..., 3] < 128] = 255
        image = Image.fromarray(numbers, "P")
        image.putpalette((flat.getpalette() or [])[: 3 * 255] + [0] * (768 - 3 * min(255, colours - 1)))
        images.append(image)
    return images
