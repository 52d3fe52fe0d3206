"""The command, with every suite and every method on a tiny model: rows, sheets, limits, complaints."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from evaluation.attempt import Studio, as_tensor, attempt
from evaluation.benchmark import main
from evaluation.case import Pixels
from evaluation.cases import SUITES, TAUGHT, cases
from evaluation.concepts import TEACHERS
from evaluation.methods import default_methods, recipe_digest, serves, spec
from evaluation.results import LINES, PICTURES
from evaluation.turns import InTurn
from miniature import draw
from personalization import textual_inversion
from personalization.textual_inversion import Learned
from pipeline.diffusion.presets import Presets
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations
from pipeline.engine import finish
from storage.plans import Step

ORDERED = [suite for suite in SUITES if suite not in ("reconstruct", *TAUGHT)]
METHODS = ("autoencoder", "ddim@1", "ddim@7.5", "null_text", "direct", "negative_prompt", "truth", "unchanged", "ddim",
           "prompt_to_prompt", "sdedit", "chain")  # fmt: skip


def run(*arguments: str | Path) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def whole(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], str, Path]:
    """Rows, screen and pictures of all suites with one case each in two steps, by methods that do not learn; teaching
    has a test of its own."""
    folder = tmp_path_factory.mktemp("whole")
    out = folder / "deep" / "rows.json"
    chosen = ",".join(suite for suite in SUITES if suite not in TAUGHT)
    options = ("--cases", 1, "--steps", 2, "--model", small_folder, "--methods", ",".join(METHODS))
    result = run("--suite", chosen, *options, "--json", out, "--pictures", folder)
    assert result.exit_code == 0, result.output
    return json.loads(out.read_text("utf-8")), result.output, folder


def test_a_table_and_rows_for_every_suite_and_method(whole: tuple[list[dict[str, Any]], str, Path]) -> None:
    """Whatever a random model draws, every method must go through to its row, and be seen on the sheet."""
    rows, output, folder = whole
    chosen = [suite for suite in SUITES if suite not in TAUGHT]
    assert {(row["suite"], row["method"]) for row in rows} == {(s, m) for s in chosen for m in METHODS if serves(m, s)}
    drawn = [row for row in rows if row["method"] not in ("truth", "autoencoder", "unchanged", "chain")]
    assert not any(row["refused"] for row in drawn)
    assert all(row["unet_forward"] > 0 and row["seconds"] > 0 for row in drawn)
    assert [row["method"] for row in rows if row["unet_backward"]] == ["null_text"]
    for suite in chosen:
        assert suite in output
        with Image.open(folder / f"{suite}.png") as sheet:
            assert sheet.width > sheet.height > 128


def test_direct_inversion_comes_back_exactly(whole: tuple[list[dict[str, Any]], str, Path]) -> None:
    """So its reconstruction is the autoencoder's picture; plain DDIM under strong guidance is not."""
    rows = {row["method"]: row for row in whole[0] if row["suite"] == "reconstruct"}
    assert rows["direct"]["psnr_outside"] > 60
    assert rows["direct"]["success"] == rows["autoencoder"]["success"] == 1
    assert rows["ddim@7.5"]["psnr_outside"] < rows["direct"]["psnr_outside"]
    assert rows["direct"]["unet_forward"] < rows["null_text"]["unet_forward"]


def test_yardsticks_need_no_unet(small_folder: Path, tmp_path: Path) -> None:
    """Truth and unchanged are judged with nothing but clip/ in the model folder."""
    only_clip = tmp_path / "model"
    only_clip.mkdir()
    (only_clip / "clip").symlink_to(small_folder / "clip")
    result = run("--suite", ",".join(ORDERED), "--cases", 1, "--methods", "truth,unchanged", "--model", only_clip)
    assert result.exit_code == 0, result.output
    assert result.output.count("truth") >= len(ORDERED)


