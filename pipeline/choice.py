"""Which method carries out an operation on the model at hand, by what was measured on it.

`choices.json` holds the measurements, written by `python -m evaluation.choose`:

    {"<fingerprint of the weights>": {"replace": {"sdedit": {"cases": 40, "success": 0.95, "low": 0.88, "high": 1.0,
                                                             "fidelity": 19.1, "seconds": 0.9}, …}, …}, …}

Other weights have their own measurements or none; then the recipes' own methods do the work (see recipes.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from torch import nn

from pipeline.methods import METHODS
from pipeline.toolkit.model import StableDiffusion, fingerprint

TABLE = Path(__file__).with_name("choices.json")
ENOUGH = 10  # cases; what was seen less often is not known
NEAR = 1.0  # dB by which a picture may be farther from the true answer than the nearest one's


@dataclass(frozen=True, slots=True)
class Measured:
    """One method at one operation: share of successes with its 95 % interval, PSNR to the true answers in dB, seconds
    an edit (median)."""

    cases: int
    success: float
    low: float
    high: float
    fidelity: float
    seconds: float


Choices = Mapping[str, Mapping[str, Mapping[str, Measured]]]  # fingerprint → operation → method


def choose(measured: Mapping[str, Measured]) -> str | None:
    """The method to take: the quickest among those as good as the best; None if none is known well enough.

    As good as the best: success within the best one's interval, and of those, pictures about as near to the true answer
    as the nearest. The second half is there because success alone is blind to what else an edit does to a photo.
    """
    known = {name: one for name, one in measured.items() if one.cases >= ENOUGH}
    if not known:
        return None
    best = max(known.values(), key=lambda one: (one.success, one.fidelity))
    able = {name: one for name, one in known.items() if one.success >= best.low}
    nearest = max(one.fidelity for one in able.values())
    faithful = {name: one for name, one in able.items() if one.fidelity >= nearest - NEAR}
    return min(faithful, key=lambda name: faithful[name].seconds)


def method_for(sd: StableDiffusion, operation: str, choices: Choices | None = None) -> str | None:
    """The measured best method for an operation on this model; None if nothing was measured on its weights."""
    table = load() if choices is None else choices
    measured = table.get(_weights(sd), {}).get(operation, {}) if table else {}
    return choose(
        {
            name: one
            for name, one in measured.items()
            if name in METHODS
            and operation in METHODS[name].operations
            and all(getattr(sd, need) is not None for need in METHODS[name].needs)
        }
    )


@cache
def load(path: Path = TABLE) -> Choices:
    """All measurements. Raises ValueError or TypeError for a file that is not what the module describes."""
    if not path.is_file():
        return {}
    data = json.loads(path.read_text("utf-8"))
    return {
        weights: {
            operation: {method: Measured(**figures) for method, figures in methods.items()}
            for operation, methods in operations.items()
        }
        for weights, operations in data.items()
    }


_known: WeakKeyDictionary[nn.Module, str] = WeakKeyDictionary()


def _weights(sd: StableDiffusion) -> str:
    """The model's fingerprint, worked out once a model."""
    if sd.unet not in _known:
        _known[sd.unet] = fingerprint(sd)
    return _known[sd.unet]
