"""Is the model good enough to prove edits on? Every gate with its limit, its figure, its 95 % interval, PASS or FAIL.

`python -m evaluation.gates --seed 6000` (200 cases each) or, for a quick look, `--cases 20 --only text-to-image`. Scenes
are of seeds that neither training nor tuning has seen. A gate passes when its figure keeps the limit.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from evaluation import painter
from evaluation.attempt import Attempt, as_tensor, attempt, open_studio, through_autoencoder
from evaluation.bench import Bench, Values
from evaluation.case import Case
from evaluation.cases import FIRST_SEED, case_of
from evaluation.from_words import one_thing, two_things
from evaluation.judge import load_judge, square
from evaluation.measure import Measure
from evaluation.metrics import ciede2000, interval, mean_interval, psnr
from evaluation.results import Figures
from miniature import WEIGHTS, draw
from miniature.scenes import HELD_OUT_KINDS, PEOPLE, POSITIONS, STYLES, Scene, Thing
from pipeline.diffusion.presets import presets_of


@dataclass(frozen=True, slots=True)
class Gate:
    """`limit`: at least (or `most`: at most) this; `beside`: other figures that are shown and not gated."""

    name: str
    limit: float
    values: Callable[[Bench], dict[str, Values]]  # the gated figure comes first
    most: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out at a gate. `beside`: the figures that are shown and not gated."""

    name: str
    limit: float
    most: bool
    unit: str
    figure: float
    low: float
    high: float
    cases: int
    passed: bool
    beside: dict[str, float]
    seconds: float


# -- the model's parts -------------------------------------------------------------------------------------------------


def autoencoder(bench: Bench) -> dict[str, Values]:
    """PSNR of the world's pictures through the autoencoder."""
    scenes = (bench.scene(i) for i in range(bench.cases))
    return {"dB": [psnr(through_autoencoder(bench.sd, scene), as_tensor(draw.paint(scene))) for scene in scenes]}


def _held_out(bench: Bench) -> Iterator[Scene]:
    for i in range(bench.cases):
        scene = bench.scene(i, count=1, style="photo", near=False, plain=True)
        thing = Thing(HELD_OUT_KINDS[i % len(HELD_OUT_KINDS)], scene.things[0].color, seed=scene.things[0].seed)
        yield scene.replace(0, thing)


def held_out_things(bench: Bench) -> dict[str, Values]:
    """PSNR of pictures of things that training never saw."""
    return {"dB": [psnr(through_autoencoder(bench.sd, one), as_tensor(draw.paint(one))) for one in _held_out(bench)]}


def held_out_colors(bench: Bench) -> dict[str, Values]:
    """Colour error of held-out things, mean CIE ΔE2000 over the thing."""
    found = []
    for scene in _held_out(bench):
        made = painter.pixels(through_autoencoder(bench.sd, scene))
        found.append(float(ciede2000(painter.lab(made), painter.lab(draw.paint(scene)))[draw.mask(scene, 0)].mean()))
    return {"ΔE": found}


def _judged(what: str) -> Callable[[Bench], dict[str, Values]]:
    """CLIP's answers about true pictures, about one thing each."""

    def values(bench: Bench) -> dict[str, Values]:
        found = []
        for i in range(bench.cases):
            near = what == "expression"
            style = list(STYLES)[i % len(STYLES)] if what == "style" else "photo"
            looks = (
                {"count": 1, "near": True, "kinds": PEOPLE}
                if near
                else {"count": 1 + i % 2, "near": False, "plain": True}
            )
            scene = bench.scene(i, style=style, **looks)
            picture = as_tensor(draw.paint(scene))
            found.append(float(bench.right(scene, what, picture)))
        return {"share": found}

    return values


def positions(bench: Bench) -> dict[str, Values]:
    """CLIP's answers about where one thing stands, on true pictures."""
    found = []
    for i in range(bench.cases):
        scene = bench.scene(i, count=1, style="photo", near=False, plain=True)
        options = [replace(scene, things=(replace(scene.things[0], position=p),)) for p in POSITIONS]
        scores = bench.judge.read([one.caption() for one in options]) @ bench.judge.see(as_tensor(draw.paint(scene)))[0]
        found.append(float(POSITIONS[int(scores.argmax())] == scene.things[0].position))
    return {"share": found}


