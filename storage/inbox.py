"""Messages that came in: one committed row each before the platform is told that we have it, each update once.

Albums arrive as several updates; take() hands them over together once the last has settled. While one message of a
person in a chat is being worked on, that person's next one there waits, so that sentences are understood in order; people
take turns (fair_queue.py), so that nobody's thousand messages hold up another's one.
A message that is taken up a fourth time has cost three programs their life, or failed three times: it is given up with an
apology and a line for whoever runs this.
A platform that only names its photos puts them into ``data["files"]``: who takes the message fetches them then.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from storage import Storage, failpoints, fair_queue, incidents, outbox, steady_clock
from storage.requests import dump

ATTEMPTS = 3
GIVEN_UP = "你刚才这条消息我试了几次都没处理成，对不起。请换个说法再发一次；带照片的话，请换张照片。"


@dataclass(frozen=True, slots=True)
class Received:
    """One message of a person. ``photos`` are SHA-256s already taken in; ``data`` is the platform's own (file ids,
    what it replies to, …); ``album`` groups messages that belong together."""

    id: int
    platform: str
    update_id: str
    chat: str
    user: str
    text: str
    photos: tuple[str, ...]
    data: dict[str, Any]
    album: str | None
    attempt: int
    received_at: float


def receive(
    store: Storage,
    *,
    platform: str,
    update_id: str | int,
    chat: str,
    user: str,
    text: str = "",
    photos: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    album: str | None = None,
) -> int | None:
    """Commit a message and its line in the log; its row id, or None when this update has been received before.

    Acknowledge to the platform after this returns, not earlier.
    """
    with store.atomic() as db:
        done = db.execute(
            "INSERT INTO inbox (platform, update_id, chat, user, text, photos, data, album, state, received_at, round)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?) ON CONFLICT (platform, update_id) DO NOTHING",
            (
                platform,
                str(update_id),
                chat,
                user,
                text,
                dump(list(photos)),
                dump(dict(data or {})),
                album,
                store.now(),
                fair_queue.enter(store, _lane(platform), user),
            ),
        )
        if not done.rowcount:
            return None
        key = f"in:{platform}:{update_id}"
        outbox.log(store, key=key, chat=chat, user=user, author="user", text=text, photos=photos, data=data)
        failpoints.reach("inbox")
        return done.lastrowid


def take(
    store: Storage, worker: str, *, platform: str | None = None, lease_seconds: float = 60.0, settle: float = 0.8
) -> tuple[Received, ...]:
    """The next message, or the next whole album that has been quiet for ``settle`` seconds; () when there is none.

    What a dead worker had taken comes up again when its lease ends, at most three times.
    """
    steady_clock.mend(store)
    now = store.now()
    due = """SELECT * FROM inbox AS this
        WHERE (:platform IS NULL OR platform = :platform)
        AND (state = 'new' OR state = 'taken' AND leased_until <= :now)
        AND NOT EXISTS (SELECT 1 FROM inbox AS other WHERE other.chat = this.chat AND other.user = this.user
            AND (other.state = 'taken' AND other.leased_until > :now
                 OR other.id < this.id AND other.state IN ('new', 'taken')))
        AND NOT EXISTS (SELECT 1 FROM inbox AS later WHERE later.chat = this.chat AND later.user = this.user
            AND later.album = this.album AND later.received_at > :now - :settle)
        ORDER BY round, id LIMIT 1"""
    params = {"platform": platform, "now": now, "settle": settle}
    if store.one(due, params) is None:
        return ()
    with store.atomic() as db:
        first = store.one(due, params)
        if first is None:
            return ()
        rows = [first]
        if first["album"] is not None:
            rows = store.rows(
                "SELECT * FROM inbox WHERE chat = ? AND user = ? AND album = ? AND state IN ('new', 'taken')"
                " ORDER BY id",
                (first["chat"], first["user"], first["album"]),
            )
        fair_queue.serve(store, _lane(first["platform"]), first["round"])
        state = "failed" if first["attempt"] >= ATTEMPTS else "taken"
        for row in rows:
            db.execute(
                "UPDATE inbox SET state = ?, worker = ?, attempt = attempt + 1, leased_until = ? WHERE id = ?",
                (state, worker, now + lease_seconds, row["id"]),
            )
        if state == "failed":
            _give_up(store, rows)
            return ()
        return tuple(_received(row) for row in rows)


def fetched(
    store: Storage, message: Received, photos: Sequence[str], problems: Sequence[str], replied: Sequence[str] = ()
) -> Received:
    """The files that a message named are here: ``photos`` (SHA-256) the usable ones, ``replied`` those of the message
    that it answers, ``problems`` sentences on the others. The line in the log shows them from now on."""
    fields = {name: value for name, value in message.data.items() if name != "files"}
    for name, more in (("problems", problems), ("replied", replied)):
        fields |= {name: [*fields.get(name, ()), *more]} if more else {}
    with store.atomic() as db:
        db.execute("UPDATE inbox SET photos = ?, data = ? WHERE id = ?", (dump(list(photos)), dump(fields), message.id))
        key = f"in:{message.platform}:{message.update_id}"
        db.execute("UPDATE messages SET photos = ?, data = ? WHERE key = ?", (dump(list(photos)), dump(fields), key))
    return replace(message, photos=tuple(photos), data=fields)


def drop(store: Storage, received: Sequence[Received]) -> None:
    """These messages were not for us: nothing of them is kept but their number, so that they stay known."""
    with store.atomic() as db:
        for message in received:
            db.execute("UPDATE inbox SET state = 'done', text = '', data = '{}' WHERE id = ?", (message.id,))
            db.execute("DELETE FROM messages WHERE key = ?", (f"in:{message.platform}:{message.update_id}",))


def rescue(store: Storage, platform: str) -> int:
    """Put back what was being worked on when the program died; call it before the (only) one for a platform starts.
    Returns how many messages that are."""
    with store.atomic() as db:
        return db.execute(
            "UPDATE inbox SET leased_until = 0 WHERE platform = ? AND state = 'taken'", (platform,)
        ).rowcount


def number_of(store: Storage, id: int) -> str | None:
    """The platform's own number of a message (``data["message"]``), for answering it; None when it is gone."""
    row = store.one("SELECT json_extract(data, '$.message') AS number FROM inbox WHERE id = ?", (id,))
    return None if row is None or row["number"] is None else str(row["number"])


