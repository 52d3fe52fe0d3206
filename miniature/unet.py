"""The UNet and its text tower, trained together on cached latents: Stable Diffusion's recipe, small.

Epsilon prediction under SD's schedule (scaled_linear .00085–.012), 10 % empty captions, min-SNR weighting (Hang et al.
2023, γ = 5), orthogonalised momentum, averaged weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from tqdm import tqdm
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from miniature import autoencoder, dataset, tokenizer
from miniature.autoencoder import AutoencoderStage, save_grid, to_tensor
from miniature.optimizer import optimizers
from miniature.sampling import sample
from miniature.scenes import COLORS, KINDS, SETTINGS, STYLES
from miniature.stage import trained_module
from miniature.wording import GUIDANCE

Array = np.ndarray[Any, Any]
TEXT_WIDTH = 160


def build_unet() -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=12,
        out_channels=12,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(64, 128, 192),
        layers_per_block=1,
        attention_head_dim=4,  # diffusers' name for the number of heads
        cross_attention_dim=TEXT_WIDTH,
        norm_num_groups=16,
    )
    unet.set_attn_processor(AttnProcessor())  # the fused attention's backward is slow on a CPU core
    return unet


def build_text(words: CLIPTokenizer) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=5,
        max_position_embeddings=tokenizer.MAX_TOKENS,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        projection_dim=TEXT_WIDTH,
    )
    config._attn_implementation = "eager"
    return CLIPTextModel(config)


def scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def fold_statistics(vae: AutoencoderKL, mean: Tensor, std: Tensor) -> None:
    """Write the latents' channel means and deviations into the 1×1 convolutions, so that latents come out standardised.

    The round trip stays exactly the same; every channel then has the unit variance that the noise schedule assumes, and
    ``scaling_factor`` is 1. ``mean``, ``std``: (channels,).
    """
    channels = len(mean)
    quant, post = vae.quant_conv, vae.post_quant_conv
    with torch.no_grad():
        quant.bias[:channels] -= mean
        quant.weight[:channels] /= std[:, None, None, None]
        quant.bias[:channels] /= std
        quant.bias[channels:] -= 2 * std.log()  # log variance
        post.bias += post.weight[:, :, 0, 0] @ mean
        post.weight *= std[None, :, None, None]
    vae.register_to_config(scaling_factor=1.0)


@torch.no_grad()
def latents(runs: Path, pictures: int, device: str) -> tuple[AutoencoderKL, Array]:
    """The trained autoencoder with standardised latents, and the means and deviations of all training pictures.

    Returns (vae, (N, 24, 16, 16) float16: 12 channels of means, then 12 of deviations); encoded once, then read.
    """
    vae = autoencoder.build().to(device)
    folder = runs / "latents"
    folder.mkdir(parents=True, exist_ok=True)
    weights, cache = folder / "vae.pt", folder / f"latents_{pictures}.npy"
    if not weights.exists():
        vae = trained_module(AutoencoderStage(runs, pictures, device), runs / "autoencoder")
        data = dataset.render(runs / "data", dataset.TRAIN_SEED, pictures)
        z = torch.cat([vae.encode(to_tensor(data[i : i + 50], device)).latent_dist.mean for i in range(0, 2000, 50)])
        fold_statistics(vae, z.mean(dim=(0, 2, 3)), z.std(dim=(0, 2, 3)))
        torch.save(vae.state_dict(), weights)
    vae.load_state_dict(torch.load(weights, map_location=device, weights_only=True))
    vae.register_to_config(scaling_factor=1.0)
    vae.eval().requires_grad_(False)
    if not cache.exists():
        data = dataset.render(runs / "data", dataset.TRAIN_SEED, pictures)
        out = np.lib.format.open_memmap(cache.with_suffix(".part"), "w+", np.float16, (len(data), 24, 16, 16))
        for i in tqdm(range(0, len(data), 50), desc="latents"):
            with torch.autocast(device, torch.bfloat16):  # 1.7 times faster, and finer than what noise is added to it
                posterior = vae.encode(to_tensor(data[i : i + 50], device)).latent_dist
            out[i : i + 50] = torch.cat([posterior.mean, posterior.std], dim=1).half().cpu().numpy()
        out.flush()
        cache.with_suffix(".part").rename(cache)
    return vae, np.load(cache, mmap_mode="r")


class UnetStage:
    name = "unet"
    batch = 128
    ema_decay = 0.998

    def __init__(self, runs: Path, pictures: int, device: str) -> None:
        self.device = device
        self.vae, self.latents = latents(runs, pictures, device)
        self.words = tokenizer.build()
        unet, text = build_unet(), build_text(self.words)
        self.module: Any = nn.ModuleDict({"unet": unet, "text": text}).to(device)
        unet.to(memory_format=torch.channels_last)  # bfloat16 convolutions gain a twentieth on a CPU
        plain = [
            unet.conv_in,
            unet.conv_out,
            text.get_input_embeddings(),
            *(m for m in text.modules() if isinstance(m, nn.Embedding)),
        ]
        self.optimizers = optimizers(self.module, muon_lr=0.012, adam_lr=1e-3, plain=plain)
        self.scheduler = scheduler()
        alphas = self.scheduler.alphas_cumprod.to(device)
        self.alphas = alphas
        snr = alphas / (1 - alphas)
        self.weight = snr.clamp(max=5) / snr  # min-SNR for epsilon
        self.empty = self._tokens([""])[0]
        self.holdout = len(self.latents) - 480

    def _tokens(self, texts: list[str]) -> Tensor:
        encoded = self.words(
            texts, padding="max_length", max_length=tokenizer.MAX_TOKENS, truncation=True, return_tensors="pt"
        )
        tokens: Tensor = encoded.input_ids.to(self.device)
        return tokens

    def _batch(self, rng: np.random.Generator, indices: Array) -> tuple[Tensor, Tensor]:
        """Latents (B, 12, 16, 16) and tokens (B, T)."""
        statistics = torch.from_numpy(np.stack([self.latents[i] for i in indices])).float().to(self.device)
        mean, std = statistics.chunk(2, dim=1)
        texts = ["" if rng.random() < 0.1 else dataset.captions(dataset.TRAIN_SEED, int(i), rng) for i in indices]
        return mean + std * torch.randn_like(mean), self._tokens(texts)

    def _mse(self, module: Any, z: Tensor, tokens: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Squared error of epsilon, a mean per sample. (B,)."""
        a = self.alphas[t][:, None, None, None]
        noisy = a.sqrt() * z + (1 - a).sqrt() * noise
        with torch.autocast(self.device, torch.bfloat16):
            context = module["text"](input_ids=tokens).last_hidden_state
            eps = module["unet"](noisy, t, encoder_hidden_states=context).sample
        squared: Tensor = (eps.float() - noise).square().mean(dim=(1, 2, 3))
        return squared

    def loss(self, rng: np.random.Generator) -> Tensor:
        z, tokens = self._batch(rng, rng.integers(0, self.holdout, self.batch))
        t = torch.randint(0, 1000, (self.batch,), device=self.device)
        loss: Tensor = (self.weight[t] * self._mse(self.module, z, tokens, t, torch.randn_like(z))).mean() * 2
        return loss

    @torch.no_grad()
    def validate(self, ema: Any) -> dict[str, float]:
        """Unweighted epsilon error at uniform t, on pictures, captions, noises and times that never change."""
        rng, generator = np.random.default_rng(1), torch.Generator().manual_seed(1)
        total = 0.0
        for part in range(4):
            indices = np.arange(self.holdout + 48 * part, self.holdout + 48 * (part + 1))
            z, tokens = self._batch(rng, indices)
            z = (
                torch.from_numpy(np.stack([self.latents[i] for i in indices]))
                .float()
                .to(self.device)
                .chunk(2, dim=1)[0]
            )
            t = torch.arange(0, 1000, 1000 / 48).long().to(self.device)
            noise = torch.randn(z.shape, generator=generator).to(self.device)
            total += float(self._mse(ema, z, tokens, t, noise).mean()) / 4
        return {"val_eps": total}

    def sheet(self, ema: Any, path: Path) -> None:
        """24 captions that training has not seen as scenes, drawn by the averaged weights in 20 steps."""
        save_grid(path, draw_captions(self.pipeline(ema), sheet_captions()), 8)

    def pipeline(self, ema: Any) -> StableDiffusionPipeline:
        parts = {
            "vae": self.vae,
            "text_encoder": ema["text"],
            "tokenizer": self.words,
            "unet": ema["unet"],
            "scheduler": self.scheduler,
        }
        pipeline = StableDiffusionPipeline(
            **parts, safety_checker=None, feature_extractor=None, image_encoder=None, requires_safety_checker=False
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline


def sheet_captions() -> list[str]:
    """Every kind and colour once in the middle, then two things at a time."""
    out = []
    styles, settings = list(STYLES.values()), list(SETTINGS.values())
    for i in range(16):
        kind, color = KINDS[i % len(KINDS)], COLORS[(i * 3) % len(COLORS)]
        thing = {
            "girl": f"a girl with long black hair in a {color} dress",
            "boy": f"a boy with short brown hair in a {color} shirt with glasses",
        }
        style = styles[0] if i < 11 else styles[1 + i % 3]
        out.append(f"{style} {thing.get(kind, f'a {color} {kind}')} {settings[i % 4]}")
    return out + [sample([9, i], count=2, style="photo").caption() for i in range(8)]


def draw_captions(
    pipeline: StableDiffusionPipeline, prompts: list[str], guidance: float = GUIDANCE, steps: int = 20, seed: int = 0
) -> Tensor:
    """Pictures of prompts, (N, 3, 128, 128) in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    images = pipeline(
        prompts,
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=generator,
        output_type="np",
        height=128,
        width=128,
    ).images
    return torch.from_numpy(np.asarray(images)).permute(0, 3, 1, 2).float() * 2 - 1
