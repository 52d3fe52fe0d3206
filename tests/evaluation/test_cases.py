"""What is asked: the same for the same seed, never of the training seeds, and the answer differs where it may."""

import numpy as np
import pytest

from bot.parser import parse
from evaluation.attempt import told_truly
from evaluation.case import Case
from evaluation.cases import EDITS, OPERATIONS, SUITES, case_of, cases, digest
from evaluation.hard import HARD
from evaluation.orders import TAUGHT, lessons
from miniature import draw
from miniature.characters import held_out_characters
from miniature.scenes import SETTINGS
from storage.plans import Step

COUNT = 24
ORDERED = [*EDITS, *HARD, "group", "style"]
TOLD = [suite for suite in ORDERED if suite not in ("move", "swap", "asks", "group", "style")]  # in words, by prompts
TEACHING = {"group", "style"}


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
    for case in cases(suite, 1000, COUNT if suite in EDITS else 8):
        differs = (draw.paint(case.before) != draw.paint(case.after)).any(axis=2)
        assert case.before.style == "photo"
        assert 1 <= len(case.before.things) <= 3
        assert (differs.sum() > 30) is not case.asks
        assert not (differs & ~case.inside()).any()


@pytest.mark.parametrize("suite", TOLD)
def test_orders_mean_the_true_answer(suite: str) -> None:
    """What the chat's step makes of a perfectly seen photo is the true caption of the answer."""
    for case in cases(suite, 1000, COUNT):
        told = told_truly(case)
        assert (told.source, told.target) == (case.before.caption(), case.after.caption())


@pytest.mark.parametrize("suite", ORDERED)
def test_sentences_mean_the_step(suite: str) -> None:
    """The Chinese order, read by the bot's own parser, is the step that the chain is given."""
    for case in cases(suite, 1000, COUNT):
        plan = parse(case.sentence, concepts=[case.character] if case.character else (), photos=1)
        assert plan.steps == (case.step,), case.sentence


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_has_its_operation(suite: str) -> None:
    """The table says of what kind a suite's orders are."""
    assert case_of(suite, 1000, 1).operation in (OPERATIONS[suite], "insert" if suite == "group" else "")


def test_the_digest_names_what_is_asked() -> None:
    """Other photos, orders and seeds have other names; the same case has the same."""
    names = {digest(suite, seed, number) for suite in ORDERED for seed in (1000, 1001) for number in (0, 1)}
    assert len(names) == 4 * len(ORDERED)
    assert digest("replace", 1000, 0) == digest.__wrapped__("replace", 1000, 0)


def test_hard_cases_are_what_they_are_called() -> None:
    """Each suite's photo shows the difficulty that it is named after."""
    for case in cases("behind", 1000, 6):
        shape, alone = draw.mask(case.before, 0), draw.mask(case.before.remove(1), 0)
        assert 0.2 < shape.sum() / alone.sum() < 0.9  # partly hidden
    for case in cases("pattern", 1000, 6):
        assert case.thing is not None
        assert case.thing.pattern
    for suite in ("ambiguous", "asks"):
        for case in cases(suite, 1000, 6):
            first, second = case.before.things
            assert first.kind == second.kind
            assert first.color != second.color
    for case in cases("swap", 1000, 6):
        assert [t.kind for t in case.after.things] == [t.kind for t in case.before.things][::-1]


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
        assert len({draw.paint(scene).tobytes() for scene in taught}) == TAUGHT
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
    assert np.array_equal(came.place(), draw.mask(came.after, came.new))
    assert np.array_equal(gone.place(), draw.mask(gone.before, gone.old))


def test_the_world_is_asked_for_evenly() -> None:
    """Forty replacements use most kinds and both one and two things."""
    some: list[Case] = list(cases("replace", 1000, 40))
    assert len({case.after.things[case.new or 0].kind for case in some}) >= 8
    assert {len(case.before.things) for case in some} == {1, 2}
    assert all(isinstance(case.step, Step) for case in some)
