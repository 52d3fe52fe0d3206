"""Which known words learning starts from."""

from typing import Any

import pytest

from miniature.characters import held_out_characters
from miniature.samples import references
from miniature.wording import slots
from personalization.nearest import OPEN, nearest
from personalization.subject import features, portraits
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.vocabulary import Thing, Vocabulary, phrase
from tests.personalization.conftest import photos


def unlike(truth: str) -> Any:
    """A loss that counts the words that differ from the truth, and what it was asked."""
    asked: list[str] = []

    def loss(words: str) -> float:
        asked.append(words)
        return float(len(set(words.split()) ^ set(truth.split())))

    return loss, asked


@pytest.mark.parametrize("name", ["阿紫", "小明", "团子"])
def test_what_is_read_in_most_pictures_is_the_start(judge: Any, name: str) -> None:
    """The reader may be wrong about one picture; of four it gives the whole description, and the loss is asked once."""
    vocabulary, character = vocabulary_of(judge.name), held_out_characters()[name]
    kind = "pet" if name == "团子" else "person"
    loss, asked = unlike(references(character)[0].things[0].phrase())
    shown = portraits(judge, photos(name), kind)
    read = [one.seen.things[one.index] for one in shown if one.index is not None]
    start = nearest(vocabulary, kind, judge.clip, features(judge, shown), loss, read)
    assert (start.like, dict(start.slots)) == (character.kind, slots(character))
    assert start.words == phrase(vocabulary, Thing(character.kind, slots(character)))
    assert start.loss == 0
    assert len(asked) == 1


def test_without_a_reader_judge_and_loss_find_the_kind(judge: Any) -> None:
    """The judge rules out most, the loss decides between the rest; it is asked for few, and for none twice."""
    vocabulary, character = vocabulary_of(judge.name), held_out_characters()["团子"]
    loss, asked = unlike(references(character)[0].things[0].phrase())
    start = nearest(vocabulary, "pet", judge.clip, features(judge, portraits(judge, photos("团子"), "pet")), loss)
    assert (start.like, start.slots["color"]) == (character.kind, character.color)
    assert len(asked) == len(set(asked)) <= 40


def test_without_a_judge_the_loss_chooses_among_kinds(judge: Any) -> None:
    vocabulary = vocabulary_of(judge.name)
    loss, asked = unlike("a rabbit")
    assert nearest(vocabulary, "pet", None, None, loss).like == "rabbit"
    assert {words.split()[-1] for words in asked} >= {"cat", "dog", "rabbit"}


def test_a_style_starts_from_a_style(judge: Any) -> None:
    loss, asked = unlike("ink wash painting")
    assert nearest(vocabulary_of(judge.name), "style", judge.clip, None, loss).words == "ink wash painting"
    assert asked == [
        "photo", "ink wash painting", "impressionist painting", "comic", "pencil sketch", "pixel art",
        "abstract painting",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", OPEN)
def test_an_open_world_starts_from_everyday_words(kind: str) -> None:
    loss, asked = unlike(OPEN[kind][1])
    assert nearest(Vocabulary(), kind, None, None, loss).words == OPEN[kind][1]
    assert asked == list(OPEN[kind])
