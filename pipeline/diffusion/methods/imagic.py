"""Imagic: embedding, weights, interpolation (Kawar et al. 2023).

(A) The target prompt's embedding is moved to the photo, e_tgt → e_opt, on the diffusion loss (eq. 2); (B) the model's
weights are tuned on the same loss at e_opt, until e_opt draws the photo; (C) the edit is drawn with those weights under
e = eta e_tgt + (1 - eta) e_opt (eq. 3).

The defaults are the paper's for Stable Diffusion: (A) 1000 steps at 2e-3, (B) 1500 steps at 5e-7 of all weights, 50 DDIM
steps; only eta is not: the paper leaves it to the user (.6 to .8 for most edits) and asks, as future work, for a way to
choose it for each edit. Along eta a picture hardly changes until it changes within a short stretch, somewhere else for
each edit. With `eta` None that place is found by bisection: the gentlest eta at which the model's CLIP takes the picture
for the target (rather than the source) nearly as surely as at the strongest, and a little above it. Without a CLIP, or with
a pseudo-word in the prompts, which CLIP cannot know, it is FIXED.
Where we may differ otherwise, by option:
- `tune` "lora": low-rank layers (FastEdit, Chen et al. 2024) at a rate of their own, instead of all weights;
- `start` and `depth` begin at the photo with noise instead of at noise alone; a region keeps everything outside;
- `velocity` weighs high noise as much as low noise (see optimize.py).
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.clip import Clip, image_features, text_features
from pipeline.diffusion.toolkit.ddim import step
from pipeline.diffusion.toolkit.init_latents import STARTS, Start, start, walked
from pipeline.diffusion.toolkit.lora import tuned
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided
from pipeline.diffusion.toolkit.optimize import fit, remember
from pipeline.engine import Progress, part

FIXED = 0.8  # the paper: .6 to .8; on the miniature .8 succeeds in 8 of 8 edits, .6 in 3
OPTIONS: dict[str, Any] = {
    "fit_steps": 1000,  # (A)
    "rate": 2e-3,
    "tune": "full",  # (B): "full" or "lora"
    "tune_steps": 1500,
    "tune_rate": 5e-7,
    "rank": 8,  # of LoRA
    "everywhere": False,  # LoRA beside all layers, not only the attention's
    "batch": 1,
    "velocity": False,
    "eta": None,  # (C): 0 is the photo, 1 the prompt; multiplied by the edit's strength; None: chosen
    "tries": 4,  # pictures drawn to find it: the strongest, one for each halving, and half a halving back
    "enough": 0.9,  # how sure CLIP must be, in parts of how sure it is of the strongest
    "start": "noise",  # see toolkit/init_latents.py
    "depth": 0.8,  # how far up, where the start is not noise; multiplied by the edit's strength
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    if options["start"] not in STARTS or options["tune"] not in ("full", "lora") or options["fit_steps"] < 1:
        raise EditError("这个编辑方式的选项填错了。", f"imagic: {options['start']=} {options['tune']=}")
    strange = sd.clip is None or any(word in f"{edit.source} {edit.target}" for word in sd.worn)
    fixed = FIXED if options["eta"] is None and strange else options["eta"]
    tries = 0 if fixed is not None else max(1, int(options["tries"]))
    drawn = tries + (fixed is not None or edit.strength != 1)
    count = evaluations(sd)
    with ExitStack() as stack:
        learnt = yield from learn(sd, edit, options, stack, drawn)

        def draw(eta: float, k: int) -> Generator[Progress, None, Tensor]:
            sampled = len(learnt.begun.way)
            return part(learnt.draw(sd, [eta]), learnt.steps + k * sampled, learnt.steps + drawn * sampled)

        eta = fixed
        if sd.clip is not None and eta is None:
            eta, picture = yield from search(sd.clip, edit, draw, tries, options["enough"])
        if drawn > tries:
            eta = min(1.0, eta * edit.strength)
            picture = yield from draw(eta, tries)
    facts = {
        "eta": round(eta, 3),
        "loss": round(learnt.losses[-1], 5),
        "unet_forward": count.forward,
        "unet_backward": count.backward,
    }
    return Edited(picture, learnt.begun.mask(edit.image.shape[-1]), None, facts)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A photo learnt: e_tgt, e_opt and the empty prompt's embedding, (1, T, D) each, where sampling begins, and how many
    `steps` of progress there were. The weights that go with it are worn by the model."""

    target: Tensor
    optimised: Tensor
    null: Tensor
    begun: Start
    guidance: float
    steps: int
    losses: list[float]

    @torch.no_grad()
    def draw(self, sd: StableDiffusion, etas: Sequence[float]) -> Generator[Progress, None, Tensor]:
        """(C): a picture for each eta, side by side, (len(etas), 3, S, S)."""
        emb = torch.cat([torch.lerp(self.optimised, self.target, eta) for eta in etas])
        z = self.begun.z.expand(len(etas), -1, -1, -1)
        for i, (t, t_prev) in enumerate(self.begun.way):
            z = self.begun.keep(i, step(sd, z, guided(sd, z, t, emb, self.null, self.guidance), t, t_prev))
            yield Progress(i + 1, len(self.begun.way), "改图")
        return decode(sd, z)


