"""A small share of `make soak`."""

import pytest

from tests.soak import crash, hostile, load


def test_random_kills() -> None:
    assert crash.at_random(3).count == 3


def test_starts_and_stops() -> None:
    assert crash.started_and_stopped(2).count == 2


def test_backups_come_back() -> None:
    assert crash.backed_up_and_restored(2).count == 2


def test_mutated_pictures() -> None:
    assert hostile.pictures(90).count == 90


def test_mutated_sentences() -> None:
    assert hostile.sentences(100).told.startswith("broken: 0")


def test_people_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PAUSE", 0.5)
    assert load.chatting(6, 2).count == 12
