"""The real models, loaded once, and a few small pictures whose licence allows it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.vision.detection import Pixels
from pipeline.vision.looking import Vision

PICTURES = Path(__file__).parent / "pictures"


@pytest.fixture(scope="session")
def vision(models: Path) -> Vision:
    return Vision(models)


def picture(name: str) -> Pixels:
    read = cv2.imread(str(PICTURES / f"{name}.jpg"))
    assert read is not None
    return np.ascontiguousarray(read[..., ::-1])


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    """512 × 512: one woman, half length, the face at (0.34–0.53, 0.13–0.35)."""
    return picture("astronaut")


@pytest.fixture(scope="session")
def coffee() -> Pixels:
    return picture("coffee")


@pytest.fixture(scope="session")
def chelsea() -> Pixels:
    """A cat's head, which fills the picture."""
    return picture("chelsea")
