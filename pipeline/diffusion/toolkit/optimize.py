"""Optimise tensors on the diffusion loss: textual inversion, and what is built the same way.

The loss is E ||eps - eps(z_t, t, condition)||² over examples, times and noise (Ho et al. 2020, eq. 14).
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.diffusion.toolkit.model import StableDiffusion, noise, predict
from pipeline.engine import Progress

FAINTEST = 0.02  # share of signal below which the velocity's error is not weighted further

Condition = Callable[[Tensor], Tensor]  # indices of examples (B,) → their embeddings (B, T, D), a graph each time
Watch = Callable[[int, float], bool]  # steps done, loss of the last one → True: that is enough


@dataclass(frozen=True, slots=True)
class Examples:
    """Latents of training pictures, encoded once: `mean` and `std` of the autoencoder's posterior, (N, C, h, w)."""

    mean: Tensor
    std: Tensor

    def draw(self, which: Tensor, fresh: Tensor) -> Tensor:
        """Samples of the posterior for these indices (B,), from standard normal `fresh` (B, C, h, w)."""
        return self.mean[which] + self.std[which] * fresh


@torch.no_grad()
def remember(sd: StableDiffusion, images: Tensor) -> Examples:
    """Pictures (N, 3, H, W) in [-1, 1] → their latents, scaled for the UNet."""
    posterior = sd.vae.encode(images.to(sd.device)).latent_dist
    scale = sd.vae.config.scaling_factor
    return Examples((posterior.mean - (sd.vae.config.shift_factor or 0.0)) * scale, posterior.std * scale)


def loss(
    sd: StableDiffusion,
    examples: Examples,
    condition: Condition,
    batch: int,
    random: torch.Generator,
    velocity: bool = False,
) -> Tensor:
    """The diffusion loss on `batch` examples, times and noises that `random` (on the CPU) draws: a scalar.

    Examples and times are spread evenly over the batch, which makes it less noisy than independent draws. `velocity`:
    the error of v instead of epsilon, ||eps - eps'||² / alpha_t (Salimans & Ho 2022, sec. 4). That of epsilon is hardly
    there at high noise, where it is decided what stands in a picture.
    """
    which = torch.randperm(max(batch, len(examples.mean)), generator=random)[:batch] % len(examples.mean)
    last = sd.scheduler.config.num_train_timesteps
    t = ((torch.arange(batch) + torch.rand(batch, generator=random)) * last / batch).long().clamp(max=last - 1)
    t = t.to(sd.device)
    shape = (batch, *examples.mean.shape[1:])
    z_0 = examples.draw(which.to(sd.device), noise(sd, shape, random))
    eps = noise(sd, shape, random)
    a = sd.scheduler.alphas_cumprod.to(sd.device)[t].view(-1, 1, 1, 1)
    error = (predict(sd, a.sqrt() * z_0 + (1 - a).sqrt() * eps, t, condition(which)) - eps).square()
    return (error / a.clamp(min=FAINTEST)).mean() if velocity else error.mean()


@torch.no_grad()
def fixed_loss(
    sd: StableDiffusion,
    examples: Examples,
    condition: Condition,
    batch: int = 8,
    seed: int = 0,
    velocity: bool = False,
) -> float:
    """The loss on examples, times and noises that are always the same: it can be compared from step to step, as DVAR's
    stopping rule does (Voronov et al. 2023)."""
    return float(loss(sd, examples, condition, batch, torch.Generator().manual_seed(seed), velocity))


def flattened(losses: Sequence[float], window: int, threshold: float = 0.15) -> bool:
    """DVAR: whether the variance of the last `window` losses fell below `threshold` times the variance of them all."""
    if len(losses) < 2 * window:
        return False
    everything = torch.tensor(losses, dtype=torch.float64)
    return bool(everything[-window:].var() < threshold * everything.var())


def fit(
    sd: StableDiffusion,
    parameters: Sequence[Tensor],
    examples: Examples,
    condition: Condition,
    *,
    steps: int,
    rate: float,
    batch: int = 4,
    seed: int = 0,
    bound: float | None = None,
    decay: float = 0.0,
    velocity: bool = False,
    watch: Watch | None = None,
    stage: str = "学习",
) -> Generator[Progress, None, list[float]]:
    """Move `parameters` (leaf tensors that require gradients) downhill with AdamW; returns the loss of each step.

    `bound`: after each step no row (last dimension) may be longer than this; an unbounded learning rate lets a token's
    norm run away from those of words. `velocity`: see loss(). `watch` is asked after each step and ends the fit by True. Between two steps
    nothing but `parameters` is changed; closing the generator keeps what is reached. The same seed repeats it exactly.
    """
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)
    losses: list[float] = []
    for done in range(1, steps + 1):
        with torch.enable_grad():
            value = loss(sd, examples, condition, batch, random, velocity)
            optimizer.zero_grad()
            value.backward()
        optimizer.step()
        losses.append(value.item())
        if bound is not None:
            with torch.no_grad():
                for parameter in parameters:
                    norm = parameter.norm(dim=-1, keepdim=True)
                    parameter.mul_((bound / norm.clamp(min=1e-12)).clamp(max=1))
        yield Progress(done, steps, stage)
        if watch is not None and watch(done, losses[-1]):
            break
    return losses
