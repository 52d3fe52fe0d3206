"""What prompt-to-prompt with null-text inversion costs, as its authors run it and fast, on the same edits:
`python -m evaluation.null_text --cases 4 --seed 1000`.

faithful  null_text: 50 steps, from the empty prompt, at most 10 inner iterations a step
fast      null_text_fast: 30 steps, from the source prompt, at most one
Both at the authors' guidance. UNet evaluations are those of inversion and edit, forward and backward together; the
reconstruction (the source sampled again alone) is compared with the photo, and is not counted.
"""

from dataclasses import dataclass

import click
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from evaluation.attempt import as_tensor, clock, told_truly
from evaluation.cases import FIRST_SEED, Case, cases
from evaluation.judge import Judge, load_judge
from evaluation.metrics import psnr
from miniature import WEIGHTS, draw
from pipeline.diffusion.methods import METHODS, Edit
from pipeline.diffusion.toolkit.inversion import invert, reconstruct
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, encode, evaluations, load
from pipeline.engine import finish

GUIDANCE, STEPS = 7.5, 50  # Mokady et al. 2023
FAST_STEPS = 30


@dataclass(frozen=True, slots=True)
class Run:
    """One edit: dB of the reconstruction to the photo, UNet evaluations of inversion and edit, seconds, and whether the
    judge was content."""

    decibels: float
    inversion: int
    edit: int
    seconds: float
    success: bool


def run(sd: StableDiffusion, judge: Judge, case: Case, kind: str, steps: int) -> Run:
    """One recolouring with the inversion called `kind`."""
    prompts, image, now = told_truly(case), as_tensor(draw.paint(case.before)).to(sd.device), clock(sd)
    began = now()
    count = evaluations(sd)
    inversion = finish(invert(sd, encode(sd, image), prompts.source, kind=kind, steps=steps, guidance=GUIDANCE))
    inverted = count.forward + count.backward
    edit = Edit(
        image, prompts.source, prompts.target, prompts.words, steps=steps, guidance=GUIDANCE, inversion=inversion
    )
    made = finish(METHODS["prompt_to_prompt"].run(sd, edit))
    edited, seconds = count.forward + count.backward - inverted, now() - began
    again = decode(sd, finish(reconstruct(sd, inversion)))
    content = judge.success(case, made.image.cpu())
    return Run(psnr(again.cpu(), image.cpu()), inverted, edited, seconds, content)


@click.command(help=__doc__)
@click.option("--cases", "count", default=4, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=FIRST_SEED, show_default=True, type=click.IntRange(FIRST_SEED))
@click.option("--model", default=str(WEIGHTS), show_default=True, help="model folder of 128 pixels")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="of torch")
def main(count: int, seed: int, model: str, threads: int) -> None:
    torch.set_num_threads(threads)
    sd, judge, console = load(model), load_judge(model, WEIGHTS), Console(width=110)
    settings = {"faithful": ("null_text", STEPS), "fast": ("null_text_fast", FAST_STEPS)}
    runs: dict[str, list[Run]] = {name: [] for name in settings}
    for case in cases("recolor", seed, count):
        for name, (kind, steps) in settings.items():
            runs[name].append(run(sd, judge, case, kind, steps))
    table = Table(title=f"null-text, {count} recolourings of seed {seed}", title_justify="left", box=SIMPLE_HEAD)
    for column in (
        "setting",
        "steps",
        "reconstruction dB",
        "UNet inversion",
        "UNet edit",
        "together",
        "seconds",
        "success",
    ):
        table.add_column(column, justify="left" if column == "setting" else "right")
    means = {name: _means(done) for name, done in runs.items()}
    for name, (decibels, inverted, edited, seconds, success) in means.items():
        figures = (f"{decibels:.2f}", *(f"{x:.0f}" for x in (inverted, edited, inverted + edited)))
        table.add_row(name, str(settings[name][1]), *figures, f"{seconds:.1f}", f"{success:.2f}")
    console.print(table)
    (slow_db, *slow), (fast_db, *fast) = means["faithful"], means["fast"]
    part = sum(fast[:2]) / sum(slow[:2])
    console.print(f"fast takes {part:.2f} of the UNet evaluations and reconstructs {slow_db - fast_db:+.2f} dB worse")


def _means(runs: list[Run]) -> tuple[float, float, float, float, float]:
    rows = [(one.decibels, one.inversion, one.edit, one.seconds, float(one.success)) for one in runs]
    columns = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return columns[0], columns[1], columns[2], columns[3], columns[4]


if __name__ == "__main__":
    main()
