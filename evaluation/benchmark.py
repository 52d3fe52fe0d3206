"""The command line: `python -m evaluation.benchmark --suite edits --methods all --cases 40 --seed 1000`.

Methods take turns on each case, so that a run ended early still compares them on the same cases. With --results every
figure is kept as soon as it is known, and the same command goes on where an earlier one was ended or killed.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from evaluation.cases import EDITS, FIRST_SEED, SUITES, TAUGHT
from evaluation.hard import HARD
from miniature import WEIGHTS

GROUPS = {"all": SUITES, "edits": EDITS, "hard": tuple(HARD), "taught": tuple(TAUGHT)}
COLUMNS: dict[str, tuple[str, Callable[[Any], str]]] = {  # title → figure, how it is written
    "outside dB": ("psnr_outside", "{:.1f}".format),
    "LPIPS": ("lpips_outside", "{:.3f}".format),
    "structure": ("structure", "{:.1f}".format),
    "truth dB": ("psnr_truth", "{:.1f}".format),
    "CLIP": ("clip_score", "{:.1f}".format),
    "direction": ("clip_direction", "{:.2f}".format),
    "seconds": ("seconds", "{:.2f}".format),
    "UNet →": ("unet_forward", "{:.0f}".format),
    "UNet ←": ("unet_backward", "{:.0f}".format),
    "MiB": ("memory", "{:.0f}".format),
    "refused": ("refused", lambda count: str(count or "")),
}


@click.command(help=__doc__)
@click.option("--suite", "suites", default="all", help=f"of {','.join(SUITES)}; or {', '.join(GROUPS)}")
@click.option("--cases", "count", default=40, show_default=True, type=click.IntRange(1), help="cases a suite")
@click.option("--seed", default=FIRST_SEED, show_default=True, type=click.IntRange(FIRST_SEED), help="of the cases")
@click.option("--methods", default="all", help="names with commas (README.md lists them); all: all that serve a suite")
@click.option("--engine", "engine_name", help="measure this engine of config.toml instead of methods")
@click.option("--model", default=str(WEIGHTS), show_default=True, help="model folder")
@click.option("--steps", type=click.IntRange(1), help="the model's own if not given; reconstruct: 50")
@click.option("--results", "folder", type=click.Path(path_type=Path, file_okay=False), help="keep and resume here")
@click.option("--minutes", type=float, help="end after this time, all suites side by side, quick methods further on")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="write the rows here")
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="save a sheet of each suite here")
@click.option("--limit-minutes", type=float, help="no new case is begun after this time, shared between the suites")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="of torch")
@click.option("--device", default="cpu", show_default=True)
@click.option("--lpips", "net", help="measure LPIPS too, with this net (squeeze, alex, vgg); needs the extra [metrics]")
@click.option("--dino", help="measure structure by this DINO (folder or hub id, as facebook/dino-vitb8)")
def main(
    suites: str,
    count: int,
    seed: int,
    methods: str,
    engine_name: str | None,
    model: str,
    steps: int | None,
    folder: Path | None,
    minutes: float | None,
    json_file: Path | None,
    pictures: Path | None,
    limit_minutes: float | None,
    threads: int,
    device: str,
    net: str | None,
    dino: str | None,
) -> None:
    chosen = [suite for name in suites.split(",") for suite in GROUPS.get(name, (name,))]
    if strangers := [suite for suite in chosen if suite not in SUITES]:
        raise click.BadParameter(f"{', '.join(strangers)}: choose from {', '.join(SUITES)}", param_hint="--suite")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch  # slow to import: after the arguments are known to be good

    from evaluation.attempt import open_studio
    from evaluation.engines import engine_of
    from evaluation.judge import load_judge
    from evaluation.measure import Measure
    from evaluation.methods import ENGINE, default_methods, serves
    from evaluation.perceptual import Dino, Lpips
    from evaluation.results import Results
    from storage.errors import HeyingError

    torch.set_num_threads(threads)
    engine = engine_of(engine_name) if engine_name else None
    if engine is not None:
        methods = f"truth,unchanged,{ENGINE}:{engine_name}"
    named = [] if methods == "all" else [name for name in methods.split(",") if name]
    if strangers := [name for name in named if not any(serves(name, suite) for suite in chosen)]:
        raise click.BadParameter(f"{', '.join(strangers)} in none of the suites", param_hint="--methods")
    teams = {
        suite: team for suite in chosen if (team := [m for m in named or default_methods(suite) if serves(m, suite)])
    }
    try:
        drawn = {name for team in teams.values() for name in team if not name.startswith(f"{ENGINE}:")}
        studio = replace(open_studio(model, steps, drawn, device), engine=engine)
        measure = Measure(
            studio,
            load_judge(model, WEIGHTS, device),
            Lpips(net, device) if net else None,
            Dino(dino, device) if dino else None,
        )
    except HeyingError as error:
        raise click.ClickException(f"{error}\n{error.sentence}") from error
    run = Run(measure, Results(folder), seed, pictures, Console() if Console().is_terminal else Console(width=140))
    rows = run.side_by_side(teams, count, minutes) if minutes else run.by_suite(teams, count, limit_minutes, json_file)
    write(rows, json_file)


class Run:
    """One run of the command."""

    def __init__(self, measure: Any, results: Any, seed: int, pictures: Path | None, console: Console) -> None:
        from pipeline.diffusion.presets import presets_of

        self.measure, self.results, self.seed, self.pictures, self.console = measure, results, seed, pictures, console
        sd = measure.studio.sd
        self.presets = None if sd is None else presets_of(sd.name)
        self.began = time.monotonic()

    def by_suite(
        self, teams: dict[str, list[str]], count: int, limit_minutes: float | None, json_file: Path | None
    ) -> list[dict[str, Any]]:
        """Suite after suite; after each its table is shown and its rows are written."""
        rows: list[dict[str, Any]] = []
        for place, (suite, team) in enumerate(teams.items(), 1):
            until = self.began + (limit_minutes or 1e9) * 60 * place / len(teams)
            done = 0
            with bar(self.console) as progress:
                task = progress.add_task(suite, total=count * len(team))
                while done < count and (not done or time.monotonic() < until):
                    for method in team:
                        self.one(suite, done, method)
                        progress.advance(task)
                    done += 1
            rows += self.shown(suite, team, done)
            write(rows, json_file)
        return rows

    def side_by_side(self, teams: dict[str, list[str]], count: int, minutes: float) -> list[dict[str, Any]]:
        """All suites and methods in turn until the time is over; then all tables are shown."""
        from evaluation.turns import InTurn

        turns = InTurn(teams, count)
        with bar(self.console) as progress:
            task = progress.add_task("all suites", total=count * sum(len(team) for team in teams.values()))
            for suite, number, method in turns:
                if time.monotonic() > self.began + 60 * minutes:
                    break
                turns.took(suite, method, self.one(suite, number, method).figures.seconds)
                progress.advance(task)
        return [row for suite, team in teams.items() for row in self.shown(suite, team, count)]

    def one(self, suite: str, number: int, method: str) -> Any:
        """The result of one method on one case: a known one, or one that is measured now and kept."""
        from evaluation.attempt import attempt
        from evaluation.cases import case_of, digest
        from evaluation.methods import recipe_digest
        from evaluation.results import Result

        studio = self.measure.studio
        steps = studio.inversion_steps if suite == "reconstruct" else studio.steps
        case = case_of(suite, self.seed, number)
        asks, recipe = digest(suite, self.seed, number), recipe_digest(method, suite, self.presets)
        key = (suite, number, method, self.seed, steps, studio.weights, asks, recipe)
        if (known := self.results.get(key)) is not None:
            return known
        made = attempt(studio, case, method)
        result = Result(*key, case.sentence, self.measure.figures(case, made))
        self.results.add(result, made.picture if self.pictures or self.results.folder else None)
        return result

    def shown(self, suite: str, team: Sequence[str], count: int) -> list[dict[str, Any]]:
        """Show the table of a suite, save its sheet, and return its rows."""
        from evaluation.cases import case_of, digest
        from evaluation.grid import Sample, sheet, spread
        from evaluation.measure import row
        from evaluation.methods import YARDSTICKS, recipe_digest

        studio = self.measure.studio
        now = {method: recipe_digest(method, suite, self.presets) for method in team}
        steps = studio.inversion_steps if suite == "reconstruct" else studio.steps
        known = [
            one
            for one in self.results.of(studio.weights, self.seed, steps)
            if one.suite == suite
            and one.number < count
            and one.recipe == now.get(one.method)
            and one.asks == digest(suite, self.seed, one.number)
        ]
        found = {method: [one for one in known if one.method == method] for method in team}
        found = {method: some for method, some in found.items() if some}
        if not found:
            return []
        rows = [row(suite, method, self.seed, [one.figures for one in some]) for method, some in found.items()]
        self.console.print(table(suite, rows))
        for method, some in found.items():
            reasons = Counter(one.figures.refused for one in some if one.figures.refused)
            for reason, often in reasons.most_common():
                self.console.print(f"  {method} refused {often}: {reason}", style="dim", highlight=False)
        if self.pictures:
            shared = set.intersection(*({one.number for one in some} for some in found.values()))
            samples = [
                Sample(
                    case_of(suite, self.seed, number),
                    {m: self.results.picture(one) for m, some in found.items() for one in some if one.number == number},
                    {m: one.figures for m, some in found.items() for one in some if one.number == number},
                )
                for number in sorted(shared)
            ]
            judged = next((m for m in found if m not in YARDSTICKS), next(iter(found)))
            drawn = [m for m in found if m not in ("truth", "unchanged")]
            sheet(spread(samples, judged), drawn, self.pictures / f"{suite}.png")
        return rows


def write(rows: list[dict[str, Any]], path: Path | None) -> None:
    """The rows as a JSON file."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def table(suite: str, rows: Sequence[dict[str, Any]]) -> Table:
    """One suite on screen; columns of which nothing is known are left out."""
    cases = [row["cases"] for row in rows]
    some = str(cases[0]) if len(set(cases)) == 1 else f"{min(cases)}–{max(cases)}"
    title = f"{suite}: {some} cases of seed {rows[0]['seed']}"
    out = Table(title=title, title_justify="left", box=SIMPLE_HEAD, title_style="bold")
    out.add_column("method", no_wrap=True)
    if len(set(cases)) > 1:
        out.add_column("cases", justify="right")
    out.add_column("success", justify="right", no_wrap=True)
    columns = {
        title: column for title, column in COLUMNS.items() if any(row.get(column[0]) is not None for row in rows)
    }
    if not any(row["refused"] for row in rows):
        columns.pop("refused", None)
    for name in columns:
        out.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        success = f"{row['success']:.2f} [{row['low']:.2f}–{row['high']:.2f}]"
        count = [str(row["cases"])] if len(set(cases)) > 1 else []
        figures = ("" if row[name] is None else write(row[name]) for name, write in columns.values())
        out.add_row(row["method"], *count, success, *figures)
    return out


def bar(console: Console) -> Progress:
    """A progress bar that leaves nothing behind."""
    return Progress(
        TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
