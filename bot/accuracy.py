"""How well the parser reads sentences whose meaning is known: parse --jsonl prints it when the lines hold a "plan"."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.parser import parse
from storage.plans import Plan, Step

_OLD = {
    "modify": ("adjust", "beautify", "mosaic", "upscale", "recolor", "restore"), "restyle": ("adjust",), "remove": ("cutout", "crop", "adjust", "beautify"),
    "replace": ("face_swap", "recolor"),
}  # fmt: skip
TALK = ("question", "complaint", "show")  # what sets of the first version call chat


def report(lines: Iterable[str]) -> Iterator[str]:
    """The sentences that came out wrong, then the shares that came out right. Nothing for lines without a plan."""
    cases = [json.loads(line) for line in lines if line.strip()]
    cases = [case for case in cases if case.get("plan")]
    intents = operations = plans = chats = edited = 0
    for case in cases:
        wanted = Plan.from_json(case["plan"])
        got = parse(case["text"], case.get("concepts") or (), case.get("photos") or 0)
        got = as_told(got, wanted)
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


def as_told(got: Plan, wanted: Plan) -> Plan:
    """``got`` in the words of the set that wants ``wanted``: where the schema's two versions differ, both count, and what
    sets of the first version do not speak of is not compared."""
    if wanted.intent == "chat" and got.intent in TALK:
        got = replace(got, intent="chat", content=None)
    if wanted.intent in TALK:
        got = replace(got, content=wanted.content)
    steps = tuple(_swapped(step, said) for step, said in zip(got.steps, wanted.steps, strict=False))
    got = replace(got, steps=steps + got.steps[len(steps) :])
    untold = {
        name: getattr(wanted, name) for name in ("missing", "unsupported", "left_over") if not getattr(wanted, name)
    }
    return replace(got, **untold)


def _swapped(got: Step, wanted: Step) -> Step:
    """A step in the words of a set of the first version: a swap was a move there, most else a ``modify``."""
    if wanted.operation in _OLD and got.operation in _OLD[wanted.operation]:
        return wanted
    if (got.operation, wanted.operation) == ("swap", "move") and (wanted.content or not wanted.position):
        return replace(got, operation="move")
    return got


def _deeds(plan: Plan) -> tuple[str, ...]:
    return (plan.intent, *(step.operation for step in plan.steps))


def _shown(plan: Plan) -> str:
    return json.dumps(plan.to_json(), ensure_ascii=False)
