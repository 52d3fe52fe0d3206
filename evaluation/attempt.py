"""One method, one case → a picture and what it cost.

What a method refuses with a sentence is no error here, it is only no success. Methods are called by their names on the
command line (see methods.py).
"""

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from evaluation.case import asked
from evaluation.cases import OPERATIONS, Case, Pixels
from evaluation.concepts import TEACHERS, carry_out, draw_concept, teach
from evaluation.memory import Peak
from evaluation.methods import ENGINE, Spec, spec
from miniature import draw, wording
from miniature.pen import SIZE
from miniature.scenes import Scene
from personalization.textual_inversion import Learned
from pipeline.diffusion import in_place
from pipeline.diffusion.context import Context
from pipeline.diffusion.foreground import cut_out
from pipeline.diffusion.method_runner import Settings, request
from pipeline.diffusion.methods import METHODS, Edit, Edited
from pipeline.diffusion.presets import presets_of
from pipeline.diffusion.prompts import Prompts, prompts
from pipeline.diffusion.strategies import edit
from pipeline.diffusion.toolkit import ddim
from pipeline.diffusion.toolkit.inversion import Inversion, invert, reconstruct
from pipeline.diffusion.toolkit.model import StableDiffusion, decode, encode, evaluations, fingerprint, load
from pipeline.diffusion.vocabulary import Seen, Thing, parse
from pipeline.diffusion.vocabulary import load as load_vocabulary
from pipeline.engine import Ambiguous, EditOrder, Engine, finish
from pipeline.imaging import composite
from storage.errors import HeyingError

INVERSION_STEPS = 50  # those of the papers: inversions are compared as their authors run them
KEPT = 64  # inversions that are kept for the methods to come
WORLD = parse(wording.world())
ELSEWHERE = ("editor", "server")  # kinds of engines that draw on a graphics card or another computer


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, UNet evaluations in samples, and the peak of memory in MiB (nan: not known)."""

    seconds: float = 0.0
    forward: int = 0
    backward: int = 0
    memory: float = math.nan

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.seconds + other.seconds,
            self.forward + other.forward,
            self.backward + other.backward,
            float(np.fmax(self.memory, other.memory)),
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a method made of a case: a picture (1, 3, 128, 128) in [-1, 1], and what that cost, the teaching of its
    character included. `refused`: why it made none; then the picture is the photo. `asked`: it asked back which thing
    is meant."""

    picture: Tensor
    cost: Cost
    refused: str = ""
    asked: bool = False


@dataclass(slots=True)
class Studio:
    """Where methods work: the model (None: only truth and unchanged can), its steps in edits and drawings and in bare
    reconstructions, what was taught so far, by teacher, suite and name, and the photos inverted last, by their case's seed
    and source prompt: many methods begin with the same inversion. `engine`: one of config.toml, which is measured as it is."""

    sd: StableDiffusion | None
    steps: int = 20
    inversion_steps: int = INVERSION_STEPS
    weights: str = ""  # the model's fingerprint
    taught: dict[tuple[str, str, str], tuple[Learned, Cost]] = field(default_factory=dict)
    inverted: dict[tuple[int, str], tuple[Inversion, Cost]] = field(default_factory=dict)
    engine: Engine | None = None


def open_studio(model: str, steps: int | None, methods: Collection[str], device: str) -> Studio:
    """The studio for these methods; the model stays unread when none of them draws. Raises ModelError."""
    if {"truth", "unchanged"}.issuperset(methods):
        return Studio(None)
    sd = load(model, device)
    return Studio(sd, steps or load_vocabulary(model).steps, steps or INVERSION_STEPS, fingerprint(sd))


def attempt(studio: Studio, case: Case, name: str) -> Attempt:
    """Let a method work on a case. What it refuses with a sentence is no error here, it is only no success.

    Teaching and the inversion of a photo are done once, and counted wholly for everyone who uses them."""
    meter, earlier = _meter(studio, name), Cost()
    try:
        if name in TEACHERS:
            earlier = _learn(studio, case, name)
        begun, inverting = _inverted(studio, case) if _inverts(case, name) else (None, Cost())
        with meter:
            picture, used = _work(studio, case, name, begun)
        earlier += inverting if used else Cost()
    except HeyingError as error:
        asked = isinstance(error, Ambiguous)
        return Attempt(as_tensor(draw.paint(case.before)), earlier + meter.cost, str(error), asked)
    return Attempt(picture, earlier + meter.cost)


