"""The network that train.py learns, in torch; bot/language/reader.py runs it with NumPy. Its weights in a file."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from bot.language import reader
from storage.plans import CONCEPT_KINDS, EXPRESSIONS, INTENTS, OPERATIONS

WIDTH, CHARACTERS, PARTS, INNER, STATE = 176, 64, 24, 128, 128
Abouts = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
_TABLES = ("characters.weight", "parts.weight", "key.weight")


class Reader(nn.Module):
    """Characters and parts (N, L) → logits of intents and operations, of marks for every character, of the kinds of concept, the
    expressions and which picture is meant; and step after step of a sentence the operation that comes next (or the end), its
    tags and closed slots."""

    def __init__(self, characters: int, parts: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(characters, CHARACTERS, padding_idx=0)
        self.parts = nn.Embedding(parts, PARTS, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.gru = nn.GRU(CHARACTERS + PARTS, WIDTH, batch_first=True, bidirectional=True)
        self.join = nn.Linear(4 * WIDTH + 1, 2 * WIDTH)
        self.intents = nn.Linear(2 * WIDTH, len(INTENTS))
        self.operations = nn.Linear(2 * WIDTH, len(OPERATIONS))
        self.marks = nn.Linear(2 * WIDTH, len(reader.MARKS))
        self.kinds = nn.Linear(2 * WIDTH, len(CONCEPT_KINDS))
        self.expressions = nn.Linear(2 * WIDTH, len(EXPRESSIONS))
        self.which = nn.Linear(2 * WIDTH, len(reader.WHICH))
        self.talk = nn.Linear(2 * WIDTH, len(reader.TALKS))
        self.first = nn.Linear(2 * WIDTH, STATE)
        self.ask = nn.Linear(STATE, 2 * WIDTH)
        self.look = nn.Linear(2 * STATE, 2 * WIDTH)
        self.look_used = nn.Parameter(torch.zeros(1))
        self.next = nn.Linear(STATE + 2 * WIDTH, len(OPERATIONS) + 1)
        self.key = nn.Embedding(len(OPERATIONS) + 1, STATE)
        self.tag_in = nn.Linear(2 * WIDTH, INNER)
        self.tag_step = nn.Linear(2 * STATE, INNER)
        self.tag_used = nn.Parameter(torch.zeros(INNER))
        self.tags = nn.Linear(INNER, len(reader.TAGS))
        self.value_in = nn.Linear(2 * WIDTH + 2 * STATE, INNER)
        self.closed = nn.Linear(INNER, sum(map(len, reader.CLOSED.values())))
        self.step = nn.GRUCell(STATE + 2 * WIDTH, STATE)

    def forward(
        self, characters: torch.Tensor, parts: torch.Tensor, photo: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, Abouts, torch.Tensor, torch.Tensor]:
        seen = self.drop(torch.cat([self.characters(characters), self.parts(parts)], -1))
        states, _ = self.gru(seen)
        states = self.drop(states)
        mask = (characters > 0).unsqueeze(-1)
        most = states.masked_fill(~mask, -1e4).amax(1)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        whole = self.drop(F.relu(self.join(torch.cat([most, mean, photo], -1))))
        about = (self.kinds(whole), self.expressions(whole), self.which(whole), self.talk(whole))
        return self.intents(whole), self.operations(whole), self.marks(states), about, states, whole

    def steps(
        self, states: torch.Tensor, whole: torch.Tensor, mask: torch.Tensor, told: torch.Tensor, named: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """States (M, L, 2H) of sentences, the operations told of them (M, K; the end after the last) and the characters that
        each uses (M, K, L) → logits of the operations, tags (…, L, 5) and closed slots of every step but the end, one after the
        other: first those of all first steps, then those of all second steps. ``told`` must come with the longest first."""
        state = torch.tanh(self.first(whole))
        used = torch.zeros_like(mask, dtype=states.dtype)
        marks = self.tag_in(states)
        end = self.next.out_features - 1
        after, tags, closed = [], [], []
        for at in range(told.shape[1]):
            seen = self._looked(states, self.ask(state), mask, used)
            after.append(self.next(self.drop(torch.cat([state, seen], -1))))
            going = int((told[:, at] != end).sum())
            if not going:
                break
            state, used, states, marks, mask = state[:going], used[:going], states[:going], marks[:going], mask[:going]
            key, about = self.key(told[:going, at]), named[:going, at]
            known = torch.cat([state, key], -1)
            inner = marks + self.tag_step(known).unsqueeze(1) + used.unsqueeze(-1) * self.tag_used
            tags.append(self.tags(self.drop(F.relu(inner))))
            looked = self._looked(states, self.look(known), mask, used)
            closed.append(self.closed(self.drop(F.relu(self.value_in(torch.cat([looked, known], -1))))))
            many = about.sum(1, keepdim=True)
            mean = torch.einsum("ml,mlh->mh", about, states) / many.clamp(min=1)
            state = self.step(torch.cat([key, torch.where(many > 0, mean, looked)], -1), state)
            used = torch.maximum(used, about)
        return torch.cat(after), torch.cat(tags) if tags else marks[:0], torch.cat(closed) if closed else state[:0]

    def _looked(
        self, states: torch.Tensor, query: torch.Tensor, mask: torch.Tensor, used: torch.Tensor
    ) -> torch.Tensor:
        odds = torch.einsum("mlh,mh->ml", states, query) / states.shape[-1] ** 0.5 + used * self.look_used
        return torch.einsum("ml,mlh->mh", odds.masked_fill(~mask, -1e4).softmax(-1), states)


def filled(model: Reader, member: int) -> None:
    """Put the weights of a member that are there into a model; of tables and heads that have grown, the rows that they had."""
    names = {short(name): value for name, value in model.state_dict().items()}
    with np.load(reader.WEIGHTS) as stored, torch.no_grad():
        for name in stored.files:
            held = torch.from_numpy(stored[name][member].astype(np.float32))
            names[name][tuple(slice(size) for size in held.shape)] = held


def short(name: str) -> str:
    """What a weight is called in the file."""
    return name.replace("_l0", "").removesuffix(".weight") if name in _TABLES else name.replace("_l0", "")


def write(models: Sequence[Reader], words: dict[str, Any], temperature: float) -> None:
    """The weights of all members in half precision, each as one array (M, …), the words beside them."""
    held = [{short(name): value for name, value in model.state_dict().items()} for model in models]
    stacked = {name: torch.stack([weights[name] for weights in held]).numpy().astype(np.float16) for name in held[0]}
    np.savez_compressed(reader.WEIGHTS, **stacked)
    told = {
        "temperature": temperature, "intents": INTENTS, "operations": OPERATIONS,
        "characters": list(words["characters"]), "parts": list(words["parts"]),
    }  # fmt: skip
    reader.WORDS.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")), "utf-8")
    print(f"{reader.WEIGHTS.name}: {reader.WEIGHTS.stat().st_size} bytes")
