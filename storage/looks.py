"""Photos that a worker shall look at once, unasked, while it has nothing else to do: so that people in them can be pointed
at, and the first edit need not look. What is told of a photo lives as long as it is its owner's.

The newest of each owner comes first, and of those the one that has waited longest. A look is taken with a lease; one that
has cost a worker its life twice is given up.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage import Storage, outbox
from storage.requests import dump

LEASE, ATTEMPTS = 120.0, 2


@dataclass(frozen=True, slots=True)
class Look:
    """A photo to be looked at, for whom; ``attempt`` is how often somebody has begun."""

    photo: str
    owner: str
    attempt: int


def ask(store: Storage, photo: str, owner: str) -> None:
    """Let a photo be looked at, if it has not been."""
    with store.atomic() as db:
        db.execute(
            "INSERT INTO looks (photo, owner, asked_at) VALUES (?, ?, ?)"
            " ON CONFLICT (photo, owner) DO UPDATE SET asked_at = excluded.asked_at WHERE facts IS NULL",
            (photo, owner, store.now()),
        )


def take(store: Storage) -> Look | None:
    """The next photo, leased; None when there is none."""
    due = (
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY owner ORDER BY asked_at DESC) AS place FROM looks"
        " WHERE facts IS NULL) WHERE attempt < :most AND coalesce(leased_until, 0) <= :now ORDER BY place, asked_at LIMIT 1"
    )
    fields = {"most": ATTEMPTS, "now": store.now()}
    if store.one(due, fields) is None:  # the usual answer, without taking the write lock
        return None
    with store.atomic() as db:
        row = store.one(due, fields)
        if row is None:
            return None
        db.execute(
            "UPDATE looks SET attempt = attempt + 1, leased_until = ? WHERE photo = ? AND owner = ?",
            (store.now() + LEASE, row["photo"], row["owner"]),
        )
        return Look(row["photo"], row["owner"], row["attempt"] + 1)


def wanted(store: Storage, look: Look) -> bool:
    """Whether a photo is still there to be looked at."""
    return bool(
        store.one(
            "SELECT 1 FROM looks WHERE photo = ? AND owner = ? AND facts IS NULL AND attempt = ?",
            (look.photo, look.owner, look.attempt),
        )
    )


def give_back(store: Storage, look: Look) -> None:
    """Something more urgent has come; the attempt does not count."""
    with store.atomic() as db:
        db.execute(
            "UPDATE looks SET attempt = attempt - 1, leased_until = NULL WHERE photo = ? AND owner = ? AND attempt = ?",
            (look.photo, look.owner, look.attempt),
        )


def keep(store: Storage, look: Look, facts: Mapping[str, Any]) -> bool:
    """Keep what was seen, {} when there is nothing to say; False when the photo has gone meanwhile."""
    with store.atomic() as db:
        kept = db.execute(
            "UPDATE looks SET facts = ?, leased_until = NULL WHERE photo = ? AND owner = ? AND attempt = ?",
            (dump(dict(facts)), look.photo, look.owner, look.attempt),
        ).rowcount
        outbox.release_for(store, look.owner, look.photo)
        return bool(kept)


def facts(store: Storage, photo: str, owner: str) -> dict[str, Any] | None:
    """What was seen in somebody's photo; None while nobody has looked."""
    row = store.one("SELECT facts FROM looks WHERE photo = ? AND owner = ?", (photo, owner))
    if row is None or row["facts"] is None:
        return None
    seen: dict[str, Any] = json.loads(row["facts"])
    return seen


def pending(store: Storage, photo: str, owner: str) -> bool:
    """Whether a photo will be looked at."""
    row = store.one("SELECT facts, attempt FROM looks WHERE photo = ? AND owner = ?", (photo, owner))
    return row is not None and row["facts"] is None and row["attempt"] <= ATTEMPTS
