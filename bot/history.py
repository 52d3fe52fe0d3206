"""The last edit once more, stronger, weaker, by another method, several to choose from, undone, redone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import edit_options, methods, replies, results
from bot.disambiguation import picture_request
from bot.orders import enqueue, mine
from bot.platforms import Button
from bot.turn import Turn
from storage import chats, jobs
from storage.jobs import EditRequest, Job, LearnRequest, Request
from storage.plans import Plan

MORE = 1.4  # 再明显一点 multiplies the amount by this
LEAST, MOST = 0.25, 4.0


def again(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """再来一张, 再明显一点, 淡一些, of the picture that is answered to, else of the one under discussion."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    meant = _answered(turn)
    if meant is not None:
        kind, request = meant[0].kind, _of_picture(meant[0], meant[1])
        if isinstance(request, EditRequest):
            request = replace(request, photo=mine(turn, request.photo))
            chats.discuss(turn.store, turn.chat, turn.user, request.photo)  # what undoing will come back to
        return _repeat(turn, plan.intent, kind, request, _made(*meant))
    if here is None:
        return turn.say(replies.NOTHING_TO_REPEAT)
    if here.request is None or here.kind is None:
        several = _undecided(turn, here.photo)
        if several is None:
            return turn.say(replies.NOTHING_TO_REPEAT_YET)
        if plan.intent in ("stronger", "weaker"):
            return turn.say(replies.CHOOSE_ONE)
        return _repeat(turn, "several", several.kind, several.request, "")
    return _repeat(turn, plan.intent, here.kind, here.request, here.photo)


def _repeat(turn: Turn, how: str, kind: str, request: Request, made: str) -> None:
    """The same from the same photo: other pictures, or more or less of it than there is in ``made``."""
    if isinstance(request, LearnRequest):
        return turn.say(replies.BUTTON_TOO_OLD)
    if isinstance(request, EditRequest):
        if not methods.able(turn, [request.step.operation]):
            return None
        amount = request.amount * {"stronger": MORE, "weaker": 1 / MORE}.get(how, 1.0)
        if not LEAST <= amount <= MOST:
            return turn.say(replies.STRONGEST if how == "stronger" else replies.WEAKEST)
        count = edit_options.MANY if how == "several" else turn.options.count
        other = turn.options.method not in (None, request.method)
        keeps = how in ("stronger", "weaker") or (other and count == 1)
        seed = request.seed if keeps else _unused_seed(turn, request)
        before = None if other else _before(turn, request)
        if before is not None and not results.tunable(before) and how in ("stronger", "weaker"):
            return turn.say(replies.no_strength(request))
        readings = None if keeps or before is None else results.readings(before)
        if readings is not None and seed >= readings:
            return turn.say(replies.no_other(request, readings))
        count = count if readings is None else min(count, readings - seed)
        method = turn.options.method or request.method
        request = replace(request, amount=amount, count=count, seed=seed, method=method, place=1, total=1)
        request = replace(request, than=mine(turn, made) if how in ("stronger", "weaker") and made else "")
        request = replace(request, here=request.here and not other)  # another method is another question
    else:
        request = replace(request, seed=request.seed + 1)
    enqueue(turn, how, kind, request)
    return None


def _unused_seed(turn: Turn, request: EditRequest) -> int:
    """A seed from which nothing has been drawn for this order yet."""
    seeds = [request.seed]
    for job in jobs.of_chat(turn.store, turn.chat, turn.user):
        done = job.request
        if isinstance(done, EditRequest) and (done.step, done.photo) == (request.step, request.photo):
            seeds.append(done.seed + done.count - 1)
    return max(seeds) + 1


def _undecided(turn: Turn, photo: str) -> Job | None:
    """The last edit of a photo, if it has several pictures and none has been chosen yet."""
    recent = jobs.of_chat(turn.store, turn.chat, turn.user, limit=1)
    for job in recent:
        if results.pictures(job) and isinstance(job.request, EditRequest) and job.request.photo == photo:
            return job
    return None


def _before(turn: Turn, request: EditRequest) -> Job | None:
    """The last time that the same was made of the same photo here."""
    for job in reversed(jobs.of_chat(turn.store, turn.chat, turn.user)):
        done = job.request
        if isinstance(done, EditRequest) and job.result and (done.step, done.photo) == (request.step, request.photo):
            return job
    return None


def undo(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Back to the picture before the last edit, or before the one that is answered to."""
    if meant := _answered(turn):
        return _undo_job(turn, meant[0]) if meant[0].owner == turn.user else turn.say(replies.NOT_YOURS_TO_UNDO)
    if chats.under_discussion(turn.store, turn.chat, turn.user) is None:
        return turn.say(replies.NOTHING_TO_UNDO_YET)
    back = chats.undo(turn.store, turn.chat, turn.user)
    if back is None:
        return turn.say(replies.NOTHING_TO_UNDO)
    return turn.say(replies.UNDONE, photos=[back.photo], buttons=[Button(replies.REDO, "redo")])


def redo(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Take the last undo back."""
    forth = chats.redo(turn.store, turn.chat, turn.user)
    if forth is None:
        return turn.say(replies.NOTHING_TO_REDO)
    return turn.say(replies.REDONE, photos=[forth.photo], buttons=[Button(replies.UNDO, "undo")])


def back(turn: Turn, entry: int) -> None:
    """To a picture of the history, pressed in a list of them."""
    there = chats.go(turn.store, turn.chat, turn.user, entry)
    if there is None:
        return turn.say(replies.BUTTON_TOO_OLD)
    return turn.say(replies.gone_to(there.request), photos=[there.photo])


def _undo_job(turn: Turn, job: Job) -> None:
    """Back to the photo that a result was made from, however long ago."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if here is not None and here.job == job.id:
        entry = chats.undo(turn.store, turn.chat, turn.user)
        assert entry is not None
        return turn.say(replies.UNDONE, photos=[entry.photo], buttons=[Button(replies.REDO, "redo")])
    if not isinstance(job.request, EditRequest):
        return turn.say(replies.BUTTON_TOO_OLD)
    made = next((one for one in chats.history(turn.store, turn.chat, turn.user) if one.job == job.id), None)
    if made is None or made.parent is None or chats.go(turn.store, turn.chat, turn.user, made.parent) is None:
        chats.discuss(turn.store, turn.chat, turn.user, job.request.photo)
    return turn.say(replies.UNDONE, photos=[job.request.photo])


def _answered(turn: Turn) -> tuple[Job, int] | None:
    """The job whose picture a message answers to, and which of its pictures; None for other messages."""
    for job in reversed(jobs.of_chat(turn.store, turn.chat) if turn.incoming.replied else ()):
        made = job.result.photos if job.result else ()
        if found := [photo for photo in turn.incoming.replied if photo in made]:
            return job, made.index(found[0])
    return None


def _made(job: Job, index: int) -> str:
    return job.result.photos[index] if job.result is not None and index < len(job.result.photos) else ""


def _of_picture(job: Job, index: int) -> Request:
    return picture_request(job, index) if isinstance(job.request, EditRequest) else job.request


def _repeater(how: str) -> Callable[..., None]:
    return lambda turn, job, index="0": _repeat(
        turn, how, job.kind, _of_picture(job, int(index)), _made(job, int(index))
    )


BUTTONS: dict[str, Callable[..., None]] = {
    **{how: _repeater(how) for how in ("again", "several", "stronger", "weaker")},
    "undo": lambda turn, job, index="0": _undo_job(turn, job),
}
