"""Orthogonalised momentum: what it makes of matrices, and that it learns."""

import pytest
import torch
from torch import nn

from miniature.optimizer import Muon, optimizers, orthogonalise


@pytest.mark.parametrize("shape", [(24, 24), (16, 64), (64, 16)])
def test_singular_values_come_near_one(shape: tuple[int, int]) -> None:
    """Whatever they were: here they span two orders of magnitude; directions are kept."""
    generator = torch.Generator().manual_seed(0)
    small = min(shape)
    u = torch.linalg.qr(torch.randn(shape[0], small, generator=generator)).Q
    v = torch.linalg.qr(torch.randn(shape[1], small, generator=generator)).Q
    matrix = u @ torch.diag(torch.logspace(-1, 1, small)) @ v.T
    out = orthogonalise(torch.stack([matrix, 100 * matrix]))
    values = torch.linalg.svdvals(out)
    assert values.min() > 0.55
    assert values.max() < 1.3
    assert torch.allclose(out[0], out[1], atol=0.05)  # the scale does not matter
    assert torch.nn.functional.cosine_similarity(out[0].flatten(), (u @ v.T).flatten(), dim=0) > 0.97


def test_matrices_go_to_muon_and_the_rest_to_adam() -> None:
    """Convolutions count as matrices; vectors and what is asked for do not; nothing is left out or taken twice."""
    module = nn.ModuleDict({"conv": nn.Conv2d(3, 4, 3), "linear": nn.Linear(4, 5), "table": nn.Embedding(7, 4)})
    muon, adam = optimizers(module, muon_lr=0.01, adam_lr=1e-3, plain=[module["table"]])
    shapes = [sorted(tuple(p.shape) for group in o.param_groups for p in group["params"]) for o in (muon, adam)]
    assert shapes == [[(4, 3, 3, 3), (5, 4)], [(4,), (5,), (7, 4)]]


def test_it_finds_the_minimum_of_a_badly_scaled_problem() -> None:
    """Least squares with inputs of very different size, a convolution's weight among the parameters."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(256, 8, 1, 1, generator=generator) * torch.logspace(-1, 1, 8).view(1, 8, 1, 1)
    truth = torch.randn(4, 8, 1, 1, generator=generator) / 3
    target = nn.functional.conv2d(x, truth)
    conv = nn.Conv2d(8, 4, 1, bias=False)
    optimizer = Muon(conv.parameters(), lr=0.05, decay=0.0)
    losses = []
    for step in range(120):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 120)
        loss = (conv(x) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.02 * losses[0]
