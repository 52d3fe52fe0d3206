"""Prompt-to-Prompt, null-text inversion and Direct Inversion beside their authors' code, as PnPInversion holds it: its
controllers, loops and inversions as they are, hung into today's diffusers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from evaluation.fidelity.compared import (
    CAT_DOG,
    DOG,
    GUIDANCE,
    SOURCE,
    TOKENS,
    Common,
    Figures,
    agreement,
    doubled,
    importing,
    load,
)
from pipeline.diffusion.toolkit.attention import Control, Place, attention
from pipeline.diffusion.toolkit.inversion import Inversion, invert
from pipeline.engine import finish

CHECKOUT = "PnPInversion"


@dataclass(frozen=True, slots=True)
class Row:
    """One edit: its target, our options beside the common ones, and what their make_controller gets."""

    name: str
    target: str
    words: tuple[tuple[str | None, str | None], ...]
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    cross: float = 0.8
    self_part: float = 0.4


REPLACE, REFINE = {"kind": "AttentionReplace"}, {"kind": "AttentionRefine"}
ROWS = (
    Row("replace", DOG, CAT_DOG, {"mode": "replace"}, REPLACE),
    Row("refine, equal length", DOG, (), {"mode": "refine"}, REFINE),
    Row("refine, longer", "a photo of a red cat on the beach", (), {"mode": "refine"}, REFINE),
    Row("reweight", SOURCE, (), {"mode": "replace", "reweight": {"cat": 4.0}}, {**REPLACE, "reweight": ("cat", 4.0)}),
    Row("LocalBlend", DOG, CAT_DOG, {"mode": "replace", "blend": CAT_DOG}, {**REPLACE, "blend": (("cat",), ("dog",))}),
    Row(
        "LocalBlend, and where not",
        DOG,
        CAT_DOG,
        {"mode": "replace", "blend": CAT_DOG, "blend_not": (("beach", "beach"),)},
        {**REPLACE, "blend": (("cat",), ("dog",)), "blend_not": (("beach",), ("beach",))},
    ),
    Row("parts that are no whole steps", DOG, CAT_DOG, {"mode": "replace"}, REPLACE, 0.75, 0.45),
)


def measure(common: Common) -> Figures:
    """DDIM inversion and Prompt-to-Prompt."""
    code, pipe, steps = _code(common), common.pipe, common.steps
    theirs = _walk(common, code).ddim_loop(common.z0)
    yield "DDIM inversion", agreement(common.inversion.start, theirs[-1]), None
    for row in ROWS:
        wanted = _theirs(code, pipe, row, steps, theirs[-1], None)
        plain, faithful = (agreement(_ours(common, row, common.inversion, way), wanted) for way in (False, True))
        yield f"Prompt-to-Prompt: {row.name}", plain, faithful


def direct(common: Common) -> Figures:
    """Direct Inversion, under Prompt-to-Prompt."""
    row, code, pipe, steps = ROWS[0], _code(common), common.pipe, common.steps
    theirs = _walk(common, code).ddim_loop(common.z0)
    inverting = code.inversion.DirectInversion(pipe, steps)
    inverting.init_prompt([SOURCE, row.target])
    offsets = inverting.offset_calculate(theirs, 0, 0, GUIDANCE)
    wanted = _theirs(code, pipe, row, steps, theirs[-1], offsets)
    pinned = finish(invert(common.sd, common.z0, SOURCE, kind="direct", steps=steps, guidance=GUIDANCE))
    yield "Direct Inversion: replace", None, agreement(_ours(common, row, pinned, True), wanted)


def null_text(common: Common) -> Figures:
    """Null-text inversion: the embeddings that it finds, in single and in double precision."""
    code = _code(common)
    yield "null-text inversion: embeddings", *_embeddings(common, code)
    with doubled(common.sd):
        yield "null-text inversion: embeddings, float64", *_embeddings(replace(common, z0=common.z0.double()), code)


def _embeddings(common: Common, code: Any) -> tuple[float, float]:
    """How far ours and our faithful ones agree with theirs."""
    walk = _walk(common, code)
    theirs = walk.ddim_loop(common.z0)
    with torch.enable_grad():
        nulls = torch.cat(walk.null_optimization(theirs, 10, 1e-5, GUIDANCE))
    ours, faithful = (
        finish(invert(common.sd, common.z0, SOURCE, kind=kind, steps=common.steps, guidance=GUIDANCE)).null_embeddings
        for kind in ("null_text", "null_text_faithful")
    )
    return agreement(ours, nulls), agreement(faithful, nulls)


def _walk(common: Common, code: Any) -> Any:
    walk = code.inversion.NullInversion(common.pipe, common.steps)
    walk.init_prompt(SOURCE)
    return walk


def _ours(common: Common, row: Row, inversion: Inversion, faithful: bool) -> Tensor:
    """The final latents of our Prompt-to-Prompt."""
    options = {
        "blend": (),
        "cross_replace": row.cross,
        "self_replace": row.self_part,
        "blend_sides": (16,),
        **row.ours,
        "faithful": faithful,
    }
    return common.ours("prompt_to_prompt", options, target=row.target, words=row.words, inversion=inversion)


@torch.no_grad()
def _theirs(code: Any, pipe: Any, row: Row, steps: int, start: Tensor, offsets: Sequence[Tensor] | None) -> Tensor:
    """The final latents of the authors' loop with their controller, Direct Inversion's with `offsets`."""
    prompts = [SOURCE, row.target]
    bridge = _Bridge(_controller(code.control, pipe, row, prompts, steps))
    texts = [_embedded(pipe, some) for some in (["", ""], prompts)]
    context, latents = torch.cat(texts), start.expand(2, -1, -1, -1)
    controller = bridge.controller
    controller.num_att_layers = bridge.shown(pipe.unet, latents, context[:2])
    with attention(pipe.unet, bridge):
        for i, t in enumerate(pipe.scheduler.timesteps):
            if offsets is None:
                latents = code.forward.p2p_guidance_diffusion_step(pipe, controller, latents, context, t, GUIDANCE)
            else:
                latents = code.forward.direct_inversion_p2p_guidance_diffusion_step(
                    pipe, controller, latents, context, t, GUIDANCE, offsets[i]
                )
    return latents[1:]


def _controller(control: Any, pipe: Any, row: Row, prompts: list[str], steps: int) -> Any:
    """The authors' controller for a row; their make_controller knows CUDA only."""
    theirs, common = row.theirs, {"tokenizer": pipe.tokenizer, "device": "cpu"}
    blend = None
    if "blend" in theirs:
        blend = control.LocalBlend(
            prompts, theirs["blend"], substruct_words=theirs.get("blend_not"), num_ddim_steps=steps, **common
        )
    parts = {"cross_replace_steps": {"default_": row.cross}, "self_replace_steps": row.self_part, "local_blend": blend}
    made = getattr(control, theirs["kind"])(prompts, steps, **parts, **common)
    if "reweight" in theirs:
        word, factor = theirs["reweight"]
        weights = control.get_equalizer(prompts[1], (word,), (factor,), tokenizer=pipe.tokenizer)
        made = control.AttentionReweight(prompts, steps, equalizer=weights, controller=made, device="cpu", **parts)
    return made