def _meter(studio: Studio, name: str) -> "Meter":
    """What counts a method's cost: an engine's by its own model; of one that draws elsewhere the wall's time."""
    engine = studio.engine if name.startswith(f"{ENGINE}:") else None
    if engine is None:
        return Meter(studio.sd)
    return Meter(getattr(engine, "sd", None), wall=engine.kind in ELSEWHERE)


def as_tensor(pixels: Pixels) -> Tensor:
    """(H, W, 3) uint8 → (1, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float() / 127.5 - 1


def through_autoencoder(sd: StableDiffusion, scene: Scene) -> Tensor:
    """What the model's autoencoder makes of a scene, (1, 3, 128, 128)."""
    return _shrunk(decode(sd, encode(sd, _photo(sd, scene))))


def _work(studio: Studio, case: Case, name: str, begun: Inversion | None) -> tuple[Tensor, bool]:
    """The picture that `name` makes of a case, (1, 3, 128, 128) in [-1, 1], and whether it began with `begun`."""
    if name == "truth":
        return as_tensor(draw.paint(case.after)), False
    if name == "unchanged":
        return as_tensor(draw.paint(case.before)), False
    if spec(name).base == ENGINE:
        return _by_engine(studio, case), False
    sd = studio.sd
    if sd is None:
        raise ValueError(f"{name} needs a model")
    if name == "autoencoder":
        return through_autoencoder(sd, case.after), False
    method = spec(name)
    if case.suite == "reconstruct":
        w = sd.guidance if method.number is None else method.number
        image = _photo(sd, case.before)
        steps = studio.inversion_steps
        inverted = finish(
            invert(sd, encode(sd, image), case.before.caption(), kind=method.base, steps=steps, guidance=w)
        )
        return _shrunk(decode(sd, finish(reconstruct(sd, inverted)))), False
    learned = studio.taught[name, case.suite, case.character][0] if name in TEACHERS else None
    if case.suite == "concept":
        return _shrunk(draw_concept(sd, case, name, learned, studio.steps)), False
    if learned is not None:
        return as_tensor(carry_out(sd, case, learned, studio.steps)), False
    if name == "chain":
        assert case.step is not None
        made = finish(
            edit(sd, draw.paint(case.before), asked(case), steps=studio.steps)
        )  # the first answer, as a chat gives it
        return as_tensor(made.image), False
    if name == "ddim":
        assert begun is not None
        target = told_truly(case).target
        return _shrunk(decode(sd, finish(ddim.sample(sd, begun.start, [target], steps=studio.steps)))), True
    edited = _edited(studio, sd, case, method, begun)
    return _shrunk(edited.image), begun is not None and edited.inversion is begun


def _by_engine(studio: Studio, case: Case) -> Tensor:
    """What the engine makes of photo and order, at the world's size."""
    if studio.engine is None or case.step is None:
        raise ValueError("no engine, or no order")
    asked_for = asked(case)
    order = EditOrder(draw.paint(case.before), case.step, asked_for.referents, case.sentence)
    image = as_tensor(finish(studio.engine.edit(order)).image)
    return (
        image
        if image.shape[-2:] == (SIZE, SIZE)
        else interpolate(image, size=(SIZE, SIZE), mode="bicubic", antialias=True)
    )


def _inverts(case: Case, name: str) -> bool:
    """Whether `name` begins with a photo's plain inversion under the true source prompt: no method at all does, too."""
    method = spec(name)
    shared = method.base in METHODS and METHODS[method.base].inverts and method.inversion in (None, "direct")
    return case.step is not None and (name == "ddim" or shared)


def _inverted(studio: Studio, case: Case) -> tuple[Inversion, Cost]:
    """A case's photo, inverted directly, and what that cost; it is done once for the methods that follow each other."""
    sd, source = studio.sd, told_truly(case).source
    if (known := studio.inverted.get(key := (case.seed, source))) is not None:
        return known
    if sd is None:
        raise ValueError("an inversion needs a model")
    with Meter(sd) as meter:
        made = finish(invert(sd, encode(sd, _photo(sd, case.before)), source, kind=sd.inversion, steps=studio.steps))
    for first in list(studio.inverted)[: 1 - KEPT]:
        del studio.inverted[first]
    studio.inverted[key] = made, meter.cost
    return studio.inverted[key]


def _edited(studio: Studio, sd: StableDiffusion, case: Case, wanted: Spec, begun: Inversion | None) -> Edited:
    """What one of the METHODS makes of a case, before compositing."""
    method, request = request_for(studio, sd, case, wanted, begun)
    return finish(METHODS[method].run(sd, request))


