"""The learnt reader: what kind of message it is, which operations it orders and where their words stand.

A small network (embeddings of characters and of the parts their words play, one bidirectional GRU of Cho et al. 2014, three
heads) that ``python -m tests.commands.train`` learnt from the labelled sentences. It is so small that NumPy runs it, about
a millisecond a sentence on one core. What it says is a probability, calibrated by one temperature on sentences left out
(Guo et al. 2017). What its words mean exactly (numbers, colours, names, places) is the rules' business; the parser weighs
both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.language.tokens import Token

WEIGHTS = Path(__file__).with_name("reader.npz")
WORDS = Path(__file__).with_name("reader.json")
LONGEST = 120  # characters that are weighed
TAGS = ("O", "B-target", "I-target", "B-content", "I-content")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a message: how likely each intent and each operation is; ``target`` and ``content`` are
    the stretches of the text that look like them, as (start, end), most likely first."""

    intents: Mapping[str, float]
    operations: Mapping[str, float]
    target: tuple[tuple[int, int], ...] = ()
    content: tuple[tuple[int, int], ...] = ()

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return max(self.intents, key=self.intents.__getitem__)

    @property
    def sure(self) -> float:
        """How likely that is."""
        return max(self.intents.values())

    @property
    def order(self) -> float:
        """How likely the message orders an edit."""
        return self.intents["edit"]


def read(tokens: Sequence[Token], photos: int) -> Reading:
    """Weigh a message. Names and numbers weigh alike, whichever they are."""
    words = _words()
    characters, parts, places = features(tokens)
    if not characters:
        return Reading(
            {intent: float(intent == "chat") for intent in words["intents"]}, dict.fromkeys(words["operations"], 0.0)
        )
    known, roles = words["characters"], words["parts"]
    intents, operations, tags = _forward(
        np.array([known.get(one, 1) for one in characters]), np.array([roles.get(one, 1) for one in parts]), photos > 0
    )
    odds = intents / words["temperature"]
    likely = np.exp(odds - odds.max())
    likely /= likely.sum()
    deeds = 1 / (1 + np.exp(-operations))
    spans = _spans(tags.argmax(-1), places)
    return Reading(
        dict(zip(words["intents"], map(float, likely), strict=True)),
        dict(zip(words["operations"], map(float, deeds), strict=True)),
        spans["target"],
        spans["content"],
    )


def features(tokens: Sequence[Token]) -> tuple[list[str], list[str], list[int]]:
    """For every character: what it is, which part its word plays (and whether it begins it), where it stands."""
    characters: list[str] = []
    parts: list[str] = []
    places: list[int] = []
    for token in tokens:
        part = f"NOUN:{token.value}" if token.part == "NOUN" else token.part
        word = "N" if token.part == "NAME" else "0" if token.word.isdigit() else token.word
        for at, character in enumerate(word):
            characters.append(character)
            parts.append(part if at == 0 else f"-{part}")
            places.append(min(token.start + at, token.end - 1))
    return characters[:LONGEST], parts[:LONGEST], places[:LONGEST]


def _spans(tags: Any, places: Sequence[int]) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, list[tuple[int, int]]] = {"target": [], "content": []}
    opened: tuple[str, int, int] | None = None
    for at, tag in enumerate([*map(int, tags), 0]):
        name = TAGS[tag][2:]
        if opened is not None and (tag == 0 or name != opened[0] or TAGS[tag][0] == "B"):
            found[opened[0]].append((places[opened[1]], places[opened[2]] + 1))
            opened = None
        if tag and opened is None:
            opened = (name, at, at)
        elif tag and opened is not None:
            opened = (name, opened[1], at)
    return {name: tuple(some) for name, some in found.items()}


def _forward(characters: Any, parts: Any, photo: bool) -> tuple[Any, Any, Any]:
    """Ids (L,) → logits of intents, of operations, and of tags (L, 5)."""
    held = _weights()
    seen = np.concatenate([held["characters"][characters], held["parts"][parts]], 1)  # (L, C + P)
    states = _gru(seen)
    whole = np.concatenate([states.max(0), states.mean(0), np.array([photo], np.float32)])
    whole = np.maximum(held["join.weight"] @ whole + held["join.bias"], 0)
    return (
        held["intents.weight"] @ whole + held["intents.bias"],
        held["operations.weight"] @ whole + held["operations.bias"],
        states @ held["tags.weight"].T + held["tags.bias"],
    )


def _gru(seen: Any) -> Any:
    """The states (L, 2H) of a bidirectional gated recurrent unit over (L, C + P), gates in PyTorch's order: reset, update,
    new. Both directions go on at once. By einsum and not BLAS, whose threads take ten times as long to meet as these few
    numbers to multiply."""
    held = _weights()
    both = np.stack([seen, seen[::-1]])  # (2, L, C + P)
    given = np.einsum("dlc,dgc->ldg", both, held["given"]) + held["bias_given"]  # (L, 2, 3H)
    recur, bias, width = held["recur"], held["bias"], held["recur"].shape[2]
    state = np.zeros((2, width), np.float32)
    states = np.empty((2, len(seen), width), np.float32)
    for at, now in enumerate(given):
        before = np.einsum("dgh,dh->dg", recur, state) + bias  # (2, 3H)
        gates = 1 / (1 + np.exp(-(now[:, : 2 * width] + before[:, : 2 * width])))
        new = np.tanh(now[:, 2 * width :] + gates[:, :width] * before[:, 2 * width :])
        state = new + gates[:, width:] * (state - new)
        states[:, at] = state
    return np.concatenate([states[0], states[1, ::-1]], 1)


@lru_cache(maxsize=1)
def _weights() -> dict[str, Any]:
    with np.load(WEIGHTS) as stored:
        held: dict[str, Any] = {name: stored[name].astype(np.float32) for name in stored.files}
    for name, stored_as in (
        ("recur", "weight_hh"),
        ("bias", "bias_hh"),
        ("given", "weight_ih"),
        ("bias_given", "bias_ih"),
    ):
        held[name] = np.stack([held.pop(f"gru.{stored_as}"), held.pop(f"gru.{stored_as}_reverse")])  # (2, 3H, …)
    return held


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(WORDS.read_text("utf-8"))
    for name in ("characters", "parts"):
        told[name] = {word: at for at, word in enumerate(told[name], 2)}
    return told
