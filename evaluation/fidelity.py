"""`python -m evaluation.fidelity --authors FOLDER`: do our methods make the pictures that their authors' code makes?

FOLDER is a checkout of github.com/cure-lab/PnPInversion, which holds the code of Prompt-to-Prompt, null-text inversion and
Direct Inversion; nothing of it is in this project, and it is fetched by whoever measures. It runs on the same weights, latents and
prompts as ours: its controllers, loops and inversions as they are, hung into today's diffusers. Agreement is the PSNR of
the final latents, with the range of theirs as the peak; `ours` is our default, `faithful` the authors' way.

Without --model the weights are random, in Stable Diffusion 1.5's topology with few channels, at 64 × 64 latents.
"""

import importlib
import math
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from miniature import WEIGHTS
from pipeline.diffusion.contract import Edit
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.toolkit.attention import Control, Place, attention
from pipeline.diffusion.toolkit.inversion import Inversion, invert
from pipeline.diffusion.toolkit.model import StableDiffusion, load, noise
from pipeline.engine import finish

SOURCE = "a photo of a cat on the beach"
SIDE, TOKENS = 64, 77  # of the authors' code
GUIDANCE = 7.5


@dataclass(frozen=True, slots=True)
class Row:
    """One edit: its target, our options beside the common ones, and what their make_controller gets."""

    name: str
    target: str
    words: tuple[tuple[str | None, str | None], ...]
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    cross: float = 0.8
    self_part: float = 0.4


DOG = "a photo of a dog on the beach"
CAT_DOG = (("cat", "dog"),)
REPLACE, REFINE = {"kind": "AttentionReplace"}, {"kind": "AttentionRefine"}
ROWS = (
    Row("replace", DOG, CAT_DOG, {"mode": "replace"}, REPLACE),
    Row("refine, equal length", DOG, (), {"mode": "refine"}, REFINE),
    Row("refine, longer", "a photo of a red cat on the beach", (), {"mode": "refine"}, REFINE),
    Row("reweight", SOURCE, (), {"mode": "replace", "reweight": {"cat": 4.0}}, {**REPLACE, "reweight": ("cat", 4.0)}),
    Row("LocalBlend", DOG, CAT_DOG, {"mode": "replace", "blend": CAT_DOG}, {**REPLACE, "blend": (("cat",), ("dog",))}),
    Row(
        "LocalBlend, and where not",
        DOG,
        CAT_DOG,
        {"mode": "replace", "blend": CAT_DOG, "blend_not": (("beach", "beach"),)},
        {**REPLACE, "blend": (("cat",), ("dog",)), "blend_not": (("beach",), ("beach",))},
    ),
    Row("parts that are no whole steps", DOG, CAT_DOG, {"mode": "replace"}, REPLACE, 0.75, 0.45),
)


@click.command(help=__doc__)
@click.option("--authors", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="a Stable-Diffusion 1.x folder whose latents are 64 × 64; random weights if not given")
@click.option("--steps", default=10, show_default=True, type=click.IntRange(2))
@click.option("--seed", default=0, show_default=True)
def main(authors: Path, model: str | None, steps: int, seed: int) -> None:
    sd = load(model) if model else random_model(seed)
    click.echo(f"| agreement with the authors' code, {steps} steps | ours | `faithful` |\n|---|---|---|")
    for name, *found in measure(sd, authors, steps, seed):
        click.echo(f"| {name} | {' | '.join('' if value is None else f'{value:.0f} dB' for value in found)} |")


