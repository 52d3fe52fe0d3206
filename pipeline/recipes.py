"""Which method carries out an operation, and with which of its options: the settings that came out best on the
miniature.

A table to read and to change. `grow`: how far beyond the thing's box the photo may change, as a share of the crop;
`whole`: all of the picture is new, nothing of the photo is put back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an operation is carried out."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    grow: float = 0.06
    whole: bool = False


PROMPTS = "prompt_to_prompt"
RECIPES: dict[str, Recipe] = {
    "replace": Recipe(PROMPTS, {"fresh_noise": 1.0, "fresh_from": "surroundings"}, grow=0.06),
    "recolor": Recipe(PROMPTS, {"cross_replace": 0.8, "self_replace": 0.6}, grow=0.06),
    "modify": Recipe(PROMPTS, {"cross_replace": 0.7, "self_replace": 0.3}, grow=0.08),
    "restyle": Recipe(PROMPTS, {"cross_replace": 0.6, "self_replace": 0.3, "blend": ()}, whole=True),
    # what stands in front is kept; without a region (many windows, an open world) the prompts alone do it
    "background": Recipe(
        PROMPTS,
        {"cross_replace": 0.2, "self_replace": 0.0, "fresh_noise": 1.0, "fresh_from": "noise", "blend": ()},
    ),
    "insert": Recipe(PROMPTS, {"fresh_noise": 1.0, "fresh_from": "surroundings", "blend": ()}, grow=0.0),
    "remove": Recipe(PROMPTS, {"fresh_noise": 0.7, "fresh_from": "surroundings", "blend": ()}, grow=0.08),
}
STRENGTHS = {"slight": 0.7, "normal": 1.0, "strong": 1.4}


def recipe_for(operation: str, method: str | None) -> Recipe:
    """The recipe of an operation; another method than its own is used with that method's defaults."""
    own = RECIPES[operation]
    return own if method in (None, own.method) else replace(own, method=method, options={})
