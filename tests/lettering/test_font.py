"""The shipped font is there, draws Chinese, and is missed loudly."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from lettering import font as lettering


def test_draws_simplified_and_common_traditional_characters() -> None:
    """Both scripts that our users write are in the subset."""
    assert all(lettering.has_glyph(character) for character in "打工人合影嘿！“”…鑼愛貓OK～")


def test_the_subset_is_what_is_promised() -> None:
    """GB 2312 whole (both levels and its punctuation), the frequent half of Big5, characters of names, Cantonese and
    chat; the licence lies beside it."""
    drawn = TTFont(lettering.FONT).getBestCmap()
    for encoding, rows, columns in (
        ("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF)),
        ("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]),
    ):
        pairs = [bytes((row, column)) for row in rows for column in columns]
        characters = {pair.decode(encoding, "ignore") for pair in pairs} - {""}
        assert len(characters) > 5000
        assert [character for character in characters if ord(character) not in drawn] == []
    assert lettering.drawable("喆婳珺瑄堃翀，嘅咗冇佢哋啲，嘚瑟囧槑♥") == "喆婳珺瑄堃翀，嘅咗冇佢哋啲，嘚瑟囧槑♥"
    assert "SIL OPEN FONT LICENSE" in (lettering.FONT.parent / "OFL.txt").read_text("utf-8")
    assert lettering.FONT.stat().st_size < 3_000_000


def test_drops_what_it_cannot_draw() -> None:
    """An emoji becomes nothing, never a box."""
    assert not lettering.has_glyph("😀")
    assert lettering.drawable("开心😀  到\n飞起") == "开心 到 飞起"


def test_a_missing_font_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    """No silent fallback to a font without Chinese."""
    lettering.check()
    with pytest.raises(lettering.FontError) as missing:
        lettering.check(tmp_path / "NotoSansSC-Bold.otf")
    assert "NotoSansSC-Bold.otf" in missing.value.sentence
    (tmp_path / "broken.otf").write_bytes(b"no font")
    with pytest.raises(lettering.FontError):
        lettering.font(24, tmp_path / "broken.otf")