class _Bridge(Control):
    """An authors' controller, which sees (batch · heads, pixels, …), in our attention. Self-attention of more than 32 × 32
    pixels is not shown to it: it leaves that alone."""

    def __init__(self, controller: Any) -> None:
        self.controller = controller

    def wants(self, place: Place, pixels: int) -> bool:
        return place.cross or pixels <= 32**2

    def shown(self, unet: UNet2DConditionModel, latents: Tensor, context: Tensor) -> int:
        """How many layers it is shown, by which it counts steps."""
        counted: list[Place] = []

        class Counting(_Bridge):
            def maps(self, place: Place, probs: Tensor) -> Tensor:
                counted.append(place)
                return probs

        with attention(unet, Counting(None)):
            unet(latents, 1, encoder_hidden_states=context)
        return len(counted)

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        seen = probs.flatten(0, 1).clone()
        made: Tensor = self.controller(seen, place.cross, place.way)
        return made.view_as(probs)


def _embedded(pipe: Any, prompts: list[str]) -> Tensor:
    ids = pipe.tokenizer(
        prompts, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt"
    ).input_ids
    hidden: Tensor = pipe.text_encoder(ids)[0]
    return hidden


def _code(common: Common) -> Any:
    """The authors' modules."""
    with importing(common.authors / CHECKOUT):
        return SimpleNamespace(
            control=load("models.p2p.attention_control"),
            forward=load("models.p2p.p2p_guidance_forward"),
            inversion=load("models.p2p.inversion"),
        )
