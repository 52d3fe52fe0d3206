"""Avatars of members as references: who has agreed, to what, and how that is taken back.

The record of consents has both: "avatar:<question>" is a member's answer, "avatar of:<concept>" what was made of it.
"""

from storage import Storage, chats, concepts

ASKED, USED = "avatar:", "avatar of:"


def answered(store: Storage, question: int) -> tuple[str, bool] | None:
    """Who has answered a question for an avatar, and whether they agreed; None while nobody has."""
    row = store.one("SELECT user, given FROM consents WHERE what = ? ORDER BY id DESC LIMIT 1", (f"{ASKED}{question}",))
    return None if row is None else (row["user"], bool(row["given"]))


def answer(store: Storage, question: int, member: str, wording: str, given: bool, version: str) -> None:
    """Keep a member's answer."""
    chats.record_consent(store, member, f"{ASKED}{question}", wording, given, version)


def used(store: Storage, concept: int, member: str, wording: str, version: str) -> None:
    """A concept is taught from a member's avatar."""
    chats.record_consent(store, member, f"{USED}{concept}", wording, True, version)


def withdraw(store: Storage, member: str) -> tuple[str, ...]:
    """Forget whatever was taught from a member's avatar, whosever it is; the names."""
    names = []
    with store.atomic():
        rows = store.rows("SELECT DISTINCT what FROM consents WHERE user = ? AND what LIKE ?", (member, f"{USED}%"))
        for row in rows:
            consent = chats.consent(store, member, row["what"])
            if consent is None or not consent.given:
                continue
            chats.record_consent(store, member, row["what"], consent.wording, False, consent.version)
            found = store.one("SELECT id, owner, name FROM concepts WHERE id = ?", (int(row["what"][len(USED) :]),))
            if found is not None and concepts.forget(store, found["id"], found["owner"]):
                names.append(found["name"])
    return tuple(names)
