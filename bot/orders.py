"""Orders: on which photo, can it be done, then Jobs; or the question that must come first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from bot import answers, batches, gallery, methods, promises, reach, replies
from bot.edit_options import EditOptions
from bot.language import referents, scope
from bot.language.numerals import number
from bot.language.tokens import tokens
from bot.language.weighing import missing
from bot.platforms import Button
from bot.turn import Turn, saying
from storage import chats, concepts, jobs, photos, regions
from storage.jobs import EditRequest, GenerateRequest, Job, LearnRequest, Request, StickerRequest
from storage.plans import Plan, Step

STICKERS = 6  # unless the user says how many
MOST_STICKERS = 9  # at once


def edit(turn: Turn, plan: Plan, asked: dict[str, Any], photo: str | None = None) -> None:
    """An order to change a photo (``photo``, where that is known): what can be done is done, what cannot is named."""
    plan = replace(plan, steps=tuple(_of_whole_photos(_in_own_style(turn, step)) for step in plan.steps))
    if not any(missing(step) for step in plan.steps):
        plan = replace(plan, missing=())  # 变成剪纸 lacks nothing where 剪纸 is a style
    if turn.pointed:  # who is tapped need not be named
        plan = replace(plan, missing=tuple(slot for slot in plan.missing if slot != "target"))
    if plan.result and not turn.incoming.photos and not gallery.turn_to(turn, plan.result):
        return None
    if not plan.steps:
        _keep(turn)
        return turn.say(replies.beyond(plan.unsupported[0] if plan.unsupported else turn.sentence, answers.known(turn)))
    if not methods.able(turn, [step.operation for step in plan.steps]):
        return None
    if plan.missing:
        return _ask_missing(turn, plan, plan.missing[0])
    able = tuple(step for step in plan.steps if _can(turn, step))
    if plan.unsupported:
        turn.say(replies.partly(plan.unsupported, bool(able)))
    if plan.left_over and able:
        turn.say(replies.left_over(plan.left_over))
    if len(able) < len(plan.steps):
        _keep(turn)
    if not able:
        return None
    rest = replace(plan, steps=able, unsupported=(), left_over=(), result=None)
    photo = photo or _photo_for(turn, rest, asked)
    return _begin(turn, replace(plan, steps=able), photo) if photo is not None else None


def resume(turn: Turn, order: dict[str, Any], name: str) -> None:
    """An order (``kept``, with its photo and what it ``said`` of somebody) that has waited until they were introduced as ``name`` is
    carried out once they are learnt."""
    plan = waiting(turn, order)
    if plan.intent == "stickers":
        return stickers(turn, replace(plan, subject=name), {})
    steps = (
        replace(step, content=None, concept=name) if (step.content or "") == order["said"] else step
        for step in plan.steps
    )
    plan = replace(plan, steps=tuple(steps), result=None)
    if "photo" in order:
        return edit(turn, plan, {}, order["photo"])
    _ask_about(turn, "photo", plan)
    return turn.say(replies.need_photo(replies.describe_plan(plan)))


def _of_whole_photos(step: Step) -> Step:
    """每张都调亮 brightens photos, and nothing in them that is called 每张."""
    return replace(step, target=None) if step.target and scope.names_photos(step.target) else step


def _ask_missing(turn: Turn, plan: Plan, slot: str) -> None:
    """换个发型: into which?"""
    step = next(step for step in plan.steps if missing(step))
    _keep(turn)
    _ask_about(turn, "missing", plan, slot=slot)
    words, ideas = replies.ask_missing(step, slot)
    turn.say(words, buttons=saying(*ideas))


def offered(operation: str, can: frozenset[str]) -> bool:
    """Whether some worker does an operation; what is moved may be taken away and put back."""
    return not can or operation in can or (operation in ("move", "swap") and "remove" in can)


def _keep(turn: Turn) -> None:
    """The photo that came with an order which cannot be carried out stays the one under discussion."""
    if turn.incoming.photos:
        chats.discuss(turn.store, turn.chat, turn.user, turn.incoming.photos[-1])


def stickers(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Stickers of somebody taught, else of what is in the photo."""
    if not _offered(turn, "stickers"):
        return
    concept = concepts.find(turn.store, turn.user, plan.subject, turn.chat) if plan.subject else None
    if concept is not None and (concept.ready or _learning(turn, concept)):
        enqueue(turn, "stickers", "stickers", _sticker_request(plan, concept.id, None), _learning(turn, concept))
    elif concept is not None:
        turn.say(_not_ready(turn, concept.name, concept))
    elif (photo := _photo_for(turn, plan, asked)) is not None:
        _begin(turn, plan, photo)


