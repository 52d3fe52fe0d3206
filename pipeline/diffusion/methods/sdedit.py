"""SDEdit: noise the photo, then denoise it with another prompt (Meng et al. 2022, Algorithms 1 and 3).

The more noise, the freer the edit and the less is left of the photo. With a region, the rest of the picture is the
photo's own latents at the same noise, after every step (the paper's mask).

The default depth .8 is that of diffusers' img2img; the paper's setting is depth .5, eta 1, repeats 3.
"""

from collections.abc import Generator
from typing import Any

import torch
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.blend import latent_region
from pipeline.diffusion.toolkit.ddim import diffuse, step, timesteps
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided, noise
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "depth": 0.8,  # how far up the photo is noised, as part of the steps; multiplied by the edit's strength
    "eta": 0.0,  # 0: deterministic (DDIM), 1: fresh noise at each step, as the paper's SDE has
    "repeats": 1,  # how many times it is noised and denoised again
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    if options["repeats"] < 1:
        raise EditError("重复次数至少是 1。", f"sdedit: repeats={options['repeats']}")
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    depth = max(1, round(min(1.0, options["depth"] * edit.strength) * edit.steps))
    way = timesteps(sd, edit.steps)[-depth:]
    emb, null = embed(sd, [edit.target]), embed(sd, [""])
    photo = z = edit.latents(sd)  # (1, C, h, w)
    region = None if edit.region is None else latent_region(edit.region.to(z.device), z.shape[-1])
    total = depth * options["repeats"]
    random = torch.Generator().manual_seed(edit.seed)
    for done in range(total):
        t, t_prev = way[done % depth]
        if done % depth == 0:
            start = noise(sd, z.shape, random)
            z = diffuse(sd, z, start, t)
        fresh = noise(sd, z.shape, random) if options["eta"] else None
        z = step(sd, z, guided(sd, z, t, emb, null, w), t, t_prev, options["eta"], fresh)
        if region is not None:
            # The way ends a little above z_0 (alphas_cumprod[0] < 1); the photo itself has no noise there.
            kept = photo if t_prev < 0 else diffuse(sd, photo, start, t_prev)
            z = torch.lerp(kept, z, region)
        yield Progress(done + 1, total, "改图")
    mask = None if region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    facts = {"unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, None, facts)


METHOD = Method(
    name="sdedit",
    title="加噪再画",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
