"""④ Who is asking, what do they mean, what is missing → an answer, a question or a Job.

Everything happens inside one transaction (inbox.work_off), so a message is answered whole or not at all. What an open
question waits for is kept by storage.chats as {"ask": …}. The tables at the end say who handles what: orders.py the
photo and the work on it, confirmation.py whether it was meant at all, disambiguation.py what a worker asks back, history.py
the last edit, followups.py what leans on it, gallery.py earlier pictures, answers.py questions, learning.py what is taught
and forgotten, strangers.py who comes into a photo without having been taught.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot import (
    answers,
    avatars,
    batches,
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
    strangers,
    unmarking,
)
from bot.ideas import ideas
from bot.language import album
from bot.language.beyond import beyond
from bot.language.reader import TALKS
from bot.turn import Turn, saying
from storage import chats, concepts, jobs, looks
from storage.jobs import EditRequest, Job
from storage.plans import Plan

PLEASED = ("praise", "enough", "thanks")
WARM = (*PLEASED, "bye", "wish", "love", "sad", "laugh")  # that are answered amid other talk, too
STORIES = ("memory", "kin", "news")  # after which something may be done with the photo
SURELY_TALK, SURELY_OF_A_KIND = 0.8, 0.8
OF_RESULTS = ("complaint", "stronger", "weaker")
OF_RESULT = 0.2  # how likely one of these must be when a result has just been sent
ORDERING = re.compile("把|弄成|换成|改成|变成|帮我|给我")
MOST_OF_BATCH = 99
WISHING = re.compile("什么|多少|几|吗|谁|哪|帮|把|能|给我|导出")
GLANCE_SECONDS = 3.5  # for which the answer to a photo waits, that its buttons may fit it
LEAST_TALK = 4  # characters beside a photo that are more than its name
OF_EVERYTHING = ("upscale",)  # 清晰一点, 模糊掉: of what was pointed at it means something else
ORDERLIKE = 0.1  # below this a sentence is talk rather than an order that was not understood


def answer(turn: Turn) -> None:
    """Answer one message."""
    incoming = turn.incoming
    for problem in incoming.problems:
        turn.say(problem)
    if incoming.action and incoming.action != "say":
        return _pressed(turn)
    text = incoming.text.strip()
    asked = chats.question(turn.store, turn.chat, turn.user) or {}
    if len(incoming.text) > turn.store.settings.limits.characters:
        return turn.say(replies.TOO_LONG)
    if text:
        return _understand(turn, text, asked)
    if incoming.photos:
        return _look_at(turn, asked)
    return None if incoming.problems else turn.say(replies.EMPTY)


def _understand(turn: Turn, text: str, asked: dict[str, Any]) -> None:
    """A sentence: an order by itself, or the answer to what we asked."""
    if sharing.by_code(turn, text):
        return None
    chinese_variants.note(turn.store, turn.user, text)
    names = [concept.name for concept in concepts.of_owner(turn.store, turn.user, turn.chat)]
    text = disambiguation.picture_first(turn, text)
    turn.sentence = pointing.plainly(text) if turn.pointed else text
    plan, unheard = _of_album(turn, asked, names) or _plan(turn, turn.sentence, names)
    empty = plan.intent == "chat" or (plan.intent == "edit" and not plan.steps)
    whole = turn.pointed and plan.steps and all(step.operation in OF_EVERYTHING for step in plan.steps)
    if (empty or whole) and turn.pointed and turn.heard is None:  # 去掉, of what is tapped
        pointed = _plan(turn, pointing.named(text), names)
        if pointed[0].intent == "edit" and (empty or pointed[0].steps):
            (plan, unheard), turn.sentence = pointed, pointing.named(text)
    ask = asked.get("ask", "")
    if plan.intent in more_stickers.MAY_BE and more_stickers.by_words(turn, text):
        return None
    if departures.by_words(turn, text) or avatars.by_words(turn, text):
        return None
    if unmarking.by_words(turn, text):  # 去掉AI生成的字 is not about a thing in the photo
        return None
    partial = plan.intent == "edit" and bool(plan.missing or plan.unsupported)
    chatty = plan.intent in ("chat", "complaint", "show") or turn.weighed or partial
    if chatty and disambiguation.by_words(turn, text):
        return None
    named = unheard is not None or turn.options.method is not None  # a method …
    named |= text != turn.incoming.text.strip()  # … or a picture, ahead of the order
    if plan.intent in FOLLOWING and ask not in ANSWERS and not named:
        plan = followups.lean(turn, text, plan, names)
    if plan.intent in ("chat", "undo", "again", "show", "complaint") and gallery.go_to(turn, text):
        return None
    if chatty and sharing.by_words(turn, text):
        return None
    if plan.intent in ("chat", "complaint") and followups.keep(turn, text):
        return None
    if chatty or (ask, plan.intent) == ("forget_all", "forget"):
        if ask in ANSWERS and ANSWERS[ask](turn, asked, text):
            return None
        if batches.by_number(turn, orders.ordinal(text, MOST_OF_BATCH)):
            return None
        if unheard is not None:
            return methods.unheard(turn, unheard)
        if ask in STALE:
            chats.ask(turn.store, turn.chat, turn.user, None)  # the talk has gone on
            asked = {}
    if plan.intent in AGAIN and not turn.incoming.replied and batches.chosen(turn):
        return turn.say(replies.WHICH_OF_BATCH)
    if plan.unsupported and plan.intent != "edit":  # 撤销，再帮我叫辆车
        turn.say(replies.partly(plan.unsupported, True))
    return INTENTS[plan.intent](turn, plan, asked)


def _of_album(turn: Turn, asked: dict[str, Any], names: Sequence[str]) -> tuple[Plan, str | None] | None:
    """What a sentence means that says which of several photos somebody shall come into, and who is on the others; None for
    all others."""
    sent = strangers.sent(turn, asked)
    if len(sent) < 2 or turn.heard is not None:
        return None
    said = album.read(turn.sentence, len(sent))
    if not said.told:
        return None
    sentence, turn.sentence = turn.sentence, said.rest
    plan, unheard = _plan(turn, said.rest, names)
    plan = strangers.coming(plan, said, said.rest) if plan.intent in ("chat", "edit") else plan
    if plan.intent == "edit" and any(step.operation in strangers.COMING for step in plan.steps):
        turn.album, turn.doubted, turn.weighed = said, None, False
        return plan, unheard
    turn.sentence = sentence
    return None


def _plan(turn: Turn, text: str, names: Sequence[str]) -> tuple[Plan, str | None]:
    """What a sentence means, its options laid into ``turn``; and the method that it names but nobody has."""
    photos, here = len(turn.incoming.photos), chats.under_discussion(turn.store, turn.chat, turn.user) is not None
    understood = parser.understand(learning.plainly(text), names, photos, discussed=here)
    plan, turn.doubted = turn.heard or understood.plan, None if turn.heard else understood.doubted
    turn.weighed = turn.heard is None and understood.weighed
    turn.reading = understood.reading
    if turn.weighed and small_talk.first(small_talk.kinds(text)) in PLEASED:
        plan, turn.weighed = Plan("chat"), False  # 效果可以的 asks for no more of it
    if turn.heard is None:
        plan = _of_the_result(turn, plan, names)
    if plan.intent not in ("chat", "edit", "again", "stronger", "weaker") and understood.sure >= parser.DOUBTFUL:
        return plan, None
    said = edit_options.read(text, jobs.capabilities(turn.store).methods)
    if said.unheard and all(said.unheard in (step.target, step.content) for step in plan.steps):
        return Plan("chat"), said.unheard  # 用 InstructPix2Pix 试试
    if said.options == edit_options.EditOptions():
        return plan, said.unheard
    turn.options = said.options
    return Plan("again") if said.alone else parser.understand(said.text, names, photos, discussed=here).plan, None


def _of_the_result(turn: Turn, plan: Plan, names: Sequence[str]) -> Plan:
    """A plan in the light of what was just sent: after a result, what sounds like talk is rather about it (背景有点假, 看不出来啊);
    more or less of an edit that there has not been is an edit of its own (太暗了)."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    last = here.request if here is not None and not turn.incoming.photos else None
    if isinstance(last, EditRequest) and (more := followups.resized(turn.sentence, last.step, names)):
        turn.doubted, turn.weighed = None, False
        return Plan(more)
    if plan.intent in ("stronger", "weaker") and turn.doubted is not None and turn.doubted.steps:
        done = last.step.operation if isinstance(last, EditRequest) else None
        return plan if done in [step.operation for step in turn.doubted.steps] else turn.doubted
    if plan.intent != "chat" or turn.doubted is not None or last is None or turn.reading is None:
        return plan
    likely = {intent: turn.reading.intents[intent] for intent in OF_RESULTS}
    best = max(likely, key=likely.__getitem__)
    return Plan(best) if likely[best] >= OF_RESULT else plan


