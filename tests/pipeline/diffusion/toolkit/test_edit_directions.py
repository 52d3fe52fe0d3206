"""Sentences about what is there and what shall be, and the direction from one to the other."""

import torch

from pipeline.diffusion.toolkit.edit_directions import direction, own_banks, swapped, world_banks
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, token_ids

SOURCE, TARGET = "a photo of a red cat on the beach", "a photo of a red dog on the beach"


def test_articles_follow_their_nouns() -> None:
    assert swapped("a photo of a cat", "cat", "umbrella") == "a photo of an umbrella"
    assert swapped("an umbrella", "umbrella", "cat") == "a cat"
    assert swapped("a caterpillar and a cat", "cat", "dog") == "a caterpillar and a dog"
    assert swapped("a photo of a cat", "photo", "ink wash painting") == "an ink wash painting of a cat"


def test_a_world_s_bank_says_the_word_in_many_ways(world_sd: StableDiffusion) -> None:
    before, after = world_banks(world_sd, (("cat", "dog"), (None, "hat")), 40) or ([], [])
    assert len(before) == len(set(before)) == 40
    assert all(" cat" in one and other == one.replace(" cat", " dog") for one, other in zip(before, after, strict=True))


def test_an_unknown_word_has_no_bank(world_sd: StableDiffusion) -> None:
    assert world_banks(world_sd, (("zeppelin", "dog"),), 40) is None
    assert world_banks(world_sd, ((None, "dog"),), 40) is None


def test_an_open_world_has_templates(open_sd: StableDiffusion) -> None:
    before, after = world_banks(open_sd, (("zeppelin", "owl"),), 99) or ([], [])
    assert "a photo of a zeppelin" in before
    assert after[before.index("a photo of a zeppelin")] == "a photo of an owl"


def test_own_banks_say_what_is_shared_in_other_words(world_sd: StableDiffusion) -> None:
    """In as many tokens, so that every word stands where it stands in the prompt."""
    before, after = own_banks(world_sd, SOURCE, TARGET, 30)
    assert (before[0], after[0]) == (SOURCE, TARGET)
    assert 1 < len(before) == len(after) <= 30
    assert {len(token_ids(world_sd, one)) for one in before} == {len(token_ids(world_sd, SOURCE))}
    assert all(other == one.replace("cat", "dog") for one, other in zip(before, after, strict=True))
    assert len(set(before)) > 1


def test_the_direction_is_the_difference_of_means(world_sd: StableDiffusion) -> None:
    one = direction(world_sd, ([SOURCE], [TARGET]))
    source, target = embed(world_sd, [SOURCE, TARGET]).split(1)
    torch.testing.assert_close(one, target - source)
    assert direction(world_sd, ([SOURCE, TARGET], [SOURCE, TARGET])).abs().max() < 1e-5
