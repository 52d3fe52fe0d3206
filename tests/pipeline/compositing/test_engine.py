"""The engine from an order to a picture, with the real models on pictures whose licence allows it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.compositing.engine import Compositing
from pipeline.compositing.memory import unpacked
from pipeline.compositing.operations import OPERATIONS, operation
from pipeline.engine import (
    Concept,
    EditOrder,
    FigureOrder,
    GenerateOrder,
    Learned,
    LearnOrder,
    OrderError,
    Pixels,
    Progress,
    finish,
)
from storage.plans import Referent, Step


def darker(photo: Pixels) -> Pixels:
    return np.asarray(photo * 0.7, np.uint8)


@pytest.fixture(scope="module")
def learned(engine: Compositing, astronaut: Pixels, coffee: Pixels) -> Learned:
    photos = (astronaut, darker(astronaut), coffee)
    return finish(engine.learn(LearnOrder("小明", "person", photos)))


@pytest.fixture(scope="module")
def concept(learned: Learned) -> Concept:
    return Concept("小明", "person", artefacts={"compositing": learned.artefact})


def test_learning_keeps_figures_and_says_which_photo_shows_nobody(learned: Learned) -> None:
    assert learned.used == (0, 1)
    assert len(learned.findings) == 1
    assert learned.findings[0].startswith("第 3 张")
    memory = unpacked(learned.artefact)
    assert [figure.photo for figure in memory.figures] in ([0, 1], [1, 0])
    assert memory.embedding is not None
    for figure in memory.figures:
        assert figure.head is not None
        assert figure.embedding is not None
        assert float(np.linalg.norm(figure.embedding - memory.embedding)) < 0.3


def test_learning_from_nobody_is_an_error(engine: Compositing, coffee: Pixels) -> None:
    with pytest.raises(OrderError) as said:
        finish(engine.learn(LearnOrder("小明", "person", (coffee,))))
    assert "还没记住小明" in said.value.sentence


def test_who_is_there_already_is_not_added_again(engine: Compositing, astronaut: Pixels, concept: Concept) -> None:
    order = EditOrder(astronaut, Step("insert", concept="小明"), concepts={"小明": concept})
    with pytest.raises(OrderError) as said:
        finish(engine.edit(order))
    assert "已经在这张照片里" in said.value.sentence


def test_somebody_comes_into_a_photo_of_nobody(engine: Compositing, coffee: Pixels, concept: Concept) -> None:
    room = cv2.resize(coffee, None, fx=1.3, fy=1.3, interpolation=cv2.INTER_CUBIC)
    order = EditOrder(room, Step("insert", concept="小明", position="center"), concepts={"小明": concept})
    edited = finish(engine.edit(order))
    assert edited.facts["gates"]["distance"] < 0.45
    assert edited.mask is not None
    assert (edited.image == room)[edited.mask == 0].all()
    assert 0.05 < float((edited.mask > 0.5).mean()) < 0.9


def test_once_more_is_another_reference(engine: Compositing, coffee: Pixels, concept: Concept) -> None:
    """再来一张 and 换一张他的照片 count the seed on."""
    room = cv2.resize(coffee, None, fx=1.3, fy=1.3, interpolation=cv2.INTER_CUBIC)
    order = EditOrder(room, Step("insert", concept="小明"), concepts={"小明": concept}, cache={})
    first, second = (finish(engine.edit(replace(order, seed=seed))) for seed in range(2))
    assert {first.facts["reference"], second.facts["reference"]} == {1, 2}


def test_somebody_is_taken_out_and_nobody_is_left(engine: Compositing, astronaut: Pixels) -> None:
    edited = finish(engine.edit(EditOrder(astronaut, Step("remove", target="人"))))
    assert edited.mask is not None
    assert (edited.image == astronaut)[edited.mask == 0].all()
    faces = engine.vision.faces(edited.image)
    assert not faces
    assert engine.vision.faces(astronaut)


def test_the_second_order_does_not_look_again(
    engine: Compositing, astronaut: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    real = engine.vision.look

    def counted(photo: Pixels) -> Iterator[Progress]:
        looks.append(photo.shape)
        return real(photo)

    monkeypatch.setattr(engine.vision, "look", counted)
    cache: dict[str, dict[str, Any]] = {}
    for style in ("sketch", "vintage"):
        finish(engine.edit(EditOrder(astronaut, Step("restyle", style=style), cache=cache)))
    assert len(looks) == 1


def test_a_white_background_is_white_and_the_face_is_hers(engine: Compositing, astronaut: Pixels) -> None:
    edited = finish(engine.edit(EditOrder(astronaut, Step("background", content="白色", color="white"))))
    assert (edited.image[5:60, 5:60] == 255).all()
    face = (slice(80, 160), slice(190, 250))
    assert (edited.image[face] == astronaut[face]).mean() > 0.98


def test_another_strength_is_another_picture(engine: Compositing, astronaut: Pixels) -> None:
    step = Step("restyle", style="oil")
    weak, full = (
        finish(engine.edit(EditOrder(astronaut, step, amount=amount))).image.astype(int) for amount in (0.4, 1.0)
    )
    assert np.abs(weak - astronaut).mean() < np.abs(full - astronaut).mean()


def test_stickers_are_cut_out(engine: Compositing, astronaut: Pixels, concept: Concept) -> None:
    made = finish(engine.figures(FigureOrder((None, "angry", "happy"), concept=concept)))
    assert len(made.images) == 3
    for image in made.images:
        assert image.dtype == np.uint8
        assert image.shape[2] == 4
        assert 0.2 < float((image[..., 3] > 128).mean()) < 0.98
    half, close = made.images[0], made.images[1]
    assert close.shape[0] < 0.7 * half.shape[0]
    of_photo = finish(engine.figures(FigureOrder((None,), photo=astronaut)))
    assert of_photo.images[0].shape[2] == 4


def test_a_pet_is_learnt_by_standing_out(engine: Compositing, chelsea: Pixels) -> None:
    learned = finish(engine.learn(LearnOrder("旺财", "pet", (chelsea,))))
    memory = unpacked(learned.artefact)
    assert memory.figures[0].head is None
    assert memory.embedding is None


def test_what_only_a_painter_can_do_is_said_with_what_can_be_done(engine: Compositing, astronaut: Pixels) -> None:
    step = Step("replace", target="衣服", content="旗袍", color="red")
    referents = {"target": Referent("衣服", kinds=("clothes",), part="clothes")}
    with pytest.raises(OrderError) as said:
        finish(engine.edit(EditOrder(astronaut, step, referents)))
    assert "画不出来" in said.value.sentence
    offered = replace(step, **said.value.offers[0].changes)
    edited = finish(engine.edit(EditOrder(astronaut, offered, referents)))
    assert (edited.image != astronaut).any()
    with pytest.raises(OrderError):
        finish(engine.generate(GenerateOrder(Referent("一只猫"))))


def test_a_photo_of_nothing(engine: Compositing) -> None:
    gray = np.full((300, 400, 3), 127, np.uint8)
    with pytest.raises(OrderError) as said:
        finish(engine.edit(EditOrder(gray, Step("remove", target="人"))))
    assert "没有看到人" in said.value.sentence


def test_every_operation_has_its_function(engine: Compositing) -> None:
    for name in OPERATIONS:
        assert callable(operation(name))
    assert engine.capabilities().operations == tuple(OPERATIONS)
    assert all(check.well for check in engine.check())


def test_without_models_the_sentence_says_which_command_helps(tmp_path: Any) -> None:
    bare = Compositing(tmp_path)
    assert not bare.check()[0].well
    with pytest.raises(OrderError) as said:
        finish(bare.edit(EditOrder(np.zeros((64, 64, 3), np.uint8), Step("remove"))))
    assert "python -m" in said.value.sentence
