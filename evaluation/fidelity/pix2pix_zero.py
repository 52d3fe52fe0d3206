"""pix2pix-zero beside its authors' editing pipeline, which PnPInversion holds; from our inversion, since theirs is random."""

from unittest.mock import patch

import diffusers.models.attention
import diffusers.utils
import torch
import transformers
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from evaluation.fidelity.compared import (
    DOG,
    GUIDANCE,
    SOURCE,
    Common,
    Figures,
    agreement,
    attention_of_2023,
    final,
    importing,
    load,
    put_back,
)
from pipeline.diffusion.toolkit.model import embed

CHECKOUT = "PnPInversion"
FAITHFUL = {"faithful": True, "guide_until": 1.0, "sources": (SOURCE,), "targets": (DOG,)}


def measure(common: Common) -> Figures:
    wanted = _theirs(common)
    plain, faithful = (common.ours("pix2pix_zero", options, inversion=common.inversion) for options in ({}, FAITHFUL))
    yield "pix2pix-zero", agreement(plain, wanted), agreement(faithful, wanted)


def _theirs(common: Common) -> Tensor:
    sd = common.sd
    with (
        patch.object(diffusers.models.attention, "CrossAttention", None, create=True),  # names that diffusers has
        patch.object(diffusers.utils, "randn_tensor", randn_tensor, create=True),  # moved since 2023
        patch.object(transformers, "CLIPFeatureExtractor", object, create=True),
        importing(common.authors / CHECKOUT),
    ):
        pipeline = load("models.pix2pix_zero.edit_pipeline")
    pipe = pipeline.EditingPipeline(
        sd.vae, sd.text_encoder, sd.tokenizer, sd.unet, common.pipe.scheduler, None, None, requires_safety_checker=False
    )
    pipe.set_progress_bar_config(disable=True)
    moved, source = embed(sd, [DOG, SOURCE]).split(1)
    with torch.enable_grad(), put_back(sd), attention_of_2023():
        return final(
            sd,
            lambda: pipe(
                SOURCE, negative_prompt=SOURCE, num_inference_steps=common.steps, guidance_scale=GUIDANCE,
                height=sd.size, width=sd.size, edit_dir=moved - source, x_in=common.inversion.start,
            ),
        )  # fmt: skip
