"""The contract of every engine: orders in, pictures out, on one page.

An engine turns an order into a picture: the diffusion engine with a Stable-Diffusion folder, the compositing engine with
the photo's own pixels. It knows no storage, and the store side (handlers.py) knows no model. Long work is a generator of
Progress that returns what was made; a caller that closes the generator has cancelled the work between two steps.

Errors, each with a finished Chinese sentence::

    OrderError          the order cannot be carried out on this photo; `offers` can be done instead
    ├── Ambiguous       it is not clear which thing is meant: `choices` for the question back
    ├── Unfamiliar      the photo is not of this engine's world
    ├── Leaving         it would be sent to another computer, and the user has not been asked
    └── EngineError     the engine itself failed, or the named method cannot do this
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from storage.errors import HeyingError
from storage.plans import Bound, Referent, Step
from storage.regions import Region

Pixels = NDArray[np.uint8]  # (H, W, 3) RGB
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1 as shares of the photo's width and height
T = TypeVar("T")


# --- progress ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; `stage` is shown to the user, in Chinese."""

    done: int
    total: int
    stage: str


Work = Generator[Progress, None, T]


def finish(work: Work[T]) -> T:
    """Run `work` to its end and return its value."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def part(work: Work[T], before: int, total: int) -> Work[T]:
    """`work` as one part of something longer: its steps are counted after the `before` steps done already."""
    try:
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            yield Progress(before + progress.done, total, progress.stage)
    finally:
        work.close()


def one_of(work: Work[T], number: int, count: int) -> Work[T]:
    """`work` as number `number` (from 0) of `count` alike: its progress as a share of all of them."""
    try:
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            yield Progress(number * progress.total + progress.done, count * progress.total, progress.stage)
    finally:
        work.close()


def from_callback(run: Callable[[Callable[[Progress], None]], T]) -> Work[T]:
    """A library that reports through a callback, as such a generator: `run(report)` is called in a thread of its own.

    When the generator is closed, the next `report` raises Cancelled inside the library, which ends it there.
    """
    reports: SimpleQueue[Progress | None] = SimpleQueue()
    resume: SimpleQueue[bool] = SimpleQueue()
    made: list[T] = []
    broke: list[BaseException] = []

    def report(progress: Progress) -> None:
        reports.put(progress)
        if not resume.get():
            raise Cancelled

    def work() -> None:
        try:
            made.append(run(report))
        except BaseException as error:  # handed over to whoever runs the generator
            broke.append(error)
        reports.put(None)

    thread = Thread(target=work, daemon=True)
    thread.start()
    progress = reports.get()
    try:
        while progress is not None:
            yield progress
            resume.put(True)
            progress = reports.get()
    finally:
        resume.put(False)
        thread.join()
    if broke:
        raise broke[0]
    return made[0]


class Cancelled(Exception):
    """Raised inside a library whose caller does not want the rest."""


class Lost(Exception):
    """Whatever carried out an order elsewhere is gone, and the order with it: nobody can say how it would have ended."""


# --- orders -----------------------------------------------------------------------------------------------------------
class Cache(Protocol):
    """What an engine keeps between two orders on the same photo (a scene, an inversion), by a key of its own: a dict, or rows and files of storage."""

    def get(self, key: str, /) -> dict[str, NDArray[Any]] | None: ...

    def __setitem__(self, key: str, arrays: dict[str, NDArray[Any]], /) -> None: ...


@dataclass(frozen=True, slots=True)
class Artefact:
    """What an engine learnt of a concept. Only that engine reads `data`; `format` says how (for vectors: whose weights
    they belong to)."""

    engine: str
    format: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Concept:
    """Somebody or something taught: `kind` is "person", "pet", "object" or "style". `references` are the photos that the
    concept was taught with. `artefacts` holds what each engine learnt, by its name; a concept without one of this
    engine's may still be used by its references. `token` names the concept inside prompts."""

    name: str
    kind: str
    token: str = ""
    references: Sequence[Pixels] = ()
    artefacts: Mapping[str, Artefact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditOrder:
    """One step on one photo.

    photo      uint8 (H, W, 3), upright, of any size
    step       what to do, in the words of the command schema
    referents  what the parser made of the step's words, by slot ("target", "content", "beside")
    sentence   what the user wrote, for engines that take instructions
    references further photos that came with the order (another background, a picture of a thing)
    concepts   the user's taught concepts that the step speaks of, by name
    method     a method or engine option named by the user; None: the engine's best
    strength   of the method; None: what the step says; `amount` (再明显一点) multiplies it
    choice     the answer to Ambiguous, as an index of its choices
    points     places that the user tapped, (x, y) in shares of the photo
    regions    parts of it that the user drew
    """

    photo: Pixels
    step: Step
    referents: Mapping[str, Referent] = field(default_factory=dict)
    sentence: str = ""
    references: tuple[Pixels, ...] = ()
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    method: str | None = None
    strength: float | None = None
    amount: float = 1.0
    seed: int = 0
    choice: int | None = None
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class LearnOrder:
    """Learn a concept of a kind from its photos. `weights`: weights of the model, too (LoRA), not vectors alone. `cache`:
    where long work is kept now and then, to be gone on with when its process dies."""

    name: str
    kind: str
    photos: tuple[Pixels, ...]
    token: str = ""
    weights: bool = False
    seed: int = 0
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class LookOrder:
    """A photo that nobody has said anything about, and the concepts of whoever sent it."""

    photo: Pixels
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class GenerateOrder:
    """A picture of `content`, from nothing."""

    content: Referent
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class FigureOrder:
    """A figure for each mood (an expression of the command schema, or None), of a concept or of somebody in a photo;
    ``close``: of faces alone."""

    moods: tuple[str | None, ...]
    photo: Pixels | None = None
    concept: Concept | None = None
    choice: int | None = None
    seed: int = 0
    close: bool = False


@dataclass(frozen=True, slots=True)
class HarmonizeOrder:
    """A gentle pass of a painting model over what another engine put together of real pixels: seam, light, shadow. `made` is its
    picture of the photo, with a mask; whoever was there before, and every face, keeps every bit."""

    photo: Pixels
    made: "Edited"
    seed: int = 0


# --- what comes of them -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Edited:
    """An edited photo (H, W, 3), the soft mask (H, W) outside which no bit differs, and facts for the log and the
    answer. Where the canvas has grown, been cut or turned there is no mask (None). `facts["readings"]`, where it stands, is
    how many different pictures the order has, by its seed; `facts["tunable"]` is what
    再明显一点 changes of it, its "strength" or its "size"; "" nothing."""

    image: Pixels
    mask: Floats | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learnt; `used` are the indices of the photos that fitted, `findings` Chinese sentences about the others."""

    artefact: Artefact
    used: tuple[int, ...]
    findings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """Cut-out figures, uint8 (H, W, 4) RGBA, one for each mood asked for."""

    images: tuple[Pixels, ...]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, as a worker publishes it. `operations` of the command schema; `jobs` among "edit", "learn",
    "generate", "stickers", "look", "harmonize" (see Harmonizer); `methods` that may be named; `photos`: "any", or "own" for a
    model that knows only a drawn world;
    `vocabulary` of a closed world, {} otherwise; `bounds` by operation, so that the chat can refuse before it queues."""

    operations: tuple[str, ...]
    jobs: tuple[str, ...] = ("edit",)
    methods: tuple[dict[str, Any], ...] = ()
    photos: str = "any"
    vocabulary: Mapping[str, Any] = field(default_factory=dict)
    leaves_machine: bool = False  # photos are sent to another computer, `host`: the user is asked before
    host: str = ""
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    regions: tuple[str, ...] = ()  # operations that keep to a part of the photo that was drawn


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `doctor` prints: what was looked at, whether it is well, and what to know or to do."""

    what: str
    well: bool
    sentence: str


class Engine(Protocol):
    """What every engine offers. `name` is unique among the engines of a configuration; `kind` is as in config.toml."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    def capabilities(self) -> Capabilities: ...

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        """Whether the photo of an order is of a kind that this engine knows."""
        ...

    def edit(self, order: EditOrder) -> Work[Edited]: ...

    def learn(self, order: LearnOrder) -> Work[Learned]: ...

    def generate(self, order: GenerateOrder) -> Work[Edited]: ...

    def figures(self, order: FigureOrder) -> Work[Figures]: ...

    def glance(self, order: LookOrder) -> Work[dict[str, Any]]:
        """What a chat may know of a photo (of engines whose jobs say "look"); the cache keeps what an order will need."""
        ...

    def check(self) -> Sequence[Check]: ...


@runtime_checkable
class Harmonizer(Protocol):
    """An engine with the job "harmonize": the second stage of an order whose first is another engine's."""

    def harmonize(self, order: HarmonizeOrder) -> Work[Edited]: ...


# --- errors -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Offer:
    """Something near to what was asked that can be done: what to call it, the slots of the step that change, and what those
    speak of (None: of nothing any more)."""

    words: str
    changes: Mapping[str, Any]
    referents: Mapping[str, Referent | None] = field(default_factory=dict)

    def referents_of(self, order: EditOrder) -> dict[str, Referent]:
        """What the order speaks of when the offer is taken."""
        fields = {**order.referents, **self.referents}
        return {slot: one for slot, one in fields.items() if one is not None}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that may be meant: its index, what to call it in a question, where it is."""

    index: int
    words: str
    box: Box


class OrderError(HeyingError):
    """The order cannot be carried out on this photo; `offers` can be done instead."""

    def __init__(self, sentence: str, log: str = "", offers: Sequence[Offer] = ()) -> None:
        super().__init__(sentence, log)
        self.offers = tuple(offers)


class Ambiguous(OrderError):
    """Several things fit, or (`unheard`) none surely does: an unknown word, somebody who does not seem to be there.

    `choices` are for the question back, whose answer is a Choice's index; `picture` shows them with their numbers.
    """

    def __init__(
        self,
        sentence: str,
        log: str = "",
        choices: Sequence[Choice] = (),
        unheard: bool = False,
        picture: Pixels | None = None,
    ) -> None:
        super().__init__(sentence, log)
        self.choices, self.unheard, self.picture = tuple(choices), unheard, picture


class Unfamiliar(OrderError):
    """The photo is clearly not of the engine's world: an explanation, not mush."""


class Leaving(OrderError):
    """The engine whose turn it is sends photos to another computer, and the user has not said whether they may go."""

    def __init__(self, engine: str, title: str, host: str) -> None:
        super().__init__(f"这一步要把照片发到 {host} 才做得了，先问过你再说。", f"{engine} sends to {host}, not agreed")
        self.engine, self.title, self.host = engine, title, host


class EngineError(OrderError):
    """The engine failed, or has no way to do this with the method that was named."""
