"""What a stage of training is to the loop (train.py), and what it leaves for the stages after it."""

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn


class Stage(Protocol):
    """What a stage of training is to the loop."""

    name: str
    module: nn.Module
    optimizers: list[torch.optim.Optimizer]
    batch: int
    ema_decay: float

    def loss(self, rng: np.random.Generator) -> Tensor: ...

    def validate(self, ema: nn.Module) -> dict[str, float]: ...

    def sheet(self, ema: nn.Module, path: Path) -> None: ...


def trained_module(stage: Stage, folder: Path) -> nn.Module:
    """The averaged (EMA) weights of a stage's last checkpoint. Raises FileNotFoundError when it never ran."""
    state = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    stage.module.load_state_dict(state["ema"])
    return stage.module.eval().requires_grad_(False)
