"""Orthogonalised momentum (Muon) for everything with two or more dimensions, AdamW for the rest.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks": the momentum of a weight matrix is
replaced by the nearest (semi-)orthogonal matrix, found by five Newton–Schulz steps. Convolutions are seen as
(out, in·k·k). torch's own Muon takes 2-D weights only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

_A, _B, _C = 3.4445, -4.7750, 2.0315  # quintic of the Newton–Schulz step


def orthogonalise(matrices: Tensor, steps: int = 5) -> Tensor:
    """Nearest orthogonal matrices, roughly: singular values end in about [0.7, 1.2]. (n, rows, cols) in and out."""
    x: Tensor = matrices.to(torch.bfloat16)
    wide = x.shape[1] <= x.shape[2]
    x = x if wide else x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    found: Tensor = (x if wide else x.mT).to(matrices.dtype)
    return found


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised; matrices of one shape are handled as one batch."""

    def __init__(
        self, params: Iterable[nn.Parameter], lr: float = 0.012, momentum: float = 0.95, decay: float = 0.01
    ) -> None:
        super().__init__(list(params), {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            shapes: dict[tuple[int, int], list[nn.Parameter]] = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    shapes[(p.shape[0], p[0].numel())].append(p)
            for (rows, cols), params in shapes.items():
                buffers = []
                for p in params:
                    state, gradient = self.state[p], p.grad
                    assert gradient is not None
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(gradient, 1 - group["momentum"])
                    buffers.append(gradient.lerp(state["momentum"], group["momentum"]).reshape(rows, cols))
                updates = orthogonalise(torch.stack(buffers))
                scale = group["lr"] * max(1.0, rows / cols) ** 0.5
                for p, update in zip(params, updates, strict=True):
                    p.mul_(1 - group["lr"] * group["decay"])
                    p.add_(update.reshape(p.shape), alpha=-scale)


def optimizers(
    module: nn.Module, muon_lr: float, adam_lr: float, plain: Iterable[nn.Module] = ()
) -> list[torch.optim.Optimizer]:
    """Muon for matrices and convolutions, AdamW for vectors and for everything in ``plain`` (embeddings, ends)."""
    by_adam = {id(p) for m in plain for p in m.parameters()}
    matrices: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for p in module.parameters():
        (rest if p.ndim < 2 or id(p) in by_adam else matrices).append(p)
    return [
        Muon(matrices, lr=muon_lr),
        torch.optim.AdamW(rest, lr=adam_lr, betas=(0.9, 0.99), weight_decay=0.0),
    ]
