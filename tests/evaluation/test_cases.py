"""What is asked: the same for the same seed, never of the training seeds, and the answer differs where it may."""

import numpy as np
import pytest

from bot.parser import parse
from evaluation.cases import SUITES, TAUGHT, Case, cases, lessons
from evaluation.methods import told_truly
from miniature.scenes import SETTINGS, held_out_characters
from storage.plans import Step

COUNT = 24
ORDERED = [suite for suite in SUITES if suite not in ("reconstruct", "concept")]


@pytest.mark.parametrize("suite", SUITES)
def test_cases_follow_from_suite_and_seed(suite: str) -> None:
    """The same twice, whatever the number asked for; others for another seed; all different."""
    first = list(cases(suite, 1000, 8))
    assert list(cases(suite, 1000, 4)) == first[:4]
    assert list(cases(suite, 1001, 8)) != first
    assert len({case.before.seed for case in first}) == 8


def test_training_seeds_are_refused() -> None:
    """7 and 8 are training's and validation's."""
    with pytest.raises(ValueError, match="1000"):
        list(cases("replace", 8, 1))


@pytest.mark.parametrize("suite", ORDERED)
def test_photo_and_answer_differ_inside_only(suite: str) -> None:
    """Every case asks for a change, and outside the mask there is none."""
    for case in cases(suite, 1000, COUNT):
        differs = (case.before.image() != case.after.image()).any(axis=2)
        assert case.before.style == "photo"
        assert 1 <= len(case.before.things) <= 2
        assert differs.sum() > 30
        assert not (differs & ~case.inside()).any()


@pytest.mark.parametrize("suite", ORDERED)
def test_orders_mean_the_true_answer(suite: str) -> None:
    """What the chat's step makes of a perfectly seen photo is the true caption of the answer."""
    for case in cases(suite, 1000, COUNT):
        told = told_truly(case)
        assert (told.source, told.target) == (case.before.caption(), case.after.caption())


@pytest.mark.parametrize("suite", ORDERED)
def test_sentences_mean_the_step(suite: str) -> None:
    """The Chinese order, read by the bot's own parser, is the step that the chain is given."""
    for case in cases(suite, 1000, COUNT):
        plan = parse(case.sentence, concepts=(), photos=1)
        assert plan.steps == (case.step,), case.sentence


def test_a_reconstruction_has_nothing_inside() -> None:
    """Photo and answer are one scene."""
    for case in cases("reconstruct", 1000, 5):
        assert case.before == case.after
        assert not case.inside().any()
        assert case.thing is None


def test_characters_are_taught_in_other_settings_than_they_are_drawn() -> None:
    """Each held-out character in turn; four pictures of it alone, in two settings, drawn in both others."""
    count = 2 * len(held_out_characters())
    drawn: dict[str, set[str]] = {}
    for case in cases("concept", 1000, count):
        taught, rest = lessons(case.character, 1000)
        assert case.taught == taught
        assert len(taught) == TAUGHT
        assert {scene.setting for scene in taught} | set(rest) == set(SETTINGS)
        assert case.after.setting in rest
        for scene in (*taught, case.after):
            assert [thing.identity() for thing in scene.things] == [held_out_characters()[case.character].identity()]
        assert len({scene.image().tobytes() for scene in taught}) == TAUGHT
        drawn.setdefault(case.character, set()).add(case.after.setting)
    assert all(len(settings) == 2 for settings in drawn.values())
    assert set(drawn) == set(held_out_characters())


def test_place_is_where_the_thing_will_be_or_was() -> None:
    """In the answer for what comes or changes, in the photo for what goes, everywhere for the whole picture."""
    whole = next(cases("restyle", 1000, 1))
    assert whole.place().all()
    came, gone = next(cases("insert", 1000, 1)), next(cases("remove", 1000, 1))
    assert came.new is not None
    assert gone.old is not None
    assert np.array_equal(came.place(), came.after.mask(came.new))
    assert np.array_equal(gone.place(), gone.before.mask(gone.old))


def test_the_world_is_asked_for_evenly() -> None:
    """Forty replacements use most kinds and both one and two things."""
    some: list[Case] = list(cases("replace", 1000, 40))
    assert len({case.after.things[case.new or 0].kind for case in some}) >= 8
    assert {len(case.before.things) for case in some} == {1, 2}
    assert all(isinstance(case.step, Step) for case in some)
