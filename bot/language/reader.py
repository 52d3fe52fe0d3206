"""The learnt reader: what kind of message it is, which operations it orders and where their words stand.

A small network (embeddings of characters and of the parts their words play, one bidirectional GRU, three heads) that
``python -m tests.commands.train`` learnt from the labelled sentences; ONNX runtime runs it, 0.7 ms a sentence on one core.
What it says is a probability, calibrated by one temperature on sentences left out (Guo et al. 2017). What its words mean
exactly (numbers, colours, names, places) is the rules' business; the parser weighs both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.language.tokens import Token

MODEL = Path(__file__).with_name("reader.onnx")
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
    model, words = _model(), _words()
    characters, parts, places = features(tokens)
    if not characters:
        return Reading(
            {intent: float(intent == "chat") for intent in words["intents"]}, dict.fromkeys(words["operations"], 0.0)
        )
    known, roles = words["characters"], words["parts"]
    feed = {
        "characters": np.array([[known.get(one, 1) for one in characters]], dtype=np.int64),
        "parts": np.array([[roles.get(one, 1) for one in parts]], dtype=np.int64),
        "photo": np.array([[float(photos > 0)]], dtype=np.float32),
    }
    intents, operations, tags = model.run(None, feed)
    odds = intents[0] / words["temperature"]
    likely = np.exp(odds - odds.max())
    likely /= likely.sum()
    deeds = 1 / (1 + np.exp(-operations[0]))
    spans = _spans(tags[0].argmax(-1), places)
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


@lru_cache(maxsize=1)
def _model() -> Any:
    import onnxruntime  # takes a while, and not every command reads sentences

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(WORDS.read_text("utf-8"))
    for name in ("characters", "parts"):
        told[name] = {word: at for at, word in enumerate(told[name], 2)}
    return told
