"""Every gate on a tiny random model: figures come out, nothing passes that should not."""

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import from_words, gates
from evaluation.attempt import Studio
from evaluation.bench import Bench
from evaluation.gates import GATES, Gate, pass_through
from evaluation.judge import Judge
from evaluation.measure import Measure
from pipeline.diffusion.toolkit.model import StableDiffusion

SLOW = ("chain: concept", "chain: a taught", "null_text")  # they learn; the benchmark's tests do that


@pytest.fixture(scope="module")
def bench(small_sd: StableDiffusion) -> Bench:
    """One case a gate, one step."""
    assert small_sd.clip is not None
    studio = Studio(small_sd, 1, 1)
    return Bench(studio, Measure(studio, Judge(small_sd.clip)), 6000, 1)


@pytest.mark.parametrize("gate", [g for g in GATES if not any(s in g.name for s in SLOW)], ids=lambda gate: gate.name)
def test_every_gate_has_a_figure(gate: Gate, bench: Bench) -> None:
    """With its interval about it."""
    verdict = pass_through(gate, bench)
    assert math.isfinite(verdict.figure)
    assert verdict.low <= verdict.figure <= verdict.high
    assert verdict.cases == 1
    assert verdict.passed is (verdict.figure <= gate.limit if gate.most else verdict.figure >= gate.limit)


def test_a_random_autoencoder_does_not_pass(bench: Bench) -> None:
    """Neither by its pictures nor by their colours."""
    named = {gate.name: gate for gate in GATES}
    assert not pass_through(named["autoencoder: the world"], bench).passed
    assert not pass_through(named["autoencoder: colour of held-out things"], bench).passed


def test_both_judges_must_agree(bench: Bench) -> None:
    """What is drawn from words counts only where CLIP and painter both find it."""
    found = from_words.one_thing("color")(Bench(bench.studio, bench.measure, 6000, 6))
    both, by_clip, by_painter, _ = found.values()
    assert both == [a * b for a, b in zip(by_clip, by_painter, strict=True)]


def test_the_command(small_folder: Path, tmp_path: Path) -> None:
    """Prints the gates asked for, keeps the verdicts, and says by its exit that something failed."""
    out = tmp_path / "gates.json"
    options = ["--seed", "6000", "--cases", "2", "--only", "autoencoder:", "--model", str(small_folder)]
    result = CliRunner().invoke(gates.main, [*options, "--json", str(out)])
    assert result.exit_code == 1, result.output
    assert "FAIL" in result.output
    told = json.loads(out.read_text("utf-8"))
    assert [one["name"] for one in told["gates"]] == [g.name for g in GATES if "autoencoder:" in g.name]
    assert CliRunner().invoke(gates.main, ["--seed", "7", "--cases", "1"]).exit_code == 2
    assert CliRunner().invoke(gates.main, ["--seed", "6000", "--only", "beauty"]).exit_code == 2
