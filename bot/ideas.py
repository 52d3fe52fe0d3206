"""Sentences to try next, of what the workers can do, what is in the photo, and what it is not already."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bot import parser, replies
from bot.platforms import Button
from bot.turn import Turn, saying, with_whom
from storage import Storage, chats, concepts, jobs, looks
from storage.jobs import EditRequest, Job
from storage.plans import Plan, Step

MOST, AFTER = 4, 2  # of a photo; beside the buttons of a result
DARK, LIGHT = 0.33, 0.62  # mean lightness below which a photo wants light, and above which it does not
TILTED, GRAY = 1.5, 5.0  # degrees; mean chroma below which a photo is black and white
FADED = {"ink_wash", "sketch", "grayscale"}  # what leaves no colours
RESHAPED = frozenset(
    {"rotate", "crop", "extend", "id_photo", "cutout", "collage"}
)  # another picture: what was seen is of the old one
ALWAYS = ("light", "chroma")  # of what was seen, what is so of any part of a picture, however it is turned
STAYS = ("known", "bust", "faces", "passers")  # of what was seen, what is so as long as everybody stays where they are


def ideas(turn: Turn) -> tuple[Button, ...]:
    """Buttons for the photo under discussion: who was taught last, then what fits."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    return for_photo(turn.store, turn.chat, turn.user, here.photo if here is not None else None)


def for_photo(store: Storage, chat: str, user: str, photo: str | None) -> tuple[Button, ...]:
    """Buttons for a photo, of what was seen in it; of what people like while nobody has looked."""
    can = jobs.capabilities(store)
    real = any(engine.get("photos") == "any" for engine in can.engines)
    facts = seen(store, chat, user, photo) if photo is not None and real else None
    return _buttons(store, chat, user, photo, facts, real)[:MOST]


def for_result(store: Storage, job: Job) -> tuple[Button, ...]:
    """Buttons for the picture of an edit, as far as something is known of it or of the photo that it was made from."""
    request, made = job.request, job.result.photos if job.result is not None else ()
    real = any(engine.get("photos") == "any" for engine in jobs.capabilities(store).engines)
    if not isinstance(request, EditRequest) or len(made) != 1 or not real:
        return ()
    facts = seen(store, job.chat, job.owner, made[0])
    if facts is None and (before := seen(store, job.chat, job.owner, request.photo)) is not None:
        facts = _after(before, request.step)
    return () if facts is None else _buttons(store, job.chat, job.owner, made[0], facts, real)[:AFTER]


