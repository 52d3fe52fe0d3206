"""What each conversation is about: the photo under discussion with undo and redo, the pending question, preferences,
consent.

A conversation is a person in a chat: in a group everybody talks about a photo of their own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage import Storage, photos
from storage.requests import Request, dump, photos_of, request_from_json, request_to_json


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture in a conversation's history: sent by the user (``job`` None) or made by a job from ``request``, after
    ``parent``; ``next`` is the one of its children that was looked at last (ids of entries)."""

    id: int
    photo: str
    job: int | None
    kind: str | None
    request: Request | None
    at: float
    parent: int | None = None
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's answer to a question that the law makes us ask, with the words they were asked in."""

    what: str
    wording: str
    given: bool
    at: float
    version: str = ""


def discuss(
    store: Storage,
    chat: str,
    user: str,
    photo: str,
    *,
    job: int | None = None,
    kind: str | None = None,
    request: Request | None = None,
) -> Entry:
    """Make a photo the one under discussion. What a request made stands after the picture it was made from; what was
    made from that one before stays, as a branch of its own.

    Raises PhotoError when the photo is not this user's.
    """
    photos.get(store, photo, user)
    stored = None if request is None or kind is None else dump({"kind": kind, **request_to_json(request)})
    with store.atomic() as db:
        parent = None if request is None else _parent(store, chat, user, request)
        id = db.execute(
            "INSERT INTO history (chat, user, photo, job, request, at, parent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (chat, user, photo, job, stored, store.now(), parent),
        ).lastrowid
        assert id is not None
        _point(store, chat, user, id)
        return _entry(store.rows("SELECT * FROM history WHERE id = ?", (id,))[0])


def under_discussion(store: Storage, chat: str, user: str) -> Entry | None:
    """The picture that 它 and 这张 mean, with the request that made it (for 再来一张, 再明显一点); None without one."""
    row = store.one("SELECT * FROM history WHERE id = ?", (_pointer(store, chat, user),))
    return None if row is None else _entry(row)


def undo(store: Storage, chat: str, user: str) -> Entry | None:
    """Go back to the picture before the last edit; None when the picture is the user's own, or there is none."""
    with store.atomic():
        here = under_discussion(store, chat, user)
        return None if here is None or here.parent is None else go(store, chat, user, here.parent)


def redo(store: Storage, chat: str, user: str) -> Entry | None:
    """Take the last undo() back; None when nothing was undone."""
    with store.atomic():
        here = under_discussion(store, chat, user)
        return None if here is None or here.next is None else go(store, chat, user, here.next)


def go(store: Storage, chat: str, user: str, entry: int) -> Entry | None:
    """Make a picture of the history the one under discussion; what came after it can be gone to again. None when there
    is no such entry in this conversation."""
    with store.atomic():
        row = store.one("SELECT * FROM history WHERE chat = ? AND user = ? AND id = ?", (chat, user, entry))
        if row is None:
            return None
        _point(store, chat, user, entry)
        return _entry(row)


def history(store: Storage, chat: str, user: str) -> tuple[Entry, ...]:
    """All pictures of a conversation, of every photo and branch, oldest first."""
    rows = store.rows("SELECT * FROM history WHERE chat = ? AND user = ? ORDER BY id", (chat, user))
    return tuple(_entry(row) for row in rows)


def line(store: Storage, chat: str, user: str) -> tuple[Entry, ...]:
    """The photo that was sent, and what was made of it through the picture under discussion, up to where redo() ends."""
    here = under_discussion(store, chat, user)
    if here is None:
        return ()
    known = {entry.id: entry for entry in history(store, chat, user)}
    found = [here]
    while (before := known.get(found[0].parent or 0)) is not None:
        found.insert(0, before)
    while (after := known.get(found[-1].next or 0)) is not None:
        found.append(after)
    return tuple(found)


def ask(store: Storage, chat: str, user: str, question: Mapping[str, Any] | None) -> None:
    """Remember the question that the user's next sentence may answer (any JSON); None forgets it."""
    stored = None if question is None else dump(dict(question))
    with store.atomic() as db:
        db.execute(
            "INSERT INTO conversations (chat, user, question, asked_at) VALUES (?, ?, ?, ?) ON CONFLICT (chat, user)"
            " DO UPDATE SET question = excluded.question, asked_at = excluded.asked_at",
            (chat, user, stored, store.now()),
        )


