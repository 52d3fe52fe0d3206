"""What each kind of job does: the rows of storage on one side, edits of pictures on the other.

A task is a generator of Progress that returns a Result. The model is loaded once and shared by all of them.
"""

import os
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pipeline import marks, stickers
from pipeline.attributes import thing_for
from pipeline.choose import Ambiguous, PromptError, Taught
from pipeline.cutout import cutout, whole
from pipeline.edit import Known, edit
from pipeline.look import to_pixels, vocabulary_of
from pipeline.methods import METHODS
from pipeline.phrases import place_of
from pipeline.survey import survey
from pipeline.toolkit.ddim import sample
from pipeline.toolkit.model import StableDiffusion, decode, evaluations, fingerprint, load, noise
from pipeline.toolkit.progress import Progress, part
from pipeline.toolkit.wear import wear
from pipeline.vocabulary import Seen, Thing, caption
from pipeline.worker import Task
from storage import Storage, concepts, inversions, jobs, photos
from storage.jobs import EditRequest, GenerateRequest, Job, Result, StickerRequest
from storage.plans import Step

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Studio:
    """A model at work for one data folder."""

    store: Storage
    sd: StableDiffusion
    model: str  # whose vectors a concept's are: the folder's name may stay while its weights change, so by content

    @classmethod
    def open(cls, store: Storage) -> "Studio":
        """Load the model that the settings name. Raises ModelError."""
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
        device = store.settings.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        sd = load(store.settings.model, device)
        return cls(store, sd, fingerprint(sd))

    @property
    def tasks(self) -> dict[str, Task]:
        """What is done for each kind of job of the editing lane."""
        return {"edit": self.edit, "stickers": self.stickers, "generate": self.generate}

    def methods(self) -> list[dict[str, Any]]:
        """The records of the methods that this model can run, for the bot."""
        able = [method for method in METHODS.values() if all(getattr(self.sd, need) for need in method.needs)]
        return [
            {
                "name": m.name,
                "title": m.title,
                # to move is to remove and to put the thing's own pixels elsewhere
                "operations": (*m.operations, "move") if "remove" in m.operations else m.operations,
                "needs": m.needs,
            }
            for m in able
        ]

    def words(self) -> dict[str, Any]:
        """The model's vocabulary, for the bot."""
        return asdict(vocabulary_of(self.sd.name))

    # -- the tasks -----------------------------------------------------------------------------------------------------

    def edit(self, job: Job) -> Generator[Progress, None, Result]:
        """One step on one photo."""
        request = job.request
        assert isinstance(request, EditRequest)
        photo = self._photo(request.photo, job.owner)
        try:
            picture = yield from edit(
                self.sd,
                photo,
                request.step,
                concepts=self._known(request.concepts),
                method=request.method,
                strength=request.strength,
                amount=request.amount,
                seed=request.seed,
                choice=request.choice,
                cache=_Kept(self.store, request.photo),
            )
        except Ambiguous as question:
            choices = [{"index": choice.index, "words": choice.words} for choice in question.choices]
            return Result(facts={"choices": choices})
        return Result((self._keep(job, picture.image),), facts=picture.facts)

    def stickers(self, job: Job) -> Generator[Progress, None, Result]:
        """Stickers of a concept, drawn one by one, or of the largest thing in a photo."""
        request = job.request
        assert isinstance(request, StickerRequest)
        moods = stickers.moods(request.count, request.captions, request.expressions)
        count = evaluations(self.sd)
        if request.concept is not None:
            known = next(iter(self._known((request.concept,)).values()))
            figures = yield from self._poses(known, len(moods), request.seed)
        elif request.photo:
            yield Progress(0, 1, "看照片")
            figures = [self._figure(self._photo(request.photo, job.owner))] * len(moods)
        else:
            raise PromptError("想用谁做表情？请发一张照片，或说一个教过我的名字。", "stickers of nothing")
        made = []
        for i, ((words, mood), (image, mask)) in enumerate(zip(moods, figures, strict=True)):
            yield Progress(i, len(moods), "做表情")
            mark = self.store.settings.mark
            drawn = stickers.sticker(image, mask, words, mood)
            data = stickers.encode(drawn, f"{job.id}-{i + 1}", mark.producer, mark.visible)
            made.append(jobs.attach(self.store, job, data).sha256)
        return Result(tuple(made), facts={"unet_forward": count.forward})

    def generate(self, job: Job) -> Generator[Progress, None, Result]:
        """A picture of one thing in one setting, from nothing."""
        request = job.request
        assert isinstance(request, GenerateRequest)
        vocabulary, known = vocabulary_of(self.sd.name), self._known(request.concepts)
        if vocabulary.open:
            raise PromptError("这个模型只听得懂英文描述，直接画图还不支持；可以发一张照片让我改。", "open vocabulary")
        taught = {name: one.taught for name, one in known.items()}
        named = next((name for name in taught if name in request.content), None)
        step = Step("insert", content=None if named else request.content, concept=named)
        thing = thing_for(step, step.content, vocabulary, taught)
        setting = place_of(request.content)
        setting = setting if setting in vocabulary.settings else next(iter(vocabulary.settings))
        prompt = caption(vocabulary, Seen(setting, next(iter(vocabulary.styles)), (thing,), ""))
        with wear(self.sd, {one.taught.word: one.vectors.to(self.sd.device) for one in known.values()}):
            images = yield from self._draw([prompt], request.seed)
        return Result((self._keep(job, images[0]),), facts={"prompt": prompt})

    # -- what they share -----------------------------------------------------------------------------------------------

    def _photo(self, sha: str, owner: str) -> Pixels:
        with Image.open(BytesIO(photos.read_clean(self.store, sha, owner))) as image:
            return np.asarray(image.convert("RGB"))

    def _keep(self, job: Job, image: Pixels) -> str:
        """Mark a picture and keep it for the job's owner; returns its SHA-256."""
        mark = self.store.settings.mark
        marked = marks.stamp(image) if mark.visible else image
        data = marks.encode(marked, str(job.id), "PNG", mark.producer) if mark.metadata else _png(marked)
        return jobs.attach(self.store, job, data, _png(image) if mark.visible else None).sha256

    def _known(self, ids: tuple[int, ...]) -> dict[str, Known]:
        """The concepts of a request by name, ready to be worn."""
        known = {}
        for id in ids:
            concept = concepts.get(self.store, id)
            if concept.model != self.model or not concept.vectors:
                raise PromptError(
                    f"「{concept.name}」是用另一个模型学的，请再发 3–5 张照片重新教我一次。",
                    f"concept {id} was learnt on {concept.model!r}",
                )
            facts: Mapping[str, Any] = concept.facts
            taught = Taught(concept.token, concept.kind, facts.get("like", ""), facts.get("slots", {}))
            known[concept.name] = Known(taught, torch.from_numpy(concept.array))
        return known

    def _draw(self, prompts: list[str], seed: int) -> Generator[Progress, None, list[Pixels]]:
        """Pictures of prompts at the model's size, a few at a time."""
        sd, steps, done = self.sd, vocabulary_of(self.sd.name).steps, []
        side = sd.size // sd.factor
        for first in range(0, len(prompts), 4):
            some = prompts[first : first + 4]
            start = noise(sd, (len(some), sd.unet.config.in_channels, side, side), seed + first)
            work = sample(sd, start, some, steps=steps)
            z = yield from part(work, first // 4 * steps, -(-len(prompts) // 4) * steps)
            done += [to_pixels(decode(sd, one[None])) for one in z]
        return done

    def _poses(self, known: Known, count: int, seed: int) -> Generator[Progress, None, list[tuple[Pixels, Any]]]:
        """Pictures of a concept by itself and the masks that cut it out."""
        vocabulary, taught = vocabulary_of(self.sd.name), known.taught
        thing = Thing(taught.like or taught.kind, taught.slots, word=taught.word)
        settings = list(vocabulary.settings) or [""]
        style = next(iter(vocabulary.styles), "")
        prompts = [caption(vocabulary, Seen(settings[i % len(settings)], style, (thing,), "")) for i in range(count)]
        with wear(self.sd, {taught.word: known.vectors.to(self.sd.device)}):
            images = yield from self._draw(prompts, seed)
        return [self._figure(image) for image in images]

    def _figure(self, image: Pixels) -> tuple[Pixels, Any]:
        """A picture and the mask of the largest thing in it."""
        seen = survey(self.sd, image, vocabulary_of(self.sd.name))
        boxes = [thing.box for thing in seen.things] or [(0.1, 0.1, 0.9, 0.95)]
        box = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
        x0, y0, x1, y1 = whole(image, box)
        return image, cutout(
            image, (max(0.0, x0 - 0.03), max(0.0, y0 - 0.03), min(1.0, x1 + 0.03), min(1.0, y1 + 0.03))
        )


def _png(image: Pixels) -> bytes:
    """A picture as a file without metadata."""
    out = BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


class _Kept:
    """The inversions of one photo, as edit() asks for them."""

    def __init__(self, store: Storage, photo: str) -> None:
        self.store, self.photo = store, photo

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        return inversions.load(self.store, key)

    def __setitem__(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        inversions.save(self.store, key, arrays, photo=self.photo)
