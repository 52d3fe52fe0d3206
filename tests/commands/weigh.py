"""Learn the weights of bot/language/opinion.py from the labelled sentences: ``python -m tests.commands.weigh``.

Logistic regression with a small penalty, edits against chats (other intents have rules of their own). ``--check`` changes
nothing and prints how well sentences are told apart that the weights have not seen: each stretch of the sentences in turn
is left out, and weighed by what was learnt from the others. The same sentences give the same weights.
"""

import argparse
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bot.language.opinion import CONSTANT, WEIGHTS, bar, features
from bot.language.tokens import tokens
from storage.plans import Plan, Step

HERE = Path(__file__).parent
SEEN = 3  # sentences that must have a feature
PENALTY = 0.03
STEPS = 200  # of Adam over all sentences at once
RATE = 0.1
STRETCHES = 12
LEAST = 0.02  # weights below say nothing


def main() -> None:
    """Learn and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="print what comes out on sentences left out")
    if parser.parse_args().check:
        return check(sentences())
    weights = learn(sentences())
    lines: dict[int, list[str]] = {}
    for feature, weight in sorted(weights.items()):
        if abs(weight) >= LEAST:
            lines.setdefault(round(weight * 100), []).append(feature)
    text = "".join(f"{value}\t" + "\t".join(found) + "\n" for value, found in sorted(lines.items()))
    WEIGHTS.write_text(text, "utf-8")
    return print(f"{len(weights)} features, {WEIGHTS.stat().st_size} bytes")


def sentences() -> list[dict[str, Any]]:
    """Every labelled edit and chat but those of the last round, which shall tell how well others are read."""
    files = [path for path in sorted(HERE.glob("*.jsonl")) if path.stem != "unseen"]
    found = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    return [case for case in found if case["plan"]["intent"] in ("edit", "chat")]


def learn(cases: list[dict[str, Any]]) -> dict[str, float]:
    """Weights by feature."""
    found = [_features(case) for case in cases]
    wanted = np.array([case["plan"]["intent"] == "edit" for case in cases], dtype=float)
    counts = Counter(feature for some in found for feature in some)
    place = {feature: at for at, feature in enumerate(sorted(name for name, many in counts.items() if many >= SEEN))}
    known = [[place[feature] for feature in some if feature in place] for some in found]
    rows = np.repeat(np.arange(len(known)), [len(some) for some in known])  # (n,) which sentence
    columns = np.array([at for some in known for at in some])  # (n,) which feature
    scale = np.array([1 / math.sqrt(max(1, len(some))) for some in known])[rows]  # (n,)
    weights = np.zeros(len(place) + 1)  # the last is the constant
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = np.bincount(rows, weights=scale * weights[columns], minlength=len(known)) + weights[-1]
        error = 1 / (1 + np.exp(-logits)) - wanted
        slope = np.bincount(columns, weights=scale * error[rows], minlength=len(place)) + PENALTY * weights[:-1]
        gradient = np.append(slope, error.sum())
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return dict(zip(place, weights[:-1], strict=True)) | {CONSTANT: float(weights[-1])}


def check(cases: list[dict[str, Any]]) -> None:
    """How many edits fall below their bar, and how many chats under a photo reach that of two slots, when left out."""
    chats = chats_over = edits = edits_under = 0
    size = math.ceil(len(cases) / STRETCHES)
    for start in range(0, len(cases), size):
        weights = learn(cases[:start] + cases[start + size :])
        for case in cases[start : start + size]:
            if not case["photos"]:
                continue
            found = [weights[feature] for feature in _features(case) if feature in weights]
            ordered = case["plan"]["intent"] == "edit"
            steps = Plan.from_json(case["plan"]).steps if ordered else (Step("replace", target="", content=""),)
            over = weights[CONSTANT] + sum(found) / math.sqrt(max(1, len(found))) >= bar(steps)
            chats, chats_over = chats + (not ordered), chats_over + (over and not ordered)
            edits, edits_under = edits + ordered, edits_under + (ordered and not over)
    print(
        f"left out: {edits_under} of {edits} edits below the bar, {chats_over} of {chats} chats with a photo above it"
    )


def _features(case: dict[str, Any]) -> list[str]:
    return features(tokens(case["text"], case["concepts"]), case["photos"])


if __name__ == "__main__":
    main()
