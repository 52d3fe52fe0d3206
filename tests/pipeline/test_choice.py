"""Which method is taken: the quickest of those that are as good as the best, on the weights that were measured."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.choice import ENOUGH, Measured, choose, load, method_for
from pipeline.edit import edit
from pipeline.methods import METHODS, EditError
from pipeline.recipes import OPERATIONS, OPTIONS, REGIONS, recipe_for
from pipeline.toolkit.model import StableDiffusion, fingerprint
from pipeline.toolkit.progress import finish
from storage.plans import Step


def measured(success: float, low: float, seconds: float, fidelity: float = 20.0, cases: int = 40) -> Measured:
    """Figures of one method."""
    return Measured(cases, success, low, min(1.0, 2 * success - low), fidelity, seconds)


def test_the_quickest_of_the_good_ones() -> None:
    """Within the best one's interval speed decides; below it, it does not help."""
    slow, quick = measured(0.95, 0.88, 9), measured(0.90, 0.80, 1)
    hasty = measured(0.80, 0.66, 0.1)
    assert choose({"slow": slow, "quick": quick, "hasty": hasty}) == "quick"
    assert choose({"slow": slow, "hasty": hasty}) == "slow"


def test_a_quick_method_that_spoils_the_photo_is_not_taken() -> None:
    """Success says whether the order was carried out, not what else was done."""
    kind, rough = measured(0.95, 0.88, 2, fidelity=25.3), measured(0.95, 0.88, 1, fidelity=21.3)
    assert choose({"kind": kind, "rough": rough}) == "kind"
    assert choose({"kind": kind, "rough": measured(0.95, 0.88, 1, fidelity=24.5)}) == "rough"


def test_few_cases_say_nothing() -> None:
    """A lucky method is not chosen for three cases."""
    lucky = measured(1.0, 0.0, 0.1, cases=ENOUGH - 1)
    assert choose({"lucky": lucky}) is None
    assert choose({"lucky": lucky, "known": measured(0.5, 0.3, 9)}) == "known"
    assert choose({}) is None


def test_other_weights_have_no_measurements(tiny_sd: StableDiffusion) -> None:
    """Measurements belong to weights; methods that are gone or do not serve the operation are passed over."""
    figures = {"sdedit": measured(0.9, 0.8, 1), "magic": measured(1.0, 0.99, 0.1)}
    here = {fingerprint(tiny_sd): {"replace": figures}}
    assert method_for(tiny_sd, "replace", here) == "sdedit"
    assert method_for(tiny_sd, "remove", here) is None
    assert method_for(tiny_sd, "replace", {"0" * 16: {"replace": figures}}) is None
    assert method_for(tiny_sd, "replace", {}) is None


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """And what is shipped can be read, with methods that exist."""
    path = tmp_path / "choices.json"
    one = measured(0.9, 0.8, 1)
    path.write_text(json.dumps({"f" * 16: {"replace": {"sdedit": asdict(one)}}}), "utf-8")
    assert load(path)["f" * 16]["replace"]["sdedit"] == one
    assert load(tmp_path / "nothing.json") == {}
    for operations in load().values():
        for operation, methods in operations.items():
            assert operation in OPERATIONS
            assert all(operation in METHODS[name].operations for name in methods)


def test_recipes_name_what_exists() -> None:
    """Every line of the tables is for a method that serves the operation, with options that it knows."""
    for operation, own in OPERATIONS.items():
        assert operation in METHODS[own.method].operations
    for name, operation in OPTIONS.keys() | REGIONS.keys():
        assert operation in METHODS[name].operations
        assert OPTIONS.get((name, operation), {}).keys() <= METHODS[name].options.keys()
    assert recipe_for("remove", None).method == OPERATIONS["remove"].method
    assert recipe_for("remove", "sdedit").grow == OPERATIONS["remove"].grow


def test_a_method_that_does_not_serve_is_named(tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user may name a method, but not one that cannot do it."""
    monkeypatch.setitem(METHODS, "sdedit", replace(METHODS["sdedit"], operations=("restyle",)))
    photo = np.full((128, 128, 3), 128, np.uint8)
    with pytest.raises(EditError, match="does not serve remove") as refused:
        finish(edit(tiny_sd, photo, Step("remove", "猫"), method="sdedit"))
    assert "换一种方法" in refused.value.sentence
