"""What the marks on this house's pictures depend on: the secret of its seal, and who has agreed to do without words."""

import secrets

from storage import Storage, chats

HOUSE = "heying"  # whose preference the secret is; people are called "<platform>:<id>"
UNMARKED = "unmarked"  # what consents call pictures without the visible words


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
    told = chats.consent(store, user, UNMARKED)
    return told is not None and told.given
