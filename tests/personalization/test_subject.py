"""Who is in the reference photos, and how captions speak of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from miniature import draw
from miniature.characters import held_out_characters
from miniature.samples import references, scene
from miniature.scenes import Thing
from personalization.subject import Portrait, fits_kind, in_style, in_words, mirrored, portraits
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.vocabulary import Seen
from pipeline.diffusion.vocabulary import Thing as SeenThing
from tests.personalization.conftest import photos


def test_a_character_is_found_alone_at_its_place(judge: Any) -> None:
    """The place and the setting are said, so that the concept need not learn them."""
    vocabulary = vocabulary_of(judge.name)
    said = [in_words(portrait, vocabulary, "<c>") for portrait in portraits(judge, photos("阿紫"), "person")]
    assert said == [
        scene.caption().replace(scene.things[0].phrase(), "<c>") for scene in references(held_out_characters()["阿紫"])
    ]


def test_in_company_it_is_who_is_in_the_other_photos_too(judge: Any) -> None:
    """A girl beside a house, and beside a dog; what the user says that it is decides where that is enough."""
    her = held_out_characters()["阿紫"]
    images = [
        draw.paint(scene("grass", 71, (her, "left"), (Thing("girl", "red", hair="short", seed=4), "right"))),
        *photos("阿紫", 2),
        draw.paint(scene("snow", 72, (Thing("dog", "black", seed=5), "left"), (her, "right"))),
    ]
    found = [portrait.seen.things[portrait.index or 0] for portrait in portraits(judge, images, "person")]
    assert [thing.position for thing in found] == ["left", "middle", "left", "right"]
    assert {thing.color for thing in found} == {"yellow"}


def test_the_window_leaves_out_what_is_far_from_the_subject(judge: Any) -> None:
    photo = np.zeros((256, 400, 3), np.uint8) + 128
    large = np.asarray(draw.paint(references(held_out_characters()["绿豆"])[0])).repeat(2, 0).repeat(2, 1)
    photo[:, 72:328] = large
    (portrait,) = portraits(judge, [photo], "pet")
    height, width = portrait.pixels.shape[:2]
    assert width < 400
    assert height == 256
    assert portrait.box[0] < 0.5 < portrait.box[2]


def test_a_mirrored_caption_says_the_other_side() -> None:
    cat, dog = (
        SeenThing("cat", {"color": "red"}, "left", (0.0, 0.2, 0.3, 0.9)),
        SeenThing("dog", {}, "right", (0.6, 0.1, 1.0, 0.9)),
    )
    pixels = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    portrait = mirrored(Portrait(pixels, Seen("beach", "photo", (cat, dog), ""), 1))
    assert [(thing.kind, thing.position) for thing in portrait.seen.things] == [("dog", "left"), ("cat", "right")]
    assert portrait.seen.things[portrait.index or 0].kind == "dog"
    assert portrait.box == pytest.approx((0.0, 0.1, 0.4, 0.9))
    assert (portrait.pixels[:, 0] == pixels[:, 3]).all()
    back = mirrored(portrait)
    assert back.index == 1
    assert (back.pixels == pixels).all()


def test_what_captions_say_of_a_concept(judge: Any) -> None:
    """The grammar of prompts.py: a thing with its article, a style between "a" and "of"."""
    vocabulary = vocabulary_of(judge.name)
    cat = SeenThing("cat", {"color": "red"}, "left")
    pair = Portrait(
        np.zeros((8, 8, 3), np.uint8),
        Seen("beach", "photo", (cat, SeenThing("dog", {"color": "blue"}, "right")), ""),
        0,
    )
    assert in_words(pair, vocabulary, "<c>") == "a photo of <c> on the left and a blue dog on the right on the beach"
    assert (
        in_style(pair, vocabulary, "<c>") == "a <c> of a red cat on the left and a blue dog on the right on the beach"
    )
    lost = replace(pair, index=None)
    assert in_words(lost, vocabulary, "<c>") == "a photo of <c> on the beach"


def test_kinds_of_concept() -> None:
    assert [fits_kind(kind, "person") for kind in ("girl", "monster", "cat", "cup")] == [True, True, False, False]
    assert [fits_kind(kind, "pet") for kind in ("girl", "monster", "cat", "cup")] == [False, True, True, False]
    assert [fits_kind(kind, "object") for kind in ("girl", "monster", "cat", "cup")] == [False, False, False, True]
