"""Blended latent diffusion: a thing drawn into, or away from, a place in the photo (Avrahami et al. 2023).

Section 4.1, Algorithm 1: at every step the latents inside the region are what the target prompt makes of them, those
outside are the photo's, noised to the same time, so that the two grow together. Beside it, each as an option:
- section 4.2, background reconstruction: the autoencoder's decoder, in a copy, is fitted to this one photo, so that
  what lies outside the region comes out as it went in: || D(z)·m - D_0(z)·m || + 100 || D(z)·(1-m) - x·(1-m) ||;
- section 4.3, thin regions: the region begins widened and shrinks to itself while things take shape;
- section 4.4, several pictures, of which CLIP takes the one that shows the prompt best in the region.

Where we differ, each with the faithful setting as an option: what is noised inside the region is not the photo but the
region painted over from around it (`fresh_from`); the unconditional prompt may be what shall not be there (`negative`),
which is how things are removed.
"""

import copy
from collections.abc import Generator
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d, mse_loss

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.blend import fill, latent_region
from pipeline.diffusion.toolkit.clip import crop, image_features, text_features
from pipeline.diffusion.toolkit.ddim import diffuse, step, timesteps
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, guided, noise
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "depth": 1.0,  # how far up the region is noised, as part of the steps; the paper's code: 0.75
    "fresh_from": "surroundings",  # what is noised there: the "photo" as in the paper, or its "surroundings"
    "negative": "",  # the unconditional prompt: "" as in the paper, "source" for what is in the photo, or any words
    "shrink": 0,  # latents by which the region begins wider; the paper's: only for thin regions
    "samples": 1,  # pictures of which CLIP takes one; the paper's: 24
    "reconstruct": 0,  # steps of fitting the decoder to the photo; the paper's: 75
    "reconstruct_rate": 1e-4,
    "reconstruct_weight": 100.0,  # of what lies outside the region
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError (options that do not fit). Without a region all is drawn anew."""
    options = METHOD.check(sd, edit)
    samples, fits = int(options["samples"]), int(options["reconstruct"])
    if samples < 1 or options["fresh_from"] not in ("photo", "surroundings"):
        raise EditError("这个编辑方式的选项填错了。", f"blended: {samples=} {options['fresh_from']=}")
    if samples > 1 and sd.clip is None:
        raise EditError("现在的模型缺少挑图的部件（clip），请只画一张。", "blended: samples > 1 needs clip")
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    depth = max(1, round(min(1.0, options["depth"] * edit.strength) * edit.steps))
    negative = edit.source if options["negative"] == "source" else options["negative"]
    emb, null = embed(sd, [edit.target]).expand(samples, -1, -1), embed(sd, [negative])
    photo = edit.latents(sd)  # (1, C, h, w)
    size = photo.shape[-1]
    region = photo.new_ones(1, 1, size, size) if edit.region is None else latent_region(edit.region.to(sd.device), size)

    random = torch.Generator().manual_seed(edit.seed)
    base = fill(photo, region) if options["fresh_from"] == "surroundings" and edit.region is not None else photo
    way = timesteps(sd, edit.steps)[-depth:]
    z = diffuse(sd, base, noise(sd, (samples, *photo.shape[1:]), random), way[0][0])  # (samples, C, h, w)
    total = depth + fits
    for i, (t, t_prev) in enumerate(way):
        z = step(sd, z, guided(sd, z, t, emb, null, w), t, t_prev)
        # The way ends a little above z_0 (alphas_cumprod[0] < 1); the photo itself has no noise there.
        kept = photo if t_prev < 0 else diffuse(sd, photo, noise(sd, z.shape, random), t_prev)
        z = torch.lerp(kept.expand_as(z), z, _widened(region, round(options["shrink"] * (1 - (i + 1) / depth))))
        yield Progress(i + 1, total, "改图")

    allowed = torch.ones_like(edit.image[:, :1]) if edit.region is None else edit.region.to(sd.device)
    drawn = decode(sd, z)
    best = _best(sd, drawn, edit, allowed) if samples > 1 else 0
    image, z = drawn[[best]], z[[best]]
    if fits:
        vae = copy.deepcopy(sd.vae).requires_grad_(False)
        wanted = torch.where(allowed > 0.5, image, edit.image.to(sd.device))
        weight = torch.where(allowed > 0.5, 1.0, float(options["reconstruct_weight"]))
        work = _fit(vae, z, wanted, weight, options["reconstruct_rate"], fits)
        for i in range(fits):
            next(work)
            yield Progress(depth + i + 1, total, "还原背景")
        image = _decoded(vae, z).clamp(-1, 1)
    mask = None if edit.region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    facts = {"unet_forward": count.forward, "unet_backward": count.backward, "sample": best}
    return Edited(image, mask, None, facts)


def _widened(region: Tensor, by: int) -> Tensor:
    """A region (1, 1, h, w) grown by so many latents on every side."""
    return max_pool2d(region, 2 * by + 1, stride=1, padding=by) if by else region


def _best(sd: StableDiffusion, images: Tensor, edit: Edit, allowed: Tensor) -> int:
    """Which of the pictures shows in the region best what the target prompt says more than the source prompt."""
    assert sd.clip is not None
    ys, xs = (torch.nonzero((allowed[0, 0] > 0.5).any(axis)).flatten().tolist() for axis in (1, 0))
    box = (xs[0], ys[0], xs[-1] + 1, ys[-1] + 1) if xs and ys else (0, 0, images.shape[-1], images.shape[-2])
    direction = text_features(sd.clip, [edit.target]) - text_features(sd.clip, [edit.source])
    return int((image_features(sd.clip, crop(images, box)) @ direction[0]).argmax())


def _fit(
    vae: AutoencoderKL, z: Tensor, wanted: Tensor, weight: Tensor, rate: float, steps: int
) -> Generator[None, None, None]:
    """Moves the decoder of `vae` until it draws `wanted` from z, one step at a time."""
    parameters = [*vae.decoder.parameters()]
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimizer = torch.optim.Adam(parameters, lr=rate)
    for _ in range(steps):
        with torch.enable_grad():
            loss = mse_loss(_decoded(vae, z) * weight.sqrt(), wanted * weight.sqrt())
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        yield


def _decoded(vae: AutoencoderKL, z: Tensor) -> Tensor:
    """decode() with another autoencoder, not clamped."""
    image: Tensor = vae.decode(z / vae.config.scaling_factor + (vae.config.shift_factor or 0.0)).sample
    return image


METHOD = Method(
    name="blended",
    title="局部混合重画",
    operations=("replace", "recolor", "modify", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
