"""A Stable-Diffusion folder on a real photo: what vision sees says where, and everything else stays bit for bit."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bot.language.referents import referents
from pipeline.diffusion.engine import Diffusion
from pipeline.diffusion.grounding import PromptError
from pipeline.diffusion.sight import Sight
from pipeline.diffusion.toolkit.model import StableDiffusion, fingerprint
from pipeline.engine import Ambiguous, Concept, Edited, EditOrder, Pixels, finish
from pipeline.vision.looking import Vision
from pipeline.vision.scene import Scene
from storage.plans import Step
from tests.pipeline.vision.conftest import astronaut, coffee, vision

__all__ = ["astronaut", "coffee", "vision"]
STEPS = 2
WIDE = 1020


@pytest.fixture(scope="module")
def pair(astronaut: Pixels) -> Pixels:
    """Two people, each with a helmet under the arm, and ground between them: (512, WIDE, 3)."""
    ground = cv2.resize(astronaut[:, 500:506], (WIDE - 1000, 512))
    return np.ascontiguousarray(np.concatenate([astronaut[:, 6:506], ground, astronaut[:, 506:6:-1]], 1))


@pytest.fixture(scope="module")
def scene(vision: Vision, pair: Pixels) -> Scene:
    return finish(vision.look(pair))


@pytest.fixture(scope="module")
def engine(open_sd: StableDiffusion, vision: Vision) -> Diffusion:
    return Diffusion("sd", open_sd, fingerprint(open_sd), sight=Sight(vision), steps=STEPS)


def order(photo: Pixels, step: Step, **more: object) -> EditOrder:
    names = list(more.get("concepts", ()))  # type: ignore[call-overload]
    return EditOrder(photo, step, referents(step, "", names), **more)  # type: ignore[arg-type]


def carried_out(engine: Diffusion, photo: Pixels, step: Step, **more: object) -> Edited:
    """The step done; no bit differs outside its mask, and something inside."""
    made = finish(engine.edit(order(photo, step, **more)))
    assert made.image.shape == photo.shape
    assert made.mask is not None
    assert (made.image[made.mask == 0] == photo[made.mask == 0]).all()
    assert (made.image != photo).any()
    return made


def half(photo: Pixels, side: str) -> tuple[slice, slice]:
    middle = photo.shape[1] // 2
    return slice(None), slice(0, middle) if side == "left" else slice(middle, None)


@pytest.mark.parametrize(
    ("words", "changes", "stays"), [("左边那个女生的衣服", "left", "right"), ("右边的人的衣服", "right", "left")]
)
def test_clothes_of_the_one_on_a_side(
    engine: Diffusion, pair: Pixels, scene: Scene, words: str, changes: str, stays: str
) -> None:
    """The other one, and everybody's face, keep every bit."""
    made = carried_out(engine, pair, Step("recolor", words, color="red"))
    assert (made.image[half(pair, stays)] == pair[half(pair, stays)]).all()
    for one in scene.persons:
        assert one.face is not None
        x0, y0, x1, y1 = one.face.box
        face = (slice(int(y0 * 512) + 4, int(y1 * 512) - 8), slice(int(x0 * WIDE) + 4, int(x1 * WIDE) - 4))
        assert (made.image[face] == pair[face]).all()
    assert "clothes" in made.facts["target"]
    assert made.facts["crop"][2] < WIDE


def test_somebody_goes_and_the_other_stays(engine: Diffusion, pair: Pixels) -> None:
    made = carried_out(engine, pair, Step("remove", "右边的人"))
    assert (made.image[:, :480] == pair[:, :480]).all()
    assert "person" not in made.facts["target"]


def test_whom_the_words_leave_open_is_asked_back(engine: Diffusion, pair: Pixels) -> None:
    """A woman cannot be told from a man; the answer is an index of the choices."""
    step = Step("recolor", "女生的衣服", color="blue")
    with pytest.raises(Ambiguous) as question:
        finish(engine.edit(order(pair, step)))
    assert [choice.words for choice in question.value.choices] == ["左边那个", "右边那个"]
    made = carried_out(engine, pair, step, choice=1)
    assert (made.image[half(pair, "left")] == pair[half(pair, "left")]).all()


