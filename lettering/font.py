"""The font that we draw with (Noto Sans SC Bold, OFL-1.1), so that Chinese is never drawn as boxes.

Nothing falls back to another font: a missing file is an error that says so, at start-up (`check`) and when drawing.
"""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from storage.errors import HeyingError

FONT = Path(__file__).resolve().parent.parent / "assets" / "fonts" / "NotoSansSC-Bold.otf"
EMOJI = FONT.with_name("NotoEmoji-Regular.woff2")  # for browsers alone
PROBE = "AI生成合影嘿！"


class FontError(HeyingError):
    """The shipped font is missing or unreadable."""


@lru_cache(maxsize=64)
def font(pixels: int, path: Path = FONT) -> ImageFont.FreeTypeFont:
    """The shipped font at `pixels` per em. Raises FontError when the file is missing or damaged."""
    try:
        return ImageFont.truetype(str(path), pixels)
    except OSError as error:
        raise FontError(
            "字体文件找不到或已损坏，汉字会变成方框。请重新取出 assets/fonts/NotoSansSC-Bold.otf 再试。",
            f"font {path} cannot be read: {error}",
        ) from error


@lru_cache(maxsize=4096)
def has_glyph(character: str) -> bool:
    """Whether the font draws `character` itself and not the box that stands for an unknown one (`.notdef`)."""
    face = font(24)
    return character.isspace() or bytes(face.getmask(character)) != bytes(face.getmask("\U0010fffd"))


def drawable(text: str) -> str:
    """`text` without the characters that the font has no picture of (most emoji), spaces tidied."""
    return " ".join("".join(character for character in text if has_glyph(character)).split())


def check(path: Path | None = None) -> None:
    """Raises FontError unless the font (by default the shipped one) can be read and draws Chinese."""
    path = FONT if path is None else path
    face = font(24, path)
    blank = bytes(face.getmask("\U0010fffd"))
    missing = [character for character in PROBE if bytes(face.getmask(character)) == blank]
    if missing:
        raise FontError(
            "字体文件不含汉字。请重新取出 assets/fonts/NotoSansSC-Bold.otf 再试。", f"font {path} lacks {missing}"
        )
