"""How fast the parser is: `python -m tests.commands.speed`, on an idle core.

Prints how long its start takes, the interpreter's own included, and how many sentences it reads a second after loading,
in the processor's time, the best of several runs: the first thousand of development.jsonl, and a thousand from all over it.
"""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bot.parser import parse

RUNS = 7
START = "import time; from bot.parser import parse; parse('把猫换成狗'); print(time.process_time())"


def started() -> float:
    """Seconds until the first sentence is read."""
    return float(subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True).stdout)


def rate(cases: list[dict[str, Any]]) -> float:
    """Sentences a second."""
    began = time.process_time()
    for case in cases:
        parse(case["text"], case.get("concepts") or (), case.get("photos") or 0)
    return len(cases) / (time.process_time() - began)


def main() -> None:
    lines = (Path(__file__).parent / "development.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    chosen = {"first thousand": cases[:1000], "any thousand": random.Random(1).sample(cases, 1000)}
    print(f"start: {min(started() for _ in range(RUNS)):.2f} s")
    for name, some in chosen.items():
        rate(some[:100])
        print(f"{name}: {max(rate(some) for _ in range(RUNS)):.0f} sentences/s")


if __name__ == "__main__":
    main()
