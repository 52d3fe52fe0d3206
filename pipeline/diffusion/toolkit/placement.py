"""Where the networks of a model lie and how precisely they count: for cards with less memory than the model would like.

Only networks are made smaller. Latents, schedules and optimisers stay float32 (see model.py), and so does the
autoencoder, whose half precision turns SDXL's pictures black. Attention that nobody looks into runs through
scaled_dot_product_attention, whose memory grows with the number of pixels and not with its square; so slicing it would
only cost time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import nn

from storage.errors import HeyingError
from storage.model_memory import GIB, Plan, best

TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class PlacementError(HeyingError):
    """Few-step weights that do not fit, or a precision that is none."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a model is opened; "auto" is what fits into the card's free memory.

    precision  "auto", "float32", "bfloat16", "float16": of UNet and text encoders
    offload    "auto", "none", "model" (text encoders are on the card only while they work), "layer" (one layer of the UNet
               at a time: slow, and no method that learns)
    lora       a file of LoRA weights that are merged into the UNet for good (LCM, Lightning): then few steps are enough
    spacing    the scheduler's timestep_spacing, "" for the model's own; few steps want "trailing"
    """

    precision: str = "auto"
    offload: str = "auto"
    lora: str = ""
    spacing: str = ""


def place(
    unet: UNet2DConditionModel,
    vae: AutoencoderKL,
    encoders: Sequence[nn.Module],
    device: str | torch.device,
    placement: Placement,
    lora: Path | None = None,
) -> torch.device:
    """Put the networks of a model where they shall work; returns where its tensors lie. Raises PlacementError."""
    home = torch.device(device)
    if lora is not None:
        _merge(unet, lora)
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    side = unet.config.sample_size
    size = (max(side) if isinstance(side, (list, tuple)) else side or 64) * factor
    plan = plan_for(unet, vae, encoders, size, _free(home), placement)
    kind = TYPES[plan.precision]
    vae.to(home)
    if plan.offload == "none":
        for module in (unet, *encoders):
            nn.Module.to(module, home, kind)  # diffusers' own warns of an empty list of layers
        return home
    vae.enable_tiling()
    for encoder in encoders:
        _visiting(encoder.to(kind), home)
    if plan.offload == "model":
        nn.Module.to(unet, home, kind)
    else:
        from accelerate import cpu_offload

        cpu_offload(nn.Module.to(unet, kind), home, offload_buffers=True)
    return home


def plan_for(
    unet: nn.Module, vae: nn.Module, encoders: Sequence[nn.Module], size: int, free: float | None, placement: Placement
) -> Plan:
    """Precision and offload as configured, else what fits into `free` GiB; None: the machine's own memory, float32.

    Raises PlacementError for what is neither.
    """
    if placement.precision not in ("auto", *TYPES) or placement.offload not in ("auto", "none", "model", "layer"):
        raise PlacementError(
            "config.toml 里 precision 要写 auto、float32、bfloat16 或 float16，offload 要写 auto、none、model 或 layer。",
            f"{placement}",
        )
    parts = {"unet": unet, "vae": vae, **{f"text_encoder{'_2' * i}": one for i, one in enumerate(encoders)}}
    counted = {name: sum(one.numel() for one in part.parameters()) for name, part in parts.items()}
    found = Plan("float32", "none") if free is None else best(counted, size, free) or Plan("bfloat16", "layer")
    precision = found.precision if placement.precision == "auto" else placement.precision
    return Plan(precision, found.offload if placement.offload == "auto" else placement.offload)


def layered(unet: nn.Module) -> bool:
    """Whether the UNet's layers are on the card one at a time, so that nothing can be learnt through them."""
    return hasattr(getattr(unet, "conv_in", None), "_hf_hook")


def _free(device: torch.device) -> float | None:
    """GiB that are free on a graphics card; None where the model shares the machine's memory."""
    return torch.cuda.mem_get_info(device)[0] / GIB if device.type == "cuda" else None


def _visiting(module: nn.Module, device: torch.device) -> None:
    """A module that goes to a device for each of its calls, and back unless a gradient will come through it."""
    back = torch.device("cpu")

    def comes(one: nn.Module, *_: Any) -> None:
        one.to(device)

    def goes(one: nn.Module, *_: Any) -> None:
        if not torch.is_grad_enabled():
            one.to(back)

    module.register_forward_pre_hook(comes)
    module.register_forward_hook(goes)


def _merge(unet: UNet2DConditionModel, file: Path) -> None:
    """Add LoRA weights to the UNet's own, in whatever names diffusers can read. Raises PlacementError."""
    from diffusers.loaders import StableDiffusionLoraLoaderMixin

    try:
        state, alphas = StableDiffusionLoraLoaderMixin.lora_state_dict(
            str(file), unet_config=unet.config, local_files_only=True
        )
        StableDiffusionLoraLoaderMixin.load_lora_into_unet(state, alphas, unet, adapter_name="few_steps")
        unet.fuse_lora()
        unet.unload_lora()
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        raise PlacementError(
            f"LoRA 文件 {file.name} 读不出来，或者不是给这个模型用的。请检查 config.toml 里的 lora。",
            f"cannot merge {file}: {error!r}",
        ) from error
