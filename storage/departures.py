"""What may be sent to another computer, as each user has said: everything, one photo, or words alone. Nobody's photo goes
where its owner has not said so; what is made only of photos that may go may go, too.
"""

from collections.abc import Sequence

from storage import Storage, chats, concepts, photos, workers
from storage.requests import Request, concepts_of, photos_of

CONSENT = "away:"  # begins what the record of consents calls it; the host follows


def allow(store: Storage, user: str, host: str, request: Request, wording: str, version: str) -> None:
    """What an order holds may be sent to a host: its photos, or without any the words alone. The answer is recorded."""
    shown, _ = material(store, request, user)
    with store.atomic():
        chats.record_consent(store, user, CONSENT + host, wording, True, version)
        for photo in shown:
            _write(store, user, host, "photo", photo, True)
        if not shown:
            _write(store, user, host, "words", None, True)


def always(store: Storage, user: str, host: str, allowed: bool, wording: str, version: str) -> None:
    """Everything of a person's may be sent to a host from now on, or nothing. The answer is recorded."""
    with store.atomic() as db:
        chats.record_consent(store, user, CONSENT + host, wording, allowed, version)
        db.execute("DELETE FROM departures WHERE user = ? AND host = ?", (user, host))
        _write(store, user, host, "always", None, allowed)


def refuse(store: Storage, user: str, host: str, wording: str, version: str) -> None:
    """One order shall not be sent; only the answer is recorded."""
    chats.record_consent(store, user, CONSENT + host, wording, False, version)


def withdraw(store: Storage, user: str, wording: str, version: str) -> tuple[str, ...]:
    """All that a person has said of this is taken back: they are asked again. Returns the hosts that it was about."""
    with store.atomic() as db:
        known = tuple(said(store, user))
        for host in known:
            chats.record_consent(store, user, CONSENT + host, wording, False, version)
        db.execute("DELETE FROM departures WHERE user = ?", (user,))
    return known


def said(store: Storage, user: str) -> dict[str, bool | None]:
    """What a person has said, by host: everything may go, nothing; None: some of it may."""
    fields: dict[str, bool | None] = {}
    for row in store.rows("SELECT * FROM departures WHERE user = ? ORDER BY host", (user,)):
        if row["scope"] == "always":
            fields[row["host"]] = bool(row["allowed"])
        else:
            fields.setdefault(row["host"])
    return fields


def outside(store: Storage) -> tuple[str, ...]:
    """The computers that engines here send to; until a worker says which, the servers that are configured."""
    engines = workers.capabilities(store).engines
    if not engines:
        return tuple(one.address or one.called for one in store.settings.drawing if one.kind == "server")
    return tuple(dict.fromkeys(str(one.get("host") or one["name"]) for one in engines if one.get("leaves_machine")))


def may(store: Storage, user: str, host: str, request: Request) -> bool | None:
    """Whether what an order holds may be sent to a host; None: its user must be asked.

    What somebody else has taught and shared goes only if that person, too, has said that everything may.
    """
    rows = store.rows("SELECT scope, photo, allowed FROM departures WHERE user = ? AND host = ?", (user, host))
    standing = next((bool(row["allowed"]) for row in rows if row["scope"] == "always"), None)
    shown, lenders = material(store, request, user)
    if standing is False or not all(said(store, lender).get(host) for lender in lenders):
        return False
    if standing:
        return True
    allowed = {row["photo"] for row in rows if row["allowed"]}  # None stands for words
    return True if allowed.issuperset(shown or (None,)) else None


def inherit(store: Storage, user: str, request: Request, made: Sequence[str]) -> None:
    """Pictures that an order has made may go wherever all that went into them may."""
    for host, standing in said(store, user).items():
        if standing is None and may(store, user, host, request):
            for photo in made:
                _write(store, user, host, "photo", photo, True)


def material(store: Storage, request: Request, user: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The photos of a person that an order holds, references of the taught among them; and who else's it holds."""
    shown, lenders = list(photos_of(request)), set()
    for id in concepts_of(request):
        try:
            known = concepts.get(store, id)
        except concepts.ConceptError:  # forgotten meanwhile: nobody is there to say so
            lenders.add("")
            continue
        if known.owner == user:
            shown += known.references
        else:
            lenders.add(known.owner)
    return tuple(dict.fromkeys(shown)), frozenset(lenders)


def _write(store: Storage, user: str, host: str, scope: str, photo: str | None, allowed: bool) -> None:
    if photo is not None:
        photos.get(store, photo, user)
    with store.atomic() as db:
        db.execute(
            "INSERT INTO departures (user, host, scope, photo, allowed, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (user, host, scope, coalesce(photo, '')) DO UPDATE SET allowed = excluded.allowed, at = excluded.at",
            (user, host, scope, photo, int(allowed), store.now()),
        )
