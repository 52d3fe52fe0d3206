"""Requests and results survive JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from storage.plans import Step
from storage.requests import (
    KINDS,
    EditRequest,
    GenerateRequest,
    LearnRequest,
    Request,
    StickerRequest,
    concepts_of,
    dump,
    photos_of,
    request_from_json,
    request_to_json,
    with_photo,
)

ids = some.lists(some.integers(1, 99), max_size=3).map(tuple)
words = some.lists(some.text(max_size=4), max_size=3).map(tuple)
requests = some.one_of(
    some.builds(
        EditRequest,
        step=some.builds(
            Step, operation=some.just("replace"), target=some.text(min_size=1), strength=some.just("strong")
        ),
        photo=some.just("a" * 64),
        concepts=ids,
        method=some.none() | some.just("sdedit"),
        strength=some.none() | some.floats(0, 1),
        seed=some.integers(0, 9),
        amount=some.floats(0.1, 3),
        choice=some.none() | some.integers(0, 3),
    ),
    some.builds(LearnRequest, concept=some.integers(1, 9), photos=words, seed=some.integers(0, 9)),
    some.builds(StickerRequest, concept=some.none() | some.integers(1, 9), captions=words, expressions=words),
    some.builds(GenerateRequest, content=some.text(), concepts=ids),
)


@given(requests)
def test_a_request_survives_json(request: Request) -> None:
    kind = next(kind for kind, shape in KINDS.items() if isinstance(request, shape))
    assert request_from_json(kind, json.loads(dump(request_to_json(request)))) == request


def test_what_a_request_is_about() -> None:
    step = Step("remove", target="猫")
    assert photos_of(EditRequest(step, "a")) == ("a",)
    assert photos_of(EditRequest(step, "")) == ()
    assert photos_of(LearnRequest(1, ("a", "b"))) == ("a", "b")
    assert photos_of(StickerRequest(concept=1)) == photos_of(GenerateRequest("猫")) == ()
    assert concepts_of(EditRequest(step, "a", (1, 2))) == (1, 2)
    assert concepts_of(LearnRequest(3, ())) == concepts_of(StickerRequest(concept=3)) == (3,)
    assert concepts_of(StickerRequest(photo="a")) == ()


def test_another_photo() -> None:
    assert with_photo(EditRequest(Step("remove"), ""), "b") == EditRequest(Step("remove"), "b")
    assert with_photo(StickerRequest(count=2), "b") == StickerRequest(photo="b", count=2)
    assert with_photo(GenerateRequest("猫"), "b") == GenerateRequest("猫")


def test_facts_may_hold_numbers_of_numpy() -> None:
    facts = {"psnr": np.float32(1.5), "box": np.array([1, 2]), "where": 3}
    assert json.loads(dump(facts)) == {"psnr": 1.5, "box": [1, 2], "where": 3}


@pytest.mark.parametrize(
    "data", [{"step": {"operation": "explode"}, "photo": ""}, {"photo": "a"}, {"step": {}, "x": 1}]
)
def test_what_is_no_request_is_refused(data: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        request_from_json("edit", data)
