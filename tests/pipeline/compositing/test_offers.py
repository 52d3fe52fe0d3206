"""What is offered instead of what cannot be done can be done, on this very photo."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.compositing.engine import Compositing
from pipeline.compositing.memory import Memory, packed, unpacked
from pipeline.engine import Concept, EditOrder, LearnOrder, OrderError, Pixels, finish
from storage.plans import Referent, Step

REFUSED = {
    "a place that we have no photo of": (Step("background", content="故宫"), {"content": Referent("故宫")}),
    "clothes of another cut": (
        Step("replace", target="衣服", content="旗袍", color="red"),
        {"target": Referent("衣服", part="clothes"), "content": Referent("旗袍", kinds=("dress",))},
    ),
    "an expression": (
        Step("modify", target="人", content="生气"),
        {"target": Referent("人", kinds=("person",), part="face"), "content": Referent("生气", english="angry")},
    ),
    "another shape": (Step("beautify", content="瘦脸"), {"content": Referent("瘦脸", english="slim face")}),
    "a style without a picture": (Step("restyle", content="某某风"), {"content": Referent("某某风", english="some style")}),
    "colours of a black-and-white photo": (Step("adjust", content="colorize"), {}),
}  # fmt: skip


def refusal(engine: Compositing, order: EditOrder) -> OrderError:
    with pytest.raises(OrderError) as said:
        finish(engine.edit(order))
    return said.value


def accepted(engine: Compositing, order: EditOrder, error: OrderError) -> None:
    for offer in error.offers:
        taken = replace(order, step=replace(order.step, **offer.changes), referents=offer.referents_of(order))
        assert finish(engine.edit(taken)).image.size
        assert offer.words in error.sentence


@pytest.mark.parametrize("order", REFUSED.values(), ids=REFUSED.keys())
def test_every_offer_works(engine: Compositing, astronaut: Pixels, order: tuple[Step, dict[str, Referent]]) -> None:
    asked = EditOrder(astronaut, *order)
    error = refusal(engine, asked)
    assert error.offers
    accepted(engine, asked, error)


def test_nothing_is_offered_where_it_would_be_refused(engine: Compositing) -> None:
    """A photo of nothing has no foreground: neither a white nor a blurred background can be had."""
    gray = np.full((300, 400, 3), 127, np.uint8)
    error = refusal(engine, EditOrder(gray, *REFUSED["a place that we have no photo of"]))
    assert not error.offers
    assert "现在能做的" not in error.sentence


@pytest.fixture(scope="module")
def floating(engine: Compositing, astronaut: Pixels) -> Concept:
    """Somebody of whom only head and neck were taught: nearly nowhere can that stand."""
    learned = finish(engine.learn(LearnOrder("小明", "person", (astronaut,))))

    memory = unpacked(learned.artefact)
    (figure,) = memory.figures
    assert figure.head is not None
    end = int(figure.head.y + 1.1 * figure.head.size)
    short = replace(figure, rgb=figure.rgb[:end].copy(), alpha=figure.alpha[:end].copy(), embedding=None)
    return Concept("小明", "person", artefacts={"compositing": packed(Memory("person", (short,), None))})


def group(astronaut: Pixels) -> Pixels:
    """Somebody whose head is in the middle of a large empty picture."""
    canvas = cv2.resize(astronaut, (1400, 1000), interpolation=cv2.INTER_AREA)
    canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), 60), np.uint8)
    canvas[300:812, 444:956] = astronaut
    return canvas


@pytest.mark.parametrize("position", ["left", "behind"])
def test_a_place_that_is_offered_is_a_place(
    engine: Compositing, astronaut: Pixels, floating: Concept, position: str
) -> None:
    """「加到后面」 is no button where it would be refused again, whatever stood in the sentence before."""
    step = Step("insert", concept="小明", position=position)
    beside = Referent("人", kinds=("person",), position="left", ordinal=1)
    asked = EditOrder(group(astronaut), step, {"beside": beside}, concepts={"小明": floating})
    error = refusal(engine, asked)
    accepted(engine, asked, error)
