"""The learnt reader: what kind of message it is, which operations it orders and where their words stand.

A small network that ``python -m tests.commands.train`` learnt from the labelled sentences: embeddings of characters and of
the parts their words play, a bidirectional GRU (Cho et al. 2014), and a second GRU that says the steps of an order one after
the other (an operation or the end, then which words it is about), looking at the sentence (Bahdanau et al. 2015) and at what
it has used. Several of them, learnt apart, answer as one: the mean of their odds (Lakshminarayanan et al. 2017), each going on
from what all have said. They are so small that NumPy runs them, about a millisecond a sentence on one core. What they say is a
probability, calibrated by one temperature on sentences left out (Guo et al. 2017). What its words mean exactly (numbers, colours,
names, places) is the rules' business; the parser weighs both. Shapes: M members, L characters, H the width of a state, D that of
the second GRU's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from bot.language.tokens import Token
from storage.plans import (
    ADJUSTMENTS,
    COLLAGES,
    COLORS,
    CONCEPT_KINDS,
    EXPRESSIONS,
    ID_SIZES,
    POSITIONS,
    RESULTS,
    STYLES,
    TURNS,
    Step,
)

WEIGHTS = Path(__file__).with_name("reader.npz")
WORDS = Path(__file__).with_name("reader.json")
LONGEST = 120  # characters that are weighed
TAGS = ("O", "B-target", "I-target", "B-content", "I-content")  # of an operation's words
MARKS = (
    "O", "B-beyond", "I-beyond", "B-left", "I-left", "B-result", "I-result", "B-said", "I-said", "B-caption", "I-caption",
)  # of words that are in no step  # fmt: skip
VALUED = ("adjust", "rotate", "id_photo", "collage", "crop", "restyle")  # whose content is one of VALUES, or words
VALUES = ("", *ADJUSTMENTS, *TURNS, *ID_SIZES, *COLLAGES, "square", *STYLES)
CLOSED: Mapping[str, tuple[str, ...]] = {
    "color": ("", *COLORS), "position": ("", *POSITIONS), "strength": ("normal", "slight", "strong"), "value": VALUES,
}  # fmt: skip
WHICH = ("", *RESULTS, "said")  # picture is meant: the latest, one of RESULTS, or one that words of the message name
# What talk is: thanks, content, liking, laughing, about to be shown to others, what is to stay, sorry, back later, yes, who is in the
# photo, a story of it, sad, congratulations, love, hello, good-bye, good news; or none of these.
TALKS = (
    "other", "thanks", "enough", "praise", "laugh", "share", "keep", "sorry", "wait", "nod", "kin", "memory", "sad", "wish", "love",
    "greeting", "bye", "news",
)  # fmt: skip
EVIDENT = 1.5  # log odds of an expression that is taken for meant
STRANGE = 0.5  # share of characters that must be known for a message to be more than noise
LEAST = 0.01  # how likely an edit must be for its steps to be looked for
MOST = 8  # steps of a message
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Deed:
    """A step that a message may order: its operation and how likely that is after the steps before it, the stretches of text
    that its target and its content are, as (start, end), its closed slots with how likely each is, where in the text it
    stands, and how sure its words of each slot are."""

    operation: str
    likely: float
    target: Span | None
    content: Span | None
    slots: Mapping[str, tuple[str, float]]
    at: int
    sure: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a message: how likely each intent and each operation is; the steps it may order, as they are
    said; and the stretches of text that are beyond us, that no step uses, and that say which earlier picture is meant. Of what
    is no edit ``said`` are the words it is about (whom to learn, of whom stickers are, what to draw) and ``captions`` those to be
    written; ``kind`` is what is learned and ``talk`` which of TALKS it is, and how likely;
    ``expressions`` are those of stickers, ``which`` is one of WHICH."""

    intents: Mapping[str, float]
    operations: Mapping[str, float]
    deeds: tuple[Deed, ...] = ()
    beyond: tuple[Span, ...] = ()
    left: tuple[Span, ...] = ()
    result: tuple[Span, ...] = ()
    said: tuple[Span, ...] = ()
    captions: tuple[Span, ...] = ()
    kind: tuple[str, float] = (CONCEPT_KINDS[0], 0.0)
    expressions: tuple[str, ...] = ()
    which: str = ""
    talk: tuple[str, float] = (TALKS[0], 0.0)

    def likely(self, operation: str) -> float:
        """How likely the message orders this operation, at any of its steps."""
        return max([self.operations[operation], *(deed.likely for deed in self.deeds if deed.operation == operation)])

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


def value_of(step: Step) -> str:
    """The word of a step's closed list that its content (or style) is; "" where it is the user's own words."""
    data = step.style if step.operation == "restyle" else step.content
    return data if data in VALUES and data and step.operation in VALUED else ""


