"""The ways that `speed` compares: for each method ours as it is set up for the model, the reference recipe of its paper or
its authors' code, and the best short cut that was published.

Recipes are restated from the papers' and their code's numbers and run on our own loops, so what is compared is what they ask
of the UNet. Edits are at the model's own guidance, null-text at its authors'. References know no region:
they edit the whole picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import nan
from typing import Any

import torch
from numpy.typing import NDArray

from evaluation.attempt import Attempt, Cost, Meter, Studio, as_tensor, attempt, request_for
from evaluation.case import Case, asked
from evaluation.concepts import TEACHERS, draw_concept, kind_of, teach
from evaluation.measure import Measure
from evaluation.methods import spec
from evaluation.metrics import psnr
from miniature import draw
from personalization import dreambooth
from personalization.textual_inversion import WORD, Learned
from pipeline.diffusion.engine import Diffusion
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.toolkit.inversion import invert, reconstruct
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, embed
from pipeline.diffusion.toolkit.optimize import fit, remember
from pipeline.diffusion.toolkit.placement import Placement
from pipeline.diffusion.toolkit.pseudo_tokens import wear, word_vectors
from pipeline.engine import EditOrder, finish

OURS, REFERENCE, SHORT = "ours", "reference", "short cut"
OPTIMISED = "ours, optimised"
FEW, FEW_STEPS = "few_steps.safetensors", 4
GUIDANCE = 7.5  # of null-text's authors
DRAWN = 4  # pictures by which a concept is recognised
LEARNING = ("fit_steps", "tune_steps")  # options that say how long a method learns


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run cost and how good it was: share of right pictures, dB outside what was to change, dB of the
    reconstruction; nan where that is not measured."""

    cost: Cost
    success: float = nan
    outside: float = nan
    reconstruction: float = nan


@dataclass(frozen=True, slots=True)
class Place:
    """Where ways are measured. `part`: of its learning steps a long reference is given; its cost is scaled up by the UNet
    evaluations left out, a backward one counted twice, and what it would have reached is not known."""

    studio: Studio
    measure: Measure
    part: float = 1.0

    @property
    def sd(self) -> StableDiffusion:
        assert self.studio.sd is not None
        return self.studio.sd


Work = Callable[[Place, Case], Outcome]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do it: `who`, the recipe in words, and the work."""

    who: str
    recipe: str
    work: Work


@dataclass(frozen=True, slots=True)
class Contest:
    """What is done in several ways, on cases of a suite."""

    suite: str
    ways: tuple[Way, ...]


def edited(method: str, options: Mapping[str, Any] | None = None, steps: int | None = None, long: bool = False) -> Work:
    """A method by its preset; with `options` by those instead, in `steps`, on the whole picture. `long`: its learning may be
    measured in part."""

    def work(place: Place, case: Case) -> Outcome:
        sd, given, left = place.sd, options, 0
        if given is not None and long and place.part < 1:
            whole = {name: METHODS[method].options[name] for name in LEARNING if name in METHODS[method].options}
            taken = {name: max(1, round(n * place.part)) for name, n in whole.items()}
            left = sum(whole.values()) - sum(taken.values())
            given = {**given, **taken}
        with Meter(sd) as meter:
            name, request = request_for(place.studio, sd, case, spec(method))
            if given is not None:
                request = replace(request, options=given, region=None, shape=None, steps=steps or request.steps)
            picture = finish(METHODS[name].run(sd, request)).image.float().cpu()
        if left:
            return Outcome(scaled(meter.cost, left))
        figures = place.measure.figures(case, Attempt(picture, meter.cost))
        return Outcome(meter.cost, float(figures.success), figures.psnr_outside_photo)

    return work


def scaled(cost: Cost, left: int) -> Cost:
    """What it would have cost to take `left` steps of learning more, one sample each."""
    done = cost.forward + 2 * cost.backward
    seconds = cost.seconds * (done + 3 * left) / done
    return replace(cost, seconds=seconds, forward=cost.forward + left, backward=cost.backward + left)


def inverted(kind: str, steps: int) -> Work:
    """An inversion and one prompt-to-prompt edit from it."""

    def work(place: Place, case: Case) -> Outcome:
        sd = place.sd
        with Meter(sd) as meter:
            name, request = request_for(place.studio, sd, case, spec("prompt_to_prompt"))
            made = finish(invert(sd, request.latents(sd), request.source, kind=kind, steps=steps, guidance=GUIDANCE))
            request = replace(
                request, options={}, region=None, shape=None, steps=steps, guidance=GUIDANCE, inversion=made
            )
            picture = finish(METHODS[name].run(sd, request)).image.float().cpu()
        again = decode(sd, finish(reconstruct(sd, made)))
        photo = as_tensor(draw.paint(case.before))
        figures = place.measure.figures(case, Attempt(picture, meter.cost))
        return Outcome(meter.cost, float(figures.success), figures.psnr_outside_photo, psnr(again.cpu(), photo))

    return work


def chained(place: Place, case: Case) -> Outcome:
    """An order and a photo through everything that a user's photo goes through."""
    done = attempt(place.studio, case, "chain")
    figures = place.measure.figures(case, done)
    return Outcome(done.cost, float(figures.success), figures.psnr_outside_photo)


