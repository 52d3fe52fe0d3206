"""Jobs of the editing lane on a real store: several pictures at once, questions back, no mark before the model's eyes."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import storage
from lettering import marks
from miniature import wording
from pipeline.diffusion import strategies as editing
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.toolkit.progress import finish
from pipeline.diffusion.vocabulary import Seen, Thing, caption, parse
from pipeline.studio import Studio
from storage import Storage, jobs, photos
from storage.jobs import EditRequest, Job, Result
from storage.plans import Step

ANN = "web:ann"
WORLD = parse(wording.world())
CATS = (
    Thing("cat", {"color": "red"}, "left", (0.05, 0.35, 0.4, 0.9)),
    Thing("cat", {"color": "black"}, "right", (0.6, 0.35, 0.95, 0.9)),
)


@pytest.fixture
def studio(world_sd: StableDiffusion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A studio whose photos all show two cats on the beach: a CLIP with random weights cannot know."""
    found = Seen("beach", "photo", CATS, caption(WORLD, Seen("beach", "photo", CATS, "")))
    monkeypatch.setattr(editing, "survey", lambda *args: found)
    with storage.open(tmp_path) as store:
        yield Studio(store, world_sd, marks.Maker(), "tiny")


def do(studio: Studio, step: Step, photo: str, **more: object) -> tuple[Job, Result]:
    """Queue an edit, do it, finish it."""
    store: Storage = studio.store
    request = EditRequest(step, photo, **more)  # type: ignore[arg-type]
    queued = jobs.enqueue(store, key=f"{step}{photo}{more}", kind="edit", owner=ANN, chat=ANN, request=request)
    job = jobs.claim(store, "w", ("edit",))
    assert job is not None
    assert job.id == queued.id
    result = finish(studio.edit(job))
    return jobs.finish(store, job, result), result


def sent(studio: Studio) -> str:
    """A photo of grey noise."""
    pixels = np.random.default_rng(0).integers(90, 160, (96, 96, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return photos.put(studio.store, out.getvalue(), ANN).sha256


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def test_several_pictures_to_choose_from_differ(studio: Studio) -> None:
    _, result = do(studio, Step("restyle", style="comic"), sent(studio), count=3)
    assert len(set(result.photos)) == 3
    first, second, third = (pixels(photos.read_clean(studio.store, sha)).astype(int) for sha in result.photos)
    assert np.abs(first - second).mean() > 1
    assert np.abs(second - third).mean() > 1


def test_the_next_edit_does_not_see_the_mark(studio: Studio) -> None:
    """The words are on what is sent, and not on what the model gets."""
    photo = sent(studio)
    _, result = do(studio, Step("recolor", "猫", color="blue", position="left"), photo)
    (made,) = result.photos
    marked, clean = pixels(photos.read(studio.store, made)), pixels(photos.read_clean(studio.store, made))
    assert (marked != clean).any()
    assert (marks.stamp(clean) == marked).all()
    assert (studio._photo(made, ANN) == clean).all()
    assert (studio._photo(photo, ANN) == pixels(photos.read(studio.store, photo))).all()


def test_questions_and_offers_are_results_without_pictures(studio: Studio) -> None:
    photo = sent(studio)
    _, which = do(studio, Step("remove", "猫"), photo)
    assert [choice["words"] for choice in which.facts["choices"]] == ["左边红色的猫", "右边黑色的猫"]
    assert which.text == ""
    _, unheard = do(studio, Step("remove", "小红"), photo)
    assert unheard.text == "我还不认识“小红”，你说的是哪一个？"
    assert len(unheard.facts["choices"]) == 2
    _, instead = do(studio, Step("replace", "猫", "狮子", position="left"), photo)
    assert instead.text == "我还画不出狮子，可以换成狗、兔子、小鸟、熊。"
    assert [offer["words"] for offer in instead.facts["offers"]] == ["狗", "兔子", "小鸟", "熊"]
    assert instead.facts["offers"][0]["step"] == Step("replace", "猫", "狗", position="left").to_json()
