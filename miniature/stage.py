"""What a stage of training is to the loop (train.py), and what it leaves for the stages after it."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor


class Stage(Protocol):
    """What a stage of training is to the loop."""

    name: str
    optimizers: list[torch.optim.Optimizer]
    batch: int
    ema_decay: float

    @property
    def module(self) -> Any: ...  # an nn.Module; stages know which one

    def loss(self, rng: np.random.Generator) -> Tensor: ...

    def validate(self, ema: Any) -> dict[str, float]: ...

    def sheet(self, ema: Any, path: Path) -> None: ...


def trained_module(stage: Stage, folder: Path) -> Any:
    """The averaged (EMA) weights of a stage's last checkpoint. Raises FileNotFoundError when it never ran."""
    state = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    stage.module.load_state_dict(state["ema"])
    return stage.module.eval().requires_grad_(False)
