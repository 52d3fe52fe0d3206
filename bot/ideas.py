"""Sentences to try next, of what the workers can do, what is in the photo, and what it is not already."""

from functools import lru_cache
from typing import Any

from bot import parser, replies
from bot.platforms import Button
from bot.turn import Talk, saying, with_whom
from storage import Storage, chats, concepts, jobs
from storage.jobs import EditRequest
from storage.plans import Plan, Step

MOST = 4


def ideas(talk: Talk) -> tuple[Button, ...]:
    """Buttons for the photo under discussion: who was taught last, then what fits."""
    can = jobs.capabilities(talk.store)
    ready = [concept for concept in concepts.of_owner(talk.store, talk.user, talk.chat) if concept.ready]
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    real = any(engine.get("photos") == "any" for engine in can.engines)
    seen = persons(talk.store, talk.chat, talk.user, here.photo) if here is not None else None
    fitting = replies.IDEAS if not real else replies.REAL_IDEAS if seen is None else (
        replies.PEOPLE_IDEAS if seen else replies.SCENE_IDEAS
    )  # fmt: skip
    done = _done(talk)
    able = [idea for idea in fitting if _can(_meant(idea), can) and not _is_already(_meant(idea), done)]
    return (*with_whom(ready[-1:]), *saying(*able))[:MOST]


def persons(store: Storage, chat: str, user: str, photo: str) -> list[dict[str, Any]] | None:
    """Who is in a photo, by the last job that looked at it, or that made it without moving anybody; None where nobody has
    looked yet."""
    for job in reversed(jobs.of_chat(store, chat, user)):
        result = job.result
        if result is None or "persons" not in result.facts or not isinstance(job.request, EditRequest):
            continue
        if job.request.photo == photo or (result.facts.get("still") and photo in result.photos):
            return list(result.facts["persons"])
    return None


def _done(talk: Talk) -> list[Step]:
    """What has been done to the photo under discussion, as far as it shows."""
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    steps: list[Step] = []
    for entry in chats.line(talk.store, talk.chat, talk.user):
        if here is None or entry.id > here.id:
            break
        steps = [*steps, entry.request.step] if isinstance(entry.request, EditRequest) else []
    return steps


def _is_already(plan: Plan, done: list[Step]) -> bool:
    """Whether a photo is already what an idea would make of it; of styles and grounds only the last one counts."""
    for step in plan.steps:
        last = next((one for one in reversed(done) if one.operation == step.operation), None)
        if last is not None and (last.style, last.content, last.color) == (step.style, step.content, step.color):
            return True
    return False


def _can(plan: Plan, can: jobs.Capabilities) -> bool:
    if plan.intent == "stickers":
        return not can.kinds or "stickers" in can.kinds
    return not can.operations or all(step.operation in can.operations for step in plan.steps)


@lru_cache(maxsize=64)
def _meant(idea: str) -> Plan:
    return parser.parse(idea, photos=1)
