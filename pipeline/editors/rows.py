"""The instruction editors that diffusers can run, one row a pipeline class: how it is called and what it is good for.

An editor gets pictures and an instruction and draws the first picture anew. It has no source prompt and no inversion,
so it is not a method of the diffusion engine. The row is chosen by `_class_name` in the folder's model_index.json
(modular_model_index.json for FLUX 3). Numbers are those of the models' own pages (November 2026); a configuration may
say others (a Lightning LoRA wants 4 steps and no guidance).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

Size = tuple[int, int]  # width, height


@dataclass(frozen=True, slots=True)
class Row:
    """How one pipeline class is called.

    image      name of the argument that takes the pictures; `listed`: it takes a list of them
    most       pictures in all, the photo among them
    best       references of one person that help most; three break some models at full guidance
    steps      of the released weights; `plain_steps` of weights that are not distilled, where both exist
    guidance   name and value of the guidance argument; None where the model ignores it
    negative   the negative prompt that switches guidance on, where a pipeline needs one
    language   the instruction's: "zh" or "en"
    side       pixels of a square picture's side; other shapes have about as many pixels in all
    sizes      the only sizes it can draw; () where any multiple of 32 will do
    draws      whether it makes pictures from words alone
    callback   whether the pipeline reports its steps itself
    sized      whether it takes height and width
    extra      further arguments
    licence    of the best-known weights
    """

    title: str
    language: str
    most: int
    steps: int
    guidance: tuple[str, float] | None
    licence: str
    image: str = "image"
    listed: bool = True
    best: int = 2
    plain_steps: int | None = None
    plain_guidance: tuple[str, float] | None = None
    negative: str | None = None
    side: int = 1024
    sizes: tuple[Size, ...] = ()
    draws: bool = False
    callback: bool = True
    sized: bool = True
    modular: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


JOY_SIZES = (
    (1024, 1024), (1088, 960), (1152, 896), (1216, 832), (1344, 768), (1472, 704), (1600, 640), (1792, 576), (2048, 512),
    (960, 1088), (896, 1152), (832, 1216), (768, 1344), (704, 1472), (640, 1600), (576, 1792), (512, 2048),
)  # fmt: skip
NON_COMMERCIAL = "非商用"

ROWS: Mapping[str, Row] = {
    "Flux2KleinPipeline": Row(
        "FLUX.2 klein", "en", most=4, steps=4, guidance=("guidance_scale", 1.0), plain_steps=50,
        plain_guidance=("guidance_scale", 4.0), draws=True, licence="4B：Apache-2.0；9B：" + NON_COMMERCIAL,
    ),
    "Flux2KleinKVPipeline": Row(
        "FLUX.2 klein KV", "en", most=4, steps=4, guidance=None, draws=True, licence=NON_COMMERCIAL,
    ),
    "QwenImageEditPlusPipeline": Row(
        "Qwen-Image-Edit-2511 / FireRed", "zh", most=3, best=1, steps=40, guidance=("true_cfg_scale", 4.0), negative=" ",
        licence="Apache-2.0",
    ),
    "JoyImageEditPlusPipeline": Row(
        "JoyAI-Image-Edit-Plus", "zh", image="images", most=5, steps=30, guidance=("guidance_scale", 4.0),
        sizes=JOY_SIZES, licence="Apache-2.0",
    ),
    "LongCatImageEditPipeline": Row(
        "LongCat-Image-Edit", "zh", most=1, best=0, listed=False, steps=50, guidance=("guidance_scale", 4.5),
        callback=False, sized=False, licence="Apache-2.0",
    ),
    "QwenImage21Pipeline": Row(
        "Qwen-Image-2.1", "zh", most=10, steps=40, guidance=("true_cfg_scale", 1.0), negative=" ", draws=True,
        extra={"output_resolution": 1024}, licence="Qwen Research：" + NON_COMMERCIAL,
    ),
    "FluxKontextPipeline": Row(
        "FLUX.1 Kontext", "en", most=1, best=0, listed=False, steps=28, guidance=("guidance_scale", 2.5),
        extra={"max_area": 1024 * 1024, "_auto_resize": False}, licence=NON_COMMERCIAL,
    ),
    "Flux3DistilledModularPipeline": Row(
        "FLUX 3 Klein", "en", most=10, steps=16, guidance=None, draws=True, callback=False, modular=True,
        licence="FLUX Kommunity：" + NON_COMMERCIAL + "，并要求内容过滤和 AI 标识",
    ),
}  # fmt: skip


def fitting(row: Row, ratio: float) -> Size:
    """The size (width, height) at which `row` draws a picture of that ratio (width to height), between 1:4 and 4:1.

    Sizes are taken that the pipelines' own rounding (to 32, at a fixed area) leaves as they are: another size would be
    resized unevenly inside, and the answer would not lie on the photo.
    """
    ratio = min(max(ratio, 0.25), 4.0)
    if row.sizes:
        return min(row.sizes, key=lambda size: abs(size[0] / size[1] / ratio - 1))
    size = (row.side, row.side)
    for _ in range(8):
        wide = sqrt(row.side * row.side * ratio)
        rounded = max(round(wide / 32), 1) * 32, max(round(wide / ratio / 32), 1) * 32
        if rounded == size:
            break
        size, ratio = rounded, rounded[0] / rounded[1]
    return size
