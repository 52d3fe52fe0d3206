"""⑤ The store's side of a job: read what it is about, give it to an engine, mark and keep what comes of it.

A handler is a generator of Progress that returns a Result. It knows no model and no method.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lettering import font, marks, moods, moving
from lettering import stickers as drawing
from lettering.moods import Mood
from pipeline import routing
from pipeline.engine import (
    Ambiguous,
    Artefact,
    Concept,
    EditOrder,
    Engine,
    FigureOrder,
    GenerateOrder,
    LearnOrder,
    Leaving,
    LookOrder,
    OrderError,
    Pixels,
    Progress,
    one_of,
)
from pipeline.imaging import judging
from pipeline.remote import Carried, Files
from storage import Storage, concepts, departures, inversions, jobs, packs, photos, watermark_settings
from storage.jobs import EditRequest, GenerateRequest, Job, LearnRequest, Result, StickerRequest
from storage.looks import Look
from storage.plans import Referent, Step

Handler = Callable[[Job], Generator[Progress, None, Result]]


@dataclass(frozen=True, slots=True)
class Handlers:
    """What is done for each kind of job, for one data folder."""

    store: Storage
    engines: Sequence[Engine]
    maker: marks.Maker

    @classmethod
    def open(cls, store: Storage, engines: Sequence[Engine]) -> "Handlers":
        """Raises FontError where nothing could be marked."""
        font.check()
        return cls(store, engines, marks.Maker(store.settings.mark.producer, watermark_settings.seal(store)))

    @property
    def tasks(self) -> dict[str, Handler]:
        """A handler for each kind of job."""
        return {"edit": self.edit, "stickers": self.stickers, "generate": self.generate, "learn": self.learn}

    def published(self) -> list[dict[str, Any]]:
        """The engines' records, for the bot."""
        return [{"name": one.name, "kind": one.kind, **asdict(one.capabilities())} for one in self.engines]

    # -- the handlers --------------------------------------------------------------------------------------------------
    def edit(self, job: Job) -> Generator[Progress, None, Result]:
        """One step on one photo: pictures, a question back, or an offer."""
        request = job.request
        assert isinstance(request, EditRequest)
        order = EditOrder(
            photo=self._photo(request.photo, job.owner),
            step=request.step,
            referents=request.referents,
            sentence=request.sentence,
            references=tuple(self._photo(sha, job.owner) for sha in request.references),
            concepts=self._concepts(request.concepts),
            method=request.method,
            strength=request.strength,
            amount=request.amount,
            choice=request.choice,
            points=request.points,
            regions=request.regions,
            cache=_Kept(self.store, request.photo),
        )
        if request.unheard:
            routing.within_reach(self.engines, order)
        made: list[str] = []
        seen: dict[int, Pixels] = {}  # by seed
        facts: dict[str, Any] = {}
        doubts: list[str] = []
        try:
            for number in range(request.count):
                seed = request.seed + number
                work = routing.edit(self.engines, replace(order, seed=seed), self._leave(job))
                edited = yield from (work if request.count == 1 else one_of(work, number, request.count))
                if any(judging.alike(one, edited.image) for one in seen.values()):
                    continue  # nobody could choose between them
                seen[seed] = edited.image
                made.append(self._keep(job, edited.image))
                facts = edited.facts
                if request.than and self._no_more(job, request.than, order.photo, edited.image):
                    facts = {**facts, "doubt": judging.NO_MORE}
                doubts += [facts["doubt"]] if "doubt" in facts else []
                if facts.get("readings") == 1:
                    break
        except Ambiguous as question:
            return self._which(job, question)
        except Leaving as asking:
            return self._ask_to_send(job, asking)
        except OrderError as error:
            if not error.offers:
                raise
            offers = [
                {
                    "words": offer.words,
                    "step": replace(request.step, **offer.changes).to_json(),
                    "referents": {slot: one.to_json() for slot, one in offer.referents_of(order).items()},
                }
                for offer in error.offers
            ]
            return Result(text=error.sentence, facts={"offers": offers})
        if len(doubts) < len(made):  # one of several is as wanted
            facts = {name: value for name, value in facts.items() if name != "doubt"}
        if request.count > 1:
            facts = {**facts, "seeds": list(seen)}
        return Result(tuple(made), facts=facts)

    def stickers(self, job: Job) -> Generator[Progress, None, Result]:
        """Stickers of a concept, or of somebody in a photo."""
        request = job.request
        assert isinstance(request, StickerRequest)
        wanted = _moods(request)
        concept = None if request.concept is None else next(iter(self._concepts((request.concept,)).values()))
        if concept is None and not request.photo:
            raise OrderError("想用谁做表情？请发一张照片，或说一个教过我的名字。", "stickers of nothing")
        photo = self._photo(request.photo, job.owner) if concept is None and request.photo else None
        faces = tuple(mood.expression for mood in wanted)
        order = FigureOrder(faces, photo, concept, request.choice, request.seed, request.close)
        try:
            figures = yield from routing.figures(self.engines, order, self._leave(job))
        except Ambiguous as question:
            return self._which(job, question)
        moves = request.moving if request.pack is None else packs.get(self.store, request.pack, job.owner).moving
        made: list[dict[str, Any]] = []
        visible = self._visible(job.owner)
        for i, (mood, figure) in enumerate(zip(wanted, figures.images, strict=True), 1):
            yield Progress(i - 1, len(wanted), "让表情动起来" if moves else "做表情")
            clean = marks.encode(figure, f"{job.id}-{i}", "PNG", self.maker)
            if moves:
                frames = moving.sticker(figure, mood.caption, mood.expression, visible)
                finished = moving.webp(frames, f"{job.id}-{i}", self.maker)
            else:
                drawn = drawing.sticker(figure, mood.caption, mood.expression)
                finished = drawing.encode(drawn, f"{job.id}-{i}", self.maker, visible)
            facts = {
                name: jobs.attach(self.store, job, data).sha256
                for name, data in (("figure", clean), ("photo", finished))
            }
            made.append({**facts, "caption": mood.caption, "emoji": mood.emoji, "expression": mood.expression})
        return Result(tuple(one["photo"] for one in made), facts={**figures.facts, "stickers": made})

    def generate(self, job: Job) -> Generator[Progress, None, Result]:
        """A picture from nothing."""
        request = job.request
        assert isinstance(request, GenerateRequest)
        order = GenerateOrder(
            request.referent or Referent(request.content), self._concepts(request.concepts), request.seed
        )
        try:
            made = yield from routing.generate(self.engines, order, self._leave(job))
        except Leaving as asking:
            return self._ask_to_send(job, asking)
        return Result((self._keep(job, made.image),), facts=made.facts)

    def learn(self, job: Job) -> Generator[Progress, None, Result]:
        """A concept from its reference photos, by the engine that suits them; others learn it later, unheard.

        Photos that do not fit are left out and named; with too few left the engine says which to replace.
        """
        request = job.request
        assert isinstance(request, LearnRequest)
        concept = concepts.get(self.store, request.concept)
        yield Progress(0, 1, "看照片")
        weights = self.store.settings.learning.weights if request.weights is None else request.weights
        shown = tuple(self._photo(sha, job.owner) for sha in request.photos)
        cache = _Kept(self.store, request.photos[0])
        order = LearnOrder(concept.name, concept.kind, shown, f"<{concept.id}>", weights, request.seed, cache)
        able = routing.learners(self.engines, order)
        able = [one for one in able if request.engine in (None, one.name)]
        if not able:
            raise OrderError(
                "这些照片我现在还学不了：负责真实照片的部分没有装好，请运行 make setup 再试。", "no engine learns these"
            )
        learned = yield from able[0].learn(order)
        artefact = learned.artefact
        concepts.learnt(
            self.store, concept.id, concepts.Artefact(artefact.engine, artefact.format, artefact.data), learned.facts
        )
        if request.engine is None:
            self._learn_later(job, request, able[1:])
        said = "".join(learned.findings)
        return Result(text=f"{said}这次先用其余的照片学会了。" if said else "", facts=learned.facts)

    def _learn_later(self, job: Job, request: LearnRequest, engines: Sequence[Engine]) -> None:
        """What the other engines learn of the concept: jobs of their own, which say nothing."""
        for engine in engines:
            jobs.enqueue(
                self.store,
                key=f"{job.key}:{engine.name}",
                kind="learn",
                owner=job.owner,
                chat=job.chat,
                request=replace(request, engine=engine.name),
                silent=True,
            )

    def _which(self, job: Job, question: Ambiguous) -> Result:
        """A question instead of a result: which of several things is meant."""
        choices = [{"index": one.index, "words": one.words, "box": list(one.box)} for one in question.choices]
        shown = {}
        if question.picture is not None:  # the user's own photo with numbers on it: nothing was made, so no mark
            shown = {"picture": jobs.attach(self.store, job, _png(question.picture)).sha256}
        return Result(text=question.sentence if question.unheard else "", facts={"choices": choices, **shown})

    # -- what may leave this machine -----------------------------------------------------------------------------------
    def _leave(self, job: Job) -> routing.Leave:
        """Whether what a job holds may be sent to an engine, as its owner has said; looked up when the engine's turn comes."""
        request = job.request
        if getattr(request, "here", False):
            return routing.here
        return lambda engine: departures.may(self.store, job.owner, engine.capabilities().host, request)

    def _ask_to_send(self, job: Job, asking: Leaving) -> Result:
        """A question instead of a result: what would be sent, and to whom."""
        shown, _ = departures.material(self.store, job.request, job.owner)
        fields = {"engine": asking.engine, "title": asking.title, "host": asking.host, "pictures": len(shown)}
        return Result(facts={"leaving": fields})

    # -- unasked -------------------------------------------------------------------------------------------------------
    def look(self, look: Look) -> Generator[Progress, None, dict[str, Any]]:
        """What is in a photo, by the engine that will most likely work on it; {} of a drawn world's, whose model looks itself."""
        photo = self._photo(look.photo, look.owner)
        order = EditOrder(photo, Step("adjust"))
        if any(one.capabilities().photos == "own" and one.serves(order) for one in self.engines):
            return {}
        able = [one for one in self.engines if "look" in one.capabilities().jobs]
        known = [one.id for one in concepts.of_owner(self.store, look.owner) if one.ready and one.kind == "person"]
        look_order = LookOrder(photo, self._concepts(tuple(known)), _Kept(self.store, look.photo))
        return (yield from able[0].glance(look_order)) if able else {}

    # -- what they share -----------------------------------------------------------------------------------------------
    def _photo(self, sha: str, owner: str) -> Pixels:
        with Image.open(BytesIO(photos.read_clean(self.store, sha, owner))) as image:
            return np.asarray(image.convert("RGB"))

    def _no_more(self, job: Job, than: str, photo: Pixels, image: Pixels) -> bool:
        """Whether a picture that was to be more, or less, than another looks like it; False when that one has expired."""
        try:
            return judging.no_more(photo, self._photo(than, job.owner), image)
        except photos.PhotoError:
            return False

    def _keep(self, job: Job, image: Pixels) -> str:
        """Mark a picture and keep it for the job's owner; returns its SHA-256."""
        visible = self._visible(job.owner)
        data = marks.encode(marks.stamp(image) if visible else image, str(job.id), "PNG", self.maker)
        return jobs.attach(self.store, job, data, _png(image) if visible else None).sha256

    def _visible(self, owner: str) -> bool:
        """Whether pictures for this person bear the words: always, unless they asked for none and agreed to the terms."""
        return not watermark_settings.unmarked(self.store, owner)

    def _concepts(self, ids: tuple[int, ...]) -> dict[str, Concept]:
        """The concepts of a request by name, with all that was learnt of them."""
        found = {}
        for id in ids:
            known = concepts.get(self.store, id)
            artefacts = {
                name: Artefact(one.engine, one.format, one.data)
                for name, one in concepts.artefacts(self.store, id).items()
            }
            references = _References(self, known.references, known.owner)
            found[known.name] = Concept(known.name, known.kind, known.token, references, artefacts)
        return found


