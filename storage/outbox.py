"""Messages that go out. Each is a row first; a platform claims it, sends it, and says so. What was sent is also the
log that a web page is drawn from, so a refresh loses nothing.

Within one chat the order is kept: a message is not claimed before the one ahead of it is through. A platform that dies
between sending and saying so is the one gap that no database closes; ``part_sent`` narrows it to one part, and a
delivery with ``attempt`` > 1 tells the platform to look before it sends again. For the web page, whose screen is the
log itself, there is no gap.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage import Storage, failpoints, incidents, steady_clock
from storage.requests import JobError, dump

ATTEMPTS = 8
SORRY = "sorry:"  # begins the keys of messages that stand for one that could not be sent
NOT_SENT = "有一条回复我试了几次都没发出去，对不起。请把刚才的话再说一遍，我重新做一次。"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way out. ``kind``: "message" (the bot talks), "result" or "failure" (of ``job``); ``data`` is
    the sender's own (buttons, …); ``sent`` maps each part that is through to the platform's receipt for it; ``late``: it was
    kept because the leave to say it had ended (storage.tickets)."""

    id: int
    key: str
    platform: str
    chat: str
    user: str
    kind: str
    job: int | None
    text: str
    photos: tuple[str, ...]
    data: dict[str, Any]
    sent: dict[str, Any]
    attempt: int
    worker: str | None
    created_at: float
    late: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A line of the conversation as the people in it have seen it. ``author`` is "user" or "bot"."""

    id: int
    key: str
    chat: str
    user: str
    author: str
    text: str
    photos: tuple[str, ...]
    data: dict[str, Any]
    job: int | None
    at: float


class DeliveryLost(JobError):
    """The delivery is not this sender's any more: its lease ended and another has taken it up."""


def send(
    store: Storage,
    *,
    key: str,
    chat: str,
    user: str,
    text: str = "",
    photos: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    kind: str = "message",
    job: int | None = None,
    hold: float = 0.0,
) -> int | None:
    """Write down a message to be delivered, ``hold`` seconds from now or when the next one for that chat comes; its row
    id, or None when ``key`` has been written before."""
    now = store.now()
    with store.atomic() as db:
        release(store, chat)
        done = db.execute(
            "INSERT INTO outbox (key, platform, chat, user, kind, job, text, photos, data, state, not_before,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (key) DO NOTHING",
            (
                *(key, platform_of(chat), chat, user, kind, job, text, dump(list(photos)), dump(dict(data or {}))),
                *(now + hold, now),
            ),
        )
        return done.lastrowid if done.rowcount else None


def written(store: Storage, key: str) -> dict[str, Any] | None:
    """The data that a message was written down with; None when there is none of that key, or no longer."""
    row = store.one("SELECT data FROM outbox WHERE key = ?", (key,))
    return None if row is None else json.loads(row["data"])


def release(store: Storage, chat: str) -> None:
    """What is held back in a chat goes out now. Part of the caller's transaction."""
    store.db.execute(
        "UPDATE outbox SET not_before = created_at WHERE chat = ? AND state = 'waiting' AND attempt = 0"
        " AND not_before > created_at AND kept_until IS NULL AND log IS NULL",
        (chat,),
    )


def release_for(store: Storage, user: str, photo: str) -> None:
    """What is held back for somebody until a photo has been looked at goes out now."""
    with store.atomic():
        for row in store.rows(
            "SELECT chat FROM outbox WHERE user = ? AND state = 'waiting' AND not_before > created_at AND instr(data, ?)",
            (user, photo),
        ):
            release(store, row["chat"])


def settle(store: Storage, delivery: Delivery, data: Mapping[str, Any]) -> None:
    """Keep with a message what was decided when it went out. Raises DeliveryLost."""
    with store.atomic() as db:
        row = _held(store, delivery)
        db.execute("UPDATE outbox SET data = ? WHERE id = ?", (dump({**json.loads(row["data"]), **data}), row["id"]))


