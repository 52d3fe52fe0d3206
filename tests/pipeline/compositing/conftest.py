"""The engine over the real models, and the pictures that vision's tests use."""

from pathlib import Path

import pytest

from pipeline.compositing.engine import Compositing
from tests.pipeline.vision.conftest import astronaut, chelsea, coffee

__all__ = ["astronaut", "chelsea", "coffee", "engine"]


@pytest.fixture(scope="session")
def engine(models: Path) -> Compositing:
    return Compositing(models)
