"""What a job is: what it is asked to do, how far it is, what came of it; and all that as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from storage.errors import HeyingError
from storage.plans import Referent, Step
from storage.regions import Region

__all__ = [
    "KINDS", "EditRequest", "GenerateRequest", "Job", "JobError", "LearnRequest", "Progress", "Request", "Result",
    "StickerRequest", "concepts_of", "dump", "job_from_row", "photos_of", "request_from_json", "request_to_json",
    "with_photo",
]  # fmt: skip


class JobError(HeyingError):
    """A job that cannot be queued, found or held."""


@dataclass(frozen=True, slots=True)
class EditRequest:
    """One step on one photo. ``photo`` is a SHA-256, empty while the job waits for the picture of another (``after``);
    ``amount`` scales the strength (再明显一点); ``choice`` answers "which of them?" as an index into what was found, and
    ``chosen`` is what that one was called in the question (左边第二个).

    ``count`` pictures are made, with seeds from ``seed`` on; of several the user chooses one. The step is number
    ``place`` of the ``total`` in its ``sentence``; ``referents`` are what the parser made of its words, by slot.
    ``references`` are further photos sent along; ``points`` places that were tapped, in shares of the photo, ``regions`` parts of it that were drawn by hand. ``here``:
    by what this machine has alone. ``unheard``: asked before any worker had said what it can do. ``than`` is the picture, made from the same photo, that this one is to be more or less than."""

    step: Step
    photo: str
    concepts: tuple[int, ...] = ()
    method: str | None = None
    strength: float | None = None
    seed: int = 0
    amount: float = 1.0
    choice: int | None = None
    chosen: str = ""
    count: int = 1
    place: int = 1
    total: int = 1
    sentence: str = ""
    referents: Mapping[str, Referent] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()
    here: bool = False
    unheard: bool = False
    than: str = ""


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """Learn a concept from its reference photos. ``weights``: weights of the model too (LoRA), not vectors alone; None:
    as the settings say. ``engine``: which engine shall learn it; None: the one that suits the photos."""

    concept: int
    photos: tuple[str, ...]
    seed: int = 0
    weights: bool | None = None
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class StickerRequest:
    """Stickers of a concept, or of what is in a photo: a new pack, or more for ``pack``. ``moving`` ones, or of faces
    alone (``close``), as small as emoji; ``choice`` answers "of whom?" as of an edit."""

    concept: int | None = None
    photo: str | None = None
    count: int = 6
    captions: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    seed: int = 0
    pack: int | None = None
    moving: bool = False
    close: bool = False
    choice: int | None = None


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """A picture of ``content``, from nothing; ``referent`` is what the parser made of those words, ``here`` as of an edit."""

    content: str
    concepts: tuple[int, ...] = ()
    seed: int = 0
    referent: Referent | None = None
    here: bool = False


Request = EditRequest | LearnRequest | StickerRequest | GenerateRequest
KINDS: dict[str, type[Request]] = {
    "edit": EditRequest,
    "learn": LearnRequest,
    "stickers": StickerRequest,
    "generate": GenerateRequest,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps of a ``stage`` (Chinese: 反演照片), with an estimate of what is left."""

    done: int
    total: int
    stage: str = ""
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a job made: photos by SHA-256 (kept with ``jobs.attach``), a word to the user, and facts for the log
    (method, prompts, UNet evaluations, seconds, things found: whatever JSON can say)."""

    photos: tuple[str, ...] = ()
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was when it was read. ``key`` is the enqueuer's, unique; ``after`` is the job whose picture this one
    waits for, or whose concept; ``silent`` jobs deliver nothing by themselves, those of a ``batch`` only all together; ``error`` is a Chinese sentence, ``log`` is English."""

    id: int
    key: str
    kind: str
    owner: str
    chat: str
    request: Request
    state: str
    attempt: int
    leased_until: float | None
    worker: str | None
    progress: Progress | None
    error: str | None
    log: str | None
    result: Result | None
    after: int | None
    silent: bool
    batch: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def open(self) -> bool:
        """Still to be done or being done."""
        return self.state in ("queued", "running")


def dump(value: Any) -> str:
    """JSON text of plain values, and of NumPy and torch scalars and small arrays, which facts tend to hold."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if callable(unfold := getattr(value, "tolist", None)):
        return unfold()
    return str(value)


def request_to_json(request: Request) -> dict[str, Any]:
    """A request as a dict of JSON values."""
    fields = asdict(request)
    if isinstance(request, EditRequest):
        fields["step"] = request.step.to_json()
        fields["referents"] = {slot: one.to_json() for slot, one in request.referents.items()}
    if isinstance(request, GenerateRequest):
        fields["referent"] = request.referent and request.referent.to_json()
    return fields


def request_from_json(kind: str, data: Mapping[str, Any]) -> Request:
    """The request of that kind that a dict describes. Raises ValueError, TypeError or KeyError for anything else."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    if kind == "edit":
        fields["step"] = Step.from_json(fields["step"])
        fields["referents"] = {slot: Referent.from_json(one) for slot, one in fields.get("referents", {}).items()}
        fields["points"] = tuple((float(x), float(y)) for x, y in fields.get("points", ()))
        fields["regions"] = tuple(Region.from_json(one) for one in fields.get("regions", ()))
    if fields.get("referent"):
        fields["referent"] = Referent.from_json(fields["referent"])
    return KINDS[kind](**fields)


def photos_of(request: Request) -> tuple[str, ...]:
    """The SHA-256 of every photo that a request reads."""
    if isinstance(request, LearnRequest):
        return request.photos
    if isinstance(request, EditRequest):
        return tuple(filter(None, (request.photo, *request.references)))
    if isinstance(request, StickerRequest) and request.photo:
        return (request.photo,)
    return ()


def concepts_of(request: Request) -> tuple[int, ...]:
    """The id of every concept that a request uses."""
    if isinstance(request, LearnRequest | StickerRequest):
        return () if request.concept is None else (request.concept,)
    return request.concepts


def with_photo(request: Request, photo: str) -> Request:
    """The same request on another photo; only edits and stickers are about one."""
    if isinstance(request, EditRequest):
        return replace(request, photo=photo)
    if isinstance(request, StickerRequest):
        return replace(request, photo=photo)
    return request


def job_from_row(row: Mapping[str, Any]) -> Job:
    """The job that a row of the table holds."""
    columns = dict(row)
    columns["request"] = request_from_json(row["kind"], json.loads(row["request"]))
    columns["progress"] = Progress(**json.loads(row["progress"])) if row["progress"] else None
    columns["result"] = _result(json.loads(row["result"])) if row["result"] else None
    columns["silent"] = bool(row["silent"])
    for own in ("beat_at", "round", "progressed_at"):
        del columns[own]
    return Job(**columns)


def _result(data: dict[str, Any]) -> Result:
    return Result(tuple(data["photos"]), data["text"], data["facts"])
