"""A Stable Diffusion model: load a folder or hub id, encode, decode, embed prompts, predict noise.

Any SD 1.x / 2.x model in diffusers' StableDiffusionPipeline layout will do, epsilon or v-prediction. Tensors are RGB,
NCHW, float32, pictures in [-1, 1]. Nothing here knows how many latent channels, pixels, tokens or blocks there are.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import torch
import transformers
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from pipeline.diffusion.toolkit.clip import Clip
from pipeline.diffusion.toolkit.clip import load as load_clip
from storage.errors import HeyingError

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
# What is taken over from a scheduler of any class: the noise that the model was trained on, and where steps fall.
SCHEDULE = (
    *("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "rescale_betas_zero_snr"),
    *("prediction_type", "set_alpha_to_one", "steps_offset", "timestep_spacing"),
)


class ModelError(HeyingError):
    """The model cannot be loaded, or is not of a kind that the toolkit can use."""


@dataclass(slots=True)
class Evaluations:
    """How much the UNet has worked, in samples: a batch of two counts two."""

    forward: int = 0
    backward: int = 0


@dataclass(frozen=True, slots=True)
class StableDiffusion:
    """The parts of a model, frozen in evaluation mode. `guidance` is the model's own default, `size` its side in
    pixels, `worn` the pseudo-words in use (see pseudo_tokens.py): word → token ids beyond the vocabulary."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    scheduler: DDIMScheduler
    guidance: float
    size: int
    name: str
    clip: Clip | None = None
    worn: dict[str, tuple[int, ...]] = field(default_factory=dict)
    evaluated: Evaluations = field(default_factory=Evaluations)

    @property
    def device(self) -> torch.device:
        device: torch.device = self.unet.device
        return device

    @property
    def tokens(self) -> int:
        """Length of a prompt in tokens, begin and end included."""
        return min(int(self.tokenizer.model_max_length), int(self.text_encoder.config.max_position_embeddings))

    @property
    def factor(self) -> int:
        """Pixels along one side of a latent."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def grain(self) -> int:
        """A picture's side must be a multiple of this, so that the UNet can halve its latents all the way down."""
        return self.factor * int(2 ** (len(self.unet.config.block_out_channels) - 1))


class Count:
    """What the UNet of `sd` has done since this was made; usable as it is or as a `with` block."""

    def __init__(self, sd: StableDiffusion) -> None:
        self._now = sd.evaluated
        self._start = Evaluations(sd.evaluated.forward, sd.evaluated.backward)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @property
    def forward(self) -> int:
        return self._now.forward - self._start.forward

    @property
    def backward(self) -> int:
        return self._now.backward - self._start.backward


def evaluations(sd: StableDiffusion) -> Count:
    """Start counting UNet evaluations (in samples, forward and backward)."""
    return Count(sd)


