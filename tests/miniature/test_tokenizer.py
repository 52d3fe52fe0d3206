"""The tokenizer keeps the world's words whole, and its captions within the length."""

from pathlib import Path

import numpy as np
import pytest
from transformers import CLIPTokenizer

from miniature import tokenizer
from miniature.characters import ZOO
from miniature.sampling import sample, training_caption
from miniature.scenes import vocabulary

NAMES = [thing.name for thing in ZOO]


@pytest.fixture(scope="module")
def words() -> CLIPTokenizer:
    """Built once: it takes a second."""
    return tokenizer.build()


def test_every_word_is_one_token(words: CLIPTokenizer) -> None:
    """Names of the zoo and held-out words too; and no two words share one."""
    ids = [words(word, add_special_tokens=False).input_ids for word in vocabulary(NAMES)]
    assert all(len(i) == 1 for i in ids)
    assert len({i[0] for i in ids}) == len(vocabulary(NAMES))


def test_captions_fit_and_cost_one_token_a_word(words: CLIPTokenizer) -> None:
    """Begin, one token for each word, end; three described people are the longest."""
    rng = np.random.default_rng(0)
    lengths = []
    for seed in range(1500):
        scene = sample([6, seed], names=seed % 2 == 0)
        for caption in (scene.caption(), training_caption(scene, rng)):
            ids = words(caption).input_ids
            assert len(ids) == len(caption.split()) + 2
            lengths.append(len(ids))
    assert max(lengths) <= tokenizer.MAX_TOKENS == words.model_max_length


def test_any_text_has_tokens(words: CLIPTokenizer) -> None:
    """Unknown words, Chinese and emoji fall back to bytes and come back whole."""
    for text in ("teapot", "阿紫", "🐱", "naïve"):
        ids = words(text, add_special_tokens=False).input_ids
        assert len(ids) > 1
        assert words.decode(ids).strip() == text


def test_saved_and_loaded_it_is_the_same(words: CLIPTokenizer, tmp_path: Path) -> None:
    """Also from vocab.json and merges.txt alone, as older readers of the format load it."""
    tokenizer.save(words, tmp_path)
    caption = "a photo of a girl with long black hair in a red striped dress with glasses on the left in the night city"
    expected = words(caption).input_ids
    assert CLIPTokenizer.from_pretrained(tmp_path, local_files_only=True)(caption).input_ids == expected
    (tmp_path / "tokenizer.json").unlink()
    assert CLIPTokenizer.from_pretrained(tmp_path, local_files_only=True)(caption).input_ids == expected
