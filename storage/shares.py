"""Codes by which one other chat may use a concept: unguessable, good for a few days, for the first chat that says them.
``concepts.withdraw`` makes all codes of a concept worthless.

Only their hash is kept: who reads the database cannot use them.
"""

import hashlib
import secrets

from storage import Storage, concepts
from storage.concepts import Concept, ConceptError

DAY = 86400.0
DAYS = 7.0


def create(store: Storage, concept: int, owner: str) -> str:
    """A new code (16 characters of ``A-Za-z0-9_-``, 96 bits). Raises ConceptError when the concept is not theirs."""
    with store.atomic() as db:
        if concepts.get(store, concept).owner != owner:
            raise ConceptError("只有教我的人才能分享这个名字。", f"concept {concept} is not this owner's")
        code = secrets.token_urlsafe(12)
        db.execute(
            "INSERT INTO shares (code, concept, owner, expires_at) VALUES (?, ?, ?, ?)",
            (_hash(code), concept, owner, store.now() + DAYS * DAY),
        )
    return code


def accept(store: Storage, code: str, chat: str) -> Concept | None:
    """Let a chat use what a code stands for, and give it; None when the code is wrong, too old, withdrawn, or another
    chat has taken it up. The same chat may say it again."""
    with store.atomic() as db:
        row = store.one("SELECT * FROM shares WHERE code = ? AND expires_at > ?", (_hash(code), store.now()))
        if row is None or row["chat"] not in (None, chat):
            return None
        db.execute("UPDATE shares SET chat = ? WHERE code = ?", (chat, row["code"]))
        concepts.share(store, row["concept"], row["owner"], chat)
        return concepts.get(store, row["concept"])


def of(store: Storage, code: str) -> Concept | None:
    """What a code stands for that nobody has taken up yet, without taking it up."""
    row = store.one(
        "SELECT concept FROM shares WHERE code = ? AND expires_at > ? AND chat IS NULL", (_hash(code), store.now())
    )
    return None if row is None else concepts.get(store, row["concept"])


def sweep(store: Storage) -> int:
    """Drop what is too old. Returns how many went."""
    with store.atomic() as db:
        return int(db.execute("DELETE FROM shares WHERE expires_at <= ?", (store.now(),)).rowcount)


def _hash(code: str) -> str:
    return hashlib.sha256(f"heying share:{code}".encode()).hexdigest()
