"""All of it at full size (``--share 0.1``: a tenth), and one table of figures."""

import argparse
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable

import structlog

from tests.soak import crash, hostile, load, nodes
from tests.soak.table import Figure

PARTS: dict[str, tuple[Callable[[int], Figure], int]] = {
    "failpoints": (crash.at_failpoints, 20),
    "kills": (crash.at_random, 200),
    "stops": (crash.started_and_stopped, 500),
    "backups": (crash.backed_up_and_restored, 100),
    "pictures": (hostile.pictures, 10_000),
    "sentences": (hostile.sentences, 10_000),
    "nodes": (nodes.one_killed, 200),
    "chatting": (lambda people: load.chatting(people, 10), 200),
}


def any_order(examples: int) -> Figure:
    """The state machine over storage.jobs."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/storage/test_jobs_any_order.py", "--timeout=0"]
    env = {**os.environ, "HEYING_TEST_EXAMPLES": str(examples)}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout
    return Figure("histories of jobs", examples, "with two holders, or two endings: 0")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join([*PARTS, 'histories'])}; all without")
    told = parser.parse_args()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )  # they provoke what it warns of
    parts = {**PARTS, "histories": (any_order, 2000)}
    print("| what | how many | what came of it | took |\n|---|---|---|---|", flush=True)
    for name in told.parts or parts:
        act, size = parts[name]
        began = time.monotonic()
        figure = act(max(1, round(size * told.share)))
        print(f"{figure.line()} {time.monotonic() - began:.0f} s |", flush=True)


if __name__ == "__main__":
    main()
