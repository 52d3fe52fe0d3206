"""Which method carries out an operation, and with which of its options, on the model at hand.

What was measured on a model's weights stands beside them, in the folder's heying.json:

    "presets": {"best":       {"replace": "ddib", …},                       operation → method
                "options":    {"sdedit": {"replace": {…}, …}, …},           method → operation → its options for it
                "grow":       {"sdedit": {"replace": 0.0}, …},              … → where it wants another region (see Operation)
                "seen_twice": {"prompt_to_prompt": {…}, …}}                 method → options where a thing has an image in
                                                                            water or mirror

A folder that says nothing gets prompt-to-prompt, and every method its paper's own defaults.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.toolkit.model import StableDiffusion

UNMEASURED = "prompt_to_prompt"


@dataclass(frozen=True, slots=True)
class Operation:
    """`grow`: how far beyond the thing's box the photo may change, as a share of the crop; `whole`: all of the picture is
    new, nothing of the photo is put back; `colors`: only colours change, no shape."""

    grow: float = 0.06
    whole: bool = False
    colors: bool = False


OPERATIONS: dict[str, Operation] = {
    "replace": Operation(),
    "recolor": Operation(colors=True),
    "modify": Operation(grow=0.08),
    "restyle": Operation(whole=True),
    "background": Operation(),
    "insert": Operation(grow=0.0),
    "remove": Operation(grow=0.08),
}
STRENGTHS = {"slight": 0.7, "normal": 1.0, "strong": 1.4}

# 再来一张 where a preset leaves nothing to chance: the seed's noise takes part of the way, the photo's maps still lead
VARIED: dict[str, Mapping[str, Any]] = {
    "prompt_to_prompt": {"fresh_noise": 0.7, "fresh_from": "photo", "hold_inside": True}
}
# … and for methods that draw nothing at all by chance, seeds 1, 2, 3, … of a cycle are other strengths
STEADY = frozenset(("plug_and_play", "pix2pix_zero", "mdp", "ddib", "masactrl", "style_transfer"))
SWAY = (1.0, 1.15, 0.85, 1.3, 0.7, 1.5)


@dataclass(frozen=True, slots=True)
class Preset:
    """How an operation is carried out: method, its options, and where (see Operation)."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    grow: float = 0.06
    whole: bool = False
    colors: bool = False


@dataclass(frozen=True, slots=True)
class Presets:
    """What was measured on one model's weights (see the module)."""

    best: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    grow: Mapping[tuple[str, str], float] = field(default_factory=dict)
    twice: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def preset(self, operation: str, method: str) -> Preset:
        """How a method carries out an operation."""
        own, key = OPERATIONS[operation], (method, operation)
        return Preset(method, self.options.get(key, {}), self.grow.get(key, own.grow), own.whole, own.colors)

    def method_for(self, operation: str) -> str:
        """The method that came out best for an operation."""
        return self.best.get(operation, UNMEASURED)

    def seen_twice(self, preset: Preset) -> Preset:
        """A preset for a thing whose image in water or mirror changes with it."""
        return replace(preset, options={**preset.options, **self.twice.get(preset.method, {})})


def best_for(sd: StableDiffusion, operation: str, *, named: bool = False, seed: int = 0) -> str:
    """The method to take: the best one, unless it cannot do this. `named`: the prompts call a taught concept by its name,
    which methods that ask CLIP cannot read; `seed`: another picture is wanted, and some methods know nothing of noise."""
    best = presets_of(sd.name).method_for(operation)
    needs = METHODS[best].needs
    able = all(getattr(sd, need) is not None for need in needs) and not (named and "clip" in needs)
    return UNMEASURED if not able or (seed and best in STEADY) else best


@lru_cache(maxsize=8)
def presets_of(folder: str) -> Presets:
    """The presets of a model folder, read once. Raises ValueError for presets of what does not exist."""
    path = Path(folder) / "heying.json"
    return parse(json.loads(path.read_text("utf-8")).get("presets", {})) if path.is_file() else Presets()


def parse(data: Mapping[str, Any]) -> Presets:
    """The presets in a decoded heying.json. Raises ValueError for methods, operations or options that do not exist."""
    options = _by_pair(data.get("options", {}))
    presets = Presets(
        best=dict(data.get("best", {})),
        options={key: {name: _value(value) for name, value in some.items()} for key, some in options.items()},
        grow={key: float(grow) for key, grow in _by_pair(data.get("grow", {})).items()},
        twice=dict(data.get("seen_twice", {})),
    )
    pairs = {*((method, operation) for operation, method in presets.best.items()), *presets.options, *presets.grow}
    strange = {pair for pair in pairs if pair[0] not in METHODS or pair[1] not in METHODS[pair[0]].operations}
    strange |= {
        (method, name)
        for method, given in (*((key[0], some) for key, some in presets.options.items()), *presets.twice.items())
        for name in given
        if method not in METHODS or name not in METHODS[method].options
    }
    if strange:
        raise ValueError(f"heying.json: presets for what does not exist: {sorted(strange)}")
    return presets


def _by_pair(table: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    """method → operation → value as (method, operation) → value."""
    return {(method, operation): value for method, some in table.items() for operation, value in some.items()}


def _value(value: Any) -> Any:
    """JSON has lists where options have tuples."""
    return tuple(value) if isinstance(value, list) else value
