"""Dual diffusion implicit bridges: up the ODE of one domain, down the ODE of another (Su et al. 2023, Algorithm 1).

The paper has a model for each domain; here both are one model, told two prompts: the photo is encoded with the source
prompt and decoded with the target prompt. With guidance 1 the way back is the way there, so an order that changes
nothing changes nothing (the paper's cycle consistency). With the model's own guidance on the way down this is plain
"DDIM inversion and a new prompt", against which other methods are measured.

Where we differ, each with the faithful setting as an option: the way down is guided; `depth` turns back before the
noisy end, so that more of the photo is left; `region` confines the change to a part of the picture.
"""

from collections.abc import Generator
from typing import Any

import torch
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, Method
from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import step, timesteps
from pipeline.diffusion.toolkit.inversion import ahead, obtain
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "guided": True,  # whether the way down has classifier-free guidance; the paper's: False
    "depth": 1.0,  # how far up it reaches, as part of the steps; multiplied by the edit's strength; the paper's: 1
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    depth = max(1, round(min(1.0, options["depth"] * edit.strength) * edit.steps))
    before = ahead(edit.inversion, edit.steps)
    inversion = yield from obtain(
        sd, edit.inversion, edit.latents(sd), edit.source, steps=edit.steps, guidance=w, after=depth
    )
    emb, z = embed(sd, [edit.target]), inversion.latents[depth]
    region = None if edit.region is None else latent_region(edit.region.to(z.device), z.shape[-1])
    for i, (t, t_prev) in list(enumerate(timesteps(sd, edit.steps)))[-depth:]:
        z = step(sd, z, guided(sd, z, t, emb, inversion.null(i), w if options["guided"] else 1.0), t, t_prev)
        if region is not None:
            z = torch.lerp(inversion.latents[edit.steps - 1 - i], z, region)
        yield Progress(before + depth - edit.steps + i + 1, before + depth, "改图")
    mask = None if region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    facts = {"inversion": inversion.kind, "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, inversion, facts)


METHOD = Method(
    name="ddib",
    title="双向扩散桥",
    operations=("replace", "recolor", "modify", "restyle"),
    needs=(),
    options=OPTIONS,
    run=run,
    inverts=True,
)