def load(folder_or_id: str | Path, device: str | torch.device = "cpu") -> StableDiffusion:
    """Load a model folder, or a hub id that is no local path.

    Always float32: in half precision the inversions fail (black pictures). The scheduler's betas and offsets are the
    model's own, stepping is DDIM's. Default guidance comes from `heying.json` in the folder, else 7.5.
    A `clip/` folder beside the parts becomes `sd.clip`.

    Raises ModelError when the folder is missing or incomplete, or the model is of another kind.
    """
    folder = _find(folder_or_id)
    missing = [name for name in PARTS if not (folder / name).is_dir()]
    if missing:
        raise ModelError(
            f"模型文件夹 {folder} 不完整，缺少 {'、'.join(missing)}。"
            "请换成完整的 Stable Diffusion 1.x 或 2.x 文件夹（diffusers 格式）。",
            f"{folder} lacks {missing}: not a StableDiffusionPipeline folder",
        )
    bars = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()  # five bars of a tenth of a second each
    try:
        own = json.loads(text) if (text := _read(folder / "heying.json")) else {}
        guidance = float(own.get("guidance", 7.5))
        local: dict[str, Any] = {"local_files_only": True}
        single: dict[str, Any] = {**local, "torch_dtype": torch.float32}
        unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet", **single)
        vae = AutoencoderKL.from_pretrained(folder, subfolder="vae", **single)
        text_encoder = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder", dtype=torch.float32, **local)
        tokenizer = CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer", **local)
        config = DDIMScheduler.load_config(folder, subfolder="scheduler", **local)
        own_schedule = {key: config[key] for key in SCHEDULE if key in config}
        # Latents have no range to be clipped to.
        scheduler = DDIMScheduler(**{"set_alpha_to_one": False, **own_schedule, "clip_sample": False})
        scheduler.alphas_cumprod.clamp_(min=2**-24)  # models with zero signal at the end: we divide by its root
        clip = load_clip(folder / "clip", device) if (folder / "clip").is_dir() else None
    except HeyingError:
        raise
    except Exception as error:  # any of four libraries may stumble over a broken file
        raise ModelError(
            f"模型文件夹 {folder} 里的文件读不出来，可能下载不完整。请重新下载后再试。",
            f"cannot load {folder}: {error!r}",
        ) from error
    finally:
        if bars:
            transformers.utils.logging.enable_progress_bar()
    _fits(folder, unet, vae, text_encoder)
    for module in (unet, vae, text_encoder):
        module.requires_grad_(False).eval().to(device)
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    side = unet.config.sample_size
    size = (max(side) if isinstance(side, (list, tuple)) else side or 64) * factor
    return StableDiffusion(
        unet, vae, text_encoder, tokenizer, scheduler, guidance, size, str(folder_or_id).rstrip("/"), clip
    )


def _find(folder_or_id: str | Path) -> Path:
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
    from diffusers import StableDiffusionPipeline  # slow to import, and needed for this only

    try:
        return Path(StableDiffusionPipeline.download(name))
    except Exception as error:
        raise ModelError(
            f"模型 {name} 下载不了。请检查网络，或先把它下载到本地，再把文件夹写进 config.toml。",
            f"cannot download {name}: {error!r}",
        ) from error


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _fits(folder: Path, unet: UNet2DConditionModel, vae: AutoencoderKL, text_encoder: CLIPTextModel) -> None:
    """SD 1.x / 2.x only: text in through cross-attention, latents in, as many latents out, nothing else."""
    why = ""
    if unet.config.in_channels != vae.config.latent_channels:
        why = f"UNet takes {unet.config.in_channels} channels, latents have {vae.config.latent_channels} (inpainting?)"
    elif unet.config.cross_attention_dim != text_encoder.config.hidden_size:
        why = (
            f"UNet attends to {unet.config.cross_attention_dim} dimensions, text has {text_encoder.config.hidden_size}"
        )
    elif unet.config.addition_embed_type or unet.config.class_embed_type or unet.config.encoder_hid_dim:
        why = "UNet wants more than a prompt (SDXL or another kind)"
    if why:
        raise ModelError(
            f"{folder} 不是普通的 Stable Diffusion 1.x/2.x 模型（修补模型和 SDXL 还不支持），请换一个。",
            f"{folder}: {why}",
        )


def fingerprint(sd: StableDiffusion) -> str:
    """A short name for a model's weights, by those that vectors are learnt against: the same folder may hold others
    tomorrow."""
    table = sd.text_encoder.get_input_embeddings().weight
    last = sd.unet.conv_out.weight
    digest = hashlib.sha256(table.detach().cpu().numpy().tobytes() + last.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


@torch.no_grad()
def encode(sd: StableDiffusion, image: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) in [-1, 1] → latents (B, C, H/f, W/f): the posterior's mean, scaled for the UNet."""
    z: Tensor = sd.vae.encode(image.to(sd.device)).latent_dist.mean
    return (z - float(sd.vae.config.shift_factor or 0)) * float(sd.vae.config.scaling_factor)


@torch.no_grad()
def decode(sd: StableDiffusion, z: Tensor) -> Tensor:
    """Latents (B, C, h, w) → pictures (B, 3, H, W) in [-1, 1]."""
    z = z.to(sd.device) / sd.vae.config.scaling_factor + (sd.vae.config.shift_factor or 0.0)
    image: Tensor = sd.vae.decode(z).sample
    return image.clamp(-1, 1)


def token_ids(sd: StableDiffusion, prompt: str) -> list[int]:
    """Token ids of a prompt between begin and end, pseudo-words in use included; not padded, not cut."""
    if not sd.worn:
        return list(sd.tokenizer(prompt, add_special_tokens=False).input_ids)
    longest_first = sorted(sd.worn, key=len, reverse=True)
    names = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first)
    ids: list[int] = []
    for piece in re.split(f"({names})", prompt):
        if piece in sd.worn:
            ids += sd.worn[piece]
        elif piece.strip():
            ids += sd.tokenizer(piece, add_special_tokens=False).input_ids
    return ids


