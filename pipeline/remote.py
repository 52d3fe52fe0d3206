"""Engines that work on another machine: both ends of the wire, whatever carries it (cluster.py: Ray).

There, `Hands` open the engines once and carry out an order at a time; they keep nothing. What comes back is one stream:
Progress, what the engine wants kept of the photo, and what it made or why it could not. Here, `Remote` is an engine like
any other. A concept goes along as what its engine learnt of it; its photos follow only when they are asked for.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.engine import (
    Capabilities,
    Check,
    Concept,
    Edited,
    EditOrder,
    Engine,
    FigureOrder,
    Figures,
    GenerateOrder,
    HarmonizeOrder,
    Learned,
    LearnOrder,
    LookOrder,
    Lost,
    Pixels,
    Progress,
    Work,
)
from storage.errors import HeyingError
from storage.inversions import digest

Order = EditOrder | LearnOrder | LookOrder | GenerateOrder | FigureOrder | HarmonizeOrder
Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")


# --- what travels -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Record:
    """What an engine says of itself, once."""

    name: str
    kind: str
    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class Kept:
    """Something to keep for the next order on the photo."""

    key: str
    arrays: Arrays


@dataclass(frozen=True, slots=True)
class Made:
    """The last of a stream: what was made."""

    what: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The last of a stream: an error with a sentence for the user."""

    error: HeyingError


Keeping = EditOrder | LookOrder | LearnOrder  # orders with a cache


@dataclass(frozen=True, slots=True)
class PhotosWanted:
    """The last of a stream: the order is wanted again, with the concepts' photos."""


@dataclass(slots=True)
class Carried:
    """A cache that goes along with an order: what was kept so far (by the digest of its key), and what is new."""

    kept: dict[str, Arrays]
    new: dict[str, Arrays] = field(default_factory=dict)

    def get(self, key: str, /) -> Arrays | None:
        return self.kept.get(digest(key))

    def __setitem__(self, key: str, arrays: Arrays, /) -> None:
        self.new[key] = self.kept[digest(key)] = arrays


class Files(Sequence[Pixels]):
    """Photos as the files that they were kept as, each read when an engine wants it."""

    def __init__(self, files: Sequence[bytes]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    @overload
    def __getitem__(self, index: int) -> Pixels: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Pixels]: ...

    def __getitem__(self, index: int | slice) -> Pixels | Sequence[Pixels]:
        if isinstance(index, slice):
            return Files(self.files[index])
        with Image.open(BytesIO(self.files[index])) as image:
            return np.asarray(image.convert("RGB"))


class Withheld(Sequence[Pixels]):
    """Photos that stayed at home."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> Pixels: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Pixels]: ...

    def __getitem__(self, index: int | slice) -> Pixels | Sequence[Pixels]:
        raise NotHere


class NotHere(BaseException):
    """An engine looks at photos that were withheld; no engine shall mistake it for an error of its own."""


# --- there ------------------------------------------------------------------------------------------------------------
class Hands:
    """The engines of a configuration, opened once; they do what they are told, and keep nothing."""

    def __init__(self, open_engines: Callable[[], Sequence[Engine]]) -> None:
        self.engines = {one.name: one for one in open_engines()}

    def records(self) -> list[Record]:
        """What each engine says of itself."""
        return [Record(one.name, one.kind, one.capabilities()) for one in self.engines.values()]

    def serves(self, name: str, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        """Engine.serves."""
        return self.engines[name].serves(order)

    def check(self, name: str) -> Sequence[Check]:
        """Engine.check."""
        return self.engines[name].check()

    def carry_out(self, name: str, what: str, order: Order) -> Generator[object, None, None]:
        """Engine.edit, learn, generate, figures, glance or harmonize, as a stream. Whoever closes it ends the work before its next step."""
        cache = order.cache if isinstance(order, Keeping) else None
        try:
            work = getattr(self.engines[name], what)(order)
            try:
                while True:
                    try:
                        step = next(work)
                    except StopIteration as end:
                        made = end.value
                        break
                    yield from _new(cache)
                    yield step
            finally:
                work.close()
        except HeyingError as error:
            yield from _new(cache)
            yield Refused(error)
        except NotHere:
            yield PhotosWanted()
        else:
            yield from _new(cache)
            yield Made(made)


def _new(cache: object) -> Iterator[Kept]:
    """What has been kept since it was last asked for; sent at once, since whatever comes later may be lost."""
    if isinstance(cache, Carried):
        for key in list(cache.new):
            yield Kept(key, cache.new.pop(key))


# --- here -------------------------------------------------------------------------------------------------------------
class Line(Protocol):
    """How Hands are spoken to. Raises Lost when they are gone."""

    def call(self, method: str, *arguments: object) -> Any: ...

    def stream(self, method: str, *arguments: object) -> Generator[Any, None, None]: ...


@dataclass(frozen=True, slots=True)
class Remote:
    """An engine that is elsewhere. Whatever was kept of the photo goes along (orders are pickled as what they hold)."""

    record: Record
    line: Line

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def kind(self) -> str:
        return self.record.kind

    def capabilities(self) -> Capabilities:
        return self.record.capabilities

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        alone = replace(order, cache=None) if isinstance(order, EditOrder | LearnOrder) else order
        return bool(self.line.call("serves", self.name, self._light(alone)))

    def edit(self, order: EditOrder) -> Work[Edited]:
        return self._work("edit", order)

    def learn(self, order: LearnOrder) -> Work[Learned]:
        return self._work("learn", order)

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        return self._work("generate", order)

    def figures(self, order: FigureOrder) -> Work[Figures]:
        return self._work("figures", order)

    def glance(self, order: LookOrder) -> Work[dict[str, Any]]:
        return self._work("glance", order)

    def harmonize(self, order: HarmonizeOrder) -> Work[Edited]:
        return self._work("harmonize", order)

    def check(self) -> Sequence[Check]:
        found: Sequence[Check] = self.line.call("check", self.name)
        return found

    def _work(self, what: str, order: Order) -> Work[Any]:
        """The work of an order, there; its photos follow if it comes to that."""
        for sent in (self._light(order), order):
            items = self.line.stream("carry_out", self.name, what, sent)
            try:
                for item in items:
                    match item:
                        case Progress():
                            yield item
                        case Kept(key, arrays):
                            assert isinstance(order, Keeping)
                            assert order.cache is not None
                            order.cache[key] = arrays
                        case Made(made):
                            return made
                        case Refused(error):
                            raise error
                        case PhotosWanted():
                            break
                else:
                    raise Lost(f"the stream of {self.name} ended without a result")
            finally:
                items.close()
        raise Lost(f"{self.name} asks for photos that it was given")

    def _light(self, order: T) -> T:
        """The order without the photos of concepts that this engine has learnt."""
        if isinstance(order, EditOrder | LookOrder | GenerateOrder):
            concepts = {name: self._learnt(one) for name, one in order.concepts.items()}
            return replace(order, concepts=concepts)
        if isinstance(order, FigureOrder) and order.concept is not None:
            return replace(order, concept=self._learnt(order.concept))
        return order

    def _learnt(self, concept: Concept) -> Concept:
        if self.name not in concept.artefacts:
            return concept
        own = {self.name: concept.artefacts[self.name]}
        return replace(concept, references=Withheld(len(concept.references)), artefacts=own)
