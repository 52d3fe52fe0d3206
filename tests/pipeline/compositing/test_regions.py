"""Edits of a part that was drawn: that part changes, and outside of it no bit does."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.compositing.engine import Compositing
from pipeline.engine import Edited, EditOrder, EngineError, OrderError, Pixels, finish
from pipeline.routing import candidates
from storage import regions
from storage.plans import Referent, Step
from storage.regions import Region, Stroke

HOPPER = Path(__file__).resolve().parents[3] / "bot/samples/photos/hopper.jpg"
PATCH = Region(((0.33, 0.56), (0.47, 0.56), (0.47, 0.66), (0.33, 0.66)))  # on her suit
LINE = Region((), (Stroke(((0.75, 0.1), (0.9, 0.12), (0.92, 0.3)), 0.05),))  # over the shuttle
AROUND = Region(
    ((0.05, 0.98), (0.1, 0.6), (0.3, 0.35), (0.25, 0.02), (0.55, 0.02), (0.65, 0.4), (0.95, 0.6), (0.98, 0.98))
)
ORDERS = [
    Step("remove"),
    Step("recolor", color="red"),
    Step("mosaic"),
    Step("modify", content="模糊"),
    Step("adjust", content="brighter"),
    Step("restyle", style="ink_wash"),
    Step("upscale"),
]


def edited(engine: Compositing, photo: Pixels, step: Step, *parts: Region, **more: object) -> Edited:
    return finish(engine.edit(EditOrder(photo, step, regions=parts, **more)))  # type: ignore[arg-type]


@pytest.mark.parametrize("step", ORDERS, ids=lambda step: step.operation)
def test_what_was_drawn_changes_and_nothing_else(engine: Compositing, astronaut: Pixels, step: Step) -> None:
    made = edited(engine, astronaut, step, PATCH, LINE)
    inside = regions.mask([PATCH, LINE], (512, 512))
    changed = (made.image != astronaut).any(2)
    assert not (changed & ~inside).any()
    assert changed[inside].mean() > (0.2 if step.operation == "upscale" else 0.9)
    assert made.mask is not None
    assert not (made.mask[~inside] > 0).any()


def test_two_parts_of_different_colours_both_become_red(engine: Compositing, astronaut: Pixels) -> None:
    made = edited(engine, astronaut, Step("recolor", color="blue"), PATCH, LINE)
    for part in (PATCH, LINE):
        inside = regions.mask([part], (512, 512))
        red, _, blue = made.image[inside].astype(float).mean(0)
        assert blue > red + 20, part


def test_a_lasso_around_somebody_is_that_person(engine: Compositing, astronaut: Pixels) -> None:
    made = edited(engine, astronaut, Step("recolor", color="blue"), AROUND)
    tapped = finish(engine.edit(EditOrder(astronaut, Step("recolor", color="blue"), points=((0.4, 0.8),))))
    assert np.array_equal(made.image, tapped.image)
    assert made.facts["part"] == "clothes"


def test_what_was_erased_from_it_makes_it_a_part_again(engine: Compositing, astronaut: Pixels) -> None:
    less = Region(AROUND.outline, (Stroke(((0.3, 0.2),), 0.2, erases=True),))
    made = edited(engine, astronaut, Step("adjust", content="brighter"), less)
    changed = (made.image != astronaut).any(2)
    assert not (changed & ~regions.mask([less], (512, 512))).any()
    assert not changed[102, 154]


def test_a_tap_and_a_part_together(engine: Compositing, astronaut: Pixels) -> None:
    made = edited(engine, astronaut, Step("recolor", color="blue"), LINE, points=((0.4, 0.8),))
    changed = (made.image != astronaut).any(2)
    assert changed[regions.mask([LINE], (512, 512))].mean() > 0.9
    assert changed[330:360, 100:130].all()  # her sleeve


def test_who_covers_a_face_covers_what_was_drawn(engine: Compositing, astronaut: Pixels) -> None:
    made = edited(engine, astronaut, Step("mosaic"), AROUND)
    inside = regions.mask([AROUND], (512, 512))
    assert (made.image != astronaut).any(2)[inside].mean() > 0.9


def test_a_part_of_somebody_that_is_named_is_the_part(engine: Compositing, astronaut: Pixels) -> None:
    him = {"target": Referent("他", kinds=("person",))}
    made = edited(engine, astronaut, Step("remove", target="他"), PATCH, referents=him)
    inside = regions.mask([PATCH], (512, 512))
    assert not ((made.image != astronaut).any(2) & ~inside).any()


@pytest.mark.parametrize("operation", ["crop", "id_photo", "text", "collage", "insert", "extend"])
def test_what_cannot_be_done_in_a_part_is_said(engine: Compositing, astronaut: Pixels, operation: str) -> None:
    with pytest.raises(OrderError) as said:
        edited(engine, astronaut, Step(operation), LINE)
    assert "圈出来的地方" in said.value.sentence


def test_somebody_whole_is_needed_to_be_moved(engine: Compositing, astronaut: Pixels) -> None:
    with pytest.raises(OrderError) as said:
        edited(engine, astronaut, Step("move", position="left"), PATCH)
    assert "沿着整个人圈一圈" in said.value.sentence


def test_an_engine_that_knows_no_region_is_not_asked(engine: Compositing, astronaut: Pixels) -> None:
    order = EditOrder(astronaut, Step("remove"), regions=(LINE,))
    assert candidates([engine], order) == [engine]
    with pytest.raises(EngineError) as said:
        candidates([_Whole()], order)  # type: ignore[list-item]
    assert "圈出来的地方" in said.value.sentence
    assert candidates([_Whole()], EditOrder(astronaut, Step("remove")))  # type: ignore[list-item]


class _Whole(Compositing):
    """The same engine as if it knew no parts."""

    def __init__(self) -> None:
        pass

    def capabilities(self):  # type: ignore[no-untyped-def]
        from dataclasses import replace

        return replace(super().capabilities(), regions=())


def test_whoever_is_tapped_gets_the_coat_and_not_the_collar_in_another_colour(engine: Compositing) -> None:
    """Her cap has the coat's colour: what is seen above a face need not be hair."""
    with Image.open(HOPPER) as image:
        photo = np.asarray(image.convert("RGB"))
    made = finish(engine.edit(EditOrder(photo, Step("recolor", color="red"), points=((0.5, 0.9),))))
    changed = (made.image != photo).any(2)
    height, width = changed.shape
    for x, y in ((0.2, 0.9), (0.3, 0.75), (0.75, 0.75), (0.85, 0.95)):  # her coat, both sides
        spot = changed[int(y * height) - 6 : int(y * height) + 6, int(x * width) - 6 : int(x * width) + 6]
        assert spot.mean() > 0.9, (x, y)
    face = changed[int(0.24 * height) : int(0.52 * height), int(0.36 * width) : int(0.66 * width)]
    assert face.mean() < 0.001
    cap = changed[int(0.05 * height) : int(0.2 * height), int(0.35 * width) : int(0.7 * width)]
    assert cap.mean() < 0.001
