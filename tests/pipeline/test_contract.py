"""The contract of engines, by the same tests wherever the engine is: here, at the end of a wire, on a Ray cluster."""

import pickle
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import storage
from pipeline.engine import (
    Ambiguous,
    Artefact,
    Concept,
    Edited,
    EditOrder,
    Engine,
    EngineError,
    FigureOrder,
    GenerateOrder,
    HarmonizeOrder,
    Harmonizer,
    LearnOrder,
    LookOrder,
    OrderError,
    Progress,
    finish,
)
from pipeline.remote import Carried, Files, Hands, Remote
from storage.plans import Referent, Step
from tests.pipeline.clusters import cluster, ray_is_there
from tests.pipeline.inverting import CAPABILITIES, STEPS, quick
from tests.storage.house import png

PHOTO = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
STEP = Step("restyle", style="ink_wash")


class Wire:
    """Hands in this process, reached by nothing but bytes."""

    def __init__(self) -> None:
        self.hands = Hands(quick)

    def call(self, method: str, *arguments: object) -> Any:
        return again(getattr(self.hands, method)(*again(arguments)))

    def stream(self, method: str, *arguments: object) -> Generator[Any, None, None]:
        items = getattr(self.hands, method)(*again(arguments))
        try:
            for item in items:
                yield again(item)
        finally:
            items.close()


def again(sent: Any) -> Any:
    """As it arrives."""
    return pickle.loads(pickle.dumps(sent))


@pytest.fixture(scope="module", params=["here", "wire", "ray"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine, at each place where one can be."""
    if request.param == "here":
        yield quick()[0]
    elif request.param == "wire":
        wire = Wire()
        yield Remote(wire.call("records")[0], wire)
    else:
        ray_is_there()
        with cluster(1) as nodes:
            import ray

            from pipeline.cluster import Place

            workers = {"engine": "ray", "address": nodes.address, "gpus": 0.0}
            ray.init(nodes.address, log_to_driver=False)
            with storage.open(tmp_path_factory.mktemp("data"), storage.Settings(workers=workers)) as store:
                place = Place(store, ("edit",), quick, "place")
                while not place._ready():
                    time.sleep(0.1)
                yield Remote(place.call("records")[0], place)
                place.drop()
            ray.shutdown()


def order(sentence: str = "", **more: Any) -> EditOrder:
    return EditOrder(PHOTO, STEP, sentence=sentence, **more)


def test_it_says_what_it_is(engine: Engine) -> None:
    assert (engine.name, engine.kind, engine.capabilities()) == ("inverting", "compositing", CAPABILITIES)
    assert engine.serves(order())
    assert not engine.serves(order("strange"))
    with pytest.raises(OrderError) as caught:
        engine.serves(order("refuse to look"))
    assert caught.value.sentence == "这张照片看不了。"
    assert [one.what for one in engine.check()] == ["colours"]


def test_an_edit_reports_and_returns_a_picture(engine: Engine) -> None:
    work, reported = engine.edit(order()), []
    while True:
        try:
            reported.append(next(work))
        except StopIteration as end:
            made = end.value
            break
    assert reported == [Progress(step, STEPS, "反相") for step in range(STEPS)]
    assert (made.image == 255 - PHOTO).all()
    assert made.mask is not None
    assert made.mask.min() == 1.0


def test_questions_and_offers_come_whole(engine: Engine) -> None:
    with pytest.raises(Ambiguous) as asked:
        finish(engine.edit(order("ask")))
    assert (asked.value.sentence, [one.words for one in asked.value.choices]) == ("哪一个？", ["左边", "右边"])
    assert asked.value.picture is not None
    assert (asked.value.picture == 7).all()
    with pytest.raises(EngineError) as refused:
        finish(engine.edit(order("offer")))
    assert refused.value.offers[0].changes == {"content": "狗"}


def test_a_surprise_is_one_and_the_next_order_is_served(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError, match="nobody foresaw"):
        finish(engine.edit(order("break")))
    assert (finish(engine.edit(order())).image == 255 - PHOTO).all()


def test_closing_it_ends_the_work_before_its_next_step(engine: Engine, tmp_path: Path) -> None:
    note = tmp_path / "note"
    work = engine.edit(order(f"note {note}"))
    next(work)
    next(work)
    work.close()
    until = time.monotonic() + 20
    while not note.exists() or "closed" not in note.read_text():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert int(note.read_text().split()[0]) < STEPS - 1
    assert (finish(engine.edit(order())).image == 255 - PHOTO).all()


def test_what_is_kept_of_a_photo_goes_along_and_comes_back(engine: Engine) -> None:
    cache = Carried({})
    assert finish(engine.edit(order(cache=cache))).facts["before"] == 0
    assert finish(engine.edit(order(cache=cache))).facts["before"] == 1
    assert list(cache.new["how often"]["n"]) == [2]


@pytest.mark.parametrize("sentence", ["who", "who shown"])
def test_a_concept_comes_as_what_was_learnt_and_its_photos_when_wanted(engine: Engine, sentence: str) -> None:
    artefacts = {name: Artefact(name, "1", name.encode()) for name in ("inverting", "diffusion")}
    photos = Files([png((color, 0, 0)) for color in (10, 20)])
    concepts = {"阿紫": Concept("阿紫", "person", references=photos, artefacts=artefacts)}
    facts = finish(engine.edit(order(sentence, concepts=concepts))).facts
    assert facts["learnt"] == b"inverting"
    assert facts["photos"] == ([10, 20] if sentence == "who shown" else None)
    stranger = {"阿紫": Concept("阿紫", "person", references=photos)}
    assert finish(engine.edit(order("who shown", concepts=stranger))).facts["photos"] == [10, 20]


def test_all_other_orders(engine: Engine) -> None:
    learned = finish(engine.learn(LearnOrder("阿紫", "person", (PHOTO, PHOTO))))
    assert (learned.artefact.data, learned.used, learned.findings) == (b"\x02", (0, 1), ("行。",))
    assert (finish(engine.generate(GenerateOrder(Referent("猫"), seed=5))).image == 5).all()
    assert len(finish(engine.figures(FigureOrder((None, None), photo=PHOTO))).images) == 2


def test_a_look_and_a_second_stage(engine: Engine) -> None:
    cache, concepts = Carried({}), {"阿紫": Concept("阿紫", "person")}
    assert finish(engine.glance(LookOrder(PHOTO, concepts, cache))) == {"known": ["阿紫"]}
    assert list(cache.new["seen"]["mean"]) == [PHOTO.mean()]
    assert isinstance(engine, Harmonizer)
    made = finish(engine.harmonize(HarmonizeOrder(PHOTO, Edited(255 - PHOTO))))
    assert abs(made.image.astype(int) - 127).max() <= 1
