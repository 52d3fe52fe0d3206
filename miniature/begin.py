"""Checkpoints made of the shipped weights, so that a fresh clone trains on instead of from nothing.

What is in half precision there starts in half precision; momentum starts at zero and is found again in a few steps.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file
from torch import Tensor
from transformers import CLIPModel, CLIPTextModel

State = dict[str, Tensor]


def shipped(weights: Path) -> dict[str, State]:
    """The weights of each stage of training in a model folder, float32, named as the stage's module names them."""
    unet = UNet2DConditionModel.from_pretrained(weights / "unet", local_files_only=True).float().state_dict()
    text = CLIPTextModel.from_pretrained(weights / "text_encoder", local_files_only=True).float().state_dict()
    return {
        "autoencoder": AutoencoderKL.from_pretrained(weights / "vae", local_files_only=True).float().state_dict(),
        "clip": CLIPModel.from_pretrained(weights / "clip", local_files_only=True).float().state_dict(),
        "unet": {f"unet.{name}": value for name, value in unet.items()}
        | {f"text.{name}": value for name, value in text.items()},
        "reader": {name: value.float() for name, value in load_file(weights / "reader" / "model.safetensors").items()},
    }


def begin(weights: Path, runs: Path) -> list[str]:
    """Write a checkpoint for every stage that has none; returns the stages' names."""
    begun = []
    for stage, state in shipped(weights).items():
        checkpoint = runs / stage / "checkpoint.pt"
        if checkpoint.exists():
            continue
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"module": state, "ema": state, "step": 0, "seconds": 0.0, "optimizers": None}, checkpoint)
        begun.append(stage)
    return begun