def read(tokens: Sequence[Token], photos: int) -> Reading:
    """Weigh a message. Names and numbers weigh alike, whichever they are."""
    words = _words()
    characters, parts, places = features(tokens)
    known, roles = words["characters"], words["parts"]
    if sum(one in known for one in characters) <= len(characters) * STRANGE:
        return Reading(
            {intent: float(intent == "chat") for intent in words["intents"]}, dict.fromkeys(words["operations"], 0.0)
        )
    states, whole = _encoded(
        np.array([known.get(one, 1) for one in characters]), np.array([roles.get(one, 1) for one in parts]), photos > 0
    )
    likely = _softmax(_agreed("intents", whole) / words["temperature"])
    done = _sigmoid(_agreed("operations", whole))
    marks = _spans(_agreed("marks", states).argmax(-1), MARKS, places)
    edit = likely[words["intents"].index("edit")]
    deeds = _deeds(states, whole, words["operations"], places) if edit >= LEAST else ()
    return Reading(
        dict(zip(words["intents"], map(float, likely), strict=True)),
        dict(zip(words["operations"], map(float, done), strict=True)),
        deeds,
        marks["beyond"],
        marks["left"],
        marks["result"],
        marks["said"],
        marks["caption"],
        _likeliest("kinds", CONCEPT_KINDS, whole),
        tuple(name for name, odd in zip(EXPRESSIONS, _agreed("expressions", whole), strict=True) if odd > EVIDENT),
        WHICH[int(_agreed("which", whole).argmax())],
        _likeliest("talk", TALKS, whole),
    )


def _likeliest(head: str, names: Sequence[str], whole: Any) -> tuple[str, float]:
    """What a head says of the whole, and how likely that is."""
    odds = _softmax(_agreed(head, whole))
    best = int(odds.argmax())
    return names[best], float(odds[best])


def _deeds(states: Any, whole: Any, operations: Sequence[str], places: Sequence[int]) -> tuple[Deed, ...]:
    """The steps, one after the other: what has been said of them and which characters (L,) they used tell what comes next. The
    first is told even where the end is likelier."""
    held = _weights()
    state = np.tanh(_linear("first", whole))
    used = np.zeros(states.shape[1], np.float32)
    marks = _linear("tag_in", states)
    deeds: list[Deed] = []
    for _ in range(MOST):
        seen, _ = _looked(states, _linear("ask", state), used)
        odds = _softmax(_agreed("next", np.concatenate([state, seen], -1)))
        best = int(odds[: len(operations) if not deeds else None].argmax())
        if best == len(operations):
            break
        key = held["key"][:, best]
        known = np.concatenate([state, key], -1)
        inner = marks + _linear("tag_step", known)[:, None] + used[:, None] * held["tag_used"][:, None]
        tags = _softmax(_agreed("tags", np.maximum(inner, 0)))
        looked, weight = _looked(states, _linear("look", known), used)
        closed = _agreed("closed", np.maximum(_linear("value_in", np.concatenate([looked, known], -1)), 0))
        deeds.append(_deed(operations[best], float(odds[best]), tags, closed, weight, places))
        named = tags.argmax(-1) > 0
        about = states[:, named].mean(1) if named.any() else looked
        state = _gated(np.concatenate([key, about], -1), state)
        used = np.maximum(used, named)
    return tuple(deeds)


def _deed(operation: str, likely: float, odds: Any, closed: Any, weight: Any, places: Sequence[int]) -> Deed:
    """A step from what its tags (L, 5), its closed slots and its look (L,) at the sentence say."""
    spans = _spans(odds.argmax(-1), TAGS, places)
    slots, start = {}, 0
    for name, values in CLOSED.items():
        chances = _softmax(closed[start : start + len(values)])
        best = int(chances.argmax())
        slots[name] = (values[best], float(chances[best]))
        start += len(values)
    named = [start for some in spans.values() for start, _ in some]
    at = min(named) if named else places[int(np.searchsorted(np.cumsum(weight), 0.5 * weight.sum()))]
    sure = {"target": _certainty(odds[:, 1:3].sum(-1)), "content": _certainty(odds[:, 3:5].sum(-1))}
    return Deed(operation, likely, longest(spans["target"]), longest(spans["content"]), slots, at, sure)


def longest(spans: Sequence[Span]) -> Span | None:
    """One stretch of several: the longest, the first of equals."""
    return max(spans, key=lambda span: span[1] - span[0], default=None)


def _looked(states: Any, query: Any, used: Any) -> tuple[Any, Any]:
    """The mean (M, 2H) of the states (M, L, 2H), weighed by how they answer a query (M, 2H); the weights (L,) of all members."""
    odds = (states @ query[..., None])[..., 0] / states.shape[-1] ** 0.5 + used * _weights()["look_used"]
    weight = _softmax(odds)
    return (weight[:, None] @ states)[:, 0], weight.mean(0)


def _gated(given: Any, state: Any) -> Any:
    """The next state (M, D) of the GRU that says the steps; gates in PyTorch's order: reset, update, new."""
    held, width = _weights(), state.shape[-1]
    told = (held["step.weight_ih"] @ given[..., None])[..., 0] + held["step.bias_ih"]
    before = (held["step.weight_hh"] @ state[..., None])[..., 0] + held["step.bias_hh"]
    gates = _sigmoid(told[:, : 2 * width] + before[:, : 2 * width])
    new = np.tanh(told[:, 2 * width :] + gates[:, :width] * before[:, 2 * width :])
    return new + gates[:, width:] * (state - new)


