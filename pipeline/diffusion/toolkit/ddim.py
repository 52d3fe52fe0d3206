"""Deterministic sampling and its inversion (DDIM; Song et al. 2021, eq. 12), on the model's own noise schedule."""

import copy
from collections.abc import Generator
from math import sqrt

import torch
from torch import Tensor

from pipeline.diffusion.toolkit.model import StableDiffusion, embed, guided
from pipeline.engine import Progress


def timesteps(sd: StableDiffusion, steps: int) -> list[tuple[int, int]]:
    """The way down: (t, t_prev) for each step, noisiest first; the last t_prev may be negative (the end of the way)."""
    schedule = copy.copy(sd.scheduler)  # set_timesteps writes to it
    schedule.set_timesteps(steps)
    down = [int(t) for t in schedule.timesteps]
    return list(zip(down, [*down[1:], down[-1] - sd.scheduler.config.num_train_timesteps // steps], strict=True))


def alpha(sd: StableDiffusion, t: int) -> float:
    """alphas_cumprod at t. Before the first step: the schedule's end, alphas_cumprod[0] or (if the model says so) 1."""
    schedule = sd.scheduler
    return float(schedule.alphas_cumprod[t] if t >= 0 else schedule.final_alpha_cumprod)


def step(
    sd: StableDiffusion, z: Tensor, eps: Tensor, t: int, t_prev: int, eta: float = 0.0, noise: Tensor | None = None
) -> Tensor:
    """z_t → z_{t_prev} (eq. 12); with eta > 0 some of the noise is fresh: eta = 1 is DDPM's ancestral step (eq. 16)."""
    a, a_prev = alpha(sd, t), alpha(sd, t_prev)
    z_0 = (z - sqrt(1 - a) * eps) / sqrt(a)
    sigma = 0.0 if noise is None else eta * sqrt((1 - a_prev) / (1 - a) * (1 - a / a_prev))
    z_prev = sqrt(a_prev) * z_0 + sqrt(1 - a_prev - sigma**2) * eps
    return z_prev if noise is None else z_prev + sigma * noise


def invert_step(sd: StableDiffusion, z: Tensor, eps: Tensor, t_prev: int, t: int) -> Tensor:
    """z_{t_prev} → z_t: the same equation the other way, where eps(z_t) is taken to be about eps(z_{t_prev})."""
    return step(sd, z, eps, t_prev, t)


def diffuse(sd: StableDiffusion, z_0: Tensor, noise: Tensor, t: int) -> Tensor:
    """z_0 with noise up to time t (DDPM's q(z_t | z_0))."""
    a = alpha(sd, t)
    return sqrt(a) * z_0 + sqrt(1 - a) * noise


@torch.no_grad()
def sample(
    sd: StableDiffusion,
    z: Tensor,
    prompts: list[str],
    *,
    steps: int = 50,
    guidance: float | None = None,
    negative: str = "",
) -> Generator[Progress, None, Tensor]:
    """Noise z (B, C, h, w) → latents for B prompts."""
    w = sd.guidance if guidance is None else guidance
    emb, null = embed(sd, prompts), embed(sd, [negative])
    z = z.to(sd.device)
    for i, (t, t_prev) in enumerate(timesteps(sd, steps)):
        z = step(sd, z, guided(sd, z, t, emb, null, w), t, t_prev)
        yield Progress(i + 1, steps, "画图")
    return z
