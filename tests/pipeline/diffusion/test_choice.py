"""Which method is taken: the quickest of those that are as good as the best, on the weights that were measured."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.diffusion.choice import ENOUGH, Entry, Measured, choose, load, method_for, world
from pipeline.diffusion.methods import METHODS, EditError
from pipeline.diffusion.presets import OPERATIONS, OPTIONS, REGIONS, recipe_for
from pipeline.diffusion.strategies import edit
from pipeline.diffusion.toolkit.model import StableDiffusion, fingerprint
from pipeline.diffusion.vocabulary import load as load_vocabulary
from pipeline.engine import finish
from storage.plans import Step


def measured(success: float, low: float, seconds: float, fidelity: float = 20.0, cases: int = 40) -> Measured:
    """Figures of one method."""
    return Measured(cases, success, low, min(1.0, 2 * success - low), fidelity, seconds, 30.0)


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
    assert choose({"kind": kind, "rough": measured(0.95, 0.88, 1, fidelity=24.9)}) == "rough"


def test_few_cases_say_nothing() -> None:
    """A lucky method is not chosen for three cases."""
    lucky = measured(1.0, 0.0, 0.1, cases=ENOUGH - 1)
    assert choose({"lucky": lucky}) is None
    assert choose({"lucky": lucky, "known": measured(0.5, 0.3, 9)}) == "known"
    assert choose({}) is None


def test_the_recipes_own_method_is_not_fallen_behind() -> None:
    """Who succeeds less often, or leaves less as it was, is not taken for being quick."""
    own = replace(measured(0.95, 0.88, 2), outside=30.0)
    quick, rough = replace(measured(0.93, 0.82, 1), outside=33.0), replace(own, seconds=1, outside=28.0)
    assert choose({"own": own, "quick": quick, "rough": rough}) in ("quick", "rough")
    assert choose({"own": own, "quick": quick, "rough": rough}, "own") == "own"
    assert choose({"own": own, "better": replace(own, seconds=1)}, "own") == "better"
    assert choose({"own": measured(0.5, 0.3, 1), "quick": quick}, "own") == "quick"


def entry(weights: str, figures: dict[str, Measured], world: str = "", day: str = "2026-11-20") -> Entry:
    """What was measured at replace."""
    return Entry(weights, world, day, {"replace": figures})


def test_weights_of_another_world_say_nothing(tiny_sd: StableDiffusion) -> None:
    """Methods that are gone or do not serve the operation are passed over."""
    figures = {"sdedit": measured(0.9, 0.8, 1), "magic": measured(1.0, 0.99, 0.1)}
    here = [entry(fingerprint(tiny_sd), figures)]
    assert method_for(tiny_sd, "replace", here) == "sdedit"
    assert method_for(tiny_sd, "remove", here) is None
    assert method_for(tiny_sd, "replace", [entry("0" * 16, figures)]) is None  # open worlds are not the same world
    assert method_for(tiny_sd, "replace", [entry("0" * 16, figures, "elsewhere 12345678")]) is None
    assert method_for(tiny_sd, "replace", []) is None


def test_earlier_weights_of_the_same_world_are_better_than_none(
    tiny_sd: StableDiffusion, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last ones measured, which the log says; what is known of these very weights comes first."""
    told = {"things": {"cat": ["a {color} cat"]}, "slots": {"color": ["red"]}, "styles": {}, "settings": {}}
    (tmp_path / "heying.json").write_text(json.dumps({"world": "small", "positions": {}, **told}), "utf-8")
    sd, same = replace(tiny_sd, name=str(tmp_path)), world(load_vocabulary(tmp_path))
    first, last = ({name: measured(0.9, 0.8, 1)} for name in ("sdedit", "mdp"))
    table = [entry("2" * 16, last, same, "2026-11-20"), entry("1" * 16, first, same, "2026-11-01")]
    assert method_for(sd, "replace", table) == "mdp"
    assert "2222222222222222" in "".join(capsys.readouterr())  # the log goes to either, as it was set up
    own = entry(fingerprint(sd), {"ddib": measured(0.5, 0.3, 1)}, same, "2026-10-01")
    assert method_for(sd, "replace", [*table, own]) == "ddib"
    few = entry(fingerprint(sd), {"ddib": measured(0.5, 0.3, 1, cases=2)}, same)
    assert method_for(sd, "replace", [*table, few]) == "mdp"


def test_who_asks_clip_is_not_taken_for_a_taught_name(tiny_sd: StableDiffusion) -> None:
    """CLIP has never heard of it."""
    figures = {name: measured(0.9, 0.8, 1) for name in ("text2live", "diffusion_clip")}
    table = [Entry(fingerprint(tiny_sd), "", "2026-11-20", {"restyle": figures})]
    assert method_for(tiny_sd, "restyle", table) == "text2live"
    assert method_for(tiny_sd, "restyle", table, named=True) is None


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """And what is shipped can be read, with methods that exist."""
    path = tmp_path / "choices.json"
    one = entry("f" * 16, {"sdedit": measured(0.9, 0.8, 1)}, "small 12345678")
    path.write_text(json.dumps([asdict(one)]), "utf-8")
    assert load(path) == (one,)
    assert load(tmp_path / "nothing.json") == ()
    for shipped in load():
        for operation, methods in shipped.operations.items():
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