def _look_at(turn: Turn, asked: dict[str, Any], words: str = "") -> None:
    """Photos without an order: they may be what we asked for; else we ask what to do with them, or say ``words``."""
    photos = turn.incoming.photos
    if asked.get("ask") in learning.DRAFTS:
        return learning.more_photos(turn, asked["draft"])
    if asked.get("ask") == "photo":
        plan = orders.waiting(turn, asked)
        return INTENTS[plan.intent](turn, plan, {})
    gathered = [*(asked["photos"] if asked.get("ask") == "what" else ()), *photos]
    chats.discuss(turn.store, turn.chat, turn.user, photos[-1])
    chats.ask(turn.store, turn.chat, turn.user, {"ask": "what", "photos": gathered, "last": len(photos)})
    if len(photos) > 1:
        return turn.say(words or replies.photos_arrived(len(photos)))
    hold = GLANCE_SECONDS if _looked_at(turn, photos[0]) else 0.0
    return turn.say(words or replies.photos_arrived(1), data={"ideas": photos[0]}, hold=hold)


def _looked_at(turn: Turn, photo: str) -> bool:
    """Whether somebody is about to look at a photo: what they see is worth waiting a moment for."""
    able = jobs.capabilities(turn.store)
    looking = able.alive and any("look" in engine.get("jobs", ()) for engine in able.engines)
    return bool(looking) and looks.pending(turn.store, photo, turn.user)


