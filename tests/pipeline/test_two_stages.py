"""Two engines make one picture: real pixels first, then a gentle pass of a model over the seam."""

from typing import Any

import cv2
import numpy as np
import pytest

from pipeline import routing
from pipeline.diffusion.engine import Diffusion
from pipeline.diffusion.sight import Sight
from pipeline.diffusion.toolkit.model import StableDiffusion, fingerprint
from pipeline.engine import Capabilities, Edited, EditOrder, OrderError, Pixels, Progress, Work, finish
from pipeline.vision.looking import Vision
from storage.plans import Step
from tests.pipeline.vision.conftest import astronaut, vision

__all__ = ["astronaut", "vision"]
STEP = Step("insert", concept="小明", position="left")


class Pasting:
    """Sets a person in with their own pixels, as the compositing engine does."""

    name, kind = "compositing", "compositing"

    def __init__(self, made: Edited) -> None:
        self.made = made

    def capabilities(self) -> Capabilities:
        return Capabilities(operations=("insert",), methods=({"name": "compositing"},))

    def serves(self, order: Any) -> bool:
        return True

    def edit(self, order: EditOrder) -> Work[Edited]:
        yield Progress(1, 1, "放")
        return self.made


@pytest.fixture(scope="module")
def pasted(vision: Vision, astronaut: Pixels) -> tuple[Pixels, Edited]:
    """A photo of one person on the right, and the same with another one set in on the left."""
    both = np.ascontiguousarray(np.concatenate([astronaut[:, 6:506], astronaut[:, 506:6:-1]], 1))
    mask = finish(vision.look(both)).persons[0].mask
    photo = both.copy()
    photo[mask > 0.02] = (
        np.linspace(90, 160, both.shape[0]).astype(np.uint8)[:, None, None].repeat(1000, 1)[mask > 0.02]
    )
    return photo, Edited(both, mask, {"first": True})


@pytest.fixture(scope="module")
def painter(open_sd: StableDiffusion, vision: Vision) -> Diffusion:
    return Diffusion("sd", open_sd, fingerprint(open_sd), sight=Sight(vision), steps=8)


def test_who_comes_in_is_harmonized_and_every_face_is_held(
    pasted: tuple[Pixels, Edited], painter: Diffusion, vision: Vision
) -> None:
    photo, first = pasted
    made = finish(routing.edit([Pasting(first), painter], EditOrder(photo, STEP)))
    assert made.facts["harmonized"] == "sd"
    assert made.facts["first"]
    assert made.mask is not None
    assert (made.image[made.mask == 0] == photo[made.mask == 0]).all()
    new = (made.image != first.image).any(2)
    assert 0.01 < new.mean() < 0.4
    persons = finish(vision.look(first.image)).persons
    other = persons[1].mask > 0.5
    assert not new[other].any()
    for one in persons:
        assert one.face is not None
        x0, y0, x1, y1 = (round(v * side) for v, side in zip(one.face.box, (1000, 512, 1000, 512), strict=True))
        assert not new[y0:y1, x0 : (x0 + x1) // 2 + 20][10:-10, 10:].any()
    rim = cv2.morphologyEx((first.mask > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    assert new[rim].mean() > 0.3


def test_who_names_a_method_gets_one_stage(pasted: tuple[Pixels, Edited], painter: Diffusion) -> None:
    photo, first = pasted
    made = finish(routing.edit([Pasting(first), painter], EditOrder(photo, STEP, method="compositing")))
    assert (made.image == first.image).all()


def test_a_second_stage_that_fails_costs_nothing(
    pasted: tuple[Pixels, Edited], painter: Diffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, first = pasted

    def broken(*_: object) -> Work[Edited]:
        raise OrderError("画不了。", "broken")
        yield

    monkeypatch.setattr(Diffusion, "harmonize", broken)
    made = finish(routing.edit([Pasting(first), painter], EditOrder(photo, STEP)))
    assert (made.image == first.image).all()
    assert made.facts["not harmonized"] == "broken"
    blind = Diffusion("blind", painter.sd, painter.weights)
    assert (finish(routing.edit([Pasting(first), blind], EditOrder(photo, STEP))).image == first.image).all()