class _References(Sequence[Pixels]):
    """Reference photos, each read when an engine wants it."""

    def __init__(self, handlers: Handlers, shas: tuple[str, ...], owner: str) -> None:
        self.handlers, self.shas, self.owner = handlers, shas, owner

    def __len__(self) -> int:
        return len(self.shas)

    @overload
    def __getitem__(self, index: int) -> Pixels: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Pixels]: ...

    def __getitem__(self, index: int | slice) -> Pixels | Sequence[Pixels]:
        if isinstance(index, slice):
            return _References(self.handlers, self.shas[index], self.owner)
        return self.handlers._photo(self.shas[index], self.owner)

    def __iter__(self) -> Iterator[Pixels]:
        return (self[index] for index in range(len(self)))

    def __reduce__(self) -> tuple[object, ...]:
        """To another machine they travel as the files that they are."""
        store, owner = self.handlers.store, self.owner
        return Files, (tuple(photos.read_clean(store, sha, owner) for sha in self.shas),)


class _Kept:
    """What is kept of one photo between two orders, as the engines ask for it."""

    def __init__(self, store: Storage, photo: str) -> None:
        self.store, self.photo = store, photo

    def __reduce__(self) -> tuple[object, ...]:
        """To another machine it goes whole."""
        return Carried, (inversions.all_of(self.store, self.photo),)

    def get(self, key: str, /) -> dict[str, NDArray[Any]] | None:
        return inversions.load(self.store, inversions.digest(key))

    def __setitem__(self, key: str, arrays: Mapping[str, NDArray[Any]], /) -> None:
        inversions.save(self.store, inversions.digest(key), arrays, photo=self.photo)


def _moods(request: StickerRequest) -> tuple[Mood, ...]:
    """What each sticker of a request says; an emoji among the words becomes the sticker's emoji."""
    split = [packs.split(text) for text in request.captions]
    said = moods.moods(request.count, [words for words, _ in split], request.expressions)
    found = [replace(mood, emoji=emoji) if emoji else mood for mood, (_, emoji) in zip(said, split, strict=False)]
    return (*found, *said[len(found) :])


def _png(image: Pixels) -> bytes:
    """A picture as a file without metadata."""
    out = BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()
