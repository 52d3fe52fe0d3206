"""What a configuration may say of an editor. Zeros and empty strings mean: as the model's row or the server has it."""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """An instruction editor on this machine.

    model     a folder in diffusers' layout, or a hub id whose files are already here
    device    "auto", "cpu", "cuda", "cuda:1", "mps"
    lora      a file or folder of LoRA weights, for editing in few steps
    offload   "auto", "none" (all on the device), "model" (one part at a time), "layer" (one layer at a time, slow)
    likeness  how like the photo an answer must be to be used, 0…1
    """

    name: str = "editor"
    model: str = ""
    device: str = "auto"
    lora: str = ""
    offload: str = "auto"
    steps: int = 0
    guidance: float = -1.0
    references: int = 0
    likeness: float = 0.6


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """An editor behind an address.

    address   where it is, up to and with /v1 where it has one; "" for the dialect's own
    model     the name that the server knows the model by; never a default, since names live for months
    key       from the environment
    seconds   how long an answer may take
    pictures  most pictures in a request; `megabytes`: most of an answer
    price     what an edit costs, in yuan, for the limits
    likeness  how like the photo an answer must be to be used, 0…1
    """

    name: str = "server"
    address: str = ""
    dialect: str = "openai"
    model: str = ""
    key: str = ""
    language: str = "zh"
    side: int = 1024
    pictures: int = 0
    seconds: float = 180.0
    megabytes: float = 64.0
    price: float = 0.0
    likeness: float = 0.6


def picked(entry: object, kind: type[S], **known: Any) -> S:
    """Of anything with such attributes (an [[engines]] entry), the fields that `kind` has."""
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: getattr(entry, name) for name in names if hasattr(entry, name)} | known)
