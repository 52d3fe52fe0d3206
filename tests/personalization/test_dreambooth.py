"""Weights and vectors from a few photos: what is learnt, what is left alone, two of them at once."""

import json
from typing import Any

import pytest
import torch
from torch import Tensor

from personalization import dreambooth, textual_inversion
from personalization.dreambooth import _class, learn
from personalization.textual_inversion import Learned
from pipeline.diffusion.artefact import Known, wearing
from pipeline.diffusion.grounding import Taught
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, noise, predict
from pipeline.engine import finish
from tests.personalization.conftest import photos


@pytest.fixture(scope="module")
def small() -> Any:
    """Less of everything that is only there for quality."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textual_inversion, "FIXED", 1)
        patch.setattr(textual_inversion, "BATCH", 1)
        patch.setattr(textual_inversion, "VARIANTS", 2)
        patch.setattr(dreambooth, "FIXED", 2)
        patch.setattr(dreambooth, "BATCH", 2)
        patch.setattr(dreambooth, "MOST", 2)
        yield


@pytest.fixture(scope="module")
def learned(small: None, world_sd: StableDiffusion) -> Learned:
    return finish(learn(world_sd, photos("阿紫", 1), "person", steps=3, vector_steps=1, rank=2, seed=4))


@torch.no_grad()
def ask(sd: StableDiffusion, prompt: str = "a photo of a girl on the beach") -> Tensor:
    return predict(sd, noise(sd, (1, sd.unet.config.in_channels, 16, 16), 0), 300, embed(sd, [prompt]))


def known(learned: Learned, word: str) -> Known:
    return Known(Taught(word, "person"), learned.vectors, lora=learned.lora)


def test_a_concept_is_vectors_and_weights(learned: Learned, world_sd: StableDiffusion) -> None:
    facts = json.loads(json.dumps(learned.facts))
    assert facts["method"] == "dreambooth"
    assert facts["rank"] == 2
    assert facts["weights_loss_after"] < facts["weights_loss_before"]
    assert learned.vectors.shape == (facts["vectors"], world_sd.text_encoder.config.hidden_size)
    assert any(weight.any() for name, weight in learned.lora.items() if ".lora_B." in name)
    assert {len(weight) for name, weight in learned.lora.items() if ".lora_A." in name} == {2}


def test_the_same_seed_repeats_it(learned: Learned, world_sd: StableDiffusion) -> None:
    torch.manual_seed(123)
    again = finish(learn(world_sd, photos("阿紫", 1), "person", steps=3, vector_steps=1, rank=2, seed=4))
    assert again.vectors.equal(learned.vectors)
    assert all(weight.equal(learned.lora[name]) for name, weight in again.lora.items())


@pytest.mark.usefixtures("small")
def test_the_unet_is_left_alone_even_when_cancelled(world_sd: StableDiffusion) -> None:
    was, modules = ask(world_sd), [id(module) for module in world_sd.unet.modules()]
    work = learn(world_sd, photos("阿紫", 1), "person", steps=3, vector_steps=1, rank=2)
    stages = []
    for progress in work:
        stages.append(progress.stage)
        if progress.stage == "记住样子":
            break
    work.close()
    assert stages[0] == "看照片"
    assert "画图" in stages  # the class pictures
    assert ask(world_sd).equal(was)
    assert [id(module) for module in world_sd.unet.modules()] == modules
    assert not world_sd.worn


@pytest.mark.usefixtures("small")
def test_prior_preservation_may_be_left_out(world_sd: StableDiffusion) -> None:
    work = learn(world_sd, photos("阿紫", 1), "person", steps=1, vector_steps=1, rank=2, prior=0)
    assert "画图" not in [progress.stage for progress in work]


def test_two_are_worn_together(learned: Learned, world_sd: StableDiffusion) -> None:
    """Their words stand for their own vectors, and the UNet has the changes of both."""
    was = ask(world_sd)
    other = Learned(learned.vectors.flip(0), {}, {name: -2 * weight for name, weight in learned.lora.items()})
    with wearing(world_sd, [known(learned, "<1>")]):
        alone = ask(world_sd)
    with wearing(world_sd, [known(learned, "<1>"), known(other, "<2>")]):
        together = ask(world_sd, "a photo of a girl on the beach")
        both = [ask(world_sd, f"a photo of {word} on the beach") for word in ("<1>", "<2>")]
    assert not torch.allclose(alone, was, atol=1e-5)
    assert not torch.allclose(together, alone, atol=1e-5)
    assert not torch.allclose(both[0], both[1], atol=1e-5)
    assert ask(world_sd).equal(was)


def test_the_class_is_the_bare_kind(world_sd: StableDiffusion) -> None:
    vocabulary = vocabulary_of(world_sd.name)
    assert _class(vocabulary, {"like": "girl", "start": "a girl with long purple hair"}) == "a girl"
    assert _class(vocabulary, {"like": "", "start": "ink wash painting"}) == "painting"
    assert _class(vocabulary, {"like": "", "start": "a small animal"}) == "an animal"


def test_without_photos_there_is_nothing_to_learn(tiny_sd: StableDiffusion) -> None:
    with pytest.raises(ValueError, match="no photos"):
        next(learn(tiny_sd, [], "person"))
