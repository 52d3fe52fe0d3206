"""How it goes, in numbers, for whoever runs this: no names, no pictures, nobody's data.

What has been done is counted for ever: the rows of jobs and messages expire, and triggers (schema.py, totals) keep what
they added up to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from storage import Storage, workers

BOUNDS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)  # seconds; as in the triggers


@dataclass(frozen=True, slots=True)
class Figures:
    """``over`` counts jobs by kind and how they ended, ``seconds`` and ``within`` how long those that were done took in
    all, and how many took up to each of BOUNDS (and any time); ``evaluations`` are the UNet's. ``running``, ``queued``
    and ``oldest`` (seconds) are by kind, of this moment."""

    over: Mapping[tuple[str, str], int]
    seconds: Mapping[str, float]
    within: Mapping[str, tuple[int, ...]]
    evaluations: int
    running: Mapping[str, int]
    queued: Mapping[str, int]
    oldest: Mapping[str, float]
    deliveries: Mapping[str, int]
    undelivered: int
    workers: Mapping[str, int]


def figures(store: Storage) -> Figures:
    """All of them, as of now."""
    over: dict[tuple[str, str], int] = {}
    seconds: dict[str, float] = {}
    slots: dict[str, list[int]] = {}
    evaluations = 0
    for row in store.rows(_OVER):
        over[row["kind"], row["state"]] = over.get((row["kind"], row["state"]), 0) + row["n"]
        evaluations += row["evaluations"]
        if row["state"] == "done":
            seconds[row["kind"]] = seconds.get(row["kind"], 0.0) + row["seconds"]
            slots.setdefault(row["kind"], [0] * (len(BOUNDS) + 1))[row["slot"]] += row["n"]
    now = store.rows("SELECT kind, state, count(*) AS n, min(created_at) AS since FROM jobs GROUP BY kind, state")
    queued = [row for row in now if row["state"] == "queued"]
    sent = {row["state"]: row["n"] for row in store.rows(_SENT)}
    living: dict[str, int] = {}
    for row in store.rows(
        "SELECT json_each.value AS kind FROM workers, json_each(kinds) WHERE seen_at > ?",
        (store.now() - workers.ALIVE_SECONDS,),
    ):
        living[row["kind"]] = living.get(row["kind"], 0) + 1
    waiting = store.one("SELECT count(*) AS n FROM outbox WHERE state IN ('waiting', 'sending')")
    return Figures(
        over=over,
        seconds=seconds,
        within={kind: tuple(sum(slot[: i + 1]) for i in range(len(slot))) for kind, slot in slots.items()},
        evaluations=evaluations,
        running={row["kind"]: row["n"] for row in now if row["state"] == "running"},
        queued={row["kind"]: row["n"] for row in queued},
        oldest={row["kind"]: max(0.0, store.now() - row["since"]) for row in queued},
        deliveries={state: sent.get(state, 0) for state in ("delivered", "failed")},
        undelivered=waiting["n"] if waiting else 0,
        workers=living,
    )


_SLOT = f"CASE {' '.join(f'WHEN took <= {bound} THEN {i}' for i, bound in enumerate(BOUNDS))} ELSE {len(BOUNDS)} END"
_OVER = f"""
    SELECT kind, state, {_SLOT} AS slot, count(*) AS n, sum(took) AS seconds, sum(evaluations) AS evaluations FROM
        (SELECT kind, state, coalesce(finished_at - started_at, 0.0) AS took,
                coalesce(json_extract(result, '$.facts.unet_forward'), 0) AS evaluations
         FROM jobs WHERE state IN ('done', 'failed', 'cancelled', 'dead'))
    GROUP BY kind, state, slot
    UNION ALL SELECT kind, state, slot, n, seconds, evaluations FROM totals WHERE what = 'jobs'
"""
_SENT = """
    SELECT state, sum(n) AS n FROM
        (SELECT state, count(*) AS n FROM outbox WHERE state IN ('delivered', 'failed') GROUP BY state
         UNION ALL SELECT state, n FROM totals WHERE what = 'deliveries')
    GROUP BY state
"""