def order_of(number: int, few: bool = False) -> Work:
    """What the `number`-th order on one photo costs, as the engine carries it out with all that the orders before it left;
    `few`: with the four-step weights."""

    def work(place: Place, case: Case) -> Outcome:
        engine = (
            engine_on(place.sd.name, str(place.sd.device)) if few else Diffusion("", place.sd, place.studio.weights)
        )
        photo, asked_for = draw.paint(case.before), asked(case)
        kept: dict[str, dict[str, NDArray[Any]]] = {}
        for seed in range(number):
            with Meter(engine.sd) as meter:
                order = EditOrder(photo, asked_for.step, asked_for.referents, case.sentence, seed=seed, cache=kept)
                picture = as_tensor(finish(engine.edit(order)).image)
        figures = place.measure.figures(case, Attempt(picture, meter.cost))
        return Outcome(meter.cost, float(figures.success), figures.psnr_outside_photo)

    return work


@cache
def engine_on(folder: str, device: str) -> Diffusion:
    """The model with its few-step weights; ModelError where it has none."""
    return Diffusion.open(folder, device, placement=Placement(lora=FEW, spacing="trailing"), steps=FEW_STEPS)


def learnt(teacher: Callable[[Place, Case], tuple[Learned, float]]) -> Work:
    """A character learnt and drawn DRAWN times, which is not charged. `teacher` gives what was learnt, and how much of it."""

    def work(place: Place, case: Case) -> Outcome:
        with Meter(place.sd) as meter:
            learned, part = teacher(place, case)
        cost = replace(
            meter.cost,
            seconds=meter.cost.seconds / part,
            forward=round(meter.cost.forward / part),
            backward=round(meter.cost.backward / part),
        )
        if part < 1:
            return Outcome(cost)
        right = 0.0
        for i in range(DRAWN):
            one = replace(case, seed=case.seed + i)
            picture = draw_concept(place.sd, one, "taught", learned, place.studio.steps).cpu()
            right += place.measure.judge.success(one, picture) / DRAWN
        return Outcome(cost, right)

    return work


def our_teacher(name: str) -> Callable[[Place, Case], tuple[Learned, float]]:
    assert name in TEACHERS
    return lambda place, case: (teach(place.sd, name, case), 1.0)


def fixed_steps(steps: int, rate: float, partial: bool = False) -> Callable[[Place, Case], tuple[Learned, float]]:
    """Textual inversion as diffusers' example runs it: one vector from the noun, batches of four, always so many steps."""

    def teacher(place: Place, case: Case) -> tuple[Learned, float]:
        sd, part = place.sd, place.part if partial else 1.0
        assert case.new is not None
        kind = case.after.things[case.new].kind
        photos = torch.cat([as_tensor(draw.paint(scene)) for scene in case.taught])
        vector = word_vectors(sd, kind)[-1:].clone().requires_grad_()
        taken = max(1, round(steps * part))
        with wear(sd, {WORD: vector}):
            work = fit(
                sd, [vector], remember(sd, photos),
                lambda which: embed(sd, [f"a photo of a {WORD}"]).expand(len(which), -1, -1),
                steps=taken, rate=rate, batch=4, decay=1e-2, seed=case.seed,
            )  # fmt: skip
            finish(work)
        return Learned(vector.detach(), {}), taken / steps

    return teacher


