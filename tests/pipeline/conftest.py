"""A tiny model that lives in the miniature's world: random weights, the true vocabulary."""

import json
import shutil
from pathlib import Path

import pytest

from miniature import wording
from pipeline.diffusion.toolkit.model import StableDiffusion, load


@pytest.fixture(scope="session")
def world_folder(model_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny miniature with the heying.json of the real one, two steps long."""
    folder = tmp_path_factory.mktemp("world") / "model"
    shutil.copytree(model_folders["miniature"], folder)
    (folder / "heying.json").write_text(json.dumps(wording.world(steps=2)), "utf-8")
    return folder


@pytest.fixture(scope="session")
def world_sd(world_folder: Path) -> StableDiffusion:
    """That model, loaded once."""
    return load(world_folder)


@pytest.fixture(scope="session")
def open_sd(model_folders: dict[str, Path]) -> StableDiffusion:
    """A model of Stable Diffusion's shape, whose world is open."""
    return load(model_folders["sd15"])
