"""How a Stable-Diffusion folder can be placed in a graphics card's memory: worked out from its numbers of parameters.

What networks take is their parameters; what an edit takes beside them grows with the picture's area. The shares below
are estimates on the safe side, not measurements (docs/operators.md says so): whoever knows better sets `precision` and
`offload` in config.toml.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

GIB = 2**30
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
SPARE = 1.1  # of the weights: what the allocator and the libraries take
WORK = 2.0  # GiB that four samples of 512 × 512 take in float32, gradients not among them
DECODER = 1.0  # GiB that the autoencoder takes for one picture of 512 × 512; in tiles: of any size
LAYERS = 0.5  # GiB in which one layer at a time fits
TEXTS = ("text_encoder", "text_encoder_2")


@dataclass(frozen=True, slots=True)
class Plan:
    """`precision` of UNet and text encoders, and what leaves the card while not at work: "none", "model" (the text
    encoders), "layer" (of the UNet all but one layer, too)."""

    precision: str
    offload: str


PLANS = (  # the first that fits is taken
    Plan("float32", "none"),
    Plan("bfloat16", "none"),
    Plan("bfloat16", "model"),
    Plan("bfloat16", "layer"),
)


def parameters(folder: Path) -> dict[str, int]:
    """Parameters of each part of a folder, from the headers of its safetensors files; {} where it has none."""
    counted: dict[str, int] = {}
    for part in ("unet", "vae", *TEXTS):
        files = sorted((folder / part).glob("*.safetensors"))
        plain = [path for path in files if ".fp16." not in path.name]
        shapes = [shape for path in plain or files for shape in _shapes(path)]
        if shapes:
            counted[part] = sum(prod(shape) for shape in shapes)
    return counted


def side_of(folder: Path) -> int:
    """The side in pixels of the pictures that a folder's model draws."""
    unet, vae = (json.loads((folder / part / "config.json").read_text("utf-8")) for part in ("unet", "vae"))
    side = unet.get("sample_size") or 64
    return int((max(side) if isinstance(side, list) else side) * 2 ** (len(vae["block_out_channels"]) - 1))


def needed(parts: Mapping[str, int], side: int, plan: Plan) -> float:
    """GiB of the card's memory that a plan needs."""
    width, area = BYTES[plan.precision], (side / 512) ** 2
    texts = sum(parts.get(name, 0) for name in TEXTS)
    unet = parts.get("unet", 0) * width / GIB
    held = LAYERS if plan.offload == "layer" else unet
    held += parts.get("vae", 0) * 4 / GIB + (texts * width / GIB if plan.offload == "none" else 0)
    work = WORK * area * width / 4
    return SPARE * held + max(work, DECODER * (area if plan.offload == "none" else 1.0))


def best(parts: Mapping[str, int], side: int, gigabytes: float) -> Plan | None:
    """The plan with the most precision and speed that a card's free memory holds; None where none does."""
    return next((plan for plan in PLANS if needed(parts, side, plan) <= gigabytes), None)


def _shapes(path: Path) -> list[list[int]]:
    """The shapes of a safetensors file: eight bytes say how long its JSON header is."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    except (OSError, ValueError, OverflowError, MemoryError):
        return []
    return [tensor["shape"] for name, tensor in header.items() if name != "__metadata__"]
