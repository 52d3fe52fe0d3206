"""④ Who is asking, what do they mean, what is missing → an answer, a question or a Job.

Everything happens inside one transaction (inbox.work_off), so a message is answered whole or not at all. What an open
question waits for is kept by storage.chats as {"ask": …}. The tables at the end say who handles what: orders.py the
photo and the work on it, confirmation.py whether it was meant at all, disambiguation.py what a worker asks back, history.py
the last edit, followups.py what leans on it, gallery.py earlier pictures, answers.py questions, learning.py what is taught
and forgotten.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot import (
    answers,
    chinese_variants,
    confirmation,
    departures,
    disambiguation,
    edit_options,
    followups,
    gallery,
    history,
    learning,
    methods,
    more_stickers,
    orders,
    parser,
    pointing,
    promises,
    replies,
    sharing,
    small_talk,
    unmarking,
)
from bot.ideas import ideas
from bot.language.beyond import beyond
from bot.turn import Talk, saying
from storage import chats, concepts, jobs, looks
from storage.jobs import Job
from storage.plans import Plan

PLEASED = ("praise", "enough", "thanks")
DISPLEASED = 0.2  # how likely a complaint must be when a result has just been sent
ORDERING = re.compile("把|弄成|换成|改成|变成|帮我|给我")
WISHING = re.compile("什么|多少|几|吗|谁|哪|帮|把|能|给我|导出")
GLANCE_SECONDS = 2.5  # for which the answer to a photo waits, that its buttons may fit it
ORDERLIKE = 0.1  # below this a sentence is talk rather than an order that was not understood


def answer(talk: Talk) -> None:
    """Answer one message."""
    told = talk.told
    for problem in told.problems:
        talk.say(problem)
    if told.action and told.action != "say":
        return _pressed(talk)
    text = told.text.strip()
    asked = chats.question(talk.store, talk.chat, talk.user) or {}
    if len(told.text) > talk.store.settings.limits.characters:
        return talk.say(replies.TOO_LONG)
    if text:
        return _understand(talk, text, asked)
    if told.photos:
        return _look_at(talk, asked)
    return None if told.problems else talk.say(replies.EMPTY)


def _understand(talk: Talk, text: str, asked: dict[str, Any]) -> None:
    """A sentence: an order by itself, or the answer to what we asked."""
    chinese_variants.note(talk.store, talk.user, text)
    names = [concept.name for concept in concepts.of_owner(talk.store, talk.user, talk.chat)]
    text = disambiguation.picture_first(talk, text)
    talk.sentence = text
    plan, unheard = _plan(talk, text, names)
    if plan.intent == "chat" and talk.points and talk.heard is None:
        pointed = _plan(talk, pointing.named(text), names)
        if pointed[0].intent == "edit":
            (plan, unheard), talk.sentence = pointed, pointing.named(text)
    ask = asked.get("ask", "")
    if plan.intent in more_stickers.MAY_BE and more_stickers.by_words(talk, text):
        return None
    if departures.by_words(talk, text):
        return None
    if unmarking.by_words(talk, text):  # 去掉AI生成的字 is not about a thing in the photo
        return None
    chatty = plan.intent in ("chat", "complaint", "show") or talk.weighed or bool(plan.missing or plan.unsupported)
    if chatty and disambiguation.by_words(talk, text):
        return None
    if plan.intent in ("chat", "complaint") and ask not in ANSWERS and followups.overdone(talk, text, asked):
        return None
    if plan.intent in FOLLOWING and followups.lean(talk, text, plan):
        return None
    if plan.intent in ("chat", "undo", "again", "show", "complaint") and gallery.go_to(talk, text):
        return None
    if chatty and sharing.by_words(talk, text):
        return None
    if chatty or (ask, plan.intent) == ("forget_all", "forget"):
        if ask in ANSWERS and ANSWERS[ask](talk, asked, text):
            return None
        if unheard is not None:
            return methods.unheard(talk, unheard)
        if ask in STALE:
            chats.ask(talk.store, talk.chat, talk.user, None)  # the talk has gone on
            asked = {}
    return INTENTS[plan.intent](talk, plan, asked)


def _plan(talk: Talk, text: str, names: Sequence[str]) -> tuple[Plan, str | None]:
    """What a sentence means, its manner laid into ``talk``; and the method that it names but nobody has."""
    photos, here = len(talk.told.photos), chats.under_discussion(talk.store, talk.chat, talk.user) is not None
    understood = parser.understand(learning.plainly(text), names, photos, discussed=here)
    plan, talk.doubted = talk.heard or understood.plan, None if talk.heard else understood.doubted
    talk.weighed = talk.heard is None and understood.weighed
    talk.reading = understood.reading
    if talk.weighed and small_talk.first(small_talk.kinds(text)) in PLEASED:
        plan, talk.weighed = Plan("chat"), False  # 效果可以的 asks for no more of it
    if plan.intent == "chat" and talk.doubted is None and _displeased(talk):
        return Plan("complaint"), None
    if plan.intent not in ("chat", "edit", "again", "stronger", "weaker"):
        return plan, None
    said = edit_options.read(text, jobs.capabilities(talk.store).methods)
    if said.manner == edit_options.Manner():
        return plan, said.unheard
    talk.manner = said.manner
    return Plan("again") if said.alone else parser.understand(said.text, names, photos, discussed=here).plan, None


def _displeased(talk: Talk) -> bool:
    """Whether what sounds like talk is rather about the result that was just sent: 背景有点假."""
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    resulted = here is not None and here.request is not None and not talk.told.photos
    return resulted and talk.reading is not None and talk.reading.intents["complaint"] >= DISPLEASED


def _look_at(talk: Talk, asked: dict[str, Any], words: str = "") -> None:
    """Photos without an order: they may be what we asked for; else we ask what to do with them, or say ``words``."""
    photos = talk.told.photos
    if asked.get("ask") in learning.DRAFTS:
        return learning.more_photos(talk, asked["draft"])
    if asked.get("ask") == "photo":
        plan = orders.waiting(talk, asked)
        return INTENTS[plan.intent](talk, plan, {})
    gathered = [*(asked["photos"] if asked.get("ask") == "what" else ()), *photos]
    chats.discuss(talk.store, talk.chat, talk.user, photos[-1])
    chats.ask(talk.store, talk.chat, talk.user, {"ask": "what", "photos": gathered, "last": len(photos)})
    if len(photos) > 1:
        return talk.say(words or replies.photos_arrived(len(photos)))
    hold = GLANCE_SECONDS if _looked_at(talk, photos[0]) else 0.0
    return talk.say(words or replies.photos_arrived(1), data={"ideas": photos[0]}, hold=hold)


def _looked_at(talk: Talk, photo: str) -> bool:
    """Whether somebody is about to look at a photo: what they see is worth waiting a moment for."""
    able = jobs.capabilities(talk.store)
    looking = able.alive and any("look" in engine.get("jobs", ()) for engine in able.engines)
    return bool(looking) and looks.pending(talk.store, photo, talk.user)


def _chat(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """No order: small talk, or a sentence that we did not understand and that must not touch the photo."""
    if talk.doubted is not None and confirmation.ask(talk, talk.doubted, asked):
        return None
    said = small_talk.first(small_talk.kinds(talk.told.text))
    if talk.told.photos:
        return _look_at(talk, asked, replies.small_talk(said, True, False) if said == "kin" else "")
    here = chats.under_discussion(talk.store, talk.chat, talk.user)
    if said is not None:
        return talk.say(replies.small_talk(said, here is not None, here is not None and here.request is not None))
    if here is None and answers.asks(talk.sentence):
        return _question(talk, plan, asked)
    if here is None:
        return talk.say(replies.NOT_UNDERSTOOD_WITHOUT_PHOTO, buttons=saying(replies.HELP))
    if beyond(talk.sentence) and WISHING.search(talk.sentence):
        return talk.say(replies.beyond(talk.sentence, answers.known(talk)))
    ordered = talk.reading is None or talk.reading.order >= ORDERLIKE or ORDERING.search(talk.sentence) is not None
    return talk.say(replies.NOT_UNDERSTOOD if ordered else replies.listening(here.request), buttons=ideas(talk))


def _question(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """What it costs, keeps, is, can do."""
    talk.say(answers.answer(talk, talk.sentence))


def _help(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    talk.say(replies.HELP_TEXT, buttons=ideas(talk))


def _status(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """Where every open job stands."""
    lines = []
    for job in jobs.open_of(talk.store, talk.user, talk.chat):
        place, seconds = promises.position(talk.store, job)
        lines.append(replies.status_line(learning.describe(talk.store, job), place, job.progress, seconds))
    talk.say("\n".join(lines) or replies.NOTHING_UNDER_WAY)


def _cancel(talk: Talk, plan: Plan, asked: dict[str, Any]) -> None:
    """Everything of this person in this chat that is not done yet, or the question that is open."""
    open_jobs = jobs.open_of(talk.store, talk.user, talk.chat)
    taken = [job for job in open_jobs if jobs.cancel(talk.store, job.id, talk.user) or job.after is not None]
    chats.ask(talk.store, talk.chat, talk.user, None)
    if taken:
        return talk.say(replies.cancelled([learning.describe(talk.store, job) for job in taken]))
    return talk.say(replies.QUESTION_DROPPED if asked else replies.NOTHING_TO_CANCEL)


def _cancel_job(talk: Talk, job: Job) -> None:
    """The button of one job."""
    taken = jobs.cancel(talk.store, job.id, talk.user)
    what = learning.describe(talk.store, job)
    return talk.say(replies.cancelled([what]) if taken else replies.CANCELLED_ALREADY)


def _pressed(talk: Talk) -> None:
    """A button: "what:argument:…". Old ones, and those of other people's jobs, do nothing but say so."""
    what, *arguments = talk.told.action.split(":")
    asked = chats.question(talk.store, talk.chat, talk.user) or {}
    try:
        if what in JOB_BUTTONS and arguments:
            job = jobs.get(talk.store, int(arguments[0]))
            if job.owner == talk.user:
                return JOB_BUTTONS[what](talk, job, *arguments[1:])
        elif what in QUESTION_BUTTONS and asked.get("ask") in QUESTION_BUTTONS[what][0]:
            return QUESTION_BUTTONS[what][1](talk, asked, *arguments)
        elif what == "with" and concepts.usable(talk.store, int(arguments[0]), talk.user, talk.chat):
            known = concepts.get(talk.store, int(arguments[0]))
            return _understand(talk, replies.idea_with(known.name, known.kind), asked)
        elif what in sharing.BUTTONS:
            return sharing.BUTTONS[what](talk, *arguments)
        elif what in departures.BUTTONS:
            return departures.BUTTONS[what](talk)
        elif what in BACK_AND_FORTH:
            return INTENTS[what](talk, Plan(what), asked)
        elif what == "back" and arguments:
            return history.back(talk, int(arguments[0]))
    except (ValueError, IndexError, TypeError, OverflowError):  # an action that we did not write
        pass
    return talk.say(replies.BUTTON_TOO_OLD)