def question(store: Storage, chat: str, user: str, *, within: float = 86400.0) -> dict[str, Any] | None:
    """The pending question, if it was asked less than ``within`` seconds ago."""
    row = store.one(
        "SELECT question FROM conversations WHERE chat = ? AND user = ? AND asked_at > ?",
        (chat, user, store.now() - within),
    )
    if row is None or row["question"] is None:
        return None
    asked: dict[str, Any] = json.loads(row["question"])
    return asked


def prefer(store: Storage, user: str, name: str, value: Any) -> None:
    """Remember what a user prefers (any JSON); None forgets it."""
    with store.atomic() as db:
        db.execute("DELETE FROM preferences WHERE user = ? AND name = ?", (user, name))
        if value is not None:
            db.execute("INSERT INTO preferences (user, name, value) VALUES (?, ?, ?)", (user, name, dump(value)))


def preference(store: Storage, user: str, name: str, default: Any = None) -> Any:
    """What a user prefers, or ``default``."""
    row = store.one("SELECT value FROM preferences WHERE user = ? AND name = ?", (user, name))
    return default if row is None else json.loads(row["value"])


def preferences_like(store: Storage, platform: str, prefix: str) -> tuple[tuple[str, str, Any], ...]:
    """(user, name, value) of the preferences that begin with ``prefix``, of everybody on a platform."""
    rows = store.rows(
        "SELECT * FROM preferences WHERE name >= ? AND name < ? AND substr(user, 1, ?) = ?",
        (prefix, prefix + "\U0010ffff", len(platform) + 1, f"{platform}:"),
    )
    return tuple((row["user"], row["name"], json.loads(row["value"])) for row in rows)


def record_consent(store: Storage, user: str, what: str, wording: str, given: bool, version: str = "") -> None:
    """Keep a person's answer: ``what`` is "unmarked", "person:<concept id>", …; ``wording`` the sentence they read, and
    ``version`` the one of it."""
    with store.atomic() as db:
        db.execute(
            "INSERT INTO consents (user, what, wording, given, at, version) VALUES (?, ?, ?, ?, ?, ?)",
            (user, what, wording, int(given), store.now(), version),
        )


def consent(store: Storage, user: str, what: str) -> Consent | None:
    """The latest answer of a person to that question."""
    row = store.one(
        "SELECT what, wording, given, at, version FROM consents WHERE user = ? AND what = ? ORDER BY id DESC LIMIT 1",
        (user, what),
    )
    return None if row is None else Consent(row["what"], row["wording"], bool(row["given"]), row["at"], row["version"])


def _pointer(store: Storage, chat: str, user: str) -> int | None:
    row = store.one("SELECT entry FROM conversations WHERE chat = ? AND user = ?", (chat, user))
    return None if row is None else row["entry"]


def _parent(store: Storage, chat: str, user: str, request: Request) -> int | None:
    """Which picture an edit comes after: the one under discussion where it is made from that one or from what that one
    was made from (再来一张), else the latest that it is made from."""
    here, made_from = under_discussion(store, chat, user), photos_of(request)
    if here is None or here.photo in made_from or (here.request and set(photos_of(here.request)) & set(made_from)):
        return here.id if here else None
    found = [entry.id for entry in history(store, chat, user) if entry.photo in made_from]
    return found[-1] if found else here.id


def _point(store: Storage, chat: str, user: str, entry: int) -> None:
    store.db.execute(
        "INSERT INTO conversations (chat, user, entry) VALUES (?, ?, ?)"
        " ON CONFLICT (chat, user) DO UPDATE SET entry = excluded.entry",
        (chat, user, entry),
    )
    store.db.execute(  # the branch that leads here is the one that redo() follows
        "WITH RECURSIVE path (id, parent) AS (SELECT id, parent FROM history WHERE id = ? UNION ALL"
        " SELECT history.id, history.parent FROM path JOIN history ON history.id = path.parent)"
        " UPDATE history SET next = path.id FROM path WHERE history.id = path.parent",
        (entry,),
    )


def _entry(row: dict[str, Any]) -> Entry:
    stored = json.loads(row["request"]) if row["request"] else {}
    kind = stored.pop("kind", None)
    request = request_from_json(kind, stored) if kind else None
    return Entry(row["id"], row["photo"], row["job"], kind, request, row["at"], row["parent"], row["next"])