def request_for(
    studio: Studio, sd: StableDiffusion, case: Case, wanted: Spec, begun: Inversion | None = None
) -> tuple[str, Edit]:
    """A method's name and what pipeline asks it for when it has seen everything right."""
    prompts, photo, true = told_truly(case), draw.paint(case.before), draw.masks(case.before)
    preset = presets_of(sd.name).preset(prompts.manner or OPERATIONS[case.suite], wanted.base)
    strength = 1.0 if wanted.number is None else wanted.number
    settings = Settings(preset, wanted.base, strength, case.seed, begun or wanted.inversion, studio.steps)
    seen = seen_truly(case.before)
    seen = replace(seen, things=cut_out(photo, seen.things))
    context = Context(sd, photo, asked(case), seen, WORLD, {}, {}, case.old, settings)
    allowed = shape = None
    if in_place.fits(context, prompts):
        others = [mask for i, mask in enumerate(true) if i != prompts.index]
        stays = np.maximum.reduce([np.zeros((SIZE, SIZE), bool), *others]).astype(np.float32)
        spot = replace(in_place.spot(context, prompts), stays=stays)
        allowed, shape = spot.masks(context)
        settings = spot.settings
    elif OPERATIONS[case.suite] == "background":
        allowed = 1 - composite.take(np.maximum.reduce(true).astype(np.float32), context.whole, sd.size)
    options = {**settings.preset.options, **wanted.options}
    settings = replace(settings, preset=replace(settings.preset, options=options))
    return preset.method, request(sd, context.view(context.whole), prompts, allowed, settings, shape)


def told_truly(case: Case) -> Prompts:
    """What a method is told when everything in the photo was seen as it is, and it is known which thing is meant. Raises ValueError without an order."""
    return prompts(asked(case), seen_truly(case.before), WORLD, choice=case.old)


def seen_truly(scene: Scene) -> Seen:
    """A scene as a perfect look would find it: true words, and the boxes of the true masks."""
    things = []
    for thing, mask in zip(scene.things, draw.masks(scene), strict=True):
        ys, xs = np.nonzero(mask)
        left, top, right, bottom = (float(v) / SIZE for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
        things.append(Thing(thing.kind, wording.slots(thing), thing.position, (left, top, right, bottom)))
    around = tuple(name for name, there in (("mirror", scene.mirror), ("passers", scene.passers)) if there)
    return Seen(scene.setting, scene.style.replace(" ", "_"), tuple(things), scene.caption(), around=around)


def _learn(studio: Studio, case: Case, teacher: str) -> Cost:
    """What it cost to teach the case's character or style; it is taught once."""
    key = (teacher, case.suite, case.character)
    if key not in studio.taught:
        if studio.sd is None:
            raise ValueError(f"{teacher} needs a model")
        with Meter(studio.sd) as meter:
            learned = teach(studio.sd, teacher, case)
        studio.taught[key] = (learned, meter.cost)
    return studio.taught[key][1]


def clock(sd: StableDiffusion | None) -> Callable[[], float]:
    """Seconds: of the processor's work where the model is on the CPU, so that others on the machine do not count; of the
    wall where it is on a GPU."""
    return time.process_time if sd is None or sd.device.type == "cpu" else time.perf_counter


class Meter:
    """What happens within the block costs this much."""

    def __init__(self, sd: StableDiffusion | None, wall: bool = False) -> None:
        self.cost, self._sd, self._wall = Cost(), sd, wall

    def __enter__(self) -> Self:
        self._peak = Peak(None if self._sd is None else self._sd.device)
        self._count = None if self._sd is None else evaluations(self._sd)
        self._clock = time.perf_counter if self._wall else clock(self._sd)
        self._began = self._clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        forward, backward = (self._count.forward, self._count.backward) if self._count else (0, 0)
        self.cost = Cost(self._clock() - self._began, forward, backward, self._peak.mib)


def _photo(sd: StableDiffusion, scene: Scene) -> Tensor:
    """A scene at the model's size, (1, 3, S, S) in [-1, 1]."""
    image = as_tensor(draw.paint(scene)).to(sd.device)
    if sd.size == SIZE:
        return image
    return interpolate(image, size=(sd.size, sd.size), mode="bicubic", antialias=True).clamp(-1, 1)


def _shrunk(image: Tensor) -> Tensor:
    """A picture of the model's back at the world's size, on the CPU."""
    return adaptive_avg_pool2d(image, SIZE).float().cpu()
