"""What users have taught: a name, a few reference photos, and what each engine learnt of them."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage import Storage, photos, rooms
from storage.errors import HeyingError
from storage.plans import CONCEPT_KINDS
from storage.requests import dump

NAME_LENGTH = 20


class ConceptError(HeyingError):
    """A concept that cannot be named, found or kept."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """What an engine learnt of a concept. Only that engine reads ``data``; ``format`` is its own word for how, so that it
    knows what it can still use."""

    engine: str
    format: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Concept:
    """Something taught. ``references`` are SHA-256s; ``learnt`` are the engines that have an artefact of it; ``token`` is
    the pseudo-word for prompts; ``status`` is "learning", "ready" or "failed" with the reason in ``note``; ``facts`` is
    what learning reported last."""

    id: int
    owner: str
    name: str
    kind: str
    token: str
    references: tuple[str, ...]
    learnt: tuple[str, ...]
    status: str
    note: str
    facts: dict[str, Any]
    created_at: float

    @property
    def ready(self) -> bool:
        """Whether orders may speak of it: some engine has learnt it, even while it is being learnt anew."""
        return bool(self.learnt)


def create(store: Storage, owner: str, name: str, kind: str, references: Sequence[str]) -> Concept:
    """Begin to learn a name from reference photos. A name that the owner has already is learnt anew under the same id;
    until that is done what was learnt before stays usable. Enqueue its learn job in the same ``store.atomic()``.

    Raises ConceptError (name empty, too long or odd; still being learnt; too many concepts) and PhotoError (a
    reference that is not the owner's).
    """
    name = clean_name(name)
    if kind not in CONCEPT_KINDS:
        raise ValueError(f"kind {kind!r} is not one of {', '.join(CONCEPT_KINDS)}")
    with store.atomic() as db:
        for reference in references:
            photos.get(store, reference, owner)
        known = find(store, owner, name)
        if known is not None and known.owner == owner:
            if known.status == "learning" and _learn_jobs(store, known.id):
                raise ConceptError(f"「{known.name}」正在学习中，请等它学完再重新教。", "concept is being learnt")
            id = known.id
            db.execute("UPDATE concepts SET name = ?, kind = ?, status = 'learning' WHERE id = ?", (name, kind, id))
            db.execute("DELETE FROM concept_references WHERE concept = ?", (id,))
        else:
            count = store.one("SELECT count(*) AS n FROM concepts WHERE owner = ?", (owner,))
            if count is not None and count["n"] >= store.settings.limits.concepts:
                raise ConceptError(
                    f"你已经教了 {count['n']} 个名字，到上限了，请先让我忘掉不用的。", "too many concepts"
                )
            added = db.execute(
                "INSERT INTO concepts (owner, name, folded, kind, status, created_at)"
                " VALUES (?, ?, ?, ?, 'learning', ?)",
                (owner, name, fold(name), kind, store.now()),
            ).lastrowid
            assert added is not None
            id = added
        for place, reference in enumerate(references):
            db.execute(
                "INSERT INTO concept_references (concept, place, photo) VALUES (?, ?, ?)", (id, place, reference)
            )
        return get(store, id)


def get(store: Storage, id: int) -> Concept:
    """The concept with that id. Raises ConceptError when it is gone."""
    row = store.one("SELECT * FROM concepts WHERE id = ?", (id,))
    if row is None:
        raise ConceptError("这个名字我已经忘掉了，请重新教我。", f"no concept {id}")
    return _concept(store, row)


def find(store: Storage, owner: str, name: str, chat: str | None = None) -> Concept | None:
    """The concept a person means by a name: their own first, then one shared with the chat. Letter case, width and
    blanks do not matter."""
    row = store.one(
        f"SELECT * FROM concepts WHERE folded = ? AND {_USABLE} ORDER BY owner = ? DESC, id LIMIT 1",
        (fold(name), owner, rooms.room(chat, owner), owner),
    )
    return None if row is None else _concept(store, row)


def usable(store: Storage, id: int, owner: str, chat: str | None = None) -> bool:
    """Whether a person may use a concept: it is theirs, or shared with the chat."""
    return (
        store.one(f"SELECT id FROM concepts WHERE id = ? AND {_USABLE}", (id, owner, rooms.room(chat, owner)))
        is not None
    )


def of_owner(store: Storage, owner: str, chat: str | None = None) -> tuple[Concept, ...]:
    """All concepts of a person, and with ``chat`` also those that others share there; own first, oldest first."""
    rows = store.rows(
        f"SELECT * FROM concepts WHERE {_USABLE} ORDER BY owner = ? DESC, id", (owner, rooms.room(chat, owner), owner)
    )
    return tuple(_concept(store, row) for row in rows)


def learnt(store: Storage, id: int, artefact: Artefact, facts: Mapping[str, Any]) -> Concept:
    """An engine has learnt a concept: its artefact takes the place of what it had learnt before, and with the first one
    since the photos were sent, of what all engines had.

    Raises ConceptError when the concept is gone.
    """
    with store.atomic() as db:
        concept = get(store, id)
        if concept.status != "ready":
            db.execute("DELETE FROM concept_artefacts WHERE concept = ?", (id,))
        db.execute(
            "UPDATE concepts SET token = ?, facts = ?, status = 'ready', note = '', ready_at = ? WHERE id = ?",
            (f"<{id}>", dump({**(concept.facts if concept.status == "ready" else {}), **facts}), store.now(), id),
        )
        db.execute(
            "INSERT OR REPLACE INTO concept_artefacts (concept, engine, format, data, learnt_at) VALUES (?, ?, ?, ?, ?)",
            (id, artefact.engine, artefact.format, artefact.data, store.now()),
        )
        return get(store, id)


def artefacts(store: Storage, id: int) -> dict[str, Artefact]:
    """What was learnt of a concept, by engine."""
    rows = store.rows("SELECT engine, format, data FROM concept_artefacts WHERE concept = ?", (id,))
    return {row["engine"]: Artefact(row["engine"], row["format"], bytes(row["data"])) for row in rows}


def failed(store: Storage, id: int, note: str) -> Concept:
    """Learning went wrong, and ``note`` says why (Chinese). What had been learnt before stays usable."""
    with store.atomic() as db:
        db.execute(
            "UPDATE concepts SET status = CASE WHEN EXISTS"
            " (SELECT 1 FROM concept_artefacts WHERE concept = concepts.id) THEN 'ready' ELSE 'failed' END, note = ?"
            " WHERE id = ?",
            (note, id),
        )
        return get(store, id)


def rename(store: Storage, id: int, owner: str, name: str) -> Concept:
    """Another name for a concept. Raises ConceptError (name unusable or taken; not this owner's)."""
    name = clean_name(name)
    with store.atomic() as db:
        known = get(store, id)
        if known.owner != owner:
            raise ConceptError("这个名字我已经忘掉了，请重新教我。", f"concept {id} is not this owner's")
        if store.one("SELECT id FROM concepts WHERE owner = ? AND folded = ? AND id <> ?", (owner, fold(name), id)):
            raise ConceptError(f"已经有一个叫「{name}」的了，请换个名字。", "name is taken")
        db.execute("UPDATE concepts SET name = ?, folded = ? WHERE id = ?", (name, fold(name), id))
        return get(store, id)


def share(store: Storage, id: int, owner: str, chat: str, allowed: bool = True) -> bool:
    """Let everybody in a chat use a concept, or no longer; False when the concept is not this owner's."""
    with store.atomic() as db:
        if store.one("SELECT id FROM concepts WHERE id = ? AND owner = ?", (id, owner)) is None:
            return False
        db.execute("DELETE FROM concept_chats WHERE concept = ? AND chat = ?", (id, chat))
        if allowed:
            db.execute("INSERT INTO concept_chats (concept, chat) VALUES (?, ?)", (id, chat))
        return True


def withdraw(store: Storage, id: int, owner: str) -> bool:
    """Let nobody but the owner use a concept any more, in whatever chat; False when it is not this owner's."""
    with store.atomic() as db:
        if store.one("SELECT id FROM concepts WHERE id = ? AND owner = ?", (id, owner)) is None:
            return False
        db.execute("DELETE FROM concept_chats WHERE concept = ?", (id,))
        db.execute("DELETE FROM shares WHERE concept = ?", (id,))
        return True


def forget(store: Storage, id: int, owner: str) -> bool:
    """Forget a concept with all that was learnt of it, its reference photos (unless another concept needs them) and its stickers;
    False when it is not this owner's."""
    with store.atomic() as db:
        if store.one("SELECT id FROM concepts WHERE id = ? AND owner = ?", (id, owner)) is None:
            return False
        db.execute(
            "UPDATE photo_owners SET expires_at = ? WHERE owner = ? AND sha256 IN"
            " (SELECT photo FROM concept_references WHERE concept = ?)",
            (store.now(), owner, id),
        )
        db.execute(  # whoever made stickers of it where it was shared
            "UPDATE photo_owners SET expires_at = ?1 WHERE (sha256, owner) IN"
            " (SELECT photo, owner FROM stickers JOIN packs ON packs.id = pack WHERE concept = ?2"
            " UNION SELECT figure, owner FROM stickers JOIN packs ON packs.id = pack WHERE concept = ?2)",
            (store.now(), id),
        )
        for job in _learn_jobs(store, id):
            db.execute("UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ?", (store.now(), job))
        db.execute("DELETE FROM concepts WHERE id = ?", (id,))
    photos.sweep(store)
    return True


def clean_name(name: str) -> str:
    """A name fit to be kept. Raises ConceptError."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise ConceptError("名字是空的，请告诉我叫什么，例如「学一下 小明」。", "empty name")
    if len(name) > NAME_LENGTH:
        raise ConceptError(f"名字太长了，请用 {NAME_LENGTH} 个字以内的名字。", f"name of {len(name)} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for letter in name):
        raise ConceptError("名字里有看不见的符号，请只用文字、数字和普通符号。", "odd characters in name")
    return name


def fold(name: str) -> str:
    """A name as it is compared: without regard to case, width (ＡＢ = AB) and blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name).casefold())


_USABLE = "(owner = ? OR EXISTS (SELECT 1 FROM concept_chats WHERE concept = concepts.id AND chat = ?))"


def _learn_jobs(store: Storage, id: int) -> list[int]:
    """The open jobs that are learning a concept."""
    rows = store.rows(
        "SELECT id FROM jobs WHERE kind = 'learn' AND state IN ('queued', 'running')"
        " AND json_extract(request, '$.concept') = ?",
        (id,),
    )
    return [row["id"] for row in rows]


def _concept(store: Storage, row: dict[str, Any]) -> Concept:
    references = store.rows("SELECT photo FROM concept_references WHERE concept = ? ORDER BY place", (row["id"],))
    engines = store.rows("SELECT engine FROM concept_artefacts WHERE concept = ? ORDER BY engine", (row["id"],))
    return Concept(
        **{name: row[name] for name in ("id", "owner", "name", "kind", "token")},
        references=tuple(reference["photo"] for reference in references),
        learnt=tuple(one["engine"] for one in engines),
        **{name: row[name] for name in ("status", "note")},
        facts=json.loads(row["facts"]),
        created_at=row["created_at"],
    )
