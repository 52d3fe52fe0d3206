"""The search for Imagic's eta, on a tiny model: one learning serves every eta, and the automatic one is among them."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluation import eta
from evaluation.attempt import Studio
from evaluation.cases import cases
from evaluation.judge import load_judge
from pipeline.diffusion.presets import presets_of
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations

SHORT: dict[str, Any] = {"fit_steps": 1, "tune": "lora", "tune_steps": 1}


def options_of(folder: str) -> dict[tuple[str, str], Any]:
    """The options in a model's presets, which a test may change."""
    options = presets_of(folder).options
    assert isinstance(options, dict)
    return options


def test_one_learning_serves_every_eta(
    small_sd: StableDiffusion, small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(options_of(small_sd.name), ("imagic", "recolor"), SHORT)
    count, judge = evaluations(small_sd), load_judge(str(small_folder), eta.WEIGHTS)
    seen, found = eta.looks(Studio(small_sd, 2), small_sd, judge, next(cases("recolor", 1000, 1)), (0.9, 0.99))
    assert set(seen) == {eta.called(0.9), eta.called(0.99), *eta.ETAS}
    assert set(found) <= set(eta.ETAS)
    assert [seen[eta.called(sure)] for sure in (0.9, 0.99)] == [seen[one] for one in found]
    assert (count.forward, count.backward) == (2 + 2 * 2 * len(eta.ETAS), 2)


def test_the_command_compares_it_with_the_best_fixed_one(small_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(options_of(str(small_folder)), ("imagic", "recolor"), SHORT)
    options = (
        "--suite",
        "recolor",
        "--cases",
        "1",
        "--seed",
        "1000",
        "--model",
        str(small_folder),
        "--enough",
        "0.9,1",
    )
    result = CliRunner().invoke(eta.main, options)
    assert result.exit_code == 0, result.output
    assert "automatic" in result.output
    assert "against the best fixed eta" in result.output
