"""Sentences that lean on the last edit: 另一只也换, 不要红的要绿的, 轮子别动; complaints of it; and answers to what was missing."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import ideas, orders, replies, small_talk
from bot.language import following, phrases
from bot.language.retouching import retouched
from bot.language.tokens import Token, fold, tokens
from bot.language.weighing import missing
from bot.platforms import Button
from bot.turn import Turn
from storage import chats, jobs
from storage.jobs import EditRequest
from storage.plans import Plan, Step

MEANT = 0.5  # how sure it must be that a sentence after an edit wants more, less, another or none of it …
FOLLOWED = 0.8  # … and that it is an order, which is carried out
LEANING = ("edit", "stronger", "weaker", "undo", "again")  # what such a sentence may turn out to be
VAGUE = ("chat", "complaint", "stronger", "weaker", "edit")  # what it may have been taken for
_SIZED = re.compile(
    "(?P<less>太[大高壮]|过大|大了(?:点|些)?|[小矮]一?[点些]|缩小?)|(?P<more>太[小矮]|过小|小了(?:点|些)?|[大高]一?[点些]|放大)"
)
_KEEP = re.compile(
    "(?:把|让|那|就|但|不过)?(?P<x>[^,，]{1,8}?)(?:就|都|先|还是|千万|一定|可)*(?:(?:别|不要|不用|甭|不必)(?:再|给我)?(?:动|改|碰|变|换|去|删|弄|p|管|修|搞)(?:了|它|他|她)*|留着|保留|留住|要留|照旧)(?:就行|就好|哦|啊|呀|哈|吧|嘛|噢)*"
)
_TAIL = re.compile("(?:那个|的那个|那只|那张|的|吧|啊|呀|呢|哦|啦|了|才对|嘛|谢谢|[!！。~～\\s])+$")
_FILLED = re.compile(
    "^(?:就|那就?|换成?|改成?|变成?|要|用|来个?|弄成?|成|去|加|写上?|选|想要|我要|我想要|给我|嗯+|好|搞个|整个|一?个|一?条|一?件|[,，\\s])+"
)


_TOLD = ("BAD", "NEG", "VETO", "IS", "NOWANT", "BA", "WISH", "MODAL", "QUES")  # of clauses that tell something


def lean(turn: Turn, text: str, plan: Plan, names: Sequence[str]) -> Plan:
    """The plan of a sentence in the light of the last edit: what it leaves out is taken from there, 粉的 after 换成蝴蝶结, and an edit
    that is done otherwise is done on the picture before it. What is an order by itself stays what it is, unless it does the same to
    the same thing: 背景换成雪山, after 背景换成海边."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    last = here.request if here is not None else None
    if not isinstance(last, EditRequest) or turn.incoming.photos or turn.incoming.replied or turn.pointed:
        return plan
    said = following.follow(text, last.step, names)
    if said.intent not in LEANING or said.sure < (FOLLOWED if said.intent == "edit" else MEANT):
        return plan
    whole = plan.intent == "edit" and plan.steps and not any(missing(step) for step in plan.steps)
    beyond = tuple(part for part in plan.unsupported if part != text)  # which is said besides, and not dropped
    if said.intent != "edit":
        return Plan(said.intent, unsupported=beyond) if plan.intent in VAGUE and not whole else plan
    same = all((step.operation, step.target) == (last.step.operation, last.step.target) for step in said.steps)
    if not said.steps or plan.result or (whole and not (said.instead and same)):
        return plan
    can = jobs.capabilities(turn.store).operations
    if not all(orders.offered(step.operation, can) for step in said.steps):
        return plan
    return Plan("edit", said.steps, result="previous" if said.instead else None, unsupported=beyond)


