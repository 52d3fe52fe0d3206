"""A picture that came in marked: ours alone goes out, theirs stays in our log and goes with the picture."""

import io
import json

import numpy as np
from PIL import Image, PngImagePlugin

from bot import doctor, provenance
from bot.intake import take_in
from lettering import marks
from storage import Storage, jobs, photos, retention, watermark_settings
from storage.plans import Step
from storage.requests import EditRequest, Result
from storage.settings import load
from tests.lettering.reference import conforming

ANN = "test:ann"


def theirs(item: dict[str, str] | None) -> bytes:
    """A picture with a mark of somebody else's in its oldest carrier."""
    out, chunks = io.BytesIO(), PngImagePlugin.PngInfo()
    if item is not None:
        chunks.add_text("AIGC", json.dumps(item))
    Image.new("RGB", (64, 48), (30, 140, 90)).save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


def test_their_number_is_kept_and_ours_goes_out(store: Storage) -> None:
    photo = take_in(store, theirs(marks.item("far-1", marks.Maker("Elsewhere"))), ANN)
    assert marks.item_in(photos.read(store, photo.sha256)) is None
    assert watermark_settings.origin(store, photo.sha256, ANN) == watermark_settings.Origin("Elsewhere", "far-1")
    assert watermark_settings.origin(store, photo.sha256, "test:bob") is None
    request = EditRequest(Step("remove", target="猫"), photo.sha256)
    jobs.enqueue(store, key="k", kind="edit", owner=ANN, chat=ANN, request=request)
    job = jobs.claim(store, "w", ("edit",))
    assert job is not None
    made = marks.encode(np.zeros((48, 64, 3), np.uint8), str(job.id), "PNG", provenance.maker(store))
    jobs.finish(store, job, Result((jobs.attach(store, job, made).sha256,)))
    assert conforming(made)[0]["ProduceID"] == str(job.id)
    assert "来的时候带着标识：制作者 Elsewhere，编号 far-1" in provenance.verify(store, made).sentence
    retention.forget(store, ANN)
    assert store.rows("SELECT * FROM photo_marks") == []


def test_a_plain_picture_has_no_origin(store: Storage) -> None:
    photo = take_in(store, theirs(None), ANN)
    assert watermark_settings.origin(store, photo.sha256, ANN) is None


def test_a_longer_story_than_anybody_needs(store: Storage) -> None:
    photo = take_in(store, theirs({**marks.item("x" * 5000), "Label": "9"}), ANN)
    kept = watermark_settings.origin(store, photo.sha256, ANN)
    assert kept is not None
    assert len(kept.produce_id) == watermark_settings.LONGEST


def test_doctor_looks_at_the_producer() -> None:
    def found(name: str) -> tuple[bool, str]:
        (finding,) = doctor._producer(load(mark={"producer": name}))
        return finding.well, finding.sentence

    assert found("Heying")[0]
    assert "27 位" in found("Heying")[1]
    assert found("0011" + "91440300708461136T" + "1HEYI") == (
        True,
        "生产者编码 001191440300708461136T1HEYI，27 位，校验码对得上。",
    )
    assert not found("0011" + "91440300708461136A" + "1HEYI")[0]
