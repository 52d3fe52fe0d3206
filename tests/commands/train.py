"""Learn the reader (bot/language/reader.py) from the labelled sentences: ``python -m tests.commands.train``.

Needs torch and a core for each member, for some forty minutes. All sets but the last rounds are learnt from, with templates.py for what is
new in the schema's second version, and changed at random by augmenting.py. ``--check N`` leaves the N-th tenth out and prints
how well it is read; the temperature comes from there, too.
Sets that only know ``chat`` do not say whether it is a question, a complaint or a wish to see something: their chats may be
any of these.
"""

import argparse
import json
import multiprocessing
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from bot.language import following, reader, showing
from bot.language.retouching import retouched
from bot.language.styles import manner
from bot.language.tokens import fold, tokens
from storage.plans import CONCEPT_KINDS, EXPRESSIONS, INTENTS, OPERATIONS, Step
from tests.commands.augmenting import NO_ORDER, Augmenter, Case, found
from tests.commands.network import Reader, filled, write
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
    "round22.jsonl",
    "round23.jsonl",
    "round24.jsonl",
    "round25.jsonl",
)  # never learnt from
FOLLOWING = "following.jsonl"  # messages and the edit before them
SECOND = ("second.jsonl", "spoken.jsonl", "authors.jsonl", "life.jsonl", FOLLOWING)  # sets of the second schema
TALK = (*NO_ORDER, "show")
AFTER_AN_EDIT = 3  # times that those of FOLLOWING, which are few, are learnt
ABOUT = {"learn": ("name",), "stickers": ("subject",), "generate": ("content",), "forget": ("name",)}
TEMPLATES = 8000
MEMBERS = 2  # networks that answer as one
BATCH, LATER_RATE = 96, 1e-3
EPOCHS, RATE = 8, 3e-3
GOING_ON = 5, 2e-3  # epochs and rate of what goes on from weights that are there
LATER = 0.25
TEMPERATURE = 1.0  # of the probabilities, as --check finds it
PRESSED = 1.5  # how much a chat under a photo weighs: taking one for an order is worst
RARE = 3  # characters seen less often are all one


@dataclass(frozen=True, slots=True)
class Row:
    """A case in numbers. ``deeds``: of every step its operation, its tags, its closed slots (-1: not told). ``kind``: -1 where
    nothing is taught; ``which``: -1 where no picture is spoken of, or a set does not say;
    ``talk``: -1 where nobody has said which."""

    ids: list[int]
    parts: list[int]
    photo: float
    intent: int
    operations: list[float]
    marks: list[int]
    kind: int
    expressions: list[float]
    which: int
    talk: int
    deeds: list[tuple[int, list[int], list[int]]]
    exact: bool