def test_a_tap_says_who(engine: Diffusion, pair: Pixels, scene: Scene) -> None:
    box = scene.persons[1].box
    point = ((box[0] + box[2]) / 2, box[1] + 0.7 * (box[3] - box[1]))
    made = carried_out(engine, pair, Step("recolor", "这个人", color="green"), points=(point,))
    assert (made.image[half(pair, "left")] == pair[half(pair, "left")]).all()


def test_a_tap_on_a_thing_finds_its_outline(engine: Diffusion, coffee: Pixels) -> None:
    """A cup that nobody named: what is far from the tap stays."""
    made = carried_out(engine, coffee, Step("recolor", None, color="red"), points=((0.5, 0.5),))
    assert made.mask is not None
    assert 0.02 < (made.mask > 0).mean() < 0.75


def test_another_background_keeps_people(engine: Diffusion, pair: Pixels, scene: Scene) -> None:
    """Whoever stands in front keeps their own pixels, hair by its opacity."""
    made = finish(engine.edit(order(pair, Step("background", content="海边"))))
    inside = np.logical_or.reduce([cv2.erode(one.mask, np.ones((25, 25))) > 0.9 for one in scene.persons])
    inside = cv2.resize(inside.astype(np.uint8), (WIDE, 512)) > 0
    apart = np.abs(made.image.astype(int) - pair)
    assert (apart[inside].max(1) == 0).mean() > 0.95
    assert apart[~inside].mean() > 5
    assert "on the beach" in made.facts["target"]


@pytest.mark.parametrize(
    "step",
    [
        Step("modify", "右边的人", "戴帽子"),
        Step("recolor", "右边的人的头发", color="blue"),
        Step("modify", "右边的人", "笑一笑"),
    ],
)
def test_what_belongs_to_the_head_leaves_the_clothes(engine: Diffusion, pair: Pixels, scene: Scene, step: Step) -> None:
    made = carried_out(engine, pair, step)
    face = scene.persons[1].face
    assert face is not None
    x0, y0, x1, y1 = face.box
    shoulders = int((y1 + 1.2 * (y1 - y0)) * 512)
    assert (made.image[shoulders:] == pair[shoulders:]).all()
    assert (made.image[half(pair, "left")] == pair[half(pair, "left")]).all()
    nose = int((y0 + y1) / 2 * 512), int((x0 + x1) / 2 * WIDE)
    assert (made.image[nose] != pair[nose]).any() == (step.content == "笑一笑")


def test_where_nobody_fits_is_said(engine: Diffusion, pair: Pixels) -> None:
    """A strip beside somebody's shoulder is no room for a dog."""
    with pytest.raises(PromptError, match="no room"):
        finish(engine.edit(order(pair, Step("insert", content="狗", position="left"))))


def test_who_comes_in_leaves_the_others_alone(engine: Diffusion, pair: Pixels, scene: Scene) -> None:
    """Nobody's pixels change for a dog that stands between them."""
    made = carried_out(engine, pair, Step("insert", content="狗", position="center"))
    assert made.mask is not None
    assert (made.mask > 0).mean() > 0.05
    for one in scene.persons:
        mask = cv2.resize(one.mask, (WIDE, 512)) > 0.5
        assert (made.image[mask] == pair[mask]).all()


def test_a_taught_person_is_known_by_the_face(engine: Diffusion, pair: Pixels, astronaut: Pixels) -> None:
    """By references alone: this engine need not have learnt them."""
    concept = Concept("小明", "person", "<1>", references=(astronaut,))
    made = carried_out(engine, pair, Step("recolor", "小明的衣服", color="red"), concepts={"小明": concept})
    changed = [(made.image[half(pair, side)] != pair[half(pair, side)]).any() for side in ("left", "right")]
    assert sorted(changed) == [False, True]


def test_passers_that_nobody_sees_are_not_somebody_else(engine: Diffusion, pair: Pixels) -> None:
    with pytest.raises(PromptError, match="no passers"):
        finish(engine.edit(order(pair, Step("remove", "路人"))))


def test_without_the_networks_that_see_it_works_as_before(engine: Diffusion, pair: Pixels) -> None:
    blind = replace(engine, sight=Sight())
    made = finish(blind.edit(order(pair, Step("restyle", style="comic"))))
    assert (made.image != pair).any()