def pending(store: Storage, chat: str, user: str) -> bool:
    """Whether a person has said something in a chat that is not answered yet."""
    open_row = "SELECT 1 FROM inbox WHERE chat = ? AND user = ? AND state IN ('new', 'taken')"
    return store.one(open_row, (chat, user)) is not None


def done(store: Storage, received: Sequence[Received]) -> None:
    """These messages have been acted upon. Call it in the same ``store.atomic()`` as the acting."""
    _end(store, received, "done")


def failed(store: Storage, received: Sequence[Received]) -> None:
    """These messages cannot be acted upon; they are not taken up again."""
    _end(store, received, "failed")


def put_back(store: Storage, received: Sequence[Received], *, counts: bool = True) -> None:
    """These messages could not be acted upon just now; they come up again, at most three times in all. ``counts``: it
    may be their own fault, so that this was one of the three."""
    _end(store, received, "new", again=int(not counts))


def _give_up(store: Storage, rows: Sequence[Mapping[str, Any]]) -> None:
    """Say sorry, unless it was not said to us, and note it for whoever runs this."""
    first = rows[0]
    incidents.record(store, "message", first["id"], f"taken up {ATTEMPTS} times and never answered")
    if not all(json.loads(row["data"]).get("overheard") for row in rows):
        outbox.send(store, key=f"in:{first['id']}:given-up", chat=first["chat"], user=first["user"], text=GIVEN_UP)


def _lane(platform: str) -> str:
    return f"in:{platform}"


def _end(store: Storage, received: Sequence[Received], state: str, again: int = 0) -> None:
    end = "UPDATE inbox SET state = ?, leased_until = NULL, attempt = attempt - ? WHERE id = ?"
    with store.atomic() as db:
        for message in received:
            db.execute(end, (state, again, message.id))


def _received(row: dict[str, Any]) -> Received:
    names = ("id", "platform", "update_id", "chat", "user", "text")
    return Received(
        **{name: row[name] for name in names},
        photos=tuple(json.loads(row["photos"])),
        data=json.loads(row["data"]),
        album=row["album"],
        attempt=row["attempt"] + 1,
        received_at=row["received_at"],
    )
