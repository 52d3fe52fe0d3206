"""The other lane of workers: jobs of kind "learn", so that learning never blocks editing.

`python -m personalization.learn [--once]`. The loop is pipeline.worker's; here is only what a learn job does.
"""

import argparse
from collections.abc import Generator
from io import BytesIO

import numpy as np
from PIL import Image

import storage
from personalization import dreambooth, references, textual_inversion
from pipeline.diffusion.toolkit.lora import pack
from pipeline.diffusion.toolkit.progress import Progress
from pipeline.imaging.composite import Pixels
from pipeline.studio import Studio
from pipeline.worker import Worker
from storage import Storage, concepts, photos
from storage.jobs import Job, LearnRequest, Result


def learn(studio: Studio, job: Job) -> Generator[Progress, None, Result]:
    """A concept from its reference photos. Photos that do not fit are left out and named; with too few left it fails
    with the sentence that says which to replace (ReferencesError)."""
    request, store, sd = job.request, studio.store, studio.sd
    assert isinstance(request, LearnRequest)
    concept = concepts.get(store, request.concept)
    yield Progress(0, 1, "看照片")
    images = [_photo(store, sha, job.owner) for sha in request.photos]
    findings = references.check(images, sd, concept.kind)
    kept = [images[i] for i in references.usable(images, findings)]
    weights = store.settings.learning.weights if request.weights is None else request.weights
    how = dreambooth.learn if weights else textual_inversion.learn
    learned = yield from how(sd, kept, concept.kind, seed=request.seed)
    lora = pack(learned.lora) if learned.lora else b""
    concepts.ready(store, concept.id, learned.vectors, f"<{concept.id}>", learned.facts, studio.model, lora)
    said = "".join(finding.sentence for finding in findings)
    return Result(text=f"{said}这次先用其余的照片学会了。" if said else "", facts=learned.facts)


def _photo(store: Storage, sha: str, owner: str) -> Pixels:
    with Image.open(BytesIO(photos.read(store, sha, owner))) as image:
        return np.asarray(image.convert("RGB"))


def main() -> None:
    """The learning lane."""
    parser = argparse.ArgumentParser(description="合影的学习进程")
    parser.add_argument("--once", action="store_true", help="stop when the queue is empty")
    told = parser.parse_args()
    settings = storage.settings.load()
    studio = Studio.open(storage.open(settings.data, settings))
    worker = Worker(studio.store, {"learn": lambda job: learn(studio, job)})
    worker.publish(studio.sd.name, studio.methods(), studio.words())
    worker.run(told.once)


if __name__ == "__main__":
    main()
