"""What each kind of job does: the rows of storage on one side, edits of pictures on the other.

A task is a generator of Progress that returns a Result. The model is loaded once and shared by all of them.
"""

import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from lettering import font, marks
from lettering import stickers as drawing
from lettering.moods import Mood
from pipeline.diffusion import segmentation, sticker_prompts
from pipeline.diffusion.attributes import thing_for
from pipeline.diffusion.grounding import Ambiguous, PromptError, Taught
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.perception import vocabulary_of
from pipeline.diffusion.phrases import place_of
from pipeline.diffusion.strategies import Known, edit, wearing
from pipeline.diffusion.toolkit.lora import unpack
from pipeline.diffusion.toolkit.model import StableDiffusion, evaluations, fingerprint, load
from pipeline.diffusion.toolkit.progress import Progress, one_of
from pipeline.diffusion.vocabulary import Seen, Thing, caption
from pipeline.worker import Task
from storage import Storage, concepts, inversions, jobs, photos, watermark_settings
from storage.jobs import EditRequest, GenerateRequest, Job, Result, StickerRequest
from storage.plans import Step

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Studio:
    """A model at work for one data folder."""

    store: Storage
    sd: StableDiffusion
    maker: marks.Maker
    model: str  # whose vectors a concept's are: the folder's name may stay while its weights change, so by content

    @classmethod
    def open(cls, store: Storage) -> "Studio":
        """Load the model that the settings name. Raises ModelError, and FontError where nothing could be marked."""
        font.check()
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
        device = store.settings.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        sd = load(store.settings.model, device)
        return cls(
            store, sd, marks.Maker(store.settings.mark.producer, watermark_settings.seal(store)), fingerprint(sd)
        )

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
        photo, known = self._photo(request.photo, job.owner), self._known(request.concepts)
        made: list[str] = []
        facts: dict[str, Any] = {}
        try:
            for number in range(request.count):
                work = edit(
                    self.sd,
                    photo,
                    request.step,
                    concepts=known,
                    method=request.method,
                    strength=request.strength,
                    amount=request.amount,
                    seed=request.seed + number,
                    choice=request.choice,
                    cache=_Kept(self.store, request.photo),
                )
                picture = yield from (work if request.count == 1 else one_of(work, number, request.count))
                made.append(self._keep(job, picture.image))
                facts = picture.facts
        except Ambiguous as question:
            choices = [{"index": choice.index, "words": choice.words} for choice in question.choices]
            return Result(text=question.sentence if question.unheard else "", facts={"choices": choices})
        except PromptError as error:
            if not error.offers:
                raise
            offers = [
                {"words": offer.words, "step": replace(request.step, **offer.changes).to_json()}
                for offer in error.offers
            ]
            return Result(text=error.sentence, facts={"offers": offers})
        return Result(tuple(made), facts=facts)

    def stickers(self, job: Job) -> Generator[Progress, None, Result]:
        """Stickers of a concept, drawn one by one, or of the largest thing in a photo."""
        request = job.request
        assert isinstance(request, StickerRequest)
        wanted = sticker_prompts.asked(request)
        count = evaluations(self.sd)
        if request.concept is not None:
            known = next(iter(self._known((request.concept,)).values()))
            poses = yield from self._poses(known, wanted, request.seed)
        elif request.photo:
            yield Progress(0, 1, "看照片")
            poses = [self._figure(self._photo(request.photo, job.owner))[0]] * len(wanted)
        else:
            raise PromptError("想用谁做表情？请发一张照片，或说一个教过我的名字。", "stickers of nothing")
        made, visible = [], self._visible(job.owner)
        for i, (mood, figure) in enumerate(zip(wanted, poses, strict=True), 1):
            yield Progress(i - 1, len(wanted), "做表情")
            clean = marks.encode(figure, f"{job.id}-{i}", "PNG", self.maker)
            drawn = drawing.sticker(figure, mood.caption, mood.expression)
            finished = drawing.encode(drawn, f"{job.id}-{i}", self.maker, visible)
            told = {
                name: jobs.attach(self.store, job, data).sha256
                for name, data in (("figure", clean), ("photo", finished))
            }
            made.append({**told, "caption": mood.caption, "emoji": mood.emoji, "expression": mood.expression})
        pictures = tuple(one["photo"] for one in made)
        return Result(pictures, facts={"unet_forward": count.forward, "stickers": made})

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
        with wearing(self.sd, known.values()):
            drawn = yield from segmentation.draw(self.sd, [prompt], "", request.seed, vocabulary.steps)
        return Result((self._keep(job, drawn[0][0]),), facts={"prompt": prompt})

    # -- what they share -----------------------------------------------------------------------------------------------

    def _photo(self, sha: str, owner: str) -> Pixels:
        with Image.open(BytesIO(photos.read_clean(self.store, sha, owner))) as image:
            return np.asarray(image.convert("RGB"))

    def _keep(self, job: Job, image: Pixels) -> str:
        """Mark a picture and keep it for the job's owner; returns its SHA-256."""
        visible = self._visible(job.owner)
        data = marks.encode(marks.stamp(image) if visible else image, str(job.id), "PNG", self.maker)
        return jobs.attach(self.store, job, data, _png(image) if visible else None).sha256

    def _visible(self, owner: str) -> bool:
        """Whether pictures for this person bear the words: always, unless they asked for none and agreed to the terms."""
        return not watermark_settings.unmarked(self.store, owner)

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
            view = torch.tensor(facts["view"]) if facts.get("view") else None
            lora = unpack(concepts.weights(self.store, id)) if facts.get("rank") else {}
            known[concept.name] = Known(
                taught, torch.from_numpy(concept.array), view, lora, tuple(facts.get("look", ()))
            )
        return known

    def _poses(self, known: Known, wanted: Sequence[Mood], seed: int) -> Generator[Progress, None, list[Pixels]]:
        """A figure of a concept for each mood: the better of a few pictures that were drawn for it."""
        vocabulary, taught = vocabulary_of(self.sd.name), known.taught
        thing = Thing(taught.like or taught.kind, taught.slots, word=taught.word)
        told = sticker_prompts.prompts(vocabulary, thing, wanted)
        with wearing(self.sd, [known]):
            drawn = yield from segmentation.draw(
                self.sd, told * sticker_prompts.TRIES, taught.word, seed, vocabulary.steps
            )
        poses = [self._figure(image, heat) for image, heat in drawn]
        return [max(poses[i :: len(told)], key=lambda pose: pose[1])[0] for i in range(len(told))]

    def _figure(self, image: Pixels, heat: Floats | None = None) -> tuple[Pixels, float]:
        """The largest thing in a picture as a figure, and how good it is. `heat`: where attention saw it."""
        mask, good = segmentation.shape_in(self.sd, image, heat)
        return drawing.figure(image, mask), good


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
