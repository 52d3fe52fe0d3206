"""`python -m evaluation.choose`: what was measured on a model becomes what it works by (pipeline/diffusion/choice.py).

For each operation the results of its own suite count, told the truth and before compositing, of cases that the world still
makes and settings that the methods still have. Every method has begun with the same cases; who is slow may have had fewer
of them. Yardsticks and variants with options are left out.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import click
import numpy as np

from evaluation.cases import OPERATIONS, digest
from evaluation.methods import recipe_digest
from evaluation.metrics import interval
from evaluation.results import Result, Results, table
from miniature import WEIGHTS
from pipeline.diffusion.choice import TABLE, Entry, Measured, choose, load, world
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.presets import OPERATIONS as RECIPES
from pipeline.diffusion.vocabulary import load as load_vocabulary

SUITES = {"modify": "expression"}  # an operation whose suite has another name


def still_true(result: Result) -> bool:
    """Whether the world still makes a result's case and its method still works by the same settings."""
    try:
        asks, recipe = digest(result.suite, result.seed, result.number), recipe_digest(result.method, result.suite)
    except (KeyError, ValueError):
        return False
    return (result.asks, result.recipe) == (asks, recipe)


def measurements(results: Iterable[Result]) -> dict[str, dict[str, Measured]]:
    """operation → method → figures, from the results of one model at one seed and number of steps."""
    found = table(results)
    out: dict[str, dict[str, Measured]] = {}
    for operation in RECIPES:
        suite = SUITES.get(operation, operation)
        if OPERATIONS.get(suite) != operation:
            continue
        own = {method: found[suite, method] for method in METHODS if (suite, method) in found}
        if own:
            out[operation] = {method: measured(some) for method, some in own.items()}
    return out


def measured(results: list[Result]) -> Measured:
    """The figures of one method at one operation."""
    figures = [one.figures for one in results]
    successes = [one.success for one in figures]
    low, high = interval(successes)
    return Measured(
        cases=len(figures),
        success=round(sum(successes) / len(figures), 3),
        low=round(low, 3),
        high=round(high, 3),
        fidelity=round(float(np.mean([one.psnr_truth for one in figures])), 2),
        seconds=round(median(one.seconds for one in figures), 2),
        outside=round(float(np.mean([one.psnr_outside for one in figures])), 2),
    )


def write(path: Path, new: Entry) -> None:
    """Put the measurements of some weights into the table; those of other weights stay."""
    entries = [*(one for one in load.__wrapped__(path) if one.weights != new.weights), new]
    path.write_text("[\n" + ",\n".join(map(_written, entries)) + "\n]\n", "utf-8")


def _written(entry: Entry) -> str:
    """An entry as JSON, a method a line."""
    operations = ",\n".join(
        f'    "{operation}": {{\n'
        + ",\n".join(
            f'      "{method}": {json.dumps({key: value for key, value in asdict(one).items() if value == value})}'
            for method, one in methods.items()
        )
        + "\n    }"
        for operation, methods in entry.operations.items()
    )
    own = ", ".join(f'"{name}": {json.dumps(getattr(entry, name))}' for name in ("weights", "world", "measured"))
    return f'  {{{own}, "operations": {{\n{operations}\n  }}}}'


@click.command(help=__doc__)
@click.option("--results", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--weights", help="the model's fingerprint; needed when the results are of several")
@click.option("--seed", type=int, help="needed when the results are of several")
@click.option("--model", default=str(WEIGHTS), show_default=True, help="the model measured: its world is written down")
@click.option("--table", "path", type=click.Path(path_type=Path, dir_okay=False), default=TABLE, show_default=True)
def main(folder: Path, weights: str | None, seed: int | None, model: str, path: Path) -> None:
    results = Results(folder)
    known = {one.weights for one in results if one.weights}
    if weights is None and len(known) != 1:
        raise click.BadParameter(f"the results are of {', '.join(sorted(known)) or 'no model'}", param_hint="--weights")
    weights = weights or next(iter(known))
    if weights not in known:
        raise click.BadParameter(f"no results of {weights}", param_hint="--weights")
    found = measurements(one for one in results.of(weights, seed) if still_true(one))
    today = datetime.now(UTC).date().isoformat()
    write(path, Entry(weights, world(load_vocabulary(model)), today, found))
    for operation, methods in found.items():
        click.echo(f"{operation}: {choose(methods, RECIPES[operation].method) or 'too few cases'}")
        for name, one in sorted(methods.items(), key=lambda item: -item[1].success):
            click.echo(
                f"  {name:18} {one.cases:3} cases  success {one.success:.2f} [{one.low:.2f}–{one.high:.2f}]"
                f"  {one.fidelity:5.1f} dB  {one.seconds:6.1f} s"
            )


if __name__ == "__main__":
    main()
