"""The engine around a fake painter that shifts, zooms and beautifies: the contract, the regions, the gate."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from pipeline.editors import places, references
from pipeline.editors.engine import Editor, Style
from pipeline.editors.rows import ROWS, Size, fitting
from pipeline.engine import (
    Check,
    Concept,
    EditOrder,
    EngineError,
    FigureOrder,
    LearnOrder,
    Pixels,
    Progress,
    Work,
    finish,
)
from pipeline.vision.scene import Face, Instance, Scene
from storage.plans import Referent, Step
from tests.pipeline.editors.pictures import beautified, moved, photo

ROW = replace(ROWS["QwenImageEditPlusPipeline"], side=512)
RED = (220, 20, 30)
Draw = Callable[[Pixels], Pixels]


class Fake:
    """Paints a red disc, or whatever `draw` does, shifted, zoomed and beautified as editors do."""

    kind: ClassVar[str] = "editor"
    leaves_machine: ClassVar[bool] = False
    host: ClassVar[str] = ""
    title = "假的编辑器"

    def __init__(self, draw: Draw | None = None, **style: Any) -> None:
        self.draw = draw or (lambda picture: disc(picture, 0.5, 0.5, 0.12))
        self.style = replace(Style("zh", 3, 1, 512, False), **style)
        self.asked: list[tuple[list[Pixels], str, Size, int]] = []

    def size(self, ratio: float) -> Size:
        return fitting(ROW, ratio)

    def paint(self, pictures: Sequence[Pixels], instruction: str, size: Size, seed: int) -> Work[Pixels]:
        self.asked.append((list(pictures), instruction, size, seed))
        yield Progress(1, 1, "画")
        return beautified(moved(self.draw(pictures[0]), 5, -4, 1.015)[0])

    def facts(self) -> dict[str, Any]:
        return {"model": "fake"}

    def check(self) -> list[Check]:
        return []


def disc(picture: Pixels, x: float, y: float, radius: float) -> Pixels:
    height, width = picture.shape[:2]
    new = picture.copy()
    cv2.circle(new, (int(x * width), int(y * height)), int(radius * min(height, width)), RED, -1, cv2.LINE_AA)
    return new


def scene(own: Pixels, *lefts: float, **told: Any) -> Scene:
    """Persons at these places, each a tenth of the photo wide and six tenths high."""
    height, width = 300, round(300 * own.shape[1] / own.shape[0])
    persons = []
    for left in lefts:
        mask = np.zeros((height, width), np.float32)
        mask[int(0.3 * height) : int(0.9 * height), int(left * width) : int((left + 0.1) * width)] = 1
        face = Face((left + 0.02, 0.32, left + 0.08, 0.42), 0.9, np.zeros((6, 2), np.float32))
        persons.append(Instance("person", (left, 0.3, left + 0.1, 0.9), mask, 0.9, face=face, **told))
    return Scene(own.shape[:2], tuple(persons))


def looking(seen: Scene) -> Callable[[Pixels], Work[Scene]]:
    def look(_: Pixels) -> Work[Scene]:
        yield Progress(1, 1, "看")
        return seen

    return look


def person(**told: Any) -> dict[str, Referent]:
    return {"target": Referent("人", ("person",), **told)}


@pytest.mark.parametrize("size", [(480, 640), (701, 399), (512, 512)])
def test_outside_of_the_edit_no_bit_differs(size: tuple[int, int]) -> None:
    own = photo(*size, seed=2)
    made = finish(Editor("qwen", Fake()).edit(EditOrder(own, Step("replace", target="猫", content="球"), seed=5)))
    assert made.mask is not None
    outside = made.mask == 0
    assert 0.7 < outside.mean() < 0.99
    assert np.array_equal(made.image[outside], own[outside])
    assert (np.abs(made.image[size[0] // 2, size[1] // 2].astype(int) - RED) < 40).all()
    assert made.facts["shift"] == pytest.approx(np.hypot(5, 4), abs=1.5)
    assert made.facts["zoom"] == pytest.approx(1 / 1.015, abs=0.004)
    assert made.facts["seed"] == 5
    assert "小明" not in str(made.facts)


def test_one_of_many_is_edited_in_a_window_of_his_own() -> None:
    own = photo(900, 1800, seed=3)
    fake = Fake(lambda picture: disc(picture, 0.7, 0.6, 0.05))
    step = Step("recolor", target="人", color="red", position="right")
    order = EditOrder(own, step, person(position="right"))
    seen = scene(own, 0.1, 0.45, 0.8)
    place = places.find(order, seen, 512)
    assert place.window.width == place.window.height < 1800
    made = finish(Editor("qwen", fake, looking(seen)).edit(order))
    pictures, instruction, size, _ = fake.asked[0]
    assert size == (512, 512) == pictures[0].shape[1::-1]
    # in his window he is the only one or the last one, and that is what the editor is told
    assert "第3个人" not in instruction
    allowed = cv2.resize(place.allowed, (1800, 900), interpolation=cv2.INTER_LINEAR)
    changed = (made.image != own).any(2)
    assert changed.any()
    assert not changed[:, :1200].any()
    assert not changed[allowed == 0].any()


@pytest.mark.parametrize(
    ("referent", "expected"),
    [
        (Referent("人", ("person",), position="left"), (0,)),
        (Referent("人", ("person",), position="right", ordinal=2), (1,)),
        (Referent("人", ("person",), position="left", ordinal=-1), (2,)),
        (Referent("人", ("person",), position="center"), (1,)),
        (Referent("所有人", ("person",), quantity="all"), (0, 1, 2)),
        (Referent("人", ("person",), ordinal=4), ()),
        (Referent("人", ("person",)), ()),  # which?
        (Referent("女生", ("woman",), position="left"), ()),  # nothing here tells women from men
        (Referent("人", ("person",), position="left", attributes={"gender": "female"}), ()),
        (Referent("猫", ("cat",), position="left"), ()),
        (Referent("小明", name="小明"), ()),
        (None, ()),
    ],
)
def test_who_is_meant_only_where_it_is_sure(referent: Referent | None, expected: tuple[int, ...]) -> None:
    assert places.who(referent, scene(photo(300, 300), 0.1, 0.4, 0.7).persons) == expected


def test_who_is_known_or_touched_or_alone() -> None:
    three = scene(photo(300, 300), 0.1, 0.4, 0.7).persons
    known = (three[0], replace(three[1], identity="小明"), three[2])
    assert places.who(Referent("小明", name="小明"), known) == (1,)
    assert places.who(None, three, [(0.75, 0.5)]) == (2,)
    assert places.who(Referent("女生", ("woman",)), three[:1]) == (0,)


def test_a_face_beside_a_newcomer_is_spared() -> None:
    own = photo(600, 900, seed=4)
    seen = scene(own, 0.2, 0.6)

    def draw(picture: Pixels) -> Pixels:
        new = disc(picture, 0.45, 0.6, 0.1)
        height, width = new.shape[:2]
        box = slice(int(0.32 * height), int(0.42 * height)), slice(int(0.62 * width), int(0.68 * width))
        new[box] = np.clip(new[box].astype(int) + 40, 0, 255)  # somebody else's face, beautified
        return new

    order = EditOrder(
        own,
        Step("insert", concept="小明"),
        concepts={"小明": Concept("小明", "person", references=(photo(200, 200, 8),))},
    )
    made = finish(Editor("qwen", Fake(draw), looking(seen)).edit(order))
    face = slice(int(0.335 * 600), int(0.41 * 600)), slice(int(0.63 * 900), int(0.675 * 900))
    assert np.array_equal(made.image[face], own[face])
    assert (np.abs(made.image[360, 405].astype(int) - RED) < 40).all()


def test_a_new_background_leaves_the_people() -> None:
    own = photo(600, 900, seed=4)
    seen = scene(own, 0.2, 0.6)
    masks = [cv2.resize(one.mask, (900, 600), interpolation=cv2.INTER_LINEAR) for one in seen.persons]

    def draw(picture: Pixels) -> Pixels:
        keep = cv2.resize(np.maximum(*masks), picture.shape[1::-1])[..., None]
        other = photo(*picture.shape[:2], seed=99)
        return np.asarray(picture * keep + other * (1 - keep), np.uint8)

    made = finish(Editor("qwen", Fake(draw), looking(seen)).edit(EditOrder(own, Step("background", content="海边"))))
    inside = cv2.erode(np.maximum(*masks), np.ones((7, 7))) == 1
    assert np.array_equal(made.image[inside], own[inside])
    assert (made.image != own).any(2)[np.maximum(*masks) == 0].mean() > 0.95


def test_a_background_without_anybody_who_looks_still_leaves_what_is_the_same() -> None:
    own = photo(600, 900, seed=4)

    def draw(picture: Pixels) -> Pixels:
        other, width = photo(*picture.shape[:2], seed=99), picture.shape[1]
        other[:, width // 3 : 2 * width // 3] = picture[:, width // 3 : 2 * width // 3]
        return other

    made = finish(Editor("qwen", Fake(draw)).edit(EditOrder(own, Step("background", content="海边"))))
    middle = slice(None), slice(330, 570)
    assert (made.image[middle] == own[middle]).mean() > 0.95
    assert (made.image[:, :250] != own[:, :250]).any(2).mean() > 0.8


def test_an_answer_that_shows_something_else_is_not_used() -> None:
    own = photo(400, 600)
    other = Fake(lambda picture: photo(*picture.shape[:2], seed=321))
    with pytest.raises(EngineError) as caught:
        finish(Editor("qwen", other).edit(EditOrder(own, Step("remove", target="猫"))))
    assert "对不上" in caught.value.sentence
    # who wants to see everything may
    made = finish(Editor("qwen", other, likeness=0).edit(EditOrder(own, Step("remove", target="猫"))))
    assert made.mask is not None


def test_an_answer_without_a_change_is_said_to_be_one() -> None:
    with pytest.raises(EngineError) as caught:
        finish(
            Editor("qwen", Fake(lambda picture: picture)).edit(EditOrder(photo(400, 600), Step("remove", target="猫")))
        )
    assert "没有画出看得见的变化" in caught.value.sentence


def test_a_change_of_style_or_of_the_light_is_all_new() -> None:
    own = photo(400, 600)
    for step in (Step("restyle", style="sketch"), Step("modify", content="晚上")):
        dark = Fake(lambda picture: (picture * 0.5).astype(np.uint8))
        made = finish(Editor("qwen", dark).edit(EditOrder(own, step)))
        assert made.mask is not None
        assert made.mask.min() == 1
        assert made.image.mean() < 0.75 * own.mean()


def test_only_the_best_references_are_sent() -> None:
    sharp, dull = photo(600, 500, 1), np.asarray(cv2.GaussianBlur(photo(600, 500, 2), (0, 0), 12), np.uint8)
    tiny = photo(60, 50, 3)
    assert references.best((tiny, dull, sharp), 1) == (2,)
    fake = Fake(best=1)
    concepts = {"小明": Concept("小明", "person", references=(tiny, dull, sharp))}
    finish(Editor("qwen", fake).edit(EditOrder(photo(400, 600), Step("insert", concept="小明"), concepts=concepts)))
    pictures, instruction, _, _ = fake.asked[0]
    assert len(pictures) == 2
    assert np.array_equal(pictures[1], references.prepared(sharp))
    assert "图2" in instruction
    assert "图3" not in instruction


def test_a_picture_that_came_along_is_the_new_background() -> None:
    fake = Fake()
    order = EditOrder(photo(400, 600), Step("background"), references=(photo(300, 400, 7),))
    finish(Editor("qwen", fake).edit(order))
    assert "换成图2的场景" in fake.asked[0][1]


def test_an_editor_of_one_picture_says_that_it_cannot_add_anybody() -> None:
    editor = Editor("longcat", Fake(most=1, best=0))
    concepts = {"小明": Concept("小明", "person", references=(photo(99, 99),))}
    with pytest.raises(EngineError) as caught:
        finish(editor.edit(EditOrder(photo(400, 600), Step("insert", concept="小明"), concepts=concepts)))
    assert "一次只看一张图" in caught.value.sentence
    assert "learn" not in editor.capabilities().jobs


def test_learning_is_choosing() -> None:
    editor = Editor("qwen", Fake())
    learned = finish(editor.learn(LearnOrder("小明", "person", (photo(60, 50, 3), photo(600, 500, 1)))))
    assert learned.used == (0, 1)
    assert tuple(learned.artefact.data) == (1, 0)
    with pytest.raises(EngineError):
        finish(editor.figures(FigureOrder(("happy",))))
    assert not editor.serves(FigureOrder(("happy",)))
    assert not editor.capabilities().leaves_machine
