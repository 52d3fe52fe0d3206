"""How each method works best on the shipped weights, as measured: written into their heying.json (see wording.py), read by
pipeline/diffusion/presets.py.

BEST        operation → the quickest of those methods that were as good as the best: success within its 95 % interval, and
            as near to the true answer, 40 cases each (evaluation/README.md)
OPTIONS     (method, operation) → the method's options for it; a pair that is not there runs with the method's defaults
GROW        (method, operation) → where the method wants another region than the operation's own
SEEN_TWICE  method → its options where the thing has an image in water or mirror
"""

from collections.abc import Mapping
from typing import Any

PROMPTS = "prompt_to_prompt"
OPERATIONS = ("replace", "recolor", "modify", "restyle", "background", "insert", "remove")
BEST = {
    "replace": "ddib",
    "recolor": PROMPTS,
    "modify": "mdp",
    "restyle": "mdp",
    "background": PROMPTS,
    "insert": "sdedit",
    "remove": PROMPTS,
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
GROW: dict[tuple[str, str], float] = {  # `grow` where it is not the operation's
    ("sdedit", "replace"): 0.0,  # it draws as large as its place: the neighbours keep theirs, and success is the same
}
# Where a thing is seen twice, its image on water is paler than itself and attention less sure of it.
SEEN_TWICE: dict[str, Mapping[str, Any]] = {PROMPTS: {"blend_threshold": 0.15}}


def presets() -> dict[str, Any]:
    """All of it, as heying.json has it."""
    options: dict[str, dict[str, Mapping[str, Any]]] = {}
    for (method, operation), some in OPTIONS.items():
        options.setdefault(method, {})[operation] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in some.items()
        }
    grow: dict[str, dict[str, float]] = {}
    for (method, operation), share in GROW.items():
        grow.setdefault(method, {})[operation] = share
    return {"best": BEST, "options": options, "grow": grow, "seen_twice": SEEN_TWICE}
