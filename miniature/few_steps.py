"""Four steps instead of twenty: low-rank weights that make one step of the UNet land where several of its own do.

Progressive distillation in one stage (Salimans & Ho 2022) with guidance folded in (Meng et al. 2023): from z_t the teacher
takes SUBSTEPS steps of DPM-Solver++(2M) (Lu et al. 2022) under classifier-free guidance; the student learns the epsilon
whose one DDIM step comes to the same place without guidance. Under the empty prompt guidance changes nothing, so there
the student stays the plain model's: what an inversion walks up.

What comes from the teacher is kept and learnt from several times, since it costs twice what learning from it once does.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.utils import parametrize

from miniature import WEIGHTS, dataset, draw
from miniature.autoencoder import save_grid, to_tensor
from miniature.unet import sheet_captions
from miniature.wording import GUIDANCE
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, encode, load, noise

FILE = "few_steps.safetensors"
STEPS, SUBSTEPS = 4, 3
RANK = 32
SLOTS, BATCH, REUSED, KEPT = 8, 16, 4, 4096  # of the teacher at once, of the student, how often, how many are kept
EMPTY = 0.15  # share of empty prompts
VALIDATION, SHOWN = 24, 8
FAINTEST = 0.4  # share of the picture below which errors are not weighted further


@dataclass(frozen=True, slots=True)
class Pairs:
    """Where steps begin and where the teacher comes from there: `z`, `to` (B, C, h, w), `level` (B,), `states` (B, T, D)."""

    z: Tensor
    to: Tensor
    level: Tensor
    states: Tensor


class LowRank(nn.Module):
    """W + B A beside a weight of any shape, B (out, r), A (r, rest)."""

    def __init__(self, a: nn.Parameter, b: nn.Parameter) -> None:
        super().__init__()
        self.a, self.b = a, b

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.b @ self.a).view_as(weight)


def layers(unet: nn.Module) -> dict[str, nn.Linear | nn.Conv2d]:
    return {name: module for name, module in unet.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)}


def low_rank(unet: nn.Module, rank: int, seed: int = 0) -> nn.ParameterDict:
    """Put low-rank weights beside every layer; returns them, named `<layer>.a` and `<layer>.b` with | for dots."""
    random, found = torch.Generator().manual_seed(seed), nn.ParameterDict()
    for name, layer in layers(unet).items():
        out, rest = layer.weight.shape[0], layer.weight[0].numel()
        inner = min(rank, out, rest)
        a = nn.Parameter((torch.rand(inner, rest, generator=random) * 2 - 1) * rest**-0.5)
        b = nn.Parameter(torch.zeros(out, inner))
        parametrize.register_parametrization(layer, "weight", LowRank(a, b))
        key = name.replace(".", "|")
        found[f"{key}|a"], found[f"{key}|b"] = a, b
    return found


def save_lora(weights: dict[str, Tensor], unet: nn.Module, path: Path) -> None:
    """Low-rank weights as diffusers' load_lora_weights reads them, in half precision. `unet`: one without them."""
    state = {}
    for name, layer in layers(unet).items():
        key = name.replace(".", "|")
        a, b = weights[f"{key}|a"], weights[f"{key}|b"]
        kernel = layer.weight.shape[2:]
        state[f"unet.{name}.lora_A.weight"] = a.view(len(a), -1, *kernel) if len(kernel) else a
        state[f"unet.{name}.lora_B.weight"] = b.view(*b.shape, *(1 for _ in kernel))
    save_file({name: value.detach().half().contiguous() for name, value in state.items()}, path)


