"""A Ray cluster of three nodes on this machine, of which one is killed while jobs run."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import storage
from storage import Storage, jobs, photos
from storage.plans import Step
from tests.pipeline.clusters import add, cluster
from tests.soak.table import Figure
from tests.storage.house import png

ROOT = Path(__file__).resolve().parents[2]
READY, LOST = "an actor is ready", "an actor is lost"
# A gateway with three places and the small engine that inverts colours.
GATEWAY = """
import json, os, sys, storage
from pipeline.cluster import Gateway
from tests.pipeline import inverting
settings = storage.Settings(workers=json.loads(sys.argv[2]))
store = storage.open(sys.argv[1], settings)
Gateway(store, ("edit",), inverting.slow, settings.workers.edit).run()
"""


def workers(address: str, **more: object) -> storage.settings.Workers:
    """Settings for three places without GPUs."""
    given = {"engine": "ray", "address": address, "gpus": 0.0, "edit": 3, "idle_seconds": 600.0, **more}
    return storage.settings.Workers.model_validate(given)


def gateway(store: Storage, settings: storage.settings.Workers) -> subprocess.Popen[bytes]:
    """The gateway, a process of its own; its log is a file beside the data."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HEYING_KEEPER": str(os.getpid()), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", GATEWAY, str(store.folder), settings.model_dump_json()]
    with (store.folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)


def until_said(store: Storage, words: str, count: int, seconds: float = 180) -> float:
    """Wait until the gateway's log says something so many times; how long it took."""
    began, log = time.monotonic(), store.folder / "log"
    while log.read_text("utf-8").count(words) < count:
        assert time.monotonic() - began < seconds, log.read_text("utf-8")
        time.sleep(0.01)
    return time.monotonic() - began


def order(store: Storage, key: str, sentence: str = "", owner: str = "") -> jobs.Job:
    """An edit of somebody's photo, in a chat of their own."""
    owner = owner or f"web:{key}"
    sha = photos.put(store, png((len(key), 90, 30), (48, 48)), owner).sha256
    request = jobs.EditRequest(Step("restyle", style="ink_wash"), sha, sentence=sentence)
    return jobs.enqueue(store, key=key, kind="edit", owner=owner, chat=owner, request=request)


def all_done(store: Storage, seconds: float) -> None:
    """Wait until nothing is open."""
    until = time.monotonic() + seconds
    while (row := store.one("SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')")) and row["n"]:
        assert time.monotonic() < until, store.rows("SELECT id, state, attempt, worker FROM jobs WHERE state != 'done'")
        time.sleep(0.02)


def told_once(store: Storage, ids: Sequence[int]) -> None:
    """Every job done, and delivered once."""
    states = store.rows(f"SELECT state FROM jobs WHERE id IN ({', '.join('?' * len(ids))})", tuple(ids))
    assert Counter(row["state"] for row in states) == {"done": len(ids)}
    delivered = Counter(row["job"] for row in store.rows("SELECT job FROM outbox WHERE kind = 'result'"))
    assert all(delivered[id] == 1 for id in ids)


def one_killed(count: int) -> Figure:
    """A cluster of three nodes, to kill one of them."""
    with cluster(3) as nodes:
        return one_of_three_killed(nodes, count)


def one_of_three_killed(nodes: Any, count: int) -> Figure:
    """So many jobs; a node is killed, raylet and actor, when a third of them is done; another joins when all is over."""
    settings = workers(nodes.address)
    with (
        tempfile.TemporaryDirectory() as folder,
        storage.open(folder, storage.Settings(limits={"waiting_jobs": 10_000})) as store,
    ):
        process = gateway(store, settings)
        try:
            ids = [order(store, f"first{number}", "slow").id for number in range(12)]  # places begin when jobs wait
            until_said(store, READY, 3)
            ids += [order(store, f"a{number}").id for number in range(count)]
            while (row := store.one("SELECT count(*) AS n FROM jobs WHERE state = 'done'")) and row["n"] < len(
                ids
            ) // 3:
                time.sleep(0.01)
            killed = time.time()
            nodes.remove_node(nodes.list_all_nodes()[-1], allow_graceful=False)
            gone = time.time() - killed
            noticed = gone + until_said(store, LOST, 1)
            all_done(store, 60 + count)
            told_once(store, ids)
            (lost,) = store.rows("SELECT finished_at, attempt FROM jobs WHERE attempt > 1")
            took = [row["s"] for row in store.rows("SELECT finished_at - started_at AS s FROM jobs")]
            began = time.monotonic()
            add(nodes)
            more = [order(store, f"more{number}", "slow").id for number in range(9)]
            until_said(store, READY, 4)
            joined = time.monotonic() - began
            all_done(store, 120)
            told_once(store, more)
        finally:
            process.terminate()
            process.wait(60)
    return Figure(
        "jobs on three Ray nodes, one killed", len(ids),
        f"done: {len(ids)}, twice: 0; noticed {noticed:.2f} s after the kill, which took {gone:.2f}; its job done"
        f" {lost['finished_at'] - killed:.2f} s after; a job {statistics.median(took):.2f} s; a new node ready in {joined:.1f} s",
    )  # fmt: skip
