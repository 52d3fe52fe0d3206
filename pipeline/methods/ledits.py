"""LEDITS++: edit-friendly noise, and guidance towards words only where they matter (Brack et al. 2024).

Inversion (sec. 3.1, after Huberman-Spiegelglas et al. 2024, eq. 5 and 6): every z_t is the photo with noise of its own,
and the noise that an ancestral step needs to come from z_t to z_{t-1} is worked out and kept. So sampling returns to the
photo exactly, at `steps` evaluations and without optimisation; the paper takes a second-order solver's steps, we DDIM's
with eta 1, which is the same construction at order one.
Editing (sec. 3.2 and 3.3): each word e that shall come or go adds phi M (s (eps_e - eps)) to the estimate, where phi is
+1 or -1 and M the pixels that both masks agree on: M1, where cross-attention looks at the word (the highest quantile),
and M2, where the word changes the estimate most (the highest quantile).

Where we may differ, by option: `concepts` "prompts" takes the source prompt away and adds the target prompt as one
concept, masked by the attention of the words that differ, instead of "words", each word by itself.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.methods.contract import Edit, Edited, EditError, Method
from pipeline.toolkit import blend
from pipeline.toolkit.align import positions
from pipeline.toolkit.attention import AttentionStore, attention, token_map
from pipeline.toolkit.ddim import diffuse, step, timesteps
from pipeline.toolkit.model import StableDiffusion, decode, embed, encode, evaluations, noise, predict
from pipeline.toolkit.progress import Progress

OPTIONS: dict[str, Any] = {
    "skip": 0.15,  # part of the steps at the noisy end that are left out; less skipped is a freer edit
    "edit_guidance": 5.0,  # s; multiplied by the edit's strength
    "source_guidance": 3.5,  # of the inversion, towards the source prompt; 1: without
    "quantile": 0.9,  # lambda: the share of pixels that a concept does not touch
    "masks": "both",  # "both", "attention", "estimate" or "none"
    "concepts": "words",  # "words" (the paper's) or "prompts"
    "warmup": 0.0,  # part of the sampled steps before concepts have a say
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    concepts = _concepts(sd, edit, options)
    count = evaluations(sd)
    w = options["source_guidance"] if edit.guidance is None else edit.guidance
    way = timesteps(sd, edit.steps)[min(edit.steps - 1, round(options["skip"] * edit.steps)) :]
    total = 2 * len(way)
    emb, null = embed(sd, [edit.source]), embed(sd, [""])

    def estimate(z: Tensor, t: int) -> Tensor:
        """eps under the source prompt, with the inversion's guidance."""
        if w == 1:
            return predict(sd, z, t, emb)
        eps_null, eps = predict(sd, torch.cat([z, z]), t, torch.cat([null, emb])).chunk(2)
        return eps_null + w * (eps - eps_null)

    clean = encode(sd, edit.image)  # (1, C, h, w)
    random = torch.Generator().manual_seed(edit.seed)
    photo = [*(diffuse(sd, clean, noise(sd, clean.shape, random), t) for t, _ in way), clean]
    fresh: list[Tensor] = []  # what brings each step to the photo's own next latents
    for i, (t, t_prev) in enumerate(way):
        fresh.append(_noise_between(sd, photo[i], photo[i + 1], estimate(photo[i], t), t, t_prev))
        yield Progress(i + 1, total, "反演照片")

    z, size = photo[0], clean.shape[-1]
    region = None if edit.region is None else blend.latent_region(edit.region.to(z.device), size)
    touched = torch.zeros(1, 1, size, size, device=z.device)
    for i, (t, t_prev) in enumerate(way):
        eps = estimate(z, t)
        if i >= options["warmup"] * len(way) and concepts:
            store = AttentionStore(batch=len(concepts), pixels=blend.map_side(size) ** 2)
            with attention(sd.unet, store):
                named = predict(sd, z.expand(len(concepts), -1, -1, -1), t, torch.cat([c.emb for c in concepts]))
            bare = predict(sd, z, t, null)
            for k, concept in enumerate(concepts):
                towards = named[k : k + 1] - bare
                mask = _mask(store, k, concept.tokens, towards, options["masks"], options["quantile"])
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
    if options["masks"] not in ("both", "attention", "estimate", "none") or not 0 <= options["quantile"] < 1:
        raise EditError("这个编辑方式的选项填错了。", f"ledits: masks {options['masks']!r} {options['quantile']!r}")
    told: list[tuple[str, str, float]] = []  # prompt, the word in it, sign
    if options["concepts"] == "prompts":
        told += [(edit.target, new, 1.0) for _, new in edit.words[:1] if new] or [(edit.target, edit.target, 1.0)]
        told += [(edit.source, old, -1.0) for old, _ in edit.words[:1] if old] or [(edit.source, edit.source, -1.0)]
    elif options["concepts"] == "words":
        for old, new in edit.words:
            if old != new:
                told += ([(new, new, 1.0)] if new else []) + ([(old, old, -1.0)] if old else [])
        told = told or [(edit.target, edit.target, 1.0)]
    else:
        raise EditError("这个编辑方式的选项填错了。", f"ledits: concepts {options['concepts']!r}")
    return [_Concept(embed(sd, [prompt]), sign, positions(sd, prompt, word)) for prompt, word, sign in told]


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
