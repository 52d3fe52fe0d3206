"""Which method carries out an operation on the model at hand, by what was measured.

`choices.json` holds the measurements, an entry for each weights, written by `python -m evaluation.choose`:

    [{"weights": "<their fingerprint>", "world": "<what they can draw>", "measured": "2026-11-20",
      "operations": {"replace": {"sdedit": {"cases": 40, "success": 0.95, "low": 0.88, "high": 1.0,
                                            "fidelity": 19.1, "seconds": 0.9, "outside": 28.6}, …}, …}}, …]

What was measured on these very weights counts. What nobody has measured on them is taken from the last weights of the same
world that were, and the log says so: weights that were trained on a little have the same strengths, and a recipe that
nobody has measured anywhere is a worse guess. Of another world nothing is taken; then the recipes' own methods do the work
(see recipes.py).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from weakref import WeakKeyDictionary

import structlog
from torch import nn

from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.presets import OPERATIONS
from pipeline.diffusion.toolkit.model import StableDiffusion, fingerprint
from pipeline.diffusion.vocabulary import Vocabulary
from pipeline.diffusion.vocabulary import load as load_vocabulary

log = structlog.get_logger()

TABLE = Path(__file__).with_name("choices.json")
ENOUGH = 10  # cases; what was seen less often is not known
NEAR = 0.5  # dB by which a picture may be farther from the true answer than the nearest one's


@dataclass(frozen=True, slots=True)
class Measured:
    """One method at one operation: share of successes with its 95 % interval, PSNR to the true answers in dB, seconds
    an edit (median), and PSNR of what lies outside the edit (dB, nan where nothing does)."""

    cases: int
    success: float
    low: float
    high: float
    fidelity: float
    seconds: float
    outside: float = math.nan


@dataclass(frozen=True, slots=True)
class Entry:
    """What was measured on one model's weights, on which day (ISO), by operation and method; `world`: see world()."""

    weights: str
    world: str
    measured: str
    operations: Mapping[str, Mapping[str, Measured]]


Choices = Sequence[Entry]


def choose(measured: Mapping[str, Measured], own: str = "") -> str | None:
    """The method to take: the quickest among those as good as the best; None if none is known well enough.

    As good as the best: success within the best one's interval, and of those, pictures about as near to the true answer
    as the nearest. The second half is there because success alone is blind to what else an edit does to a photo. Where
    the recipe's `own` method is among them, who is quicker must neither succeed less often nor leave less outside the
    edit as it was.
    """
    known = {name: one for name, one in measured.items() if one.cases >= ENOUGH}
    if not known:
        return None
    best = max(known.values(), key=lambda one: (one.success, one.fidelity))
    able = {name: one for name, one in known.items() if one.success >= best.low}
    nearest = max(one.fidelity for one in able.values())
    faithful = {name: one for name, one in able.items() if one.fidelity >= nearest - NEAR}
    if own in faithful:
        faithful = {name: one for name, one in faithful.items() if name == own or _no_worse(one, faithful[own])}
    return min(faithful, key=lambda name: faithful[name].seconds)


def _no_worse(one: Measured, own: Measured) -> bool:
    """Whether a method keeps up with the recipe's own (a style has no outside: nan)."""
    return one.success >= own.success and not one.outside < own.outside


def method_for(
    sd: StableDiffusion, operation: str, choices: Choices | None = None, *, named: bool = False
) -> str | None:
    """The measured best method for an operation on this model; None if nothing was measured on its weights, nor on earlier
    weights of its world.

    `named`: the prompts will call a taught concept by its name, which methods that ask CLIP cannot do.
    """
    table = load() if choices is None else choices
    if not table:
        return None
    own = _weights(sd)
    for entry in sorted(table, key=lambda one: (one.weights == own, one.measured), reverse=True):
        if entry.weights != own and entry.world != _world(sd):
            continue
        measured = entry.operations.get(operation, {})
        able = {name: one for name, one in measured.items() if _able(sd, name, operation, named)}
        if (method := choose(able, OPERATIONS[operation].method)) is not None:
            if entry.weights != own:
                log.info(
                    "chosen by earlier weights of this world",
                    operation=operation, method=method, weights=own, measured_on=entry.weights, day=entry.measured,
                )  # fmt: skip
            return method
    return None


def _able(sd: StableDiffusion, name: str, operation: str, named: bool) -> bool:
    """Whether a method serves the operation here."""
    method = METHODS.get(name)
    if method is None or operation not in method.operations or (named and "clip" in method.needs):
        return False
    return all(getattr(sd, need) is not None for need in method.needs)


def world(vocabulary: Vocabulary) -> str:
    """A name for all that a model can draw; "" for an open world, of which two models need have nothing in common."""
    if vocabulary.open:
        return ""
    tables = (vocabulary.things, vocabulary.slots, vocabulary.styles, vocabulary.settings, vocabulary.positions)
    told = repr([sorted((str(key), value) for key, value in table.items()) for table in tables])
    return f"{vocabulary.world} {sha256(told.encode()).hexdigest()[:8]}"


@cache
def load(path: Path = TABLE) -> Choices:
    """All measurements. Raises KeyError, ValueError or TypeError for a file that is not what the module describes."""
    if not path.is_file():
        return ()
    return tuple(
        Entry(
            entry["weights"],
            entry["world"],
            entry["measured"],
            {
                operation: {method: Measured(**figures) for method, figures in methods.items()}
                for operation, methods in entry["operations"].items()
            },
        )
        for entry in json.loads(path.read_text("utf-8"))
    )


_known: WeakKeyDictionary[nn.Module, str] = WeakKeyDictionary()


def _weights(sd: StableDiffusion) -> str:
    """The model's fingerprint, worked out once a model."""
    if sd.unet not in _known:
        _known[sd.unet] = fingerprint(sd)
    return _known[sd.unet]


def _world(sd: StableDiffusion) -> str | None:
    """The model's world; None where it has none that it could share."""
    return _worlds(sd.name) or None


@cache
def _worlds(folder: str) -> str:
    return world(load_vocabulary(folder))
