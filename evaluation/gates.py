"""Is the model good enough to prove edits on? Every gate with its limit, its figure, its 95 % interval, PASS or FAIL.

`python -m miniature.gates --seed 6000` (200 cases each) or, for a quick look, `--cases 20 --only text-to-image`. Scenes
are of seeds that neither training nor tuning has seen. A gate passes when its figure keeps the limit.

A picture made from words is right only when CLIP and a second judge find what was asked for: the world's own painter
(painter.py), for styles the model's reader, which was trained without CLIP. What each says alone stands beside it, and
what both say of true pictures.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import click
import numpy as np
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from torch import Tensor

from evaluation import painter
from evaluation.attempt import Attempt, Studio, as_tensor, attempt, open_studio, through_autoencoder
from evaluation.case import Case, Check
from evaluation.cases import FIRST_SEED, case_of
from evaluation.judge import Judge, checked, load_judge, question, square
from evaluation.measure import Measure
from evaluation.metrics import ciede2000, interval, mean_interval, psnr
from evaluation.results import Figures
from miniature import WEIGHTS
from miniature.sampling import sample
from miniature.scenes import HELD_OUT_KINDS, PEOPLE, POSITIONS, STYLES, Scene, Thing, fitted
from pipeline.choice import method_for
from pipeline.look import reader_of
from pipeline.reader import prepare
from pipeline.recipes import OPERATIONS
from pipeline.toolkit import ddim
from pipeline.toolkit.model import StableDiffusion, decode, noise
from pipeline.toolkit.progress import finish

BATCH = 8  # pictures drawn at once
Values = list[float]  # one a case; shares are of 0 and 1


@dataclass(frozen=True, slots=True)
class Bench:
    """What gates are measured with."""

    studio: Studio
    measure: Measure
    seed: int
    cases: int
    carried_out: dict[str, list[Figures]] = field(default_factory=dict)  # by suite: two gates may ask about one

    @property
    def sd(self) -> StableDiffusion:
        assert self.studio.sd is not None
        return self.studio.sd

    @property
    def judge(self) -> Judge:
        return self.measure.judge

    def style(self, picture: Tensor) -> str | None:
        """The style that the model's reader sees in a picture (1, 3, H, W); None if it has no reader."""
        reader = reader_of(self.sd.name)
        if reader is None:
            return None
        said = reader(prepare(reader, picture))["style"][0]
        return reader.whole["style"][int(said.argmax())].replace("_", " ")

    def scene(self, number: int, **told: object) -> Scene:
        """One unseen scene of the world."""
        return sample([self.seed, number], **told)  # type: ignore[arg-type]


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
    return {"dB": [psnr(through_autoencoder(bench.sd, scene), as_tensor(scene.image())) for scene in scenes]}


def _held_out(bench: Bench) -> Iterator[Scene]:
    for i in range(bench.cases):
        scene = bench.scene(i, count=1, style="photo", near=False, plain=True)
        thing = Thing(HELD_OUT_KINDS[i % len(HELD_OUT_KINDS)], scene.things[0].color, seed=scene.things[0].seed)
        yield scene.replace(0, thing)


def held_out_things(bench: Bench) -> dict[str, Values]:
    """PSNR of pictures of things that training never saw."""
    return {"dB": [psnr(through_autoencoder(bench.sd, one), as_tensor(one.image())) for one in _held_out(bench)]}


def held_out_colors(bench: Bench) -> dict[str, Values]:
    """Colour error of held-out things, mean CIE ΔE2000 over the thing."""
    found = []
    for scene in _held_out(bench):
        made = painter.pixels(through_autoencoder(bench.sd, scene))
        found.append(float(ciede2000(painter.lab(made), painter.lab(scene.image()))[scene.mask(0)].mean()))
    return {"ΔE": found}


def _judged(what: str) -> Callable[[Bench], dict[str, Values]]:
    """CLIP's answers about true pictures, about one thing each."""

    def values(bench: Bench) -> dict[str, Values]:
        found = []
        for i in range(bench.cases):
            near = what == "expression"
            style = list(STYLES)[i % len(STYLES)] if what == "style" else "photo"
            told = (
                {"count": 1, "near": True, "kinds": PEOPLE}
                if near
                else {"count": 1 + i % 2, "near": False, "plain": True}
            )
            scene = bench.scene(i, style=style, **told)
            picture = as_tensor(scene.image())
            found.append(float(_right(bench.judge, scene, what, picture)))
        return {"share": found}

    return values


def _right(judge: Judge, scene: Scene, what: str, picture: Tensor, index: int = 0) -> bool:
    """Whether CLIP sees in a picture what the scene says."""
    case = Case({"setting": "background"}.get(what, "restyle"), scene, scene)
    if what in ("kind", "color", "expression"):
        return judge.answers(checked(case, Check(what, index)), picture)
    return judge.answers(question(case), picture)


