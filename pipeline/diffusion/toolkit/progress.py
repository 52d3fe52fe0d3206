"""How far a long calculation is: generators yield Progress and return what they made.

A caller that stops asking, or closes the generator, has cancelled the work between two steps.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; `stage` is shown to the user, in Chinese."""

    done: int
    total: int
    stage: str


def finish(work: Generator[Progress, None, T]) -> T:
    """Run `work` to its end and return its value."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def part(work: Generator[Progress, None, T], before: int, total: int) -> Generator[Progress, None, T]:
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


def one_of(work: Generator[Progress, None, T], number: int, count: int) -> Generator[Progress, None, T]:
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