def main() -> None:
    """Learn and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=int, metavar="N", help="leave the N-th tenth out and print what comes of it")
    parser.add_argument("--go-on", action="store_true", help="from the weights that are there, not so long")
    told = parser.parse_args()
    cases = gathered()
    kept = [case for at, case in enumerate(cases) if told.check is None or at % 10 != told.check]
    left = [case for at, case in enumerate(cases) if at % 10 == (told.check or 0)] if told.check is not None else []
    words = listed(kept, told.go_on)
    with multiprocessing.get_context("spawn").Pool(MEMBERS) as cores:
        models = cores.starmap(learn, [(kept, words, member, told.go_on) for member in range(MEMBERS)])
    if left:
        check(models, words, left)
    for name in LAST:
        path = HERE / name
        if path.exists():
            print(name, end=": ")
            check(models, words, [prepared(json.loads(line), name) for line in path.read_text("utf-8").splitlines()])
    if told.check is None:
        write(models, words, TEMPERATURE)


def gathered() -> list[Case]:
    """Every labelled sentence but those of the last rounds."""
    paths = [path for path in sorted(HERE.glob("*.jsonl")) if path.name not in (*LAST, "talk.jsonl")]
    cases = [
        prepared(json.loads(line), path.name)
        for path in paths
        for line in path.read_text("utf-8").splitlines() * (AFTER_AN_EDIT if path.name == FOLLOWING else 1)
    ]
    kinds = {
        talk["text"]: talk["kind"] for talk in map(json.loads, (HERE / "talk.jsonl").read_text("utf-8").splitlines())
    }
    for case in cases:
        case["talk"] = kinds.get(case["text"]) if case["intent"] == "chat" else None
    known = {case["text"] for case in cases}
    talks = (
        {"text": text, "talk": kind, "plan": {"intent": "chat"}} for text, kind in kinds.items() if text not in known
    )
    cases += [prepared(talk, "life.jsonl") for talk in talks]
    cases += [prepared(case, "second.jsonl") for case in templated(TEMPLATES)]
    random.Random(0).shuffle(cases)
    return cases


def prepared(case: Case, file: str) -> Case:
    """A case with its steps in the words of the second schema, and the words that are in none; what follows an edit as one line
    with it."""
    if "last" in case:
        case = {**case, "text": following.line(Step.from_json(case["last"]), case["text"]), "photos": 1}
    plan = case["plan"]
    steps = [retouched(Step.from_json(step)) for step in plan.get("steps") or ()]
    steps = [
        replace(step, content=manner(step.content, case["text"]))
        if step.operation == "restyle" and step.content
        else step
        for step in steps
    ]
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


def _pointing(case: Case) -> str | None:
    """The words that say which earlier picture a message is about."""
    told = case["plan"].get("result")
    if told is None:
        return None
    if str(told) in case["text"]:
        return str(told)
    return showing.words(case["text"])


def listed(cases: list[Case], go_on: bool) -> dict[str, Any]:
    """Characters and parts with their numbers; with ``go_on`` first those that the weights know."""
    counts: dict[str, int] = {}
    roles: set[str] = set()
    for case in cases:
        characters, parts, _ = reader.features(tokens(case["text"], case.get("concepts") or ()))
        roles.update(parts)
        for one in characters:
            counts[one] = counts.get(one, 0) + 1
    told = json.loads(reader.WORDS.read_text("utf-8")) if go_on else {"characters": [], "parts": []}
    known = {"characters": [c for c, n in counts.items() if n >= RARE], "parts": list(roles)}
    words = {name: told[name] + sorted(set(known[name]) - set(told[name])) for name in known}
    return {name: {one: at for at, one in enumerate(some, 2)} for name, some in words.items()}


def learn(cases: list[Case], words: dict[str, Any], member: int, go_on: bool = False) -> Reader:
    """Train on all cases EPOCHS times, then half as often with those of the first schema, most of them talk, twice; the weights are
    a mean of those after each, LATER of the latter. Members begin and draw otherwise. With ``go_on`` from the weights that are
    there, as GOING_ON says."""
    torch.set_num_threads(1)  # a core a member
    torch.manual_seed(member)
    model = Reader(len(words["characters"]) + 2, len(words["parts"]) + 2)
    if go_on:
        filled(model, member)
    epochs, rate = GOING_ON if go_on else (EPOCHS, RATE)
    print(len(cases), "sentences,", sum(p.numel() for p in model.parameters()), "weights", flush=True)
    chance, cases = random.Random(member + 1), list(cases)
    augmenter = Augmenter(cases, chance)
    passed(model, words, cases, augmenter, epochs, rate)
    first = {name: value.clone() for name, value in model.state_dict().items()}
    old = [case for case in cases if not case["exact"]]
    passed(model, words, cases + old, augmenter, (epochs + 1) // 2, LATER_RATE)
    model.load_state_dict({name: torch.lerp(first[name], value, LATER) for name, value in model.state_dict().items()})
    return model.eval()


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
    plan = case["plan"]
    result = [case["result"]] if case["result"] else []
    about = [words for words in (plan.get(slot) for slot in ABOUT.get(case["intent"], ())) if words]
    captions = plan.get("captions") or ()
    for kind, some in ((1, case["beyond"]), (3, case["left"]), (5, result), (7, about), (9, captions)):
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
        CONCEPT_KINDS.index(plan.get("kind") or CONCEPT_KINDS[0]) if case["intent"] == "learn" else -1,
        [float(one in (plan.get("expressions") or ())) for one in EXPRESSIONS],
        _which(case) if case["exact"] and case["intent"] in ("edit", "show", "undo") else -1,
        reader.TALKS.index(case["talk"]) if case.get("talk") else -1,
        [_deed(step, line, places) for step in case["steps"]][: reader.MOST],
        case["exact"],
    )


def _which(case: Case) -> int:
    """The place in WHICH of the picture that a case is about."""
    told = case["plan"].get("result") or (case["result"] and (showing.result(case["result"]) or "said")) or ""
    return reader.WHICH.index(told if told in reader.WHICH else "said")


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
    intents, operations, marks, about, states, whole = model(characters, parts, photo)
    wanted = torch.tensor([row.intent for row in rows])
    likely = F.log_softmax(intents, -1)
    plain = F.nll_loss(likely, wanted, reduction="none")
    turn = torch.tensor([INTENTS.index(one) for one in TALK])
    loosely = torch.tensor([not row.exact and INTENTS[row.intent] == "chat" for row in rows])
    of_intent = torch.where(loosely, 0.7 * -torch.logsumexp(likely[:, turn], -1) + 0.3 * plain, plain)
    heavy = torch.tensor([PRESSED if INTENTS[row.intent] == "chat" and row.photo else 1.0 for row in rows])
    loss = (of_intent * heavy).mean()
    kinds, expressions, which, talk = about
    for logits, slot in ((kinds, "kind"), (which, "which"), (talk, "talk")):
        told = torch.tensor([getattr(row, slot) for row in rows])
        if (told >= 0).any():
            loss = loss + 0.2 * F.cross_entropy(logits, told, ignore_index=-1)
    packs = wanted == INTENTS.index("stickers")
    if packs.any():
        drawn = torch.tensor([row.expressions for row in rows])[packs]
        loss = loss + 0.2 * F.binary_cross_entropy_with_logits(expressions[packs], drawn)
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
    rare = torch.isin(wanted, torch.tensor([INTENTS.index(one) for one in (*ABOUT, "show", "undo")]))
    if rare.any():  # whose words are few among all
        loss = loss + 0.4 * F.cross_entropy(marks[rare].flatten(0, 1), marked[rare].flatten(), ignore_index=-1)
    return loss + deeds_loss(model, rows, edits.nonzero().flatten().tolist(), states, whole, characters > 0)


def deeds_loss(
    model: Reader, rows: list[Row], edits: list[int], states: torch.Tensor, whole: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """The loss of the steps of the rows ``edits``: what comes next, its tags, its closed slots."""
    of = sorted(edits, key=lambda at: -len(rows[at].deeds))
    most = max(len(rows[at].deeds) for at in of) + 1
    longest, end = mask.shape[1], len(OPERATIONS)
    nothing = (end, [-1] * longest, [-1] * len(reader.CLOSED))
    deeds = [
        [(one, tags + [-1] * (longest - len(tags)), slots) for one, tags, slots in rows[at].deeds]
        + [nothing] * (most - len(rows[at].deeds))
        for at in of
    ]
    told, tagged, slots = (torch.tensor([[step[part] for step in some] for some in deeds]) for part in range(3))
    after, tags, closed = model.steps(states[of], whole[of], mask[of], told, (tagged > 0).float())
    real = (told != end).T
    first = torch.ones_like(real[:1])
    loss = 0.8 * F.cross_entropy(after, told.T[torch.cat([first, real[:-1]])])  # the end after the last, too
    if not real.any():
        return loss
    loss = loss + 1.5 * F.cross_entropy(tags.flatten(0, 1), tagged.transpose(0, 1)[real].flatten(), ignore_index=-1)
    start, said = 0, slots.transpose(0, 1)[real]
    for at, values in enumerate(reader.CLOSED.values()):
        if (said[:, at] >= 0).any():
            loss = loss + 0.5 * F.cross_entropy(closed[:, start : start + len(values)], said[:, at], ignore_index=-1)
        start += len(values)
    return loss


def padded(rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Characters, parts (N, L) and photo (N, 1)."""
    longest = max(len(row.ids) for row in rows)
    characters = torch.tensor([row.ids + [0] * (longest - len(row.ids)) for row in rows])
    parts = torch.tensor([row.parts + [0] * (longest - len(row.parts)) for row in rows])
    return characters, parts, torch.tensor([[row.photo] for row in rows])


@torch.no_grad()
def check(models: list[Reader], words: dict[str, Any], cases: list[Case]) -> float:
    """Print the shares that come out right; the temperature that makes the probabilities true."""
    logits, wanted = [], []
    right = deeds = many = 0
    for case in cases:
        row = encoded(case, words)
        said = [model(*padded([row]))[:2] for model in models]
        intents, operations = (torch.stack(some).mean(0) for some in zip(*said, strict=True))
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


if __name__ == "__main__":
    main()
