"""What was drawn on a photo by hand: read, refused, kept with a job, turned into masks."""

import json
from typing import Any

import numpy as np
import pytest

from storage import Storage, jobs, photos, regions
from storage.jobs import EditRequest
from storage.plans import Step
from storage.regions import Region, RegionError, Stroke
from tests.bot.talking import picture

SQUARE = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
LINE = {"points": [[0.1, 0.1], [0.9, 0.1]], "radius": 0.05}


def test_a_region_is_what_it_was_after_json() -> None:
    region = Region.from_json({"outline": SQUARE, "strokes": [LINE, {**LINE, "erases": True}]})
    assert Region.from_json(json.loads(json.dumps(region.to_json()))) == region
    assert region.strokes[1].erases
    assert not region.plain


def test_what_lies_beside_the_photo_is_brought_to_its_edge_and_digits_end() -> None:
    region = Region.from_json({"outline": [[-0.2, 0.123456], [1.7, 0.5], [0.5, 1.0]]})
    assert region.outline == ((0.0, 0.1235), (1.0, 0.5), (0.5, 1.0))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"outline": SQUARE[:2]},
        {"outline": "everything"},
        {"outline": [[0.1], [0.2, 0.2], [0.3, 0.3]]},
        {"outline": [[0.1, "a"], [0.2, 0.2], [0.3, 0.3]]},
        {"outline": [[0.1, float("nan")], [0.2, 0.2], [0.3, 0.3]]},
        {"outline": [[0.1, True], [0.2, 0.2], [0.3, 0.3]]},
        {"outline": SQUARE, "mask": "…"},
        {"strokes": [{**LINE, "erases": True}]},
        {"strokes": [{"points": [[0.1, 0.1]]}]},
        {"strokes": [{"points": [], "radius": 0.1}]},
        {"outline": SQUARE, "strokes": "none"},
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data: Any) -> None:
    with pytest.raises(RegionError) as said:
        Region.from_json(data)
    assert said.value.sentence == regions.READ_AGAIN


@pytest.mark.parametrize(
    "data",
    [
        [{"outline": SQUARE}] * (regions.MOST_REGIONS + 1),
        [{"outline": SQUARE * 200}],
        [{"strokes": [LINE] * (regions.MOST_STROKES + 1)}],
    ],
)
def test_too_much_is_refused(data: Any) -> None:
    with pytest.raises(RegionError) as said:
        regions.from_json(data)
    assert said.value.sentence == regions.TOO_MUCH


def test_a_mask_is_inside_of_the_line_and_under_the_brush_and_not_where_it_was_erased() -> None:
    mask = regions.mask([Region.from_json({"outline": SQUARE})], (200, 400))
    assert mask[50:150, 100:300].mean() > 0.99
    assert mask.sum() == pytest.approx(100 * 200, rel=0.03)
    stroke = regions.mask([Region((), (Stroke(((0.5, 0.1), (0.5, 0.9)), 0.05),))], (200, 400))
    rows, columns = np.nonzero(stroke)
    assert columns.min() == pytest.approx(180, abs=1)  # round at the end, as wide as the radius says on every side
    assert rows.min() == pytest.approx(0, abs=1)
    erased = Region.from_json(
        {"outline": SQUARE, "strokes": [{"points": [[0.5, 0.5]], "radius": 0.05, "erases": True}]}
    )
    assert not regions.mask([erased], (200, 400))[90:110, 190:210].any()
    assert regions.mask([erased], (200, 400))[60, 110]


def disc(x: float, y: float, radius: float) -> regions.Mask:
    rows, columns = np.mgrid[0:200, 0:200]
    return np.hypot(rows - 200 * y, columns - 200 * x) < 200 * radius


def test_a_lasso_means_whom_it_goes_around_and_else_itself() -> None:
    one, other = disc(0.3, 0.5, 0.15), disc(0.7, 0.5, 0.15)
    assert regions.within(disc(0.3, 0.5, 0.17), [one, other]) == (0,)
    assert regions.within(disc(0.3, 0.5, 0.17) | disc(0.7, 0.5, 0.17), [one, other]) == (0, 1)
    assert regions.within(disc(0.3, 0.4, 0.06), [one, other]) == ()  # a part of somebody
    assert regions.within(disc(0.5, 0.5, 0.49), [one]) == ()  # everything
    assert regions.within(disc(0.3, 0.5, 0.17), []) == ()


def test_a_small_one_behind_whoever_is_meant_does_not_come_along() -> None:
    large, small = disc(0.5, 0.5, 0.3), disc(0.5, 0.19, 0.02)
    assert regions.within(disc(0.5, 0.5, 0.34), [large, small]) == (0,)


def test_a_job_keeps_its_regions(store: Storage) -> None:
    photo = photos.put(store, picture("a"), "test:a").sha256
    region = Region.from_json({"outline": SQUARE, "strokes": [LINE]})
    request = EditRequest(Step("remove"), photo, regions=(region,))
    asked = {"key": "k", "kind": "edit", "owner": "test:a", "chat": "test:a"}
    queued = jobs.enqueue(store, **asked, request=request)  # type: ignore[arg-type]
    kept = jobs.get(store, queued.id).request
    assert isinstance(kept, EditRequest)
    assert kept.regions == (region,)
