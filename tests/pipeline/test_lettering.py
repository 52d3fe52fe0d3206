"""The shipped font is there, draws Chinese, and is missed loudly."""

from pathlib import Path

import pytest

from pipeline import lettering


def test_draws_simplified_and_common_traditional_characters() -> None:
    """Both scripts that our users write are in the subset."""
    assert all(lettering.has_glyph(character) for character in "打工人合影嘿！“”…鑼愛貓OK～")


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