@torch.no_grad()
def learn(
    sd: StableDiffusion, edit: Edit, options: Mapping[str, Any], stack: ExitStack, drawn: int
) -> Generator[Progress, None, Learnt]:
    """(A) and (B). The model wears the tuned weights until `stack` is left; `drawn` pictures will follow."""
    depth = 1.0 if options["start"] == "noise" else min(1.0, options["depth"] * edit.strength)
    walk = walked(options["start"], edit.steps)
    before = walk + options["fit_steps"] + options["tune_steps"]
    total = before + max(1, round(depth * edit.steps)) * drawn
    beginning = start(
        sd, edit.latents(sd), options["start"], steps=edit.steps, depth=depth, seed=edit.seed, region=edit.region,
        prompt=edit.source,
    )  # fmt: skip
    begun = yield from part(beginning, 0, total)
    target, null = embed(sd, [edit.target, ""]).split(1)  # (1, T, D)
    optimised = target.clone().requires_grad_()
    photo, shared = remember(sd, edit.image), {"batch": options["batch"], "velocity": options["velocity"]}
    work = fit(
        sd, [optimised], photo, lambda which: optimised.expand(len(which), -1, -1), steps=options["fit_steps"],
        rate=options["rate"], seed=edit.seed, stage="理解照片", **shared,
    )  # fmt: skip
    losses = yield from part(work, walk, total)
    e_opt = optimised.detach()
    how = {"rank": options["rank"], "everywhere": options["everywhere"], "seed": edit.seed}
    weights = stack.enter_context(tuned(sd.unet, options["tune"], **how))
    if options["tune_steps"]:
        work = fit(
            sd, weights.parameters, photo, lambda which: e_opt.expand(len(which), -1, -1),
            steps=options["tune_steps"], rate=options["tune_rate"], seed=edit.seed + 1, stage="记住照片", **shared,
        )  # fmt: skip
        losses = yield from part(work, walk + options["fit_steps"], total)
    w = sd.guidance if edit.guidance is None else edit.guidance
    return Learnt(target, e_opt, null, begun, w, before, losses)


def search(
    clip: Clip, edit: Edit, draw: Callable[[float, int], Generator[Progress, None, Tensor]], tries: int, enough: float
) -> Generator[Progress, None, tuple[float, Tensor]]:
    """The eta to take, and its picture. The strongest is drawn first, then one for each halving towards the gentlest that is
    enough. CLIP is content a little too soon, so the last try goes half a halving back up."""
    low, eta = 0.0, 1.0
    picture = yield from draw(eta, 0)
    surest = _sure(clip, edit, picture)
    for k in range(1, tries):
        if k == tries - 1 and eta < 1:
            eta += (eta - low) / 2
            return eta, (yield from draw(eta, k))
        middle = (low + eta) / 2
        made = yield from draw(middle, k)
        if _sure(clip, edit, made) >= enough * surest:
            eta, picture = middle, made
        else:
            low = middle
    return eta, picture


def _sure(clip: Clip, edit: Edit, picture: Tensor) -> float:
    """How likely CLIP finds it that a picture shows the target, if it shows either source or target."""
    source, target = text_features(clip, [edit.source, edit.target])
    difference = image_features(clip, picture)[0] @ (target - source)
    return float((clip.model.logit_scale.exp() * difference).sigmoid())


METHOD = Method(
    name="imagic",
    title="Imagic",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
