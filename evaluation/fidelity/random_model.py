"""Random weights in the topology of Stable Diffusion 1.5, small enough for a processor."""

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from evaluation.fidelity.compared import GUIDANCE, SIDE, TOKENS
from miniature import WEIGHTS
from pipeline.diffusion.toolkit.model import StableDiffusion


def random_model(seed: int = 0) -> StableDiffusion:
    """Random weights in SD 1.5's topology: four levels, transformers on three of them, 64 × 64 latents, 77 tokens."""
    torch.manual_seed(seed)
    tokenizer = CLIPTokenizer.from_pretrained(WEIGHTS / "tokenizer", model_max_length=TOKENS, local_files_only=True)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=TOKENS, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=SIDE,
        block_out_channels=(8, 16, 16, 16),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        layers_per_block=2,
        attention_head_dim=(1, 2, 2, 2),
        cross_attention_dim=32,
        norm_num_groups=4,
    )
    with torch.no_grad():  # fresh weights hardly listen to the prompt
        for name, parameter in unet.named_parameters():
            if ".attn2.to_out.0.weight" in name:
                parameter.mul_(8)
            elif ".attn2.to_q.weight" in name or ".attn2.to_k.weight" in name:
                parameter.mul_(3)
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        norm_num_groups=4,
        sample_size=SIDE * 8,
        mid_block_add_attention=False,
    )
    with torch.no_grad():  # its posterior is a point: see learnt.py
        vae.quant_conv.weight[4:] = 0
        vae.quant_conv.bias[4:] = -30
    for module in (unet, vae, text):
        module.requires_grad_(False).eval()
    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    return StableDiffusion(unet, vae, text, tokenizer, scheduler, GUIDANCE, SIDE * 8, "random")