def _chat(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """No order: small talk, or a sentence that we did not understand and that must not touch the photo."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if turn.doubted is not None and here is None and not turn.incoming.photos and not asked:
        return strangers.edit(turn, turn.doubted, asked)  # which asks for the photo, and that is question enough
    if turn.doubted is not None and confirmation.ask(turn, turn.doubted, asked):
        return None
    said = small_talk.first(small_talk.kinds(turn.incoming.text))
    if turn.incoming.photos:
        return _look_at(turn, asked, _beside_photo(turn, said))
    if said is None and turn.reading is not None and turn.reading.intents["chat"] >= SURELY_TALK:
        kind, likely = turn.reading.talk
        warm = small_talk.first([one for one in small_talk.among(turn.incoming.text) if one in WARM])
        said = kind if kind != TALKS[0] and likely >= SURELY_OF_A_KIND else warm
    if said is not None:
        answer = replies.small_talk(said, here is not None, here is not None and here.request is not None)
        return turn.say(answer, buttons=ideas(turn) if said in STORIES and here is not None else ())
    if here is None and answers.asks(turn.sentence):
        return _question(turn, plan, asked)
    if here is None:
        return turn.say(replies.NOT_UNDERSTOOD_WITHOUT_PHOTO, buttons=saying(replies.HELP))
    wished = turn.doubted is not None and turn.doubted.unsupported and not turn.doubted.steps
    if wished or (beyond(turn.sentence) and WISHING.search(turn.sentence)):
        return turn.say(replies.beyond(turn.sentence, answers.known(turn)))
    ordered = turn.reading is None or turn.reading.order >= ORDERLIKE or ORDERING.search(turn.sentence) is not None
    return turn.say(replies.NOT_UNDERSTOOD if ordered else replies.listening(here.request), buttons=ideas(turn))


def _beside_photo(turn: Turn, said: str | None) -> str:
    """What is said to words that came with a photo and order nothing: they are not passed over."""
    if said == "kin":
        return replies.small_talk(said, True, False)
    words = turn.incoming.text.strip()
    return replies.photo_and_talk(words) if said is None and len(words) >= LEAST_TALK else ""


def _question(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """What it costs, keeps, is, can do."""
    turn.say(answers.answer(turn, turn.sentence))


def _help(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    turn.say(replies.HELP_TEXT, buttons=ideas(turn))


def _status(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Where every open job stands."""
    lines = []
    for job in jobs.open_work(turn.store, turn.user, turn.chat):
        place, seconds = promises.position(turn.store, job)
        lines.append(replies.status_line(learning.describe(turn.store, job), place, job.progress, seconds))
    turn.say("\n".join(lines) or replies.NOTHING_UNDER_WAY)


def _cancel(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """Everything of this person in this chat that is not done yet, or the question that is open."""
    open_jobs = jobs.open_work(turn.store, turn.user, turn.chat)
    taken = [job for job in open_jobs if jobs.cancel(turn.store, job.id, turn.user) or job.after is not None]
    chats.ask(turn.store, turn.chat, turn.user, None)
    if taken:
        return turn.say(replies.cancelled([learning.describe(turn.store, job) for job in taken]))
    return turn.say(replies.QUESTION_DROPPED if asked else replies.NOTHING_TO_CANCEL)


def _cancel_job(turn: Turn, job: Job) -> None:
    """The button of one job."""
    taken = jobs.cancel(turn.store, job.id, turn.user)
    what = learning.describe(turn.store, job)
    return turn.say(replies.cancelled([what]) if taken else replies.CANCELLED_ALREADY)


def _pressed(turn: Turn) -> None:
    """A button: "what:argument:…". Old ones, and those of other people's jobs, do nothing but say so."""
    what, *arguments = turn.incoming.action.split(":")
    asked = chats.question(turn.store, turn.chat, turn.user) or {}
    try:
        if what in JOB_BUTTONS and arguments:
            job = jobs.get(turn.store, int(arguments[0]))
            if job.owner == turn.user:
                return JOB_BUTTONS[what](turn, job, *arguments[1:])
        elif what in QUESTION_BUTTONS and asked.get("ask") in QUESTION_BUTTONS[what][0]:
            return QUESTION_BUTTONS[what][1](turn, asked, *arguments)
        elif what == "with" and concepts.usable(turn.store, int(arguments[0]), turn.user, turn.chat):
            known = concepts.get(turn.store, int(arguments[0]))
            return _understand(turn, replies.idea_with(known.name, known.kind), asked)
        elif what in sharing.BUTTONS:
            return sharing.BUTTONS[what](turn, *arguments)
        elif what in avatars.BUTTONS:
            return avatars.BUTTONS[what](turn, *arguments)
        elif what in departures.BUTTONS:
            return departures.BUTTONS[what](turn)
        elif what in BACK_AND_FORTH:
            return INTENTS[what](turn, Plan(what), asked)
        elif what == "back" and arguments:
            return history.back(turn, int(arguments[0]))
    except (ValueError, IndexError, TypeError, OverflowError):  # an action that we did not write
        pass
    return turn.say(replies.BUTTON_TOO_OLD)


Intent = Callable[[Turn, Plan, dict[str, Any]], None]
INTENTS: dict[str, Intent] = {
    "edit": strangers.edit,
    "stickers": strangers.stickers,
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
ANSWERS: dict[str, Callable[[Turn, dict[str, Any], str], bool]] = {
    **orders.ANSWERS,
    **strangers.ANSWERS,
    **learning.ANSWERS,
    **unmarking.ANSWERS,
    **confirmation.ANSWERS,
    **followups.ANSWERS,
}
STALE = ("meant", "missing")  # questions that nobody comes back to after other talk
FOLLOWING = ("chat", "edit", "complaint", "undo", "again", "show", "cancel")
AGAIN = ("again", "stronger", "weaker", "undo", "redo")  # of one picture
BACK_AND_FORTH = ("undo", "redo")
JOB_BUTTONS: dict[str, Callable[..., None]] = {
    **history.BUTTONS,
    **disambiguation.BUTTONS,
    **departures.JOB_BUTTONS,
    **batches.BUTTONS,
    "cancel": _cancel_job,
}
QUESTION_BUTTONS: dict[str, tuple[tuple[str, ...], Callable[..., None]]] = {
    **orders.BUTTONS,
    **strangers.BUTTONS,
    **learning.BUTTONS,
    **unmarking.BUTTONS,
    **confirmation.BUTTONS,
}
