"""Learn the reader (bot/language/reader.py) from the labelled sentences: ``python -m tests.commands.train``.

Needs torch and one core for some forty minutes. All sets but the last rounds are learnt from, with templates.py for what is
new in the schema's second version, and changed at random by augmenting.py. ``--check N`` leaves the N-th tenth out and prints
how well it is read; the temperature comes from there, too.
Sets that only know ``chat`` do not say whether it is a question, a complaint or a wish to see something: their chats may be
any of these.
"""

import argparse
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from bot.language import reader, showing
from bot.language.retouching import retouched
from bot.language.tokens import fold, tokens
from storage.plans import INTENTS, OPERATIONS, Step
from tests.commands.augmenting import NO_ORDER, Augmenter, Case, found
from tests.commands.templates import sentences as templated

HERE = Path(__file__).parent
LAST = (
    "round14.jsonl",
    "round15.jsonl",
    "round16.jsonl",
    "round17.jsonl",
    "round18.jsonl",
    "round19.jsonl",
    "round20.jsonl",
    "round21.jsonl",
)  # never learnt from
SECOND = ("second.jsonl", "spoken.jsonl", "authors.jsonl", "life.jsonl")  # sets of the second schema
TALK = (*NO_ORDER, "show")
TEMPLATES, COPIES = 8000, 1
EPOCHS, BATCH, RATE, LATER_RATE = 8, 96, 3e-3, 1e-3  # later: half as many epochs, with the old sets twice
WIDTH, CHARACTERS, PARTS, INNER, STATE = 176, 64, 24, 128, 128
TEMPERATURE = 1.0  # of the probabilities, as --check finds it
PRESSED = 1.5  # how much a chat under a photo weighs: taking one for an order is worst
_TABLES = ("characters.weight", "parts.weight", "key.weight")
RARE = 3  # characters seen less often are all one


