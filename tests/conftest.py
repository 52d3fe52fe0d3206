"""Fixtures for all tests: tiny models (see models.py). Nothing here needs a network or a GPU."""

import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def model_folders(tmp_path_factory: pytest.TempPathFactory) -> "dict[str, Path]":
    """Name of a shape ("sd15", "sd21", "miniature", "sdxl") → folder of a tiny random model of that shape."""
    from tests import models

    return {shape: models.save(shape, tmp_path_factory.mktemp(shape)) for shape in models.SHAPES}


@pytest.fixture(scope="session")
def tiny_sd(model_folders: "dict[str, Path]"):
    """The miniature's shape, with its judge; loaded once."""
    from pipeline.diffusion.toolkit.model import load

    return load(model_folders["miniature"])


@pytest.fixture(scope="session", params=["sd15", "sd21", "miniature", "sdxl"])
def every_sd(request: pytest.FixtureRequest, model_folders: "dict[str, Path]", tiny_sd):
    """Each of the four shapes in turn."""
    from pipeline.diffusion.toolkit.model import load

    return tiny_sd if request.param == "miniature" else load(model_folders[request.param])


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the small networks that see real photos, as `make setup` fetches them. On a copy without them the test
    is skipped; in continuous integration it fails."""
    from storage.model_files import COMMAND, missing
    from storage.settings import load

    folder = load().models / "vision"
    if missing(folder) and not os.environ.get("CI"):
        pytest.skip(f"no model files in {folder}: run {COMMAND}")
    assert not missing(folder), f"no model files in {folder}"
    return folder
