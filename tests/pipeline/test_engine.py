"""Generators that report: run to the end, numbered as part of something longer, closed."""

from collections.abc import Generator

from pipeline.engine import Progress, finish, part


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
