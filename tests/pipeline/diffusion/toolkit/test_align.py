"""Alignment on known examples: over token ids, with words of several tokens and pseudo-words."""

import pytest
import torch

from pipeline.diffusion.toolkit import align
from pipeline.diffusion.toolkit.model import StableDiffusion, token_ids
from pipeline.diffusion.toolkit.pseudo_tokens import wear


def test_positions_find_words_of_several_tokens(tiny_sd: StableDiffusion) -> None:
    assert len(token_ids(tiny_sd, "umbrella")) > 1
    n = len(token_ids(tiny_sd, "umbrella"))
    assert align.positions(tiny_sd, "a red umbrella on the beach", "umbrella") == list(range(3, 3 + n))
    assert align.positions(tiny_sd, "a red umbrella on the beach", "beach") == [5 + n]
    assert align.positions(tiny_sd, "a red cat and a blue cat", "cat") == [3, 7]
    assert align.positions(tiny_sd, "a red cat and a blue cat", "blue cat") == [6, 7]
    assert align.positions(tiny_sd, "a cat", "dog") == []
    assert align.positions(tiny_sd, "a cat", "") == []


def test_a_word_inside_another_is_not_found(tiny_sd: StableDiffusion) -> None:
    assert align.positions(tiny_sd, "a category", "cat") == []


def test_a_word_that_is_cut_off_is_not_found(tiny_sd: StableDiffusion) -> None:
    assert align.positions(tiny_sd, "a red " * 20 + "cat", "cat") == []


def test_replace_one_token_by_one(tiny_sd: StableDiffusion) -> None:
    found = align.replace_mapper(tiny_sd, "a cat on the beach", "a dog on the beach", [("cat", "dog")])
    assert found.mapper.equal(torch.eye(tiny_sd.tokens))
    assert found.known.all()


def test_replace_shares_among_unequal_tokens(tiny_sd: StableDiffusion) -> None:
    n = len(token_ids(tiny_sd, "umbrella"))
    found = align.replace_mapper(tiny_sd, "a cat on the beach", "a umbrella on the beach", [("cat", "umbrella")])
    torch.testing.assert_close(found.mapper[2, 2 : 2 + n], torch.full((n,), 1 / n))
    assert found.mapper[3:6, 2 + n : 5 + n].equal(torch.eye(3))  # "on the beach" moved along
    assert float(found.mapper.sum(0).min()) == pytest.approx(1 / n)
    back = align.replace_mapper(tiny_sd, "a umbrella on the beach", "a cat on the beach", [("umbrella", "cat")])
    torch.testing.assert_close(back.mapper[2 : 2 + n, 2], torch.ones(n))  # cat looks where any piece of umbrella did
    assert back.mapper[2 + n : 5 + n, 3:6].equal(torch.eye(3))
    assert back.known.all()


def test_padding_follows_padding(tiny_sd: StableDiffusion) -> None:
    """The end of text lies elsewhere in the two prompts; it and the padding behind it still correspond."""
    found = align.refine_mapper(tiny_sd, "a cat", "a cat on the beach")
    assert found.mapper[3, 6] == 1  # end of text
    assert found.mapper[4, 7] == 1
    assert found.mapper[-4, -1] == 1
    shorter = align.refine_mapper(tiny_sd, "a cat on the beach", "a cat")
    assert shorter.mapper[6, 3] == 1
    assert (shorter.mapper.sum(0) == 1).all()  # the last positions have no partner, and take the last one's map


def test_replace_refuses_prompts_that_differ_elsewhere(tiny_sd: StableDiffusion) -> None:
    for target in ("a dog on the grass", "a dog on the long beach", "a dog"):
        with pytest.raises(ValueError, match="differ"):
            align.replace_mapper(tiny_sd, "a cat on the beach", target, [("cat", "dog")])


def test_refine_gives_new_words_their_own_maps(tiny_sd: StableDiffusion) -> None:
    found = align.refine_mapper(tiny_sd, "a cat on the beach", "a red cat on the long beach")
    assert found.known[:9].tolist() == [1, 1, 0, 1, 1, 1, 0, 1, 1]
    assert found.mapper[2, 3] == found.mapper[3, 4] == found.mapper[5, 7] == 1
    source, target = torch.rand(4, tiny_sd.tokens), torch.rand(4, tiny_sd.tokens)
    out = found.apply(source, target)
    assert out[:, 3].equal(source[:, 2])
    assert out[:, 2].equal(target[:, 2])


