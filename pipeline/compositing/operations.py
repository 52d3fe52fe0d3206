"""Which function carries out which operation of the command schema."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from pipeline.compositing.view import View
from pipeline.engine import Edited, Work

Operation = Callable[[View], Work[Edited]]
# operation of the command schema → module of this package and function in it
OPERATIONS: dict[str, tuple[str, str]] = {
    "insert": ("add", "add"),
    "replace": ("replace", "replace"),
    "remove": ("remove", "remove"),
    "move": ("move", "move"),
    "swap": ("move", "swap"),
    "background": ("background", "background"),
    "restyle": ("restyle", "restyle"),
    "recolor": ("recolor", "recolor"),
    "modify": ("modify", "modify"),
    "face_swap": ("refusals", "face_swap"),
    "adjust": ("adjust", "adjust"),
    "upscale": ("adjust", "upscale"),
    "restore": ("adjust", "restore"),
    "beautify": ("adjust", "beautify"),
    "crop": ("frame", "crop"),
    "rotate": ("frame", "rotate"),
    "extend": ("frame", "extend"),
    "id_photo": ("id_photo", "id_photo"),
    "cutout": ("cutout", "cutout"),
    "mosaic": ("mosaic", "mosaic"),
    "text": ("text", "text"),
    "collage": ("collage", "collage"),
}


def operation(name: str) -> Operation:
    """The function that carries out an operation; its module is loaded when it is first asked for."""
    module, function = OPERATIONS[name]
    found: Any = getattr(import_module(f"pipeline.compositing.{module}"), function)
    return found  # type: ignore[no-any-return]
