"""What the marks on this house's pictures depend on: the secret of its seal, who has agreed to do without words, and what
the marks on other people's pictures said when they came in.
"""

import secrets
from dataclasses import dataclass

from storage import Storage, chats
from storage.photos import Photo

HOUSE = "heying"  # whose preference the secret is; people are called "<platform>:<id>"
UNMARKED = "unmarked"  # what consents call pictures without the visible words
LONGEST = 256  # characters of a stranger's fields that are kept


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made a picture before it came to us, as its mark said, and their number of it."""

    producer: str
    produce_id: str


def seal(store: Storage) -> bytes:
    """The secret that the pictures of this data folder are sealed with, made when it is first asked for."""
    known = chats.preference(store, HOUSE, "seal")
    if known is None:
        with store.atomic():
            known = chats.preference(store, HOUSE, "seal") or secrets.token_hex(32)
            chats.prefer(store, HOUSE, "seal", known)
    return bytes.fromhex(known)


def unmarked(store: Storage, user: str) -> bool:
    """Whether a person has asked for pictures without the visible words and agreed to the terms (标识办法 §9), and not
    taken that back since. The metadata item is in every picture all the same."""
    given = chats.consent(store, user, UNMARKED)
    return given is not None and given.given


def came_marked(store: Storage, photo: Photo, producer: str, produce_id: str) -> None:
    """Note what the mark on a picture said when it came in. It is kept as long as the picture."""
    with store.atomic() as db:
        db.execute(
            "INSERT INTO photo_marks (photo, owner, producer, produce_id, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET producer = excluded.producer, produce_id = excluded.produce_id",
            (photo.sha256, photo.owner, producer[:LONGEST], produce_id[:LONGEST], store.now()),
        )


def origin(store: Storage, photo: str, owner: str) -> Origin | None:
    """What the mark on somebody's picture said; None when it bore none."""
    row = store.one("SELECT producer, produce_id FROM photo_marks WHERE photo = ? AND owner = ?", (photo, owner))
    return None if row is None else Origin(**row)
