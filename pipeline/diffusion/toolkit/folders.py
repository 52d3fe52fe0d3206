"""Read a Stable-Diffusion folder or hub id in diffusers' layout: its parts, and whether they are of a kind that we know.

SD 1.x and 2.x have one text encoder; SDXL has two, and its UNet also wants the second one's pooled vector and the
picture's size.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from storage.errors import HeyingError

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
# What is taken over from a scheduler of any class: the noise that the model was trained on, and where steps fall.
SCHEDULE = (
    *("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "rescale_betas_zero_snr"),
    *("prediction_type", "set_alpha_to_one", "steps_offset", "timestep_spacing"),
)


class ModelError(HeyingError):
    """The model cannot be loaded, or is not of a kind that the toolkit can use."""


@dataclass(frozen=True, slots=True)
class Second:
    """SDXL's second text encoder. `silent`: the empty prompt is all zeros instead of what the encoders make of it."""

    encoder: CLIPTextModelWithProjection
    tokenizer: CLIPTokenizer
    silent: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """What lies in a folder, as it was saved, in single precision on the CPU. `own`: its heying.json, {} without one."""

    folder: Path
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    scheduler: DDIMScheduler
    second: Second | None
    own: Mapping[str, Any]


def read(folder_or_id: str | Path, spacing: str = "") -> Parts:
    """The parts of a folder or hub id. `spacing` replaces the scheduler's timestep_spacing, which few steps want.

    Stepping is DDIM's; betas and offsets are the model's own. Raises ModelError.
    """
    folder = find(folder_or_id)
    missing = [name for name in PARTS if not (folder / name).is_dir()]
    if missing:
        raise ModelError(
            f"模型文件夹 {folder} 不完整，缺少 {'、'.join(missing)}。"
            "请换成完整的 Stable Diffusion 1.x、2.x 或 XL 文件夹（diffusers 格式）。",
            f"{folder} lacks {missing}: not a StableDiffusionPipeline folder",
        )
    bars = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()  # five bars of a tenth of a second each
    try:
        own = json.loads(text) if (text := _text(folder / "heying.json")) else {}
        local: dict[str, Any] = {"local_files_only": True}
        unet = UNet2DConditionModel.from_pretrained(
            folder, subfolder="unet", torch_dtype=torch.float32, **local, **_variant(folder / "unet")
        )
        vae = AutoencoderKL.from_pretrained(
            folder, subfolder="vae", torch_dtype=torch.float32, **local, **_variant(folder / "vae")
        )
        text_encoder = CLIPTextModel.from_pretrained(
            folder, subfolder="text_encoder", dtype=torch.float32, **local, **_variant(folder / "text_encoder")
        )
        tokenizer = CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer", **local)
        second = None
        if (folder / "text_encoder_2").is_dir():
            index = json.loads(_text(folder / "model_index.json") or "{}")
            second = Second(
                CLIPTextModelWithProjection.from_pretrained(
                    folder,
                    subfolder="text_encoder_2",
                    dtype=torch.float32,
                    **local,
                    **_variant(folder / "text_encoder_2"),
                ),
                CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer_2", **local),
                bool(index.get("force_zeros_for_empty_prompt", True)),
            )
        config = DDIMScheduler.load_config(folder, subfolder="scheduler", **local)
        own_schedule = {key: config[key] for key in SCHEDULE if key in config}
        if spacing := spacing or str(own.get("spacing", "")):
            own_schedule["timestep_spacing"] = spacing
        # Latents have no range to be clipped to.
        scheduler = DDIMScheduler(**{"set_alpha_to_one": False, **own_schedule, "clip_sample": False})
        scheduler.alphas_cumprod.clamp_(min=2**-24)  # models with zero signal at the end: we divide by its root
    except Exception as error:  # any of four libraries may stumble over a broken file
        raise ModelError(
            f"模型文件夹 {folder} 里的文件读不出来，可能下载不完整。请重新下载后再试。",
            f"cannot load {folder}: {error!r}",
        ) from error
    finally:
        if bars:
            transformers.utils.logging.enable_progress_bar()
    parts = Parts(folder, unet, vae, text_encoder, tokenizer, scheduler, second, own)
    _fits(parts)
    return parts


def find(folder_or_id: str | Path) -> Path:
    """The local folder of a model. What looks like a path is never asked for on the hub: that hangs for minutes."""
    folder = Path(folder_or_id).expanduser()
    if folder.is_dir():
        return folder
    name = str(folder_or_id)
    is_id = isinstance(folder_or_id, str) and re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", name)
    if not is_id or Path(name).parent.is_dir():
        raise ModelError(
            f"找不到模型文件夹 {name}。请检查 config.toml 里的模型路径，或先运行 make miniature。",
            f"no such folder: {name}",
        )
    from diffusers import DiffusionPipeline  # slow to import, and needed for this only

    try:
        return Path(DiffusionPipeline.download(name))
    except Exception as error:
        raise ModelError(
            f"模型 {name} 下载不了。请检查网络，或先把它下载到本地，再把文件夹写进 config.toml。",
            f"cannot download {name}: {error!r}",
        ) from error


def _variant(part: Path) -> dict[str, str]:
    """The variant of a part that was fetched in half precision only: its files are called *.fp16.*."""
    weights = [path.name for kind in ("*.safetensors", "*.bin") for path in part.glob(kind)]
    return {"variant": "fp16"} if weights and all(".fp16." in name for name in weights) else {}


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _fits(parts: Parts) -> None:
    """Text in through cross-attention, latents in, as many latents out; of XL its two text encoders, and nothing else."""
    unet, vae, second = parts.unet.config, parts.vae.config, parts.second
    text = parts.text_encoder.config.hidden_size + (second.encoder.config.hidden_size if second else 0)
    extra = "text_time" if second else None
    why = ""
    if unet.in_channels != vae.latent_channels:
        why = f"UNet takes {unet.in_channels} channels, latents have {vae.latent_channels} (inpainting?)"
    elif unet.addition_embed_type != extra or unet.class_embed_type or unet.encoder_hid_dim:
        why = "UNet wants more than a prompt, or another kind of prompt"
    elif unet.cross_attention_dim != text:
        why = f"UNet attends to {unet.cross_attention_dim} dimensions, text has {text}"
    if why:
        raise ModelError(
            f"{parts.folder} 不是普通的 Stable Diffusion 1.x、2.x 或 XL 模型（修补模型和精修模型还不支持），请换一个。",
            f"{parts.folder}: {why}",
        )