def claim(
    store: Storage, platform: str, worker: str, lease_seconds: float = 60.0, *, within: str = ""
) -> Delivery | None:
    """The next message of a platform that is due, leased to ``worker``; None when there is none. ``within``: only of
    chats whose names begin so."""
    steady_clock.mend(store)
    now = store.now()
    params = {"platform": platform, "now": now, "within": within}
    due = """SELECT * FROM outbox AS this WHERE platform = :platform AND not_before <= :now
        AND substr(chat, 1, length(:within)) = :within
        AND (state = 'waiting' OR state = 'sending' AND leased_until <= :now) AND coalesce(kept_until, 0) <= :now
        AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.platform = this.platform
            AND earlier.chat = this.chat AND earlier.id < this.id AND earlier.state IN ('waiting', 'sending')
            AND coalesce(earlier.kept_until, 0) <= :now)
        ORDER BY id LIMIT 1"""
    if store.one(due, params) is None:  # the usual answer, without taking the write lock
        return None
    with store.atomic():
        row = store.one(due, params)
        if row is None:
            return None
        if row["attempt"] >= ATTEMPTS:
            _give_up(store, row)
            return None
        return _lease(store, row, worker, lease_seconds)


def claim_rest(store: Storage, delivery: Delivery, lease_seconds: float = 60.0) -> tuple[Delivery, ...]:
    """What else waits, or is kept, for the person of a delivery in that chat, leased with it: to go out as one message.

    What has been tried to be sent before is left to be finished by itself.
    """
    with store.atomic():
        rows = store.rows(
            "SELECT * FROM outbox WHERE platform = ? AND chat = ? AND user = ? AND state = 'waiting' AND attempt = 0"
            " AND id != ? ORDER BY id",
            (delivery.platform, delivery.chat, delivery.user, delivery.id),
        )
        return tuple(_lease(store, row, str(delivery.worker), lease_seconds) for row in rows)


def keep(store: Storage, delivery: Delivery, until: float, *, late: bool = False) -> None:
    """A message may not be said yet: it waits out of the way of others, until then or until its person has leave to
    hear it (tickets.grant). Raises DeliveryLost."""
    with store.atomic() as db:
        _held(store, delivery)
        db.execute(
            "UPDATE outbox SET state = 'waiting', attempt = attempt - 1, worker = NULL, leased_until = NULL,"
            " kept_until = ?, late = max(late, ?) WHERE id = ?",
            (until, int(late), delivery.id),
        )


def under_way(store: Storage, chat: str, user: str) -> tuple[Delivery, ...]:
    """What is being sent to a person in a chat just now: they may have seen it before we know."""
    rows = store.rows(
        "SELECT * FROM outbox WHERE chat = ? AND user = ? AND state = 'sending' ORDER BY id", (chat, user)
    )
    return tuple(_delivery(row) for row in rows)


def part_sent(store: Storage, delivery: Delivery, part: str, receipt: Any = None) -> None:
    """Note that one part (the photo, the document, sticker 3) is through. Raises DeliveryLost."""
    with store.atomic() as db:
        sent = json.loads(_held(store, delivery)["sent"])
        db.execute("UPDATE outbox SET sent = ? WHERE id = ?", (dump({**sent, part: receipt}), delivery.id))


def delivered(store: Storage, delivery: Delivery) -> Message:
    """The message is through: its row is closed and it stands in the log, with the receipts. Raises DeliveryLost."""
    with store.atomic():
        row = _held(store, delivery)
        _close(store, delivery.id, "delivered", None)
        failpoints.reach("outbox")
        return log(
            store,
            key=f"out:{delivery.id}",
            chat=row["chat"],
            user=row["user"],
            author="bot",
            text=row["text"],
            photos=json.loads(row["photos"]),
            data=json.loads(row["data"]) | ({"sent": sent} if (sent := json.loads(row["sent"])) else {}),
            job=row["job"],
        )