def measure(
    sd: StableDiffusion, authors: Path, steps: int, seed: int = 0
) -> Generator[tuple[str, float | None, float | None], None, None]:
    """What is compared, and the agreement of our default and of the faithful setting, in dB."""
    code = _code(authors)
    z0 = torch.nn.functional.avg_pool2d(noise(sd, (1, 4, SIDE + 2, SIDE + 2), seed), 3, 1) * 2  # smooth, as photos are
    pipe = SimpleNamespace(
        unet=sd.unet, scheduler=sd.scheduler, tokenizer=sd.tokenizer, text_encoder=sd.text_encoder, device=sd.device
    )
    sd.scheduler.set_timesteps(steps)
    inversion = finish(invert(sd, z0, SOURCE, kind="ddim", steps=steps, guidance=GUIDANCE))
    walk = code.inversion.NullInversion(pipe, steps)
    walk.init_prompt(SOURCE)
    theirs = walk.ddim_loop(z0)
    yield "DDIM inversion", agreement(inversion.start, theirs[-1]), None
    for row in ROWS:
        wanted = _theirs(code, pipe, row, steps, theirs[-1], None)
        plain, faithful = (agreement(_ours(sd, row, steps, inversion, way), wanted) for way in (False, True))
        yield f"Prompt-to-Prompt: {row.name}", plain, faithful
    row = ROWS[0]
    sd.scheduler.set_timesteps(steps)
    direct = code.inversion.DirectInversion(pipe, steps)
    direct.init_prompt([SOURCE, row.target])
    offsets = direct.offset_calculate(theirs, 0, 0, GUIDANCE)
    wanted = _theirs(code, pipe, row, steps, theirs[-1], offsets)
    pinned = finish(invert(sd, z0, SOURCE, kind="direct", steps=steps, guidance=GUIDANCE))
    yield "Direct Inversion: replace", None, agreement(_ours(sd, row, steps, pinned, True), wanted)
    with torch.enable_grad():
        nulls = torch.cat(walk.null_optimization(theirs, 10, 1e-5, GUIDANCE))
    fitted = finish(invert(sd, z0, SOURCE, kind="null_text", steps=steps, guidance=GUIDANCE))
    yield "null-text inversion: embeddings", agreement(fitted.null_embeddings, nulls), None


def agreement(ours: Tensor, theirs: Tensor) -> float:
    """PSNR in dB with the range of theirs as the peak."""
    error = float((ours - theirs).square().mean())
    return 10 * math.log10(float(theirs.max() - theirs.min()) ** 2 / error) if error else math.inf


def _ours(sd: StableDiffusion, row: Row, steps: int, inversion: Inversion, faithful: bool) -> Tensor:
    """The final latents of our Prompt-to-Prompt."""
    options = {
        "blend": (),
        "cross_replace": row.cross,
        "self_replace": row.self_part,
        "blend_sides": (16,),
        **row.ours,
        "faithful": faithful,
    }
    edit = Edit(
        torch.zeros(1, 3, sd.size, sd.size), SOURCE, row.target, row.words,
        steps=steps, guidance=GUIDANCE, inversion=inversion, options=options, z0=inversion.latents[0],
    )  # fmt: skip
    seen: list[Tensor] = []
    hook = sd.vae.post_quant_conv.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        finish(METHODS["prompt_to_prompt"].run(sd, edit))
    finally:
        hook.remove()
    final: Tensor = seen[-1] * sd.vae.config.scaling_factor
    return final


@torch.no_grad()
def _theirs(code: Any, pipe: Any, row: Row, steps: int, start: Tensor, offsets: Sequence[Tensor] | None) -> Tensor:
    """The final latents of the authors' loop with their controller, Direct Inversion's with `offsets`."""
    prompts = [SOURCE, row.target]
    bridge = _Bridge(_controller(code.control, pipe, row, prompts, steps))
    texts = [_embedded(pipe, some) for some in (["", ""], prompts)]
    context, latents = torch.cat(texts), start.expand(2, -1, -1, -1)
    controller = bridge.controller
    controller.num_att_layers = bridge.shown(pipe.unet, latents, context[:2])
    with attention(pipe.unet, bridge):
        for i, t in enumerate(pipe.scheduler.timesteps):
            if offsets is None:
                latents = code.forward.p2p_guidance_diffusion_step(pipe, controller, latents, context, t, GUIDANCE)
            else:
                latents = code.forward.direct_inversion_p2p_guidance_diffusion_step(
                    pipe, controller, latents, context, t, GUIDANCE, offsets[i]
                )
    return latents[1:]