def generate(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """A picture from nothing."""
    if _offered(turn, "generate"):
        known = concepts.of_owner(turn.store, turn.user, turn.chat)
        named = tuple(concept.id for concept in known if concept.ready and concept.name in (plan.content or ""))
        content = plan.content or turn.incoming.text
        spoken = referents.referents(Step("insert", content=content), turn.sentence, [one.name for one in known])
        request = GenerateRequest(content, named, referent=spoken["content"])
        enqueue(turn, "generate", "generate", request)


def enqueue(
    turn: Turn, tag: str, kind: str, request: Request, after: int | None = None, batch: str | None = None
) -> Job:
    """Queue a job of this message; ``tag`` tells several of them apart. Raises JobError, PhotoError, ConceptError."""
    return jobs.enqueue(
        turn.store,
        key=f"{turn.key}:{tag}",
        kind=kind,
        owner=turn.user,
        chat=turn.chat,
        request=request,
        after=after,
        batch=batch,
    )


# --- which photo ------------------------------------------------------------------------------------------------------
def _photo_for(turn: Turn, plan: Plan, asked: dict[str, Any]) -> str | None:
    """The photo that an order is about; None when we had to ask."""
    sent = turn.incoming.photos or tuple(mine(turn, photo) for photo in turn.incoming.replied)
    if not sent and asked.get("ask") == "what":
        sent = tuple(asked["photos"] if batches.for_all(turn, 0) else asked["photos"][-asked["last"] :])
    if not sent:
        sent = tuple(batches.now(steps) for steps in batches.chosen(turn))
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    together = any(step.operation == "collage" for step in plan.steps)
    if together and len(sent) < 2:
        _ask_about(turn, "photo", plan)
        turn.say(replies.COLLAGE_OF_ONE)
        return None
    if len(sent) > 1 and not together and plan.intent == "edit" and batches.for_all(turn, len(sent)):
        _ask(turn, None)
        _begin_all(turn, plan, sent)
        return None
    if len(sent) > 1 and not together:
        _ask_about(turn, "which_photo", plan, photos=list(sent))
        buttons = [Button(replies.photo_number(index), f"photo:{index}") for index in range(len(sent))]
        buttons.append(Button(replies.EVERY_PHOTO, "photo:all"))
        turn.say(replies.which_photo(len(sent)), photos=sent, buttons=buttons)
        return None
    if sent and not (here and here.photo == sent[0]):
        here = chats.discuss(turn.store, turn.chat, turn.user, sent[0])
    if here is None:
        _ask_about(turn, "photo", plan)
        turn.say(replies.need_photo(replies.describe_plan(plan)))
        return None
    _ask(turn, None)
    return here.photo


def mine(turn: Turn, photo: str) -> str:
    """A picture that somebody answers to: their own, or one that was shown in this chat. Raises PhotoError."""
    return photos.borrow(turn.store, photo, turn.user, turn.chat).sha256 if not _owned(turn, photo) else photo


def _owned(turn: Turn, photo: str) -> bool:
    try:
        return bool(photos.get(turn.store, photo, turn.user))
    except photos.PhotoError:
        return False


def _which_photo(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    """The answer to: which photo?"""
    index = ordinal(text, len(asked["photos"]))
    if index is None and not re.search("都|每|全部|所有", text):
        return False
    _with_photos(turn, asked, range(len(asked["photos"])) if index is None else [index])
    return True


def _photo_button(turn: Turn, asked: dict[str, Any], which: str) -> None:
    _with_photos(turn, asked, range(len(asked["photos"])) if which == "all" else [int(which)])


def _with_photos(turn: Turn, asked: dict[str, Any], which: Iterable[int]) -> None:
    plan = waiting(turn, asked)
    meant = [asked["photos"][index] for index in which]
    if len(meant) > 1 and plan.intent == "edit":
        return _begin_all(turn, plan, meant)
    for index, photo in enumerate(meant):
        _bring_up(turn, photo)
        _begin(turn, plan, photo, f"photo{index}")
    return None


def ordinal(text: str, count: int) -> int | None:
    """第二张, 2, 最后一个 → an index; None when the text is no number within ``count``."""
    if "最后" in text:
        return count - 1
    match = re.fullmatch(r"\D{0,4}?第?\s*(\d{1,2}|[一二三四五六七八九十])\s*[张个只位幅号]?\D{0,4}", text)
    if match is None:
        return None
    place = number(match[1])
    return place - 1 if 1 <= place <= count else None


def waiting(turn: Turn, asked: dict[str, Any]) -> Plan:
    """The order that waited for the answer to a question, to be carried out as it was said."""
    _ask(turn, None)
    turn.options = EditOptions(**asked.get("manner", {}))
    turn.sentence = asked.get("sentence", "")
    turn.points = tuple((x, y) for x, y in asked.get("points", ())) or turn.incoming.points
    turn.regions = regions.from_json(asked.get("regions", [])) or turn.incoming.regions
    return Plan.from_json(asked["plan"])


def kept(turn: Turn, plan: Plan) -> dict[str, Any]:
    """An order that waits for an answer, for ``waiting``."""
    fields: dict[str, Any] = {"plan": plan.to_json(), "manner": turn.options.to_json(), "sentence": turn.sentence}
    if turn.points:
        fields["points"] = [list(point) for point in turn.points]
    if turn.regions:
        fields["regions"] = [region.to_json() for region in turn.regions]
    return fields


def _ask_about(turn: Turn, what: str, plan: Plan, **more: Any) -> None:
    _ask(turn, {"ask": what, **kept(turn, plan), **more})


def _ask(turn: Turn, question: dict[str, Any] | None) -> None:
    chats.ask(turn.store, turn.chat, turn.user, question)


# --- can it be done ---------------------------------------------------------------------------------------------------
def _can(turn: Turn, step: Step) -> bool:
    """Whether a step can be done; if not, the user has been told what to do instead."""
    if not offered(step.operation, jobs.capabilities(turn.store).operations):
        turn.say(replies.cannot_yet(step.operation, answers.nearest(turn, step.operation)))
        return False
    if step.concept:
        concept = concepts.find(turn.store, turn.user, step.concept, turn.chat)
        if concept is None or not (concept.ready or _learning(turn, concept)):
            turn.say(_not_ready(turn, step.concept, concept))
            return False
    return True


def _learning(turn: Turn, concept: concepts.Concept) -> int | None:
    """The job of this person that learns a concept, for which an order can wait; not while pictures of theirs are being
    changed here, since it can wait for one thing only."""
    if concept.ready:
        return None
    mine = jobs.open_of(turn.store, turn.user)
    if any(job.chat == turn.chat and isinstance(job.request, EditRequest) and job.after is None for job in mine):
        return None
    learns = (job.id for job in mine if isinstance(job.request, LearnRequest) and job.request.concept == concept.id)
    return next(learns, None)


def _not_ready(turn: Turn, name: str, concept: concepts.Concept | None) -> str:
    if concept is None:
        return replies.unknown_name(name)
    if concept.status == "failed":
        return replies.not_learnt(name)
    for job in jobs.open_of(turn.store, concept.owner):
        if isinstance(job.request, LearnRequest) and job.request.concept == concept.id:
            return replies.still_learning(name, promises.position(turn.store, job)[1])
    return replies.still_learning(name, None)


def _offered(turn: Turn, kind: str) -> bool:
    """Whether some worker does such jobs (while none of the editing lane has been heard of, they all may)."""
    kinds = jobs.capabilities(turn.store).kinds
    if "edit" not in kinds or kind in kinds:
        return True
    turn.say(replies.CANNOT_MAKE[kind])
    return False


# --- then it is done --------------------------------------------------------------------------------------------------
def _begin_all(turn: Turn, plan: Plan, sent: Sequence[str]) -> None:
    """Queue the steps of a plan for each of several photos, as one piece of work."""
    turn.options = replace(turn.options, count=1)
    for photo in sent:
        _bring_up(turn, photo)
    plan = reach.within(turn, plan, sent)
    for index, photo in enumerate(sent):
        _begin(turn, plan, photo, f"photo{index}", batch=f"{turn.key}:batch")


def _bring_up(turn: Turn, photo: str) -> None:
    """A photo is under discussion; what a batch has made of one stays after that one."""
    if not batches.brought_up(turn, photo):
        chats.discuss(turn.store, turn.chat, turn.user, photo)


def _begin(turn: Turn, plan: Plan, photo: str, tag: str = "step", batch: str | None = None) -> None:
    """Queue the steps of a plan (or its stickers), each upon the picture of the one before."""
    if plan.intent == "stickers":
        enqueue(turn, tag, "stickers", _sticker_request(plan, None, photo))
        return
    plan = plan if batch else reach.within(turn, plan, [photo])
    learns = _awaited(turn, plan)
    after = learns or (None if turn.incoming.photos or turn.incoming.replied else _unfinished(turn, photo))
    total = len(plan.steps)
    names = [concept.name for concept in concepts.of_owner(turn.store, turn.user, turn.chat)]
    spoken = referents.of_plan(plan, turn.sentence, names)
    for place, step in enumerate(plan.steps, 1):
        others = tuple(other for other in turn.incoming.photos if other != photo) if step.operation == "collage" else ()
        request = EditRequest(
            step,
            "" if after and after != learns else photo,
            meant(turn, step),
            sentence=turn.sentence,
            referents=spoken[place - 1],
            references=others,
            method=turn.options.method,
            count=turn.options.count if place == total else 1,
            place=place,
            total=total,
            points=turn.points,
            regions=turn.regions,
            unheard=not jobs.capabilities(turn.store).engines,
        )
        after = enqueue(turn, f"{tag}:{place}", "edit", request, after, batch).id


def _awaited(turn: Turn, plan: Plan) -> int | None:
    """The learning of somebody whom a plan speaks of, which it waits for."""
    names = [name for step in plan.steps for name in (step.concept, step.target) if name]
    known = (concepts.find(turn.store, turn.user, name, turn.chat) for name in names)
    return next((learns for concept in known if concept and (learns := _learning(turn, concept))), None)


def _in_own_style(turn: Turn, step: Step) -> Step:
    """A step that speaks of a taught style as what it is: the sentence alone does not say that a name is a style's, nor that
    剪纸 is one's own where it is also a word for a style that others mean."""
    if not (step.concept or step.style):
        return step
    styles = [one for one in concepts.of_owner(turn.store, turn.user, turn.chat) if one.kind == "style"]
    if step.operation == "restyle" and step.style and not step.concept:
        own = (one.name for one in styles if one.ready and [t.value for t in tokens(one.name)] == [step.style])
        name = next(own, None)
        return replace(step, style=None, content=None, concept=name) if name else step
    if step.operation in ("replace", "insert", "background") and step.concept in [one.name for one in styles]:
        return Step("restyle", concept=step.concept, strength=step.strength)  # 变成青花
    return step


def meant(turn: Turn, step: Step) -> tuple[int, ...]:
    """The taught concepts that a step speaks of: who comes in, and who is in the photo already."""
    named = (concepts.find(turn.store, turn.user, name, turn.chat) for name in (step.concept, step.target) if name)
    known = [concept for concept in named if concept is not None]
    return tuple(dict.fromkeys(one.id for one in known if one.ready or _learning(turn, one)))


def _unfinished(turn: Turn, photo: str) -> int | None:
    """The last open edit that began from the photo under discussion: the next sentence is about its picture."""
    last: int | None = None
    for job in jobs.open_of(turn.store, turn.user, turn.chat):
        if isinstance(job.request, EditRequest) and (
            job.request.photo == photo or (last is not None and job.after == last)
        ):
            last = job.id
    return last


def _sticker_request(plan: Plan, concept: int | None, photo: str | None) -> StickerRequest:
    count = plan.count or max(STICKERS, len(plan.captions), len(plan.expressions))
    count = min(max(count, 1), MOST_STICKERS)
    return StickerRequest(concept, photo, count, plan.captions, plan.expressions, moving=plan.moving, close=plan.close)


ANSWERS = {"which_photo": _which_photo}
BUTTONS = {"photo": (("which_photo",), _photo_button)}
