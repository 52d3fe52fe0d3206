"""HiPer: a photo's identity in the last few tokens of a prompt (Han et al. 2023, "Highly Personalized Text Embedding").

The embedding of the source prompt is split, e_src = [e'_src, e_hper] (eq. 4); the last N tokens, which say nothing, are
learnt on the photo's diffusion loss while the rest stays (eq. 5). The edit is drawn from noise under
[e'_tgt, alpha e_hper] (eq. 7) with alpha = 0.8. No weight of the model moves.

The defaults are the paper's code: N 5, 1000 steps of Adam at 5e-3, one sample a step. Where we may differ, by option:
- `start` and `depth` begin at the photo with noise instead of at noise alone, which keeps its layout; a region keeps
  everything outside;
- `velocity` weighs high noise, where it is decided what stands in a picture, as much as low noise (see optimize.py).
"""

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.ddim import step
from pipeline.diffusion.toolkit.init_latents import STARTS, start, walked
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided, token_ids
from pipeline.diffusion.toolkit.optimize import fit, remember
from pipeline.engine import Progress, part

OPTIONS: dict[str, Any] = {
    "tokens": 5,  # N; fewer where prompts leave less room
    "scale": 0.8,  # alpha: less leaves the target prompt more to say; divided by the edit's strength
    "fit_steps": 1000,
    "rate": 5e-3,
    "batch": 1,
    "velocity": False,
    "start": "noise",  # see toolkit/init_latents.py
    "depth": 0.8,  # how far up, where the start is not noise; multiplied by the edit's strength
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    room = sd.tokens - 2 - max(len(token_ids(sd, prompt)) for prompt in (edit.source, edit.target))
    if room < 1:
        raise EditError("描述太长了，没有地方记住照片。请换一种更短的说法。", f"hiper: prompts fill {sd.tokens} tokens")
    n = min(int(options["tokens"]), room)  # no word is taken away for what is learnt
    if n < 1 or options["fit_steps"] < 1 or options["start"] not in STARTS:
        raise EditError("这个编辑方式的选项填错了。", f"hiper: {n} of {sd.tokens} tokens, start {options['start']!r}")
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    depth = 1.0 if options["start"] == "noise" else min(1.0, options["depth"] * edit.strength)
    before = walked(options["start"], edit.steps)
    total = before + options["fit_steps"] + max(1, round(depth * edit.steps))

    beginning = start(
        sd, edit.latents(sd), options["start"], steps=edit.steps, depth=depth, seed=edit.seed, region=edit.region,
        prompt=edit.source,
    )  # fmt: skip
    begun = yield from part(beginning, 0, total)
    source, target, null = embed(sd, [edit.source, edit.target, ""]).split(1)  # (1, T, D) each
    hyper = source[:, -n:].clone().requires_grad_()

    def condition(which: Tensor) -> Tensor:
        return torch.cat([source[:, :-n], hyper], dim=1).expand(len(which), -1, -1)

    work = fit(
        sd, [hyper], remember(sd, edit.image), condition, steps=options["fit_steps"], rate=options["rate"], batch=options["batch"],
        seed=edit.seed, velocity=options["velocity"], stage="记住照片",
    )  # fmt: skip
    losses = yield from part(work, before, total)
    scale = min(1.0, options["scale"] / edit.strength) if edit.strength else 1.0
    composed = torch.cat([target[:, :-n], scale * hyper.detach()], dim=1)

    z = begun.z
    for i, (t, t_prev) in enumerate(begun.way):
        z = begun.keep(i, step(sd, z, guided(sd, z, t, composed, null, w), t, t_prev))
        yield Progress(total - len(begun.way) + i + 1, total, "改图")
    facts = {"loss": round(losses[-1], 5), "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), begun.mask(edit.image.shape[-1]), None, facts)


METHOD = Method(
    name="hiper",
    title="高度个性化嵌入",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
