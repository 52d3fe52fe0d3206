"""Who made a picture: what its mark says, and what the job of that number was."""

from dataclasses import replace
from datetime import datetime

from bot import replies
from lettering import marks, moving
from lettering.marks import Maker, Verdict
from storage import HeyingError, Storage, jobs, watermark_settings
from storage.requests import EditRequest


def maker(store: Storage) -> Maker:
    """Whom pictures of this data folder are signed by."""
    return Maker(store.settings.mark.producer, watermark_settings.seal(store))


FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def as_named(store: Storage, data: bytes, suffix: str) -> bytes:
    """A picture of ours in the format that a file's name promises, with both marks; one that moves stays as it is."""
    if moving.moves(data):
        return data
    kind = "WEBP" if data[8:12] == b"WEBP" else "PNG"
    wanted = FORMATS.get(suffix.lower(), kind)
    return data if wanted == kind else marks.recode(data, wanted, maker(store))


def verify(store: Storage, data: bytes) -> Verdict:
    """Whether a file was made here, and for a picture of ours also when and by which job, as long as that is known."""
    verdict = marks.verify(data, maker(store))
    if not verdict.ours or verdict.item is None:
        return verdict
    number = verdict.item["ProduceID"].partition("-")[0]
    try:
        job = jobs.get(store, int(number))
    except (HeyingError, ValueError):
        return verdict
    when = datetime.fromtimestamp(job.finished_at or job.created_at).astimezone()
    text = verdict.sentence + replies.made_by(job.id, f"{when:%Y-%m-%d %H:%M}", job.owner)
    photo = job.request.photo if isinstance(job.request, EditRequest) else ""
    before = watermark_settings.origin(store, photo, job.owner) if photo else None
    if before is not None:
        text += f"改的那张照片来的时候带着标识：制作者 {before.producer}，编号 {before.produce_id}。"
    return replace(verdict, sentence=text)
