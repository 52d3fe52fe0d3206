"""Optimise tensors on the diffusion loss: textual inversion, and what is built the same way.

The loss is E ||eps - eps(z_t, t, condition)||² over examples, times and noise (Ho et al. 2020, eq. 14).
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.diffusion.toolkit.model import StableDiffusion, noise, predict
from pipeline.engine import Cache, Progress

FAINTEST = 0.02  # share of signal below which the velocity's error is not weighted further

CHECKPOINT = 25  # steps between two checkpoints: as many are done again at most when a process dies

Arrays = Mapping[str, NDArray[Any]]
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


class Stateful(Protocol):
    """Somebody whose state belongs to a fit's."""

    def state(self) -> Arrays: ...

    def restore(self, state: Arrays, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a fit stands, kept under a key after every CHECKPOINT steps. Who begins it again goes on from there and comes to
    the same end, bit for bit. `also`: whose state goes with it."""

    cache: Cache
    key: str
    also: Stateful | None = None

    def keep(
        self,
        parameters: Sequence[Tensor],
        optimizer: torch.optim.Optimizer,
        random: torch.Generator,
        losses: list[float],
    ) -> None:
        """Keep it all."""
        arrays = {"losses": np.array(losses, np.float64), "random": random.get_state().numpy()}
        for i, parameter in enumerate(parameters):
            moments = optimizer.state[parameter]
            of = {"value": parameter.detach(), "mean": moments["exp_avg"], "square": moments["exp_avg_sq"]}
            arrays |= {f"{name} {i}": value.float().cpu().numpy().copy() for name, value in of.items()}
        also = {} if self.also is None else self.also.state()
        self.cache[self.key] = arrays | {f"also {name}": array for name, array in also.items()}

    def take_up(
        self, parameters: Sequence[Tensor], optimizer: torch.optim.Optimizer, random: torch.Generator
    ) -> list[float]:
        """Put all in its place; the losses so far, none where there is nothing to take up."""
        kept = self.cache.get(self.key) or {}
        shapes = [array.shape for name, array in kept.items() if name.startswith("value ")]
        if not kept or shapes != [tuple(one.shape) for one in parameters]:  # another version's is none of ours
            return []
        losses: list[float] = kept["losses"].tolist()
        for i, parameter in enumerate(parameters):
            value, mean, square = (
                torch.from_numpy(kept[f"{name} {i}"]).to(parameter) for name in ("value", "mean", "square")
            )
            with torch.no_grad():
                parameter.copy_(value)
            optimizer.state[parameter] = {
                "step": torch.tensor(float(len(losses))),
                "exp_avg": mean,
                "exp_avg_sq": square,
            }
        random.set_state(torch.from_numpy(kept["random"]))
        if self.also is not None:
            self.also.restore({name[5:]: array for name, array in kept.items() if name.startswith("also ")})
        return losses


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
    checkpoint: Checkpoint | None = None,
    stage: str = "学习",
) -> Generator[Progress, None, list[float]]:
    """Move `parameters` (leaf tensors that require gradients) downhill with AdamW; returns the loss of each step.

    `bound`: after each step no row (last dimension) may be longer than this; an unbounded learning rate lets a token's
    norm run away from those of words. `velocity`: see loss(). `watch` is asked after each step and ends the fit by True. Between two steps
    nothing but `parameters` is changed; closing the generator keeps what is reached. The same seed repeats it exactly.
    `checkpoint`: where it is taken up, if it stands there, and kept.
    """
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)
    losses = [] if checkpoint is None else checkpoint.take_up(parameters, optimizer, random)
    for done in range(len(losses) + 1, steps + 1):
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
        if checkpoint is not None and done % CHECKPOINT == 0:
            checkpoint.keep(parameters, optimizer, random, losses)
    return losses
