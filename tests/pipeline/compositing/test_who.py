"""Words of the parser held against who stands where, wears what, is known."""

import numpy as np
import pytest

from pipeline.compositing import who
from pipeline.compositing.pointed import Nothing
from pipeline.engine import Ambiguous, EditOrder, OrderError
from pipeline.vision.scene import Scene
from storage.plans import Referent, Step
from tests.pipeline.compositing.scenes import person, photo, scene

RED, GREEN, BLUE = (190, 30, 40), (30, 140, 60), (40, 60, 170)
THREE = scene(person(0.2), person(0.5), person(0.8))


def meant(
    shown: Scene, referent: Referent, colors: list[tuple[int, int, int]] | None = None, **more: object
) -> tuple[int, ...]:
    picture = photo(shown, colors or [RED] * len(shown.instances))
    order = EditOrder(picture, Step("remove", target=referent.text), {"target": referent}, **more)  # type: ignore[arg-type]
    return who.meant(order, shown, picture).indices


def human(**more: object) -> Referent:
    return Referent("人", kinds=("person",), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("position", "ordinal", "expected"),
    [
        ("left", None, 0),
        ("right", None, 2),
        ("center", None, 1),
        ("left", 2, 1),
        ("right", 1, 2),
        ("left", -1, 2),
        (None, 3, 2),
    ],
)
def test_who_stands_there(position: str | None, ordinal: int | None, expected: int) -> None:
    assert meant(THREE, human(position=position, ordinal=ordinal)) == (expected,)


def test_the_steps_position_counts_when_the_referent_has_none() -> None:
    picture = photo(THREE, [RED] * 3)
    order = EditOrder(picture, Step("remove", target="人", position="right"), {"target": human()})
    assert who.meant(order, THREE, picture).indices == (2,)


def test_a_colour_chooses_by_the_clothes() -> None:
    assert meant(THREE, human(attributes={"color": "green"}), [RED, GREEN, BLUE]) == (1,)


def test_two_in_red_are_asked_about() -> None:
    with pytest.raises(Ambiguous) as asked:
        meant(THREE, human(attributes={"color": "red"}), [RED, GREEN, RED])
    assert [choice.words for choice in asked.value.choices] == ["左边那个", "右边那个"]
    assert meant(THREE, human(attributes={"color": "red"}), [RED, GREEN, RED], choice=1) == (2,)


def test_without_a_hint_the_question_comes_with_numbered_faces() -> None:
    with pytest.raises(Ambiguous) as asked:
        meant(THREE, human())
    error = asked.value
    assert [choice.words for choice in error.choices] == ["最左边那个", "中间那个", "最右边那个"]
    assert error.picture is not None
    assert max(error.picture.shape) <= 800
    assert (error.picture != photo(THREE, [RED] * 3)).any()
    assert meant(THREE, human(), choice=2) == (2,)


def test_gender_alone_asks_and_with_a_place_decides_nothing() -> None:
    woman = Referent("女生", kinds=("woman",), attributes={"gender": "female"})
    with pytest.raises(Ambiguous):
        meant(THREE, woman)
    placed = Referent("女生", kinds=("woman",), attributes={"gender": "female"}, position="right")
    assert meant(THREE, placed) == (2,)


def test_a_name_is_who_was_recognised() -> None:
    shown = scene(person(0.2), person(0.5, identity="小明"), person(0.8))
    assert meant(shown, Referent("小明", name="小明")) == (1,)


def test_a_name_that_was_not_recognised_is_asked_about() -> None:
    with pytest.raises(Ambiguous) as asked:
        meant(THREE, Referent("小明", name="小明"))
    assert asked.value.unheard
    assert "小明" in asked.value.sentence


def test_everybody_and_the_others() -> None:
    shown = scene(person(0.2), person(0.5, identity="小明"), person(0.8))
    assert meant(shown, human(quantity="all")) == (0, 1, 2)
    assert meant(shown, human(quantity="others")) == (0, 2)


def test_passers_by_are_small_or_without_a_face() -> None:
    shown = scene(person(0.2), person(0.45, y=0.2, size=0.04), person(0.6), person(0.9, face=False))
    assert meant(shown, Referent("路人", kinds=("passer-by",), quantity="all")) == (1, 3)
    with pytest.raises(OrderError, match="no passers"):
        meant(THREE, Referent("路人", kinds=("passer-by",), quantity="all"))