def keep(turn: Turn, text: str) -> bool:
    """轮子别动哦: say that it stays as it is, or how to get it back."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    thing = kept(text) if here is not None and not turn.incoming.photos else None
    if here is not None and thing:
        turn.say(replies.kept(thing, here.request))
    return thing is not None


def resized(text: str, last: Step, names: Sequence[str]) -> str | None:
    """ "stronger" or "weaker" where the size of whom the last step has added is spoken of: 太大了, 小一点; None for the rest."""
    said = _SIZED.search(fold(text))
    if last.operation != "insert" or not last.concept or said is None:
        return None
    for token in tokens(text, names):
        if (token.part in ("NOUN", "COLOR", "STYLE") and token.word != "人") or (
            token.part == "NAME" and token.word != fold(last.concept)
        ):
            return None
    return "weaker" if said["less"] else "stronger"


def kept(text: str) -> str | None:
    """What is to stay as it is: 轮子 in 轮子别动哦."""
    found = _KEEP.fullmatch(fold(text).strip(" 。!！~～")) if len(text) <= 20 else None
    if found is None:
        return None
    start, end = found.span("x")
    words = text.strip(" 。!！~～")[start:end]
    named = phrases.thing(tokens(words), words)
    return named.said if named is not None else None


# --- what was missing -------------------------------------------------------------------------------------------------
def filled(turn: Turn, asked: dict[str, Any], text: str) -> bool:
    """草地, after 背景换成什么？"""
    plan = Plan.from_json(asked["plan"])
    words = _TAIL.sub("", _FILLED.sub("", text.strip(" 。!！~～")))
    if not words or len(words) > 20 or re.search("[?？]|什么|怎么|不知道|算了", text) or small_talk.kinds(text):
        return False
    if re.fullmatch("(?:都|随)(?:行|可以|便|好)|你(?:决定|定|看着办|选)|无所谓", words):
        ideas = replies.ask_missing(next(step for step in plan.steps if missing(step)), asked["slot"])[1]
        return bool(ideas) and filled(turn, asked, ideas[0])
    said = tokens(words)
    complete = any(token.part in _TOLD for token in said) or (said[0].part == "PRON" and len(said) > 1)
    if complete and "text" not in [step.operation for step in plan.steps]:
        return False  # 我妈说不好看 is no answer
    steps = [_with(step, words) if missing(step) else step for step in plan.steps]
    if any(step is None for step in steps):
        return False
    orders.waiting(turn, asked)
    turn.sentence = f"{asked.get('sentence', '')}，{text}".strip("，")
    whole = replace(plan, steps=tuple(step for step in steps if step is not None), missing=())
    orders.edit(turn, whole, {})
    return True


def _with(step: Step, words: str) -> Step | None:
    found: list[Token] = [token for token in tokens(words) if token.part not in ("GAP", "PART", "STOP")]
    color = next((token.value for token in found if token.part == "COLOR"), None)
    only = bool(color) and all(token.part in ("COLOR", "DE", "MOD") for token in found)
    if step.operation == "restyle":
        style = next((token.value for token in found if token.part == "STYLE"), None)
        return replace(step, style=style, content=None if style else words)
    if step.operation == "recolor":
        return replace(step, color=color, content=None if color else words)
    if step.operation in ("mosaic", "remove", "cutout", "swap", "face_swap") and step.target is None:
        return replace(step, target=words)
    if only:
        return replace(step, color=color)
    named = phrases.thing(found, words, incoming=True)
    if named is not None and named.said:
        return retouched(
            replace(step, content=None if named.concept else named.said, concept=named.concept, color=named.color)
        )
    return replace(step, content=words) if step.operation in ("text", "crop", "modify", "adjust", "beautify") else None


def complain(turn: Turn, plan: Plan, asked: dict[str, Any]) -> None:
    """A complaint about the last result: sorry, and what can be done about it."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    if here is None:
        return turn.say(replies.COMPLAINT_WITHOUT_PHOTO)
    if here.job is None or here.request is None:
        return turn.say(replies.COMPLAINT_WITHOUT_RESULT)
    buttons = [Button(replies.UNDO, f"undo:{here.job}"), Button(replies.AGAIN, f"again:{here.job}")]
    if isinstance(here.request, EditRequest):
        real = ideas.real(turn.store, turn.chat, turn.user, here.photo)
        others = jobs.capabilities(turn.store).methods_for(here.request.step.operation, real)
        if len(others) > 1:
            buttons.append(Button(replies.ANOTHER_WAY, "say"))
    return turn.say(replies.sorry(here.request), buttons=buttons)


ANSWERS = {"missing": filled}