def _certainty(chances: Any) -> float:
    """How sure the most doubtful character is of belonging to a slot or not."""
    return float(np.maximum(chances, 1 - chances).min())


def features(tokens: Sequence[Token]) -> tuple[list[str], list[str], list[int]]:
    """For every character: what it is, which part its word plays (and whether it begins it), where it stands."""
    characters: list[str] = []
    parts: list[str] = []
    places: list[int] = []
    for token in tokens:
        part = f"{token.part}:{token.value}" if token.part in ("NOUN", "COLOR", "POS", "STYLE") else token.part
        word = "N" if token.part == "NAME" else "0" if token.word.isdigit() else token.word
        for at, character in enumerate(word):
            characters.append(character)
            parts.append(part if at == 0 else f"-{part}")
            places.append(min(token.start + at, token.end - 1))
    return characters[:LONGEST], parts[:LONGEST], places[:LONGEST]


def _spans(tags: Any, names: Sequence[str], places: Sequence[int]) -> dict[str, tuple[Span, ...]]:
    """The stretches of each kind; two that touch are one."""
    found: dict[str, list[Span]] = {name[2:]: [] for name in names if name != "O"}
    opened: tuple[str, int, int] | None = None
    for at, tag in enumerate([*map(int, tags), 0]):
        name = names[tag][2:]
        if opened is not None and (tag == 0 or name != opened[0]):
            found[opened[0]].append((places[opened[1]], places[opened[2]] + 1))
            opened = None
        if tag and opened is None:
            opened = (name, at, at)
        elif tag and opened is not None:
            opened = (name, opened[1], at)
    return {name: tuple(some) for name, some in found.items()}


def _encoded(characters: Any, parts: Any, photo: bool) -> tuple[Any, Any]:
    """Ids (L,) → states (M, L, 2H) of the characters and (M, 2H) of the whole."""
    held = _weights()
    states = _gru(np.concatenate([held["characters"][:, characters], held["parts"][:, parts]], -1))
    there = np.full((len(states), 1), photo, np.float32)
    return states, np.maximum(_linear("join", np.concatenate([states.max(1), states.mean(1), there], -1)), 0)


def _agreed(name: str, given: Any) -> Any:
    """What the members say together, (M, …, H) → (…, G): the mean of their odds."""
    return _linear(name, given).mean(0)


def _linear(name: str, given: Any) -> Any:
    """Each member's own layer, (M, …, H) → (M, …, G)."""
    held = _weights()
    lines = given if given.ndim == 3 else given[:, None]
    told = lines @ held[f"{name}.weight"].swapaxes(1, 2) + held[f"{name}.bias"][:, None]
    return told if given.ndim == 3 else told[:, 0]


def _softmax(odds: Any) -> Any:
    likely = np.exp(odds - odds.max(-1, keepdims=True))
    return likely / likely.sum(-1, keepdims=True)


def _sigmoid(odds: Any) -> Any:
    return 0.5 * np.tanh(0.5 * odds) + 0.5  # which no odds overflow


def _gru(seen: Any) -> Any:
    """The states (M, L, 2H) of a bidirectional gated recurrent unit over (M, L, C + P), gates in PyTorch's order: reset, update,
    new. All members and both directions go on at once."""
    held = _weights()
    both = np.stack([seen, seen[:, ::-1]], 1)  # (M, 2, L, C + P)
    given = both @ held["given"].swapaxes(2, 3) + held["bias_given"][:, :, None]  # (M, 2, L, 3H)
    recur, bias = held["recur"], held["bias"]
    members, width = len(recur), recur.shape[-1]
    state = np.zeros((members, 2, width), np.float32)
    states = np.empty((seen.shape[1], members, 2, width), np.float32)
    for at in range(len(states)):
        now = given[:, :, at]
        before = (recur @ state[..., None])[..., 0] + bias  # (M, 2, 3H)
        gates = _sigmoid(now[..., : 2 * width] + before[..., : 2 * width])
        new = np.tanh(now[..., 2 * width :] + gates[..., :width] * before[..., 2 * width :])
        state = new + gates[..., width:] * (state - new)
        states[at] = state
    forth, back = states[:, :, 0], states[::-1, :, 1]
    return np.concatenate([forth, back], -1).swapaxes(0, 1)


@lru_cache(maxsize=1)
def _weights() -> dict[str, Any]:
    threadpool_limits(1, "blas")  # threads take longer to meet than these few numbers to multiply
    with np.load(WEIGHTS) as stored:
        held: dict[str, Any] = {name: stored[name].astype(np.float32) for name in stored.files}
    for name, stored_as in (
        ("recur", "weight_hh"),
        ("bias", "bias_hh"),
        ("given", "weight_ih"),
        ("bias_given", "bias_ih"),
    ):
        held[name] = np.stack([held.pop(f"gru.{stored_as}"), held.pop(f"gru.{stored_as}_reverse")], 1)  # (M, 2, 3H, …)
    return held


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(WORDS.read_text("utf-8"))
    for name in ("characters", "parts"):
        data[name] = {word: at for at, word in enumerate(data[name], 2)}
    return data
