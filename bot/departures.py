"""May a photo be sent to another computer? The worker asks when it comes to that (pipeline/routing.py), and has sent
nothing; the answers are kept by storage.departures, and looked at and taken back here. 我的设置
"""

import re
from collections.abc import Callable
from dataclasses import replace

from bot import replies
from bot.disambiguation import go_on
from bot.platforms import Button
from bot.results import leaving
from bot.turn import Turn, saying
from storage import departures, jobs, watermark_settings
from storage.jobs import EditRequest, GenerateRequest, Job

_PHOTO = "(?:我的?)?(?:照片|图片|相片|图)?"
_OUT = "(?:发|传|上传|送)(?:我的?)?(?:照片|图片|相片|图)?(?:出去|过去|到(?:外面|外部|网上|服务器|云端?)(?:的?服务器)?(?:去|上)?|给(?:外面|外部|别人|服务器|对方)(?:的?服务器)?)"
WITHDRAW = re.compile(
    rf"(?:以后|请|把)?{_PHOTO}(?:以后)?(?:都)?(?:别|不要|不许|不准|不能|停止)(?:再)?(?:把)?{_PHOTO}(?:都)?{_OUT}(?:了|吧|啊)*"
    r"|(?:收回|撤回|取消)(?:我的?)?(?:发照片|发图|外发|发送)?的?同意|以后(?:都)?先问我"
)
ALLOW = re.compile(
    rf"(?:以后|我的?)?(?:同意|允许|可以)?(?:把)?{_PHOTO}(?:以后)?(?:都)?(?:可以|同意|允许|能){_OUT}(?:了|的|吧)*"
)
SETTINGS = re.compile(r"(?:看看|看一下|打开|查看|给我看看?)?(?:我的?|个人)设置|(?:看看|打开|查看)设置")
YES = re.compile(
    r"(?:我)?(?:同意|可以|好的?|行|嗯+|发吧|发过去|ok|yes)[，,、]?(?:发吧|发过去|发)?(?:吧|啊|呀|的)*", re.IGNORECASE
)
NO = re.compile(
    r"(?:我)?(?:不同意|不发|别发|不要发?|不行|不可以|no)(?:了|吧|啊)*(?:[，,、]?(?:用|就用)?(?:本机|本地|自己|这台电脑)的?(?:方法|来|做)*)?",
    re.IGNORECASE,
)
END = "。！!~～ "
REQUESTS = (EditRequest, GenerateRequest)


def by_words(turn: Turn, text: str) -> bool:
    """Whether a sentence is about what may leave this machine; then it has been answered."""
    text = text.strip().rstrip(END)
    if SETTINGS.fullmatch(text):
        show(turn)
    elif asking := _asking(turn, text):
        answer(turn, asking, "once" if YES.fullmatch(text) else "here")
    elif WITHDRAW.fullmatch(text):
        withdraw(turn)
    elif ALLOW.fullmatch(text):
        _allow_everything(turn)
    else:
        return False
    return True


def answer(turn: Turn, job: Job, said: str) -> None:
    """The card is answered: the order goes on, there or here."""
    going, request = leaving(job.result), job.request
    if going is None or not isinstance(request, REQUESTS) or said not in replies.MAY_LEAVE:
        return turn.say(replies.BUTTON_TOO_OLD)
    text = (replies.may_it_leave(going), replies.LEAVING_VERSION)
    match said:
        case "once":
            departures.allow(turn.store, turn.user, going.host, request, *text)
        case "always":
            departures.always(turn.store, turn.user, going.host, True, *text)
            turn.say(replies.SENDS_ALL)
        case "never":
            departures.always(turn.store, turn.user, going.host, False, *text)
            turn.say(replies.SENDS_NONE)
        case _:
            departures.refuse(turn.store, turn.user, going.host, *text)
    return go_on(turn, job, request if said in ("once", "always") else _here(turn, request))


def withdraw(turn: Turn) -> None:
    """What was agreed to is so no more."""
    text = departures.withdraw(turn.store, turn.user, replies.UNSEND, replies.LEAVING_VERSION)
    turn.say(replies.sending_withdrawn(text) if text or departures.outside(turn.store) else replies.NOTHING_LEAVES)


def show(turn: Turn) -> None:
    """How things are set for this person."""
    said = departures.said(turn.store, turn.user)
    states = {**dict.fromkeys(departures.outside(turn.store)), **said}
    unmarked, days = watermark_settings.unmarked(turn.store, turn.user), turn.store.settings.retention.photos
    takes = (Button(replies.UNSEND, "unsend"),) if said else ()
    more = saying("导出我的数据", "删除我的所有数据")
    turn.say(replies.my_settings(states, unmarked, days), buttons=(*takes, *more))


def _allow_everything(turn: Turn) -> None:
    """照片可以发出去: to every computer that an engine here sends to."""
    hosts = departures.outside(turn.store)
    for host in hosts:
        departures.always(turn.store, turn.user, host, True, turn.incoming.text, replies.LEAVING_VERSION)
    turn.say(replies.SENDS_ALL if hosts else replies.NOTHING_LEAVES)


def _here(turn: Turn, request: EditRequest | GenerateRequest) -> EditRequest | GenerateRequest:
    """The order for what this machine has; a method that only another one has is not insisted on."""
    if isinstance(request, EditRequest) and request.method is not None:
        engines = jobs.capabilities(turn.store).engines
        own = [method["name"] for one in engines if not one.get("leaves_machine") for method in one.get("methods", ())]
        request = replace(request, method=request.method if request.method in own else None)
    return replace(request, here=True)


def _asking(turn: Turn, text: str) -> Job | None:
    """The last job, if it asks for leave and this is an answer in words."""
    last = jobs.of_chat(turn.store, turn.chat, turn.user, limit=1)
    answered = YES.fullmatch(text) or NO.fullmatch(text)
    return last[-1] if answered and last and leaving(last[-1].result) else None


JOB_BUTTONS: dict[str, Callable[..., None]] = {"send": answer}
BUTTONS: dict[str, Callable[[Turn], None]] = {"unsend": withdraw}
