"""SINE: two models draw one picture, the one that knows the photo and the one that knows the words (Zhang et al. 2023).

The model is tuned on the photo with its source prompt. Down to time K both predict: the tuned one under the source prompt
and the one as it was under the target prompt (model-based guidance, eq. 6):
    eps = eps(null) + w ((1 - v) eps(target) + v eps_tuned(source) - eps(null));
below K only the model as it was, with plain guidance. Patch-based tuning (sec. 3.3) shows the model parts of the photo,
each brought to full size, and tells it which part by a sinusoidal grid over the whole photo that is cut and resized
along and added to what the first convolution gives. So one picture does not teach it one composition.

The defaults are the paper's code: weights of UNet and text encoder, 800 steps at 1e-6, w 7.5, v .3 down to K = 400 of
1000; 10000 steps of `patches`. Where we may differ, by option:
- `tune` "lora": low-rank layers on the UNet alone, at a rate of their own;
- `start` and `depth` begin at the photo with noise instead of at noise alone; a region keeps everything outside;
- `velocity` weighs high noise as much as low noise (see optimize.py).
"""

import math
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.ddim import step
from pipeline.diffusion.toolkit.init_latents import STARTS, start, walked
from pipeline.diffusion.toolkit.lora import full, tuned
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed, evaluations, predict
from pipeline.diffusion.toolkit.optimize import fit, remember
from pipeline.engine import Progress, part

OPTIONS: dict[str, Any] = {
    "weight": 0.3,  # v: how much the tuned model says; divided by the edit's strength
    "until": 0.4,  # K, as a part of the model's times
    "tune": "full",  # "full" (UNet and text encoder) or "lora" (UNet)
    "tune_steps": 800,
    "rate": 1e-6,
    "rank": 8,  # of LoRA
    "everywhere": False,  # LoRA beside all layers, not only the attention's
    "batch": 1,
    "velocity": False,
    "patches": 0,  # how many parts of the photo are learnt beside the whole; 0: the plain version
    "least": 0.1,  # side of the smallest part, in sides of the photo
    "start": "noise",  # see toolkit/init_latents.py
    "depth": 0.8,  # how far up, where the start is not noise; multiplied by the edit's strength
}


@torch.no_grad()
def run(sd: StableDiffusion, edit: Edit) -> Generator[Progress, None, Edited]:
    """See the module; options above. Raises EditError."""
    options = METHOD.check(sd, edit)
    if options["start"] not in STARTS or options["tune"] not in ("full", "lora") or options["tune_steps"] < 1:
        raise EditError("这个编辑方式的选项填错了。", f"sine: {options['start']=} {options['tune']=}")
    count = evaluations(sd)
    w = sd.guidance if edit.guidance is None else edit.guidance
    depth = 1.0 if options["start"] == "noise" else min(1.0, options["depth"] * edit.strength)
    v = min(1.0, options["weight"] / edit.strength) if edit.strength else 1.0
    last = options["until"] * sd.scheduler.config.num_train_timesteps
    before = walked(options["start"], edit.steps)
    total = before + options["tune_steps"] + max(1, round(depth * edit.steps))

    beginning = start(
        sd, edit.latents(sd), options["start"], steps=edit.steps, depth=depth, seed=edit.seed, region=edit.region,
        prompt=edit.source,
    )  # fmt: skip
    begun = yield from part(beginning, 0, total)
    target, null = embed(sd, [edit.target, ""]).split(1)  # (1, T, D), of the model as it was
    boxes = _boxes(options["patches"], options["least"], edit.image.shape[-1], edit.seed)
    examples = remember(sd, torch.cat([_part(edit.image, box) for box in boxes]))
    with ExitStack() as stack:
        if options["tune"] == "full":
            weights = stack.enter_context(full(sd.unet, sd.text_encoder))
        else:
            how = {"rank": options["rank"], "everywhere": options["everywhere"], "seed": edit.seed}
            weights = stack.enter_context(tuned(sd.unet, **how))
        shown: list[tuple[int, int, int, int]] = []
        if options["patches"]:
            stack.enter_context(_told_where(sd.unet, edit.image.shape[-1], shown))

        def condition(which: Tensor) -> Tensor:
            shown[:] = [boxes[i] for i in which.tolist()]
            return embed(sd, [edit.source]).expand(len(which), -1, -1)

        work = fit(
            sd, weights.parameters, examples, condition, steps=options["tune_steps"], rate=options["rate"],
            batch=options["batch"], seed=edit.seed, velocity=options["velocity"], stage="记住照片",
        )  # fmt: skip
        losses = yield from part(work, before, total)
        source = embed(sd, [edit.source])
        z = begun.z
        for i, (t, t_prev) in enumerate(begun.way):
            shown.clear()
            with weights.original():
                eps_null, eps = predict(sd, torch.cat([z, z]), t, torch.cat([null, target])).chunk(2)
            if t > last and v:
                shown.append(boxes[0])
                eps = torch.lerp(eps, predict(sd, z, t, source), v)
            z = begun.keep(i, step(sd, z, eps_null + w * (eps - eps_null), t, t_prev))
            yield Progress(total - len(begun.way) + i + 1, total, "改图")
    facts = {"loss": round(losses[-1], 5), "unet_forward": count.forward, "unet_backward": count.backward}
    return Edited(decode(sd, z), begun.mask(edit.image.shape[-1]), None, facts)


Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


