"""Steps as they come to the engine: with what the parser makes of their own words."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.language.referents import referents
from pipeline.diffusion import grounding, insertion, open_vocabulary, rearrange, strategies
from pipeline.diffusion import prompts as prompting
from pipeline.diffusion.meaning import Asked
from storage.plans import Step


def asked(step: Step, names: Mapping[str, object] | None = None) -> Asked:
    """A step with its words read; `names` are taught."""
    return Asked.of(step, referents(step, "", list(names or {})))


def _asking(function: Callable[..., Any], place: int = 0) -> Callable[..., Any]:
    """A function of an Asked as one of a Step."""

    def told(*given: Any, **options: Any) -> Any:
        return function(*given[:place], asked(given[place]), *given[place + 1 :], **options)

    return told


prompts, open_prompts = _asking(prompting.prompts), _asking(open_vocabulary.open_prompts)
select, half_hidden, goings = _asking(grounding.select), _asking(grounding.half_hidden), _asking(rearrange.goings)
natural, edit = _asking(insertion.natural, 2), _asking(strategies.edit, 2)
