"""`python -m evaluation.markdown`: the stored results as the tables of evaluation/README.md, put between its marks.

A table stands between `<!-- edits -->` and `<!-- /edits -->`: what methods do in each suite; `beats`: who is better than
doing nothing and than plain DDIM; `hard`: the hard cases. Everything else in the file stays.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from evaluation.cases import EDITS
from evaluation.comparisons import FIELDS, beats, by_family
from evaluation.hard import HARD
from evaluation.report import STORED, Chosen, select
from evaluation.results import Results

PAGE = Path(__file__).with_name("README.md")
Rows = dict[tuple[str, str], dict[str, Any]]


def tables(chosen: Chosen) -> dict[str, str]:
    """Each mark's table."""
    rows = chosen.rows
    edits, hard = ([suite for suite in some if any(key[0] == suite for key in rows)] for some in (EDITS, HARD))
    compared = [
        [one[key] for key in ("method", "served", "nothing", "ddim", *FIELDS)] for one in beats(chosen.table, edits)
    ]
    titles = (
        "method",
        "edits",
        "above nothing",
        "above DDIM in one of the four",
        "success",
        "structure",
        "outside",
        "truth",
    )
    return {
        "edits": _matrix(rows, edits, {(suite, name) for suite, name in chosen.taken.items() if name}),
        "beats": _table(titles, compared),
        "hard": _matrix(rows, hard, set()),
    }


def _matrix(rows: Rows, suites: Sequence[str], bold: set[tuple[str, str]]) -> str:
    """A line for each method, a column for each suite."""
    methods = sorted({method for suite, method in rows if suite in suites}, key=by_family)
    most = max((one["cases"] for one in rows.values()), default=0)
    lines = [
        [name, *(_cell(rows.get((suite, name)), (suite, name) in bold, most) for suite in suites)] for name in methods
    ]
    return _table(("method", *suites), lines)


def _cell(one: dict[str, Any] | None, bold: bool, most: int) -> str:
    """Success, dB outside, dB to the true answer, seconds; the number of cases if it is not that of most."""
    if one is None:
        return ""
    success = "1.00" if one["success"] == 1 else f"{one['success']:.2f}".lstrip("0")
    parts = [f"**{success}**" if bold else success]
    if one["method"] not in ("truth", "unchanged"):
        parts.append("–" if one["psnr_outside"] is None else f"{one['psnr_outside']:.1f}")
        parts += [f"{one['psnr_truth']:.1f}", f"{one['seconds']:.1f}"]
    return ", ".join(parts) + ("" if one["cases"] == most else f" ({one['cases']})")


def _table(titles: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    rows = [titles, ["---"] * len(titles), *lines]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in rows)


def filled(text: str, by_name: dict[str, str]) -> str:
    """The text with its tables between their marks. Raises ValueError for a mark that is not there."""
    for name, table in by_name.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not mark.search(text):
            raise ValueError(f"there is no place for {name!r}")
        text = mark.sub(lambda found, table=table: f"{found[1]}\n{table}\n\n{found[2]}", text)  # type: ignore[misc]
    return text


@click.command(help=__doc__)
@click.option(
    "--results", "folder", type=click.Path(path_type=Path, file_okay=False), default=STORED, show_default=True
)
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False, exists=True), default=PAGE, show_default=True)
@click.option("--weights", help="the model's fingerprint; the one of which most is known")
@click.option("--seed", type=int, help="the one of which most is known")
def main(folder: Path, page: Path, weights: str | None, seed: int | None) -> None:
    try:
        filled_in = tables(select(Results(folder), weights, seed))
        page.write_text(filled(page.read_text("utf-8"), filled_in), "utf-8")
    except ValueError as error:
        raise click.ClickException(f"{folder}: {error}") from error
    click.echo(f"{page}: {', '.join(filled_in)}")


if __name__ == "__main__":
    main()
