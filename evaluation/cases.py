"""What is asked: scenes of unseen seeds, an order for each, and the scene as it should be afterwards.

Everything about a case follows from (suite, seed, number). Training uses the seeds 7 and 8; cases begin at 1000.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from zlib import crc32

import numpy as np

from evaluation import orders
from evaluation.case import Case, Check, Pixels, Random
from evaluation.hard import HARD
from evaluation.orders import Make
from miniature import draw

__all__ = ["EDITS", "FIRST_SEED", "OPERATIONS", "SUITES", "Case", "Check", "Pixels", "case_of", "cases", "digest"]

FIRST_SEED = 1000
ORDERS: dict[str, Make] = {
    "reconstruct": orders.reconstruct,
    "replace": orders.exchange,
    "recolor": orders.recolor,
    "restyle": orders.restyle,
    "background": orders.background,
    "insert": orders.insert,
    "remove": orders.remove,
    "expression": orders.expression,
}
TAUGHT: dict[str, Callable[[Random, int, int], Case]] = {
    "concept": orders.concept,
    "group": orders.group,
    "style": orders.style,
}
OPERATIONS = {  # suite → the operation of its orders; "" where there is none
    "reconstruct": "", "replace": "replace", "recolor": "recolor", "restyle": "restyle", "background": "background",
    "insert": "insert", "remove": "remove", "expression": "modify", "two_people": "recolor", "behind": "recolor",
    "pattern": "recolor", "mirror": "recolor", "move": "move", "swap": "swap", "ambiguous": "recolor",
    "asks": "recolor", "concept": "", "group": "replace", "style": "restyle",
}  # fmt: skip
EDITS = tuple(suite for suite in ORDERS if suite != "reconstruct")
SUITES = (*ORDERS, *HARD, *TAUGHT)


def cases(suite: str, seed: int, count: int) -> Iterator[Case]:
    """The first `count` cases of a suite. Raises ValueError for seeds that training may have seen."""
    for number in range(count):
        yield case_of(suite, seed, number)


@lru_cache(maxsize=512)
def case_of(suite: str, seed: int, number: int) -> Case:
    """One case. Raises ValueError for seeds that training may have seen."""
    if seed < FIRST_SEED:
        raise ValueError(f"seeds below {FIRST_SEED} belong to training and tuning")
    key = (seed, crc32(suite.encode()), number)
    rng = np.random.default_rng([*key, 1])
    make = ORDERS.get(suite) or HARD.get(suite)
    case = make(rng, (*key, 2)) if make else TAUGHT[suite](rng, seed, number)
    return replace(case, suite=suite, seed=int(rng.integers(1 << 30)))


@lru_cache(maxsize=4096)
def digest(suite: str, seed: int, number: int) -> str:
    """What a case asks, in twelve letters: the same photo, order and answer have the same, and after a change of the
    world, or of how cases are made, another one comes out."""
    case = case_of(suite, seed, number)
    hashed = sha256(draw.paint(case.before).tobytes() + draw.paint(case.after).tobytes())
    for scene in case.taught:
        hashed.update(draw.paint(scene).tobytes())
    hashed.update(repr((case.step, case.sentence, case.seed)).encode())
    return hashed.hexdigest()[:12]
