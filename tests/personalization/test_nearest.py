"""Which known words learning starts from."""

from typing import Any

import pytest

from miniature.characters import held_out_characters
from miniature.samples import references
from miniature.wording import slots
from personalization.nearest import OPEN, nearest
from personalization.subject import features, portraits
from pipeline.look import vocabulary_of
from pipeline.vocabulary import Thing, Vocabulary, phrase
from tests.personalization.conftest import photos


def unlike(truth: str) -> Any:
    """A loss that counts the words that differ from the truth, and what it was asked."""
    asked: list[str] = []

    def loss(words: str) -> float:
        asked.append(words)
        return float(len(set(words.split()) ^ set(truth.split())))

    return loss, asked


@pytest.mark.parametrize("name", ["阿紫", "团子"])
def test_judge_and_loss_together_find_the_whole_description(judge: Any, name: str) -> None:
    """The judge is weak at the shape of hair and at what grows on heads; it rules out little there, and the loss
    decides. It is asked for few of the thousands of descriptions, and for none twice."""
    vocabulary, character = vocabulary_of(judge.name), held_out_characters()[name]
    kind = "person" if name == "阿紫" else "pet"
    loss, asked = unlike(references(character)[0].things[0].phrase())
    start = nearest(vocabulary, kind, judge.clip, features(judge, portraits(judge, photos(name), kind)), loss)
    assert (start.like, dict(start.slots)) == (character.kind, slots(character))
    assert start.words == phrase(vocabulary, Thing(character.kind, slots(character)))
    assert start.loss == 0
    assert len(asked) == len(set(asked)) <= 30


def test_without_a_judge_the_loss_chooses_among_kinds(judge: Any) -> None:
    vocabulary = vocabulary_of(judge.name)
    loss, asked = unlike("a rabbit")
    assert nearest(vocabulary, "pet", None, None, loss).like == "rabbit"
    assert {words.split()[-1] for words in asked} >= {"cat", "dog", "rabbit"}


def test_a_style_starts_from_a_style(judge: Any) -> None:
    loss, asked = unlike("ink wash painting")
    assert nearest(vocabulary_of(judge.name), "style", judge.clip, None, loss).words == "ink wash painting"
    assert asked == ["photo", "ink wash painting", "impressionist painting", "comic"]


@pytest.mark.parametrize("kind", OPEN)
def test_an_open_world_starts_from_everyday_words(kind: str) -> None:
    loss, asked = unlike(OPEN[kind][1])
    assert nearest(Vocabulary(), kind, None, None, loss).words == OPEN[kind][1]
    assert asked == list(OPEN[kind])
