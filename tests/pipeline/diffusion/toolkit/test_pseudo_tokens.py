"""Pseudo-words: worn, used, trained, taken off."""

import pytest
import torch

from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.toolkit.pseudo_tokens import WearError, wear, word_vectors


def test_wearing_a_word_s_own_vectors_changes_nothing(every_sd: StableDiffusion) -> None:
    plain = model.embed(every_sd, ["a photo of a red cat on the beach"])
    with wear(every_sd, {"<axi>": word_vectors(every_sd, "red cat"), "阿紫": word_vectors(every_sd, "beach")}):
        worn = model.embed(every_sd, ["a photo of a <axi> on the 阿紫"])
    torch.testing.assert_close(worn, plain)


def test_everything_is_as_before_afterwards(every_sd: StableDiffusion) -> None:
    before = {name: value.clone() for name, value in every_sd.text_encoder.state_dict().items()}
    table, words = every_sd.text_encoder.get_input_embeddings(), len(every_sd.tokenizer)

    def breaks() -> None:
        with wear(every_sd, {"<axi>": torch.randn(2, word_vectors(every_sd, "cat").shape[1])}):
            model.embed(every_sd, ["<axi>"])
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        breaks()
    after = every_sd.text_encoder.state_dict()
    assert before.keys() == after.keys()
    assert all(value.equal(after[name]) for name, value in before.items())
    assert every_sd.text_encoder.get_input_embeddings() is table
    assert len(every_sd.tokenizer) == words
    assert not every_sd.worn


def test_a_name_counts_as_a_whole_word_only(tiny_sd: StableDiffusion) -> None:
    with wear(tiny_sd, {"axi": torch.zeros(2, 32), "axi2": torch.zeros(1, 32)}):
        base = tiny_sd.text_encoder.config.vocab_size
        assert model.token_ids(tiny_sd, "axi axi2") == [base, base + 1, base + 2]
        assert base not in model.token_ids(tiny_sd, "taxi axis")
        assert model.token_ids(tiny_sd, "the axi, cat") == [
            *model.token_ids(tiny_sd, "the"),
            base,
            base + 1,
            *model.token_ids(tiny_sd, ", cat"),
        ]


def test_two_concepts_and_nested_blocks(tiny_sd: StableDiffusion) -> None:
    plain = model.embed(tiny_sd, ["a cat and a dog"])
    with wear(tiny_sd, {"<a>": word_vectors(tiny_sd, "cat")}), wear(tiny_sd, {"<b>": word_vectors(tiny_sd, "dog")}):
        torch.testing.assert_close(model.embed(tiny_sd, ["a <a> and a <b>"]), plain)
        with pytest.raises(WearError), wear(tiny_sd, {"<a>": torch.zeros(1, 32)}):
            pass
    assert not tiny_sd.worn


def test_gradients_reach_the_worn_vectors_and_nothing_else(tiny_sd: StableDiffusion) -> None:
    vectors = torch.randn(2, 32, requires_grad=True)
    with wear(tiny_sd, {"<axi>": vectors}):
        model.embed(tiny_sd, ["a photo of <axi>"]).sum().backward()
        first = model.embed(tiny_sd, ["<axi>"]).detach()
        with torch.no_grad():
            vectors *= -1  # a constant added would vanish in the first normalisation
        assert not model.embed(tiny_sd, ["<axi>"]).detach().allclose(first)  # moved vectors are seen at once
    assert vectors.grad is not None
    assert float(vectors.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in tiny_sd.text_encoder.parameters())


def test_vectors_of_another_model_are_refused(tiny_sd: StableDiffusion) -> None:
    for vectors in (torch.zeros(1, 768), torch.zeros(32), torch.zeros(0, 32)):
        with pytest.raises(WearError) as error, wear(tiny_sd, {"<axi>": vectors}):
            pass
        assert "重新教" in error.value.sentence
    assert not tiny_sd.worn


def test_wearing_nothing_is_fine(tiny_sd: StableDiffusion) -> None:
    with wear(tiny_sd, {}):
        assert model.embed(tiny_sd, ["a cat"]).shape == (1, 32, 32)
