"""A worker process without a model: takes real jobs from the real storage and paints something, with both marks. For
tests of the chat.

Arguments: the kinds it takes, then ``--pause SECONDS`` a step and ``--die-at STEP`` to be killed there once (the file
``died`` in the data folder says that it was).
"""

import argparse
import io
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import storage
from bot.provenance import maker
from lettering import marks, moving, stickers
from storage import HeyingError, Storage, concepts, jobs, looks, photos, workers
from storage.jobs import EditRequest, Job, LearnRequest, Progress, Result, StickerRequest

STEPS = 8
EMOJI = ("😄", "😢", "😠", "😮", "😴", "😍")
METHODS = [
    {
        "name": "paint",
        "title": "涂色",
        "operations": ["insert", "replace", "remove", "restyle", "recolor", "background"],
        "needs": [],
    },
    {"name": "imagic", "title": "Imagic", "operations": ["replace"], "needs": []},
]
OPERATIONS = [*METHODS[0]["operations"], "id_photo", "adjust"]
PERSONS = [  # everybody's photo shows two people, one in each half
    {
        "box": [x, 0.1, x + 0.3, 0.9],
        "words": words,
        "at": [x + 0.15, 0.5],
        "outline": [[[x, 0.1], [x + 0.3, 0.1], [x + 0.3, 0.9], [x, 0.9]]],
    }
    for x, words in ((0.1, "左边那个"), (0.6, "右边那个"))
]
ENGINE = {"name": "fake", "operations": OPERATIONS, "methods": METHODS}


def main() -> None:
    """Work until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="+")
    parser.add_argument("--pause", type=float, default=0.02)
    parser.add_argument("--die-at", type=int, default=0)
    parser.add_argument("--look", action="store_true", help="at photos that come in")
    parser.add_argument("--look-when-told", action="store_true", help="by the file `look` in the data folder")
    told = parser.parse_args()
    settings = storage.settings.load()
    store = storage.open(settings.data, settings)
    me = os.environ["HEYING_WORKER"]
    engine = {**ENGINE, "jobs": (*told.kinds, "look"), "photos": "any"} if told.look else ENGINE
    workers.publish(store, me, [engine], told.kinds)
    keeper = os.getppid()
    while os.getppid() == keeper:
        job = jobs.claim(store, me, told.kinds)
        if job is None:
            may = told.look and (not told.look_when_told or (store.folder / "look").exists())
            look = looks.take(store) if may else None
            if look is not None:
                looks.keep(store, look, {"persons": PERSONS})
            time.sleep(0.05)
            continue
        attempt(store, job, told.pause, told.die_at)


def attempt(store: Storage, job: Job, pause: float = 0.0, die_at: int = 0) -> None:
    """Do one job, slowly enough to be watched, and report how it went."""
    try:
        paint(store, job, pause, die_at)
    except (jobs.Cancelled, jobs.LeaseLost):
        pass
    except HeyingError as error:
        jobs.fail(store, job, error.sentence, str(error))


def paint(store: Storage, job: Job, pause: float, die_at: int) -> None:
    """The steps of a job."""
    for step in range(STEPS):
        progress = Progress(step, STEPS, "正在涂色", (STEPS - step) * pause)
        until = time.monotonic() + pause
        while time.monotonic() < until:
            jobs.heartbeat(store, job, progress)
            time.sleep(min(pause, 0.3))
        died = store.folder / "died"
        if die_at and step == die_at and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    jobs.finish(store, job, RESULTS[type(job.request)](store, job))


def edited(store: Storage, job: Job) -> Result:
    """The photo inverted. Of 猫咪 one must be chosen, 恐龙 cannot be drawn, 锟斤拷 not even translated; a photo of one
    colour is unfamiliar."""
    request = job.request
    assert isinstance(request, EditRequest)
    if request.step.content == "锟斤拷":
        raise HeyingError("我还不认识“锟斤拷”，换个说法试试？", "unknown word")
    if request.step.content == "恐龙":
        offers = [{"words": word, "step": replace(request.step, content=word).to_json()} for word in ("狗", "兔子")]
        return Result(text="我还画不出恐龙，可以换成狗、兔子。", facts={"offers": offers})
    if request.step.target == "猫咪" and request.choice is None:
        choices = [{"index": 0, "words": "左边的红猫"}, {"index": 2, "words": "右边的黑猫"}]
        return Result(facts={"choices": choices})
    with Image.open(io.BytesIO(photos.read(store, request.photo))) as image:
        picture = image.convert("RGB")
    if len(picture.resize((4, 4)).getcolors() or ()) == 1:
        raise HeyingError("这张照片不像我学过的小世界。", "unfamiliar")
    pixels = np.asarray(ImageOps.invert(picture)).copy()
    made = []
    for seed in range(request.seed, request.seed + request.count):
        pixels[:4] = (seed * 40 % 256, int(request.amount * 50), (request.choice or 0) * 60)
        marked = marks.encode(marks.stamp(pixels), str(job.id), "PNG", maker(store))
        made.append(jobs.attach(store, job, marked).sha256)
    return Result(tuple(made), facts={"persons": PERSONS, "still": True})


def learnt(store: Storage, job: Job) -> Result:
    """An artefact out of thin air."""
    request = job.request
    assert isinstance(request, LearnRequest)
    concepts.learnt(store, request.concept, concepts.Artefact("fake", "1", b"learnt"), {})
    return Result()


def stuck(store: Storage, job: Job) -> Result:
    """Squares on nothing, of the size that stickers have, as a pack."""
    request = job.request
    assert isinstance(request, StickerRequest)
    pack = []
    for number in range(request.count):
        pixels = np.zeros((512, 512, 4), np.uint8)
        pixels[128:384, 128:384] = (25 * number, 90, 200, 255)
        own, us = f"{job.id}-{number}", maker(store)
        if request.moving:
            photo = moving.webp([np.roll(pixels, shift, 0) for shift in range(0, 120, 10)], own, us)
        else:
            photo = stickers.encode(pixels, own, us)
        files = {"photo": photo, "figure": marks.encode(pixels, own, "PNG", us)}
        kept = {name: jobs.attach(store, job, data).sha256 for name, data in files.items()}
        words = request.captions[number] if number < len(request.captions) else ""
        pack.append({**kept, "caption": words, "emoji": EMOJI[number % len(EMOJI)]})
    return Result(tuple(one["photo"] for one in pack), facts={"stickers": pack})


def png(pixels: "np.ndarray") -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


RESULTS = {EditRequest: edited, LearnRequest: learnt, StickerRequest: stuck}

if __name__ == "__main__":
    assert Path(storage.__file__).exists()
    main()
