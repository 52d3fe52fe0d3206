"""The gates let the shipped weights through, and none lets random ones through."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import from_words, gates
from evaluation.attempt import Studio
from evaluation.bench import Bench
from evaluation.gates import GATES, Gate, pass_through
from evaluation.judge import Judge, load_judge
from evaluation.measure import Measure
from miniature import WEIGHTS
from pipeline.diffusion.toolkit.model import StableDiffusion, load

SLOW = ("chain: concept", "chain: a taught", "null_text")  # they learn; the benchmark's tests do that
KNOWS_NOTHING = ("CLIP", "reconstruct direct", "outside")  # of what is drawn: who draws nothing keeps everything


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The shipped judge: a random one would find anything in anything."""
    return load_judge(str(WEIGHTS), WEIGHTS, "cpu")


@pytest.fixture(scope="module")
def bench(small_sd: StableDiffusion, judge: Judge) -> Bench:
    """A model with random weights before that judge: three cases a gate, one step."""
    studio = Studio(small_sd, 1, 1)
    return Bench(studio, Measure(studio, judge), 6000, 3)


@pytest.mark.parametrize(
    "gate",
    [g for g in GATES if not any(some in g.name for some in (*SLOW, *KNOWS_NOTHING))],
    ids=lambda gate: gate.name,
)
def test_random_weights_pass_no_gate(gate: Gate, bench: Bench) -> None:
    """Whatever they draw, it is not what was asked for."""
    verdict = pass_through(gate, bench)
    assert not verdict.passed, verdict
    assert verdict.low <= verdict.figure <= verdict.high
    assert verdict.cases == 3


@pytest.mark.parametrize("gate", [g for g in GATES if g.name.startswith(("autoencoder", "CLIP"))], ids=lambda g: g.name)
def test_the_shipped_weights_pass(gate: Gate, judge: Judge) -> None:
    """What is quick to measure of them; the others take minutes (python -m evaluation.gates)."""
    studio = Studio(load(WEIGHTS), 1, 1)
    verdict = pass_through(gate, Bench(studio, Measure(studio, judge), 6000, 12))
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("most", "values", "passed"),
    [
        (False, [1, 1, 1, 0], True),
        (False, [1, 1, 0, 0], False),
        (True, [1, 0, 0, 0], True),
        (True, [1, 1, 0, 1], False),
    ],
)
def test_a_gate_passes_by_its_figure(bench: Bench, most: bool, values: list[float], passed: bool) -> None:
    """At least its limit, or at most."""
    gate = Gate("some", 0.25 if most else 0.75, lambda bench: {"share": values}, most=most)
    assert pass_through(gate, bench).passed is passed


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