Intent = Callable[[Talk, Plan, dict[str, Any]], None]
INTENTS: dict[str, Intent] = {
    "edit": orders.edit,
    "stickers": orders.stickers,
    "generate": orders.generate,
    "again": history.again,
    "stronger": history.again,
    "weaker": history.again,
    "undo": history.undo,
    "redo": history.redo,
    "learn": learning.learn,
    "concepts": learning.whom,
    "forget": learning.forget,
    "cancel": _cancel,
    "status": _status,
    "help": _help,
    "question": _question,
    "complaint": followups.complain,
    "show": gallery.show,
    "chat": _chat,
}
ANSWERS: dict[str, Callable[[Talk, dict[str, Any], str], bool]] = {
    **orders.ANSWERS,
    **learning.ANSWERS,
    **unmarking.ANSWERS,
    **confirmation.ANSWERS,
    **followups.ANSWERS,
}
STALE = ("meant", "missing")  # questions that nobody comes back to after other talk
FOLLOWING = ("chat", "edit", "complaint", "undo", "again", "show", "cancel")
BACK_AND_FORTH = ("undo", "redo")
JOB_BUTTONS: dict[str, Callable[..., None]] = {
    **history.BUTTONS,
    **disambiguation.BUTTONS,
    **departures.JOB_BUTTONS,
    "cancel": _cancel_job,
}
QUESTION_BUTTONS: dict[str, tuple[tuple[str, ...], Callable[..., None]]] = {
    **orders.BUTTONS,
    **learning.BUTTONS,
    **unmarking.BUTTONS,
    **confirmation.BUTTONS,
}
