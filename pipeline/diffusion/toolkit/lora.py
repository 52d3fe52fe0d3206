"""Change the weights of a model for the length of a `with`, and have it back afterwards bit by bit as it was.

lora   low-rank layers beside the model's own, W x + B A x (Hu et al. 2022, eq. 3), through peft; taken out again at the
       end. What they have learnt is a small dict of tensors, in the names and shapes that diffusers' load_lora_weights
       reads; several such dicts can be worn at once, their changes add up.
full   the weights themselves are moved, on copies; the tensors that the model was loaded with are set aside.
"""

import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from storage.errors import HeyingError

Lora = Mapping[str, Tensor]  # "unet.<layer>.lora_A.weight" (rank, in …), "unet.<layer>.lora_B.weight" (out, rank …)
ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
PREFIX = "unet."


class TuneError(HeyingError):
    """Learned weights do not fit the model."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What may be moved: leaf tensors that require gradients. `original()` is a block in which the model is what it was
    before. `learnt()` is a copy of what LoRA has learnt so far (empty for "full")."""

    parameters: list[Tensor]
    original: Callable[[], AbstractContextManager[None]]
    learnt: Callable[[], dict[str, Tensor]]


def tuned(
    unet: nn.Module, how: str = "lora", *, rank: int = 8, everywhere: bool = False, seed: int = 0
) -> AbstractContextManager[Tuned]:
    """Within the block the weights of `unet` may be moved: "lora" or "full".

    rank        of the low-rank layers; they begin as no change at all (B = 0), A from `seed`
    everywhere  LoRA beside every linear layer and convolution, not only beside the attention's projections
    """
    return full(unet) if how == "full" else _lora(unet, rank, everywhere, seed)


@contextmanager
def full(*modules: nn.Module) -> Generator[Tuned]:
    """Within the block all weights of these modules are copies that may be moved."""
    parameters: list[nn.Parameter] = [parameter for module in modules for parameter in module.parameters()]
    before = [(parameter.data, parameter.requires_grad) for parameter in parameters]

    @contextmanager
    def original() -> Generator[None]:
        moved = [parameter.data for parameter in parameters]
        for parameter, (data, _) in zip(parameters, before, strict=True):
            parameter.data = data
        try:
            yield
        finally:
            for parameter, data in zip(parameters, moved, strict=True):
                parameter.data = data

    for parameter in parameters:
        parameter.data = parameter.data.clone()
        parameter.requires_grad_(True)
    try:
        yield Tuned(list(parameters), original, dict)
    finally:
        for parameter, (data, wanted) in zip(parameters, before, strict=True):
            parameter.grad = None
            parameter.requires_grad_(wanted)
            parameter.data = data


@contextmanager
def adapted(unet: nn.Module, loras: Sequence[Lora]) -> Generator[None]:
    """Within the block the UNet wears what LoRA has learnt earlier; the changes of several add up.

    Raises TuneError when they were learnt on another model.
    """
    if not loras:
        yield
        return
    with _putting_back(unet):
        for i, lora in enumerate(loras):
            layers = sorted({name.removeprefix(PREFIX).rsplit(".lora_", 1)[0] for name in lora})
            rank = next(len(weight) for name, weight in lora.items() if ".lora_A." in name)
            try:
                added = _inject(unet, f"worn{i}", layers, rank)
                for name, weight in added.items():
                    weight.data.copy_(lora[name])
                    weight.requires_grad_(False)
            except (KeyError, RuntimeError, ValueError) as error:
                raise TuneError(
                    "这个名字是为另一个模型学的，请用现在的模型重新教一次。", f"LoRA does not fit: {error}"
                ) from error
        for layer in _layers(unet):
            layer.set_adapter([name for name in layer.lora_A if name.startswith("worn")])
        for parameter in unet.parameters():
            parameter.requires_grad_(False)
        yield


def pack(lora: Lora) -> bytes:
    """Learned weights as a safetensors file in half precision, which diffusers' load_lora_weights can read too."""
    return save({name: weight.detach().cpu().half().contiguous() for name, weight in lora.items()})


def unpack(data: bytes) -> dict[str, Tensor]:
    """What pack() made, in single precision."""
    return {name: weight.float() for name, weight in load(data).items()}


@contextmanager
def _lora(unet: nn.Module, rank: int, everywhere: bool, seed: int) -> Generator[Tuned]:
    layers = [
        name
        for name, module in unet.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and (everywhere or name.endswith(ATTENTION))
    ]
    with _putting_back(unet):
        added = _inject(unet, "tuned", layers, rank)
        random = torch.Generator().manual_seed(seed)
        for name, weight in added.items():
            if ".lora_A." in name:  # peft's own start comes from the global generator
                bound = weight[0].numel() ** -0.5
                weight.data.copy_((torch.rand(weight.shape, generator=random) * 2 - 1) * bound)

        @contextmanager
        def original() -> Generator[None]:
            for layer in _layers(unet):
                layer.enable_adapters(False)
            try:
                yield
            finally:
                for layer in _layers(unet):
                    layer.enable_adapters(True)

        def learnt() -> dict[str, Tensor]:
            return {name: weight.detach().cpu().clone() for name, weight in added.items()}

        yield Tuned(list(added.values()), original, learnt)


def _inject(unet: nn.Module, adapter: str, layers: Sequence[str], rank: int) -> dict[str, nn.Parameter]:
    """Put LoRA layers beside these layers; returns their weights by name, all of them requiring gradients."""
    from peft import LoraConfig, inject_adapter_in_model  # not needed by most edits

    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=list(layers))
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Already found a `peft_config`")  # several adapters are what we want
        inject_adapter_in_model(config, unet, adapter)
    weights: dict[str, nn.Parameter] = {}
    for name, layer in unet.named_modules():
        if hasattr(layer, "lora_A") and adapter in layer.lora_A:
            for side in ("lora_A", "lora_B"):
                weights[f"{PREFIX}{name}.{side}.weight"] = getattr(layer, side)[adapter].weight
    for weight in weights.values():
        weight.requires_grad_(True)
    return weights


@contextmanager
def _putting_back(unet: nn.Module) -> Generator[None]:
    """After the block all LoRA layers are gone that were put in within it, and the model's own are in their places."""
    had = set(vars(unet))
    wanted = [(parameter, parameter.requires_grad) for parameter in unet.parameters()]
    try:
        yield
    finally:
        for name, layer in list(unet.named_modules()):
            if hasattr(layer, "base_layer") and hasattr(layer, "lora_A"):
                parent, _, child = name.rpartition(".")
                setattr(unet.get_submodule(parent), child, layer.base_layer)
        for name in set(vars(unet)) - had:  # peft leaves its configuration on the model
            delattr(unet, name)
        for parameter, want in wanted:
            parameter.requires_grad_(want)
            parameter.grad = None


def _layers(unet: nn.Module) -> list[Any]:
    return [layer for layer in unet.modules() if hasattr(layer, "lora_A") and hasattr(layer, "set_adapter")]
