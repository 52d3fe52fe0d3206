"""A tiny random model that lives in the miniature's world, photos of its characters, and the shipped judge."""

import json
import shutil
from pathlib import Path

import pytest

from miniature import draw, wording
from miniature.characters import held_out_characters
from miniature.samples import references
from pipeline.diffusion.toolkit.model import StableDiffusion, load
from pipeline.imaging.composite import Pixels

WEIGHTS = Path(__file__).parents[2] / "miniature" / "weights"


def photos(name: str, count: int = 4) -> list[Pixels]:
    """A held-out character alone in different settings."""
    return [draw.paint(scene) for scene in references(held_out_characters()[name], count)]


@pytest.fixture(scope="session")
def world_sd(model_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> StableDiffusion:
    """The tiny miniature with the heying.json of the real one."""
    folder = tmp_path_factory.mktemp("taught") / "model"
    shutil.copytree(model_folders["miniature"], folder)
    (folder / "heying.json").write_text(json.dumps(wording.world(steps=2)), "utf-8")
    return load(folder)


@pytest.fixture(scope="session")
def judge() -> StableDiffusion:
    """The shipped model, whose judge looks at references."""
    return load(WEIGHTS)
