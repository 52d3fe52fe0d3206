"""The training loop on a stage of one number a step: it logs, saves, and goes on where it stopped."""

import csv
import os
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from miniature import train
from miniature.stage import trained_module
from miniature.train import fit, learning_rate


class Line:
    """Learns y = 3 x + 1, a hundred samples a step; sheets are empty files."""

    name = "line"
    batch = 100
    ema_decay = 0.9

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module = nn.Linear(1, 1)
        self.optimizers: list[torch.optim.Optimizer] = [torch.optim.Adam(self.module.parameters(), lr=0.05)]

    def loss(self, rng: np.random.Generator) -> Tensor:
        x = torch.from_numpy(rng.standard_normal((self.batch, 1))).float()
        return (self.module(x) - (3 * x + 1)).square().mean()

    def validate(self, ema: nn.Module) -> dict[str, float]:
        return {"slope": float(ema.weight)}

    def sheet(self, ema: nn.Module, path: Path) -> None:
        path.touch()


SHORT = 0.4 / 60  # minutes


def state(folder: Path) -> dict[str, object]:
    """What was saved."""
    loaded: dict[str, object] = torch.load(folder / "checkpoint.pt", weights_only=True)
    return loaded


def test_training_resumes_with_its_optimiser(tmp_path: Path) -> None:
    """A second call continues steps, seconds, weights, averages and the optimiser's moments from the checkpoint."""
    fit(Line(), tmp_path, SHORT)
    first = state(tmp_path)
    steps = first["step"]
    assert isinstance(steps, int)
    assert steps > 10

    class Stopped(Line):
        """Looks at what it was given before the first new step."""

        def loss(self, rng: np.random.Generator) -> Tensor:
            if not hasattr(self, "at_start"):
                self.at_start = {k: v.clone() for k, v in self.module.state_dict().items()}
                self.moments = self.optimizers[0].state_dict()["state"][0]["exp_avg"].clone()
                self.rate = self.optimizers[0].param_groups[0]["lr"]
            return super().loss(rng)

    stage = Stopped()
    fit(stage, tmp_path, SHORT)
    second = state(tmp_path)
    assert all(torch.equal(stage.at_start[k], v) for k, v in first["module"].items())  # type: ignore[attr-defined]
    assert torch.equal(stage.moments, first["optimizers"][0]["state"][0]["exp_avg"])  # type: ignore[index]
    assert stage.rate < 0.05 / 10  # a new call warms up again, from the full rate: not from the last one's end
    assert second["step"] > steps  # type: ignore[operator]
    assert second["seconds"] > first["seconds"]  # type: ignore[operator]
    rows = list(csv.DictReader((tmp_path / "losses.csv").open()))
    assert [int(row["step"]) for row in rows] == sorted(int(row["step"]) for row in rows)
    assert int(rows[-1]["samples"]) == second["step"] * Line.batch  # type: ignore[operator]
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert (tmp_path / "sheet.png").exists()


def test_what_is_used_are_the_averaged_weights(tmp_path: Path) -> None:
    """Frozen and in evaluation mode."""
    fit(Line(), tmp_path, SHORT)
    module = trained_module(Line(), tmp_path)
    saved = state(tmp_path)["ema"]
    assert all(torch.equal(v, saved[k]) for k, v in module.state_dict().items())  # type: ignore[index]
    assert not module.training
    assert not any(p.requires_grad for p in module.parameters())


def test_a_stage_that_never_ran_is_an_error(tmp_path: Path) -> None:
    """Not silent random weights."""
    with pytest.raises(FileNotFoundError):
        trained_module(Line(), tmp_path)


def test_the_rate_warms_up_stays_and_falls() -> None:
    """From 2 % to 1 in the first 50 steps, 1 until half time, 2 % at the end, never rising after."""
    assert learning_rate(0.0, 0) == pytest.approx(0.02)
    assert learning_rate(0.1, 49) == 1
    assert learning_rate(0.5, 1000) == 1
    assert learning_rate(1.0, 1000) == pytest.approx(0.02)
    rates = [learning_rate(p, 1000) for p in np.linspace(0.5, 1, 20)]
    assert rates == sorted(rates, reverse=True)


def test_checkpoints_are_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash while writing leaves the last good checkpoint."""
    fit(Line(), tmp_path, SHORT)
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def broken(value: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(train.torch, "save", broken)
    with pytest.raises(OSError, match="disk full"):
        fit(Line(), tmp_path, SHORT)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_those_who_train_together_meet_in_the_middle(tmp_path: Path) -> None:
    """Who comes first finds nobody; who comes next takes the mean; who left long ago does not count."""
    first, second, gone = nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1)
    for number, module in enumerate((first, second, gone)):
        nn.init.constant_(module.weight, number + 1.0)
    assert train.meet(gone, tmp_path / "gone.pt") == 0
    long_ago = time.time() - 60 * train.GONE_MINUTES - 1
    os.utime(tmp_path / "gone.pt", (long_ago, long_ago))
    assert train.meet(first, tmp_path / "a.pt") == 0
    assert train.meet(second, tmp_path / "b.pt") == 1
    assert float(second.weight) == 1.5
    assert float(first.weight) == 1.0, "the other one takes the mean when its own minute has come"
    assert train.meet(first, tmp_path / "a.pt") == 1
    assert float(first.weight) == 1.5  # of its 1 and the 2 that was left there


def test_two_processes_may_train_one_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop meets again and again, and what it saves has the others' part in it."""
    other = nn.Linear(1, 1)
    nn.init.constant_(other.weight, 100.0)
    train.meet(other, tmp_path / "other.pt")
    monkeypatch.setattr(train, "MEET_MINUTES", 0.0)
    fit(Line(), tmp_path / "mine", SHORT, together=tmp_path / "me.pt")
    assert (tmp_path / "me.pt").exists()
    assert float(state(tmp_path / "mine")["module"]["weight"]) > 50  # type: ignore[index]