def lora_script(place: Place, case: Case) -> tuple[Learned, float]:
    """DreamBooth as diffusers' LoRA example runs it: 500 samples at 1e-4, rank 4, no prior, the vectors not learnt."""
    photos = [draw.paint(scene) for scene in case.taught]
    work = dreambooth.learn(
        place.sd, photos, kind_of(case), steps=500 // dreambooth.BATCH, vector_steps=0, rate=1e-4, rank=4, prior=0,
        seed=case.seed,
    )  # fmt: skip
    return finish(work), 1.0


FAITHFUL, DIRECT = inverted("null_text", 50), inverted("direct", 50)
PNP: Mapping[str, Any] = {"features": "sampling", "negative": "ugly, blurry, black, low res, unrealistic"}
CONTESTS: dict[str, Contest] = {
    "null-text": Contest("recolor", (
        Way(OURS, "Direct Inversion, 20 steps", inverted("direct", 20)),
        Way(OPTIMISED, "null_text_fast, 20 steps", inverted("null_text_fast", 20)),
        Way(REFERENCE, "50 steps, ≤ 10 inner", FAITHFUL),
        Way(SHORT, "Direct Inversion, 50 steps", DIRECT),
    )),
    "chain": Contest("recolor", (
        Way(OURS, "photo and order, all found out", chained),
        Way(REFERENCE, "null-text, 50 steps, told the truth", FAITHFUL),
        Way(SHORT, "Direct Inversion, 50 steps, told the truth", DIRECT),
    )),
    "second edit": Contest("recolor", (
        Way(OURS, "the second order on a photo", order_of(2)),
        Way(REFERENCE, "the first", order_of(1)),
        Way("ours, 4 steps, second", "the same with four-step weights", order_of(2, few=True)),
        Way("ours, 4 steps, first", "the same with four-step weights", order_of(1, few=True)),
    )),
    "plug_and_play": Contest("recolor", (
        Way(OURS, "preset", edited("plug_and_play")),
        Way(REFERENCE, "999 + 50 steps", edited(
            "plug_and_play", {**PNP, "inversion_steps": 999, "describe": False}, 50)),
        Way(SHORT, "Direct Inversion, 50 + 50 steps", edited("plug_and_play", PNP, 50)),
    )),
    "hiper": Contest("recolor", (
        Way(OURS, "preset", edited("hiper")),
        Way(REFERENCE, "1000 steps at 5e-3", edited("hiper", {}, 50, long=True)),
    )),
    "imagic": Contest("recolor", (
        Way(OURS, "preset", edited("imagic")),
        Way(REFERENCE, "1000 + 1500 steps, all weights, η .8", edited("imagic", {"eta": 0.8}, 50, long=True)),
        Way(SHORT, "LoRA, 50 + 50 steps, η .8", edited(
            "imagic", {"eta": 0.8, "fit_steps": 50, "tune": "lora", "tune_steps": 50, "tune_rate": 1e-3}, 50)),
    )),
    "textual_inversion": Contest("concept", (
        Way(OURS, "one pass, ≤ 15 steps", learnt(our_teacher("textual_inversion"))),
        Way(REFERENCE, "3000 steps × 4", learnt(fixed_steps(3000, 2e-3, partial=True))),
        Way(SHORT, "475 steps × 4", learnt(fixed_steps(475, 2e-3))),
    )),
    "dreambooth": Contest("concept", (
        Way(OURS, "default", learnt(our_teacher("dreambooth"))),
        Way(REFERENCE, "diffusers' LoRA, 500 samples", learnt(lora_script)),
    )),
}  # fmt: skip