def test_where_no_face_is_seen_everybody_is_a_passer_by() -> None:
    passers = Referent("路人", kinds=("passer-by",), quantity="all")
    assert meant(scene(person(0.3, face=False)), passers) == (0,)
    assert meant(scene(person(0.3, face=False), person(0.7, face=False)), passers) == (0, 1)


def test_behind_is_who_is_smaller_or_higher() -> None:
    shown = scene(person(0.2, y=0.4), person(0.5, y=0.2, size=0.06), person(0.8, y=0.4))
    assert meant(shown, human(position="behind")) == (1,)


def test_a_tap_takes_who_is_under_it() -> None:
    assert meant(THREE, human(), points=((0.8, 0.6),)) == (2,)
    with pytest.raises(Nothing):
        meant(THREE, human(), points=((0.02, 0.05),))


def test_the_fifth_of_three_is_not_there() -> None:
    with pytest.raises(OrderError) as said:
        meant(THREE, Referent("左边第五个人", kinds=("person",), position="left", ordinal=5))
    assert "只看到3个人" in said.value.sentence


def test_a_thing_needs_a_tap() -> None:
    with pytest.raises(OrderError, match="nobody can name") as said:
        meant(THREE, Referent("垃圾桶", kinds=("bin",)))
    assert "点一下" in said.value.sentence


def test_nobody_in_the_photo() -> None:
    empty = Scene((40, 60))
    with pytest.raises(OrderError):
        who.meant(EditOrder(np.zeros((40, 60, 3), np.uint8), Step("remove")), empty, np.zeros((40, 60, 3), np.uint8))


def test_two_from_the_left_and_everybody_at_a_side() -> None:
    picture = photo(THREE, [RED] * 3)
    two = human(position="left", attributes={"count": "2"})
    order = EditOrder(picture, Step("remove", target="人"), {"target": two})
    assert who.meant(order, THREE, picture, several=True).indices == (0, 1)
    assert meant(scene(person(0.2), person(0.35), person(0.8)), human(position="left", quantity="all")) == (0, 1)


FOUR = scene(person(0.15), person(0.38), person(0.62), person(0.85))
MAN = {"gender": "male", "age": "child"}


def man(text: str = "男生", **more: object) -> Referent:
    return Referent(text, kinds=("boy", "person"), attributes=MAN, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("referent", "asked"),
    [
        (man("最左边的男生", position="left", ordinal=1), 4),
        (man("左边第二个男生", position="left", ordinal=2), 4),
        (man(), 4),
        (man("左边的男生", position="left"), 2),
        (man("中间的男生", position="center"), 2),
    ],
)
def test_man_or_woman_is_asked_and_never_somebody_else_taken(referent: Referent, asked: int) -> None:
    """The leftmost man of four need not be the leftmost of them; a number then says who."""
    with pytest.raises(Ambiguous) as question:
        meant(FOUR, referent)
    assert len(question.value.choices) == asked
    assert "男女、年纪我分不准" in question.value.sentence
    assert question.value.unheard, "its own sentence is what the chat says"
    assert question.value.picture is not None
    assert meant(FOUR, referent, choice=1) == ((1,) if asked == 4 or referent.position == "left" else (2,))


def test_man_or_woman_is_plain_where_only_one_stands_there() -> None:
    two = scene(person(0.3), person(0.7))
    assert meant(two, man("右边的男生", position="right")) == (1,)
    assert meant(THREE, man("中间的男生", position="center")) == (1,)
    assert meant(scene(person(0.4)), man("最左边的男生", position="left", ordinal=1)) == (0,)
    colors = [RED, GREEN, BLUE, BLUE]
    green = Referent("穿绿衣服的男生", kinds=("boy", "person"), attributes={**MAN, "color": "green"})
    assert meant(FOUR, green, colors) == (1,)


def test_all_the_men_are_to_be_tapped() -> None:
    with pytest.raises(OrderError, match="several") as told:
        meant(FOUR, man("男生", quantity="all"))
    assert "点一下他们" in told.value.sentence
