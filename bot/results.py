"""What is said of a job that is over: a title, and buttons for what can be decided or done next.

A worker's result asks something when it has no single picture: which of several things is meant (``things``), what
shall be done instead of what the model cannot draw (``offers``), whether the photo may be sent to another computer
(``leaving``), or which of several pictures it shall be (``pictures``). The answers are in disambiguation.py and
departures.py.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot import ideas, replies
from bot.platforms import Button
from bot.turn import saying, with_whom
from storage import HeyingError, Storage, concepts, jobs
from storage.jobs import Job
from storage.plans import Referent, Step
from storage.requests import EditRequest, LearnRequest, Request, Result, concepts_of


def title(store: Storage, job: Job) -> str:
    """The first line of the message that tells how a job ended; empty where the worker's own words say it all."""
    if job.state != "done":
        return ""
    if isinstance(job.request, LearnRequest):
        known = _learnt(store, job.request)
        return replies.learnt(known[0].name, known[0].kind, _awaited(store, job)) if known else ""
    if found := things(job.result):
        if job.result and job.result.text:
            return ""
        return replies.whose_stickers(len(found)) if job.kind == "stickers" else replies.which_thing(len(found))
    if offers(job.result):
        return ""
    if going := leaving(job.result):
        return replies.may_it_leave(going)
    if job.result is None or not job.result.photos:
        return ""  # nothing was made, so nothing is 改好了
    if doubt := doubted(job):
        return replies.doubtful(job.request, doubt)
    request = job.request
    if isinstance(request, EditRequest) and request.count > 1:
        request = replace(request, count=len(job.result.photos))  # those that can be told apart
    said = [replies.done(request, method_title(store, request))]
    if pictures(job):
        said.append(replies.CHOOSE_ONE)
    elif request is not job.request:
        said.append(replies.alone(request))
    return "\n".join(said)


def buttons(store: Storage, job: Job) -> tuple[Button, ...]:
    """What can be decided or done after a job."""
    if job.result is None or job.state != "done":
        return ()
    if isinstance(job.request, LearnRequest):
        return () if _awaited(store, job) else with_whom(_learnt(store, job.request))
    if not job.result.photos:
        return tuple(_questions(job))
    if several := pictures(job):
        takes = (Button(replies.photo_number(index), f"take:{job.id}:{index}") for index in range(len(several)))
        return (*takes, *([] if exhausted(job) else [Button(replies.MORE_TO_CHOOSE, f"several:{job.id}")]))
    if job.kind == "edit":
        return in_doubt(store, job) if doubted(job) else edited(store, job)
    return (Button(replies.ANOTHER_SET if job.kind == "stickers" else replies.AGAIN, f"again:{job.id}"),)


def method_title(store: Storage, request: Request) -> str:
    """What the method that a request names is called; "" when it names none, or one that is gone."""
    if not isinstance(request, EditRequest) or request.method is None:
        return ""
    titles = {method["name"]: str(method.get("title", "")) for method in jobs.capabilities(store).methods}
    return titles.get(request.method, "")


def edited(store: Storage, job: Job, index: int = 0) -> tuple[Button, ...]:
    """What can be done with picture ``index`` of an edit; where several engines can do it, by another one, too."""
    assert isinstance(job.request, EditRequest)
    which = f"{job.id}:{index}" if index else str(job.id)
    more, less = (replies.LARGER, replies.SMALLER) if tunable(job) == "size" else (replies.STRONGER, replies.WEAKER)
    labels = {"stronger": more, "weaker": less, "again": replies.AGAIN}
    labels |= {"several": replies.SEVERAL, "undo": replies.UNDO}
    gone = {"again", "several"} if exhausted(job) else set()
    gone |= set() if tunable(job) else {"stronger", "weaker"}
    labels = {action: label for action, label in labels.items() if action not in gone}
    *made, undo = (Button(label, f"{action}:{which}") for action, label in labels.items())
    several = len(jobs.capabilities(store).ways(job.request.step.operation)) > 1
    return (*made, *(saying(replies.ANOTHER_WAY) if several else ()), undo)


def doubted(job: Job) -> str:
    """Why an edit may not be what was asked for ("faint", "elsewhere", "taken", "no more"); "" when nothing speaks against it."""
    return str(job.result.facts.get("doubt", "")) if job.result is not None and job.kind == "edit" else ""


