"""MasaCtrl beside its authors' classes, which PnPInversion holds unchanged: their inversion, controller and sampling."""

from contextlib import redirect_stdout
from io import StringIO

import torch
from torch import Tensor

from evaluation.fidelity.compared import (
    DOG,
    GUIDANCE,
    Common,
    Figures,
    agreement,
    final,
    importing,
    load,
    module,
    put_back,
)

CHECKOUT = "PnPInversion"
LAYER = 10  # of 16


def measure(common: Common) -> Figures:
    begin = max(1, common.steps * 4 // 50)
    wanted = _theirs(common, begin)
    at = {"from_step": begin / common.steps}
    plain, faithful = (common.ours("masactrl", options) for options in ({}, {**at, "describe": False}))
    yield "MasaCtrl", agreement(plain, wanted), agreement(faithful, wanted)


@torch.no_grad()
def _theirs(common: Common, begin: int) -> Tensor:
    utils = module("torchvision.utils", save_image=None)
    with importing(common.authors / CHECKOUT, torchvision=module("torchvision", utils=utils), torchvision__utils=utils):
        code, control, pipeline = (
            load(f"models.masactrl.{name}") for name in ("masactrl_utils", "masactrl", "diffuser_utils")
        )
    sd = common.sd
    pipe = pipeline.MasaCtrlPipeline(
        sd.vae, sd.text_encoder, sd.tokenizer, sd.unet, common.pipe.scheduler, None, None, requires_safety_checker=False
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.image2latent = lambda _: common.z0
    with put_back(sd), redirect_stdout(StringIO()):
        z, path = pipe.invert(
            common.z0, "", num_inference_steps=common.steps, guidance_scale=GUIDANCE, return_intermediates=True
        )
        code.regiter_attention_editor_diffusers(
            pipe, control.MutualSelfAttentionControl(begin, LAYER, total_steps=common.steps)
        )
        return final(
            sd,
            lambda: pipe(
                ["", DOG], latents=z.expand(2, -1, -1, -1), num_inference_steps=common.steps, guidance_scale=GUIDANCE,
                height=sd.size, width=sd.size, ref_intermediate_latents=path,
            ),
        )  # fmt: skip