def test_the_paper_s_refinement_leaves_a_swapped_word_alone(tiny_sd: StableDiffusion) -> None:
    prompts = "a cat on the beach", "a dog on the beach"
    assert align.refine_mapper(tiny_sd, *prompts).known[2] == 0
    paired = align.refine_mapper(tiny_sd, *prompts, [("cat", "dog")])
    assert paired.known[2] == 1
    assert paired.mapper[2, 2] == 1


def test_swaps_insertions_and_removals_together(tiny_sd: StableDiffusion) -> None:
    source = "a cat on the left and a ball on the right on the beach"
    target = "a dog on the left on the long beach"
    found = align.refine_mapper(tiny_sd, source, target, [("cat", "dog"), ("ball", None), (None, "long")])
    assert found.mapper[2, 2] == 1
    assert found.known[:10].tolist() == [1, 1, 1, 1, 1, 1, 1, 1, 0, 1]
    assert found.mapper[align.positions(tiny_sd, source, "beach")[0], 9] == 1
    assert float(found.mapper[align.positions(tiny_sd, source, "ball")].sum()) == 0


def test_of_two_equal_words_the_one_that_changes_is_swapped(tiny_sd: StableDiffusion) -> None:
    source, target = "a red cat and a black cat on the beach", "a red cat and a black dog on the beach"
    words = [("cat", "dog")]
    assert (range(7, 8), range(7, 8)) in align.match(tiny_sd, source, target, words)
    assert align.changed(tiny_sd, source, target, words) == ([7], [7])
    assert align.changed(tiny_sd, source, "a red dog and a black cat on the beach", words) == ([3], [3])


def test_changed_is_every_occurrence_when_nothing_changes(tiny_sd: StableDiffusion) -> None:
    prompt = "a red cat and a cat"
    assert align.changed(tiny_sd, prompt, prompt, [("cat", "cat")]) == ([3, 6], [3, 6])
    assert align.changed(tiny_sd, prompt, "a red cat and a dog", [(None, "dog")]) == ([], [6])


def test_needleman_wunsch_on_a_textbook_pair() -> None:
    matches = align.needleman_wunsch([ord(c) for c in "GATTACA"], [ord(c) for c in "GCATGCA"])
    assert len(matches) == 5  # G AT CA
    assert all(list(i) == sorted(i) and len(i) == len(j) == 1 for i, j in matches)
    starts = [(i.start, j.start) for i, j in matches]
    assert starts == sorted(starts)
    assert all("GATTACA"[i] == "GCATGCA"[j] for i, j in starts)
    assert align.needleman_wunsch([], [1, 2]) == []


def test_a_pseudo_word_of_several_vectors_takes_a_word_s_place(tiny_sd: StableDiffusion) -> None:
    with wear(tiny_sd, {"<axi>": torch.zeros(3, 32)}):
        assert align.positions(tiny_sd, "a photo of <axi> on the beach", "<axi>") == [4, 5, 6]
        found = align.replace_mapper(tiny_sd, "a girl on the beach", "a <axi> on the beach", [("girl", "<axi>")])
        torch.testing.assert_close(found.mapper[2, 2:5], torch.full((3,), 1 / 3))
        assert found.mapper[5, 7] == 1


def test_equalizer_weighs_every_token_of_a_word(tiny_sd: StableDiffusion) -> None:
    scale = align.equalizer(tiny_sd, "a red umbrella", {"umbrella": 3.0, "red": -1.0})
    n = len(token_ids(tiny_sd, "umbrella"))
    assert scale[: 4 + n].tolist() == [1, 1, -1, *[3] * n, 1]
    with pytest.raises(ValueError, match="dog"):
        align.equalizer(tiny_sd, "a cat", {"dog": 2.0})


def test_the_authors_padding_corresponds_by_position(tiny_sd: StableDiffusion) -> None:
    """A longer prompt's padding begins later; their code takes each position's map from the same position."""
    found = align.refine_mapper(tiny_sd, "a cat", "a cat on the beach", shifted=False)
    end = 7  # where the longer prompt's padding begins
    assert found.mapper[end:, end:].diagonal().eq(1).all()
    assert found.mapper[3, 6] == 1  # the ends of text are a match like any other
    assert found.known[:3].all()
    assert not found.known[3:6].any()
