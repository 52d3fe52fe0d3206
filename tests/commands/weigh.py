"""Learn the weights of bot/language/opinion.py and kinds.py from the labelled sentences: ``python -m tests.commands.weigh``.

Logistic regression with a small penalty: edits against chats for the one, all intents against each other for the other.
``--check`` changes nothing and prints how well sentences are told apart that the weights have not seen: each stretch of the
sentences in turn is left out, and weighed by what was learnt from the others. The same sentences give the same weights.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bot.language import kinds, opinion
from bot.language.opinion import bar
from bot.language.tokens import tokens
from storage.plans import Plan, Step

HERE = Path(__file__).parent
LAST = ("round14.jsonl", "round15.jsonl")  # the last rounds, which shall tell how well others are read
STEPS = 200  # of Adam over all sentences at once
RATE = 0.1
STRETCHES = 12

Case = dict[str, Any]


def main() -> None:
    """Learn and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="print what comes out on sentences left out")
    cases = sentences()
    if parser.parse_args().check:
        check_opinion([case for case in cases if case["plan"]["intent"] in ("edit", "chat")])
        return check_kinds(cases)
    write_opinion(learn_opinion([case for case in cases if case["plan"]["intent"] in ("edit", "chat")]))
    return write_kinds(learn_kinds(cases))


def sentences() -> list[Case]:
    """Every labelled sentence but those of the last round."""
    files = [path for path in sorted(HERE.glob("*.jsonl")) if path.name not in LAST]
    return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]


def learn_opinion(cases: list[Case]) -> dict[str, float]:
    """Weights by feature: edits against chats."""
    wanted = np.array([[case["plan"]["intent"] == "edit"] for case in cases], dtype=np.float32)
    known, weights = descend([features(case, opinion.features) for case in cases], wanted, 3, 0.005)
    return {feature: float(weights[at, 0]) for feature, at in known.items()} | {opinion.CONSTANT: float(weights[-1, 0])}


def learn_kinds(cases: list[Case]) -> dict[str, "np.ndarray[Any, Any]"]:
    """Weights by feature, one for every intent."""
    named = [case["plan"]["intent"] for case in cases]
    wanted = np.array(
        [[one == (name if name in kinds.INTENTS else kinds.OTHER) for one in kinds.INTENTS] for name in named]
    )
    known, weights = descend([features(case, kinds.features) for case in cases], wanted.astype(np.float32), 2, 0.01)
    return {feature: weights[at] for feature, at in known.items()} | {kinds.CONSTANT: weights[-1]}


