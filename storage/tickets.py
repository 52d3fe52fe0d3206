"""Leave to answer, where a platform gives it only for a while: so many answers to a message, within so many minutes.

A message that somebody sends brings a ticket (QQ: 5 answers within 5 minutes in a group, within 60 in private; 企业微信:
one). What is to be said when none is left is kept (storage.outbox) and goes out with the ticket of the person's next
message. A conversation without any ticket is not limited.
"""

from dataclasses import dataclass

from storage import Storage

FOREVER = 1e15  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Ticket:
    """``value`` is what the platform knows it by; ``uses`` how many answers are left."""

    id: int
    value: str
    expires_at: float
    uses: int


def grant(store: Storage, chat: str, user: str, value: str, seconds: float, uses: int) -> None:
    """Somebody's message has brought a ticket; what was kept for want of one may go out. Those that are over go."""
    with store.atomic() as db:
        db.execute("DELETE FROM tickets WHERE chat = ? AND user = ? AND expires_at <= ?", (chat, user, store.now()))
        db.execute(
            "INSERT INTO tickets (chat, user, value, expires_at, uses) VALUES (?, ?, ?, ?, ?)",
            (chat, user, value, store.now() + seconds, uses),
        )
        _release(store, chat, user)


def unlimited(store: Storage, chat: str, user: str) -> None:
    """A person's message came without a ticket: there is no limit in this conversation (any more)."""
    limited = "SELECT 1 FROM tickets WHERE chat = :chat AND user = :user"
    kept = "SELECT 1 FROM outbox WHERE chat = :chat AND user = :user AND kept_until IS NOT NULL"
    if store.one(f"{limited} UNION {kept}", {"chat": chat, "user": user}) is not None:
        with store.atomic() as db:
            db.execute("DELETE FROM tickets WHERE chat = ? AND user = ?", (chat, user))
            _release(store, chat, user)


def of(store: Storage, chat: str, user: str) -> tuple[Ticket, ...] | None:
    """The tickets that can still be used, soonest over first; None where there is no limit."""
    rows = store.rows(
        "SELECT id, value, expires_at, uses FROM tickets WHERE chat = ? AND user = ? ORDER BY expires_at", (chat, user)
    )
    good = tuple(Ticket(**row) for row in rows if row["uses"] > 0 and row["expires_at"] > store.now())
    return good if rows else None


def use(store: Storage, ticket: Ticket, back: bool = False) -> None:
    """One answer less; or, ``back``, one that was not sent after all."""
    with store.atomic() as db:
        db.execute("UPDATE tickets SET uses = uses + ? WHERE id = ?", (1 if back else -1, ticket.id))


def _release(store: Storage, chat: str, user: str) -> None:
    store.db.execute("UPDATE outbox SET kept_until = NULL WHERE chat = ? AND user = ?", (chat, user))