def positions(bench: Bench) -> dict[str, Values]:
    """CLIP's answers about where one thing stands, on true pictures."""
    found = []
    for i in range(bench.cases):
        scene = bench.scene(i, count=1, style="photo", near=False, plain=True)
        options = [replace(scene, things=(replace(scene.things[0], position=p),)) for p in POSITIONS]
        told = bench.judge.read([one.caption() for one in options]) @ bench.judge.see(as_tensor(scene.image()))[0]
        found.append(float(POSITIONS[int(told.argmax())] == scene.things[0].position))
    return {"share": found}


# -- text to image -----------------------------------------------------------------------------------------------------


@torch.no_grad()
def drawn(bench: Bench, scenes: list[Scene]) -> Iterator[tuple[Scene, Tensor]]:
    """What the model draws from the scenes' captions, (1, 3, 128, 128) each."""
    sd, side = bench.sd, bench.sd.size // bench.sd.factor
    for first in range(0, len(scenes), BATCH):
        some = scenes[first : first + BATCH]
        start = noise(sd, (len(some), sd.unet.config.in_channels, side, side), bench.seed + first)
        z = finish(ddim.sample(sd, start, [scene.caption() for scene in some], steps=bench.studio.steps))
        for scene, one in zip(some, z, strict=True):
            yield scene, torch.nn.functional.adaptive_avg_pool2d(decode(sd, one[None]), 128).cpu()


def _again(scene: Scene, number: int) -> Scene:
    """Another scene that the same caption tells of: elsewhere on its place, of another size, before other hills."""
    rng = np.random.default_rng([5, number])
    foot = float(rng.uniform(0.66, 0.86)) if scene.setting == "lake" else None
    things = [fitted(thing, thing.position, len(scene.things), rng, foot) for thing in scene.things]
    return replace(scene, things=tuple(things), seed=int(rng.integers(1 << 30)))


def _from_words(bench: Bench, scenes: list[Scene], asked: Sequence[tuple[str, int]]) -> dict[str, Values]:
    """Share of pictures drawn from the scenes' captions in which both judges find all that is asked. "true" is what the
    judges' word is worth: the same of the world's own pictures of other scenes with the same captions, seen through the
    autoencoder."""

    def judged(scene: Scene, picture: Tensor) -> tuple[float, float]:
        image = painter.pixels(picture)
        found = {index: painter.find(scene, index, image) for what, index in asked if what in ("kind", "color")}
        by_clip = all(_right(bench.judge, found.get(index, scene), what, picture, index) for what, index in asked)
        own = all(_second(bench, scene, found.get(index, scene), what, picture, index) for what, index in asked)
        return float(by_clip), float(own)

    made = [judged(scene, picture) for scene, picture in drawn(bench, scenes)]
    true = [judged(scene, through_autoencoder(bench.sd, _again(scene, i))) for i, scene in enumerate(scenes)]
    return {
        "share": [clip * own for clip, own in made],
        "CLIP": [clip for clip, _ in made],
        "second": [own for _, own in made],
        "true": [clip * own for clip, own in true],
    }


def one_thing(what: str) -> Callable[[Bench], dict[str, Values]]:
    """Pictures of one thing from its whole caption: both judges must find it."""

    def values(bench: Bench) -> dict[str, Values]:
        styles = list(STYLES) if what == "style" else ["photo"]
        scenes = [
            bench.scene(10_000 + i, count=1, style=styles[i % len(styles)], near=False, plain=True)
            for i in range(bench.cases)
        ]
        return _from_words(bench, scenes, [(what, 0)])

    return values


def _second(bench: Bench, scene: Scene, found: Scene, what: str, picture: Tensor, index: int) -> bool:
    """Whether the second judge sees in a picture what the scene's caption says, where the thing was found."""
    image = painter.pixels(picture)
    if what == "kind":
        return painter.kind(image, painter.box(scene, index, found)) == scene.things[index].kind
    if what == "color":
        return painter.color(found, index, image) == scene.things[index].color
    if what == "setting":
        return painter.setting(image) == scene.setting
    return bench.style(picture) in (scene.style, None)


def two_things(bench: Bench) -> dict[str, Values]:
    """Pictures of two things with colours and places: all four words right, by both judges."""
    scenes = [bench.scene(20_000 + i, count=2, style="photo", near=False, plain=True) for i in range(bench.cases)]
    return _from_words(bench, scenes, [(what, index) for index in range(2) for what in ("kind", "color")])


# -- the seed chain ----------------------------------------------------------------------------------------------------


def chosen(bench: Bench, operation: str) -> str:
    """The method that the model at hand would take by itself."""
    return method_for(bench.sd, operation) or OPERATIONS[operation].method


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
            photo = as_tensor(case.before.image())
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
            told = {"weights": studio.weights, "seed": seed, "gates": [asdict(verdict) for verdict in verdicts]}
            json_file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")
    console.print(table(verdicts, f"gates: seed {seed}, weights {studio.weights}"))
    if not all(verdict.passed for verdict in verdicts):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
