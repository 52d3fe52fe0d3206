"""`python -m evaluation.fidelity --authors FOLDER`: do our methods make the pictures that their authors' code makes?

FOLDER holds checkouts, each under its repository's name; nothing of them is in this project, and they are fetched by whoever
measures: github.com/cure-lab/PnPInversion (Prompt-to-Prompt, null-text, Direct Inversion, MasaCtrl, pix2pix-zero),
github.com/MichalGeyer/pnp-diffusers, github.com/HiPer0/HiPer, and of github.com/huggingface/diffusers
examples/community/imagic_stable_diffusion.py. Rows whose checkout is not there are left out. Theirs runs on the same weights,
latents and prompts as ours. Agreement is the PSNR of the final latents, with the range of theirs as the peak; `ours` is
our default, `faithful` the authors' way. MasaCtrl's code needs the package einops.

Without --model the weights are random, in Stable Diffusion 1.5's topology with few channels, at 64 × 64 latents where
their code asks for that, else at 32 × 32.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import torch

from evaluation.fidelity import learnt, masactrl, pix2pix_zero, plug_and_play, prompt_to_prompt
from evaluation.fidelity.compared import GUIDANCE, SEED, SIDE, SOURCE, Common, Figures
from evaluation.fidelity.random_model import random_model
from pipeline.diffusion.toolkit.inversion import invert
from pipeline.diffusion.toolkit.model import StableDiffusion, load, noise
from pipeline.engine import finish

SMALL = SIDE // 2  # of latents, where their code does not ask for 64
ROWS: dict[
    str, tuple[str, int, Callable[[Common], Figures]]
] = {  # name → checkout, side of the latents, what is measured
    "prompt_to_prompt": (prompt_to_prompt.CHECKOUT, SIDE, prompt_to_prompt.measure),
    "direct": (prompt_to_prompt.CHECKOUT, SIDE, prompt_to_prompt.direct),
    "plug_and_play": (plug_and_play.CHECKOUT, SMALL, plug_and_play.measure),
    "masactrl": (masactrl.CHECKOUT, SMALL, masactrl.measure),
    "pix2pix_zero": (pix2pix_zero.CHECKOUT, SMALL, pix2pix_zero.measure),
    "hiper": (learnt.HIPER, SMALL, learnt.hiper),
    "imagic": (learnt.IMAGIC, SMALL, learnt.imagic),
    "null_text": (prompt_to_prompt.CHECKOUT, SMALL, prompt_to_prompt.null_text),
}


@click.command(help=__doc__)
@click.option("--authors", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="a Stable-Diffusion 1.x folder whose latents are 64 × 64; random weights if not given")
@click.option("--steps", default=10, show_default=True, type=click.IntRange(2))
@click.option("--only", multiple=True, type=click.Choice(list(ROWS)), help="may be given several times")
def main(authors: Path, model: str | None, steps: int, only: tuple[str, ...]) -> None:
    commons: dict[int, Common] = {}
    click.echo(f"| agreement with the authors' code, {steps} steps | ours | `faithful` |\n|---|---|---|")
    for name in only or ROWS:
        checkout, side, measure = ROWS[name]
        if not (authors / checkout).is_dir():
            click.echo(f"{name}: no {checkout} in {authors}", err=True)
            continue
        if side not in commons:
            commons[side] = _common(
                load(model) if model else random_model(SEED), authors, steps, SIDE if model else side
            )
        try:
            for title, *found in measure(commons[side]):
                click.echo(f"| {title} | {' | '.join('' if value is None else f'{value:.0f} dB' for value in found)} |")
        except ImportError as error:
            raise click.ClickException(f"{checkout} lacks a package: {error}") from error


def _common(sd: StableDiffusion, authors: Path, steps: int, side: int) -> Common:
    z0 = torch.nn.functional.avg_pool2d(noise(sd, (1, 4, side + 2, side + 2), SEED), 3, 1) * 2  # smooth, as photos are
    path = finish(invert(sd, z0, SOURCE, kind="ddim", steps=steps, guidance=GUIDANCE))
    return Common(replace(sd, size=side * sd.factor), authors, steps, z0, path)


if __name__ == "__main__":
    main()