def descend(
    found: list[list[str]], wanted: "np.ndarray[Any, Any]", seen: int, penalty: float
) -> tuple[dict[str, int], "np.ndarray[Any, Any]"]:
    """Place by feature, and the weights: a row a feature that ``seen`` sentences have, the last row the constant."""
    counts = Counter(feature for some in found for feature in some)
    place = {feature: at for at, feature in enumerate(sorted(name for name, many in counts.items() if many >= seen))}
    known = [[place[feature] for feature in some if feature in place] or [0] for some in found]
    rows = np.repeat(np.arange(len(known)), [len(some) for some in known])  # (n,) which sentence
    columns = np.array([at for some in known for at in some])  # (n,) which feature
    scale = np.array([1 / math.sqrt(len(some)) for some in known], dtype=np.float32)[rows][:, None]  # (n, 1)
    starts = np.searchsorted(rows, np.arange(len(known)))
    order = np.argsort(columns, kind="stable")
    turned = np.searchsorted(columns[order], np.arange(len(place)))
    weights = np.zeros((len(place) + 1, wanted.shape[1]), dtype=np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = np.add.reduceat(scale * weights[columns], starts) + weights[-1]
        error = _likely(logits) - wanted
        slope = np.add.reduceat((scale * error[rows])[order], turned) + penalty * weights[:-1]
        gradient = np.vstack([slope, error.sum(0)])
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return place, weights


def _likely(logits: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Probabilities of one class against none, or of several against each other."""
    if logits.shape[1] == 1:
        return 1 / (1 + np.exp(-logits))
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def write_opinion(weights: dict[str, float], least: float = 0.15) -> None:
    """A line a weight, in hundredths; those below ``least`` say nothing."""
    lines: dict[int, list[str]] = {}
    for feature, weight in sorted(weights.items()):
        if abs(weight) >= least:
            lines.setdefault(round(weight * 100), []).append(feature)
    opinion.WEIGHTS.write_text(
        "".join(f"{value}\t" + "\t".join(found) + "\n" for value, found in sorted(lines.items())), "utf-8"
    )
    print(f"{opinion.WEIGHTS.name}: {len(weights)} features, {opinion.WEIGHTS.stat().st_size} bytes")


def write_kinds(weights: dict[str, "np.ndarray[Any, Any]"], least: float = 0.4) -> None:
    """A line a feature: for every intent that it says something about a letter, and tenths."""
    lines = []
    for feature, row in sorted(weights.items()):
        said = [f"{chr(97 + at)}{round(float(one) * 10)}" for at, one in enumerate(row) if abs(one) >= least]
        if said:
            lines.append("\t".join([feature, *said]) + "\n")
    kinds.WEIGHTS.write_text("".join(lines), "utf-8")
    print(f"{kinds.WEIGHTS.name}: {len(lines)} features, {kinds.WEIGHTS.stat().st_size} bytes")


def check_opinion(cases: list[Case]) -> None:
    """How many edits fall below their bar, and how many chats under a photo reach that of two slots, when left out."""
    chats = chats_over = edits = edits_under = 0
    for left, some in _stretches(cases):
        weights = learn_opinion(left)
        for case in some:
            if not case["photos"]:
                continue
            found = [weights[feature] for feature in features(case, opinion.features) if feature in weights]
            ordered = case["plan"]["intent"] == "edit"
            steps = Plan.from_json(case["plan"]).steps if ordered else (Step("replace", target="", content=""),)
            over = weights[opinion.CONSTANT] + sum(found) / math.sqrt(max(1, len(found))) >= bar(steps)
            chats, chats_over = chats + (not ordered), chats_over + (over and not ordered)
            edits, edits_under = edits + ordered, edits_under + (ordered and not over)
    print(f"opinion, left out: {edits_under} of {edits} edits below the bar, {chats_over} of {chats} chats above it")


def check_kinds(cases: list[Case]) -> None:
    """How many intents are told right, and how many chats and edits are taken for one, when left out."""
    right = wrong = others = taken = 0
    for left, some in _stretches(cases):
        weights = learn_kinds(left)
        for case in some:
            found = [weights[feature] for feature in features(case, kinds.features) if feature in weights]
            odds = weights[kinds.CONSTANT] + sum(found) / math.sqrt(max(1, len(found)))
            likely = _likely(odds[None])[0]
            named = kinds.INTENTS[int(likely.argmax())] if likely.max() >= kinds.SURE else kinds.OTHER
            wanted = case["plan"]["intent"]
            if wanted not in kinds.INTENTS[:-1]:
                others, taken = others + 1, taken + (named != kinds.OTHER)
            else:
                right, wrong = right + (named == wanted), wrong + (named != wanted)
    print(f"kinds, left out: {right} of {right + wrong} told right, {taken} of {others} others taken for one")


def _stretches(cases: list[Case]) -> Iterable[tuple[list[Case], list[Case]]]:
    size = math.ceil(len(cases) / STRETCHES)
    for start in range(0, len(cases), size):
        yield cases[:start] + cases[start + size :], cases[start : start + size]


def features(case: Case, of: Callable[..., list[str]]) -> list[str]:
    """What is weighed of a case."""
    return of(tokens(case["text"], case["concepts"]), case["photos"])


if __name__ == "__main__":
    main()