def padded_ids(sd: StableDiffusion, prompt: str) -> list[int]:
    """Begin, prompt (cut to fit), end, padding: exactly `sd.tokens` ids."""
    body = token_ids(sd, prompt)[: sd.tokens - 2]
    tokenizer = sd.tokenizer
    ids = [tokenizer.bos_token_id, *body, tokenizer.eos_token_id]
    return ids + [tokenizer.pad_token_id] * (sd.tokens - len(ids))


def embed(sd: StableDiffusion, prompts: Sequence[str]) -> Tensor:
    """Prompts → (B, T, D). Gradients flow to worn vectors that require them, and to nothing else."""
    ids = torch.tensor([padded_ids(sd, prompt) for prompt in prompts], device=sd.device)
    mask = None
    if getattr(sd.text_encoder.config, "use_attention_mask", False):
        lengths = torch.tensor([min(len(token_ids(sd, p)) + 2, sd.tokens) for p in prompts], device=sd.device)
        mask = (torch.arange(sd.tokens, device=sd.device)[None] < lengths[:, None]).long()
    hidden: Tensor = sd.text_encoder(ids, attention_mask=mask).last_hidden_state
    return hidden


def predict(sd: StableDiffusion, z: Tensor, t: int | Tensor, emb: Tensor) -> Tensor:
    """eps(z_t, t, emb) for latents (B, C, h, w) at time t (one number, or one for each), conditioned on (B, T, D).

    The only place where the UNet is called. A v-prediction becomes eps = sqrt(a) v + sqrt(1 - a) z (Salimans & Ho).
    """
    t = torch.as_tensor(t, device=z.device).expand(len(z))
    out: Tensor = sd.unet(z, t, encoder_hidden_states=emb).sample
    counted, batch = sd.evaluated, len(z)
    counted.forward += batch
    if out.requires_grad:

        def count_backward(gradient: Tensor) -> None:
            counted.backward += batch

        out.register_hook(count_backward)
    kind = sd.scheduler.config.prediction_type
    if kind == "epsilon":
        return out
    a: Tensor = sd.scheduler.alphas_cumprod.to(z.device)[t].view(-1, 1, 1, 1)
    if kind == "v_prediction":
        return a.sqrt() * out + (1 - a).sqrt() * z
    return (z - a.sqrt() * out) / (1 - a).sqrt()  # "sample": the network predicts z_0


def guided(sd: StableDiffusion, z: Tensor, t: int, emb: Tensor, null: Tensor, guidance: float) -> Tensor:
    """Classifier-free guidance, eps_null + w (eps_emb - eps_null) (Ho & Salimans 2022, eq. 6), in one UNet call.

    z (B, C, h, w), emb (B, T, D), null (1 or B, T, D). The batch that the UNet sees is [null for each, emb for each];
    without guidance (w = 1) only [emb for each]: so the conditional half is always the last B samples.
    """
    if guidance == 1:
        return predict(sd, z, t, emb)
    eps_null, eps = predict(sd, torch.cat([z, z]), t, torch.cat([null.expand_as(emb), emb])).chunk(2)
    return eps_null + guidance * (eps - eps_null)


def noise(sd: StableDiffusion, shape: Sequence[int], seed: int | torch.Generator) -> Tensor:
    """Standard normal noise that depends on the seed only, not on the device. A generator (on the CPU) gives more."""
    generator = torch.Generator().manual_seed(seed) if isinstance(seed, int) else seed
    return torch.randn(tuple(shape), generator=generator).to(sd.device)
