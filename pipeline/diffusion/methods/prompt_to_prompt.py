"""Prompt-to-Prompt: the edited picture borrows the attention maps of the original (Hertz et al. 2022).

Source and target are sampled side by side in one batch. While the source's cross-attention maps are given to the
target, things stay where they were and only what the words mean changes; while its self-attention maps are, shapes
stay too.
Photos come in through an inversion (see toolkit/inversion.py), which also leads the source branch.

Where we differ from the paper's code, each with the faithful setting as an option:
- mode "auto" aligns words of both prompts and swaps the given pairs, so one alignment serves swap, refinement and both
  at once; "replace" and "refine" are the paper's.
- resolutions are parts of the model's latent side instead of 16 and 32 pixels.
- `region` confines the change; `fresh_noise` starts again from noise inside it, for what comes in or goes away.
- `faithful` False: padding of prompts of unequal length corresponds by its distance from their ends, in the code by its
  position; LocalBlend's maps are enlarged smoothly, there by the nearest value, and those of `blend_not` widened, too;
  a part of the steps that is no whole number is rounded up, there down (of cross-attention from one step more).
- inversion "direct" instead of "null_text" (the authors' own: "null_text_faithful"): no optimisation, and measured better by
  its authors.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit import blend
from pipeline.diffusion.toolkit.align import Alignment, changed, equalizer, positions, refine_mapper, replace_mapper
from pipeline.diffusion.toolkit.attention import AttentionStore, Control, Place, attention
from pipeline.diffusion.toolkit.ddim import diffuse, sample, step, timesteps
from pipeline.diffusion.toolkit.inversion import ahead, obtain
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided, noise, predict
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "faithful": False,  # the authors' padding, masks and rounding (see above)
    "mode": "auto",  # "auto", "replace" or "refine"
    "cross_replace": 0.8,  # part of the steps in which cross-attention maps are the source's
    "cross_words": {},  # word of the target → its own cross_replace
    "self_replace": 0.4,  # part of the steps in which self-attention maps are the source's
    "self_side": 0.5,  # of maps up to this part of the latents' side: 32 of 64 in Stable Diffusion (older code: 0.25)
    "reweight": {},  # word of the target → factor on its cross-attention maps
    "blend": None,  # LocalBlend: pairs (source word, target word) that show where to edit; None: `words`; (): off
    "blend_not": (),  # pairs that show where not to edit
    "blend_shape": False,  # the thing's own shape, where it is known, instead of the source words' attention; else no LocalBlend
    "blend_start": 0.2,  # part of the steps before LocalBlend begins
    "blend_threshold": 0.3,
    "blend_sides": (),  # resolutions of the maps gathered; (): the finest up to a quarter of the latents' side
    "fresh_noise": 0.0,  # within the region, start again from noise at this part of the way up; 1 is the very top
    "fresh_from": "photo",  # what is noised there: "photo", "surroundings" (painted over from around it) or "noise"
    "hold_inside": None,  # whether the source's maps are used inside the region; None: unless fresh_noise
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError (words that are not in the prompts, options that do not fit)."""
    plan = _plan(sd, edit, METHOD.check(sd, edit))
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    way = timesteps(sd, edit.steps)
    if plan.anew and edit.region is not None and edit.region.min() == 1:  # nothing of the photo is asked for
        z = yield from sample(sd, _noise(sd, edit), [edit.target], steps=edit.steps, guidance=w)
        facts = {"inversion": "", "unet_forward": count.forward, "unet_backward": count.backward}
        return Edited(decode(sd, z), edit.region.to(z.device), None, facts)
    skipped = edit.steps - plan.depth
    before = ahead(edit.inversion, edit.steps)
    inversion = yield from obtain(
        sd, edit.inversion, edit.latents(sd), edit.source, steps=edit.steps, guidance=w, after=plan.depth
    )

    emb = embed(sd, [edit.source, edit.target])
    z = inversion.latents[plan.depth].repeat(2, 1, 1, 1)  # (2, C, h, w): source, target
    size = z.shape[-1]
    store = AttentionStore(batch=2, pixels=blend.map_side(size) ** 2)
    region = mask = None if edit.region is None else blend.latent_region(edit.region.to(z.device), size)
    shape = blend.latent_shape(edit.shape.to(z.device), size) if plan.shaped and edit.shape is not None else None
    if region is not None and plan.fresh:
        base = inversion.latents[0]
        base = blend.fill(base, region) if plan.fresh == "surroundings" else base
        fresh = noise(sd, base.shape, edit.seed)
        fresh = fresh if plan.fresh == "noise" else diffuse(sd, base, fresh, way[skipped][0])
        z[1:] = torch.lerp(z[1:], fresh, region)
    for i, (t, t_prev) in list(enumerate(way))[skipped:]:
        hold = _Hold(plan, i / edit.steps, size, None if plan.hold_inside else region)
        with attention(sd.unet, hold, *([store] if plan.masked else [])):
            asked = plan.asks_source or hold.holds or not inversion.pinned or w == 1
            eps = _guided(sd, z, t, emb, inversion.null(i), w, inversion.pinned, asked)
        z = step(sd, z, eps, t, t_prev)
        z[:1] = inversion.source(i, z[:1])
        mask = _mask(plan, store, region, shape, i / edit.steps, size)
        if mask is not None:
            z[1:] = torch.lerp(z[:1], z[1:], mask)
        yield Progress(before + i - skipped + 1, before + plan.depth, "改图")

    if mask is not None:
        mask = interpolate(mask, size=edit.image.shape[-2:], mode="bilinear").clamp(0, 1)
    facts = {"inversion": inversion.kind, "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z[1:]), mask, inversion, facts)


def _noise(sd: StableDiffusion, edit: Edit) -> Tensor:
    """The noise of an edit's seed, (1, C, h, w)."""
    side = edit.image.shape[-1] // sd.factor
    return noise(sd, (1, sd.unet.config.in_channels, side, side), edit.seed)


def _guided(
    sd: StableDiffusion, z: Tensor, t: int, emb: Tensor, null: Tensor, w: float, pinned: bool, asked: bool
) -> Tensor:
    """eps for source and target, as guided() gives it. A source that is `pinned` to its path is there for its maps only,
    so it is not asked without its prompt, and when its maps are not `asked` for not at all (its eps is then the target's,
    which nobody uses, and in its place in an AttentionStore stands the target without a prompt): three or two samples
    instead of four."""
    if not asked:
        return guided(sd, z[1:], t, emb[1:], null, w).expand_as(z)
    if not pinned or w == 1:
        return guided(sd, z, t, emb, null, w)
    eps_null, source, target = predict(sd, torch.cat([z[1:], z]), t, torch.cat([null, emb])).chunk(3)
    return torch.cat([source, eps_null + w * (target - eps_null)])


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the options mean for these prompts. Parts are of the steps, counted from the noisy end."""

    alignment: Alignment
    scale: Tensor  # (T,): re-weighting of target tokens
    cross: Tensor  # (T,): until which part each target token's cross-attention is held
    self_until: float
    self_side: float
    hold_inside: bool
    blend: tuple[list[int], list[int]] | None  # token positions in source and target that show where to edit
    shaped: bool  # whether the thing's own shape does so instead of the source's tokens
    blend_not: tuple[list[int], list[int]] | None
    blend_start: float
    blend_threshold: float
    blend_sides: tuple[int, ...]
    faithful: bool
    fresh: str  # "" or what is noised within the region
    depth: int  # steps to sample

    @property
    def anew(self) -> bool:
        """Whether whatever lies in the region owes nothing to the photo."""
        return self.fresh == "noise" and not self.masked and not self.hold_inside

    @property
    def masked(self) -> bool:
        """Whether attention says where to edit."""
        return self.blend is not None or self.blend_not is not None

    @property
    def asks_source(self) -> bool:
        """Whether the source's attention says so; with the thing's own shape the target's alone does."""
        return any(pair is not None and pair[0] for pair in (self.blend, self.blend_not))


class _Hold(Control):
    """Gives the source's maps to the target, at one step: `now` is the part of the steps done."""

    def __init__(self, plan: _Plan, now: float, size: int, free: Tensor | None) -> None:
        self.plan, self.free = plan, free
        self.share = (plan.cross > now).float()  # (T,)
        self.self_pixels = (size * plan.self_side) ** 2 if plan.self_until > now else 0

    @property
    def holds(self) -> bool:
        """Whether the target is given any map at this step."""
        return bool(self.share.any()) or self.self_pixels > 0

    def wants(self, place: Place, pixels: int) -> bool:
        return bool(self.share.any()) if place.cross else pixels <= self.self_pixels

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        source, target = probs[-2], probs[-1]  # (heads, pixels, tokens or pixels), conditional
        held = source
        if place.cross:
            held = self.plan.alignment.apply(source, target) * self.plan.scale.to(probs)
            held = torch.lerp(target, held, self.share.to(probs))
        if self.free is not None:
            side = math.isqrt(probs.shape[-2])
            free = interpolate(self.free, size=(side, side), mode="area").view(-1, 1)  # (pixels, 1)
            held = torch.lerp(held, target, free)
        return torch.cat([probs[:-1], held[None]])


def _mask(
    plan: _Plan, store: AttentionStore, region: Tensor | None, shape: Tensor | None, now: float, size: int
) -> Tensor | None:
    """Where the target may differ from the source after this step: (1, 1, size, size), or None for everywhere."""
    mask = region
    if now >= plan.blend_start:
        smooth = not plan.faithful
        masks = [
            None
            if tokens is None
            else blend.local_mask(
                store, tokens, size, plan.blend_threshold, plan.blend_sides, pooled=pooled or smooth, smooth=smooth
            )
            for tokens, pooled in ((plan.blend, True), (plan.blend_not, False))
        ]
        if shape is not None and masks[0] is not None:
            masks[0] = torch.maximum(masks[0], shape)
        for local in (masks[0], None if masks[1] is None else 1 - masks[1]):
            if local is not None:
                mask = local if mask is None else mask * local
    return mask


def _plan(sd: StableDiffusion, edit: Edit, options: Mapping[str, Any]) -> _Plan:
    fresh, faithful = float(options["fresh_noise"]), bool(options["faithful"])
    if fresh and edit.region is None:
        raise EditError("要在原处重新画，需要先选定区域。", "prompt_to_prompt: fresh_noise without a region")
    pairs, pairs_not = (edit.words if options["blend"] is None else options["blend"]), options["blend_not"]
    shaped = bool(options["blend_shape"])
    if shaped:  # without a shape nothing says what of the old thing the attention misses
        pairs = () if edit.shape is None else [(None, new) for _, new in pairs if new]
    for old, new in (*edit.words, *pairs, *pairs_not, *((None, word) for word in options["reweight"])):
        for word, prompt in ((old, edit.source), (new, edit.target)):
            if word and not positions(sd, prompt, word):
                raise EditError(
                    f"描述里找不到「{word}」，可能描述太长被截断了。请换一种更短的说法。",
                    f"prompt_to_prompt: {word!r} is not in {prompt!r} ({sd.tokens} tokens fit)",
                )
    align = {"auto": refine_mapper, "refine": refine_mapper, "replace": replace_mapper}.get(options["mode"])
    if align is None or options["fresh_from"] not in ("photo", "surroundings", "noise"):
        raise EditError("这个编辑方式的选项填错了。", f"prompt_to_prompt: {options['mode']=} {options['fresh_from']=}")
    try:
        words = () if options["mode"] == "refine" else edit.words
        alignment = align(sd, edit.source, edit.target, words, not faithful)
    except ValueError as error:
        raise EditError("两句描述除了要换的词，其余必须一样。", f"prompt_to_prompt: {error}") from error

    def until(part: float, more: int = 0) -> float:
        held = min(1.0, part / edit.strength) if edit.strength else 1.0  # a stronger edit holds the source shorter
        return int(held * (edit.steps + more)) / edit.steps if faithful else held

    cross = torch.full((sd.tokens,), until(options["cross_replace"], 1))
    for word, part_of_steps in options["cross_words"].items():
        cross[positions(sd, edit.target, word)] = until(part_of_steps, 1)
    factors = {word: 1 + (factor - 1) * edit.strength for word, factor in options["reweight"].items()}
    return _Plan(
        alignment=alignment,
        scale=equalizer(sd, edit.target, factors),
        cross=cross,
        self_until=until(options["self_replace"]),
        self_side=options["self_side"],
        hold_inside=not fresh if options["hold_inside"] is None else options["hold_inside"],
        blend=changed(sd, edit.source, edit.target, pairs) if pairs else None,
        shaped=shaped,
        blend_not=changed(sd, edit.source, edit.target, pairs_not) if pairs_not else None,
        blend_start=int(options["blend_start"] * edit.steps) / edit.steps if faithful else options["blend_start"],
        blend_threshold=options["blend_threshold"],
        blend_sides=tuple(options["blend_sides"]),
        faithful=faithful,
        fresh=options["fresh_from"] if fresh else "",
        depth=max(1, round(min(1.0, fresh) * edit.steps)) if fresh else edit.steps,
    )


METHOD = Method(
    name="prompt_to_prompt",
    title="提示词到提示词",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
    inverts=True,
)
