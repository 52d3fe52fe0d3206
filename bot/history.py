"""The last edit once more, stronger, weaker, by another method, several to choose from, undone, redone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import edit_options, methods, replies
from bot.disambiguation import picture_request
from bot.orders import enqueue, mine
from bot.platforms import Button
from bot.turn import Talk
from storage import chats, jobs
from storage.jobs import EditRequest, Job, LearnRequest, Request
from storage.plans import Plan

MORE = 1.4  # 再明显一点 multiplies the amount by this
LEAST, MOST = 0.25, 4.0


def again(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """再来一张, 再明显一点, 淡一些, of the picture that is answered to, else of the one under discussion."""
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    meant = _answered(talk)
    if meant is not None:
        kind, request = meant[0].kind, _of_picture(meant[0], meant[1])
        if isinstance(request, EditRequest):
            request = replace(request, photo=mine(talk, request.photo))
            chats.discuss(talk.store, talk.chat, talk.user, request.photo)  # what undoing will come back to
        return _repeat(talk, plan.intent, kind, request)
    if here is None or here.request is None or here.kind is None:
        return talk.say(replies.NOTHING_TO_REPEAT)
    return _repeat(talk, plan.intent, here.kind, here.request)


def _repeat(talk: Talk, how: str, kind: str, request: Request) -> None:
    """The same from the same photo: other pictures, or more or less of it."""
    if isinstance(request, LearnRequest):
        return talk.say(replies.BUTTON_TOO_OLD)
    if isinstance(request, EditRequest):
        if not methods.able(talk, [request.step.operation]):
            return None
        amount = request.amount * {"stronger": MORE, "weaker": 1 / MORE}.get(how, 1.0)
        if not LEAST <= amount <= MOST:
            return talk.say(replies.STRONGEST if how == "stronger" else replies.WEAKEST)
        count = edit_options.MANY if how == "several" else talk.manner.count
        other = talk.manner.method not in (None, request.method)
        seed = request.seed if how in ("stronger", "weaker") or (other and count == 1) else _unused_seed(talk, request)
        method = talk.manner.method or request.method
        request = replace(request, amount=amount, count=count, seed=seed, method=method, place=1, total=1)
        request = replace(request, here=request.here and not other)  # another method is another question
    else:
        request = replace(request, seed=request.seed + 1)
    enqueue(talk, how, kind, request)
    return None


def _unused_seed(talk: Talk, request: EditRequest) -> int:
    """A seed from which nothing has been drawn for this order yet."""
    seeds = [request.seed]
    for job in jobs.of_chat(talk.store, talk.chat, talk.user):
        done = job.request
        if isinstance(done, EditRequest) and (done.step, done.photo) == (request.step, request.photo):
            seeds.append(done.seed + done.count - 1)
    return max(seeds) + 1


def undo(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """Back to the picture before the last edit, or before the one that is answered to."""
    if meant := _answered(talk):
        return _undo_job(talk, meant[0]) if meant[0].owner == talk.user else talk.say(replies.NOT_YOURS_TO_UNDO)
    if chats.under_discussion(talk.store, talk.chat, talk.user) is None:
        return talk.say(replies.NOTHING_TO_UNDO_YET)
    back = chats.undo(talk.store, talk.chat, talk.user)
    if back is None:
        return talk.say(replies.NOTHING_TO_UNDO)
    return talk.say(replies.UNDONE, photos=[back.photo], buttons=[Button(replies.REDO, "redo")])


def redo(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """Take the last undo back."""
    forth = chats.redo(talk.store, talk.chat, talk.user)
    if forth is None:
        return talk.say(replies.NOTHING_TO_REDO)
    return talk.say(replies.REDONE, photos=[forth.photo], buttons=[Button(replies.UNDO, "undo")])


def back(talk: Talk, entry: int) -> None:
    """To a picture of the history, pressed in a list of them."""
    there = chats.go(talk.store, talk.chat, talk.user, entry)
    if there is None:
        return talk.say(replies.BUTTON_TOO_OLD)
    return talk.say(replies.gone_to(there.request), photos=[there.photo])


def _undo_job(talk: Talk, job: Job) -> None:
    """Back to the photo that a result was made from, however long ago."""
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    if here is not None and here.job == job.id:
        entry = chats.undo(talk.store, talk.chat, talk.user)
        assert entry is not None
        return talk.say(replies.UNDONE, photos=[entry.photo], buttons=[Button(replies.REDO, "redo")])
    if not isinstance(job.request, EditRequest):
        return talk.say(replies.BUTTON_TOO_OLD)
    made = next((one for one in chats.history(talk.store, talk.chat, talk.user) if one.job == job.id), None)
    if made is None or made.parent is None or chats.go(talk.store, talk.chat, talk.user, made.parent) is None:
        chats.discuss(talk.store, talk.chat, talk.user, job.request.photo)
    return talk.say(replies.UNDONE, photos=[job.request.photo])


def _answered(talk: Talk) -> tuple[Job, int] | None:
    """The job whose picture a message answers to, and which of its pictures; None for other messages."""
    for job in reversed(jobs.of_chat(talk.store, talk.chat) if talk.told.replied else ()):
        made = job.result.photos if job.result else ()
        if found := [photo for photo in talk.told.replied if photo in made]:
            return job, made.index(found[0])
    return None


def _of_picture(job: Job, index: int) -> Request:
    return picture_request(job, index) if isinstance(job.request, EditRequest) else job.request


def _repeater(how: str) -> Callable[..., None]:
    return lambda talk, job, index="0": _repeat(talk, how, job.kind, _of_picture(job, int(index)))


BUTTONS: dict[str, Callable[..., None]] = {
    **{how: _repeater(how) for how in ("again", "several", "stronger", "weaker")},
    "undo": lambda talk, job, index="0": _undo_job(talk, job),
}