class Schedule:
    """Times of the student's steps and of the teacher's between them, and the signal left at each."""

    def __init__(self, scheduler: DDIMScheduler) -> None:
        train = int(scheduler.config.num_train_timesteps)
        edges = [train - 1 - train * i // (STEPS * SUBSTEPS) for i in range(STEPS * SUBSTEPS)]
        self.times = torch.tensor(edges)  # of all of the teacher's steps, noisiest first
        ends = torch.cat([scheduler.alphas_cumprod[self.times], scheduler.final_alpha_cumprod.view(1)]).double()
        self.alpha = ends.float()  # one more than times

    def signal(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """sqrt(alpha) and sqrt(1 - alpha) at these teacher's steps, (B, 1, 1, 1) each."""
        a = self.alpha[index].view(-1, 1, 1, 1)
        return a.sqrt(), (1 - a).sqrt()

    def half_log_snr(self, index: Tensor) -> Tensor:
        a = self.alpha[index].view(-1, 1, 1, 1)
        return 0.5 * (a / (1 - a)).log()


class FewStepsStage:
    """Begins from the shipped weights; only the low-rank weights are trained and kept."""

    name = "few_steps"
    batch = BATCH
    ema_decay = 0.98

    def __init__(self, runs: Path, pictures: int, device: str, weights: Path = WEIGHTS) -> None:
        self.pictures, self.device = pictures, device
        self.teacher: StableDiffusion = load(weights, device)
        self.student: Any = load(weights, device).unet
        for unet in (self.teacher.unet, self.student):
            unet.set_attn_processor(AttnProcessor())
            unet.to(memory_format=torch.channels_last)
        self.module: Any = low_rank(self.student, RANK).to(device)
        sides = {side: [p for name, p in self.module.items() if name.endswith(side)] for side in ("|a", "|b")}
        groups = [{"params": sides["|a"], "lr": 5e-4}, {"params": sides["|b"], "lr": 2e-3}]
        self.optimizers: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.0)]
        self.schedule = Schedule(self.teacher.scheduler)
        self.empty = embed(self.teacher, [""])
        self.kept: deque[Pairs] = deque(maxlen=KEPT // SLOTS)
        self.slots: Pairs | None = None
        self.fixed: Pairs | None = None
        self.due = 0.0

    def loss(self, rng: np.random.Generator) -> Tensor:
        self.due += BATCH / REUSED / SLOTS
        while self.due >= 1 or len(self.kept) < 2 * BATCH // SLOTS:
            self.kept.append(self._advance(rng))
            self.due -= 1
        chosen = [(int(rng.integers(len(self.kept))), int(rng.integers(SLOTS))) for _ in range(BATCH)]
        parts = [[getattr(self.kept[i], name)[j] for i, j in chosen] for name in ("z", "to", "level", "states")]
        return self._error(Pairs(*(torch.stack(part) for part in parts)))

    def _step(self, pairs: Pairs) -> Tensor:
        """Where the student comes, (B, C, h, w)."""
        begin, end = pairs.level * SUBSTEPS, (pairs.level + 1) * SUBSTEPS
        (s, n), (s_to, n_to) = self.schedule.signal(begin), self.schedule.signal(end)
        eps = self.student(pairs.z, self.schedule.times[begin], encoder_hidden_states=pairs.states).sample
        reached: Tensor = s_to * (pairs.z - n * eps) / s + n_to * eps
        return reached

    def _error(self, pairs: Pairs) -> Tensor:
        """Squared error of where a step comes, about as that of the picture it stands for."""
        signal, _ = self.schedule.signal((pairs.level + 1) * SUBSTEPS)
        error: Tensor = ((self._step(pairs) - pairs.to) / signal.clamp(min=FAINTEST)).square().mean()
        return error

    @torch.no_grad()
    def _advance(self, rng: np.random.Generator) -> Pairs:
        """One step of the student for each slot, as the teacher takes it; slots that are through begin anew, half of them
        with noise alone."""
        if self.slots is None:
            self.slots = self._noised(rng, torch.from_numpy(rng.integers(0, STEPS, SLOTS)))
        old = self.slots
        pairs = Pairs(old.z, self._teach(old), old.level, old.states)
        z, level, states = pairs.to.clone(), old.level + 1, old.states.clone()
        done = (level == STEPS).nonzero().flatten()
        if len(done):
            levels = rng.integers(1, STEPS, len(done)) * (rng.random(len(done)) < 0.5)
            new = self._noised(rng, torch.from_numpy(levels))
            z[done], level[done], states[done] = new.z, new.level, new.states
        self.slots = Pairs(z, z, level, states)
        return pairs

    def _noised(self, rng: np.random.Generator, level: Tensor, first: int = 0) -> Pairs:
        """Pictures of the world with noise up to these levels, each with a caption."""
        indices = [first + int(i) for i in rng.integers(0, self.pictures, len(level))]
        painted = np.stack([draw.paint(dataset.scene_of(dataset.TRAIN_SEED, i)) for i in indices])
        z0 = encode(self.teacher, to_tensor(painted, self.device))
        texts = ["" if rng.random() < EMPTY else dataset.captions(dataset.TRAIN_SEED, i, rng) for i in indices]
        s, n = self.schedule.signal(level * SUBSTEPS)
        z = s * z0 + n * torch.from_numpy(rng.standard_normal(z0.shape)).to(z0)
        return Pairs(z, z, level, embed(self.teacher, texts))

    def _teach(self, pairs: Pairs) -> Tensor:
        """SUBSTEPS steps of DPM-Solver++(2M) under guidance, the first of them of first order."""
        z, past = pairs.z, None
        empty = self.empty.expand_as(pairs.states)
        for i in range(SUBSTEPS):
            at = pairs.level * SUBSTEPS + i
            (s, n), (s_to, n_to) = self.schedule.signal(at), self.schedule.signal(at + 1)
            t = self.schedule.times[at]
            both = self.teacher.unet(
                torch.cat([z, z]), torch.cat([t, t]), encoder_hidden_states=torch.cat([empty, pairs.states])
            ).sample
            plain, said = both.chunk(2)
            x0 = (z - n * (plain + GUIDANCE * (said - plain))) / s
            here, there = self.schedule.half_log_snr(at), self.schedule.half_log_snr(at + 1)
            h, towards = there - here, x0
            if past is not None:
                ratio = (here - self.schedule.half_log_snr(at - 1)) / h
                towards = x0 + (x0 - past) / (2 * ratio)
            z, past = n_to / n * z - s_to * torch.expm1(-h) * towards, x0
        return z

    @torch.no_grad()
    def validate(self, ema: Any) -> dict[str, float]:
        """The error on pairs that never change, of pictures that training does not see; with the averaged weights."""
        if self.fixed is None:
            level = torch.arange(VALIDATION) % STEPS
            noised = self._noised(np.random.default_rng(1), level, first=self.pictures)
            self.fixed = Pairs(noised.z, self._teach(noised), level, noised.states)
        with self._wearing(ema):
            return {"val_error": float(self._error(self.fixed))}

    @torch.no_grad()
    def sheet(self, ema: Any, path: Path) -> None:
        """Captions of the UNet's own sheet, drawn in STEPS steps."""
        captions = sheet_captions()[:SHOWN]
        unet = self.student.config
        z = noise(self.teacher, (SHOWN, unet.in_channels, unet.sample_size, unet.sample_size), 0)
        states = embed(self.teacher, captions)
        with self._wearing(ema):
            for level in range(STEPS):
                z = self._step(Pairs(z, z, torch.full((SHOWN,), level), states))
        save_grid(path, decode(self.teacher, z), SHOWN // 2)

    @contextmanager
    def _wearing(self, weights: Any) -> Generator[None]:
        """The student with other low-rank weights."""
        own = {name: parameter.data for name, parameter in self.module.items()}
        for name, parameter in self.module.items():
            parameter.data = weights[name].data
        try:
            yield
        finally:
            for name, parameter in self.module.items():
                parameter.data = own[name]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write what `train few_steps` has reached beside the model.")
    parser.add_argument("--runs", type=Path, default=Path(__file__).parent / "runs")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    state = torch.load(args.runs / FewStepsStage.name / "checkpoint.pt", map_location="cpu", weights_only=True)
    unet = UNet2DConditionModel.from_pretrained(args.out / "unet", local_files_only=True)
    save_lora(state["ema"], unet, args.out / FILE)


if __name__ == "__main__":
    main()
