"""What the workers say they can do, so that the bot can say 我还不会 in time."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage import Storage
from storage.requests import KINDS, dump

ALIVE_SECONDS = 60.0  # a worker is heard of at least this often (idle: by claim; busy: by heartbeat)
SEEN_EVERY = 5.0  # … and writes it down at most this often
FORGOTTEN_SECONDS = 7 * 86400.0
LANES = (("edit", "stickers", "generate"), ("learn",))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the workers can do together. ``alive`` counts those heard of lately; when it is 0, the rest is what was
    last known, or empty. ``engines`` are the engines' own records (name, operations, jobs, photos, methods, vocabulary,
    leaves_machine)."""

    kinds: tuple[str, ...]
    engines: tuple[dict[str, Any], ...]
    alive: int

    @property
    def methods(self) -> tuple[dict[str, Any], ...]:
        """The methods that may be named (name, title, operations, needs)."""
        return tuple(method for engine in self.engines for method in engine.get("methods", ()))

    @property
    def operations(self) -> frozenset[str]:
        """Every operation that some engine offers."""
        return frozenset(operation for engine in self.engines for operation in engine.get("operations", ()))

    def methods_for(self, operation: str | None, real: bool) -> tuple[dict[str, Any], ...]:
        """The methods that do an operation (None: any) in a photo; ``real``: one that no drawn world's model is asked about."""
        return tuple(
            method
            for engine in self.engines
            if not (real and engine.get("photos") == "own")
            for method in engine.get("methods", ())
            if operation in (None, *method["operations"])
        )

    def ways(self, operation: str) -> tuple[dict[str, Any], ...]:
        """The engines that do an operation in any photo, each as the method that is called as it is."""
        return tuple(
            method
            for engine in self.engines
            for method in engine.get("methods", ())
            if method["name"] == engine["name"] and engine.get("photos") == "any" and operation in method["operations"]
        )


def publish(
    store: Storage, worker: str, engines: Sequence[Mapping[str, Any]], kinds: Sequence[str] = tuple(KINDS)
) -> None:
    """Say what a worker can do; once when it starts. Workers not heard of for a week are forgotten."""
    now = store.now()
    row = (worker, dump(list(kinds)), dump([dict(engine) for engine in engines]), now)
    with store.atomic() as db:
        db.execute("DELETE FROM workers WHERE seen_at < ?", (now - FORGOTTEN_SECONDS,))
        db.execute(
            "INSERT OR REPLACE INTO workers (worker, model, kinds, methods, vocabulary, engines, seen_at)"
            " VALUES (?, '', ?, '[]', '{}', ?, ?)",
            row,
        )


def seen(store: Storage, worker: str) -> None:
    """Note that a worker lives."""
    now = store.now()
    row = store.one("SELECT seen_at FROM workers WHERE worker = ?", (worker,))
    if row is not None and now - row["seen_at"] >= SEEN_EVERY:
        with store.atomic() as db:
            db.execute("UPDATE workers SET seen_at = ? WHERE worker = ?", (now, worker))


def last_seen(store: Storage, worker: str) -> float | None:
    """When a worker was last heard of; None when it has not said what it can do."""
    row = store.one("SELECT seen_at FROM workers WHERE worker = ?", (worker,))
    return None if row is None else row["seen_at"]


def withdraw_all(store: Storage, alive: Callable[[str], bool]) -> None:
    """Those that cannot be alive are not."""
    since = store.now() - ALIVE_SECONDS
    for row in store.rows("SELECT worker FROM workers WHERE seen_at > ?", (since,)):
        if not alive(row["worker"]):
            withdraw(store, row["worker"])


def withdraw(store: Storage, worker: str) -> None:
    """A worker stops: what it can do stays known, but it is not alive any more."""
    with store.atomic() as db:
        db.execute(
            "UPDATE workers SET seen_at = min(seen_at, ?) WHERE worker = ?", (store.now() - ALIVE_SECONDS, worker)
        )


def capabilities(store: Storage) -> Capabilities:
    """What the living workers can do together; without any, what the last one could."""
    rows = store.rows(
        "SELECT * FROM workers WHERE kinds != '[]' ORDER BY seen_at DESC, worker"
    )  # who takes none: a gateway
    living = [row for row in rows if row["seen_at"] > store.now() - ALIVE_SECONDS]
    chosen = living or rows[:1]
    engines: dict[str, dict[str, Any]] = {}
    kinds: set[str] = set()
    for row in reversed(chosen):  # the one heard of last has the last word
        kinds.update(json.loads(row["kinds"]))
        engines.update({engine["name"]: engine for engine in json.loads(row["engines"])})
    return Capabilities(
        kinds=tuple(kind for kind in KINDS if kind in kinds), engines=tuple(engines.values()), alive=len(living)
    )


@dataclass(frozen=True, slots=True)
class Lane:
    """How a lane does: workers heard of lately, jobs that run without getting on, and whether anybody counts on it
    (workers are configured for it, or jobs wait)."""

    name: str
    alive: int
    stuck: int
    wanted: bool


def lanes(store: Storage) -> tuple[Lane, ...]:
    """Every lane, as of now."""
    now, settings = store.now(), store.settings.workers
    living = store.rows("SELECT kinds FROM workers WHERE seen_at > ?", (now - ALIVE_SECONDS,))
    opened = store.rows("SELECT kind, state, progressed_at FROM jobs WHERE state IN ('queued', 'running')")
    found = []
    for kinds, configured in zip(LANES, (settings.edit, settings.learn), strict=True):
        patience = settings.stuck_seconds(kinds[0])
        mine = [row for row in opened if row["kind"] in kinds]
        stuck = [row for row in mine if row["state"] == "running" and (row["progressed_at"] or now) < now - patience]
        alive = sum(bool(set(json.loads(row["kinds"])) & set(kinds)) for row in living)
        found.append(Lane(kinds[0], alive, len(stuck), bool(configured or mine)))
    return tuple(found)


def heard_of(store: Storage, kind: str) -> bool:
    """Whether a living worker is in the lane of a kind of job."""
    shared = next(set(lane) for lane in LANES if kind in lane)
    living = store.rows("SELECT kinds FROM workers WHERE seen_at > ?", (store.now() - ALIVE_SECONDS,))
    return any(shared & set(json.loads(row["kinds"])) for row in living)


def lane(store: Storage, kind: str) -> tuple[tuple[str, ...], int]:
    """The kinds that share workers with ``kind``, and how many living workers they have (at least one is assumed)."""
    living = [
        json.loads(row["kinds"])
        for row in store.rows("SELECT kinds FROM workers WHERE seen_at > ?", (store.now() - ALIVE_SECONDS,))
    ]
    mine = [kinds for kinds in living if kind in kinds]
    shared = {other for kinds in mine for other in kinds} or set(next(lane for lane in LANES if kind in lane))
    return tuple(sorted(shared)), max(1, len(mine))