# -- the seed chain ----------------------------------------------------------------------------------------------------


def chosen(bench: Bench, operation: str) -> str:
    """The method that the model at hand would take by itself."""
    return presets_of(bench.sd.name).method_for(operation)


def attempts(bench: Bench, suite: str, method: str) -> Iterator[tuple[Case, Attempt]]:
    """What a method makes of the unseen cases of a suite."""
    for number in range(bench.cases):
        case = case_of(suite, bench.seed, number)
        yield case, attempt(bench.studio, case, method)


def reconstruct(inversion: str) -> Callable[[Bench], dict[str, Values]]:
    """dB by which a reconstruction is farther from the photo than the autoencoder's picture."""

    def values(bench: Bench) -> dict[str, Values]:
        found = []
        for case, made in attempts(bench, "reconstruct", inversion):
            photo = as_tensor(draw.paint(case.before))
            found.append(psnr(through_autoencoder(bench.sd, case.before), photo) - psnr(made.picture, photo))
        return {"dB": found}

    return values


def _carried_out(bench: Bench, suite: str, operation: str) -> list[Figures]:
    """What came of the chosen method in every case of a suite."""
    if suite not in bench.carried_out:
        tried = attempts(bench, suite, chosen(bench, operation))
        bench.carried_out[suite] = [bench.measure.figures(case, made) for case, made in tried]
    return bench.carried_out[suite]


def edits(suite: str, operation: str | None = None) -> Callable[[Bench], dict[str, Values]]:
    """Success of the chosen method."""

    def values(bench: Bench) -> dict[str, Values]:
        found = _carried_out(bench, suite, operation or suite)
        return {"share": [float(one.success) for one in found], "seconds": [one.seconds for one in found]}

    return values


def outside(suite: str) -> Callable[[Bench], dict[str, Values]]:
    """PSNR outside the mask before compositing, against the autoencoder's own picture."""

    def values(bench: Bench) -> dict[str, Values]:
        return {"dB": [one.psnr_outside for one in _carried_out(bench, suite, suite)]}

    return values


def concept(bench: Bench) -> dict[str, Values]:
    """A character learnt from 4 pictures and drawn: nearest to the right one of 30, by CLIP and by its own parameters."""
    both, by_clip, by_painter = [], [], []
    for case, made in attempts(bench, "concept", "textual_inversion"):
        clip = bench.judge.nearest(bench.judge.see(made.picture, square(case.place()))) == case.character
        own = painter.character(case.after, 0, painter.pixels(made.picture)) == case.character
        both.append(float(clip and own))
        by_clip.append(float(clip))
        by_painter.append(float(own))
    return {"share": both, "CLIP": by_clip, "parameters": by_painter}


def taught(suite: str) -> Callable[[Bench], dict[str, Values]]:
    """The whole chain with a taught character or style: right, and everybody else still recognised."""

    def values(bench: Bench) -> dict[str, Values]:
        made = attempts(bench, suite, "textual_inversion")
        return {"share": [float(bench.measure.figures(case, one).success) for case, one in made]}

    return values


GATES = (
    Gate("autoencoder: the world", 30, autoencoder, unit="dB"),
    Gate("autoencoder: held-out things", 27, held_out_things, unit="dB"),
    Gate("autoencoder: colour of held-out things", 8, held_out_colors, most=True, unit="ΔE2000"),
    Gate("CLIP: kind", 0.95, _judged("kind")),
    Gate("CLIP: colour", 0.95, _judged("color")),
    Gate("CLIP: setting", 0.95, _judged("setting")),
    Gate("CLIP: style", 0.90, _judged("style")),
    Gate("CLIP: expression", 0.90, _judged("expression")),
    Gate("CLIP: position", 0.90, positions),
    Gate("text-to-image: kind", 0.95, one_thing("kind")),
    Gate("text-to-image: colour", 0.95, one_thing("color")),
    Gate("text-to-image: setting", 0.97, one_thing("setting")),
    Gate("text-to-image: style", 0.95, one_thing("style")),
    Gate("text-to-image: two things, all right", 0.70, two_things),
    Gate("chain: reconstruct null_text, below the autoencoder", 0.5, reconstruct("null_text"), most=True, unit="dB"),
    Gate("chain: reconstruct direct, below the autoencoder", 0.5, reconstruct("direct"), most=True, unit="dB"),
    Gate("chain: replace kind", 0.85, edits("replace")),
    Gate("chain: recolor", 0.90, edits("recolor")),
    Gate("chain: restyle", 0.95, edits("restyle")),
    Gate("chain: background", 0.90, edits("background")),
    Gate("chain: expression", 0.75, edits("expression", "modify")),
    Gate("chain: replace, outside", 29, outside("replace"), unit="dB"),
    Gate("chain: recolor, outside", 29, outside("recolor"), unit="dB"),
    Gate("chain: insert", 0.75, edits("insert")),
    Gate("chain: remove", 0.80, edits("remove")),
    Gate("chain: concept", 0.75, concept),
    Gate("chain: a taught character in a group photo", 0.65, taught("group")),
    Gate("chain: a taught style", 0.70, taught("style")),
)