def postpone(store: Storage, delivery: Delivery, seconds: float, log: str, *, counts: bool = False) -> None:
    """Not now: the platform is out of reach or says retry_after. ``counts``: it is the message's fault, so that this
    was one of its attempts. Raises DeliveryLost."""
    with store.atomic() as db:
        _held(store, delivery)
        db.execute(
            "UPDATE outbox SET state = 'waiting', attempt = attempt - ?, worker = NULL, leased_until = NULL,"
            " not_before = ?, log = ? WHERE id = ?",
            (int(not counts), store.now() + seconds, log, delivery.id),
        )


def rescue(store: Storage, platform: str) -> int:
    """Put back what was being sent when the program died; call it before the (only) one for a platform starts.
    Returns how many messages that are."""
    with store.atomic() as db:
        return db.execute(
            "UPDATE outbox SET leased_until = 0 WHERE platform = ? AND state = 'sending'", (platform,)
        ).rowcount


def undeliverable(store: Storage, delivery: Delivery, log: str) -> None:
    """Give a message up (the user has blocked the bot). Raises DeliveryLost."""
    with store.atomic():
        _held(store, delivery)
        _close(store, delivery.id, "failed", log)


def log(
    store: Storage,
    *,
    key: str,
    chat: str,
    user: str,
    author: str,
    text: str = "",
    photos: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    job: int | None = None,
) -> Message:
    """Put a line into the log of a chat; the one with this key if it stands there already."""
    with store.atomic() as db:
        db.execute(
            "INSERT INTO messages (key, chat, user, author, text, photos, data, job, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, chat, user, author, text, dump(list(photos)), dump(dict(data or {})), job, store.now()),
        )
        row = store.one("SELECT * FROM messages WHERE key = ?", (key,))
        assert row is not None
        return _message(row)


def messages(store: Storage, chat: str, *, after: int = 0, limit: int = 200) -> tuple[Message, ...]:
    """The last ``limit`` lines of a chat with an id above ``after``, oldest first."""
    rows = store.rows("SELECT * FROM messages WHERE chat = ? AND id > ? ORDER BY id DESC LIMIT ?", (chat, after, limit))
    return tuple(_message(row) for row in reversed(rows))