def test_a_character_is_taught_once(small_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each drawing counts the whole teaching, which is done for the first one only; nothing is worn afterwards."""

    def short(sd: StableDiffusion, photos: list[Pixels], kind: str, seed: int) -> Learned:
        return finish(textual_inversion.learn(sd, photos, kind, steps=2, seed=seed))

    monkeypatch.setitem(TEACHERS, "textual_inversion", short)
    first, other = (list(cases("concept", 1000, 9))[i] for i in (0, 8))
    assert first.character == other.character
    studio = Studio(small_sd, 1)
    made = [attempt(studio, case, "textual_inversion") for case in (first, other)]
    assert [one.refused for one in made] == ["", ""]
    assert len(studio.taught) == 1
    assert all(one.cost.backward > 0 for one in made)
    assert made[0].cost.backward == made[1].cost.backward
    assert not small_sd.worn


def test_the_same_seed_draws_the_same(small_sd: StableDiffusion) -> None:
    """Pictures repeat exactly, with fresh noise in them too."""
    case = next(cases("insert", 1000, 1))
    for method in ("prompt_to_prompt", "sdedit"):
        one, two = (attempt(Studio(small_sd, 2), case, method) for _ in range(2))
        assert (one.picture == two.picture).all()
        assert one.picture.shape == (1, 3, 128, 128)


def test_a_photo_is_inverted_once_and_counted_for_all(small_sd: StableDiffusion) -> None:
    """The pictures are those that each method would have made alone."""
    case, methods = next(cases("recolor", 1000, 1)), ("ddim", "prompt_to_prompt", "mdp", "prompt_to_prompt:null_text")
    studio, count = Studio(small_sd, 2), evaluations(small_sd)
    together = [attempt(studio, case, method) for method in methods]
    spent = count.forward
    alone = [attempt(Studio(small_sd, 2), case, method) for method in methods]
    assert all((one.picture == other.picture).all() for one, other in zip(together, alone, strict=True))
    assert [one.cost.forward for one in together] == [one.cost.forward for one in alone]
    assert spent == sum(one.cost.forward for one in alone) - 2 * 2


def test_a_refusal_becomes_a_row(small_sd: StableDiffusion) -> None:
    """What is said to a user in a sentence is counted: nobody can draw a dinosaur."""
    case = next(cases("restyle", 1000, 1))
    impossible = replace(case, step=Step("insert", content="恐龙"))
    made = attempt(Studio(small_sd, 1), impossible, "chain")
    assert "cannot draw" in made.refused
    assert (made.picture == as_tensor(draw.paint(case.before))).all()


def test_methods_are_called_by_name_and_inversion() -> None:
    """Each suite knows its own."""
    assert spec("imagic:direct@0.7?eta=0.6&tune=lora").options == {"eta": 0.6, "tune": "lora"}
    assert (spec("imagic:direct@0.7?eta=0.6").inversion, spec("imagic@0.7").number) == ("direct", 0.7)
    assert serves("prompt_to_prompt:null_text", "replace")
    assert serves("sdedit@0.5?eta=1.0", "replace")
    assert not serves("sdedit?magic=1", "replace")
    assert not serves("sdedit@much", "replace")
    assert not serves("prompt_to_prompt:nonsense", "replace")
    assert serves("ddim@7.5", "reconstruct")
    assert not serves("chain", "reconstruct")
    assert not serves("textual_inversion", "replace")
    assert not serves("prompt_to_prompt", "concept")
    for suite in SUITES:
        assert all(serves(name, suite) for name in default_methods(suite))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--suite", "repaint"), "repaint"),
        (("--suite", "replace", "--methods", "magic"), "magic"),
        (("--suite", "concept", "--methods", "sdedit"), "sdedit"),
        (("--seed", "8"), "1000"),
        (("--cases", "0"), "0"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[str, ...], complaint: str) -> None:
    """Before anything is loaded."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert complaint in result.output


def test_a_missing_model_is_a_sentence(tmp_path: Path) -> None:
    """No traceback: what is missing, and what to do."""
    result = run("--model", tmp_path / "nowhere", "--suite", "replace", "--methods", "sdedit")
    assert result.exit_code == 1
    assert "nowhere" in result.output
    assert "make miniature" in result.output


def test_a_killed_run_goes_on(small_folder: Path, tmp_path: Path) -> None:
    """What is known is not measured again, whatever the order it was measured in; a line cut off by the crash is."""
    folder, out = tmp_path / "results", tmp_path / "rows.json"
    options = ("--suite", "recolor,restyle", "--methods", "unchanged,sdedit", "--steps", 2, "--model", small_folder)
    assert run(*options, "--cases", 1, "--results", folder).exit_code == 0
    lines = folder / LINES
    first = lines.read_text("utf-8").splitlines()
    assert len(first) == 4
    assert len(list((folder / PICTURES).iterdir())) == 4
    lines.write_text("\n".join(first)[:-40], "utf-8")
    result = run(*options, "--cases", 2, "--results", folder, "--minutes", 5, "--json", out, "--pictures", tmp_path)
    assert result.exit_code == 0, result.output
    again = lines.read_text("utf-8").splitlines()
    assert again[:3] == first[:3]
    assert len(again) == 8
    assert [row["cases"] for row in json.loads(out.read_text("utf-8"))] == [2] * 4
    with Image.open(tmp_path / "recolor.png") as sheet:
        assert sheet.height > 2 * 128


def test_a_changed_recipe_is_another_measurement() -> None:
    """Of the method and the operation that it is for, and of the chain, which works by all of them."""
    suites = ("replace", "recolor")
    before = {
        (m, s): recipe_digest(m, s, Presets()) for m in ("sdedit", "sdedit@0.5", "chain", "truth") for s in suites
    }
    deeper = Presets(options={("sdedit", "replace"): {"depth": 0.123}})
    changed = {key for key, told in before.items() if recipe_digest(*key, deeper) != told}
    assert changed == {("sdedit", "replace"), ("sdedit@0.5", "replace"), ("chain", "replace"), ("chain", "recolor")}
    assert before["truth", "replace"] == ""


def test_who_costs_much_comes_less_often() -> None:
    """Side by side by the clock: a hundred times the seconds, a tenth of the cases; each takes them in order."""
    turns, taken = InTurn({"a": ("quick", "slow")}, 1000), []
    for suite, number, method in turns:
        taken.append((method, number))
        turns.took(suite, method, 0.1 if method == "quick" else 10.0)
        if len(taken) == 330:
            break
    numbers = {method: [n for m, n in taken if m == method] for method in ("quick", "slow")}
    assert all(some == list(range(len(some))) for some in numbers.values())
    assert len(numbers["quick"]) / len(numbers["slow"]) == pytest.approx(10, rel=0.1)
    assert sorted(InTurn({"a": ("x", "y")}, 2)) == [("a", n, m) for n in (0, 1) for m in ("x", "y")]


def test_real_weights_that_are_not_there_are_a_sentence(small_folder: Path, tmp_path: Path) -> None:
    """DINO and LPIPS are for those who have them; what is missing is said, with what to do."""
    options = ("--suite", "recolor", "--methods", "unchanged", "--cases", 1, "--model", small_folder)
    result = run(*options, "--dino", tmp_path)
    assert result.exit_code == 1
    assert "DINO" in result.output
    assert "--dino" in result.output


def test_a_limit_ends_a_run_with_whole_cases(small_folder: Path, tmp_path: Path) -> None:
    """At least one case, the same for every method."""
    out = tmp_path / "rows.json"
    options = ("--cases", 500, "--model", small_folder, "--limit-minutes", 0.001, "--json", out)
    result = run("--suite", "recolor,restyle", "--methods", "unchanged,sdedit", *options)
    assert result.exit_code == 0, result.output
    rows = json.loads(out.read_text("utf-8"))
    assert len(rows) == 4
    assert {row["cases"] for row in rows} == {1}
