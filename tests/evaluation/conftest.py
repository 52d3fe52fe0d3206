"""A tiny random model that reads the drawn world's captions: its tokenizer and vocabulary are the miniature's own."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPVisionConfig

from miniature import tokenizer, wording
from pipeline.diffusion.toolkit.model import StableDiffusion, load


@pytest.fixture(scope="session")
def small_folder(model_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that model."""
    folder = tmp_path_factory.mktemp("small") / "model"
    shutil.copytree(model_folders["miniature"], folder)
    words = tokenizer.build()
    torch.manual_seed(5)
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=4,
        max_position_embeddings=tokenizer.MAX_TOKENS,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        projection_dim=32,
    )
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=4,
        image_size=64,
        patch_size=16,
        projection_dim=32,
    )
    for part in ("text_encoder", "tokenizer", "clip"):
        shutil.rmtree(folder / part)
    CLIPTextModel(text).save_pretrained(folder / "text_encoder")
    tokenizer.save(words, folder / "tokenizer")
    clip = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=32)
    CLIPModel(clip).save_pretrained(folder / "clip")
    tokenizer.save(words, folder / "clip")
    told = wording.world(guidance=2.0, steps=2)
    del told["familiar"]  # to random weights every picture is of another world
    (folder / "heying.json").write_text(json.dumps(told), "utf-8")
    return folder


@pytest.fixture(scope="session")
def small_sd(small_folder: Path) -> StableDiffusion:
    """That model, loaded once."""
    return load(small_folder)
