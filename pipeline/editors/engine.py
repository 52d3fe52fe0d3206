"""The engine for instruction editors: what surrounds them, whether they run here (local.py) or elsewhere (remote.py).

An order becomes a picture to edit, references and an instruction; the painter draws; what it drew is registered to the
photo and set in, so that outside the edit every pixel stays the user's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from pipeline.editors import instructions, places, references
from pipeline.editors.frame import Frame, frame
from pipeline.editors.instructions_zh import TEMPLATES
from pipeline.editors.merging import NOTICEABLE, Merged, merge, renew
from pipeline.editors.places import Place
from pipeline.editors.registration import Registered, register
from pipeline.editors.said import Pictured, View
from pipeline.engine import (
    Artefact,
    Capabilities,
    Check,
    Concept,
    Edited,
    EditOrder,
    EngineError,
    FigureOrder,
    Figures,
    GenerateOrder,
    Learned,
    LearnOrder,
    LookOrder,
    Pixels,
    Work,
)
from pipeline.vision.scene import Scene

Look = Callable[[Pixels], Work[Scene]]
RENEWING = ("restyle", "adjust", "restore")  # every pixel is new
STAYS, USUALLY, SEEN = {"background": 0.2}, 0.5, 0.8  # least share of what may not change, by operation; with a mask
MOSTLY = 0.5  # share of the picture from which on an edit that names no target is about everything
LIKENESS = 0.6  # an answer whose details are less like the photo's shows something else
LEARNABLE = ("person", "pet", "object", "style")


@dataclass(frozen=True, slots=True)
class Style:
    """What a painter wants: the language of its instructions, how many pictures it takes (the photo among them), how many
    of them help for one person, the side of a square picture, and whether it draws from words alone."""

    language: str
    most: int
    best: int
    side: int
    draws: bool


class Painter(Protocol):
    """Draws by instruction."""

    kind: ClassVar[str]
    leaves_machine: ClassVar[bool]

    @property
    def host(self) -> str:
        """Where pictures are sent; "" for a painter on this machine."""
        ...

    @property
    def style(self) -> Style: ...

    @property
    def title(self) -> str: ...

    def size(self, ratio: float) -> tuple[int, int]:
        """Width and height at which it draws a picture of that ratio (width to height)."""
        ...

    def paint(self, pictures: Sequence[Pixels], instruction: str, size: tuple[int, int], seed: int) -> Work[Pixels]:
        """The first picture, edited; without pictures, a new one. Raises EngineError."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the log shall know of it."""
        ...

    def check(self) -> Sequence[Check]: ...


