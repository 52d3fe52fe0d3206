"""`make report`: the stored results as one page to look at, evaluation/report.html.

Everything is inside the page: pictures, plots, style, script. Results of several models may lie in one folder; the page
shows one, by default that of which most is known.
"""

import json
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import jinja2
import numpy as np
from markupsafe import Markup

from evaluation import charts
from evaluation.attempt import as_tensor
from evaluation.case import Case
from evaluation.cases import EDITS, OPERATIONS, TAUGHT, case_of
from evaluation.comparisons import beats, by_family, cost, strengths
from evaluation.hard import HARD
from evaluation.measure import row
from evaluation.methods import YARDSTICKS, still_true
from evaluation.results import PICTURES, Result, Results, table, webp
from miniature import WEIGHTS, draw
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.presets import presets_of

HERE = Path(__file__).parent
STORED, PAGE, TEMPLATES = HERE / "results", HERE / "report.html", HERE / "page"
ENOUGH = 10  # cases; what was seen less often is not known
QUALITY = 72  # of the pictures in the page
TITLES = {
    "reconstruct": ("Reconstruct", "invert the photo, sample it again"),
    "replace": ("Replace", "another kind in the same colour"),
    "recolor": ("Recolour", "another colour, nothing else"),
    "restyle": ("Restyle", "the whole picture in another style"),
    "background": ("Background", "another setting behind the same things"),
    "insert": ("Insert", "a thing comes to a free side"),
    "remove": ("Remove", "a thing goes"),
    "expression": ("Expression", "a close-up makes another face"),
    "two_people": ("Two people", "one of two gets other clothes, the other one must not"),
    "behind": ("Behind", "the one who stands half hidden gets other clothes"),
    "pattern": ("Fine patterns", "clothes change their colour and keep their pattern"),
    "mirror": ("Mirror and water", "the thing and its image both change"),
    "move": ("Move", "to another place, and gone from the old one"),
    "swap": ("Swap", "two things change places"),
    "ambiguous": ("Which one?", "two of a kind, told apart by their colour"),
    "asks": ("Asks back", "two of a kind, and nothing says which"),
    "concept": ("Character", "learnt from four pictures, drawn somewhere else"),
    "group": ("In the group", "a taught character comes into a group photo"),
    "style": ("Taught style", "a style learnt from four pictures"),
}
FIGURES = (  # key, title, digits, what is better
    ("psnr_outside", "outside dB", 1, 1), ("ssim_outside", "SSIM", 3, 1), ("lpips_outside", "LPIPS", 3, -1),
    ("structure", "structure ×10³", 1, -1), ("psnr_truth", "truth dB", 1, 1), ("clip_score", "CLIP", 1, 1),
    ("clip_direction", "direction", 2, 1), ("seconds", "seconds", 1, -1), ("unet_forward", "UNet →", 0, -1),
    ("unet_backward", "UNet ←", 0, -1), ("memory", "MiB", 0, -1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """The results that a page shows: of one model, seed and (for edits) number of steps."""

    store: Results
    weights: str
    seed: int
    results: list[Result]

    @property
    def table(self) -> dict[tuple[str, str], list[Result]]:
        return table(one for one in self.results if not _varied(one.method) or one.suite == "reconstruct")

    @property
    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The means and intervals of each method in each suite."""
        return {key: row(*key, self.seed, [one.figures for one in some]) for key, some in self.table.items()}

    @property
    def taken(self) -> dict[str, str | None]:
        """The method that the shipped model takes for each edit, where these results know it."""
        found, best = self.table, presets_of(str(WEIGHTS)).best
        edits = [suite for suite in EDITS if any(key[0] == suite for key in found)]
        taken = {suite: best[OPERATIONS[suite]] for suite in edits}
        return {suite: method if (suite, method) in found else None for suite, method in taken.items()}


def select(store: Results, weights: str | None = None, seed: int | None = None) -> Chosen:
    """The results of one model and seed: those asked for, else those of which there are most. Results of cases that the
    world no longer makes, and of settings that a method no longer has, are left out. Raises ValueError if there are
    none."""
    counts = Counter(
        (one.weights, one.seed)
        for one in store
        if weights in (None, one.weights) and seed in (None, one.seed) and still_true(one)
    )
    if not counts:
        raise ValueError("no results of cases that this world makes")
    (weights, seed), _ = counts.most_common(1)[0]
    return Chosen(store, weights, seed, [one for one in store.of(weights, seed) if still_true(one)])


def context(chosen: Chosen, gates: dict[str, Any] | None) -> dict[str, Any]:
    """All that the page says."""
    rows, taken = chosen.rows, chosen.taken
    suites = [suite for suite in TITLES if any(key[0] == suite for key in rows)]
    edits = [suite for suite in suites if suite in EDITS]
    methods = sorted({key[1] for key in rows if key[0] in (*EDITS, *HARD)}, key=by_family)
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        "weights": chosen.weights,
        "seed": chosen.seed,
        "count": sum(one.method not in YARDSTICKS for one in chosen.results),
        "methods": len([m for m in methods if m in METHODS]),
        "few": max((one["cases"] for key, one in rows.items() if key[1] in METHODS), default=0) < ENOUGH,
        "hero": _hero(chosen, edits, taken),
        "matrix": _matrix(rows, [s for s in suites if s in (*EDITS, *HARD)], methods, taken),
        "suites": [_suite(chosen, rows, suite, taken.get(suite)) for suite in suites],
        "groups": [
            ("Edits", [s for s in suites if s in EDITS]),
            ("Hard cases", [s for s in suites if s in HARD]),
            ("Taught", [s for s in suites if s in TAUGHT]),
            ("Inversions", [s for s in suites if s == "reconstruct"]),
        ],
        "titles": TITLES,
        "cost": cost(rows, edits, methods, taken),
        "strengths": strengths(chosen.results),
        "gates": gates,
        "beats": beats(chosen.table, edits),
    }


def _varied(method: str) -> bool:
    """Whether a method's name says more than the method."""
    return any(mark in method for mark in "@:?")


def _matrix(
    rows: dict[tuple[str, str], dict[str, Any]], suites: list[str], methods: list[str], taken: dict[str, str | None]
) -> dict[str, Any]:
    """Success of every method in every suite."""
    lines = []
    for method in methods:
        cells = []
        for suite in suites:
            one = rows.get((suite, method))
            cells.append(None if one is None else {**one, "taken": taken.get(suite) == method})
        if any(cells):
            lines.append({"method": method, "family": charts.family(method), "title": _title(method), "cells": cells})
    return {"suites": suites, "lines": lines}


def _title(method: str) -> str:
    return METHODS[method].title if method in METHODS else ""


def _suite(
    chosen: Chosen, rows: dict[tuple[str, str], dict[str, Any]], suite: str, taken: str | None
) -> dict[str, Any]:
    """One suite: its table, and its best, median and worst case as pictures."""
    own = {method: one for (name, method), one in rows.items() if name == suite}
    order = sorted(own, key=by_family)
    judged = taken or next(
        (m for m in ("prompt_to_prompt", "textual_inversion", "chain", "direct") if m in own), order[-1]
    )
    shown = [figure for figure in FIGURES if any(one.get(figure[0]) is not None for one in own.values())]
    lines = [
        {
            "method": method,
            "family": charts.family(method),
            "row": own[method],
            "bar": Markup(charts.bar(own[method]["success"], own[method]["low"], own[method]["high"])),
            "cells": [_cell(own[method], key, digits) for key, _, digits, _ in shown],
        }
        for method in order
    ]
    return {
        "name": suite, "title": TITLES[suite][0], "about": TITLES[suite][1], "judged": judged, "taken": taken,
        "columns": [title for _, title, _, _ in shown], "lines": lines, "cases": _pictures(chosen, suite, judged, order),
    }  # fmt: skip


def _cell(one: dict[str, Any], key: str, digits: int) -> dict[str, str]:
    """A figure with its interval, as words."""
    value = one.get(key)
    if value is None:
        return {"value": "", "span": ""}
    span = one["intervals"].get(key)
    return {"value": f"{value:.{digits}f}", "span": f"{span[0]:.{digits}f}–{span[1]:.{digits}f}" if span else ""}


def _pictures(chosen: Chosen, suite: str, judged: str, order: list[str]) -> list[dict[str, Any]]:
    """Best, median and worst case of a suite by what `judged` made of it, among those that most methods have done."""
    own = [one for one in chosen.results if one.suite == suite and one.method in order]
    by_number: dict[int, dict[str, Result]] = {}
    for one in own:
        by_number.setdefault(one.number, {})[one.method] = one
    able = {number: made for number, made in by_number.items() if judged in made}
    if not able:
        return []
    most = max(len(made) for made in able.values())
    ranked = sorted(
        (number for number, made in able.items() if len(made) >= 0.7 * most),
        key=lambda number: _goodness(able[number][judged]),
    )
    picks = {"best": ranked[-1], "median": ranked[len(ranked) // 2], "worst": ranked[0]}
    out = []
    seen: set[int] = set()
    for place, number in picks.items():
        if number in seen:
            continue
        seen.add(number)
        case = case_of(suite, chosen.seed, number)
        made = [
            {"method": method, "family": charts.family(method), "judged": method == judged, **_shown(chosen, result)}
            for method in order
            if method not in ("truth", "unchanged") and (result := by_number[number].get(method)) is not None
        ]
        out.append(
            {
                "place": place,
                "sentence": case.sentence or case.character,
                "photo": _embedded(_photo(case)),
                "truth": None if case.asks else _embedded(webp(as_tensor(draw.paint(case.after)), QUALITY)),
                "made": [one for one in made if one["picture"]],
            }
        )
    return out


def _goodness(result: Result) -> tuple[bool, float]:
    figures = result.figures
    return figures.success, figures.clip_score if np.isnan(figures.psnr_truth) else figures.psnr_truth


def _shown(chosen: Chosen, result: Result) -> dict[str, Any]:
    picture = chosen.store.picture(result)
    return {
        "picture": None if picture is None else _embedded(webp(picture, QUALITY)),
        "file": result.picture,
        "success": result.figures.success,
        "refused": result.figures.refused,
        "seconds": f"{result.figures.seconds:.1f}",
    }


def _photo(case: Case) -> bytes:
    """The photo; for something taught the four pictures it was taught from, in one."""
    if not case.taught:
        return webp(as_tensor(draw.paint(case.before)), QUALITY)
    small = [draw.paint(scene)[::2, ::2] for scene in case.taught[:4]]
    return webp(as_tensor(np.vstack([np.hstack(small[:2]), np.hstack(small[2:])])), QUALITY)


def _embedded(data: bytes) -> str:
    return "data:image/webp;base64," + b64encode(data).decode()


def _hero(chosen: Chosen, edits: list[str], taken: dict[str, str | None]) -> list[dict[str, Any]]:
    """For each kind of edit one that came out well, photo and picture."""
    out = []
    for suite in edits:
        method = taken[suite] or "prompt_to_prompt"
        good = [
            one for one in chosen.results
            if (one.suite, one.method) == (suite, method) and one.figures.success and chosen.store.picture(one) is not None
        ]  # fmt: skip
        if good:
            best = max(good, key=_goodness)
            case = case_of(suite, chosen.seed, best.number)
            out.append(
                {"suite": suite, "sentence": case.sentence, "photo": _embedded(_photo(case)), **_shown(chosen, best)}
            )
    return out


def render(values: dict[str, Any]) -> str:
    """The page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    style, script = ((TEMPLATES / name).read_text("utf-8") for name in ("report.css", "report.js"))
    return environment.get_template("report.html.jinja").render(style=Markup(style), script=Markup(script), **values)


def tidy(folder: Path, values: dict[str, Any]) -> int:
    """Delete the pictures that the page does not show; how many there were."""
    used = {one["file"] for suite in values["suites"] for case in suite["cases"] for one in case["made"]}
    used |= {one["file"] for one in values["hero"]}
    spare = [path for path in (folder / PICTURES).glob("*.webp") if f"{PICTURES}/{path.name}" not in used]
    for path in spare:
        path.unlink()
    return len(spare)


@click.command(help=__doc__)
@click.option(
    "--results", "folder", type=click.Path(path_type=Path, file_okay=False), default=STORED, show_default=True
)
@click.option("--gates", "gates_file", type=click.Path(path_type=Path, dir_okay=False), help="verdicts of the gates")
@click.option("--weights", help="the model's fingerprint; the one of which most is known")
@click.option("--seed", type=int, help="the one of which most is known")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=PAGE, show_default=True)
@click.option("--tidy", "tidied", is_flag=True, help="delete the pictures that the page does not show")
def main(folder: Path, gates_file: Path | None, weights: str | None, seed: int | None, out: Path, tidied: bool) -> None:
    path = gates_file or folder / "gates.json"
    gates = json.loads(path.read_text("utf-8")) if path.is_file() else None
    try:
        values = context(select(Results(folder), weights, seed), gates)
    except ValueError as error:
        raise click.ClickException(
            f"{folder}: {error}; run python -m evaluation.benchmark --results {folder}"
        ) from error
    page = render(values)
    out.write_text(page, "utf-8")
    click.echo(f"{out}: {len(page.encode()) / 2**20:.2f} MiB, {values['count']} results of {values['weights']}")
    if tidied:
        click.echo(f"{tidy(folder, values)} pictures deleted")


if __name__ == "__main__":
    main()
