"""A small engine whose sentences say how it shall behave, for tests of whatever carries orders to engines."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.engine import (
    Ambiguous,
    Artefact,
    Capabilities,
    Check,
    Choice,
    Edited,
    EditOrder,
    EngineError,
    FigureOrder,
    Figures,
    GenerateOrder,
    HarmonizeOrder,
    Learned,
    LearnOrder,
    LookOrder,
    Offer,
    OrderError,
    Progress,
    Work,
)

STEPS = 4
CAPABILITIES = Capabilities(
    ("restyle",),
    ("edit", "learn", "generate", "stickers", "look", "harmonize"),
    ({"name": "negative", "operations": ["restyle"]},),
)


@dataclass(frozen=True)
class Inverting:
    """It inverts colours in a few steps of so many seconds. Sentences: "ask", "offer", "break", "die", "hang" (in the
    second step), "note FILE" (writes there how far it came, and that it was closed), "slow" (steps of half a second)."""

    pause: float = 0.0
    name: str = "inverting"
    kind: str = "compositing"

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        if isinstance(order, EditOrder) and order.sentence == "refuse to look":
            raise OrderError("这张照片看不了。", "cannot look")
        return not (isinstance(order, EditOrder) and order.sentence == "strange")

    def edit(self, order: EditOrder) -> Work[Edited]:
        word, _, where = order.sentence.partition(" ")
        note = Path(where) if word == "note" else None
        try:
            for step in range(STEPS):
                yield Progress(step, STEPS, "反相")
                time.sleep(0.5 if word == "slow" else self.pause)
                if note is not None:
                    note.write_text(str(step))
                    time.sleep(0.2)
                if step == 1:
                    _act(word)
        finally:
            if note is not None:
                note.write_text(note.read_text() + " closed")
        facts: dict[str, object] = {"pid": os.getpid()}
        if order.cache is not None:
            kept = order.cache.get("how often")
            facts["before"] = 0 if kept is None else int(kept["n"][0])
            order.cache["how often"] = {"n": np.array([facts["before"] + 1])}  # type: ignore[operator]
        if word == "who":
            (concept,) = order.concepts.values()
            known = concept.artefacts.get(self.name)
            facts["learnt"] = known and known.data
            facts["others"] = sorted(set(concept.artefacts) - {self.name})
            facts["photos"] = [int(photo[0, 0, 0]) for photo in concept.references] if where == "shown" else None
        return Edited(255 - order.photo, np.ones(order.photo.shape[:2], np.float32), facts)

    def learn(self, order: LearnOrder) -> Work[Learned]:
        yield Progress(0, 1, "学")
        return Learned(Artefact(self.name, "1", bytes([len(order.photos)])), tuple(range(len(order.photos))), ("行。",))

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        yield Progress(0, 1, "画")
        return Edited(np.full((8, 8, 3), order.seed, np.uint8))

    def figures(self, order: FigureOrder) -> Work[Figures]:
        yield Progress(0, 1, "抠图")
        return Figures(tuple(np.full((8, 8, 4), 9, np.uint8) for _ in order.moods))

    def glance(self, order: LookOrder) -> Work[dict[str, object]]:
        yield Progress(0, 1, "看照片")
        if order.cache is not None:
            order.cache["seen"] = {"mean": np.array([order.photo.mean()])}
        return {"known": sorted(order.concepts)}

    def harmonize(self, order: HarmonizeOrder) -> Work[Edited]:
        yield Progress(0, 1, "润色")
        return Edited((order.made.image // 2 + order.photo // 2).astype(np.uint8))

    def check(self) -> tuple[Check, ...]:
        return (Check("colours", True, "都在。"),)


def _act(word: str) -> None:
    """What was asked for in the middle of an order."""
    if word == "ask":
        choices = [Choice(0, "左边", (0, 0, 0.5, 1)), Choice(1, "右边", (0.5, 0, 1, 1))]
        raise Ambiguous("哪一个？", "two", choices, True, np.full((4, 6, 3), 7, np.uint8))
    if word == "offer":
        raise EngineError("画不了。", "cannot", [Offer("狗", {"content": "狗"})])
    if word == "break":
        raise ZeroDivisionError("nobody foresaw this")
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "hang":
        time.sleep(3600)


def quick() -> list[Inverting]:
    """As engines are opened."""
    return [Inverting()]


def slow() -> list[Inverting]:
    """The same, a tenth of a second for a picture."""
    return [Inverting(0.025)]
