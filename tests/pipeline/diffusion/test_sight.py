"""Things in real photos by their names: CLIPSeg where its folder is, else the model's own attention."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPSegTextConfig, CLIPSegVisionConfig

from pipeline.diffusion import sight
from pipeline.diffusion.sight import Phrases, Sight, attended
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import EngineError, Pixels
from tests import models as tiny


@pytest.fixture(scope="module")
def phrases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of CLIPSeg with random weights."""
    folder, words = tmp_path_factory.mktemp("clipseg"), tiny.tokenizer(77)
    torch.manual_seed(0)
    text = CLIPSegTextConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        bos_token_id=words.bos_token_id, eos_token_id=words.eos_token_id, pad_token_id=words.pad_token_id,
    )  # fmt: skip
    vision = CLIPSegVisionConfig(
        hidden_size=32, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2, image_size=64, patch_size=16
    )
    config = CLIPSegConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=16, reduce_dim=16,
        decoder_num_attention_heads=2, decoder_intermediate_size=32, extract_layers=[0, 1, 2],
    )  # fmt: skip
    CLIPSegForImageSegmentation(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@pytest.fixture
def photo() -> Pixels:
    """A red disc on grey."""
    y, x = np.mgrid[0:200, 0:300]
    picture = np.full((200, 300, 3), 120, np.uint8)
    picture[(x - 220) ** 2 + (y - 110) ** 2 < 50**2] = (200, 30, 30)
    return picture


def test_clipseg_says_how_likely_each_place_is(phrases: Path, photo: Pixels) -> None:
    heat = Phrases.open(str(phrases)).heat(photo, "ball")
    assert heat.shape == (64, 64)
    assert heat.dtype == np.float32
    assert 0 < heat.min() <= heat.max() < 1
    other = Phrases.open(str(phrases)).heat(photo, "house")
    assert not np.allclose(heat, other)


def test_a_folder_without_clipseg_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused:
        Phrases.open(str(tmp_path))
    assert "segmenter" in refused.value.sentence


def test_warm_places_become_an_outline(
    open_sd: StableDiffusion, photo: Pixels, phrases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heat about the disc, coarse as attention is, comes out as the disc; heat everywhere as nothing."""
    heat = np.zeros((16, 16), np.float32)
    heat[6:12, 9:15] = 0.9
    monkeypatch.setattr(Phrases, "heat", lambda *_: heat)
    seen = Sight(phrases=Phrases.open(str(phrases))).named(open_sd, photo, "ball")
    assert seen is not None
    disc = photo[..., 0] > 150
    assert (seen > 0.5)[disc].mean() > 0.9
    assert (seen > 0.5)[~disc].mean() < 0.1
    monkeypatch.setattr(Phrases, "heat", lambda *_: np.full((16, 16), 0.2, np.float32))
    monkeypatch.setattr(sight, "attended", lambda *_: np.full((16, 16), 1.0, np.float32))
    assert Sight(phrases=Phrases.open(str(phrases))).named(open_sd, photo, "ball") is None


@pytest.mark.parametrize("noun", ["cat", "umbrella"])
def test_the_model_s_own_attention_to_a_noun(every_sd: StableDiffusion, photo: Pixels, noun: str) -> None:
    """A map at the latents' size, whose background level is 0; nothing of the model is left changed."""
    before = dict(every_sd.unet.attn_processors)
    heat = attended(every_sd, photo, noun)
    assert heat is not None
    assert heat.shape == (16, 16)
    assert heat.min() == 0
    assert heat.max() == 1
    assert np.median(heat) < 0.05
    assert every_sd.unet.attn_processors == before
    assert attended(every_sd, photo, "cat " * 80) is None
