"""A Stable Diffusion model: load a folder or hub id, encode, decode, embed prompts, predict noise.

Any SD 1.x / 2.x model in diffusers' StableDiffusionPipeline layout will do, epsilon or v-prediction, and SDXL's base.
Tensors are RGB, NCHW, float32, pictures in [-1, 1], whatever the precision of the networks. Nothing here knows how many
latent channels, pixels, tokens or blocks there are.

What SDXL wants beside its tokens, the pooled vector of its second text encoder, is carried as one more row in front of
them: embeddings are (B, 1 + T, D) there. So methods that mix, move or learn embeddings do the same with both.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor
from torch.nn.functional import pad
from transformers import CLIPTextModel, CLIPTokenizer

from pipeline.diffusion.toolkit import folders
from pipeline.diffusion.toolkit.clip import Clip
from pipeline.diffusion.toolkit.clip import load as load_clip
from pipeline.diffusion.toolkit.folders import ModelError as ModelError
from pipeline.diffusion.toolkit.folders import Second
from pipeline.diffusion.toolkit.placement import Placement, layered, place


@dataclass(slots=True)
class Evaluations:
    """How much the UNet has worked, in samples: a batch of two counts two."""

    forward: int = 0
    backward: int = 0


@dataclass(frozen=True, slots=True)
class StableDiffusion:
    """The parts of a model, frozen in evaluation mode. `guidance` is the model's own default, `inversion` the one that its
    steps want where a method leaves it open (see inversion.py), `size` its side in pixels, `worn` the pseudo-words in use (see pseudo_tokens.py): word → token ids beyond the vocabulary. `second`: the
    second text encoder of SDXL. `home`: where tensors lie when networks do not (see placement.py). `weights`: the
    fingerprint of what was loaded."""

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
    second: Second | None = None
    home: torch.device | None = None
    weights: str = ""
    inversion: str = "direct"

    @property
    def few_steps(self) -> bool:
        """Whether its weights are for a few large steps, with guidance of their own (LCM, Lightning, the miniature's)."""
        return self.inversion == "fixed_point"

    @property
    def device(self) -> torch.device:
        device: torch.device = self.home or self.unet.device
        return device

    @property
    def encoders(self) -> tuple[CLIPTextModel, ...]:
        """The text encoders: one, of SDXL two."""
        return (self.text_encoder,) if self.second is None else (self.text_encoder, self.second.encoder)

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


def load(
    folder_or_id: str | Path, device: str | torch.device = "cpu", placement: Placement | None = None
) -> StableDiffusion:
    """Load a model folder, or a hub id that is no local path.

    Networks are float32 unless `placement` says otherwise; latents always are, since in half precision inversions fail
    (black pictures). Default guidance comes from `heying.json` in the folder, else 7.5, of SDXL 5. A `clip/` folder beside
    the parts becomes `sd.clip`.

    Raises ModelError when the folder is missing or incomplete, or the model is of another kind.
    """
    placement = placement or Placement()
    parts = folders.read(folder_or_id, placement.spacing)
    clip = load_clip(parts.folder / "clip", device) if (parts.folder / "clip").is_dir() else None
    encoders = [parts.text_encoder] if parts.second is None else [parts.text_encoder, parts.second.encoder]
    weights = _fingerprint(parts.unet, parts.text_encoder)
    for module in (parts.unet, parts.vae, *encoders):
        module.requires_grad_(False).eval()
    lora = placement.lora or str(parts.own.get("lora", ""))
    home = place(parts.unet, parts.vae, encoders, device, placement, _beside(parts.folder, lora))
    factor = 2 ** (len(parts.vae.config.block_out_channels) - 1)
    side = parts.unet.config.sample_size
    sd = StableDiffusion(
        unet=parts.unet,
        vae=parts.vae,
        text_encoder=parts.text_encoder,
        tokenizer=parts.tokenizer,
        scheduler=parts.scheduler,
        guidance=float(parts.own.get("guidance", 7.5 if parts.second is None else 5.0)),
        size=(max(side) if isinstance(side, (list, tuple)) else side or 64) * factor,
        name=str(folder_or_id).rstrip("/"),
        clip=clip,
        second=parts.second,
        home=home,
        weights=weights,
        inversion="fixed_point" if lora else "direct",  # weights for few steps: the steps are large
    )
    if sd.second is not None:  # transformers hangs hooks into its layers when hidden states are first asked for
        with torch.no_grad():
            embed(sd, [""])
    return sd


def _beside(folder: Path, lora: str) -> Path | None:
    """The file of LoRA weights that is named: in the model's folder, or anywhere."""
    if not lora:
        return None
    return folder / lora if (folder / lora).exists() else Path(lora).expanduser()


def fingerprint(sd: StableDiffusion) -> str:
    """A short name for a model's weights, by those that vectors are learnt against: the same folder may hold others
    tomorrow. Precision and few-step weights do not count."""
    return sd.weights or _fingerprint(sd.unet, sd.text_encoder)


def _fingerprint(unet: UNet2DConditionModel, text_encoder: CLIPTextModel) -> str:
    table = text_encoder.get_input_embeddings().weight
    last = unet.conv_out.weight
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
    """Prompts → (B, T, D), of SDXL (B, 1 + T, D). Gradients flow to worn vectors that require them, and to nothing else."""
    ids = torch.tensor([padded_ids(sd, prompt) for prompt in prompts], device=sd.device)
    if sd.second is not None:
        return _embed_both(sd, sd.second, prompts, ids)
    mask = None
    if getattr(sd.text_encoder.config, "use_attention_mask", False):
        lengths = torch.tensor([min(len(token_ids(sd, p)) + 2, sd.tokens) for p in prompts], device=sd.device)
        mask = (torch.arange(sd.tokens, device=sd.device)[None] < lengths[:, None]).long()
    hidden: Tensor = sd.text_encoder(ids, attention_mask=mask).last_hidden_state
    return _whole(hidden)


def _embed_both(sd: StableDiffusion, second: Second, prompts: Sequence[str], ids: Tensor) -> Tensor:
    """The last layer but one of both encoders side by side, and before them the pooled vector, filled up with zeros."""
    ends = torch.tensor([min(len(token_ids(sd, prompt)), sd.tokens - 2) + 1 for prompt in prompts], device=sd.device)
    after = torch.arange(sd.tokens, device=sd.device)[None] > ends[:, None]
    others = ids.masked_fill(after, second.tokenizer.pad_token_id)  # the same words, padded in its own way
    first, last = sd.text_encoder(ids, output_hidden_states=True), second.encoder(others, output_hidden_states=True)
    tokens = torch.cat([first.hidden_states[-2], last.hidden_states[-2]], -1)
    # transformers looks for the end by the largest id, which a pseudo-word's is
    pooled = second.encoder.text_projection(last.last_hidden_state[torch.arange(len(ids)), ends])
    hidden = torch.cat([pad(pooled, (0, tokens.shape[-1] - pooled.shape[-1]))[:, None], tokens], 1)
    if second.silent and not all(prompts):
        said = torch.tensor([bool(prompt) for prompt in prompts], device=sd.device)
        hidden = hidden * said[:, None, None]
    return _whole(hidden)


def _whole(hidden: Tensor) -> Tensor:
    """In float32, if not more precise."""
    return hidden.to(torch.promote_types(hidden.dtype, torch.float32))


def predict(sd: StableDiffusion, z: Tensor, t: int | Tensor, emb: Tensor) -> Tensor:
    """eps(z_t, t, emb) for latents (B, C, h, w) at time t (one number, or one for each), conditioned on (B, T, D).

    The only place where the UNet is called. A v-prediction becomes eps = sqrt(a) v + sqrt(1 - a) z (Salimans & Ho).
    """
    if torch.is_grad_enabled() and (z.requires_grad or emb.requires_grad) and layered(sd.unet):
        raise ModelError(
            "显存太小，模型是一层一层搬进显卡的，这种要边学边画的方法用不了。换一种方法，或者不指定，让我来选。",
            "a gradient through a UNet whose layers are offloaded",
        )
    t = torch.as_tensor(t, device=z.device).expand(len(z))
    kind, states = sd.unet.dtype, emb
    more: dict[str, Any] = {}
    if sd.second is not None:
        states = emb[:, 1:]
        high, wide = (side * sd.factor for side in z.shape[-2:])
        sizes = torch.tensor([high, wide, 0, 0, high, wide], device=z.device, dtype=kind)  # not cut, shown as it is
        pooled = emb[:, 0, : sd.second.encoder.config.projection_dim]
        more["added_cond_kwargs"] = {"text_embeds": pooled.to(kind), "time_ids": sizes.expand(len(z), -1)}
    out: Tensor = sd.unet(z.to(kind), t, encoder_hidden_states=states.to(kind), **more).sample.to(z.dtype)
    counted, batch = sd.evaluated, len(z)
    counted.forward += batch
    if out.requires_grad:

        def count_backward(gradient: Tensor) -> None:
            counted.backward += batch

        out.register_hook(count_backward)
    predicted = sd.scheduler.config.prediction_type
    if predicted == "epsilon":
        return out
    a: Tensor = sd.scheduler.alphas_cumprod.to(z.device)[t].view(-1, 1, 1, 1)
    if predicted == "v_prediction":
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
