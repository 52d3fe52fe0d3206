"""The distillation to few steps: what it learns, and that what it writes is what it learnt."""

from pathlib import Path

import numpy as np
import pytest
import torch

from miniature import few_steps
from miniature.few_steps import STEPS, FewStepsStage, save_lora
from pipeline.diffusion.toolkit.ddim import timesteps
from pipeline.diffusion.toolkit.model import load, predict
from pipeline.diffusion.toolkit.placement import Placement


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLOTS", "BATCH"):
        monkeypatch.setattr(few_steps, name, 4)
    monkeypatch.setattr(few_steps, "VALIDATION", STEPS)
    monkeypatch.setattr(few_steps, "RANK", 4)


def trained(folder: Path, steps: int) -> FewStepsStage:
    """A stage that has taken so many steps on a tiny model."""
    torch.manual_seed(0)
    stage = FewStepsStage(Path(), 4, "cpu", folder)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        for optimizer in stage.optimizers:
            optimizer.zero_grad()
        stage.loss(rng).backward()
        for optimizer in stage.optimizers:
            optimizer.step()
    return stage


def test_it_comes_nearer_to_its_teacher(model_folders: dict[str, Path]) -> None:
    fresh, later = trained(model_folders["miniature"], 0), trained(model_folders["miniature"], 8)
    before, after = (stage.validate(stage.module)["val_error"] for stage in (fresh, later))
    assert after < 0.99 * before
    assert later.validate(fresh.module)["val_error"] == before  # validation leaves nothing behind
    assert later.validate(later.module)["val_error"] == after


def test_its_steps_are_those_that_the_toolkit_takes(model_folders: dict[str, Path]) -> None:
    sd = load(model_folders["miniature"], placement=Placement(spacing="trailing"))
    schedule = trained(model_folders["miniature"], 0).schedule
    every = len(schedule.times) // STEPS
    assert [t for t, _ in timesteps(sd, STEPS)] == schedule.times[::every].tolist()


def test_the_file_makes_the_model_what_was_learnt(model_folders: dict[str, Path], tmp_path: Path) -> None:
    stage, file = trained(model_folders["miniature"], 3), tmp_path / "few.safetensors"
    plain = load(model_folders["miniature"])
    save_lora(dict(stage.module.items()), plain.unet, file)
    merged = load(model_folders["miniature"], placement=Placement(lora=str(file)))
    z, t = torch.randn(1, plain.unet.config.in_channels, 16, 16), 499
    states = stage.empty
    with torch.no_grad():
        learnt = stage.student(z, t, encoder_hidden_states=states).sample
        was, now = predict(plain, z, t, states), predict(merged, z, t, states)
    assert float((was - learnt).abs().max()) > 0.01
    torch.testing.assert_close(now, learnt, atol=2e-3, rtol=1e-2)
    assert merged.inversion == "fixed_point"