def of_user(store: Storage, user: str, *, after: int) -> tuple[Message, ...]:
    """The lines of all chats of a person with an id above ``after``, oldest first."""
    rows = store.rows("SELECT * FROM messages WHERE user = ? AND id > ? ORDER BY id", (user, after))
    return tuple(_message(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Talk:
    """A chat of one person: what they said first in it, and when something was said last."""

    chat: str
    title: str
    at: float


def talks(store: Storage, user: str) -> tuple[Talk, ...]:
    """The chats in which somebody has talked, the latest first."""
    rows = store.rows(
        "SELECT chat, max(at) AS at, (SELECT text FROM messages AS first WHERE first.chat = messages.chat AND"
        " author = 'user' AND text != '' ORDER BY id LIMIT 1) AS title FROM messages WHERE user = ? GROUP BY chat"
        " ORDER BY max(id) DESC",
        (user,),
    )
    return tuple(Talk(row["chat"], row["title"] or "", row["at"]) for row in rows)


def search(store: Storage, user: str, wanted: str, *, limit: int = 30) -> tuple[Message, ...]:
    """The latest lines of a person's chats that hold these words, the newest first."""
    rows = store.rows(
        "SELECT * FROM messages WHERE user = ? AND instr(lower(text), lower(?)) ORDER BY id DESC LIMIT ?",
        (user, wanted.strip(), limit),
    )
    return tuple(_message(row) for row in rows)


def newest(store: Storage, user: str) -> int:
    """The id of the last line of all chats of a person; 0 without any."""
    row = store.one("SELECT max(id) AS id FROM messages WHERE user = ?", (user,))
    return int(row["id"] or 0) if row else 0


def shown(store: Storage, chat: str, number: str) -> tuple[str, ...]:
    """The pictures in the message of a chat that its platform calls ``number``: a user's says so in
    ``data["message"]``, ours in the receipts of its parts, {"messages": [number, …], "photos": [SHA-256, …]}."""
    for row in store.rows(
        "SELECT * FROM messages WHERE chat = ? AND instr(data, ?) ORDER BY id DESC", (chat, dump(number))
    ):
        message = _message(row)
        if message.data.get("message") == number:
            return message.photos
        if (photos := _shown_by(message.data.get("sent", {}), number)) is not None:
            return photos
    for row in _going_out(store, chat, number):
        if (photos := _shown_by(json.loads(row["sent"]), number)) is not None:
            return photos
    return ()


def said_by_us(store: Storage, chat: str, number: str) -> bool:
    """Whether a message of ours in a chat is what its platform calls ``number``."""
    logged = "SELECT 1 FROM messages WHERE chat = ? AND author = 'bot' AND instr(data, ?)"
    return store.one(logged, (chat, dump(number))) is not None or bool(_going_out(store, chat, number))


def _going_out(store: Storage, chat: str, number: str) -> list[dict[str, Any]]:
    """Rows that are being sent, of which a part is through under that number: it may be answered before all of it is."""
    return store.rows(
        "SELECT sent FROM outbox WHERE chat = ? AND state IN ('waiting', 'sending') AND instr(sent, ?)",
        (chat, dump(number)),
    )


def _shown_by(sent: Mapping[str, Any], number: str) -> tuple[str, ...] | None:
    """The picture of the part with that number; None when no part has it."""
    for part in sent.values():
        if part and number in part["messages"]:
            place = part["messages"].index(number)
            return tuple(part["photos"][place : place + 1])
    return None


def platform_of(person_or_chat: str) -> str:
    """The platform in "<platform>:<id>"."""
    return person_or_chat.partition(":")[0]


def _lease(store: Storage, row: dict[str, Any], worker: str, seconds: float) -> Delivery:
    store.db.execute(
        "UPDATE outbox SET state = 'sending', worker = ?, attempt = attempt + 1, leased_until = ?, kept_until = NULL"
        " WHERE id = ?",
        (worker, store.now() + seconds, row["id"]),
    )
    return _delivery({**row, "worker": worker, "attempt": row["attempt"] + 1})


def _held(store: Storage, delivery: Delivery) -> dict[str, Any]:
    row = store.one("SELECT * FROM outbox WHERE id = ?", (delivery.id,))
    if row is None or (row["state"], row["worker"], row["attempt"]) != ("sending", delivery.worker, delivery.attempt):
        raise DeliveryLost("这条消息已经由别的程序送出。", f"delivery {delivery.id} is not held by {delivery.worker}")
    return row


def _close(store: Storage, id: int, state: str, log: str | None) -> None:
    store.db.execute(
        "UPDATE outbox SET state = ?, log = ?, leased_until = NULL, delivered_at = ? WHERE id = ?",
        (state, log, store.now(), id),
    )


def _give_up(store: Storage, row: Mapping[str, Any]) -> None:
    """Close a message that could not be sent, note it for whoever runs this, and send a plain sentence in its place:
    perhaps it was the message's own fault. Not in place of such a sentence."""
    _close(store, row["id"], "failed", f"too many attempts; last: {row['log']}")
    incidents.record(store, "delivery", row["id"], f"not sent in {row['attempt']} attempts; last: {row['log']}")
    if not row["key"].startswith(SORRY):
        send(store, key=f"{SORRY}{row['id']}", chat=row["chat"], user=row["user"], text=NOT_SENT)


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(
        **{name: row[name] for name in ("id", "key", "platform", "chat", "user", "kind", "job", "text")},
        photos=tuple(json.loads(row["photos"])),
        data=json.loads(row["data"]),
        sent=json.loads(row["sent"]),
        **{name: row[name] for name in ("attempt", "worker", "created_at")},
        late=bool(row["late"]),
    )


def _message(row: dict[str, Any]) -> Message:
    return Message(**{**row, "photos": tuple(json.loads(row["photos"])), "data": json.loads(row["data"])})
