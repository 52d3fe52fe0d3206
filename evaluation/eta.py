"""Is the eta that Imagic finds for each edit as good as the best one for all? `python -m evaluation.eta --cases 3 --seed 4000`.

Each photo is learnt once; then a picture is drawn for every eighth of the way from photo to prompt, side by side. The
automatic eta is looked up among them: its bisection (pipeline/diffusion/methods/imagic.py) asks for eighths only. The best fixed eta
is found afterwards, knowing all answers: most successes, then nearest to the true answers.
"""

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import fmean

import click
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from torch import Tensor

from evaluation.attempt import Studio, as_tensor, open_studio, request_for
from evaluation.cases import FIRST_SEED, Case, cases
from evaluation.judge import Judge, load_judge
from evaluation.methods import spec
from evaluation.metrics import clip_direction, psnr
from miniature import WEIGHTS, draw
from pipeline.diffusion.methods.imagic import OPTIONS, learn, search
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.engine import Progress, finish

SUITES = "replace,recolor,restyle,background"
ETAS = tuple(k / 8 for k in range(1, 9))
Key = float | str  # a fixed eta, or how the automatic one is called


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: whether the judge was content, the direction of its change, dB to the true answer."""

    success: bool
    direction: float
    truth: float


def looks(
    studio: Studio, sd: StableDiffusion, judge: Judge, case: Case, sure: Sequence[float]
) -> tuple[dict[Key, Look], list[float]]:
    """A look for each eta and for the automatic ones, which those were; one for each that must be `sure` enough."""
    _, request = request_for(studio, sd, case, spec("imagic"))
    options = {**OPTIONS, **request.options}
    with ExitStack() as stack:
        learnt = finish(learn(sd, request, options, stack, 1))
        drawn: Sequence[Tensor] = finish(learnt.draw(sd, ETAS)).split(1)
        pictures = dict(zip(ETAS, drawn, strict=True))
    assert sd.clip is not None

    def known(eta: float, _: int) -> Generator[Progress, None, Tensor]:
        yield from ()
        return pictures[eta]

    found = [finish(search(sd.clip, request, known, options["tries"], enough))[0] for enough in sure]
    photo, answer = (as_tensor(draw.paint(scene)) for scene in (case.before, case.after))
    source, target = judge.read([case.before.caption(), case.after.caption()]).split(1)
    seen: dict[Key, Look] = {}
    for eta, picture in pictures.items():
        direction = clip_direction(judge.see(photo), judge.see(picture), source, target)
        seen[eta] = Look(judge.success(case, picture.cpu()), direction, psnr(picture.cpu(), answer))
    return seen | {called(enough): seen[eta] for enough, eta in zip(sure, found, strict=True)}, found


def called(enough: float) -> str:
    """The automatic eta that asks CLIP to be so sure."""
    return f"automatic, {enough:g} sure"


@click.command(help=__doc__)
@click.option("--suite", "suites", default=SUITES, show_default=True)
@click.option("--cases", "count", default=3, show_default=True, type=click.IntRange(1), help="cases a suite")
@click.option("--seed", default=FIRST_SEED, show_default=True, type=click.IntRange(FIRST_SEED))
@click.option(
    "--enough", default=str(OPTIONS["enough"]), show_default=True, help="how sure CLIP must be; several to compare"
)
@click.option("--model", default=str(WEIGHTS), show_default=True, help="model folder of 128 pixels")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="of torch")
def main(suites: str, count: int, seed: int, enough: str, model: str, threads: int) -> None:
    torch.set_num_threads(threads)
    studio, judge, console = open_studio(model, None, ["imagic"], "cpu"), load_judge(model, WEIGHTS), Console(width=110)
    assert studio.sd is not None
    sure = [float(one) for one in enough.split(",")]
    all_looks: list[dict[Key, Look]] = []
    for suite in suites.split(","):
        for case in cases(suite, seed, count):
            seen, found = looks(studio, studio.sd, judge, case, sure)
            all_looks.append(seen)
            content = ", ".join(f"{eta:g}" for eta in ETAS if seen[eta].success) or "no eta"
            chosen = ", ".join(f"{eta:g}" for eta in found)
            console.print(f"{case.sentence}: chosen {chosen}; the judge is content at {content}", highlight=False)
    keys: list[Key] = [*ETAS, *map(called, sure)]
    means = {key: _mean([seen[key] for seen in all_looks]) for key in keys}
    best = max(ETAS, key=lambda eta: (means[eta][0], means[eta][2]))
    table = Table(title=f"Imagic, {len(all_looks)} edits of seed {seed}", title_justify="left", box=SIMPLE_HEAD)
    for column in ("eta", "success", "direction", "truth dB"):
        table.add_column(column, justify="right")
    for key, (success, direction, truth) in means.items():
        table.add_row(f"{key}{' (best)' if key == best else ''}", f"{success:.2f}", f"{direction:.3f}", f"{truth:.2f}")
    console.print(table)
    other = means[best]
    for own in map(called, sure):
        success, direction, truth = means[own]
        console.print(
            f"{own}, against the best fixed eta, {best:g}: success {success - other[0]:+.2f}, direction"
            f" {100 * (direction / other[1] - 1):+.1f} %, truth {truth - other[2]:+.2f} dB",
            highlight=False,
        )


def _mean(some: list[Look]) -> tuple[float, float, float]:
    return (
        fmean(one.success for one in some),
        fmean(one.direction for one in some),
        fmean(one.truth for one in some),
    )


if __name__ == "__main__":
    main()
