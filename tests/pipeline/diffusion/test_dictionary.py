"""Words that only the dictionary knows, found fast, and none where there is no noun."""

import time

import pytest

from pipeline.diffusion import dictionary
from pipeline.diffusion.dictionary import english, head


@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("螃蟹", "crab"),
        ("恐龙", "dinosaur"),
        ("长颈鹿", "giraffe"),
        ("热气球", "hot air balloon"),
        ("蝙蝠", "bat"),
        ("琵琶", "pipa"),
        ("金字塔", "pyramid"),
        ("锟斤拷", ""),
        ("走路", ""),  # nothing that could be seen
        ("", ""),
        ("蟹" * 500, ""),
    ],
)
def test_nouns(word: str, noun: str) -> None:
    assert english(word) == noun


def test_a_phrase_ends_in_what_it_is_about() -> None:
    assert head("会飞的独角兽") == "unicorn"
    assert head("锟斤拷") == ""
    assert head("") == ""


def test_it_is_read_within_half_a_second_of_work() -> None:
    dictionary._text.cache_clear()
    began = time.process_time()
    assert english("灯笼") == "lantern"
    assert time.process_time() - began < 0.5
