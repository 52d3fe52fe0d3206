"""The shipped model: a folder that plain diffusers and transformers load, within its size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPModel, CLIPTokenizer

from miniature import draw
from miniature.export import LIMIT, size
from miniature.sampling import sample
from miniature.unet import draw_captions

WEIGHTS = Path(__file__).parents[2] / "miniature" / "weights"


@pytest.fixture(scope="module")
def pipeline() -> StableDiffusionPipeline:
    loaded = StableDiffusionPipeline.from_pretrained(WEIGHTS, local_files_only=True, safety_checker=None)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def test_size() -> None:
    assert size(WEIGHTS) <= LIMIT


def test_plain_diffusers_draws_the_setting_that_is_asked_for(pipeline: StableDiffusionPipeline) -> None:
    """Judged without any model of ours: a night sky is dark, snow is bright."""
    prompts = ["a photo of a red ball in the night city", "a photo of a red ball in the snow"]
    night, snow = draw_captions(pipeline, prompts, steps=12)
    assert night[:, :40].mean() < -0.2 < 0.3 < snow[:, 90:].mean()


def test_autoencoder_keeps_pictures(pipeline: StableDiffusionPipeline) -> None:
    picture = draw.paint(sample([4001, 3], style="photo"))
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        z = pipeline.vae.encode(x).latent_dist.mean * pipeline.vae.config.scaling_factor
        y = pipeline.vae.decode(z / pipeline.vae.config.scaling_factor).sample
    mse = float(((y.clamp(-1, 1) - x) / 2).square().mean())
    assert -10 * np.log10(mse) > 25
    assert 0.3 < float(z.std()) < 3  # what the noise schedule assumes


def test_the_judge_stands_beside_it() -> None:
    clip = CLIPModel.from_pretrained(WEIGHTS / "clip", local_files_only=True)
    words = CLIPTokenizer.from_pretrained(WEIGHTS / "clip", local_files_only=True)
    assert clip.config.vision_config.image_size == 64
    assert len(words("a photo of a girl with long purple hair").input_ids) == 9 + 2
