"""Which method carries out an operation, and with which of its options: the settings that came out best on the
miniature.

Five tables to read and to change:
OPERATIONS  what of a photo an operation changes, and the method for it as long as nothing has been measured
OPTIONS     (method, operation) → the method's options for it; a pair that is not there runs with the method's defaults
REGIONS     (method, operation) → where the method wants another region than the operation's own
SEEN_TWICE  method → its options where the thing has an image in water or mirror
VARIED      method → options by which another seed is another picture, where the ones above leave nothing to chance
Which method is best on the model at hand is measured, not written here: see choice.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """`method`: who does it unless measurements know better; `grow`: how far beyond the thing's box the photo may
    change, as a share of the crop; `whole`: all of the picture is new, nothing of the photo is put back; `colors`: only
    colours change, no shape."""

    method: str
    grow: float = 0.06
    whole: bool = False
    colors: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an operation is carried out: method, its options, and where (see Operation)."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    grow: float = 0.06
    whole: bool = False
    colors: bool = False


PROMPTS = "prompt_to_prompt"
OPERATIONS: dict[str, Operation] = {
    "replace": Operation(PROMPTS),
    "recolor": Operation(PROMPTS, colors=True),
    "modify": Operation(PROMPTS, grow=0.08),
    "restyle": Operation(PROMPTS, whole=True),
    "background": Operation(PROMPTS),
    "insert": Operation(PROMPTS, grow=0.0),
    "remove": Operation(PROMPTS, grow=0.08),
}
OPTIONS: dict[tuple[str, str], Mapping[str, Any]] = {
    # the old thing's attention misses a chair's rail, an eye; so LocalBlend goes by its shape
    (PROMPTS, "replace"): {
        "fresh_noise": 1.0, "fresh_from": "surroundings", "blend_shape": True, "blend_start": 0.5, "blend_threshold": 0.4,
    },
    (PROMPTS, "recolor"): {"cross_replace": 0.8, "self_replace": 0.6},
    (PROMPTS, "modify"): {"cross_replace": 0.4, "self_replace": 0.0},
    (PROMPTS, "restyle"): {"cross_replace": 0.6, "self_replace": 0.3, "blend": ()},
    # what stands in front is kept; without a region (many windows, an open world) the prompts alone do it
    (PROMPTS, "background"): {
        "cross_replace": 0.2, "self_replace": 0.0, "fresh_noise": 1.0, "fresh_from": "noise", "blend": (),
    },
    (PROMPTS, "insert"): {"fresh_noise": 1.0, "fresh_from": "surroundings", "blend": ()},
    (PROMPTS, "remove"): {"fresh_noise": 0.7, "fresh_from": "surroundings", "blend": ()},
}  # fmt: skip
# Methods that learn the photo first: in few large steps, which is enough for a small model, and LoRA instead of weights.
QUICK: Mapping[str, Any] = {"batch": 2, "velocity": True}
LEARNERS: dict[str, Mapping[str, Any]] = {
    "hiper": {**QUICK, "fit_steps": 20, "rate": 5e-2},
    "imagic": {**QUICK, "fit_steps": 30, "rate": 2e-2, "tune": "lora", "tune_steps": 30, "tune_rate": 2e-3},
    "sine": {**QUICK, "tune": "lora", "tune_steps": 40, "rate": 2e-3},
}
# … and where their pictures begin: what keeps its shape at the photo with noise, what gets another one at noise.
BEGINNINGS: dict[str, Mapping[str, Any]] = {
    "replace": {"start": "noise"},
    "recolor": {"start": "photo", "depth": 0.8},
    "modify": {"start": "photo", "depth": 0.8},
    "restyle": {"start": "photo", "depth": 0.9},
    "background": {"start": "noise"},
    "insert": {"start": "noise"},
    "remove": {"start": "surroundings", "depth": 0.7},
}
OPTIONS |= {
    (method, operation): {**learner, **beginning}
    for method, learner in LEARNERS.items()
    for operation, beginning in BEGINNINGS.items()
}
PAINTED: Mapping[str, Any] = {
    "layer_steps": 120, "rate": 5e-3, "channels": 24, "scales": 4, "views": 4, "screen": 0.0,
}  # fmt: skip
OPTIONS |= {("text2live", operation): PAINTED for operation in ("recolor", "modify", "restyle")}
TURNED: Mapping[str, Any] = {
    "domain": "photo", "invert_steps": 10, "epochs": 10, "tune": "lora", "rate": 1e-3, "depth": 0.8,
}  # fmt: skip
OPTIONS |= {("diffusion_clip", o): TURNED for o in ("replace", "recolor", "modify", "restyle", "background")}
COMPARED: Mapping[str, Any] = {
    "concepts": "prompts", "source_guidance": 1.0, "masks": "region", "skip": 0.0, "edit_guidance": 3.0,
}  # fmt: skip
OPTIONS |= {("ledits", operation): COMPARED for operation in OPERATIONS}
OPTIONS["ledits", "restyle"] = {
    **COMPARED,
    "masks": "none",
    "skip": 0.15,
    "edit_guidance": 1.5,
}  # a style is everywhere
OPTIONS |= {
    # another shape: let go of the photo's noise sooner than for another look
    ("mdp", "replace"): {"until": 0.3},
    # nothing of the old backdrop, only where its things stand
    ("mdp", "background"): {"fresh_start": True, "until": 0.1},
}
REGIONS: dict[tuple[str, str], float] = {  # `grow` where it is not the operation's
    ("sdedit", "replace"): 0.0,  # it draws as large as its place: the neighbours keep theirs, and success is the same
}
# Where a thing is seen twice, its image on water is paler than itself and attention less sure of it.
SEEN_TWICE: dict[str, Mapping[str, Any]] = {PROMPTS: {"blend_threshold": 0.15}}
STRENGTHS = {"slight": 0.7, "normal": 1.0, "strong": 1.4}

# 再来一张 where a recipe leaves nothing to chance: the seed's noise takes part of the way, the photo's maps still lead
VARIED: dict[str, Mapping[str, Any]] = {PROMPTS: {"fresh_noise": 0.7, "fresh_from": "photo", "hold_inside": True}}
# … and for methods that draw nothing at all by chance, seeds 1, 2, 3, … of a cycle are other strengths
STEADY = frozenset(("plug_and_play", "pix2pix_zero", "mdp", "ddib", "masactrl", "style_transfer"))
SWAY = (1.0, 1.15, 0.85, 1.3, 0.7, 1.5)


def recipe_for(operation: str, method: str | None) -> Recipe:
    """The recipe of an operation for a method; None: the operation's own."""
    own = OPERATIONS[operation]
    key = (method or own.method, operation)
    return Recipe(key[0], OPTIONS.get(key, {}), REGIONS.get(key, own.grow), own.whole, own.colors)


def seen_twice(recipe: Recipe) -> Recipe:
    """A recipe for a thing whose image in water or mirror changes with it."""
    return replace(recipe, options={**recipe.options, **SEEN_TWICE.get(recipe.method, {})})
