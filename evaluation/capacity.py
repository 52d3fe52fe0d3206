"""How many workers for how many users, by a queueing simulation fed with measured job times; a table and a plot.

``python -m evaluation.capacity`` takes the seconds of edits from evaluation/results (the shipped model on two CPU cores);
``--data FOLDER`` those of the finished jobs of a data folder of yours; ``--speed 20`` says that your workers are twenty
times as fast as those measured. Arrivals are a Poisson process at the rate of the busiest hour; a job goes to the first
worker that is free (G/G/c, simulated event by event); found is the smallest number of workers at which 95 of 100 jobs begin
within ``--wait`` seconds, and not fewer than keeps 5 in 100 to spare. The number of gateways comes from the messages that one handles a second, measured here and now.
"""

import argparse
import heapq
import json
import math
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import storage
from bot import inbox
from bot.platforms import Incoming

RESULTS = Path(__file__).parent / "results" / "results.jsonl"
USERS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
MOST_JOBS, LEAST_JOBS, WARM_UP = 60_000, 5_000, 0.2  # jobs that are simulated; the share that only fills the queue
MESSAGES = 3.0  # of a user for each edit: a photo, the order, a word more
HEADROOM = 0.5  # of what a gateway can do
SPARE = 1.05  # workers for each that is busy on average, at least: some are always being replaced


@dataclass(frozen=True, slots=True)
class Need:
    """What so many users need: edits a second at the busiest hour, workers, the waits (seconds) there, gateways."""

    users: int
    rate: float
    workers: int
    median_wait: float
    p95_wait: float
    gateways: int


def measured(data: Path | None = None) -> list[float]:
    """The seconds that edits took: of a data folder's finished jobs, else of the benchmark's whole chain."""
    if data is not None:
        with storage.open(data) as store:
            rows = store.rows("SELECT finished_at - started_at AS s FROM jobs WHERE state = 'done' AND kind = 'edit'")
            return [row["s"] for row in rows]
    lines = map(json.loads, RESULTS.read_text("utf-8").splitlines())
    return [line["seconds"] for line in lines if line["method"] == "chain" and line["unet_forward"] > 0]


def waits(rate: float, durations: Sequence[float], workers: int, jobs: int, seed: int = 0) -> list[float]:
    """How long each of so many jobs waits, sorted; ``rate`` jobs come a second, each takes one of ``durations``."""
    chance = random.Random(seed)
    free = [0.0] * workers
    now, waited = 0.0, []
    for number in range(jobs):
        now += chance.expovariate(rate)
        begin = max(now, heapq.heappop(free))
        heapq.heappush(free, begin + chance.choice(durations))
        if number >= jobs * WARM_UP:
            waited.append(begin - now)
    return sorted(waited)


def need(users: int, durations: Sequence[float], edits: float, busiest: float, wait: float, gateway: float) -> Need:
    """For so many users of whom each asks for ``edits`` a day, the share ``busiest`` of them in the busiest hour."""
    rate = users * edits * busiest / 3600
    load = rate * sum(durations) / len(durations)
    # four times as many jobs as workers at least, or nobody would ever have to queue in the simulation
    jobs = max(LEAST_JOBS, min(MOST_JOBS, round(4 * load) * 4))
    low, high = max(1, math.ceil(load * SPARE)), max(2, math.ceil(load * SPARE) + 10)
    while _p95(waits(rate, durations, high, jobs)) > wait:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        if _p95(waits(rate, durations, middle, jobs)) <= wait:
            high = middle
        else:
            low = middle + 1
    found = waits(rate, durations, low, jobs)
    gateways = max(1, -(-rate * MESSAGES // (gateway * HEADROOM)))
    return Need(users, rate, low, found[len(found) // 2], _p95(found), int(gateways))


def messages_a_second(count: int = 200) -> float:
    """What one gateway handles here: committed, understood, answered."""
    with tempfile.TemporaryDirectory() as folder, storage.open(Path(folder)) as store:
        for number in range(count + 1):
            user = f"web:{number % 20}"
            inbox.receive(store, Incoming("web", str(number), user, user, "现在怎么样了"))
        inbox.work_off(store, "web", "here")  # the first loads dictionaries
        began = time.monotonic()
        while inbox.work_off(store, "web", "here"):
            pass
        return count / (time.monotonic() - began)


def draw(needs: Sequence[Need], caption: str, target: Path) -> None:
    """Over users, logarithmic: workers (a GPU each, where they are GPUs) and gateways above, how long jobs wait below."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (many, waiting) = pyplot.subplots(2, sharex=True, figsize=(7.2, 6.0), dpi=150, height_ratios=(3, 2))
    users = [one.users for one in needs]
    many.loglog(users, [one.workers for one in needs], "o-", label="workers (on GPUs: one each)")
    many.loglog(users, [one.gateways for one in needs], "s--", label="gateways (a database each)")
    for one in needs:
        place = (one.users, one.workers)
        many.annotate(f"{one.workers:,}", place, textcoords="offset points", xytext=(0, 8), ha="right")
        end = (one.users, one.p95_wait)
        waiting.annotate(f"{one.p95_wait:.1f} s", end, textcoords="offset points", xytext=(6, 4), ha="left")
    many.set_ylabel("how many")
    many.set_title(caption, fontsize=9)
    waiting.semilogx(users, [one.p95_wait for one in needs], "o-", label="95 % begin within")
    waiting.semilogx(users, [one.median_wait for one in needs], "s--", label="half begin within")
    waiting.set_xlabel("users")
    waiting.set_ylabel("seconds in the busiest hour")
    for axes in (many, waiting):
        axes.margins(y=0.18)
        axes.grid(True, which="major", alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(target)
    pyplot.close(figure)


def _p95(found: Sequence[float]) -> float:
    return found[min(len(found) - 1, int(len(found) * 0.95))]


def main() -> None:
    """The table, and the plot where ``-o`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--edits", type=float, default=3.0, help="edits of a user a day")
    parser.add_argument("--busiest", type=float, default=0.12, help="share of a day's edits in its busiest hour")
    parser.add_argument("--wait", type=float, default=10.0)
    parser.add_argument("--gateway", type=float, help="messages a second that one handles; measured now without")
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    durations = [seconds / args.speed for seconds in measured(args.data)]
    mean, gateway = sum(durations) / len(durations), args.gateway or messages_a_second()
    print(
        f"{len(durations)} edits measured, {mean:.2f} s on average; one gateway handles {gateway:.0f} messages a second\n"
    )
    print("| users | edits a second | workers | wait: median | 95 % | gateways |\n|---|---|---|---|---|---|")
    needs = []
    for users in USERS:
        one = need(users, durations, args.edits, args.busiest, args.wait, gateway)
        needs.append(one)
        print(
            f"| {users:,} | {one.rate:.2f} | {one.workers:,} | {one.median_wait:.1f} s | {one.p95_wait:.1f} s"
            f" | {one.gateways:,} |",
            flush=True,
        )
    if args.output:
        caption = (
            f"{args.edits:g} edits a user and day, {mean:.2f} s each (measured), 95 % begin within {args.wait:g} s"
        )
        draw(needs, caption, args.output)


if __name__ == "__main__":
    main()
