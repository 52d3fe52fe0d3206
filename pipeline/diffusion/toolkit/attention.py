"""Look into a UNet's attention and change it, for the length of a `with` block.

A control sees every attention layer as a Place and may change its queries, keys and values or its maps. It works
through diffusers' attention processors; whatever processors were there are put back afterwards.
"""

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor
from torch.nn.functional import interpolate, scaled_dot_product_attention


@dataclass(frozen=True, slots=True)
class Place:
    """One attention layer: `name` in the UNet, `way` "down", "mid" or "up", `cross`: attends to the text, not to
    pixels."""

    name: str
    way: str
    cross: bool


class Control:
    """What happens at each attention layer: nothing. Override what you need.

    Samples of a batch come as guided() lays them out: [unconditional …, conditional …].
    """

    def wants(self, place: Place, pixels: int) -> bool:
        """Whether this layer matters; where it does not, the UNet's own (faster) processor runs."""
        return True

    def qkv(self, place: Place, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (B, heads, pixels, d), keys and values (B, heads, pixels or tokens, d)."""
        return q, k, v

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        """Attention maps after softmax (B, heads, pixels, pixels or tokens)."""
        return probs


@contextmanager
def attention(unet: UNet2DConditionModel, *controls: Control) -> Generator[None]:
    """Within the block the controls see every attention layer that they want, in the order given."""
    layers = _layers(unet)
    before = {place: layer.processor for place, layer in layers.items()}
    try:
        for place, layer in layers.items():  # the UNet's own set_attn_processor walks all its modules several times
            layer.set_processor(_Processor(place, controls, before[place]))
        yield
    finally:
        for place, layer in layers.items():
            layer.set_processor(before[place])


def places(unet: UNet2DConditionModel) -> list[Place]:
    """All attention layers, from input to output."""
    order = {"down": 0, "mid": 1, "up": 2}
    return sorted(_layers(unet), key=lambda place: order[place.way])


def _layers(unet: UNet2DConditionModel) -> dict[Place, Attention]:
    """The attention layers, by place."""
    return {
        Place(name, name.split("_")[0], layer.is_cross_attention): layer
        for name, layer in unet.named_modules()
        if isinstance(layer, Attention)
    }


class _Processor:
    """softmax(q kᵀ / √d) v in the open, so that the controls can reach it."""

    def __init__(self, place: Place, controls: Sequence[Control], before: Any) -> None:
        self.place, self.controls, self.before = place, controls, before

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        pixels = hidden_states.shape[1] if hidden_states.ndim == 3 else hidden_states.shape[2:].numel()
        controls = [control for control in self.controls if control.wants(self.place, pixels)]
        if not controls or attention_mask is not None:
            # No SD 1.x / 2.x UNet masks its attention; a model that does keeps its own processor.
            return self.before(attn, hidden_states, encoder_hidden_states, attention_mask, temb)  # type: ignore[no-any-return]
        residual, x = hidden_states, hidden_states  # (B, pixels, C)
        if x.ndim == 4:  # self-attention outside transformer blocks gets pictures
            x = x.flatten(2).transpose(1, 2)
        if attn.group_norm is not None:
            x = attn.group_norm(x.transpose(1, 2)).transpose(1, 2)
        context = x if encoder_hidden_states is None else encoder_hidden_states
        if attn.norm_cross is not None and encoder_hidden_states is not None:
            context = attn.norm_encoder_hidden_states(context)
        q, k, v = (
            states.unflatten(-1, (attn.heads, -1)).transpose(1, 2)  # (B, heads, pixels or tokens, d)
            for states in (attn.to_q(x), attn.to_k(context), attn.to_v(context))
        )
        for control in controls:
            q, k, v = control.qkv(self.place, q, k, v)
        if q.is_cuda and all(type(control).maps is Control.maps for control in controls):
            x = scaled_dot_product_attention(q, k, v, scale=attn.scale)  # nobody asks for the maps, which may be large
        else:
            probs = (q @ k.transpose(-1, -2) * attn.scale).softmax(-1)
            for control in controls:
                probs = control.maps(self.place, probs)
            x = probs @ v
        x = x.transpose(1, 2).flatten(2)  # (B, pixels, heads·d)
        x = attn.to_out[1](attn.to_out[0](x))
        if residual.ndim == 4:
            x = x.transpose(1, 2).reshape(residual.shape)
        if attn.residual_connection:
            x = x + residual
        out: Tensor = x / attn.rescale_output_factor
        return out


class AttentionStore(Control):
    """Sums up the cross-attention maps of the last `batch` samples (the conditional ones) over all calls.

    `totals`: place → (batch, pixels, tokens), mean over heads. Maps with more than `pixels` pixels are not looked at.
    """

    def __init__(self, batch: int, pixels: int) -> None:
        self.batch, self.pixels = batch, pixels
        self.totals: dict[Place, Tensor] = {}

    def wants(self, place: Place, pixels: int) -> bool:
        return place.cross and pixels <= self.pixels

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        seen = probs[-self.batch :].detach().mean(1)
        self.totals[place] = self.totals[place] + seen if place in self.totals else seen
        return probs

    def sides(self) -> list[int]:
        """The resolutions there are maps of (pixels along a side), largest first."""
        return sorted({math.isqrt(total.shape[1]) for total in self.totals.values()}, reverse=True)


def token_map(
    store: AttentionStore, tokens: Sequence[int], sample: int, size: int, sides: Sequence[int] = ()
) -> Tensor:
    """Where the store's `sample` looks at these token positions: (1, 1, size, size), mean over places, sum over tokens.

    Only maps whose side is in `sides` count; none given: all there are. Not normalised.
    """
    chosen = []
    for total in store.totals.values():
        side = math.isqrt(total.shape[1])
        if not sides or side in sides:
            heat = total[sample, :, list(tokens)].sum(-1).view(1, 1, side, side)
            chosen.append(heat if side == size else interpolate(heat, size=(size, size), mode="bilinear"))
    if not chosen:
        raise ValueError(f"no cross-attention maps with a side in {tuple(sides)}; there are {store.sides()}")
    return torch.stack(chosen).mean(0)