def _boxes(count: int, least: float, side: int, seed: int) -> list[Box]:
    """The whole photo and `count` squares of it, from `least` of its side to all."""
    random = torch.Generator().manual_seed(seed)
    boxes = [(0, 0, side, side)]
    for share, x, y in torch.rand(count, 3, generator=random).tolist():
        size = max(1, round(side * (least + (1 - least) * share)))
        left, top = round(x * (side - size)), round(y * (side - size))
        boxes.append((left, top, left + size, top + size))
    return boxes


def _part(image: Tensor, box: Box) -> Tensor:
    """A part of the photo, brought to its full size."""
    left, top, right, bottom = box
    size = (image.shape[-2], image.shape[-1])
    return interpolate(image[..., top:bottom, left:right], size=size, mode="bicubic").clamp(-1, 1)


@contextmanager
def _told_where(unet: nn.Module, side: int, shown: list[Box]) -> Generator[None]:
    """Within the block the UNet is told which part of the photo each sample of a batch is: `shown`; empty: is not told."""

    def add(module: nn.Module, inputs: object, out: Tensor) -> Tensor | None:
        if not shown:
            return None
        grid = _grid(out.shape[1], side).to(out)
        size = (out.shape[-2], out.shape[-1])
        parts = [
            interpolate(grid[..., top:bottom, left:right], size=size, mode="bilinear", align_corners=True)
            for left, top, right, bottom in shown
        ]
        return out + torch.cat(parts)

    hook = unet.get_submodule("conv_in").register_forward_hook(add)
    try:
        yield
    finally:
        hook.remove()


def _grid(channels: int, side: int) -> Tensor:
    """Sines and cosines of x in the first half of the channels and of y in the second, (1, channels, side, side)."""
    waves = max(1, channels // 4)
    rates = torch.exp(torch.arange(waves) * -(math.log(10000) / max(1, waves - 1)))
    angles = torch.arange(1, side + 1) * 128 / side * rates[:, None]  # the code's grid has 128 cells, whatever the size
    line = torch.cat([angles.sin(), angles.cos()])  # (channels / 2, side)
    grid = torch.cat([line[:, None, :].expand(-1, side, -1), line[:, :, None].expand(-1, -1, side)])
    return torch.cat([grid, grid.new_zeros(channels - len(grid), side, side)])[None]


METHOD = Method(
    name="sine",
    title="SINE",
    operations=("replace", "recolor", "modify", "restyle", "background", "insert", "remove"),
    needs=(),
    options=OPTIONS,
    run=run,
)
