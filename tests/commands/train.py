"""Learn the reader (bot/language/reader.py) from the labelled sentences: ``python -m tests.commands.train``.

Needs torch, one core and about five minutes. All sets but the last rounds are learnt
from, with templates.py for what is new in the schema's second version, and with slips, names, politeness and emoji put in at
random. ``--check N`` leaves the N-th tenth out and prints how well it is read; the temperature comes from there, too.
Sets that only know ``chat`` do not say whether it is a question, a complaint or a wish to see something: their chats may be
any of these.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from bot.language import reader
from bot.language.retouching import retouched
from bot.language.tokens import Token, fold, tokens
from storage.plans import INTENTS, OPERATIONS, Step
from tests.commands.templates import sentences as templated

HERE = Path(__file__).parent
LAST = ("round14.jsonl", "round15.jsonl", "round16.jsonl", "round17.jsonl")  # which shall tell how well others are read
SECOND = ("second.jsonl",)  # sets of the second schema
TALK = ("chat", "question", "complaint", "show")
TEMPLATES = 9000
EPOCHS, BATCH, RATE = 7, 64, 3e-3
WIDTH, CHARACTERS, PARTS = 112, 64, 24
TEMPERATURE = 1.0  # of the probabilities, as --check finds it
PRESSED = 1.3  # how much a chat under a photo weighs: taking one for an order is worst
_TABLES = ("characters.weight", "parts.weight")
RARE = 3  # characters seen less often are all one

Case = dict[str, Any]


class Reader(nn.Module):
    """Characters and parts (1, L) → logits of intents, of operations, and of tags for every character."""

    def __init__(self, characters: int, parts: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(characters, CHARACTERS, padding_idx=0)
        self.parts = nn.Embedding(parts, PARTS, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.gru = nn.GRU(CHARACTERS + PARTS, WIDTH, batch_first=True, bidirectional=True)
        self.join = nn.Linear(4 * WIDTH + 1, 2 * WIDTH)
        self.intents = nn.Linear(2 * WIDTH, len(INTENTS))
        self.operations = nn.Linear(2 * WIDTH, len(OPERATIONS))
        self.tags = nn.Linear(2 * WIDTH, len(reader.TAGS))

    def forward(self, characters: torch.Tensor, parts: torch.Tensor, photo: torch.Tensor) -> tuple[torch.Tensor, ...]:
        seen = self.drop(torch.cat([self.characters(characters), self.parts(parts)], -1))
        states, _ = self.gru(seen)
        states = self.drop(states)
        mask = (characters > 0).unsqueeze(-1)
        most = states.masked_fill(~mask, -1e4).amax(1)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        whole = self.drop(F.relu(self.join(torch.cat([most, mean, photo], -1))))
        return self.intents(whole), self.operations(whole), self.tags(states)


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
    cases += [prepared(case, "second.jsonl") for case in templated(TEMPLATES)] + own * 5
    random.Random(0).shuffle(cases)
    return cases


def prepared(case: Case, file: str) -> Case:
    """A case with its steps in the words of the second schema."""
    steps = [retouched(Step.from_json(step)) for step in case["plan"].get("steps") or ()]
    exact = file in SECOND or file in ("round16.jsonl", "round17.jsonl")
    return {**case, "steps": steps, "intent": case["plan"]["intent"], "exact": exact}


def changed(
    case: Case, chance: random.Random
) -> tuple[list[Token], list[tuple[int, int]], list[tuple[int, int]], float]:
    """The tokens of a case with something changed, where its targets and contents stand, and whether a photo is there."""
    text = case["text"]
    if chance.random() < 0.12:
        text = text + chance.choice(["", "!", "~", "。", "😂", "🙏", " ", "哈", "吧", "啊"])
    if chance.random() < 0.06 and len(text) > 5:
        at = chance.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    found = tokens(text, case.get("concepts") or ())
    line = fold(text)
    spans: list[list[tuple[int, int]]] = []
    for slot in ("target", "content"):
        words = [getattr(step, slot) for step in case["steps"]]
        words += [step.concept for step in case["steps"]] if slot == "content" else []
        spans.append([(line.find(fold(w)), line.find(fold(w)) + len(w)) for w in words if w and fold(w) in line])
    photo = float((case.get("photos") or 0) > 0)
    if case["intent"] not in ("edit", "learn", "generate", "chat"):
        photo = float(chance.random() < 0.5)
    return found, spans[0], spans[1], photo


def learn(cases: list[Case], epochs: int) -> tuple[Reader, dict[str, Any]]:
    """Train on all cases ``epochs`` times."""
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
    print(len(cases), "sentences,", sum(p.numel() for p in model.parameters()), "weights")
    chance = random.Random(1)
    steps = epochs * (len(cases) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + epochs)
    for epoch in range(epochs):
        chance.shuffle(cases)
        rows = [encoded(case, words, chance) for case in cases]
        order = sorted(range(len(rows)), key=lambda at: len(rows[at][0]) + chance.random() * 6)
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
        print(f"epoch {epoch + 1}: {total / len(batches):.4f}", flush=True)
    return model.eval(), words


def encoded(case: Case, words: dict[str, Any], chance: random.Random) -> tuple[Any, ...]:
    """Numbers for a case."""
    found, targets, contents, photo = changed(case, chance)
    characters, parts, places = reader.features(found)
    if not characters:
        characters, parts, places = ["。"], ["STOP"], [0]
    ids = [words["characters"].get(one, 1) for one in characters]
    ids = [1 if chance.random() < 0.05 else one for one in ids]
    tags = [0] * len(characters)
    for kind, spans in ((1, targets), (3, contents)):
        for start, end in spans:
            inside = [at for at, place in enumerate(places) if start <= place < end]
            for at in inside:
                tags[at] = kind + (at != inside[0])
    deeds = {step.operation for step in case["steps"]}
    return (
        ids,
        [words["parts"].get(one, 1) for one in parts],
        photo,
        INTENTS.index(case["intent"]),
        [float(one in deeds) for one in OPERATIONS],
        tags,
        case["exact"],
    )


def step_loss(model: Reader, rows: list[tuple[Any, ...]]) -> torch.Tensor:
    """The loss of a batch: intents (chats of old sets may be any talk), operations and tags of edits."""
    characters, parts, photo = padded(rows)
    intents, operations, tags = model(characters, parts, photo)
    wanted = torch.tensor([row[3] for row in rows])
    likely = F.log_softmax(intents, -1)
    plain = F.nll_loss(likely, wanted, reduction="none")
    talk = torch.tensor([INTENTS.index(one) for one in TALK])
    loosely = torch.tensor([not row[6] and INTENTS[row[3]] == "chat" for row in rows])
    of_intent = torch.where(loosely, 0.7 * -torch.logsumexp(likely[:, talk], -1) + 0.3 * plain, plain)
    edits = wanted == INTENTS.index("edit")
    deeds = F.binary_cross_entropy_with_logits(operations, torch.tensor([row[4] for row in rows]), reduction="none")
    of_deeds = (deeds.sum(-1) * edits).mean()
    longest = characters.shape[1]
    marks = torch.tensor([row[5] + [-1] * (longest - len(row[5])) for row in rows])
    marks[~edits] = -1
    of_tags = F.cross_entropy(tags.flatten(0, 1), marks.flatten(), ignore_index=-1) if edits.any() else 0.0
    heavy = torch.tensor([PRESSED if INTENTS[row[3]] == "chat" and row[2] else 1.0 for row in rows])
    return (of_intent * heavy).mean() + 0.5 * of_deeds + 0.5 * of_tags


def padded(rows: list[tuple[Any, ...]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Characters, parts (N, L) and photo (N, 1)."""
    longest = max(len(row[0]) for row in rows)
    both = [torch.tensor([row[at] + [0] * (longest - len(row[at])) for row in rows]) for at in (0, 1)]
    return both[0], both[1], torch.tensor([[row[2]] for row in rows])


@torch.no_grad()
def check(model: Reader, words: dict[str, Any], cases: list[Case]) -> float:
    """Print the shares that come out right; the temperature that makes the probabilities true."""
    logits, right, deeds, many = [], 0, 0, 0
    wanted = []
    for case in cases:
        row = encoded(case, words, _Still())
        intents, operations, _ = model(*padded([row]))
        logits.append(intents[0])
        wanted.append(row[3])
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
    print(f"temperature {best[1]:.1f}")
    return float(best[1])


class _Still(random.Random):
    """Chance that changes nothing."""

    def random(self) -> float:
        return 0.99


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
