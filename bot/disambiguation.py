"""Which of them? Answers, by button or in words, to what a job ended with: several things that may be meant, something
else that can be done instead, several pictures.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import batches, parser, replies
from bot.orders import enqueue, ordinal
from bot.results import edited, offered, offers, pictures, things
from bot.turn import Turn
from storage import chats, jobs
from storage.jobs import EditRequest, Job, Request, StickerRequest

# 第二张改成水墨风: the picture first, then the order.
ORDERS = ("edit", "again", "stronger", "weaker", "stickers")
AHEAD = re.compile(
    r"\s*(?:就|用|要|选|我要|我选|把|拿|那)*\s*(第\s*(?:\d{1,2}|[一二三四五六七八九十])\s*[张張个個幅])[的吧，,、\s]*(.+)"
)


def choose(turn: Turn, job: Job, index: int) -> None:
    """The thing that is meant."""
    found = dict(things(job.result))
    if index not in found:
        return turn.say(replies.BUTTON_TOO_OLD)
    match job.request:
        case EditRequest() as request:
            return go_on(turn, job, replace(request, choice=index, chosen=found[index]))
        case StickerRequest() as request:
            return go_on(turn, job, replace(request, choice=index))
    return turn.say(replies.BUTTON_TOO_OLD)


def accept(turn: Turn, job: Job, index: int) -> None:
    """What shall be done instead."""
    instead = offers(job.result)
    if not isinstance(job.request, EditRequest) or job.result is None or not 0 <= index < len(instead):
        return turn.say(replies.BUTTON_TOO_OLD)
    return go_on(turn, job, offered(job.request, job.result, index))


def take(turn: Turn, job: Job, index: int) -> None:
    """Of several pictures that a job made, the one to go on with."""
    if not _take(turn, job, index):
        return turn.say(replies.BUTTON_TOO_OLD)
    return turn.say(replies.taken(index), photos=[pictures(job)[index]], buttons=edited(turn.store, job, index))


def by_words(turn: Turn, text: str) -> bool:
    """左边那只, 第二个, 狗: the same answers in words, as long as the question is the last thing that happened."""
    asking = _asking(turn)
    if asking is None or re.search("几|多少|谁|什么|吗|[?？]", text):
        return False
    several, instead = pictures(asking), offers(asking.result)
    if several:
        place = ordinal(text, len(several))
        if place is not None:
            take(turn, asking, place)
        return place is not None
    words = [words for _, words in (instead or things(asking.result))]
    place = ordinal(text, len(words))
    place = _hit(text, words) if place is None else place
    if place is None:
        return False
    if instead:
        accept(turn, asking, place)
    else:
        choose(turn, asking, things(asking.result)[place][0])
    return True


def picture_first(turn: Turn, text: str) -> str:
    """第二张改成水墨风 → 改成水墨风, with the second of the pictures now under discussion; other sentences as they
    are."""
    asking, said = _asking(turn), AHEAD.fullmatch(text)
    if said is None or parser.parse(said[2], photos=1).intent not in ORDERS:
        return text
    if asking is not None and pictures(asking):
        place = ordinal(said[1], len(pictures(asking)))
        return said[2] if place is not None and _take(turn, asking, place) else text
    photos = batches.latest(turn) if not turn.incoming.photos else ()
    place = ordinal(said[1], len(photos))
    if place is None:
        return text
    batches.bring_up(turn, photos[place])
    return said[2]


def _asking(turn: Turn) -> Job | None:
    """The last job that asks something, if nothing has been ordered since; one of a batch once its number was called."""
    last = jobs.of_chat(turn.store, turn.chat, turn.user, limit=5)
    if last and last[-1].batch is not None:
        asked = chats.question(turn.store, turn.chat, turn.user) or {}
        return jobs.get(turn.store, asked["job"]) if asked.get("ask") == batches.CALLED else None
    asking = next((job for job in reversed(last) if things(job.result) or offers(job.result) or pictures(job)), None)
    if asking is None or any(job.created_at > (asking.finished_at or 0.0) for job in last):
        return None
    return asking


def _hit(text: str, words: Sequence[str]) -> int | None:
    """The choice that a sentence has most characters in common with, if that is one alone."""
    said = set(text) - set("的个只那这我是说要就用换成吧把")
    hits = [len(said & set(word)) for word in words]
    return hits.index(max(hits)) if max(hits) and hits.count(max(hits)) == 1 else None


def _take(turn: Turn, job: Job, index: int) -> bool:
    """Put one of several pictures under discussion, in place of another of them."""
    if not isinstance(job.request, EditRequest) or not 0 <= index < len(pictures(job)):
        return False
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if here is not None and here.job == job.id:
        chats.undo(turn.store, turn.chat, turn.user)
    request = picture_request(job, index)
    chats.discuss(turn.store, turn.chat, turn.user, pictures(job)[index], job=job.id, kind=job.kind, request=request)
    return True


def picture_request(job: Job, index: int) -> EditRequest:
    """What would make picture ``index`` of an edit by itself."""
    assert isinstance(job.request, EditRequest)
    seeds = job.result.facts.get("seeds", ()) if job.result is not None else ()
    seed = int(seeds[index]) if index < len(seeds) else job.request.seed + index
    return replace(job.request, seed=seed, count=1)


def go_on(turn: Turn, job: Job, request: Request) -> None:
    """Do the job once more as it was meant; the steps that waited for its picture come along again."""
    after = enqueue(turn, "chosen", job.kind, request).id
    waiting = job.id
    for other in jobs.of_chat(turn.store, turn.chat, turn.user):
        if other.after == waiting and other.state == "failed":
            waiting = other.id
            after = enqueue(turn, f"chosen:{other.id}", other.kind, other.request, after).id


BUTTONS = {
    "choose": lambda turn, job, index: choose(turn, job, int(index)),
    "offer": lambda turn, job, index: accept(turn, job, int(index)),
    "take": lambda turn, job, index: take(turn, job, int(index)),
}
