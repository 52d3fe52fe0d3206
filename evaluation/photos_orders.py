"""The same plain orders on every photo, by whichever engine: how many it carries out, how long it takes, what it leaves alone."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.language.referents import referents
from evaluation.photos_page import Figure, Gallery
from pipeline.engine import EditOrder, Engine, OrderError, Pixels, finish
from storage.plans import Step

ORDERS = (
    Step("recolor", "最左边的人的衣服", color="red"),
    Step("background", content="海边"),
    Step("restyle", style="comic"),
)


def orders(engine: Engine, photos: Sequence[tuple[Path, Pixels]], limit: int) -> tuple[list[Figure], Gallery]:
    """Each order on each photo; those that the engine has no operation for are left out."""
    able = [step for step in ORDERS if step.operation in engine.capabilities().operations]
    gallery = Gallery(f"Plain orders by {engine.name}: the photo, and what came of it")
    seconds: list[float] = []
    exact: list[bool] = []
    refused: Counter[str] = Counter()
    for path, photo in photos[:limit]:
        for step in able:
            began = time.perf_counter()
            try:
                made = finish(engine.edit(EditOrder(photo, step, referents(step, ""))))
            except OrderError as error:
                refused[error.sentence] += 1
                continue
            seconds.append(time.perf_counter() - began)
            if made.mask is not None:
                outside = made.mask == 0
                exact.append(bool((made.image[outside] == photo[outside]).all()))
            gallery.add(-seconds[-1], f"{path.name}: {step.operation}, {seconds[-1]:.1f} s", photo, made.image)
    asked = len(seconds) + sum(refused.values())
    parts = [
        Figure("plain orders carried out", f"{len(seconds)} of {asked}", asked),
        Figure(
            "… outside the mask bit for bit",
            f"{np.mean(exact):.3f}" if exact else "",
            len(exact),
            "1.0",
            all(exact) if exact else None,
        ),
        Figure("… seconds, median", f"{np.median(seconds):.1f}" if seconds else "", len(seconds)),
    ]
    return parts + [Figure(f"… refused: {sentence}", "", count) for sentence, count in refused.most_common()], gallery
