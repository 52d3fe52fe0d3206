"""Generators that report: run to the end, numbered as part of something longer, closed."""

import importlib
import pickle
import pkgutil
from collections.abc import Generator

import numpy as np

import personalization
import pipeline
import storage
from pipeline.engine import Ambiguous, Choice, EngineError, Offer, OrderError, Progress, finish, part
from storage.errors import HeyingError


def work(closed: list[str]) -> Generator[Progress, None, str]:
    try:
        for i in range(3):
            yield Progress(i + 1, 3, "忙")
        return "made"
    finally:
        closed.append("closed")


def test_finish_returns_what_was_made() -> None:
    assert finish(work([])) == "made"


def test_a_part_is_counted_in_the_whole() -> None:
    whole = part(work([]), before=4, total=9)
    assert [(p.done, p.total) for p in whole] == [(5, 9), (6, 9), (7, 9)]


def test_closing_the_whole_closes_the_part() -> None:
    closed: list[str] = []
    whole = part(work(closed), 0, 3)
    next(whole)
    whole.close()
    assert closed == ["closed"]


def test_every_error_crosses_processes_whole() -> None:
    """With all fields of its own: choices, offers, pictures. Errors of packages that only some installations have, too."""
    for package in (storage, pipeline, personalization):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    kinds = _below(HeyingError)
    assert {Ambiguous, EngineError, OrderError} < kinds
    for kind in kinds:
        error = kind.__new__(kind, "log")
        error.__dict__.update(
            {"sentence": "一句话。", "offers": (Offer("换个颜色", {"color": "red"}),), "choices": (1, 2)}
        )
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.__dict__) == (kind, "log", error.__dict__)
    question = Ambiguous("哪一个？", "two", [Choice(0, "左边", (0, 0, 1, 1))], True, np.zeros((2, 2, 3), np.uint8))
    asked = pickle.loads(pickle.dumps(question))
    assert (asked.sentence, asked.choices, asked.unheard) == ("哪一个？", question.choices, True)
    assert (asked.picture == question.picture).all()


def _below(kind: type[HeyingError]) -> set[type[HeyingError]]:
    """All subclasses."""
    direct = set(kind.__subclasses__())
    return direct.union(*(_below(one) for one in direct))
