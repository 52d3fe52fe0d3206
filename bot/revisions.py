"""The last edit once more, stronger, weaker, undone, redone; and which of several things it was about."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot import replies
from bot.orders import enqueue, ordinal
from bot.outbox import things
from bot.platforms import Button
from bot.talk import Talk
from storage import chats, jobs
from storage.jobs import EditRequest, Job, LearnRequest, Request
from storage.plans import Plan

MORE = 1.4  # 再明显一点 multiplies the amount by this
LEAST, MOST = 0.25, 4.0


def again(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """再来一张, 再明显一点, 淡一些, of the picture under discussion."""
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    if here is None or here.request is None or here.kind is None:
        return talk.say(replies.NOTHING_TO_REPEAT)
    return _repeat(talk, plan.intent, here.kind, here.request)


def _repeat(talk: Talk, how: str, kind: str, request: Request) -> None:
    """The same from the same photo: with another seed, or with more or less of it."""
    if isinstance(request, LearnRequest):
        return talk.say(replies.BUTTON_TOO_OLD)
    if how == "again":
        request = replace(request, seed=request.seed + 1)
    elif isinstance(request, EditRequest):
        amount = request.amount * MORE if how == "stronger" else request.amount / MORE
        if not LEAST <= amount <= MOST:
            return talk.say(replies.STRONGEST if how == "stronger" else replies.WEAKEST)
        request = replace(request, amount=amount)
    enqueue(talk, how, kind, request)
    return None


def undo(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """Back to the picture before the last edit."""
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


def _undo_job(talk: Talk, job: Job) -> None:
    """The button under a result: back to the photo that this one was made from, however long ago."""
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    if here is not None and here.job == job.id:
        return undo(talk, Plan("undo"), {})
    if not isinstance(job.request, EditRequest):
        return talk.say(replies.BUTTON_TOO_OLD)
    chats.discuss(talk.store, talk.chat, talk.user, job.request.photo)
    return talk.say(replies.UNDONE, photos=[job.request.photo])


def choose(talk: Talk, job: Job, index: int) -> None:
    """The answer to the worker's question; the steps that waited for this one come along again."""
    if not isinstance(job.request, EditRequest) or index not in dict(things(job.result)):
        return talk.say(replies.BUTTON_TOO_OLD)
    after = enqueue(talk, "chosen", "edit", replace(job.request, choice=index)).id
    waiting = job.id
    for other in jobs.of_chat(talk.store, talk.chat, talk.user):
        if other.after == waiting and other.state == "failed":
            waiting = other.id
            after = enqueue(talk, f"chosen:{other.id}", other.kind, other.request, after).id
    return None


def choose_by_words(talk: Talk, text: str) -> bool:
    """左边那只, 第二个: the same answer in words, as long as the question is the last thing that happened."""
    last = jobs.of_chat(talk.store, talk.chat, talk.user, limit=5)
    asking = next((job for job in reversed(last) if things(job.result)), None)
    if asking is None or any(job.created_at > (asking.finished_at or 0.0) for job in last):
        return False
    found = things(asking.result)
    place = ordinal(text, len(found))
    if place is None:
        said = set(text) - set("的个只那这我是说要")
        hits = [len(said & set(words)) for _, words in found]
        if max(hits) == 0 or hits.count(max(hits)) > 1:
            return False
        place = hits.index(max(hits))
    choose(talk, asking, found[place][0])
    return True


def _repeater(how: str) -> Callable[[Talk, Job], None]:
    return lambda talk, job: _repeat(talk, how, job.kind, job.request)


BUTTONS: dict[str, Callable[..., None]] = {
    **{how: _repeater(how) for how in ("again", "stronger", "weaker")},
    "undo": _undo_job,
    "choose": lambda talk, job, index: choose(talk, job, int(index)),
}
