"""What of an order nobody here can carry out, as far as that is known before it is queued: by what the engines say that a
step must say, and by who is in the photo."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot import ideas, replies
from bot.language import referents
from bot.turn import Turn, saying
from storage import concepts, jobs, looks
from storage.plans import Bound, Plan, Referent, Step

SEEN = 12  # of more persons nobody has said how many there are
ABOUT = ("remove", "recolor", "replace", "move", "swap", "mosaic", "cutout", "face_swap")  # somebody who is there


def within(turn: Turn, plan: Plan, photos: Sequence[str]) -> Plan:
    """The plan without the steps that are out of reach in all of these photos; of each of those the user has been told
    why. After a step that moves people it is not known who is there."""
    if plan.intent != "edit":
        return plan
    names = [concept.name for concept in concepts.of_owner(turn.store, turn.user, turn.chat)]
    spoken = referents.of_plan(plan, turn.sentence, names)
    able = []
    for place, (step, said) in enumerate(zip(plan.steps, spoken, strict=True)):
        found = _impossible(turn, step, said, photos) or (_nobody(turn, step, said, photos) if place == 0 else None)
        if found is None:
            able.append(step)
        else:
            turn.say(found[0], buttons=saying(*found[1]))
    return replace(plan, steps=tuple(able))


def _impossible(
    turn: Turn, step: Step, said: Mapping[str, Referent], photos: Sequence[str]
) -> tuple[str, Sequence[str]] | None:
    """The refusal and what can be said instead, where every engine that might be asked has a bound that the step does not
    keep; None otherwise. A drawn world's model is not asked about a photo in which people have been seen."""
    whole = said.get("target", Referent("")).part in (None, "background")
    drawn, real = _worlds(turn, photos)
    asked = [one for one in jobs.capabilities(turn.store).engines if _able(one, step.operation, turn.options.method)]
    asked = [one for one in asked if drawn or one.get("photos") != "own"]
    bounds: list[tuple[bool, Bound]] = []
    for engine in asked:
        bound = engine.get("bounds", {}).get(step.operation)
        if bound is None or Bound.from_json(bound).keeps(step, said.get("content")):
            return None
        bounds.append((engine.get("photos") == "own", Bound.from_json(bound)))
    if not whole or not bounds:
        return None
    _, bound = next((one for one in bounds if one[0] != real), bounds[0])
    words = step.content or step.concept or step.style or replies.describe(step)
    return bound.sentence.format(content=replies.yours(words)), bound.instead


def _worlds(turn: Turn, photos: Sequence[str]) -> tuple[bool, bool]:
    """Whether one of some photos may be a drawn world's, and whether one has been seen to be a real one."""
    facts = [looks.facts(turn.store, photo, turn.user) for photo in photos]
    seen = ["persons" in (one or {}) for one in facts]
    return not all(seen), any(seen) or any(one is None for one in facts)


def _able(engine: Mapping[str, Any], operation: str, method: str | None) -> bool:
    if method is not None:
        return any(one["name"] == method for one in engine.get("methods", ()))
    return operation in engine.get("operations", ())


def _nobody(
    turn: Turn, step: Step, said: Mapping[str, Referent], photos: Sequence[str]
) -> tuple[str, Sequence[str]] | None:
    """Whoever is meant is not in the photo, as it was seen when it came in."""
    meant = said.get("target")
    if meant is None or step.operation not in ABOUT or turn.pointed or meant.name or len(photos) != 1:
        return None
    seen = ideas.seen(turn.store, turn.chat, turn.user, photos[0])
    if seen is None or len(seen["persons"]) >= SEEN or "person" not in meant.kinds:
        return None
    count = len(seen["persons"])
    if not count:
        return replies.NOBODY_THERE, ()
    if meant.ordinal is not None and abs(meant.ordinal) > count:
        return replies.not_so_many(count, meant.text), ()
    return None
