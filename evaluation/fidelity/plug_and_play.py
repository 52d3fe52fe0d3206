"""Plug-and-Play beside github.com/MichalGeyer/pnp-diffusers: their preprocessing, injection and sampling step."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

from evaluation.fidelity.compared import DOG, GUIDANCE, Common, Figures, agreement, importing, load, module, put_back

CHECKOUT = "pnp-diffusers"
FEATURES, ATTENTION = 0.8, 0.5
NEGATIVE = "ugly, blurry, black, low res, unrealistic"
FAITHFUL = {"features": "sampling", "describe": False, "negative": NEGATIVE}


def measure(common: Common) -> Figures:
    wanted = _theirs(common)
    whole = {
        "feature_until": int(FEATURES * common.steps) / common.steps,  # theirs are rounded down
        "attention_until": int(ATTENTION * common.steps) / common.steps,
    }
    plain, faithful = (common.ours("plug_and_play", options) for options in ({}, {**FAITHFUL, **whole}))
    yield "Plug-and-Play", agreement(plain, wanted), agreement(faithful, wanted)


@torch.no_grad()
def _theirs(common: Common) -> Tensor:
    transforms = module("torchvision.transforms")
    with importing(
        common.authors / CHECKOUT,
        torchvision=module("torchvision", transforms=transforms),
        torchvision__transforms=transforms,
    ):
        pnp, preprocess = load("pnp"), load("preprocess")
    with TemporaryDirectory() as kept, put_back(common.sd), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # their autocast asks for CUDA
        folder = Path(kept) / "photo"
        folder.mkdir()
        config = {
            "latents_path": kept, "image_path": "photo.png", "guidance_scale": GUIDANCE, "n_timesteps": common.steps
        }  # fmt: skip
        before, edit = _made(preprocess.Preprocess, common, config), _made(pnp.PNP, common, config)
        z = before.ddim_inversion(before.get_text_embeds("", "", "cpu")[1:], common.z0, str(folder))
        edit.text_embeds = edit.get_text_embeds(DOG, NEGATIVE)
        edit.pnp_guidance_embeds = edit.get_text_embeds("", "").chunk(2)[0]
        edit.init_pnp(int(common.steps * FEATURES), int(common.steps * ATTENTION))
        for t in common.pipe.scheduler.timesteps:
            z = edit.denoise_step(z, t)
    latents: Tensor = z
    return latents


def _made(kind: Any, common: Common, config: dict[str, Any]) -> Any:
    """Their class with this model; its own __init__ fetches one."""
    made = kind.__new__(kind)
    torch.nn.Module.__init__(made)
    for name, value in {**vars(common.pipe), "config": config}.items():
        setattr(made, name, value)
    return made
