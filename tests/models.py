"""Tiny models with random weights in the shapes of real ones, saved as folders that the toolkit (and diffusers) load.

sd15       4 levels, 2 layers each, convolutions around the transformers, epsilon, prompts padded with the end token
sd21       the same with linear projections, a list of head counts, v-prediction, prompts padded with "!"
sdxl       3 levels, two text encoders with a pooled vector and sizes beside the prompt, several transformer layers a block
miniature  3 levels of 1 layer, attention on the lower two and on the whole way up, 8 latent channels, 32 tokens, clip/
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
)

SHAPES = ("sd15", "sd21", "miniature", "sdxl")
# One token each; every other word is several.
WORDS = (
    "a an the of in on at to and with by photo painting comic ink wash cat dog rabbit ball car house girl boy red blue "
    "green black white long short hair dress left right middle beach grass snow sits jumping under next"
)


def tokenizer(length: int, pad: str = "<|endoftext|>") -> CLIPTokenizer:
    """CLIP's byte-level BPE with merges for WORDS only."""
    chars = _byte_chars()
    vocabulary = {token: i for i, token in enumerate([*chars, *(char + "</w>" for char in chars)])}
    merges: list[tuple[str, str]] = []
    for word in WORDS.split():
        pieces = [*word[:-1], word[-1] + "</w>"]
        for left, right in merges:  # what the merges so far make of it; in their order, so that none is disturbed
            pieces = _merged(pieces, left, right)
        while len(pieces) > 1:
            merges.append((pieces[0], pieces[1]))
            vocabulary.setdefault(pieces[0] + pieces[1], len(vocabulary))
            pieces = _merged(pieces, *pieces[:2])
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[special] = len(vocabulary)
    return CLIPTokenizer(vocab=vocabulary, merges=merges, pad_token=pad, model_max_length=length)


def _merged(pieces: list[str], left: str, right: str) -> list[str]:
    out: list[str] = []
    for piece in pieces:
        if out and (out[-1], piece) == (left, right):
            out[-1] = left + right
        else:
            out.append(piece)
    return out


def save(shape: str, folder: Path) -> Path:
    """Write the model called `shape` into `folder`; always the same weights."""
    torch.manual_seed(SHAPES.index(shape))
    length = 32 if shape == "miniature" else 77
    words = tokenizer(length, "!" if shape == "sd21" else "<|endoftext|>")
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=48 if shape == "sd21" else 32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=length,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        projection_dim=32,
    )
    second = CLIPTextConfig(**(text.to_dict() | {"hidden_size": 40, "projection_dim": 40}))
    _unet(shape, text.hidden_size + (second.hidden_size if shape == "sdxl" else 0)).save_pretrained(folder / "unet")
    latent_channels = 8 if shape == "miniature" else 4
    AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        latent_channels=latent_channels,
        norm_num_groups=4,
        sample_size=128,
        scaling_factor=5.0,  # random weights: brings latents to about unit size, as trained ones are
    ).save_pretrained(folder / "vae")
    CLIPTextModel(text).save_pretrained(folder / "text_encoder")
    words.save_pretrained(folder / "tokenizer")
    if shape == "sdxl":
        CLIPTextModelWithProjection(second).save_pretrained(folder / "text_encoder_2")
        tokenizer(length, "!").save_pretrained(folder / "tokenizer_2")
    DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction" if shape == "sd21" else "epsilon",
    ).save_pretrained(folder / "scheduler")
    parts = {
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
    }
    index = {"_class_name": "StableDiffusionPipeline", "requires_safety_checker": False, **parts}
    if shape == "sdxl":
        parts |= {"text_encoder_2": ["transformers", "CLIPTextModelWithProjection"]}
        parts |= {"tokenizer_2": ["transformers", "CLIPTokenizer"], "image_encoder": [None, None]}
        del parts["safety_checker"]
        index = {"_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": True, **parts}
    (folder / "model_index.json").write_text(json.dumps(index), "utf-8")
    if shape == "miniature":
        (folder / "heying.json").write_text('{"guidance": 3.0}', "utf-8")
        vision = CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=64,
            patch_size=16,
            projection_dim=32,
        )
        config = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=32)
        CLIPModel(config).save_pretrained(folder / "clip")
        for file in (folder / "tokenizer").iterdir():
            shutil.copy(file, folder / "clip" / file.name)
    return folder


def _unet(shape: str, text_dim: int) -> UNet2DConditionModel:
    if shape == "miniature":
        unet = UNet2DConditionModel(
            sample_size=16,
            in_channels=8,
            out_channels=8,
            block_out_channels=(16, 32, 48),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D",) * 3,
            layers_per_block=1,
            attention_head_dim=4,
            cross_attention_dim=text_dim,
            norm_num_groups=8,
        )
    elif shape == "sdxl":
        unet = UNet2DConditionModel(
            sample_size=16,
            block_out_channels=(8, 16, 32),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            layers_per_block=2,
            transformer_layers_per_block=(1, 2, 3),
            attention_head_dim=(1, 2, 4),
            cross_attention_dim=text_dim,
            norm_num_groups=4,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 40,
        )
    else:
        unet = UNet2DConditionModel(
            sample_size=16,
            block_out_channels=(8, 16, 16, 16),
            down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
            up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
            layers_per_block=2,
            attention_head_dim=(1, 2, 4, 4) if shape == "sd21" else 4,
            cross_attention_dim=text_dim,
            norm_num_groups=4,
            use_linear_projection=shape == "sd21",
        )
    # Fresh weights hardly listen to the prompt; these do, so that guidance and attention make a difference.
    with torch.no_grad():
        for name, parameter in unet.named_parameters():
            if ".attn2.to_out.0.weight" in name:
                parameter.mul_(8)
            elif ".attn2.to_q.weight" in name or ".attn2.to_k.weight" in name:
                parameter.mul_(3)
    return unet


def _byte_chars() -> list[str]:
    """The printable characters that stand for the 256 bytes in byte-level BPE."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = 256 - len(printable)
    return [chr(code) for code in printable] + [chr(256 + i) for i in range(others)]
