"""The judge: shapes, unit length, crops."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from pipeline.diffusion.toolkit import clip as clips
from pipeline.diffusion.toolkit.clip import Clip
from pipeline.diffusion.toolkit.model import StableDiffusion


@pytest.fixture
def clip(tiny_sd: StableDiffusion) -> Clip:
    assert tiny_sd.clip is not None
    return tiny_sd.clip


def test_features_are_unit_vectors_in_one_space(clip: Clip) -> None:
    images = clips.image_features(clip, torch.rand(2, 3, 128, 96) * 2 - 1)
    texts = clips.text_features(clip, ["a cat", "a red dog on the beach", "long " * 50])
    assert images.shape == (2, 32)
    assert texts.shape == (3, 32)
    torch.testing.assert_close(images.norm(dim=-1), torch.ones(2))
    torch.testing.assert_close(texts.norm(dim=-1), torch.ones(3))
    similarity = clips.similarity(clip, torch.zeros(1, 3, 64, 64), ["a cat", "a dog"])
    assert similarity.shape == (1, 2)


def test_image_features_let_gradients_through(clip: Clip) -> None:
    image = torch.zeros(1, 3, 128, 128, requires_grad=True)
    clips.image_features(clip, image).sum().backward()
    assert image.grad is not None
    assert float(image.grad.abs().sum()) > 0


def test_normalisation_is_the_folder_s_own(model_folders: dict[str, Path], tmp_path: Path, clip: Clip) -> None:
    assert clip.mean == clips.MEAN
    folder = Path(shutil.copytree(model_folders["miniature"] / "clip", tmp_path / "clip"))
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}), "utf-8"
    )
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    torch.testing.assert_close(clips.prepare(clips.load(folder), image), image)


def test_a_crop_is_square_and_inside() -> None:
    image = torch.arange(100 * 80).float().view(1, 1, 100, 80).expand(1, 3, 100, 80)
    middle = clips.crop(image, (30, 40, 50, 60), margin=0.0)
    assert middle.equal(image[..., 40:60, 30:50])
    assert clips.crop(image, (30, 40, 50, 60), margin=0.5).shape[-2:] == (40, 40)
    corner = clips.crop(image, (0, 0, 10, 20), margin=0.5)
    assert corner.equal(image[..., 0:40, 0:40])
    assert clips.crop(image, (0, 0, 80, 100)).shape[-2:] == (80, 80)
