"""Where in the picture an edit may happen: LocalBlend masks from attention, and regions given from outside."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, interpolate, max_pool2d

from pipeline.diffusion.toolkit.attention import AttentionStore, token_map


def map_side(latent_side: int) -> int:
    """The largest attention map used for masks, in pixels along a side: a quarter of the latents as in Stable Diffusion
    (16 of 64), but not less than 16, below which a map is too coarse to show a shape."""
    return max(16, latent_side // 4)


def local_mask(
    store: AttentionStore,
    tokens: Sequence[Sequence[int]],
    size: int,
    threshold: float = 0.3,
    sides: Sequence[int] = (),
    *,
    pooled: bool = True,
    smooth: bool = True,
) -> Tensor:
    """LocalBlend's mask (Hertz et al. 2022, section 3): 1 where any sample looks at its tokens, (1, 1, size, size).

    `tokens[b]` are the token positions for sample b of the store (none: this sample has no say). Each map is widened by
    a 3x3 maximum, brought to `size`, divided by its maximum, cut at `threshold`; then the masks are united. `sides`:
    which resolutions to gather; none given: the finest that the store has. The authors' code does not widen maps of words
    that show where not to edit (`pooled`), and enlarges all by the nearest value (not `smooth`).
    """
    sides = tuple(sides) or (store.sides()[0],)
    mask = torch.zeros(1, 1, size, size, device=next(iter(store.totals.values())).device)
    for sample, where in enumerate(tokens):
        if where:
            heat = token_map(store, where, sample, max(sides), sides)
            heat = max_pool2d(heat, 3, stride=1, padding=1) if pooled else heat
            heat = interpolate(heat, size=(size, size), mode="bilinear" if smooth else "nearest")
            mask = torch.maximum(mask, (heat > threshold * heat.max()).to(mask))
    return mask


def latent_region(region: Tensor, size: int) -> Tensor:
    """A region in pixels (1, 1, S, S) → (1, 1, size, size): for each latent, how much of it the region covers."""
    return adaptive_avg_pool2d(region.float(), size)


def latent_shape(shape: Tensor, size: int) -> Tensor:
    """A thing's shape in pixels (1, 1, S, S) → (1, 1, size, size): 1 for every latent that it covers in good part and for its
    neighbours, since a thing has a soft rim and latents know more than their own pixels."""
    return max_pool2d((latent_region(shape, size) > 0.25).to(shape), 3, stride=1, padding=1)


def fill(z: Tensor, region: Tensor) -> Tensor:
    """Latents (1, C, h, w) whose `region` (1, 1, h, w) is painted over smoothly from its surroundings.

    Averages of the known latents at coarser and coarser scales fill what the finer ones leave open (push-pull)."""
    known = (region < 0.5).to(z)
    if not known.any():
        return torch.zeros_like(z)
    levels = [(z * known, known)]
    while levels[-1][0].shape[-1] > 1:
        value, weight = levels[-1]
        value, weight = (avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False) for x in (value, weight))
        levels.append((value / weight.clamp(min=1e-6), weight.clamp(max=1).ceil()))
        levels[-1] = (levels[-1][0] * levels[-1][1], levels[-1][1])
    filled = levels[-1][0]
    for value, weight in reversed(levels[:-1]):
        filled = interpolate(filled, size=value.shape[-2:], mode="bilinear")
        filled = value + (1 - weight) * filled
    return filled