def _after(before: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """What is known of a picture that nobody has looked at, from what was known before a step."""
    if step.operation in RESHAPED:
        return {"persons": [], **{name: before[name] for name in ALWAYS if name in before}}
    came = {*before.get("known", ()), *filter(None, (step.concept,))}
    gone = {"passers": 0} if step.operation == "remove" else {}
    return {**before, "known": sorted(came), **gone}


def _buttons(
    store: Storage, chat: str, user: str, photo: str | None, facts: Mapping[str, Any] | None, real: bool
) -> tuple[Button, ...]:
    can = jobs.capabilities(store)
    known = [concept for concept in concepts.of_owner(store, user, chat) if concept.ready]
    absent = [one for one in known if facts is None or one.name not in facts.get("known", ())]
    shown = {photo, *(entry.photo for entry in chats.line(store, chat, user)[:1])}
    absent = [one for one in absent if not shown & set(one.references)]  # who was learnt from a photo is on it
    if facts is not None and not facts["persons"]:
        absent = [one for one in absent if one.kind != "person"]  # nobody joins a plate of noodles
    drawn = (
        bool(can.engines) and not real
    )  # before an engine has said what it knows, nothing is offered that needs a drawn world
    fitting = replies.IDEAS if drawn else replies.REAL_IDEAS if facts is None else tuple(_fitting(facts))
    done = _done(store, chat, user, photo)
    if any({step.style, step.content} & FADED for step in done):
        fitting = tuple(idea for idea in fitting if idea not in (*replies.COLOURFUL, replies.RESTORED))
    able = [idea for idea in fitting if _can(_meant(idea), can) and not _is_already(_meant(idea), done)]
    return (*with_whom(absent[-1:]), *saying(*dict.fromkeys(able)))


def _fitting(facts: Mapping[str, Any]) -> Iterator[str]:
    """Sentences for a photo, what it wants most first."""
    people = len(facts["persons"])
    if facts.get("passers"):
        yield replies.NO_PASSERS
    if abs(facts.get("tilt", 0.0)) >= TILTED:
        yield replies.LEVEL
    if facts.get("light", 0.5) < DARK:
        yield replies.LIGHTER
    if facts.get("chroma", 99.0) < GRAY:
        yield replies.RESTORED
    liked = (
        replies.SCENE_IDEAS if not people else replies.PORTRAIT_IDEAS if facts.get("bust", people == 1) else
        replies.PEOPLE_IDEAS if people == 1 else replies.GROUP_IDEAS
    )  # fmt: skip
    for idea in liked:
        bright = facts.get("light", 0.5) > LIGHT and idea == replies.LIGHTER
        colourless = facts.get("chroma", 99.0) < GRAY and idea in replies.COLOURFUL
        if not bright and not colourless:
            yield idea


def seen(store: Storage, chat: str, user: str, photo: str) -> dict[str, Any] | None:
    """What is known of a photo: by the look when it came in, by the last job that looked at it, or by the one that made it
    without moving anybody; None where nobody has looked yet."""
    glance = looks.facts(store, photo, user) or {}
    if "persons" in glance:
        return glance
    for job in reversed(jobs.of_chat(store, chat, user)):
        result = job.result
        if result is None or "persons" not in result.facts or not isinstance(job.request, EditRequest):
            continue
        if job.request.photo == photo or (result.facts.get("still") and photo in result.photos):
            before = looks.facts(store, job.request.photo, user) or {}
            return {**{name: before[name] for name in STAYS if name in before}, **result.facts}
    return None


def real(store: Storage, chat: str, user: str, photo: str) -> bool:
    """Whether a photo, or the one that it was made from, has been seen to be none of a drawn world."""
    before = [entry.photo for entry in chats.line(store, chat, user)[:1]]
    return any("persons" in (looks.facts(store, one, user) or {}) for one in (photo, *before))


def persons(store: Storage, chat: str, user: str, photo: str) -> list[dict[str, Any]] | None:
    """Who is in a photo; None where nobody has looked yet."""
    known = seen(store, chat, user, photo)
    return None if known is None else list(known["persons"])


def _done(store: Storage, chat: str, user: str, photo: str | None) -> list[Step]:
    """What has been done to a photo, as far as it shows."""
    steps: list[Step] = []
    for entry in chats.line(store, chat, user):
        steps = [*steps, entry.request.step] if isinstance(entry.request, EditRequest) else []
        if entry.photo == photo:
            return steps
    return []


def _is_already(plan: Plan, done: list[Step]) -> bool:
    """Whether a photo is already what an idea would make of it; of styles and grounds only the last one counts."""
    for step in plan.steps:
        last = next((one for one in reversed(done) if one.operation == step.operation), None)
        if last is not None and _same(last, step):
            return True
    return False


def _same(one: Step, other: Step) -> bool:
    return all(getattr(one, slot) == getattr(other, slot) for slot in ("style", "content", "color", "target"))


def _can(plan: Plan, can: jobs.Capabilities) -> bool:
    if plan.intent == "stickers":
        return not can.kinds or "stickers" in can.kinds
    return not can.operations or all(step.operation in can.operations for step in plan.steps)


@lru_cache(maxsize=64)
def _meant(idea: str) -> Plan:
    return parser.parse(idea, photos=1)
