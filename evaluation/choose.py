"""`python -m evaluation.choose`: what was measured on a model becomes what it works by (pipeline/choice.py).

For each operation the results of its own suite count, told the truth and before compositing, of cases that the world still
makes and settings that the methods still have. Every method has begun with the same cases; who is slow may have had fewer
of them. Yardsticks and variants with options are left out.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
import numpy as np

from evaluation.cases import OPERATIONS, digest
from evaluation.methods import recipe_digest
from evaluation.metrics import interval
from evaluation.results import Result, Results, table
from pipeline.choice import TABLE, Measured, choose, load
from pipeline.methods import METHODS
from pipeline.recipes import OPERATIONS as RECIPES

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
    )


def write(path: Path, weights: str, found: dict[str, dict[str, Measured]]) -> None:
    """Put the measurements of these weights into the table; those of other weights stay."""
    data = {
        other: {op: {name: asdict(one) for name, one in methods.items()} for op, methods in operations.items()}
        for other, operations in load.__wrapped__(path).items()
    }
    data[weights] = {op: {name: asdict(one) for name, one in methods.items()} for op, methods in found.items()}
    lines = [
        f'  "{key}": {{\n'
        + ",\n".join(
            f'    "{op}": {{\n'
            + ",\n".join(f'      "{m}": {json.dumps(one)}' for m, one in methods.items())
            + "\n    }"
            for op, methods in operations.items()
        )
        + "\n  }"
        for key, operations in sorted(data.items())
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


@click.command(help=__doc__)
@click.option("--results", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--weights", help="the model's fingerprint; needed when the results are of several")
@click.option("--seed", type=int, help="needed when the results are of several")
@click.option("--table", "path", type=click.Path(path_type=Path, dir_okay=False), default=TABLE, show_default=True)
def main(folder: Path, weights: str | None, seed: int | None, path: Path) -> None:
    results = Results(folder)
    known = {one.weights for one in results if one.weights}
    if weights is None and len(known) != 1:
        raise click.BadParameter(f"the results are of {', '.join(sorted(known)) or 'no model'}", param_hint="--weights")
    weights = weights or next(iter(known))
    if weights not in known:
        raise click.BadParameter(f"no results of {weights}", param_hint="--weights")
    found = measurements(one for one in results.of(weights, seed) if still_true(one))
    write(path, weights, found)
    for operation, methods in found.items():
        click.echo(f"{operation}: {choose(methods) or 'too few cases'}")
        for name, one in sorted(methods.items(), key=lambda item: -item[1].success):
            click.echo(
                f"  {name:18} {one.cases:3} cases  success {one.success:.2f} [{one.low:.2f}–{one.high:.2f}]"
                f"  {one.fidelity:5.1f} dB  {one.seconds:6.1f} s"
            )


if __name__ == "__main__":
    main()
