"""The contest of speed, on a tiny model: who is charged what, and that a call goes on from an earlier one."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import speed
from evaluation.attempt import Cost
from evaluation.speed_ways import (
    OURS,
    REFERENCE,
    SHORT,
    Contest,
    Outcome,
    Way,
    edited,
    fixed_steps,
    inverted,
    learnt,
)

TINY = {
    "edit": Contest("recolor", (
        Way(OURS, "a preset", edited("sdedit")),
        Way(REFERENCE, "two steps", edited("plug_and_play", {"inversion_steps": 4, "features": "sampling"}, 2)),
        Way(SHORT, "an inversion", inverted("direct", 3)),
    )),
    "learning": Contest("concept", (
        Way(OURS, "two steps", learnt(fixed_steps(2, 1e-3))),
        Way(REFERENCE, "ten steps, a fifth of them taken", learnt(fixed_steps(10, 1e-3, partial=True))),
    )),
}  # fmt: skip


def test_a_part_of_the_reference_is_scaled_up_and_runs_are_kept(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "CONTESTS", TINY)
    file = tmp_path / "runs.jsonl"
    options = ["--only", "edit,learning", "--repetitions", "1", "--part", "0.2", "--model", str(small_folder)]
    result = CliRunner().invoke(speed.main, [*options, "--results", str(file)])
    assert result.exit_code == 0, result.output
    runs = {(run.contest, run.way): run.outcome for run in speed.kept(file)}
    assert len(runs) == 5
    assert runs["edit", REFERENCE].cost.forward == 4 + 2 * 3
    assert runs["edit", SHORT].cost.forward >= 3 + 3 * 2
    assert runs["learning", OURS].cost.forward == 2 * 4
    assert runs["learning", REFERENCE].cost.forward == 10 * 4
    assert runs["learning", REFERENCE].success != runs["learning", REFERENCE].success  # nobody knows
    assert 0 <= runs["learning", OURS].success <= 1
    before = file.read_text()
    again = CliRunner().invoke(speed.main, [*options, "--results", str(file)])
    assert again.exit_code == 0
    assert file.read_text() == before


def test_a_row_has_means_of_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "CONTESTS", TINY)
    runs = [
        speed.Run("learning", OURS, 0, Outcome(Cost(2.0, 8, 8), 0.5)),
        speed.Run("learning", OURS, 1, Outcome(Cost(4.0, 8, 8), 1.0)),
        speed.Run("learning", REFERENCE, 0, Outcome(Cost(30.0, 40, 40))),
    ]
    ours, reference = speed.rows(runs, "learning")
    assert ours == "| learning | ours: two steps (2) | 3.0 | 8 | 8 | – | 0.75 | – | – | 0.10 |"
    assert reference.endswith("| 30.0 | 40 | 40 | – | – | – | – | 1.00 |")
