"""Plans keep what was said, and refuse words outside the schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from storage.plans import COLORS, EXPRESSIONS, INTENTS, OPERATIONS, POSITIONS, STRENGTHS, STYLES, Plan, Step

words = some.none() | some.text(min_size=1, max_size=5)
steps = some.builds(
    Step,
    operation=some.sampled_from(OPERATIONS),
    target=words,
    content=words,
    concept=words,
    style=some.none() | some.sampled_from(STYLES),
    color=some.none() | some.sampled_from(COLORS),
    position=some.none() | some.sampled_from(POSITIONS),
    strength=some.sampled_from(STRENGTHS),
)
plans = some.builds(
    Plan,
    intent=some.sampled_from(INTENTS),
    steps=some.lists(steps, max_size=3).map(tuple),
    name=words,
    subject=words,
    count=some.none() | some.integers(1, 40),
    captions=some.lists(some.text(min_size=1), max_size=3).map(tuple),
    expressions=some.lists(some.sampled_from(EXPRESSIONS), max_size=3).map(tuple),
    content=words,
    result=words,
    missing=some.lists(some.sampled_from(["target", "content"]), max_size=2).map(tuple),
    unsupported=some.lists(some.text(min_size=1), max_size=2).map(tuple),
    left_over=some.lists(some.text(min_size=1), max_size=2).map(tuple),
)


@given(plans)
def test_a_plan_survives_json(plan: Plan) -> None:
    assert Plan.from_json(plan.to_json()) == plan


def test_json_says_only_what_was_said() -> None:
    plan = Plan("edit", (Step("replace", target="猫", content="狗"), Step("modify", content="帽子", strength="slight")))
    assert plan.to_json() == {
        "intent": "edit",
        "steps": [
            {"operation": "replace", "target": "猫", "content": "狗"},
            {"operation": "modify", "content": "帽子", "strength": "slight"},
        ],
    }


def test_null_means_absent() -> None:
    told = {"intent": "stickers", "subject": None, "steps": None, "captions": ["打工人"], "count": None}
    assert Plan.from_json(told) == Plan("stickers", captions=("打工人",))


@pytest.mark.parametrize(
    "told",
    [
        {"intent": "dance"},
        {"intent": "edit", "colour": "red"},
        {"steps": []},
        {"intent": "learn", "kind": "robot"},
        {"intent": "stickers", "expressions": ["hungry"]},
        {"intent": "edit", "steps": [{"target": "猫"}]},
        {"intent": "edit", "steps": [{"operation": "explode"}]},
        {"intent": "edit", "steps": [{"operation": "recolor", "color": "mauve"}]},
        {"intent": "edit", "steps": [{"operation": "restyle", "style": "baroque"}]},
        {"intent": "edit", "steps": [{"operation": "insert", "position": "under"}]},
        {"intent": "edit", "steps": [{"operation": "insert", "strength": "mild"}]},
    ],
)
def test_what_is_not_a_plan_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not one of|has no field|needs"):
        Plan.from_json(told)
