"""Four real people in one photo: who is meant goes, and nobody else."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot import parser
from bot.language import referents
from pipeline.compositing.engine import Compositing
from pipeline.engine import Ambiguous, EditOrder, Pixels, finish

SAMPLES = Path(__file__).resolve().parents[3] / "bot" / "samples" / "photos"
SIDE = 320
EXACT = 3  # grey levels by which a pixel counts as changed


@pytest.fixture(scope="module")
def group() -> Pixels:
    """Collins and Hopper (the samples that ship), and both of them mirrored, in a row."""
    shown = []
    for name in ("astronaut.jpg", "hopper.jpg"):
        with Image.open(SAMPLES / name) as image:
            square = image.convert("RGB").crop((0, 0, image.width, image.width)).resize((SIDE, SIDE))
        shown.append(np.asarray(square))
    return np.hstack([*shown, *(one[:, ::-1] for one in shown)])


def order(photo: Pixels, sentence: str, choice: int | None = None) -> EditOrder:
    """As the chat would order it."""
    plan = parser.parse(sentence, photos=1)
    return EditOrder(photo, plan.steps[0], referents.of_plan(plan, sentence)[0], sentence=sentence, choice=choice)


def gone(before: Pixels, after: Pixels) -> set[int]:
    """The quarters of the photo whose face is another now."""
    changed = np.abs(after.astype(int) - before).max(2) > EXACT
    middle = SIDE // 4
    quarters = (changed[: SIDE // 2, at + middle : at + SIDE - middle] for at in range(0, 4 * SIDE, SIDE))
    return {number for number, quarter in enumerate(quarters) if quarter.mean() > 0.2}


def test_the_leftmost_goes_and_nobody_else(engine: Compositing, group: Pixels) -> None:
    made = finish(engine.edit(order(group, "去掉最左边的人")))
    assert gone(group, made.image) == {0}


def test_the_leftmost_man_is_asked_about_and_the_number_decides(engine: Compositing, group: Pixels) -> None:
    """The leftmost of all is a woman: she must not go."""
    with pytest.raises(Ambiguous) as asked:
        finish(engine.edit(order(group, "去掉最左边的男生")))
    assert len(asked.value.choices) == 4
    assert "男女、年纪我分不准" in asked.value.sentence
    assert asked.value.unheard, "its own sentence is what the chat says"
    assert asked.value.picture is not None
    made = finish(engine.edit(order(group, "去掉最左边的男生", choice=1)))
    assert gone(group, made.image) == {1}
