"""What was measured on a model is what it works by; a model of which nothing is known works by the papers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from miniature import WEIGHTS
from pipeline.diffusion.methods import METHODS, EditError
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.presets import OPERATIONS, UNMEASURED, Presets, best_for, parse, presets_of
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish
from storage.plans import Step
from tests.pipeline.diffusion.asking import edit


def test_the_shipped_model_says_what_is_best() -> None:
    """A line for each operation, and options that the methods know."""
    presets = presets_of(str(WEIGHTS))
    assert presets.best.keys() == OPERATIONS.keys()
    assert presets.preset("replace", "hiper").options["fit_steps"] == 20
    assert presets.preset("restyle", "prompt_to_prompt").options["blend"] == ()
    assert presets.preset("replace", "sdedit").grow == 0
    assert presets.preset("remove", "sdedit").grow == OPERATIONS["remove"].grow
    assert presets.seen_twice(presets.preset("recolor", "prompt_to_prompt")).options["blend_threshold"] == 0.15


@pytest.mark.parametrize("method", METHODS)
def test_other_models_get_the_papers_defaults(method: str, tmp_path: Path) -> None:
    """Whatever is set for a method was measured on other weights."""
    presets = presets_of(str(tmp_path))
    for operation in METHODS[method].operations:
        if operation in OPERATIONS:
            assert presets.preset(operation, method).options == {}
    assert all(presets.method_for(operation) == UNMEASURED for operation in OPERATIONS)


PAPERS = {  # settings that would be far too short on a big model if they were the miniature's
    "hiper": {"fit_steps": 1000, "tokens": 5, "scale": 0.8, "start": "noise", "velocity": False},
    "imagic": {"fit_steps": 1000, "tune_steps": 1500, "tune": "full", "start": "noise", "velocity": False},
    "sine": {"tune_steps": 800, "tune": "full", "start": "noise"},
    "text2live": {"layer_steps": 1000},
    "diffusion_clip": {"pictures": 50, "draw_steps": 40, "tune": "full", "domain": "drawn"},
    "prompt_to_prompt": {"cross_replace": 0.8, "self_replace": 0.4, "blend_threshold": 0.3, "fresh_noise": 0.0},
}


@pytest.mark.parametrize("shape", ["sd15", "sd21", "sdxl"])
def test_a_stable_diffusion_folder_works_as_long_as_the_papers(shape: str, model_folders: dict[str, Path]) -> None:
    """Until somebody measures on it and writes a heying.json: 50 steps, and each method its own numbers."""
    folder = str(model_folders[shape])
    assert vocabulary_of(folder).steps == 50
    for method, wanted in PAPERS.items():
        used = {**METHODS[method].options, **presets_of(folder).preset("replace", method).options}
        assert {name: used[name] for name in wanted} == wanted
    shipped = presets_of(str(WEIGHTS))
    assert shipped.preset("replace", "hiper").options["fit_steps"] < PAPERS["hiper"]["fit_steps"]


@pytest.mark.parametrize(
    "told",
    [
        {"best": {"replace": "magic"}},
        {"best": {"insert": "plug_and_play"}},
        {"options": {"sdedit": {"replace": {"wand": 1}}}},
        {"grow": {"sdedit": {"sleep": 0.1}}},
        {"seen_twice": {"sdedit": {"blend_threshold": 0.1}}},
    ],
)
def test_presets_for_what_does_not_exist_are_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        parse(told)


def test_the_best_method_that_can(tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLIP has never heard of a taught name, and some methods draw the same picture for every seed."""
    told = Presets(best={"restyle": "text2live", "replace": "mdp"})
    monkeypatch.setattr("pipeline.diffusion.presets.presets_of", lambda folder: told)
    assert best_for(tiny_sd, "restyle") == "text2live"
    assert best_for(tiny_sd, "restyle", named=True) == UNMEASURED
    assert best_for(replace(tiny_sd, clip=None), "restyle") == UNMEASURED
    assert best_for(tiny_sd, "replace") == "mdp"
    assert best_for(tiny_sd, "replace", seed=1) == UNMEASURED
    assert best_for(tiny_sd, "remove") == UNMEASURED


def test_a_method_that_does_not_serve_is_named(tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user may name a method, but not one that cannot do it."""
    monkeypatch.setitem(METHODS, "sdedit", replace(METHODS["sdedit"], operations=("restyle",)))
    photo = np.full((128, 128, 3), 128, np.uint8)
    with pytest.raises(EditError, match="does not serve remove") as refused:
        finish(edit(tiny_sd, photo, Step("remove", "猫"), method="sdedit"))
    assert "换一种方法" in refused.value.sentence