@dataclass(slots=True)
class Editor:
    """A painter behind the contract of engines. `look` finds the persons of a photo; without it the editor sees the whole
    photo. `likeness`: how like the photo an answer must be to be used (0…1; 0 takes anything)."""

    name: str
    painter: Painter
    look: Look | None = None
    likeness: float = LIKENESS

    @property
    def kind(self) -> str:
        """As in config.toml."""
        return self.painter.kind

    # -- the contract --------------------------------------------------------------------------------------------------
    def capabilities(self) -> Capabilities:
        """All operations, as one method of the editor's name."""
        draws = ("generate",) if self.painter.style.draws else ()
        learns = ("learn",) if self.painter.style.most > 1 else ()
        method = {"name": self.name, "title": self.painter.title, "operations": tuple(TEMPLATES)}
        return Capabilities(
            tuple(TEMPLATES),
            ("edit", *learns, *draws),
            (method,),
            leaves_machine=self.painter.leaves_machine,
            host=self.painter.host,
        )

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        """Any photo; no figures, since it has no cut-outs."""
        return not isinstance(order, FigureOrder)

    def edit(self, order: EditOrder) -> Work[Edited]:
        """The order, carried out. Raises EngineError."""
        if order.step.operation not in TEMPLATES:
            raise EngineError(
                f"{self.painter.title} 不会这样改，换一种方法试试。", f"{self.name}: {order.step.operation}"
            )
        scene = (yield from self.look(order.photo)) if self.look is not None else None
        place = places.find(order, scene, self.painter.style.side)
        window = place.window
        given = frame(order.photo, window, self.painter.size(window.width / window.height))
        more, pictured, known = self._pictures(order)
        instruction = instructions.write(
            order, self.painter.style.language, View(place.persons, place.target), pictured, known
        )
        drawn = yield from self.painter.paint([given.picture, *more], instruction, given.size, order.seed)
        merged, answer = self._set_in(order, place, given, drawn)
        facts = {
            "engine": self.name,
            **self.painter.facts(),
            "seed": order.seed,
            "pictures": 1 + len(more),
            "window": (window.x, window.y, window.width, window.height),
            "likeness": round(answer.likeness, 3),
            "shift": round(answer.shift, 2),
            "zoom": round(answer.zoom, 4),
            "changed": round(merged.share, 4),
        }
        return Edited(merged.image, merged.mask, facts)

    def learn(self, order: LearnOrder) -> Work[Learned]:
        """Nothing is learnt: an editor looks at the best photos itself. So a concept survives a change of model."""
        if self.painter.style.most < 2:
            raise EngineError(f"{self.painter.title} 一次只看一张图，认不了人，请换一个模型。", "takes one picture")
        yield from ()
        chosen = references.best(order.photos, len(order.photos))
        artefact = Artefact(self.name, "references", bytes(chosen))
        return Learned(artefact, tuple(sorted(chosen)), facts={"engine": self.name, "best": chosen[:2]})

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        """A picture from nothing."""
        if not self.painter.style.draws:
            raise EngineError(
                f"{self.painter.title} 只会改照片，不会凭空画。先发一张照片给我吧。", f"{self.name} cannot generate"
            )
        taught = [self._best(concept) for concept in order.concepts.values()][:1]
        pictures = [references.prepared(photo) for photo in (taught[0] if taught else ())]
        words = instructions.write_generate(order, self.painter.style.language)
        image = yield from self.painter.paint(pictures, words, self.painter.size(1.0), order.seed)
        return Edited(image, None, {"engine": self.name, **self.painter.facts(), "seed": order.seed})

    def figures(self, order: FigureOrder) -> Work[Figures]:
        """Not an editor's work."""
        yield from ()
        raise EngineError(f"{self.painter.title} 不会做表情包，换一种方法试试。", f"{self.name} makes no figures")

    def glance(self, order: LookOrder) -> Work[dict[str, Any]]:
        """Nothing: it looks when it is asked to edit."""
        yield from ()
        return {}

    def check(self) -> Sequence[Check]:
        """What `doctor` shows."""
        return self.painter.check()

    # -- its parts -----------------------------------------------------------------------------------------------------
    def _pictures(self, order: EditOrder) -> tuple[list[Pixels], Pictured | None, Pictured | None]:
        """The pictures after the photo, with what they show: what comes in, and whom the order is about."""
        room = self.painter.style.most - 1
        more: list[Pixels] = []

        def shown(photos: Sequence[Pixels], kind: str) -> Pictured | None:
            taken = list(photos)[: room - len(more)]
            more.extend(references.prepared(photo) for photo in taken)
            return Pictured(tuple(range(2 + len(more) - len(taken), 2 + len(more))), kind) if taken else None

        content = order.referents.get("content")
        incoming = order.concepts.get(order.step.concept or (content.name if content else None) or "")
        if order.step.concept is not None and incoming is None:
            raise EngineError("这个名字的参考照片找不到了，请重新教我一次。", "concept without references")
        if incoming is not None and room < 1:
            raise EngineError(
                f"{self.painter.title} 一次只看一张图，加不进教过的人，换一种方法试试。", "takes one picture"
            )
        pictured = shown(self._best(incoming), incoming.kind) if incoming is not None else None
        if pictured is None and order.references:
            pictured = shown(order.references[: self.painter.style.best], "given")
        target = order.referents.get("target")
        meant = order.concepts.get((target.name if target else None) or "")
        known = pictured if meant is not None and meant is incoming else None
        if meant is not None and known is None and len(more) < room:
            known = shown(self._best(meant)[:1], meant.kind)
        return more, pictured, known

    def _best(self, concept: Concept) -> tuple[Pixels, ...]:
        """The references of a concept that help most."""
        photos = tuple(concept.references)
        if not photos:
            raise EngineError("这个名字的参考照片找不到了，请重新教我一次。", "concept without references")
        return tuple(photos[index] for index in references.best(photos, self.painter.style.best))

    def _set_in(self, order: EditOrder, place: Place, given: Frame, drawn: Pixels) -> tuple[Merged, Registered]:
        """The drawn picture in the photo, if it lies on it."""
        photo, renewing = order.photo, order.step.operation in RENEWING
        allowed = given.down(place.allowed) if place.allowed is not None else None
        kept = given.down(place.kept) if place.kept is not None else None
        free = allowed > 0.5 if allowed is not None else kept < 0.5 if kept is not None else None
        stays = STAYS.get(order.step.operation, USUALLY) if free is None else SEEN
        answer = register(drawn.astype(np.float32), given.picture.astype(np.float32), free, stays)
        if renewing:
            return renew(photo, given, answer), answer
        if answer.likeness < self.likeness:
            raise EngineError(
                "这次画出来的和原图对不上，我没有用它，照片还是原来的样子。再说一遍让我重画，或者换一种方法。",
                f"likeness {answer.likeness:.2f} below {self.likeness:.2f}",
            )
        if kept is not None:
            return renew(photo, given, answer, kept), answer
        if answer.likeness < LIKENESS:  # whoever configured less takes what comes, as far as it may go
            return renew(photo, given, answer, None if allowed is None else 1 - allowed), answer
        merged = merge(photo, given, answer, allowed, tuple(given.down(mask) for mask in place.spared))
        everywhere = order.step.operation == "modify" and order.step.target is None and not place.target
        if everywhere and (merged.share == 0 or merged.share > MOSTLY) and _looks_other(answer, given):
            return renew(photo, given, answer), answer  # the light, the weather, the season
        if merged.share == 0:
            raise EngineError(
                "这次没有画出看得见的变化，照片还是原来的样子。把要求说得更具体一点，或者换一种方法。",
                "nothing changed",
            )
        return merged, answer


def _looks_other(answer: Registered, given: Frame) -> bool:
    """Whether the picture as a whole has other colours, by more than what an editor does unasked."""
    return float(np.abs(answer.drawn - given.picture).mean()) > 2 * NOTICEABLE / 3