def _controller(control: Any, pipe: Any, row: Row, prompts: list[str], steps: int) -> Any:
    """The authors' controller for a row; their make_controller knows CUDA only."""
    theirs, common = row.theirs, {"tokenizer": pipe.tokenizer, "device": "cpu"}
    blend = None
    if "blend" in theirs:
        blend = control.LocalBlend(
            prompts, theirs["blend"], substruct_words=theirs.get("blend_not"), num_ddim_steps=steps, **common
        )
    parts = {"cross_replace_steps": {"default_": row.cross}, "self_replace_steps": row.self_part, "local_blend": blend}
    made = getattr(control, theirs["kind"])(prompts, steps, **parts, **common)
    if "reweight" in theirs:
        word, factor = theirs["reweight"]
        weights = control.get_equalizer(prompts[1], (word,), (factor,), tokenizer=pipe.tokenizer)
        made = control.AttentionReweight(prompts, steps, equalizer=weights, controller=made, device="cpu", **parts)
    return made


class _Bridge(Control):
    """An authors' controller, which sees (batch · heads, pixels, …), in our attention. Self-attention of more than 32 × 32
    pixels is not shown to it: it leaves that alone."""

    def __init__(self, controller: Any) -> None:
        self.controller = controller

    def wants(self, place: Place, pixels: int) -> bool:
        return place.cross or pixels <= 32**2

    def shown(self, unet: UNet2DConditionModel, latents: Tensor, context: Tensor) -> int:
        """How many layers it is shown, by which it counts steps."""
        counted: list[Place] = []

        class Counting(_Bridge):
            def maps(self, place: Place, probs: Tensor) -> Tensor:
                counted.append(place)
                return probs

        with attention(unet, Counting(None)):
            unet(latents, 1, encoder_hidden_states=context)
        return len(counted)

    def maps(self, place: Place, probs: Tensor) -> Tensor:
        seen = probs.flatten(0, 1).clone()
        made: Tensor = self.controller(seen, place.cross, place.way)
        return made.view_as(probs)


def _embedded(pipe: Any, prompts: list[str]) -> Tensor:
    ids = pipe.tokenizer(
        prompts, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt"
    ).input_ids
    hidden: Tensor = pipe.text_encoder(ids)[0]
    return hidden


def _code(folder: Path) -> Any:
    """The authors' modules."""
    with _importing(folder):
        return SimpleNamespace(
            control=importlib.import_module("models.p2p.attention_control"),
            forward=importlib.import_module("models.p2p.p2p_guidance_forward"),
            inversion=importlib.import_module("models.p2p.inversion"),
        )


@contextmanager
def _importing(folder: Path) -> Generator[None]:
    sys.path.insert(0, str(folder.resolve()))
    try:
        yield
    except ImportError as error:
        raise click.ClickException(f"{folder} is no checkout of PnPInversion, or lacks a package: {error}") from error
    finally:
        sys.path.pop(0)


def random_model(seed: int = 0) -> StableDiffusion:
    """Random weights in SD 1.5's topology: four levels, transformers on three of them, 64 × 64 latents, 77 tokens."""
    torch.manual_seed(seed)
    tokenizer = CLIPTokenizer.from_pretrained(WEIGHTS / "tokenizer", model_max_length=TOKENS, local_files_only=True)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=TOKENS, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=SIDE,
        block_out_channels=(8, 16, 16, 16),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        layers_per_block=2,
        attention_head_dim=(1, 2, 2, 2),
        cross_attention_dim=32,
        norm_num_groups=4,
    )
    with torch.no_grad():  # fresh weights hardly listen to the prompt
        for name, parameter in unet.named_parameters():
            if ".attn2.to_out.0.weight" in name:
                parameter.mul_(8)
            elif ".attn2.to_q.weight" in name or ".attn2.to_k.weight" in name:
                parameter.mul_(3)
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        norm_num_groups=4,
        sample_size=SIDE * 8,
        mid_block_add_attention=False,
    )
    for module in (unet, vae, text):
        module.requires_grad_(False).eval()
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False
    )
    return StableDiffusion(unet, vae, text, tokenizer, scheduler, GUIDANCE, SIDE * 8, "random")


if __name__ == "__main__":
    main()
