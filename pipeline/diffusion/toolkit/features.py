"""Look into the residual features of a UNet's decoder and change them, for the length of a `with` block."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from diffusers import UNet2DConditionModel
from torch import Tensor

Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the way up: a residual block and the self-attention behind it ("" where there is none), by their
    names in the UNet. `depth`: where its middle lies between bottom (0) and output (1), in layers."""

    residual: str
    attention: str
    depth: float


def decoder(unet: UNet2DConditionModel) -> list[Layer]:
    """The layers of the way up, coarsest first: twelve in Stable Diffusion, numbered 0 to 11 as in Plug-and-Play.

    A transformer of several blocks counts with its first.
    """
    found = []
    for i, block in enumerate(unet.up_blocks):
        for j in range(len(block.resnets)):
            attention = f"up_blocks.{i}.attentions.{j}.transformer_blocks.0.attn1" if _attends(block) else ""
            found.append((f"up_blocks.{i}.resnets.{j}", attention))
    return [Layer(*names, (k + 0.5) / len(found)) for k, names in enumerate(found)]


@contextmanager
def residuals(unet: UNet2DConditionModel, changes: Mapping[str, Change]) -> Generator[None]:
    """Within the block each residual block named in `changes` adds what its function makes of f (B, C, h, w): what its
    convolutions have found, before it is added to what came in."""
    hooks = [
        unet.get_submodule(name).conv2.register_forward_hook(lambda _module, _inputs, f, change=change: change(f))
        for name, change in changes.items()
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _attends(block: object) -> bool:
    return bool(getattr(block, "has_cross_attention", False))
