"""How well the parser reads sentences whose meaning is known: parse --jsonl prints it when the lines hold a "plan"."""

import json
from collections.abc import Iterable, Iterator

from bot.parser import parse
from storage.plans import Plan


def report(lines: Iterable[str]) -> Iterator[str]:
    """The sentences that came out wrong, then the shares that came out right. Nothing for lines without a plan."""
    cases = [json.loads(line) for line in lines if line.strip()]
    cases = [case for case in cases if case.get("plan")]
    intents = operations = plans = chats = edited = 0
    for case in cases:
        wanted = Plan.from_json(case["plan"])
        got = parse(case["text"], case.get("concepts") or (), case.get("photos") or 0)
        intents += got.intent == wanted.intent
        operations += _deeds(got) == _deeds(wanted)
        plans += got == wanted
        chats += wanted.intent == "chat"
        edited += wanted.intent == "chat" and got.intent == "edit"
        if got != wanted:
            yield f"✗ {case['text']}\n  wanted {_shown(wanted)}\n  got    {_shown(got)}"
    if cases:
        many = len(cases)
        yield (
            f"{many} sentences: intent {intents / many:.3f}, operation {operations / many:.3f}, plan {plans / many:.3f}; "
            f"{edited} of {chats} chats taken for an edit"
        )


def _deeds(plan: Plan) -> tuple[str, ...]:
    return (plan.intent, *(step.operation for step in plan.steps))


def _shown(plan: Plan) -> str:
    return json.dumps(plan.to_json(), ensure_ascii=False)
