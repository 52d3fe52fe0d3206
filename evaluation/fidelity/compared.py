"""What both sides are given, how a row is measured, and how authors' code is made to run today."""

import importlib
import math
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from diffusers.models.attention_processor import Attention
from torch import Tensor

from pipeline.diffusion.contract import Edit
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.toolkit.inversion import Inversion
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import finish

SOURCE = "a photo of a cat on the beach"
DOG = "a photo of a dog on the beach"
CAT_DOG = (("cat", "dog"),)
SIDE, TOKENS = 64, 77  # of the authors' code
GUIDANCE = 7.5
SEED = 0

# What was compared, and the agreement in dB of our default and of our faithful setting (None: not asked, or the same).
Figures = Generator[tuple[str, float | None, float | None], None, None]


@dataclass(frozen=True, slots=True)
class Common:
    """The model, the picture as latents z_0 and its DDIM path under SOURCE, and where the checkouts are."""

    sd: StableDiffusion
    authors: Path
    steps: int
    z0: Tensor
    inversion: Inversion

    @property
    def pipe(self) -> SimpleNamespace:
        """The model as authors' code wants it."""
        sd = self.sd
        sd.scheduler.set_timesteps(self.steps)
        return SimpleNamespace(
            unet=sd.unet, vae=sd.vae, scheduler=sd.scheduler, tokenizer=sd.tokenizer, text_encoder=sd.text_encoder,
            device=sd.device,
        )  # fmt: skip

    def ours(
        self,
        method: str,
        options: Mapping[str, Any],
        *,
        target: str = DOG,
        words: tuple[tuple[str | None, str | None], ...] = CAT_DOG,
        inversion: Inversion | None = None,
        image: Tensor | None = None,
    ) -> Tensor:
        """The final latents of our method."""
        blank = torch.zeros(1, 3, self.sd.size, self.sd.size)
        edit = Edit(
            blank if image is None else image, SOURCE, target, words, seed=SEED, steps=self.steps, guidance=GUIDANCE,
            inversion=inversion, options=options, z0=self.z0,
        )  # fmt: skip
        return final(self.sd, lambda: finish(METHODS[method].run(self.sd, edit)))


def final(sd: StableDiffusion, draw: Callable[[], object]) -> Tensor:
    """The latents that `draw` has decoded last, of the last picture."""
    seen: list[Tensor] = []
    hook = sd.vae.post_quant_conv.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        draw()
    finally:
        hook.remove()
    latents: Tensor = seen[-1][-1:] * sd.vae.config.scaling_factor
    return latents


def agreement(ours: Tensor, theirs: Tensor) -> float:
    """PSNR in dB with the range of theirs as the peak."""
    error = float((ours - theirs).square().mean())
    return 10 * math.log10(float(theirs.max() - theirs.min()) ** 2 / error) if error else math.inf


@contextmanager
def importing(folder: Path, **stand_ins: ModuleType) -> Generator[None]:
    """Within the block modules are found in an authors' folder. `stand_ins` are packages (with __ for a dot) that their code
    imports and what is measured here never calls. Afterwards none of it is known, since several of them call a module the same."""
    before, known = list(sys.path), set(sys.modules)
    fakes = {name.replace("__", "."): module for name, module in stand_ins.items()}
    fakes = {name: module for name, module in fakes.items() if name not in sys.modules}
    sys.modules.update(fakes)
    sys.path.insert(0, str(folder.resolve()))
    try:
        yield
    finally:
        sys.path[:] = before
        for name in set(sys.modules) - known:
            found = getattr(sys.modules[name], "__file__", None) or ""
            if name in fakes or found.startswith(str(folder.resolve())):
                del sys.modules[name]


def module(name: str, **contents: Any) -> ModuleType:
    """A module of these contents."""
    made = ModuleType(name)
    vars(made).update(contents)
    return made


def load(name: str) -> Any:
    """A module of an authors' folder."""
    return importlib.import_module(name)


@contextmanager
def doubled(sd: StableDiffusion) -> Generator[None]:
    """Within the block the networks and the schedule count in double precision; back in single, no bit is another."""
    modules, schedule = (sd.unet, sd.vae, sd.text_encoder), sd.scheduler
    for module in modules:
        module.double()
    schedule.alphas_cumprod, schedule.final_alpha_cumprod = (
        schedule.alphas_cumprod.double(),
        schedule.final_alpha_cumprod.double(),
    )
    try:
        yield
    finally:
        for module in modules:
            module.float()
        schedule.alphas_cumprod, schedule.final_alpha_cumprod = (
            schedule.alphas_cumprod.float(),
            schedule.final_alpha_cumprod.float(),
        )


@contextmanager
def put_back(sd: StableDiffusion) -> Generator[None]:
    """After the block no module of the UNet has a forward of its own, nor a processor or a gradient that it did not have."""
    wanted = [(parameter, parameter.requires_grad) for parameter in sd.unet.parameters()]
    processors = dict(sd.unet.attn_processors)
    try:
        yield
    finally:
        for part in sd.unet.modules():
            vars(part).pop("forward", None)
        sd.unet.set_attn_processor(processors)
        for parameter, want in wanted:
            parameter.requires_grad_(want)
            parameter.grad = None


@contextmanager
def attention_of_2023() -> Generator[None]:
    """Within the block diffusers' attention goes by the name and answers the calls that it had in 2023."""
    prepare = Attention.prepare_attention_mask
    Attention.__name__ = "CrossAttention"
    Attention.prepare_attention_mask = lambda self, mask, *_, **__: mask  # there is never one
    try:
        yield
    finally:
        Attention.__name__ = "Attention"
        Attention.prepare_attention_mask = prepare
