"""What the page says across the suites: cost against success, fidelity against strength, who beats the baselines."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

import numpy as np
from markupsafe import Markup

from evaluation import charts
from evaluation.measure import FEWEST
from evaluation.methods import YARDSTICKS, spec
from evaluation.metrics import mean_interval
from evaluation.results import Result
from pipeline.diffusion.methods import METHODS


def by_family(method: str) -> tuple[int, str]:
    """Yardsticks and baseline first, then family by family."""
    if method in (*YARDSTICKS, "ddim"):
        return (*YARDSTICKS, "ddim").index(method), ""
    return 10 + ["attention", "noise", "learning", "chain", "baseline"].index(charts.family(method)), method


def cost(
    rows: dict[tuple[str, str], dict[str, Any]], edits: list[str], methods: list[str], taken: dict[str, str | None]
) -> Markup:
    """Every method's mean success over the edits that it serves, against its mean seconds."""
    dots = []
    for method in methods:
        if method in YARDSTICKS:
            continue
        own = [rows[suite, method] for suite in edits if (suite, method) in rows]
        if not own:
            continue
        counts = f"{len(own)} of {len(edits)} edits, {sum(one['cases'] for one in own)} cases"
        dots.append(
            charts.Dot(
                method,
                float(np.mean([one["seconds"] for one in own])),
                float(np.mean([one["success"] for one in own])),
                float(np.mean([one["low"] for one in own])),
                float(np.mean([one["high"] for one in own])),
                method in taken.values(),
                counts,
            )
        )
    return Markup(charts.cost_against_success(dots)) if dots else Markup("")


def strengths(results: Sequence[Result]) -> list[dict[str, Any]]:
    """For each method that was run at several strengths: fidelity (PSNR outside the change, or to the photo's answer)
    and success at each."""
    found: dict[str, dict[float, list[Result]]] = {}
    for one in results:
        named = spec(one.method)
        if one.suite == "reconstruct" or named.base not in METHODS or named.options or named.inversion:
            continue
        found.setdefault(named.base, {}).setdefault(1.0 if named.number is None else named.number, []).append(one)
    out: list[dict[str, Any]] = []
    for method in sorted(found, key=by_family):
        if len(found[method]) < 3:
            continue
        swept = {(one.suite, one.number) for at, some in found[method].items() if at != 1 for one in some}
        points = []
        for at, some in sorted(found[method].items()):
            own = [one for one in some if (one.suite, one.number) in swept]
            kept = [one.figures.psnr_outside for one in own if not np.isnan(one.figures.psnr_outside)]
            if own and kept:
                points.append((at, float(np.mean(kept)), sum(one.figures.success for one in own) / len(own)))
        if len(points) >= 3:
            out.append({"method": method, "family": charts.family(method), "points": points, "cases": len(swept)})
    if out:
        every = [fidelity for line in out for _, fidelity, _ in line["points"]]
        scale = (5 * floor(min(every) / 5), 5 * ceil(max(every) / 5 + 1e-6))
        for line in out:
            line["chart"] = Markup(charts.strength(line["method"], line["points"], scale))
    return out


FIELDS = {"success": 1, "structure": -1, "psnr_outside": 1, "psnr_truth": 1}  # figure → which way is better


def beats(found: Mapping[tuple[str, str], Sequence[Result]], edits: Sequence[str]) -> list[dict[str, Any]]:
    """In how many edits a method is better than doing nothing (success) and than plain DDIM with the new prompt (in one of
    FIELDS), with certainty: on the same cases the interval of the mean difference does not hold 0."""
    out = []
    for method in sorted({name for _, name in found if name in METHODS}, key=by_family):
        served = [s for s in edits if {(s, method), (s, "ddim"), (s, "unchanged")} <= found.keys()]
        if not served:
            continue
        nothing = sum(_better(found[s, method], found[s, "unchanged"], "success") for s in served)
        better = {s: [name for name in FIELDS if _better(found[s, method], found[s, "ddim"], name)] for s in served}
        kinds = {name: sum(name in own for own in better.values()) for name in FIELDS}
        out.append({"method": method, "family": charts.family(method), "served": len(served), "nothing": nothing,
                    "ddim": sum(map(bool, better.values())), **kinds})  # fmt: skip
    return out


def _better(one: Sequence[Result], other: Sequence[Result], figure: str) -> bool:
    """Whether one method's figure is better than another's on the cases that both have done."""
    theirs = {result.number: float(getattr(result.figures, figure)) for result in other}
    mine = {result.number: float(getattr(result.figures, figure)) for result in one}
    both = [FIELDS[figure] * (mine[n] - theirs[n]) for n in mine.keys() & theirs.keys()]
    known = [difference for difference in both if not np.isnan(difference)]
    return len(known) >= FEWEST and mean_interval(known)[0] > 0
