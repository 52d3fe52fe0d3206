"""A data folder of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import storage
from storage import Storage


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storage]:
    with storage.open(tmp_path / "data") as opened:
        yield opened
