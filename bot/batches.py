"""Several photos with one sentence, as the person sees them: one answer with numbered pictures, of which each can be
brought up by its number to go on with."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import replies
from bot.language import scope
from bot.platforms import Button, Outgoing
from bot.results import method_title
from bot.turn import Turn
from storage import Storage, batches, chats, concepts, jobs, outbox
from storage.jobs import EditRequest, Job

CALLED = "called"  # what is asked then is a job's question
LOOK_BACK = 200  # jobs of a chat
MOST_ASKED = 9  # photos about which it is asked which one is meant; of more, all are
ONE = re.compile(r"[这那]张|其中一张|哪张")


def for_all(turn: Turn, count: int) -> bool:
    """Whether a sentence is about all of several photos, without asking."""
    return scope.all_photos(turn.sentence, _names(turn)) or (count > MOST_ASKED and not ONE.search(turn.sentence))


def message(store: Storage, plain: Outgoing, first: Job) -> Outgoing:
    """What a batch has come to; ``first`` is its first job, ``plain`` the message without its words."""
    photos = batches.by_photo(batches.of(store, first.batch or ""))
    made = [number for number, steps in enumerate(photos, 1) if batches.picture(steps)]
    why = {number: _reason(steps) for number, steps in enumerate(photos, 1) if number not in made}
    picks = (Button(replies.photo_number(index), f"pick:{first.id}:{index}") for index in range(len(photos)))
    numbers = tuple(made) if len(made) == len(plain.images) else ()  # else some have expired
    text = replies.batch_over(_what(store, photos), made, why)
    return replace(plain, text=text, buttons=tuple(picks), job=first.id, numbers=numbers)


def describe(store: Storage, first: Job) -> str:
    """A batch in a few words."""
    photos = batches.by_photo(batches.of(store, first.batch or ""))
    return replies.of_photos(_what(store, photos), len(photos))


def _what(store: Storage, photos: Sequence[Sequence[Job]]) -> str:
    requests = [job.request for job in photos[0] if isinstance(job.request, EditRequest)]
    method = method_title(store, requests[0])
    return "，再".join(replies.describe_request(replace(one, total=1), method=method) for one in requests)


def _reason(steps: Sequence[Job]) -> str:
    """Why nothing came of a photo; what is asked back is asked when its number is chosen."""
    failed = next((job for job in steps if job.state != "done" or not batches.picture([job])), steps[-1])
    if failed.state == "cancelled":
        return replies.CALLED_OFF
    if failed.state == "done":
        return (failed.result.text if failed.result else "") or replies.TO_BE_ASKED
    return failed.error or replies.BROKEN


def pick(turn: Turn, first: Job, index: int) -> None:
    """Photo ``index`` of a batch is under discussion; its own result, failure or question is told."""
    photos = batches.by_photo(batches.of(turn.store, first.batch or ""))
    if not 0 <= index < len(photos):
        return turn.say(replies.BUTTON_TOO_OLD)
    if any(job.open for job in photos[index]):
        return turn.say(replies.NOT_YET)
    bring_up(turn, photos[index])
    told = next((job for job in photos[index] if not batches.picture([job])), photos[index][-1])
    shown = told.result.photos if told.result is not None else ()
    chats.ask(turn.store, turn.chat, turn.user, {"ask": CALLED, "job": told.id})
    outbox.send(
        turn.store,
        key=f"{turn.key}:pick",
        chat=turn.chat,
        user=turn.user,
        text=told.error or (told.result.text if told.result else ""),
        photos=shown,
        kind="failure" if told.error else "result",
        job=told.id,
    )
    return None


def bring_up(turn: Turn, steps: Sequence[Job]) -> str:
    """Make what became of one photo of a batch the picture under discussion, as if it had been asked for alone: undoing
    leads back to the photo. Returns the picture."""
    done = {entry.job: entry for entry in chats.history(turn.store, turn.chat, turn.user)}
    request = steps[0].request
    assert isinstance(request, EditRequest)
    photo = request.photo
    made = [job for job in steps if batches.picture([job])]
    if made and made[-1].id in done:
        chats.go(turn.store, turn.chat, turn.user, done[made[-1].id].id)
        return batches.picture(made) or photo
    chats.discuss(turn.store, turn.chat, turn.user, photo)
    for job in made:
        photo = batches.picture([job]) or photo
        chats.discuss(turn.store, turn.chat, turn.user, photo, job=job.id, kind=job.kind, request=job.request)
    return photo


def brought_up(turn: Turn, made: str) -> bool:
    """``bring_up`` by the picture; False when the last batch has made no such picture."""
    steps = next((steps for steps in latest(turn) if batches.picture(steps) == made), None)
    if steps is not None:
        bring_up(turn, steps)
    return steps is not None


def latest(turn: Turn) -> tuple[tuple[Job, ...], ...]:
    """The photos of the last batch of this person here, as long as no other photo is talked about; () without one."""
    recent = jobs.of_chat(turn.store, turn.chat, turn.user, limit=LOOK_BACK)
    batch = next((job.batch for job in reversed(recent) if job.batch), None)
    line = chats.line(turn.store, turn.chat, turn.user)
    photos = batches.by_photo(batches.of(turn.store, batch)) if batch and line else ()
    return photos if any(_photo(steps) == line[0].photo for steps in photos) else ()


def chosen(turn: Turn) -> tuple[tuple[Job, ...], ...]:
    """The photos of the last batch that a sentence may be about: all while none has been chosen, or when all are meant;
    () where the picture under discussion is meant."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    last = jobs.of_chat(turn.store, turn.chat, turn.user, limit=1)
    undecided = here is not None and here.request is None and bool(last) and last[0].batch is not None
    return latest(turn) if undecided or scope.names_photos(turn.sentence, _names(turn)) else ()


def now(steps: Sequence[Job]) -> str:
    """What a further order for a photo of a batch begins from: what was made of it, else the photo."""
    return batches.picture(steps) or _photo(steps)


def by_number(turn: Turn, index: int | None) -> bool:
    """第 3 张: False when that is no number, or there is no batch with so many photos."""
    photos = latest(turn) if index is not None else ()
    if index is None or index >= len(photos):
        return False
    pick(turn, photos[0][0], index)
    return True


def _names(turn: Turn) -> list[str]:
    return [one.name for one in concepts.of_owner(turn.store, turn.user, turn.chat)]


def _photo(steps: Sequence[Job]) -> str:
    request = steps[0].request
    return request.photo if isinstance(request, EditRequest) else ""


BUTTONS = {"pick": lambda turn, job, index: pick(turn, job, int(index))}