class Reader(nn.Module):
    """Characters and parts (N, L) → logits of intents and operations, of marks for every character; and step after step of a
    sentence the operation that comes next (or the end), its tags and closed slots."""

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

    def forward(self, characters: torch.Tensor, parts: torch.Tensor, photo: torch.Tensor) -> tuple[torch.Tensor, ...]:
        seen = self.drop(torch.cat([self.characters(characters), self.parts(parts)], -1))
        states, _ = self.gru(seen)
        states = self.drop(states)
        mask = (characters > 0).unsqueeze(-1)
        most = states.masked_fill(~mask, -1e4).amax(1)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        whole = self.drop(F.relu(self.join(torch.cat([most, mean, photo], -1))))
        return self.intents(whole), self.operations(whole), self.marks(states), states, whole

    def steps(
        self, states: torch.Tensor, whole: torch.Tensor, mask: torch.Tensor, told: torch.Tensor, named: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """States (M, L, 2H) of sentences, the operations told of them (M, K; the end after the last) and the characters that
        each uses (M, K, L) → logits of the operations (M, K, …), tags (M, K, L, 5) and closed slots (M, K, …)."""
        state = torch.tanh(self.first(whole))
        used = torch.zeros_like(mask, dtype=states.dtype)
        marks = self.tag_in(states)
        after, tags, closed = [], [], []
        for at in range(told.shape[1]):
            seen, key, about = self._looked(states, self.ask(state), mask, used), self.key(told[:, at]), named[:, at]
            after.append(self.next(self.drop(torch.cat([state, seen], -1))))
            known = torch.cat([state, key], -1)
            inner = marks + self.tag_step(known).unsqueeze(1) + used.unsqueeze(-1) * self.tag_used
            tags.append(self.tags(self.drop(F.relu(inner))))
            looked = self._looked(states, self.look(known), mask, used)
            closed.append(self.closed(self.drop(F.relu(self.value_in(torch.cat([looked, known], -1))))))
            many = about.sum(1, keepdim=True)
            mean = torch.einsum("ml,mlh->mh", about, states) / many.clamp(min=1)
            state = self.step(torch.cat([key, torch.where(many > 0, mean, looked)], -1), state)
            used = torch.maximum(used, about)
        return torch.stack(after, 1), torch.stack(tags, 1), torch.stack(closed, 1)

    def _looked(
        self, states: torch.Tensor, query: torch.Tensor, mask: torch.Tensor, used: torch.Tensor
    ) -> torch.Tensor:
        odds = torch.einsum("mlh,mh->ml", states, query) / states.shape[-1] ** 0.5 + used * self.look_used
        return torch.einsum("ml,mlh->mh", odds.masked_fill(~mask, -1e4).softmax(-1), states)


@dataclass(frozen=True, slots=True)
class Row:
    """A case in numbers. ``deeds``: of every step its operation, its tags, its closed slots (-1: not told)."""

    ids: list[int]
    parts: list[int]
    photo: float
    intent: int
    operations: list[float]
    marks: list[int]
    deeds: list[tuple[int, list[int], list[int]]]
    exact: bool


def main() -> None:
    """Learn and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=int, metavar="N", help="leave the N-th tenth out and print what comes of it")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    told = parser.parse_args()
    torch.manual_seed(0)
    cases = gathered()
    kept = [case for at, case in enumerate(cases) if told.check is None or at % 10 != told.check]
    left = [case for at, case in enumerate(cases) if at % 10 == (told.check or 0)] if told.check is not None else []
    model, words = learn(kept, told.epochs)
    if left:
        check(model, words, left)
    for name in LAST:
        path = HERE / name
        if path.exists():
            print(name, end=": ")
            check(model, words, [prepared(json.loads(line), name) for line in path.read_text("utf-8").splitlines()])
    if told.check is None:
        write(model, words, TEMPERATURE)


def gathered() -> list[Case]:
    """Every labelled sentence but those of the last rounds."""
    paths = [path for path in sorted(HERE.glob("*.jsonl")) if path.name not in LAST]
    cases = [prepared(json.loads(line), path.name) for path in paths for line in path.read_text("utf-8").splitlines()]
    own = [case for case in cases if case["exact"]]
    cases += [prepared(case, "second.jsonl") for case in templated(TEMPLATES)] + own * COPIES
    random.Random(0).shuffle(cases)
    return cases


def prepared(case: Case, file: str) -> Case:
    """A case with its steps in the words of the second schema, and the words that are in none."""
    plan = case["plan"]
    steps = [_in_style(retouched(Step.from_json(step)), case["text"]) for step in plan.get("steps") or ()]
    beyond, left = list(plan.get("unsupported") or ()), list(plan.get("left_over") or ())
    if plan["intent"] == "edit" and not steps and not beyond:
        beyond = [case["text"].strip()]
    told = {"steps": steps, "beyond": beyond, "left": left, "result": _pointing(case), "marked": bool(beyond or left)}
    return {
        **case,
        **told,
        "intent": plan["intent"],
        "exact": file in SECOND or file in ("round16.jsonl", "round17.jsonl"),
    }


def _in_style(step: Step, text: str) -> Step:
    """X风 is a style of that name; sets of the first schema say X."""
    for manner in "风感" if step.operation == "restyle" and step.content else "":
        said = f"{step.content}{manner}"
        if said in text and f"{said}格" not in text:
            return replace(step, content=said)
    return step


def _pointing(case: Case) -> str | None:
    """The words of an order that say which earlier picture it is about."""
    told = case["plan"].get("result") if case["plan"]["intent"] == "edit" else None
    if told is None:
        return None
    if str(told) in case["text"]:
        return str(told)
    return showing.words(case["text"])


def learn(cases: list[Case], epochs: int) -> tuple[Reader, dict[str, Any]]:
    """Train on all cases ``epochs`` times, then half as often with those of the first schema, most of them talk, twice."""
    counts: dict[str, int] = {}
    roles: set[str] = set()
    for case in cases:
        characters, parts, _ = reader.features(tokens(case["text"], case.get("concepts") or ()))
        roles.update(parts)
        for one in characters:
            counts[one] = counts.get(one, 0) + 1
    words = {
        "characters": {one: at for at, one in enumerate(sorted(c for c, n in counts.items() if n >= RARE), 2)},
        "parts": {one: at for at, one in enumerate(sorted(roles), 2)},
    }
    model = Reader(len(words["characters"]) + 2, len(words["parts"]) + 2)
    print(len(cases), "sentences,", sum(p.numel() for p in model.parameters()), "weights", flush=True)
    chance = random.Random(1)
    augmenter = Augmenter(cases, chance)
    passed(model, words, cases, augmenter, epochs, RATE)
    passed(
        model, words, cases + [case for case in cases if not case["exact"]], augmenter, max(1, epochs // 2), LATER_RATE
    )
    return model.eval(), words


def passed(
    model: Reader, words: dict[str, Any], cases: list[Case], augmenter: Augmenter, epochs: int, rate: float
) -> None:
    """Train on the cases ``epochs`` times, the rate rising to ``rate`` and falling to nothing."""
    chance = augmenter.chance
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    steps = epochs * (len(cases) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    for epoch in range(epochs):
        chance.shuffle(cases)
        rows = [encoded(augmenter.changed(case), words, chance) for case in cases]
        order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids) + chance.random() * 6)
        batches = [order[at : at + BATCH] for at in range(0, len(order) - BATCH + 1, BATCH)]
        chance.shuffle(batches)
        total = 0.0
        for batch in batches:
            loss = step_loss(model, [rows[at] for at in batch])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {len(cases)} sentences: {total / len(batches):.4f}", flush=True)


def encoded(case: Case, words: dict[str, Any], chance: random.Random | None = None) -> Row:
    """Numbers for a case; with ``chance``, a character may be unknown and a photo be there or not."""
    characters, parts, places = reader.features(tokens(case["text"], case.get("concepts") or ()))
    if not characters:
        characters, parts, places = ["。"], ["STOP"], [0]
    ids = [words["characters"].get(one, 1) for one in characters]
    photo = float((case.get("photos") or 0) > 0)
    if chance is not None:
        ids = [1 if chance.random() < 0.05 else one for one in ids]
        if case["intent"] not in ("edit", "learn", "generate", "chat"):
            photo = float(chance.random() < 0.5)
    line = fold(case["text"])
    marks = [0] * len(characters)
    result = [case["result"]] if case["result"] else []
    for kind, some in ((1, case["beyond"]), (3, case["left"]), (5, result)):
        for one in some:
            _mark(marks, places, found(one, line), kind)
    deeds = {step.operation for step in case["steps"]}
    return Row(
        ids,
        [words["parts"].get(one, 1) for one in parts],
        photo,
        INTENTS.index(case["intent"]),
        [float(one in deeds) for one in OPERATIONS],
        marks,
        [_deed(step, line, places) for step in case["steps"]][: reader.MOST],
        case["exact"],
    )


def _mark(marks: list[int], places: list[int], where: tuple[int, int] | None, kind: int) -> None:
    if where is None:
        return
    inside = [at for at, place in enumerate(places) if where[0] <= place < where[1]]
    for at in inside:
        marks[at] = kind + (at != inside[0])


def _deed(step: Step, line: str, places: list[int]) -> tuple[int, list[int], list[int]]:
    """A step: its operation, the tags of its words, its closed slots."""
    tags = [0] * len(places)
    for kind, told in ((1, step.target), (3, step.content or step.concept)):
        if not (kind == 3 and reader.value_of(step)):
            _mark(tags, places, found(told, line), kind)
    slots = []
    for name, values in reader.CLOSED.items():
        only = reader.value_of(step) if name == "value" else getattr(step, name)
        slots.append(-1 if name == "value" and step.operation not in reader.VALUED else values.index(only or values[0]))
    return OPERATIONS.index(step.operation), tags, slots


def step_loss(model: Reader, rows: list[Row]) -> torch.Tensor:
    """The loss of a batch: intents (chats of old sets may be any talk), operations, tags and closed slots of edits."""
    characters, parts, photo = padded(rows)
    intents, operations, marks, states, whole = model(characters, parts, photo)
    wanted = torch.tensor([row.intent for row in rows])
    likely = F.log_softmax(intents, -1)
    plain = F.nll_loss(likely, wanted, reduction="none")
    turn = torch.tensor([INTENTS.index(one) for one in TALK])
    loosely = torch.tensor([not row.exact and INTENTS[row.intent] == "chat" for row in rows])
    of_intent = torch.where(loosely, 0.7 * -torch.logsumexp(likely[:, turn], -1) + 0.3 * plain, plain)
    heavy = torch.tensor([PRESSED if INTENTS[row.intent] == "chat" and row.photo else 1.0 for row in rows])
    loss = (of_intent * heavy).mean()
    edits = wanted == INTENTS.index("edit")
    if not edits.any():
        return loss
    done = F.binary_cross_entropy_with_logits(
        operations, torch.tensor([row.operations for row in rows]), reduction="none"
    )
    longest = characters.shape[1]
    marked = torch.tensor([row.marks + [-1] * (longest - len(row.marks)) for row in rows])
    marked[torch.isin(wanted, torch.tensor([INTENTS.index(one) for one in NO_ORDER]))] = -1
    loss = loss + 0.5 * (done.sum(-1) * edits).mean()
    loss = loss + 0.6 * F.cross_entropy(marks.flatten(0, 1), marked.flatten(), ignore_index=-1)
    of = edits.nonzero().flatten().tolist()
    most = max(len(rows[at].deeds) for at in of) + 1
    end, none = len(OPERATIONS), [-1] * longest
    told = torch.tensor([[one for one, *_ in rows[at].deeds] + [end] * (most - len(rows[at].deeds)) for at in of])
    tagged = torch.tensor([
        [some + [-1] * (longest - len(some)) for _, some, _ in rows[at].deeds] + [none] * (most - len(rows[at].deeds))
        for at in of
    ])  # fmt: skip
    after, tags, closed = model.steps(states[of], whole[of], characters[of] > 0, told, (tagged > 0).float())
    first_end = (told == end).cumsum(1) <= 1
    loss = loss + 0.8 * F.cross_entropy(after[first_end], told[first_end])
    real = told != end
    if not real.any():
        return loss
    loss = loss + 1.5 * F.cross_entropy(tags[real].flatten(0, 1), tagged[real].flatten(), ignore_index=-1)
    closed = closed[real]
    slots = torch.tensor([some for at in of for _, _, some in rows[at].deeds])
    start = 0
    for at, values in enumerate(reader.CLOSED.values()):
        if (slots[:, at] >= 0).any():
            loss = loss + 0.5 * F.cross_entropy(closed[:, start : start + len(values)], slots[:, at], ignore_index=-1)
        start += len(values)
    return loss


def padded(rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Characters, parts (N, L) and photo (N, 1)."""
    longest = max(len(row.ids) for row in rows)
    characters = torch.tensor([row.ids + [0] * (longest - len(row.ids)) for row in rows])
    parts = torch.tensor([row.parts + [0] * (longest - len(row.parts)) for row in rows])
    return characters, parts, torch.tensor([[row.photo] for row in rows])


@torch.no_grad()
def check(model: Reader, words: dict[str, Any], cases: list[Case]) -> float:
    """Print the shares that come out right; the temperature that makes the probabilities true."""
    logits, wanted = [], []
    right = deeds = many = 0
    for case in cases:
        row = encoded(case, words)
        intents, operations, *_ = model(*padded([row]))
        logits.append(intents[0])
        wanted.append(row.intent)
        told = INTENTS[int(intents.argmax())]
        fits = told == case["intent"] or (not case["exact"] and told in TALK and case["intent"] == "chat")
        right += fits
        if case["intent"] == "edit":
            many += 1
            got = {name for name, odd in zip(OPERATIONS, operations[0], strict=True) if odd > 0}
            deeds += fits and got == {step.operation for step in case["steps"]}
    print(
        f"{len(cases)} sentences: intent {right / len(cases):.3f}, operations of {many} edits {deeds / max(1, many):.3f}"
    )
    odds, true = torch.stack(logits), torch.tensor(wanted)
    best = min((float(F.cross_entropy(odds / t, true)), t) for t in np.arange(0.6, 3.0, 0.1))
    print(f"temperature {best[1]:.1f}", flush=True)
    return float(best[1])


def write(model: Reader, words: dict[str, Any], temperature: float) -> None:
    """The weights in half precision, the words beside them."""
    held = {
        name.replace("_l0", "").removesuffix(".weight") if name in _TABLES else name.replace("_l0", ""): value
        for name, value in model.state_dict().items()
    }
    np.savez_compressed(reader.WEIGHTS, **{name: value.numpy().astype(np.float16) for name, value in held.items()})
    told = {
        "temperature": temperature, "intents": INTENTS, "operations": OPERATIONS,
        "characters": list(words["characters"]), "parts": list(words["parts"]),
    }  # fmt: skip
    reader.WORDS.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")), "utf-8")
    print(f"{reader.WEIGHTS.name}: {reader.WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