def pass_through(gate: Gate, bench: Bench) -> Verdict:
    """What comes out at one gate."""
    began = time.monotonic()
    found = gate.values(bench)
    gated, *rest = found.items()
    values = gated[1]
    figure = float(np.mean(values))
    low, high = interval([bool(v) for v in values]) if gated[0] == "share" else mean_interval(values)
    passed = figure <= gate.limit if gate.most else figure >= gate.limit
    beside = {name: round(float(np.mean(some)), 3) for name, some in rest}
    seconds = round(time.monotonic() - began, 1)
    return Verdict(gate.name, gate.limit, gate.most, gate.unit, figure, low, high, len(values), passed, beside, seconds)


def table(verdicts: list[Verdict], title: str) -> Table:
    """The verdicts on screen."""
    out = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    out.add_column("gate")
    for name in ("limit", "figure", "95 %", "cases"):
        out.add_column(name, justify="right", no_wrap=True)
    out.add_column("")
    out.add_column("beside", style="dim")
    for one in verdicts:
        digits = 2 if not one.unit or one.limit < 1 else 1
        limit = f"{'≤' if one.most else '≥'} {one.limit:g} {one.unit}".strip()
        word = "[green]PASS[/green]" if one.passed else "[red]FAIL[/red]"
        span = f"{one.low:.{digits}f}–{one.high:.{digits}f}"
        beside = ", ".join(f"{name} {value:g}" for name, value in one.beside.items())
        out.add_row(one.name, limit, f"{one.figure:.{digits}f}", span, str(one.cases), word, beside)
    return out


@click.command(help=__doc__)
@click.option("--seed", required=True, type=click.IntRange(FIRST_SEED), help="of the cases; training never saw it")
@click.option("--cases", default=200, show_default=True, type=click.IntRange(1), help="at each gate")
@click.option("--only", default="", help="gates whose name contains this")
@click.option("--model", default=str(WEIGHTS), show_default=True, help="model folder")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="write the verdicts here")
@click.option("--device", default="cpu", show_default=True)
def main(seed: int, cases: int, only: str, model: str, json_file: Path | None, device: str) -> None:
    gates = [gate for gate in GATES if only in gate.name]
    if not gates:
        raise click.BadParameter(f"no gate is called {only!r}", param_hint="--only")
    torch.set_num_threads(1)
    console = Console() if Console().is_terminal else Console(width=150)
    studio = open_studio(model, None, ("chain",), device)
    judge = load_judge(model, WEIGHTS, device)
    bench = Bench(studio, Measure(studio, judge), seed, cases)
    verdicts: list[Verdict] = []
    for gate in gates:
        verdicts.append(pass_through(gate, bench))
        one = verdicts[-1]
        console.print(
            f"{one.name}: {one.figure:.3f} {'PASS' if one.passed else 'FAIL'} ({one.seconds:.0f} s)", style="dim"
        )
        if json_file:
            json_file.parent.mkdir(parents=True, exist_ok=True)
            record = {"weights": studio.weights, "seed": seed, "gates": [asdict(verdict) for verdict in verdicts]}
            json_file.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    console.print(table(verdicts, f"gates: seed {seed}, weights {studio.weights}"))
    if not all(verdict.passed for verdict in verdicts):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
