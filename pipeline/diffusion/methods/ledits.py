"""LEDITS++: edit-friendly noise, and guidance towards words only where they matter (Brack et al. 2024).

Inversion (sec. 3.1, after Huberman-Spiegelglas et al. 2024, eq. 5 and 6): every z_t is the photo with noise of its own,
and the noise that an ancestral step needs to come from z_t to z_{t-1} is worked out and kept. So sampling returns to the
photo exactly, at `steps` evaluations and without optimisation; the paper takes a second-order solver's steps, we DDIM's
with eta 1, which is the same construction at order one.
Editing (sec. 3.2 and 3.3): each word e that shall come or go adds phi M (s (eps_e - eps)) to the estimate, where phi is
+1 or -1 and M the pixels that both masks agree on: M1, where cross-attention looks at the word (the highest quantile),
and M2, where the word changes the estimate most (the highest quantile).

Where we may differ, by option: with `concepts` "prompts" instead of "words" there is one concept, the whole target
prompt, and it is compared with the source prompt instead of with none: s (eps_target - eps_source), masked by the
attention to the words that come in. A model that was taught with whole captions understands those better than words.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit import blend
from pipeline.diffusion.toolkit.align import positions
from pipeline.diffusion.toolkit.attention import AttentionStore, attention, token_map
from pipeline.diffusion.toolkit.ddim import diffuse, step, timesteps
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, noise, predict
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "skip": 0.15,  # part of the steps at the noisy end that are left out; less skipped is a freer edit
    "edit_guidance": 5.0,  # s; multiplied by the edit's strength
    "source_guidance": 3.5,  # of the inversion, towards the source prompt; 1: without; few-step weights have their own
    "quantile": 0.9,  # lambda: the share of pixels that a concept does not touch
    "masks": "both",  # "both", "attention", "estimate", "none", or "region": the region alone, where there is one
    "concepts": "words",  # "words" (the paper's) or "prompts"
    "warmup": 0.0,  # part of the sampled steps before concepts have a say
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    concepts = _concepts(sd, edit, options)
    masks = options["masks"] if options["masks"] != "region" else "both" if edit.region is None else "none"
    count = evaluations(sd)
    own = sd.guidance if sd.few_steps else options["source_guidance"]
    w = own if edit.guidance is None else edit.guidance
    way = timesteps(sd, edit.steps)[min(edit.steps - 1, round(options["skip"] * edit.steps)) :]
    total = 2 * len(way)
    # What the UNet is asked at each step: nothing, the source, and (in editing only) each concept.
    known = embed(sd, [edit.source] if w == 1 and options["concepts"] == "prompts" else ["", edit.source])
    asked = torch.cat([known, *(concept.emb for concept in concepts)])

    clean = edit.latents(sd)  # (1, C, h, w)
    random = torch.Generator().manual_seed(edit.seed)
    photo = [*(diffuse(sd, clean, noise(sd, clean.shape, random), t) for t, _ in way), clean]
    fresh: list[Tensor] = []  # what brings each step to the photo's own next latents
    for i, (t, t_prev) in enumerate(way):
        bare, eps = _known(sd, photo[i], t, known)
        fresh.append(_noise_between(sd, photo[i], photo[i + 1], torch.lerp(bare, eps, w), t, t_prev))
        yield Progress(i + 1, total, "反演照片")

    z, size = photo[0], clean.shape[-1]
    region = None if edit.region is None else blend.latent_region(edit.region.to(z.device), size)
    touched = torch.zeros(1, 1, size, size, device=z.device)
    for i, (t, t_prev) in enumerate(way):
        store = AttentionStore(batch=len(concepts), pixels=blend.map_side(size) ** 2)
        with attention(sd.unet, store):
            named = predict(sd, z.expand(len(asked), -1, -1, -1), t, asked)
        bare, source = named[:1], named[len(known) - 1 : len(known)]
        eps = torch.lerp(bare, source, w)
        against = source if options["concepts"] == "prompts" else bare
        for k, concept in enumerate(concepts if i >= options["warmup"] * len(way) else ()):
            towards = named[len(known) + k][None] - against
            mask = _mask(store, k, concept.tokens, towards, masks, options["quantile"])
            touched = torch.maximum(touched, mask)
            eps = eps + concept.sign * options["edit_guidance"] * edit.strength * mask * towards
        z = step(sd, z, eps, t, t_prev, 1.0, fresh[i]) if t_prev >= 0 else step(sd, z, eps, t, t_prev) + fresh[i]
        if region is not None:
            z = torch.lerp(photo[i + 1], z, region)
        yield Progress(len(way) + i + 1, total, "改图")
    mask = touched if region is None else region
    mask = interpolate(mask, size=edit.image.shape[-2:], mode="bilinear").clamp(0, 1)
    facts = {"concepts": len(concepts), "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, None, facts)


@dataclass(frozen=True, slots=True)
class _Concept:
    """What shall come (sign 1) or go (sign -1): its prompt's embedding (1, T, D), and the positions in it of the words
    whose attention shows where."""

    emb: Tensor
    sign: float
    tokens: Sequence[int]


def _concepts(sd: StableDiffusion, edit: Edit, options: dict[str, Any]) -> list[_Concept]:
    if options["masks"] not in ("both", "attention", "estimate", "none", "region") or not 0 <= options["quantile"] < 1:
        raise EditError("这个编辑方式的选项填错了。", f"ledits: masks {options['masks']!r} {options['quantile']!r}")
    concepts: list[tuple[str, tuple[str, ...], float]] = []  # prompt, the words in it that show where, sign
    if options["concepts"] == "prompts":
        concepts = [(edit.target, tuple(new for _, new in edit.words if new), 1.0)]
    elif options["concepts"] == "words":
        for old, new in edit.words:
            if old != new:
                concepts += ([(new, (new,), 1.0)] if new else []) + ([(old, (old,), -1.0)] if old else [])
        concepts = concepts or [(edit.target, (edit.target,), 1.0)]
    else:
        raise EditError("这个编辑方式的选项填错了。", f"ledits: concepts {options['concepts']!r}")
    return [
        _Concept(embed(sd, [prompt]), sign, [at for word in words for at in positions(sd, prompt, word)])
        for prompt, words, sign in concepts
    ]


def _known(sd: StableDiffusion, z: Tensor, t: int, known: Tensor) -> tuple[Tensor, Tensor]:
    """eps without a prompt and under the source prompt; twice the latter where nothing is asked without."""
    eps = predict(sd, z.expand(len(known), -1, -1, -1), t, known)
    return eps[:1], eps[-1:]


def _noise_between(sd: StableDiffusion, z: Tensor, z_prev: Tensor, eps: Tensor, t: int, t_prev: int) -> Tensor:
    """What the ancestral step from z with eps needs as noise to land on z_prev. At the end of the way its sigma is 0 (or
    nearly), so there it is what must be added instead."""
    bare = torch.zeros_like(z)
    if t_prev < 0:
        return z_prev - step(sd, z, eps, t, t_prev)
    mean = step(sd, z, eps, t, t_prev, 1.0, bare)
    sigma = step(sd, z, eps, t, t_prev, 1.0, torch.ones_like(z)) - mean
    return (z_prev - mean) / sigma


def _mask(store: AttentionStore, k: int, tokens: Sequence[int], towards: Tensor, kind: str, quantile: float) -> Tensor:
    """Where concept k acts, (1, 1, h, w): M1 * M2 (eq. 11 to 13 of the paper)."""
    size = towards.shape[-1]
    mask = torch.ones(1, 1, size, size, device=towards.device)
    if kind in ("both", "attention") and tokens:
        side = max(store.sides())
        heat = token_map(store, tokens, k, side, (side,))
        chosen = (heat >= heat.flatten().quantile(quantile)).to(towards)
        mask = mask * interpolate(chosen, size=(size, size), mode="nearest")
    if kind in ("both", "estimate"):
        heat = towards.abs().mean(1, keepdim=True) * mask  # what M1 leaves out is 0, and below any quantile
        mask = mask * (heat >= heat.flatten().quantile(quantile)).to(towards)
    return mask


METHOD = Method(
    name="ledits",
    title="LEDITS++",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
