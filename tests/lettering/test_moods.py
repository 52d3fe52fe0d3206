"""Which words, faces and emoji a set gets."""

import pytest

from lettering import font, moods
from lettering.moods import USUAL, Mood, of
from storage import packs
from storage.plans import EXPRESSIONS


def test_what_was_asked_for_comes_first_and_the_usual_fills_up() -> None:
    """Nothing asked for is dropped, nothing is there twice."""
    assert moods.moods(6) == USUAL[:6]
    assert [mood.caption for mood in moods.moods(3, ["打工人"])] == ["打工人", "收到", "在吗"]
    told = moods.moods(3, [], ["angry"])
    assert told[0] == Mood("生气", "angry", "😡")
    assert len({mood.caption for mood in told}) == 3
    assert [(mood.caption, mood.expression) for mood in moods.moods(1, ["甲", "乙"], ["sad", "love"])] == [
        ("甲", "sad"), ("乙", "love"),
    ]  # fmt: skip
    assert len(moods.moods(12)) == 12
    assert {mood.expression for mood in moods.moods(9)} >= {"happy", "sad", "angry", "surprised", "sleepy", "love"}


@pytest.mark.parametrize(
    ("caption", "expression"),
    [
        ("晚安", "sleepy"),
        ("哈哈哈哈", "happy"),
        ("气死我了啊", "angry"),
        ("呜呜呜", "sad"),
        ("天哪", "surprised"),
        ("桌子", None),
    ],
)
def test_captions_sound_like_a_mood(caption: str, expression: str | None) -> None:
    """The face goes with the words."""
    assert of(caption).expression == expression


def test_every_mood_can_be_drawn_and_kept() -> None:
    """Words that the font has, expressions that plans know, emoji that packs take."""
    for mood in (*USUAL, *moods.BY_EXPRESSION.values(), *(Mood("", face, emoji) for _, face, emoji in moods.SOUNDS)):
        assert font.drawable(mood.caption) == mood.caption
        assert mood.expression in (None, *EXPRESSIONS)
        assert packs.clean_emoji(mood.emoji) == mood.emoji
