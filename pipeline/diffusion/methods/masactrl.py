"""MasaCtrl: the edited picture asks the photo what things look like (Cao et al. 2023).

Source and target are sampled side by side. From step S and self-attention layer L on (section 4.1), the
target's queries meet the source's keys and values: layout and pose come from the target prompt, looks from the photo.
So it is for changes of shape, where methods that hold the maps fail. With `masked` (section 4.2)
pixels of the thing ask the thing only, and the rest the rest, told apart by the cross-attention of its words.

Where we differ, each with the faithful setting as an option: the inversion knows what is in the photo (`describe`); the
source needs no unconditional sample, since it is put back onto its path; `region` confines the change.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, Method
from pipeline.diffusion.toolkit.align import changed
from pipeline.diffusion.toolkit.attention import AttentionStore, Control, Place, attention, places, token_map
from pipeline.diffusion.toolkit.blend import latent_region, map_side
from pipeline.diffusion.toolkit.ddim import step, timesteps
from pipeline.diffusion.toolkit.inversion import Inversion, ahead, obtain
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, predict
from pipeline.engine import Progress

OPTIONS: dict[str, Any] = {
    "from_step": 0.08,  # S, as part of the steps: the paper's 4 of 50
    "from_layer": 0.625,  # L, as part of the self-attention layers from input to output: the paper's 10 of 16
    "masked": False,  # whether things and what is around them are kept apart
    "threshold": 0.1,  # of the masks, in parts of the maps' range
    "describe": True,  # whether the inversion knows the source prompt; the paper's, for photos: False
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError. A stronger edit begins to ask later."""
    options = METHOD.check(sd, edit)
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    prompt = edit.source if options["describe"] else ""
    given = edit.inversion
    if isinstance(given, Inversion) and given.prompt != prompt:  # made for a method that describes
        given = None
    before = ahead(given, edit.steps)
    inversion = yield from obtain(sd, given, edit.latents(sd), prompt, steps=edit.steps, guidance=w, after=edit.steps)
    emb = embed(sd, [prompt, edit.target])  # source, target
    z = inversion.start
    size = z.shape[-1]
    region = None if edit.region is None else latent_region(edit.region.to(z.device), size)
    attended = [place.name for place in places(sd.unet) if not place.cross]
    layers = frozenset(attended[round(options["from_layer"] * len(attended)) :])
    begin = round(min(1.0, options["from_step"] * edit.strength) * edit.steps)
    store = AttentionStore(batch=2, pixels=map_side(size) ** 2)
    # with an empty source prompt nothing is said of the thing, so nothing can be told apart
    words_at = changed(sd, prompt, edit.target, edit.words) if options["masked"] and options["describe"] else ([], [])
    for i, (t, t_prev) in enumerate(timesteps(sd, edit.steps)):
        masks = _masks(store, words_at, options["threshold"]) if store.totals and all(words_at) else None
        controls: list[Control] = [_Mutual(layers, masks)] if i >= begin else []
        with attention(sd.unet, *controls, *([store] if all(words_at) else [])):
            photo = inversion.latents[edit.steps - i]
            null, embs = inversion.null(i), emb.split(1)
            eps_null, _, eps = predict(sd, torch.cat([z, photo, z]), t, torch.cat([null, *embs])).chunk(3)
        z = step(sd, z, eps_null + w * (eps - eps_null), t, t_prev)
        if region is not None:
            z = torch.lerp(inversion.latents[edit.steps - 1 - i], z, region)
        yield Progress(before + i + 1, before + edit.steps, "改图")
    mask = None if region is None else interpolate(region, size=edit.image.shape[-2:], mode="bilinear")
    facts = {"inversion": inversion.kind, "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), mask, inversion if prompt == edit.source else None, facts)


@dataclass(frozen=True, slots=True)
class _Mutual(Control):
    """The target's samples (first and last of three) ask the source's keys and values; `masks`: where the thing is in
    source and target, (1, 1, side, side) of 0 and 1 each."""

    layers: frozenset[str]
    masks: tuple[Tensor, Tensor] | None

    def wants(self, place: Place, pixels: int) -> bool:
        return place.name in self.layers

    def qkv(self, place: Place, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return q, k[1:2].expand_as(k), v[1:2].expand_as(v)

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        if self.masks is None:
            return probs
        side = math.isqrt(probs.shape[-1])
        source, target = (interpolate(mask, size=(side, side)).flatten() for mask in self.masks)  # (pixels,)
        allowed = (target[:, None] == source[None]).to(probs)  # thing asks thing, rest asks rest
        kept = probs * allowed
        total = kept.sum(-1, keepdim=True)
        kept = torch.where(total > 1e-6, kept / total.clamp(min=1e-6), probs)
        return torch.cat([kept[:1], probs[1:2], kept[2:]])


def _masks(store: AttentionStore, words_at: tuple[list[int], list[int]], threshold: float) -> tuple[Tensor, Tensor]:
    """Where the thing's words are looked at, in source and target."""
    side = store.sides()[0]
    heats = [token_map(store, tokens, sample, side) for sample, tokens in enumerate(words_at)]
    levels = [(heat - heat.min()) / (heat.max() - heat.min()).clamp(min=1e-12) for heat in heats]
    return (levels[0] > threshold).float(), (levels[1] > threshold).float()


METHOD = Method(
    name="masactrl",
    title="互相注意",
    operations=("replace", "modify", "restyle"),
    needs=(),
    options=OPTIONS,
    run=run,
    inverts=True,
)