def readings(job: Job) -> int | None:
    """How many different pictures the order of a job has, as whoever carried it out has said; None where nobody knows."""
    count = job.result.facts.get("readings") if job.result is not None else None
    return int(count) if count is not None else None


def tunable(job: Job) -> str:
    """What more or less of an edit is, as whoever carried it out has said: "strength", "size"; "" of a crop."""
    facts = job.result.facts if job.result is not None else {}
    return "" if readings(job) == 1 else str(facts.get("tunable", "strength"))


def exhausted(job: Job) -> bool:
    """Whether there is no other picture of an edit."""
    count = readings(job)
    return count is not None and isinstance(job.request, EditRequest) and job.request.seed + job.request.count >= count


def in_doubt(store: Storage, job: Job) -> tuple[Button, ...]:
    """What may help where an edit is not what was asked for."""
    assert isinstance(job.request, EditRequest)
    real = ideas.real(store, job.chat, job.owner, job.request.photo)
    others = jobs.capabilities(store).methods_for(job.request.step.operation, real)
    labels = {"stronger": replies.STRONGER} if doubted(job) == "faint" else {}
    labels |= ({} if exhausted(job) else {"again": replies.AGAIN}) | {"undo": replies.UNDO}
    first, *rest = (Button(label, f"{action}:{job.id}", action == "stronger") for action, label in labels.items())
    return (first, *(saying(replies.ANOTHER_WAY) if len(others) > 1 else ()), *rest)


def things(result: Result | None) -> tuple[tuple[int, str], ...]:
    """The things of which the worker asks which one is meant: index and Chinese words; () when it asks nothing."""
    if result is None or result.photos:
        return ()
    return tuple((int(thing["index"]), str(thing["words"])) for thing in result.facts.get("choices", ()))


def shown(job: Job) -> tuple[str, ...]:
    """The picture that a question is asked with: who may be meant, with their numbers; () for other results."""
    picture = job.result.facts.get("picture") if job.result is not None and things(job.result) else None
    return (str(picture),) if picture else ()


def offers(result: Result | None) -> tuple[tuple[Step, str], ...]:
    """What the worker can do instead of what it was asked for: steps and Chinese words; () when it has done that."""
    if result is None or result.photos:
        return ()
    return tuple((Step.from_json(offer["step"]), str(offer["words"])) for offer in result.facts.get("offers", ()))


def leaving(result: Result | None) -> replies.Leaving | None:
    """Where the worker would send what the order holds; None when it asks no such thing."""
    asked = result.facts.get("leaving") if result is not None and not result.photos else None
    return replies.Leaving(str(asked["host"]), str(asked["title"]), int(asked["pictures"])) if asked else None


def offered(request: EditRequest, result: Result, index: int) -> EditRequest:
    """A request with the step of an offer in its place, and what that one speaks of."""
    offer = result.facts["offers"][index]
    request = replace(request, step=Step.from_json(offer["step"]))
    if "referents" not in offer:  # a result from before offers said what they speak of
        return request
    return replace(request, referents={slot: Referent.from_json(one) for slot, one in offer["referents"].items()})


def pictures(job: Job) -> tuple[str, ...]:
    """The pictures of which the user is to choose one; () when there is nothing to choose."""
    if not isinstance(job.request, EditRequest) or job.result is None or len(job.result.photos) < 2:
        return ()
    return job.result.photos


def _questions(job: Job) -> Iterator[Button]:
    for index, words in things(job.result):
        yield Button(words, f"choose:{job.id}:{index}")
    if leaving(job.result):
        for answer, words in replies.MAY_LEAVE.items():
            yield Button(words, f"send:{job.id}:{answer}", main=answer == "once")
    for index, (_, words) in enumerate(offers(job.result)):
        yield Button(words, f"offer:{job.id}:{index}")


def _awaited(store: Storage, job: Job) -> bool:
    """Whether an order has waited for a concept: it was given while that was being learnt."""
    assert isinstance(job.request, LearnRequest)
    until = job.finished_at or store.now()
    later = (
        other for other in jobs.of_chat(store, job.chat, job.owner) if job.id < other.id and other.created_at <= until
    )
    return any(job.request.concept in concepts_of(other.request) for other in later if other.state != "cancelled")


def _learnt(store: Storage, request: LearnRequest) -> tuple[concepts.Concept, ...]:
    """The concept that was learnt; () when it has been forgotten since."""
    try:
        return (concepts.get(store, request.concept),)
    except HeyingError:
        return ()
