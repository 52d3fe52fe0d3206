"""Where sampling starts from, and what the photo itself is at every step beside it, to be kept outside a region.

noise         pure noise: only prompt and weights know of the photo
surroundings  the photo, its region painted over from around it, with noise up to the depth
photo         the photo with noise up to the depth (Meng et al. 2022)
inversion     the photo's own DDIM path as the model inverts (see inversion.py), left at the depth
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.diffusion.toolkit import blend
from pipeline.diffusion.toolkit.ddim import diffuse, timesteps
from pipeline.diffusion.toolkit.inversion import looks_again, path
from pipeline.diffusion.toolkit.model import StableDiffusion, noise
from pipeline.engine import Progress

STARTS = ("noise", "surroundings", "photo", "inversion")


@dataclass(frozen=True, slots=True)
class Start:
    """`z` (1, C, h, w) to sample from down `way`; `photo[i]` is the photo before step i, the last one without noise;
    `region` (1, 1, h, w), or None for everywhere."""

    z: Tensor
    way: list[tuple[int, int]]
    photo: tuple[Tensor, ...]
    region: Tensor | None

    def keep(self, i: int, z: Tensor) -> Tensor:
        """`z` after step i, with the photo outside the region."""
        return z if self.region is None else torch.lerp(self.photo[i + 1], z, self.region)

    def mask(self, side: int) -> Tensor | None:
        """The region as a picture's mask (1, 1, side, side)."""
        return None if self.region is None else interpolate(self.region, size=(side, side), mode="bilinear")


def walked(kind: str, steps: int) -> int:
    """How many steps of progress start() has."""
    return steps if kind == "inversion" else 0


@torch.no_grad()
def start(
    sd: StableDiffusion,
    z0: Tensor,
    kind: str = "noise",
    *,
    steps: int,
    depth: float = 1.0,
    seed: int = 0,
    region: Tensor | None = None,
    prompt: str = "",
) -> Generator[Progress, None, Start]:
    """Begin `depth` of the way up (a part of the steps). `region` (1, 1, S, S) in pixels; `prompt` is what an inversion
    takes the photo, z_0 (1, C, h, w), for. Raises ValueError for a kind that is not in STARTS."""
    if kind not in STARTS:
        raise ValueError(f"{kind!r} is none of {', '.join(STARTS)}")
    below = max(1, round(min(1.0, depth) * steps)) if kind != "noise" else steps
    way = timesteps(sd, steps)[-below:]
    inside = None if region is None else blend.latent_region(region.to(z0.device), z0.shape[-1])
    if kind == "inversion":
        latents = yield from path(sd, z0, prompt, steps, looks_again(sd))
        photo = (*latents[below:0:-1], z0)
        return Start(photo[0], way, photo, inside)
    fresh = noise(sd, z0.shape, seed)
    photo = (*(diffuse(sd, z0, fresh, t) for t, _ in way), z0)
    if kind == "noise":
        z = fresh if inside is None else torch.lerp(photo[0], fresh, inside)
    elif kind == "surroundings" and inside is not None:
        z = torch.lerp(photo[0], diffuse(sd, blend.fill(z0, inside), fresh, way[0][0]), inside)
    else:
        z = photo[0]
    return Start(z, way, photo, inside)
