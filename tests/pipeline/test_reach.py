"""What was asked for before any worker was known is refused by the worker before it looks at the photo."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import routing
from pipeline.compositing.engine import Compositing
from pipeline.engine import EditOrder, OrderError
from storage.plans import Referent, Step

PHOTO = np.zeros((64, 64, 3), np.uint8)
ENGINES = [Compositing(Path("none"))]  # without the nets that see


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("replace", target="猫", content="锟斤拷"), "手边没有「锟斤拷」"),
        (Step("restyle", content="锟斤拷"), "「锟斤拷」画风我还没有"),
        (Step("background", content="锟斤拷"), "现在可以说「背景换成白色」、「背景虚化」。"),
    ],
)
def test_out_of_reach_is_said_before_anything_is_seen(step: Step, words: str) -> None:
    order = EditOrder(PHOTO, step, {"content": Referent("锟斤拷", attributes={"unknown": "锟斤拷"})})
    with pytest.raises(OrderError) as refusal:
        routing.within_reach(ENGINES, order)
    assert words in refusal.value.sentence


@pytest.mark.parametrize(
    ("step", "more"),
    [
        (Step("background", color="white"), {}),
        (Step("adjust", content="bright"), {}),
        (Step("background", content="锟斤拷"), {"references": (PHOTO,)}),
        (Step("modify", content="锟斤拷"), {"referents": {"target": Referent("头发", part="hair")}}),
    ],
)
def test_what_may_be_done_is_looked_at(step: Step, more: dict[str, object]) -> None:
    routing.within_reach(ENGINES, EditOrder(PHOTO, step, **more))  # type: ignore[arg-type]
