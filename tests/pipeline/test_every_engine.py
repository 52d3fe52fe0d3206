"""One real photo and one sentence through every kind of engine, opened as config.toml opens them: the same promise."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from bot.language.referents import referents
from pipeline.engine import EditOrder, Engine, Pixels, finish
from pipeline.engines import open_engines
from storage.plans import Step
from storage.settings import EngineSettings, Settings
from tests.pipeline.editors import tiny
from tests.pipeline.editors.strict_server import KEY, MODEL, serving
from tests.pipeline.vision.conftest import astronaut

__all__ = ["astronaut"]
STEP = Step("recolor", "她的衣服", color="blue")
FOLDERS = ("sd15", "sd21", "sdxl")


def test_everybody_keeps_what_is_outside(
    model_folders: dict[str, Path],
    models: Path,
    astronaut: Pixels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Outside of its mask each engine leaves every bit, also in the face; inside, something is new."""
    monkeypatch.setenv("HEYING_KEY_FAR", KEY)
    tiny.flux2().save_pretrained(tmp_path / "editor")
    with serving("openai") as state:
        told = (
            EngineSettings(kind="compositing"),
            *(EngineSettings(kind="diffusion", name=name, model=str(model_folders[name]), steps=2) for name in FOLDERS),
            EngineSettings(kind="editor", name="near", model=str(tmp_path / "editor"), steps=1, likeness=0),
            EngineSettings(kind="server", name="far", address=state.address, model=MODEL, likeness=0),
        )
        engines = open_engines(Settings(engines=told, models=models.parent))
        assert [one.name for one in engines] == ["compositing", *FOLDERS, "near", "far"]
        cache: dict[str, dict[str, np.ndarray]] = {}
        shares = {one.name: changed(one, astronaut, cache) for one in engines}
        assert not state.wrong
    assert all(0.005 < share < 0.8 for share in shares.values()), shares


def changed(engine: Engine, photo: Pixels, cache: dict[str, dict[str, np.ndarray]]) -> float:
    """The order carried out; the share of the photo that its mask allows to change."""
    assert STEP.operation in engine.capabilities().operations
    made = finish(engine.edit(EditOrder(photo, STEP, referents(STEP, ""), "把她的衣服改成蓝色", cache=cache)))
    assert made.image.shape == photo.shape
    assert made.image.dtype == np.uint8
    assert made.mask is not None
    outside = made.mask == 0
    assert (made.image[outside] == photo[outside]).all(), engine.name
    assert (made.image != photo).any(), engine.name
    face = cv2.ellipse(np.zeros(photo.shape[:2], np.uint8), (222, 112), (34, 48), 0, 0, 360, 1, -1) > 0
    if engine.kind in ("compositing", "diffusion"):  # an editor may draw all over the person
        assert (made.image[face] == photo[face]).all(), engine.name
    return float((made.mask > 0).mean())
