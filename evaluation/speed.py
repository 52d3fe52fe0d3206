"""How fast, against the reference recipes and the published short cuts, in one run on the same model and machine:
`python -m evaluation.speed --only null-text,plug_and_play --repetitions 3`.

Each contest is run in all its ways, one after the other, and that as often as asked, each time on another case. Seconds are
the processor's where the model is on the CPU. With --results every run is kept and the same command goes on from there.
`--part` gives references that learn for long (textual inversion, HiPer, Imagic) only this part of their steps, scales their
cost up and leaves their quality open. At the end stands what a UNet evaluation costs by the size of its batch, without and with gradients: what batching can bring
at most.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch
from torch import Tensor

from evaluation.attempt import Cost, clock, open_studio
from evaluation.cases import FIRST_SEED, case_of
from evaluation.judge import load_judge
from evaluation.measure import Measure
from evaluation.speed_ways import CONTESTS, REFERENCE, Outcome, Place, Way
from miniature import WEIGHTS
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, noise, predict

BATCHES, TIMES = (1, 2, 3, 4, 8, 16, 32), 4
HEADER = (
    "| method | way | seconds | UNet forward | backward | peak MiB | success | dB outside | dB again | of the reference's seconds |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one way of a contest."""

    contest: str
    way: str
    number: int
    outcome: Outcome


def mean(values: list[float]) -> float:
    """Of the values that are known; nan where none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def said(value: float, digits: int) -> str:
    """A figure, or a dash."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def rows(runs: list[Run], contest: str) -> list[str]:
    """The table's rows of one contest: means over what was run."""
    seconds = {
        way.who: mean([run.outcome.cost.seconds for run in runs if (run.contest, run.way) == (contest, way.who)])
        for way in CONTESTS[contest].ways
    }
    return [_row(runs, contest, way, seconds[way.who] / seconds[REFERENCE]) for way in CONTESTS[contest].ways]


def _row(runs: list[Run], contest: str, way: Way, share: float) -> str:
    done = [run.outcome for run in runs if (run.contest, run.way) == (contest, way.who)]
    costs = [one.cost for one in done]
    cells = (
        said(mean([cost.seconds for cost in costs]), 1),
        said(mean([float(cost.forward) for cost in costs]), 0),
        said(mean([float(cost.backward) for cost in costs]), 0),
        said(mean([cost.memory for cost in costs]), 0),
        said(mean([one.success for one in done]), 2),
        said(mean([one.outside for one in done]), 1),
        said(mean([one.reconstruction for one in done]), 1),
        said(share, 2),
    )
    return f"| {contest} | {way.who}: {way.recipe} ({len(done)}) | {' | '.join(cells)} |"


def same(runs: list[Run], way: Way, suite: str, number: int) -> Outcome | None:
    """What another contest has measured of the same work on the same case."""
    for run in runs:
        contest = CONTESTS[run.contest]
        works = {one.who: one.work for one in contest.ways}
        if (contest.suite, run.number) == (suite, number) and works[run.way] is way.work:
            return run.outcome
    return None


def rates(sd: StableDiffusion, backward: bool = False) -> dict[int, float]:
    """UNet evaluations in a second, by how many stand in a batch; `backward`: each with its gradient for the prompt."""
    side, now, found = sd.size // sd.factor, clock(sd), {}

    def evaluate(z: Tensor, emb: Tensor) -> None:
        eps = predict(sd, z, 500, emb)
        if backward:
            eps.square().mean().backward()

    for batch in BATCHES:
        z = noise(sd, (batch, sd.unet.config.in_channels, side, side), 0)
        with torch.no_grad():
            emb = embed(sd, [""]).repeat(batch, 1, 1)
        with torch.set_grad_enabled(backward):
            emb.requires_grad_(backward)
            evaluate(z, emb)
            began = now()
            for _ in range(TIMES):
                evaluate(z, emb)
        found[batch] = TIMES * batch / (now() - began)
    return found


def kept(path: Path | None) -> list[Run]:
    """The runs of an earlier call."""
    if path is None or not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Run(line["contest"], line["way"], line["number"], Outcome(**{**line["outcome"], "cost": Cost(**line["outcome"]["cost"])}))
        for line in lines
    ]  # fmt: skip


@click.command(help=__doc__)
@click.option("--only", default=",".join(CONTESTS), show_default=True, help="contests with commas")
@click.option("--repetitions", default=3, show_default=True, type=click.IntRange(1))
@click.option("--part", default=1.0, show_default=True, type=click.FloatRange(0.001, 1))
@click.option("--seed", default=FIRST_SEED, show_default=True, type=click.IntRange(FIRST_SEED))
@click.option("--model", default=str(WEIGHTS), show_default=True, help="model folder")
@click.option("--results", type=click.Path(path_type=Path, dir_okay=False), help="keep each run here, a line of JSON")
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu", show_default=True)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="of torch")
def main(
    only: str, repetitions: int, part: float, seed: int, model: str, results: Path | None, device: str, threads: int
) -> None:
    torch.set_num_threads(threads)
    wanted = only.split(",")
    if strange := [name for name in wanted if name not in CONTESTS]:
        raise click.BadParameter(f"no such contest: {', '.join(strange)}", param_hint="--only")
    studio = open_studio(model, None, wanted, device)
    place = Place(studio, Measure(studio, load_judge(model, WEIGHTS, device)), part)
    runs = kept(results)
    for number in range(repetitions):
        for name in wanted:
            for way in CONTESTS[name].ways:
                if any((run.contest, run.way, run.number) == (name, way.who, number) for run in runs):
                    continue
                suite = CONTESTS[name].suite
                outcome = same(runs, way, suite, number) or way.work(place, case_of(suite, seed, number))
                run = Run(name, way.who, number, outcome)
                runs.append(run)
                click.echo(f"{name} {way.who} {number}: {run.outcome}", err=True)
                if results is not None:
                    with results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(run)) + "\n")
    click.echo("\n".join([*HEADER, *(row for name in wanted for row in rows(runs, name))]))
    for name, backward in (("UNet evaluations a second", False), ("with gradients", True)):
        found = rates(place.sd, backward)
        click.echo(f"\n{name}, by batch: " + ", ".join(f"{n}: {x:.1f}" for n, x in found.items()))


if __name__ == "__main__":
    main()
