"""Imagic: embedding, weights, interpolation (Kawar et al. 2023).

(A) The target prompt's embedding is moved to the photo, e_tgt → e_opt, on the diffusion loss (eq. 2); (B) the model's
weights are tuned on the same loss at e_opt, until e_opt draws the photo; (C) the edit is drawn with those weights under
e = eta e_tgt + (1 - eta) e_opt (eq. 3).

The defaults are the paper's for Stable Diffusion: (A) 1000 steps at 2e-3, (B) 1500 steps at 5e-7 of all weights, 50 DDIM
steps; only eta is not: the paper leaves it to the user (.6 to .8 for most edits) and asks, as future work, for a way to
choose it. With `eta` None each of `etas` is drawn, gently to strongly, and the model's CLIP decides (see _choose).
Without a CLIP it is FIXED. Where we may differ otherwise, by option:
- `tune` "lora": low-rank layers (FastEdit, Chen et al. 2024) at a rate of their own, instead of all weights;
- `start` and `depth` begin at the photo with noise instead of at noise alone; a region keeps everything outside;
- `velocity` weighs high noise as much as low noise (see fit.py).
"""

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor

from pipeline.methods.contract import Edit, Edited, EditError, Method
from pipeline.toolkit.clip import Clip, image_features, text_features
from pipeline.toolkit.ddim import step
from pipeline.toolkit.fit import fit, remember
from pipeline.toolkit.model import StableDiffusion, decode, embed, evaluations, guided
from pipeline.toolkit.progress import Progress, part
from pipeline.toolkit.start import STARTS, Start, start, walked
from pipeline.toolkit.tune import tuned

FIXED = 0.7
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
    "etas": (0.2, 0.4, 0.6, 0.8, 1.0),  # what it is chosen from
    "fidelity": 1.0,  # how much likeness to the photo counts beside the edit where eta is chosen
    "start": "noise",  # see toolkit/start.py
    "depth": 0.8,  # how far up, where the start is not noise; multiplied by the edit's strength
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    if options["start"] not in STARTS or options["tune"] not in ("full", "lora") or options["fit_steps"] < 1:
        raise EditError("这个编辑方式的选项填错了。", f"imagic: {options['start']=} {options['tune']=}")
    etas = [options["eta"]] if options["eta"] is not None else sorted(options["etas"]) if sd.clip else [FIXED]
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    depth = 1.0 if options["start"] == "noise" else min(1.0, options["depth"] * edit.strength)
    sampled = max(1, round(depth * edit.steps))
    walk = walked(options["start"], edit.steps)
    before = walk + options["fit_steps"] + options["tune_steps"]
    total = before + sampled * len(etas)

    beginning = start(
        sd, edit.image, options["start"], steps=edit.steps, depth=depth, seed=edit.seed, region=edit.region,
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
    with tuned(sd.unet, options["tune"], **how) as weights:
        if options["tune_steps"]:
            work = fit(
                sd, weights.parameters, photo, lambda which: e_opt.expand(len(which), -1, -1),
                steps=options["tune_steps"], rate=options["tune_rate"], seed=edit.seed + 1, stage="记住照片", **shared,
            )  # fmt: skip
            losses = yield from part(work, walk + options["fit_steps"], total)
        pictures = []
        for k, eta in enumerate(etas):
            mixed = torch.lerp(e_opt, target, min(1.0, eta * edit.strength))
            drawing = _draw(sd, begun, mixed, null, w)
            pictures.append((yield from part(drawing, before + k * sampled, total)))
    chosen = _choose(sd.clip, edit, pictures, options["fidelity"]) if sd.clip and len(etas) > 1 else 0
    facts = {
        "eta": etas[chosen],
        "loss": round(losses[-1], 5),
        "unet_forward": count.forward,
        "unet_backward": count.backward,
    }
    return Edited(pictures[chosen], begun.mask(edit.image.shape[-1]), None, facts)


@torch.no_grad()
def _draw(sd: StableDiffusion, begun: Start, emb: Tensor, null: Tensor, w: float) -> Generator[Progress, None, Tensor]:
    """Sample under one embedding; returns the picture (1, 3, S, S)."""
    z = begun.z
    for i, (t, t_prev) in enumerate(begun.way):
        z = begun.keep(i, step(sd, z, guided(sd, z, t, emb, null, w), t, t_prev))
        yield Progress(i + 1, len(begun.way), "改图")
    return decode(sd, z)


def _choose(clip: Clip, edit: Edit, pictures: list[Tensor], fidelity: float) -> int:
    """Which picture is edited enough and still most like the photo.

    The edit is how far CLIP has gone from the source prompt to the target prompt: the share that it would give to the
    target of the two. Likeness is the cosine of the picture and the photo, from the least to the most among these.
    """
    views = image_features(clip, torch.cat([*pictures, edit.image]))
    source, target = text_features(clip, [edit.source, edit.target])
    logits = clip.model.logit_scale.exp() * (views[:-1] @ (target - source))
    like = views[:-1] @ views[-1]
    like = (like - like.min()) / (like.max() - like.min()).clamp(min=1e-6)
    return int((logits.sigmoid() + fidelity * like).argmax())


METHOD = Method(
    name="imagic",
    title="Imagic",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
