"""Who is measured, by the names of the command line.

truth        the true answer itself: what the judge's verdict is worth
autoencoder  the true answer through the model's autoencoder: the best that this model could draw
unchanged    the photo as it was: what is had for nothing
ddim         plain DDIM inversion, sampled with the new prompt: what is had without any method
<method>     one of the METHODS by its preset, told true captions and boxes
chain        the whole chain, which gets photo and order and finds out itself what is in the photo
<inversion>  in the suite reconstruct: the photo inverted and sampled again; `@guidance` where it is not the model's own
engine:NAME  an engine of config.toml, as --engine NAME has it: order and photo in, everything else is its own
<teacher>    in the suite concept (see concepts.py)

A method may be told more: `method:inversion`, `method@strength`, `method?option=value&option=value`, in this order.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from evaluation.cases import OPERATIONS, digest
from evaluation.concepts import CAPTIONS, TEACHERS
from evaluation.hard import HARD
from evaluation.results import Result
from miniature import WEIGHTS
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.presets import OPERATIONS as PRESET_OPERATIONS
from pipeline.diffusion.presets import Presets, presets_of
from pipeline.diffusion.toolkit.inversion import INVERSIONS

ENGINE = "engine"
YARDSTICKS = ("truth", "autoencoder", "unchanged")
READING = ("asks", "ambiguous")  # orders that are about reading the order: only the chain reads
RECONSTRUCTIONS = ("autoencoder", "ddim@1", "ddim@7.5", "null_text", "direct", "negative_prompt")


@dataclass(frozen=True, slots=True)
class Spec:
    """A name of the command line taken apart. `number`: what follows the @, a strength or a guidance."""

    base: str
    inversion: str | None = None
    number: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def spec(name: str) -> Spec:
    """Raises ValueError for what cannot be read."""
    rest, _, query = name.partition("?")
    rest, _, number = rest.partition("@")
    base, _, inversion = rest.partition(":")
    options = {}
    for pair in query.split("&") if query else ():
        option, _, value = pair.partition("=")
        try:
            options[option] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[option] = value  # a bare word
    return Spec(base, inversion or None, float(number) if number else None, options)


def recipe_digest(name: str, suite: str, presets: Presets | None = None) -> str:
    """The settings by which a method works, in eight letters: after a change of its preset what was measured before is
    no longer true. The chain works by all presets. `presets`: the model's, by default the shipped one's."""
    base, operation = spec(name).base, OPERATIONS[suite]
    presets = presets_of(str(WEIGHTS)) if presets is None else presets
    if base in METHODS:
        chosen = [(op, presets.preset(op, base)) for op in (operation, "modify") if op in METHODS[base].operations]
        own = [(op, one.grow, sorted(one.options.items())) for op, one in chosen]
        twice = sorted(presets.twice.get(base, {}).items())
        return sha256(repr([*own, twice] if twice else own).encode()).hexdigest()[:8]
    if base == "chain" or suite in ("group", "style"):
        tables = (presets.best, presets.options, presets.grow, presets.twice, PRESET_OPERATIONS)
        return sha256(repr([sorted(table.items()) for table in tables]).encode()).hexdigest()[:8]
    return ""


def still_true(result: Result) -> bool:
    """Whether the world still makes a result's case and its method still works by the same settings."""
    try:
        asks, recipe = digest(result.suite, result.seed, result.number), recipe_digest(result.method, result.suite)
    except (KeyError, ValueError):
        return False
    return (result.asks, result.recipe) == (asks, recipe)


def default_methods(suite: str) -> tuple[str, ...]:
    """The methods that take part when none are named, yardsticks first."""
    if suite == "reconstruct":
        return RECONSTRUCTIONS
    if suite == "concept":
        return ("truth", "autoencoder", *CAPTIONS, *TEACHERS)
    if suite in ("group", "style"):
        return (*YARDSTICKS, *TEACHERS)
    if suite in READING:
        return ("truth", "unchanged", "chain")
    able = [name for name, method in METHODS.items() if OPERATIONS[suite] in method.operations]
    return (*YARDSTICKS, *(["ddim"] if able else []), *able, "chain")


def serves(name: str, suite: str) -> bool:
    """Whether a method, called as on the command line, takes part in a suite."""
    try:
        method = spec(name)
    except ValueError:
        return False
    if method.base == ENGINE:
        return suite in PRESET_OPERATIONS or suite in HARD
    if suite == "reconstruct":
        return name == "autoencoder" or method.base in INVERSIONS
    if suite in ("concept", "group", "style", *READING) or method.base not in METHODS:
        return name in default_methods(suite)
    return (
        OPERATIONS[suite] in METHODS[method.base].operations
        and method.inversion in (None, *INVERSIONS)
        and method.options.keys() <= METHODS[method.base].options.keys()
    )
