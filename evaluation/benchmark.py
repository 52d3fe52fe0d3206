"""The command line: `python -m evaluation.benchmark --suite replace,recolor --cases 40 --seed 1000`.

Methods take turns on each case, so that a run ended early by --limit-minutes still compares them on the same cases.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from evaluation.cases import FIRST_SEED, SUITES

WEIGHTS = Path(__file__).parents[1] / "miniature" / "weights"
COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {  # title → how it is written
    "success": lambda row: f"{row['success']:.2f} [{row['low']:.2f}–{row['high']:.2f}]",
    "outside dB": lambda row: _number(row["psnr_outside"], 1),
    "truth dB": lambda row: _number(row["psnr_truth"], 1),
    "CLIP": lambda row: _number(row["clip_score"], 1),
    "direction": lambda row: _number(row["clip_direction"], 2),
    "seconds": lambda row: _number(row["seconds"], 2),
    "UNet →": lambda row: _number(row["unet_forward"], 0),
    "UNet ←": lambda row: _number(row["unet_backward"], 0),
}


@click.command(help=__doc__)
@click.option("--suite", "suites", default="all", help=f"one or several of {','.join(SUITES)}, or all")
@click.option("--cases", "count", default=40, show_default=True, type=click.IntRange(1), help="cases a suite")
@click.option("--seed", default=FIRST_SEED, show_default=True, type=click.IntRange(FIRST_SEED), help="of the cases")
@click.option("--methods", default="", help="names with commas (README.md lists them); none: all that serve a suite")
@click.option("--model", default=str(WEIGHTS), show_default=True, help="model folder")
@click.option("--steps", type=click.IntRange(1), help="the model's own if not given; reconstruct: 50")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="write the rows here")
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="save a sheet of each suite here")
@click.option("--limit-minutes", type=float, help="no new case is begun after this time, shared between the suites")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="of torch")
@click.option("--device", default="cpu", show_default=True)
def main(
    suites: str,
    count: int,
    seed: int,
    methods: str,
    model: str,
    steps: int | None,
    json_file: Path | None,
    pictures: Path | None,
    limit_minutes: float | None,
    threads: int,
    device: str,
) -> None:
    chosen = list(SUITES) if suites == "all" else suites.split(",")
    if strangers := [suite for suite in chosen if suite not in SUITES]:
        raise click.BadParameter(f"{', '.join(strangers)}: choose from {', '.join(SUITES)}", param_hint="--suite")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch  # slow to import: after the arguments are known to be good

    from evaluation.methods import default_methods, serves
    from pipeline.toolkit.model import ModelError

    torch.set_num_threads(threads)
    named = [name for name in methods.split(",") if name]
    if strangers := [name for name in named if not any(serves(name, suite) for suite in chosen)]:
        raise click.BadParameter(f"{', '.join(strangers)} in none of the suites", param_hint="--methods")
    teams = {suite: [m for m in named or default_methods(suite) if serves(m, suite)] for suite in chosen}
    rows = []
    try:
        for result in run(teams, count, seed, model, steps, pictures, limit_minutes, device):
            rows += result
            if json_file:
                json_file.parent.mkdir(parents=True, exist_ok=True)
                json_file.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except ModelError as error:
        raise click.ClickException(f"{error}\n{error.sentence}") from error


def run(
    teams: dict[str, list[str]],
    count: int,
    seed: int,
    model: str,
    steps: int | None,
    pictures: Path | None,
    limit_minutes: float | None,
    device: str,
) -> Iterator[list[dict[str, Any]]]:
    """Run the suites, each with its team of methods; after each its table is shown and its rows are yielded."""
    from evaluation.cases import cases
    from evaluation.grid import Sample, sheet, spread
    from evaluation.judge import load_judge
    from evaluation.measure import Measure, row
    from evaluation.methods import YARDSTICKS, attempt, open_studio

    console, began = Console(), time.monotonic()
    console = console if console.is_terminal else Console(width=120)  # in a file or pipe the table is not squeezed
    studio = open_studio(model, steps, {name for team in teams.values() for name in team}, device)
    measure = Measure(studio, load_judge(model, WEIGHTS, device))
    for place, (suite, team) in enumerate(teams.items(), 1):
        if not team:
            continue
        until = began + (limit_minutes or 1e9) * 60 * place / len(teams)
        samples: list[Sample] = []
        with _bar(console) as bar:
            task = bar.add_task(suite, total=count * len(team))
            for case in cases(suite, seed, count):
                if samples and time.monotonic() > until:
                    break
                made = {}
                for method in team:
                    made[method] = attempt(studio, case, method)
                    bar.advance(task)
                figures = {method: measure.figures(case, one) for method, one in made.items()}
                samples.append(Sample(case, {m: one.picture for m, one in made.items()} if pictures else {}, figures))
        rows = [row(suite, method, seed, [sample.figures[method] for sample in samples]) for method in team]
        console.print(table(suite, rows))
        for method in team:
            reasons = Counter(reason for sample in samples if (reason := sample.figures[method].refused))
            for reason, often in reasons.most_common():
                console.print(f"  {method} refused {often}: {reason}", style="dim", highlight=False)
        if pictures:
            judged = next((m for m in team if m not in YARDSTICKS), team[0])
            sheet(
                spread(samples, judged), [m for m in team if m not in ("truth", "unchanged")], pictures / f"{suite}.png"
            )
        yield rows


def table(suite: str, rows: Sequence[dict[str, Any]]) -> Table:
    """One suite on screen."""
    title = f"{suite}: {rows[0]['cases']} cases of seed {rows[0]['seed']}"
    out = Table(title=title, title_justify="left", box=SIMPLE_HEAD, title_style="bold")
    out.add_column("method", no_wrap=True)
    columns = dict(COLUMNS)
    if any(one["refused"] for one in rows):
        columns["refused"] = lambda row: str(row["refused"] or "")
    for name in columns:
        out.add_column(name, justify="right", no_wrap=True)
    for one in rows:
        out.add_row(one["method"], *(write(one) for write in columns.values()))
    return out


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
