"""The nudity filter lets everyday photos pass. What it must stop is not kept in a repository."""

import numpy as np
import pytest

from pipeline.vision.safety import nudity, unsafe

from .conftest import picture


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_everyday_photos_pass(name: str) -> None:
    assert nudity(picture(name)) < 0.2
    assert not unsafe(picture(name))


def test_any_size_is_judged() -> None:
    assert 0 <= nudity(np.zeros((1, 1, 3), np.uint8)) <= 1
    assert not unsafe(np.full((3000, 4000, 3), 200, np.uint8))
